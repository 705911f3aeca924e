//! How often each of very many may do something: the generic cell rate algorithm, without a clock of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{ErrorCode, Timestamp};

/// Whose allowance is whole again is forgotten.
#[derive(Debug)]
pub(crate) struct Often<K> {
    each: Duration,
    burst: u32,
    most: usize,
    whole_at: BTreeMap<K, Timestamp>,
}

impl<K: Ord> Often<K> {
    /// `burst` at once after silence, and one more after `each`; of at most `most` at a time.
    pub(crate) fn new(each: Duration, burst: u32, most: usize) -> Self {
        Self { each, burst, most, whole_at: BTreeMap::new() }
    }

    /// Whether there is one left; takes nothing.
    ///
    /// # Errors
    /// `TooMany`; `Busy` where too many others do the same.
    pub(crate) fn check(&self, now: Timestamp, who: &K) -> Result<(), ErrorCode> {
        self.whole_after(now, who).map(drop)
    }

    /// # Errors
    /// `TooMany`; `Busy` where too many others do the same.
    pub(crate) fn take(&mut self, now: Timestamp, who: K) -> Result<(), ErrorCode> {
        let whole_at = self.whole_after(now, &who)?;
        self.whole_at.insert(who, whole_at);
        Ok(())
    }

    fn whole_after(&self, now: Timestamp, who: &K) -> Result<Timestamp, ErrorCode> {
        let known = self.whole_at.get(who).copied();
        if known.is_none() && self.whole_at.len() >= self.most {
            return Err(ErrorCode::Busy);
        }
        let whole_at = known.unwrap_or(now).max(now).plus(self.each);
        if whole_at > now.plus(self.each * self.burst) { Err(ErrorCode::TooMany) } else { Ok(whole_at) }
    }

    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.whole_at.retain(|_, whole_at| now < *whole_at);
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.whole_at.values().min().copied()
    }
}
