//! One room: what people may do ([`RoomCommand`]), what they are told ([`RoomEvent`]), and its state on entering
//! ([`RoomView`]).
//!
//! Two axes, never mixed: **authority** (owner, moderator, member, guest) and **place** (audience, hand raised, invited,
//! stage). Events carry states, not differences, so that receiving one twice changes nothing.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
pub use crate::board::{Board, PinnedCard, TalkLine};
pub use crate::chat::{Chat, ChatId, ChatMessage};
pub use crate::command::{MyMic, RoomCommand};
use crate::error::ErrorCode;
pub use crate::hand::{Hand, HandNote, HandState};
use crate::id::{ClubId, CommandId, EventId, ParticipantId, PictureId, RoomId};
use crate::media::SLOTS;
pub use crate::notice::Notice;
use crate::reaction::ReactionCount;
pub use crate::talk::TalkTime;
use crate::text::{ClubName, DisplayName, Handle, RoomTitle};

/// Who may come in. Only ever widened while the room lives, and announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Only the invited. For everybody else the room does not exist.
    Closed,
    /// People followed by a moderator, and the invited.
    Social,
    /// Members of the club that the room is held for, and the invited.
    Club,
    /// Any member.
    Open,
}

/// Who may raise a hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum HandPolicy {
    /// Nobody; switching to it clears the queue.
    Off,
    /// Everyone in the audience.
    Everyone,
    /// People whom somebody on stage follows.
    FollowedBySpeakers,
}

/// What somebody may decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// A person without an account, in a seat that somebody gave them.
    Guest,
    /// An ordinary member.
    Member,
    /// Keeps order. Cannot touch other moderators or the owner.
    Moderator,
    /// Started the room, was handed it, or took it over.
    Owner,
}

/// A microphone on stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Mic {
    /// Forwarded.
    Open,
    /// Not forwarded; its owner may open it.
    Muted,
    /// Not forwarded, and only a moderator can release it. A released microphone is muted, never open.
    Held,
}

/// Where somebody is, as everyone in the room sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Place {
    /// Listening.
    Audience,
    /// On stage.
    Stage {
        /// The state of the microphone.
        mic: Mic,
    },
}

/// Where I am: what only the person sees of their own place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum MyPlace {
    /// Listening.
    Audience,
    /// In the queue.
    HandRaised {
        /// Since when.
        since: Timestamp,
        /// Place in line, from 1.
        position: u32,
    },
    /// Asked to come up; nothing happens without a yes.
    Invited {
        /// Who asks.
        by: ParticipantId,
        /// When the invitation lapses.
        until: Timestamp,
    },
    /// On stage.
    Stage {
        /// The state of my microphone.
        mic: Mic,
    },
}

/// Whether somebody's connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Here.
    Here,
    /// The line is lost; the place is kept for a while, and nothing is sent to them.
    Reconnecting,
}

/// One person, as everyone in the room sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Person {
    /// Stable in this room only.
    pub id: ParticipantId,
    /// What they are called.
    pub name: DisplayName,
    /// Their handle on this server; a guest has none.
    pub handle: Option<Handle>,
    /// Who gave a guest the seat.
    pub guest_of: Option<DisplayName>,
    /// What they may decide.
    pub authority: Authority,
    /// Where they are.
    pub place: Place,
    /// Whether their connection stands.
    pub presence: Presence,
    /// Somebody on stage follows them.
    pub followed_by_speakers: bool,
    /// They had an account for less than a week ([`crate::limits::NEWCOMER_DAYS`]) when they came in.
    #[serde(default)]
    pub newcomer: bool,
    /// Their picture, where they have one.
    #[serde(default)]
    pub picture: Option<PictureId>,
}

/// What kind of secrecy a room was born with; a later one keeps more. No command changes it, and what a server does not
/// know it refuses: a room is never less secret than whoever started it was told.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
pub enum Confidentiality {
    /// Encrypted to the server and from it; not recorded by it.
    #[default]
    Relayed,
    /// Sealed between the people in the room; the server has no key. No server starts one yet.
    Sealed,
}

/// How a room stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Phase {
    /// Going on, with somebody who keeps order.
    Live,
    /// No moderator is here; after this moment somebody is asked to take over.
    Waiting {
        /// End of the grace.
        until: Timestamp,
    },
    /// Nobody took over: hands are locked, and the room ends at this moment.
    Moderatorless {
        /// The end.
        until: Timestamp,
    },
    /// Ends at this moment.
    Ending {
        /// The end.
        at: Timestamp,
    },
}

/// Whether newcomers are let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Those who may.
    Unlocked,
    /// Nobody new. People who lost their line still come back.
    Locked,
}

