//! All that a person can do in a room.

use serde::{Deserialize, Serialize};

use crate::board::PinnedCard;
use crate::chat::{Chat, ChatId};
use crate::club::BanPeriod;
use crate::hand::HandNote;
use crate::id::{ParticipantId, ReportId};
use crate::order::ReportReason;
use crate::reaction::Reaction;
use crate::room::{Door, HandPolicy, RoomKind};
use crate::text::{ChatText, Handle, RoomTitle, TalkTopic};

/// What a person can do in a room. Who may do what to whom is one table in `rooms::permission`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum RoomCommand {
    /// Ask to speak.
    RaiseHand,
    /// No longer ask.
    LowerHand,
    /// Say what I would like to talk about, and in which language, while I wait; or no longer say it.
    NoteHand {
        /// What there is to say.
        note: HandNote,
    },
    /// Say yes to an invitation: I come up, muted.
    AcceptInvitation,
    /// Say no to an invitation.
    DeclineInvitation,
    /// Go back to the audience by myself.
    StepDown,
    /// Open or mute my own microphone.
    SetMic {
        /// Open or muted.
        mic: MyMic,
    },
    /// Say something without a word. Counted and told, and not kept: the one command whose repetition counts again.
    React {
        /// What.
        reaction: Reaction,
    },
    /// Ask somebody to the stage.
    InviteToStage {
        /// Whom.
        who: ParticipantId,
    },
    /// Take the invitation back, or lower somebody's hand ("later").
    Dismiss {
        /// Whose.
        who: ParticipantId,
    },
    /// Put a raised hand at the head of the line.
    PinHand {
        /// Whose.
        who: ParticipantId,
    },
    /// Let a raised hand wait until all others had their turn.
    SkipHand {
        /// Whose.
        who: ParticipantId,
    },
    /// Send somebody back to the audience.
    MoveToAudience {
        /// Whom.
        who: ParticipantId,
    },
    /// Mute somebody; they may open again.
    Mute {
        /// Whom.
        who: ParticipantId,
    },
    /// Hold somebody's microphone; the server drops what they send.
    Hold {
        /// Whose.
        who: ParticipantId,
    },
    /// Release a held microphone; it stays muted.
    Release {
        /// Whose.
        who: ParticipantId,
    },
    /// Mute everyone on stage but moderators.
    MuteAll,
    /// Cut somebody off and out; they cannot come back for now. Can be undone.
    Remove {
        /// Whom.
        who: ParticipantId,
    },
    /// Cut somebody off and out for [`crate::limits::TIME_OUT_PERIOD`]; then they may come back. Can be undone.
    TimeOut {
        /// Whom.
        who: ParticipantId,
    },
    /// Cut somebody off and out for the life of this room. Can be undone.
    Ban {
        /// Whom.
        who: ParticipantId,
    },
    /// Cut somebody off and out, and out of all rooms of the club that this one is held for: at once here, and everywhere and
    /// for so long as soon as it cannot be undone. For those who keep order in the club.
    BanFromClub {
        /// Whom.
        who: ParticipantId,
        /// For how long.
        period: BanPeriod,
    },
    /// Take a removal, a time-out or a ban back.
    Undo {
        /// Who was removed.
        who: ParticipantId,
    },
    /// One press: hold all but moderators, hands off, door locked.
    Panic,
    /// Let newcomers in, or nobody new.
    SetDoor {
        /// Locked or unlocked.
        door: Door,
    },
    /// Decide who may raise a hand.
    SetHands {
        /// Who may.
        hands: HandPolicy,
    },
    /// Give the room a title, or none.
    SetTitle {
        /// The title.
        title: Option<RoomTitle>,
    },
    /// Say what is being talked about now, or nothing.
    SetLine {
        /// What.
        about: Option<TalkTopic>,
    },
    /// Hang a card up in place of the one before, or take it down.
    PinCard {
        /// The card.
        card: Option<PinnedCard>,
    },
    /// Decide whether people write.
    SetChat {
        /// Whether.
        chat: Chat,
    },
    /// Write something to the room. Told and not committed.
    Say {
        /// What.
        text: ChatText,
    },
    /// Take a message away: my own, or that of somebody below me.
    TakeAway {
        /// Which.
        message: ChatId,
    },
    /// Let more people in. Narrower is refused.
    Widen {
        /// The wider kind.
        kind: RoomKind,
    },
    /// Ask members into a closed or social room.
    AskIn {
        /// Whom, by handle.
        handles: Vec<Handle>,
    },
    /// Give somebody the power to keep order.
    MakeModerator {
        /// Whom.
        who: ParticipantId,
    },
    /// Take it back.
    UnmakeModerator {
        /// Whom.
        who: ParticipantId,
    },
    /// Give the room to somebody else: the owner, or whoever alone keeps order while the owner is gone.
    HandOver {
        /// Whom.
        who: ParticipantId,
    },
    /// Say yes when asked to take the room over.
    TakeOver,
    /// End the room for everyone, in ten seconds.
    End,
    /// Do not end it after all.
    KeepGoing,
    /// Report somebody to the administrators: who is here, or who spoke in the last
    /// [`crate::limits::RECENT_SPEAKERS_PERIOD`] and left.
    Report {
        /// Whom, in the seat they have or had.
        who: ParticipantId,
        /// What they are called: of those who left the room knows nothing else.
        #[serde(default)]
        handle: Option<Handle>,
        /// Why.
        reason: ReportReason,
    },
    /// Tell me how long people have talked. Told to whoever asks, and not kept: a repetition asks again, at most once in
    /// [`crate::limits::TALK_TIMES_PERIOD`].
    AskTalkTimes,
    /// I heard it too.
    CoSign {
        /// Which report, as the notice said.
        report: ReportId,
    },
}

/// What I can do to my own microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum MyMic {
    /// Forwarded.
    Open,
    /// Not forwarded.
    Muted,
}
