//! What goes between a room's owner and everybody else: plain data, so that a bus of any kind can carry it.

use std::collections::BTreeSet;
use std::sync::Arc;

use cluster::bus::{Bus, Position, RequestError};
use protocol::guest::{GuestLink, GuestPass};
use protocol::id::{GuestSecret, MemberId, ParticipantId, PictureId, SeatId, SeatToken, SessionId};
use protocol::room::{LeftReason, Person, RoomCommand, RoomEvent, RoomView, Slots};
use protocol::text::{DisplayName, Handle};
use protocol::{ErrorCode, Timestamp};
use rooms::{Asked, Blocked, Club, Connection, Held, Inviter, Shown, Voice, Who};

use crate::socket::ConnectionId;
use crate::socket::outbox::Outbox;

/// The bus of this process.
pub(crate) type RoomBus = Bus<ToOwner, Answer, Arc<Batch>>;

/// Somebody at a socket who wants something of a room.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) who: Who,
    pub(crate) name: DisplayName,
    pub(crate) handle: Option<Handle>,
    pub(crate) newcomer: bool,
    pub(crate) picture: Option<PictureId>,
    pub(crate) session: SessionId,
    pub(crate) connection: ConnectionId,
    pub(crate) outbox: Outbox,
}

/// To a room's owner.
#[derive(Debug, Clone)]
pub(crate) enum ToOwner {
    /// Come in, or come back. → [`Answer::Joined`]
    Join {
        who: Who,
        name: DisplayName,
        handle: Option<Handle>,
        newcomer: bool,
        picture: Option<PictureId>,
        session: SessionId,
        seat: Option<SeatToken>,
    },
    /// What somebody in the room does. Idempotent by the envelope's id. → [`Answer::Done`]
    Act { from: ParticipantId, command: RoomCommand },
    /// Members asked in by somebody in the room, looked up. → [`Answer::Done`]
    AskIn { from: ParticipantId, people: Vec<Asked> },
    /// Gone for good. → [`Answer::Done`]
    Leave { id: ParticipantId, reason: LeftReason },
    /// Lines lost and found. → [`Answer::Done`]
    Lines { lines: Vec<(ParticipantId, Connection)> },
    /// Who is heard, from the media engine. → [`Answer::Done`]
    Slots { slots: Slots },
    /// Whom somebody in the room follows, and whom they block. → [`Answer::Done`]
    Follows { id: ParticipantId, follows: BTreeSet<MemberId>, blocked: Blocked },
    /// Whom somebody blocks who keeps order, here or not. → [`Answer::Done`]
    BlocksOf { who: Who, blocked: Blocked },
    /// The keeper did not say whom somebody follows: ask again, if they are still here. → [`Answer::Done`]
    FollowsUnanswered { id: ParticipantId },
    /// Whom this member follows has changed; for everybody: it may have changed. → [`Answer::Done`]
    FollowingChanged { member: Option<MemberId> },
    /// Something of the club that the room is held for has changed. → [`Answer::Done`]
    ClubChanged,
    /// What is true of that club now; none where it was dissolved. → [`Answer::Done`]
    Club { club: Option<Club> },
    /// A member has another picture, or none any more. → [`Answer::Done`]
    Pictured { member: MemberId, picture: Option<PictureId> },
    /// "Not now", from somebody who was asked in. → [`Answer::Done`]
    Decline { who: Who },
    /// Is the room there for somebody? → [`Answer::Done`], or `NotThere`
    Find { viewer: ParticipantId, text: String },
    /// → [`Answer::Done`], or `NotThere`
    MayFind { who: Who },
    /// → [`Answer::Done`] for somebody who has a seat, else `NotThere`
    IsHere { who: Who },
    /// Somebody new to the server, by an invitation given in the room. → [`Answer::Done`], or `NotThere`
    Newcomer { by: Inviter, newcomer: Asked },
    /// About guests and their links.
    OfGuests(OfGuests),
    /// → [`Answer::Done`] for the one who owns the room, else `NotAllowed`
    IsOwner { who: Who },
    /// The room as each of these sees it. → [`Answer::Views`]
    Views { viewers: Vec<ParticipantId> },
    /// It was started and nobody came in. → [`Answer::Done`]
    Abandon,
    /// A fault, to prove that it stays within one room.
    #[cfg(test)]
    Fail,
}

/// What a room is asked and told about its guests.
#[derive(Debug, Clone)]
pub(crate) enum OfGuests {
    /// Somebody gives a seat away. → [`Answer::SeatGiven`]
    Give { by: Who, seat: SeatId, link: GuestSecret, name: DisplayName },
    /// → [`Answer::SeatsGiven`]
    Given { by: Who },
    /// Who gave it takes it back. → [`Answer::Done`]
    TakeBack { by: Who, seat: SeatId },
    /// What a guest's link is for. → [`Answer::SeatShown`]
    Look { pass: Box<GuestPass> },
    /// A guest's page takes its link up. → [`Answer::SeatHeld`]
    Take { pass: Box<GuestPass>, name: DisplayName },
}

/// From a room's owner.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Done,
    Refused(ErrorCode),
    Joined(Box<JoinedAnswer>),
    People(Vec<Person>),
    Views(Vec<Option<Snapshot>>, Position),
    /// Until when it can be taken up.
    SeatGiven(Timestamp),
    SeatsGiven(Vec<GuestLink>),
    SeatShown(Box<Shown>),
    SeatHeld(Box<Held>),
}

/// Somebody is in.
#[derive(Debug, Clone)]
pub(crate) struct JoinedAnswer {
    pub(crate) id: ParticipantId,
    pub(crate) how: Entrance,
    pub(crate) snapshot: Snapshot,
    pub(crate) seat: SeatToken,
    /// What has been published up to here is in the snapshot.
    pub(crate) at: Position,
}

/// How somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// In a new seat.
    New,
    /// In the seat they had, on a device that had not held it.
    Over,
    /// In the seat they hold, proved by its token.
    Back,
}

/// A room as one person sees it, and whether they may be heard.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) view: RoomView,
    pub(crate) voice: Voice,
}

/// What one commit brought about, in order.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) effects: Vec<Outcome>,
}

/// One thing for edges to carry out: an effect of `rooms`, with its recipients looked up.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Tell { to: Recipients, event: RoomEvent },
    Voice { id: ParticipantId, voice: Voice },
    Cut { id: ParticipantId, reason: LeftReason },
    Ended { reason: LeftReason },
}

/// Whom an event is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recipients {
    Everyone,
    EveryoneBut(ParticipantId),
    EveryoneButThese([ParticipantId; 2]),
    These(Vec<ParticipantId>),
}

/// What a caller of the bus is told.
pub(crate) fn as_code(error: RequestError) -> ErrorCode {
    match error {
        RequestError::NoOwner => ErrorCode::NotThere,
        RequestError::Busy | RequestError::Unanswered => ErrorCode::Busy,
    }
}
