//! A question to somebody.

use protocol::Timestamp;
use protocol::id::MemberId;
use protocol::limits::TALK_ASKS_TO_ONE_MAX;

use super::{Ground, Known};

/// See [`TALK_ASKS_TO_ONE_MAX`].
pub(super) const TO_ONE_MAX: usize = TALK_ASKS_TO_ONE_MAX;

#[derive(Debug)]
pub(super) struct Ask {
    pub(super) asker: Known,
    pub(super) asked: Known,
    pub(super) until: Timestamp,
    pub(super) ground: Ground,
}

impl Ask {
    pub(super) fn is_of(&self, member: MemberId) -> bool {
        self.asker.member == member || self.asked.member == member
    }

    pub(super) fn other(&self, member: MemberId) -> MemberId {
        if self.asker.member == member { self.asked.member } else { self.asker.member }
    }
}
