//! A question to somebody, and how often one may ask.

use std::collections::BTreeMap;

use protocol::id::MemberId;
use protocol::limits::{TALK_ASK_EACH, TALK_ASKS_BURST, TALK_ASKS_TO_ONE_MAX};
use protocol::{ErrorCode, Timestamp};

use super::{Ground, Known};
use crate::limits::ASKERS_MAX;

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

/// How often each asked lately: the generic cell rate algorithm. Whose allowance is whole again is forgotten.
#[derive(Debug, Default)]
pub(super) struct Rates {
    whole_at: BTreeMap<Box<MemberId>, Timestamp>,
}

impl Rates {
    /// # Errors
    /// `TooMany`; `Busy` where too many others ask.
    pub(super) fn take(&mut self, now: Timestamp, asker: MemberId) -> Result<(), ErrorCode> {
        let known = self.whole_at.get(&asker).copied();
        if known.is_none() && self.whole_at.len() >= ASKERS_MAX {
            return Err(ErrorCode::Busy);
        }
        let whole_at = known.unwrap_or(now).max(now).plus(TALK_ASK_EACH);
        if whole_at > now.plus(TALK_ASK_EACH * TALK_ASKS_BURST) {
            return Err(ErrorCode::TooMany);
        }
        self.whole_at.insert(Box::new(asker), whole_at);
        Ok(())
    }

    pub(super) fn advance(&mut self, now: Timestamp) {
        self.whole_at.retain(|_, whole_at| now < *whole_at);
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.whole_at.values().min().copied()
    }
}