/// What is true of the whole room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct RoomFacts {
    /// What it is about.
    pub title: Option<RoomTitle>,
    /// The club that it is held for.
    #[serde(default)]
    pub club: Option<RoomClub>,
    /// Who may come in.
    pub kind: RoomKind,
    /// Who may raise a hand.
    pub hands: HandPolicy,
    /// Whether newcomers are let in.
    pub door: Door,
    /// The kind of secrecy it was born with.
    pub confidentiality: Confidentiality,
    /// How it stands.
    pub phase: Phase,
    /// When it started.
    pub started: Timestamp,
    /// People on stage.
    pub on_stage: u32,
    /// People in the audience.
    pub in_audience: u32,
    /// Whether the audience is listed, or (above [`crate::limits::FACES_MAX`]) counted and searched.
    pub audience: AudienceShown,
    /// Grows whenever somebody is removed: later, the epoch of the keys.
    pub epoch: u32,
    /// Which announced event it is, if it is one.
    #[serde(default)]
    pub event: Option<OfEvent>,
    /// Whether people write.
    #[serde(default)]
    pub chat: Chat,
}

/// Of a room that is an announced event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct OfEvent {
    /// Which.
    pub id: EventId,
    /// Who may come in once the doors are open. Until the room is of this kind it is the green room.
    pub kind: RoomKind,
}

/// The club that a room is held for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct RoomClub {
    /// Which.
    pub id: ClubId,
    /// What it is called.
    pub name: ClubName,
}

/// How the audience is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum AudienceShown {
    /// Every person.
    Faces,
    /// A count; people are found by search.
    Counted,
}

/// What is true of me.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct You {
    /// Me, in this room.
    pub id: ParticipantId,
    /// What I may decide.
    pub authority: Authority,
    /// Where I am.
    pub place: MyPlace,
    /// I keep order in the club that the room is held for.
    #[serde(default)]
    pub bans_from_club: bool,
    /// Whether a raised hand would be taken now.
    pub may_raise_hand: bool,
    /// I am asked to take the room over, until this moment.
    pub asked_to_take_over: Option<Timestamp>,
    /// What I say of my raised hand.
    #[serde(default)]
    pub note: HandNote,
}

/// Which talker is heard in which slot.
pub type Slots = [Option<ParticipantId>; SLOTS];

/// The state of a room on entering it, and after a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct RoomView {
    /// Which room.
    pub room: RoomId,
    /// The run of the room's owner that numbers the events.
    pub epoch: u32,
    /// The last event that this state contains.
    #[ts(type = "number")]
    pub sequence: u64,
    /// The whole room.
    pub facts: RoomFacts,
    /// Me.
    pub you: You,
    /// People: all of them, or the stage and the ones I follow when the audience is counted. Stage first, in the order
    /// of their arrival there.
    pub people: Vec<Person>,
    /// The queue; empty for those who do not keep order.
    pub queue: Vec<Hand>,
    /// Who is heard.
    pub slots: Slots,
    /// What hangs there for everybody.
    #[serde(default)]
    pub board: Board,
    /// What was written lately, the oldest first.
    #[serde(default)]
    pub chat: Vec<ChatMessage>,
    /// People asked into a closed room who have not come yet; empty for those who do not keep order.
    pub asked: Vec<Handle>,
}

/// What happened. Each carries the state that is now true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RoomEvent {
    /// Somebody arrived or changed.
    Person {
        /// Them, now.
        person: Person,
    },
    /// Somebody is no longer here, or no longer listed.
    Gone {
        /// Who.
        id: ParticipantId,
    },
    /// The room changed.
    Facts {
        /// The room, now.
        facts: RoomFacts,
    },
    /// I changed.
    You {
        /// Me, now.
        you: You,
    },
    /// The queue changed. Only for those who keep order.
    Queue {
        /// The queue, now, in order.
        queue: Vec<Hand>,
    },
    /// The list of people asked in changed. Only for those who keep order.
    Asked {
        /// Those who have not come yet.
        asked: Vec<Handle>,
    },
    /// Who is heard changed.
    Slots {
        /// The slots, now.
        slots: Slots,
    },
    /// What hangs in the room changed.
    Board {
        /// All of it, now.
        board: Board,
    },
    /// What was written, and what is taken away, since this was said last.
    Chat {
        /// New ones, the oldest first.
        said: Vec<ChatMessage>,
        /// These are not there any more.
        gone: Vec<ChatId>,
    },
    /// How people reacted since this was said last: a number that is over with the moment, and no state. Not more often
    /// than once in [`crate::limits::REACTIONS_PERIOD`].
    Reactions {
        /// Those that there were.
        counts: Vec<ReactionCount>,
    },
    /// How long people have talked. Only for who keeps order and asked for it.
    TalkTimes {
        /// Since when it is reckoned: the room's start, or when it came back after a failure of the server.
        since: Timestamp,
        /// The longest first.
        times: Vec<TalkTime>,
    },
    /// Something to say to the person, once.
    Notice {
        /// What.
        notice: Notice,
    },
}

/// Why I am no longer in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LeftReason {
    /// I left.
    Left,
    /// I was removed.
    Removed,
    /// I was sent out, and may come back after [`crate::limits::TIME_OUT_PERIOD`].
    TimeOut,
    /// The room ended.
    Ended,
    /// The room could not be kept after a failure of the server.
    Lost,
    /// I was away too long.
    Away,
    /// I came in from another device, which has the seat now.
    OtherDevice,
    /// This device was signed out.
    SignedOut,
    /// This client did not keep up with what it was sent.
    TooSlow,
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct CommandResult {
    /// Which command.
    pub id: CommandId,
    /// Nothing, or why it was refused.
    pub error: Option<ErrorCode>,
}
