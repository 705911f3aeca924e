//! What many are told at once: of whom the keeper is asked, who of them hears of it now, and in which words.

use keeper_api::{EventNotice, PushDevice, Request};
use protocol::id::{EventId, MemberId, RoomId, SessionId};
use protocol::push::PushKind;

use crate::hallway::Of;
use crate::limits::EVENT_TOLD_MAX;

pub(super) enum Round {
    /// Somebody has started a room, or opened its doors.
    Bell { host: MemberId, room: RoomId },
    /// There is something to say about an event; to these alone, where there are any.
    Event { event: EventId, notice: EventNotice, to: Vec<MemberId> },
}

impl Round {
    pub(super) fn ask(&self, after: Option<SessionId>) -> Request {
        match self {
            Self::Bell { host, .. } => Request::WhoseBell { of: *host, after },
            Self::Event { event, notice, .. } => {
                Request::DevicesForEvent { event: *event, notice: *notice, after }
            }
        }
    }

    pub(super) fn of(&self) -> Of {
        match self {
            Self::Bell { host, room } => Of::Bell { room: *room, host: *host },
            Self::Event { .. } => Of::Event,
        }
    }

    pub(super) fn kind(&self) -> PushKind {
        match self {
            Self::Bell { .. } => PushKind::Bell,
            Self::Event { notice: EventNotice::Soon, .. } => PushKind::EventSoon,
            Self::Event { notice: EventNotice::Named, .. } => PushKind::EventNamed,
            Self::Event { notice: EventNotice::Changed, .. } => PushKind::EventChanged,
            Self::Event { notice: EventNotice::Off, .. } => PushKind::EventOff,
        }
    }

    /// Whether it is for this one.
    pub(super) fn is_for(&self, device: &PushDevice) -> bool {
        match self {
            Self::Event { to, .. } => to.is_empty() || to.contains(&device.member),
            Self::Bell { .. } => true,
        }
    }

    /// What is not said again for a while; the first of these that was not is said. Whoever starts ten rooms in a row rings
    /// once, and of an event that is changed and changed again people are told some times.
    pub(super) fn said(&self) -> Vec<Vec<u8>> {
        let (about, times) = match self {
            Self::Bell { host, .. } => (vec![&host.0[..]], 1),
            Self::Event { event, to, .. } => (
                std::iter::once(&event.0[..]).chain(to.iter().map(|one| &one.0[..])).collect(),
                EVENT_TOLD_MAX,
            ),
        };
        (0..times).map(|time| [about.concat(), vec![kind_byte(self.kind()), time]].concat()).collect()
    }
}

pub(super) fn kind_byte(kind: PushKind) -> u8 {
    match kind {
        PushKind::Bell => 0,
        PushKind::Ask => 1,
        PushKind::Trial => 2,
        PushKind::EventSoon => 3,
        PushKind::EventNamed => 4,
        PushKind::EventChanged => 5,
        PushKind::EventOff => 6,
    }
}
