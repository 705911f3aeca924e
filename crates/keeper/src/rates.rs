//! How often one account may ask for what costs something. Counted in memory under a key that dies with the process;
//! who asked cannot be read back from it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::time::Duration;

use protocol::{ErrorCode, Timestamp};

use crate::limits::COUNTERS_MAX;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rate {
    /// Wrong recovery codes for one handle, whether it exists or not. A code has 80 bits: the bound keeps noise down, and
    /// is wide enough that a stranger cannot easily keep somebody out.
    RecoveryGuess,
    /// Wrong short codes, over all members together: such a code has 40 bits and stands for two minutes.
    CodeGuess,
    /// New sets of recovery codes.
    RecoveryCodes,
    /// New passkeys begun.
    Passkey,
    /// New links for another device.
    DeviceLink,
    /// New invitations.
    Invite,
    /// Everything else that writes: names, follows, revocations.
    Write,
    /// Searches for people.
    Search,
}

impl Rate {
    /// At once, and then one more each period.
    const fn bound(self) -> (u64, Duration) {
        match self {
            Self::RecoveryGuess => (10, Duration::from_secs(360)),
            Self::CodeGuess => (60, Duration::from_secs(1)),
            Self::RecoveryCodes => (5, Duration::from_secs(600)),
            Self::Passkey | Self::DeviceLink => (20, Duration::from_secs(60)),
            Self::Invite => (30, Duration::from_secs(60)),
            Self::Write => (120, Duration::from_millis(500)),
            Self::Search => (60, Duration::from_millis(500)),
        }
    }
}

/// The counters (GCRA: each holds the moment at which it would be empty again, in milliseconds).
#[derive(Debug, Default)]
pub(crate) struct Rates {
    key: RandomState,
    empty_at: HashMap<u64, u64>,
}

impl Rates {
    /// Whether there is room for one more, without counting it.
    pub(crate) fn allows(&self, rate: Rate, who: impl Hash, now: Timestamp) -> Result<(), ErrorCode> {
        let empty_at = self.empty_at.get(&self.key.hash_one((rate, who)));
        self.step(rate, empty_at.copied(), now).map(|_| ())
    }

    /// Counts one.
    pub(crate) fn count(&mut self, rate: Rate, who: impl Hash, now: Timestamp) -> Result<(), ErrorCode> {
        let key = self.key.hash_one((rate, who));
        let next = self.step(rate, self.empty_at.get(&key).copied(), now)?;
        if self.empty_at.len() >= COUNTERS_MAX && !self.empty_at.contains_key(&key) {
            self.empty_at.retain(|_, empty_at| *empty_at > now.0);
            if self.empty_at.len() >= COUNTERS_MAX {
                return Err(ErrorCode::TooMany);
            }
        }
        self.empty_at.insert(key, next);
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "reads as a step of these counters")]
    fn step(&self, rate: Rate, empty_at: Option<u64>, now: Timestamp) -> Result<u64, ErrorCode> {
        let (at_once, period) = rate.bound();
        let period = u64::try_from(period.as_millis()).unwrap_or(u64::MAX);
        let next = empty_at.unwrap_or(0).max(now.0).saturating_add(period);
        if next - now.0 > at_once.saturating_mul(period) { Err(ErrorCode::TooMany) } else { Ok(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_at_once_and_then_one_a_period() {
        let mut rates = Rates::default();
        let start = Timestamp(1_000_000);
        for _ in 0..5 {
            rates.count(Rate::RecoveryCodes, "ann", start).expect("within");
        }
        assert_eq!(rates.count(Rate::RecoveryCodes, "ann", start), Err(ErrorCode::TooMany));
        assert_eq!(rates.allows(Rate::RecoveryCodes, "ann", start), Err(ErrorCode::TooMany));
        let later = start.plus(Duration::from_secs(600));
        rates.count(Rate::RecoveryCodes, "ann", later).expect("one came back");
        assert_eq!(rates.count(Rate::RecoveryCodes, "ann", later), Err(ErrorCode::TooMany));
    }

    #[test]
    fn one_persons_haste_is_nobody_elses() {
        let mut rates = Rates::default();
        let now = Timestamp(1);
        while rates.count(Rate::DeviceLink, "ann", now).is_ok() {}
        rates.count(Rate::DeviceLink, "ben", now).expect("Ben has asked for nothing");
        rates.count(Rate::Invite, "ann", now).expect("and this is something else");
    }

    #[test]
    fn counters_that_are_empty_make_room_for_others() {
        let mut rates = Rates::default();
        for one in 0..COUNTERS_MAX {
            rates.count(Rate::Write, one, Timestamp(0)).expect("room");
        }
        assert_eq!(rates.count(Rate::Write, COUNTERS_MAX, Timestamp(0)), Err(ErrorCode::TooMany));
        rates.count(Rate::Write, COUNTERS_MAX, Timestamp(10_000)).expect("room again");
        assert_eq!(rates.empty_at.len(), 1);
    }
}
