//! The WebSocket's envelopes: one socket a tab, JSON text frames, at `/api/v1/socket`.

use serde::{Deserialize, Serialize};

use crate::account::Me;
use crate::company::{Acquaintance, Availability, Company, TalkEnd};
use crate::error::ErrorCode;
use crate::guest::GuestHello;
use crate::hallway::{HallwayChange, RoomCard};
use crate::id::{ClubId, CommandId, EventId, Incarnation, ParticipantId, RoomId, SeatToken};
use crate::media::Sdp;
use crate::room::{
    CommandResult, Confidentiality, HandPolicy, LeftReason, Person, RoomCommand, RoomEvent, RoomKind,
    RoomView,
};
use crate::sandbox::SandboxState;
use crate::text::{Handle, Language, RoomTitle, ServerName};

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// First on every socket.
    Hello {
        /// [`crate::PROTOCOL_VERSION`] of the client.
        protocol: u16,
        /// Which build of the web client this is; none for others.
        bundle: Option<String>,
        /// What the client can do beyond the version; unknown ones are ignored.
        #[serde(default)]
        capabilities: Vec<String>,
        /// Somebody in a seat that was given to them, at `/api/v1/guests/socket`; nobody who signed in.
        #[serde(default)]
        guest: Option<GuestHello>,
    },
    /// Start a room and be on its stage.
    StartRoom {
        /// Comes back in the reply; chosen by the client.
        request: u32,
        /// The room.
        room: NewRoom,
        /// My media connection.
        offer: Sdp,
    },
    /// Open the room of an event that I host, for those who are to be on its stage, or go into it where it is open. Answered
    /// like `StartRoom`; `not_yet` before the last [`crate::limits::GREEN_ROOM_PERIOD`], `not_now` for one that was called off.
    OpenEvent {
        /// Comes back in the reply.
        request: u32,
        /// Which event.
        event: EventId,
        /// My media connection.
        offer: Sdp,
    },
    /// Go into a room, or come back to my seat in it.
    EnterRoom {
        /// Comes back in the reply.
        request: u32,
        /// Which room.
        room: RoomId,
        /// A media connection; none if the one I have still stands (only with a seat).
        offer: Option<Sdp>,
        /// Proof that I have a seat already: back to it, or not at all (`person_gone`: it was given up; `not_now`:
        /// another device of mine has it).
        seat: Option<SeatToken>,
    },
    /// A fresh media connection for the room I am in; the old one is dropped when the new one connects.
    Media {
        /// Comes back in the reply.
        request: u32,
        /// The new connection.
        offer: Sdp,
    },
    /// Do something in the room I am in.
    Command {
        /// Chosen by the client; a repeated one changes nothing.
        id: CommandId,
        /// What.
        command: RoomCommand,
    },
    /// Leave the room quietly.
    Leave,
    /// My page goes, and perhaps it is loaded anew: the sound ends at once, and my seat is kept for a few seconds.
    Away,
    /// I missed something; send the state.
    Resync,
    /// Find people in the room I am in.
    FindPeople {
        /// Comes back in the reply.
        request: u32,
        /// Part of a name or handle.
        text: String,
    },
    /// Whether somebody looks at my page: what it shows they are not told of elsewhere.
    Looking {
        /// From now on.
        now: Looking,
    },
    /// Not now, for a room I was asked into.
    DeclineRoom {
        /// Which.
        room: RoomId,
    },
    /// Whether I would like to be asked to talk. Answered by [`ServerMessage::Done`].
    Available {
        /// Comes back in the reply.
        request: u32,
        /// What I am from now on.
        to: Availability,
    },
    /// Ask somebody who is available, or who came by my invitation, to talk. Answered by [`ServerMessage::Done`], or
    /// `person_gone` for everybody who cannot be asked, whyever.
    AskToTalk {
        /// Comes back in the reply.
        request: u32,
        /// Whom.
        who: Handle,
    },
    /// I do not ask any more.
    TakeAskBack,
    /// Yes to somebody who asks me: I am in a closed room, and they are asked into it. Answered like `StartRoom`.
    AcceptTalk {
        /// Comes back in the reply.
        request: u32,
        /// Who asked.
        who: Handle,
        /// My media connection.
        offer: Sdp,
    },
    /// Not now, to somebody who asks me.
    DeclineTalk {
        /// Who asked.
        who: Handle,
    },
    /// I have read that somebody came by my invitation.
    PutArrivalAway {
        /// Who came.
        who: Handle,
    },
    /// Ask somebody who follows me into the room where I am, wherever they are. Answered by [`ServerMessage::Done`], be it heard
    /// or not; `not_allowed` where they do not follow me, `not_now` where I asked them a moment ago.
    PingIn {
        /// Comes back in the reply.
        request: u32,
        /// Whom.
        who: Handle,
    },
    /// Bytes for others in the room that the server cannot read.
    Relay {
        /// For whom; at most 64.
        to: Vec<ParticipantId>,
        /// Base64, at most [`crate::limits::SEALED_BYTES_MAX`] bytes.
        sealed: String,
    },
    /// Are you there? Answered by [`ServerMessage::Pong`].
    Ping,
    /// A type this version does not know; ignored.
    #[serde(other)]
    Unknown,
}

