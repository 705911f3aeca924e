//! What comes out of a room: effects for its shell to carry out, and the answers to those who come in.

use protocol::ErrorCode;
use protocol::club::BanPeriod;
use protocol::id::{ClubId, MemberId, ParticipantId};
use protocol::room::{LeftReason, RoomEvent};
use protocol::text::Handle;

use crate::reports::Filed;

/// Something to carry out, in the order in which they are given.
///
/// Whatever silences or cuts somebody off comes before anything that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Show an event to people. Events of one batch (all effects until `None`) belong in one message a person.
    Tell {
        /// Whom; resolved by [`crate::Room::recipients`].
        to: To,
        /// What.
        event: RoomEvent,
    },
    /// Whether somebody is on stage, and whether their packets are forwarded. States, not changes: saying it twice does
    /// nothing.
    Voice {
        /// Whose.
        id: ParticipantId,
        /// How they stand.
        voice: Voice,
    },
    /// End the connection that holds this seat: its media first, then its screen.
    Cut {
        /// Whose.
        id: ParticipantId,
        /// What the screen says.
        reason: LeftReason,
    },
    /// Answer with [`crate::Room::handle_blocks`] and [`crate::Room::handle_follows`]: whom this person blocks, and whom they
    /// follow. Asked for those who keep order and those
    /// on stage.
    AskFollows {
        /// Who.
        id: ParticipantId,
    },
    /// The room's card changed, or who may see it.
    CardChanged,
    /// Take a report to the administrators.
    Report(Filed),
    /// It was closed and is not any more: for whoever hears when this person starts a room, it has begun.
    DoorsOpen {
        /// Whose room it is.
        owner: MemberId,
        /// What they are called.
        handle: Handle,
    },
    /// Tell the keeper that somebody is banned from the club, which cannot be taken back here any more.
    BanFromClub {
        /// Which.
        club: ClubId,
        /// Who keeps order in it.
        by: MemberId,
        /// Whom.
        member: MemberId,
        /// For how long.
        period: BanPeriod,
    },
    /// The room is over: cut everybody still in it, media first, and forget the room.
    Ended {
        /// What the screens say.
        reason: LeftReason,
    },
}

/// Whom an event is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// One person.
    One(ParticipantId),
    /// Those who keep order: moderators and the owner.
    Moderators,
    /// Everyone in the room.
    Everyone,
    /// Everyone but one person.
    EveryoneBut(ParticipantId),
    /// Everyone but two, who may be one.
    EveryoneButThese([ParticipantId; 2]),
}

/// Whether somebody's packets are forwarded, and whether they are among those who talk with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// On stage with an open microphone: forwarded.
    On,
    /// On stage, muted or held; or gone.
    Off,
    /// Not on stage.
    Audience,
}

/// What became of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// It stands, or stands again, on the device that holds the seat.
    Up,
    /// It is lost. The seat is kept until [`protocol::limits::RECONNECT_GRACE`] after its last sign of life.
    Down {
        /// The last sign of life.
        since: protocol::Timestamp,
    },
}

/// How somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// A new seat, under the id of the arrival.
    New(ParticipantId),
    /// The seat they had, now held by this device. Whatever connection held it before is cut by an effect, so drain
    /// the effects before the new connection is attached.
    Again(ParticipantId),
}

/// Why somebody was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// For this person there is no such room. The same for what is closed to them, what they were removed from and
    /// what is over.
    #[error("nothing there")]
    NotThere,
    /// They were sent out for a time that is not over.
    #[error("not yet")]
    NotYet,
    /// The door is locked for newcomers.
    #[error("locked")]
    Locked,
    /// The room holds no more people.
    #[error("full")]
    Full,
    /// The candidate id is zero or in use: draw another and call again.
    #[error("id taken")]
    IdTaken,
}

impl From<Refused> for ErrorCode {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotThere => Self::NotThere,
            Refused::NotYet => Self::NotYet,
            Refused::Locked => Self::Locked,
            Refused::Full => Self::Full,
            Refused::IdTaken => Self::Internal,
        }
    }
}

/// Whether a room exists for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It does.
    There,
    /// It does not: answered exactly as for a room that never was.
    NotThere,
}
