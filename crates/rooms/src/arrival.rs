//! What goes into a room: who comes, who is asked, and what a room starts with.

use protocol::id::{ClubId, MemberId, ParticipantId, PictureId, SeatId};
use protocol::room::{Confidentiality, HandPolicy, OfEvent, RoomKind};
use protocol::text::{DisplayName, Handle, Language, RoomTitle};
use serde::{Deserialize, Serialize};

/// Who somebody is. A room asks no more of it than equality and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Who {
    /// Somebody with an account here.
    Member(MemberId),
    /// Somebody in a seat that was given to them.
    Guest(SeatId),
}

/// Somebody at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who.
    pub who: Who,
    /// What they are called.
    pub name: DisplayName,
    /// Their handle; a guest has none.
    pub handle: Option<Handle>,
    /// Who gave a guest the seat.
    pub guest_of: Option<DisplayName>,
    /// They have had an account for less than a week.
    pub newcomer: bool,
    /// Their picture.
    pub picture: Option<PictureId>,
    /// A random candidate for their id in this room; not used by those who have a seat already.
    pub id: ParticipantId,
}

/// Somebody who gave an invitation away, in the room or out of it by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inviter {
    /// Who.
    pub who: Who,
    /// What they were called.
    pub name: DisplayName,
}

/// Somebody who is asked in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who.
    pub who: Who,
    /// Their handle; a guest has none.
    pub handle: Option<Handle>,
    /// What they will be.
    pub role: AskedAs,
}

/// What somebody who is asked in will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedAs {
    /// An ordinary participant.
    Participant,
    /// Somebody who keeps order. Only the owner asks for this, and never of a guest.
    Moderator,
    /// An ordinary participant who is asked to the stage as they come in.
    Speaker,
    /// Somebody who keeps order, and is asked to the stage as they come in.
    Host,
}

impl AskedAs {
    pub(crate) fn keeps_order(self) -> bool {
        matches!(self, Self::Moderator | Self::Host)
    }

    pub(crate) fn to(self) -> AskedTo {
        match self {
            Self::Participant | Self::Moderator => AskedTo::Room,
            Self::Speaker | Self::Host => AskedTo::Stage,
        }
    }
}

/// How far somebody is asked who is asked in. Nobody comes up but by a yes of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AskedTo {
    Room,
    Stage,
}

/// What a room starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoom {
    /// What it is about.
    pub title: Option<RoomTitle>,
    /// Who may come in.
    pub kind: RoomKind,
    /// Who may raise a hand.
    pub hands: HandPolicy,
    /// How secret it is, for as long as it lives.
    pub confidentiality: Confidentiality,
    /// What is spoken there.
    pub language: Option<Language>,
    /// For which club it is held.
    pub club: Option<ClubId>,
    /// Who is asked in.
    pub asked: Vec<Asked>,
    /// Which announced event it is, if it is one.
    pub event: Option<OfEvent>,
}
