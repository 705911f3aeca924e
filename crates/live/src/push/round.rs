//! What many are told at once: of whom the keeper is asked, who of them hears of it now, and in which words.

use keeper_api::{EventNotice, Request};
use protocol::id::{EventId, MemberId, RoomId, SessionId};
use protocol::push::PushKind;

use crate::hallway::Of;

#[derive(Debug, Clone, Copy)]
pub(super) enum Round {
    /// Somebody has started a room, or opened its doors.
    Bell { host: MemberId, room: RoomId },
    /// There is something to say about an event.
    Event { event: EventId, notice: EventNotice },
}

impl Round {
    pub(super) fn ask(self, after: Option<SessionId>) -> Request {
        match self {
            Self::Bell { host, .. } => Request::WhoseBell { of: host, after },
            Self::Event { event, notice } => Request::DevicesForEvent { event, notice, after },
        }
    }

    pub(super) fn of(self) -> Of {
        match self {
            Self::Bell { host, room } => Of::Bell { room, host },
            Self::Event { .. } => Of::Event,
        }
    }

    pub(super) fn kind(self) -> PushKind {
        match self {
            Self::Bell { .. } => PushKind::Bell,
            Self::Event { notice: EventNotice::Soon, .. } => PushKind::EventSoon,
            Self::Event { notice: EventNotice::Named, .. } => PushKind::EventNamed,
            Self::Event { notice: EventNotice::Changed, .. } => PushKind::EventChanged,
            Self::Event { notice: EventNotice::Off, .. } => PushKind::EventOff,
        }
    }

    /// What is not said again for a while.
    pub(super) fn said(self) -> Vec<u8> {
        let about = match self {
            Self::Bell { host, .. } => host.0,
            Self::Event { event, .. } => event.0,
        };
        [&about[..], &[kind_byte(self.kind())]].concat()
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