/// Whether a page is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Looking {
    /// It lies in front.
    Here,
    /// It lies behind another, or the screen is off.
    Away,
}

/// What a room starts with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct NewRoom {
    /// What it is about.
    pub title: Option<RoomTitle>,
    /// Who may come in.
    pub kind: RoomKind,
    /// Who may raise a hand.
    pub hands: HandPolicy,
    /// How secret it is, for as long as it lives.
    #[serde(default)]
    pub confidentiality: Confidentiality,
    /// What is spoken there, for as long as it lives.
    #[serde(default)]
    pub language: Option<Language>,
    /// The club that it is held for, where I may start rooms of it.
    #[serde(default)]
    pub club: Option<ClubId>,
    /// Who is asked in, by handle.
    #[serde(default)]
    pub ask: Vec<Handle>,
    /// Who of them may keep order.
    #[serde(default)]
    pub moderators: Vec<Handle>,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The answer to `Hello`.
    Welcome {
        /// The version spoken on this socket.
        protocol: u16,
        /// This run of the server's network process.
        incarnation: Incarnation,
        /// The server.
        server: ServerFacts,
        /// Who is signed in; nobody, for a guest.
        me: Option<Me>,
        /// What is going on.
        hallway: Vec<RoomCard>,
    },
    /// The hallway changed.
    Hallway {
        /// In order.
        changes: Vec<HallwayChange>,
    },
    /// I am in a room.
    Entered {
        /// The request it answers.
        request: u32,
        /// The state of the room.
        view: RoomView,
        /// The answer to my offer, if I sent one.
        answer: Option<Sdp>,
        /// To come back with after a lost line.
        seat: SeatToken,
    },
    /// The answer to a fresh media connection.
    Answer {
        /// The request it answers.
        request: u32,
        /// The answer.
        answer: Sdp,
    },
    /// Things that happened in my room, in order. A gap in `sequence` means: send `Resync`.
    Room {
        /// Which room.
        room: RoomId,
        /// The run of the room's owner that numbers the events.
        epoch: u32,
        /// The number of the last one here; each message counts one.
        #[ts(type = "number")]
        sequence: u64,
        /// What happened.
        events: Vec<RoomEvent>,
    },
    /// The state of my room, after `Resync`.
    State {
        /// The state.
        view: RoomView,
    },
    /// The answer to a command.
    Command {
        /// The answer.
        result: CommandResult,
    },
    /// I am no longer in the room.
    Left {
        /// Which.
        room: RoomId,
        /// Why.
        reason: LeftReason,
    },
    /// The answer to a search.
    Found {
        /// The request it answers.
        request: u32,
        /// Whom.
        people: Vec<Person>,
    },
    /// Bytes from somebody in the room that the server could not read.
    Relayed {
        /// From whom.
        from: ParticipantId,
        /// Base64.
        sealed: String,
    },
    /// A request could not be done.
    Failed {
        /// The request it answers; none when it answers no numbered one.
        request: Option<u32>,
        /// Why.
        error: ErrorCode,
    },
    /// Done, for a request that has no other answer.
    Done {
        /// The request it answers.
        request: u32,
    },
    /// Who would like to talk, and asks whom, as far as it concerns me: all of it, whenever it changes. Nothing after a
    /// welcome, until this says otherwise.
    Company {
        /// All of it.
        company: Company,
    },
    /// Somebody whom I follow asks me into the room where they are.
    Pinged {
        /// Who.
        by: Acquaintance,
        /// The room, as I see it.
        card: RoomCard,
    },
    /// A question of mine, or to me, is over.
    TalkOver {
        /// The other one.
        who: Acquaintance,
        /// Why.
        why: TalkEnd,
    },
    /// Whom I asked said yes: come in.
    TalkOpened {
        /// Who waits there.
        who: Acquaintance,
        /// Where.
        room: RoomId,
    },
    /// Something changed about events to come: whoever shows them asks again.
    EventsChanged,
    /// My account changed.
    Me {
        /// Me, now.
        me: Me,
    },
    /// The server goes down in so many seconds; rooms end with it or come back after it.
    Draining {
        /// Seconds.
        seconds: u32,
    },
    /// The answer to `Ping`.
    Pong,
}

/// What is true of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ServerFacts {
    /// What it is called.
    pub name: ServerName,
    /// Whether the promise "cannot write" is kept by the system.
    pub sandbox: SandboxState,
    /// The build of the web client that it serves.
    pub bundle: String,
}
