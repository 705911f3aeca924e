//! How often one member may ask for what costs something, and how many wrong short codes are looked at. Counted in memory
//! by a keyed hash of whoever asked, and forgotten when the counter has run empty: ten minutes after the last at most.
//!
//! Whoever is not signed in is counted by address, in `live`. Here they have one counter together and no row in the table:
//! whatever strangers do, it fills nothing that members need.

use std::collections::HashMap;
use std::time::Duration;

use keyed::{Key, Tag};

use protocol::id::MemberId;
use protocol::{ErrorCode, Timestamp};

use crate::limits::{CODE_GUESS_PERIOD, CODE_GUESSES_AT_ONCE, COUNTED_MAX, COUNTERS_MAX};
use crate::secrets::random;

/// What is counted, for each member apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rate {
    /// New sets of recovery codes.
    RecoveryCodes,
    /// New passkeys begun.
    Passkey,
    /// New links for another device.
    DeviceLink,
    /// New invitations.
    Invite,
    /// Names and follows. What only takes away (sessions, passkeys, invitations) counts nothing: whoever has stolen a
    /// session must not be able to keep its owner from ending it, and no more can be taken away than was made.
    Write,
    /// Pictures put up: each is another file for everybody who sees them.
    Picture,
    /// New clubs.
    Club,
    /// Searches for people.
    Search,
    /// Reports that reach the administrators. Rooms count before, so whoever meets this goes from room to room.
    Report,
}

impl Rate {
    const fn bound(self) -> Bound {
        let (at_once, period) = match self {
            Self::RecoveryCodes => (3, Duration::from_secs(200)),
            Self::Passkey | Self::DeviceLink => (20, Duration::from_secs(30)),
            Self::Invite => (30, Duration::from_secs(20)),
            Self::Write => (120, Duration::from_millis(500)),
            Self::Picture => (20, Duration::from_secs(30)),
            Self::Club => (5, Duration::from_secs(120)),
            Self::Report => (10, Duration::from_secs(60)),
            Self::Search => (60, Duration::from_millis(500)),
        };
        Bound { at_once, period }
    }
}

/// So many at once, and then one more each period.
#[derive(Debug, Clone, Copy)]
struct Bound {
    at_once: u64,
    period: Duration,
}

/// Twice the longest [`Bound::full`], in milliseconds: what is further ahead was counted by a clock that was wrong.
const LONGEST: u64 = 2 * 1_000 * COUNTED_MAX.as_secs();

const CODE_GUESS: Bound = Bound { at_once: CODE_GUESSES_AT_ONCE, period: CODE_GUESS_PERIOD };

impl Bound {
    /// One more (GCRA): a counter is the moment at which it would be empty again, in milliseconds. One that is far in the
    /// future was counted by a clock that ran ahead and was put right since: it is forgotten, or it would shut somebody out
    /// for as long as the clock was wrong.
    fn step(self, empty_at: Option<u64>, now: Timestamp) -> Result<u64, ErrorCode> {
        let (period, full) = (self.period(), self.full());
        let believed = empty_at.filter(|at| at.saturating_sub(now.0) <= full.saturating_mul(2));
        let next = believed.unwrap_or(0).max(now.0).saturating_add(period);
        if next - now.0 > full { Err(ErrorCode::TooMany) } else { Ok(next) }
    }

    fn period(self) -> u64 {
        u64::try_from(self.period.as_millis()).unwrap_or(u64::MAX)
    }

    /// How far ahead a counter can be.
    fn full(self) -> u64 {
        self.at_once.saturating_mul(self.period())
    }
}

/// The counters.
#[derive(Debug)]
pub(crate) struct Rates {
    key: Key,
    empty_at: HashMap<Tag, u64>,
    code_guesses_empty_at: Option<u64>,
}

impl Rates {
    pub(crate) fn new() -> Self {
        Self { key: Key::from_random(random()), empty_at: HashMap::new(), code_guesses_empty_at: None }
    }

    /// Counts one.
    pub(crate) fn count(&mut self, rate: Rate, who: MemberId, now: Timestamp) -> Result<(), ErrorCode> {
        let tag = self.tag(rate, who);
        let next = rate.bound().step(self.empty_at.get(&tag).copied(), now)?;
        if self.empty_at.len() >= COUNTERS_MAX && !self.empty_at.contains_key(&tag) {
            self.forget_empty(now);
            if self.empty_at.len() >= COUNTERS_MAX {
                return Err(ErrorCode::TooMany);
            }
        }
        self.empty_at.insert(tag, next);
        Ok(())
    }

    /// As if the last one had not been counted: what it was for did not come about, and is tried again.
    pub(crate) fn give_back(&mut self, rate: Rate, who: MemberId) {
        let tag = self.tag(rate, who);
        if let Some(empty_at) = self.empty_at.get_mut(&tag) {
            *empty_at = empty_at.saturating_sub(rate.bound().period());
        }
    }

    fn tag(&self, rate: Rate, who: MemberId) -> Tag {
        self.key.tag(&[&[rate as u8][..], &who.0].concat())
    }

    /// Forgets whoever has waited long enough.
    pub(crate) fn forget_empty(&mut self, now: Timestamp) {
        self.empty_at.retain(|_, at| *at > now.0 && *at - now.0 <= LONGEST);
        // What is retained is marked as removed where it lay; a table without anybody is a new one.
        self.empty_at.shrink_to_fit();
    }

    /// Whether a short code is looked at. A right one counts nothing.
    pub(crate) fn looks_at_codes(&self, now: Timestamp) -> Result<(), ErrorCode> {
        CODE_GUESS.step(self.code_guesses_empty_at, now).map(|_| ())
    }

    /// Counts a wrong short code.
    pub(crate) fn count_wrong_code(&mut self, now: Timestamp) -> Result<(), ErrorCode> {
        self.code_guesses_empty_at = Some(CODE_GUESS.step(self.code_guesses_empty_at, now)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: MemberId = MemberId([1; 16]);
    const BEN: MemberId = MemberId([2; 16]);
    const RATES: [Rate; 9] = [
        Rate::RecoveryCodes,
        Rate::Passkey,
        Rate::DeviceLink,
        Rate::Invite,
        Rate::Write,
        Rate::Picture,
        Rate::Club,
        Rate::Search,
        Rate::Report,
    ];

    #[test]
    fn so_many_at_once_and_then_one_a_period() {
        let mut rates = Rates::new();
        let start = Timestamp(1_000_000);
        for _ in 0..3 {
            rates.count(Rate::RecoveryCodes, ANN, start).expect("within");
        }
        assert_eq!(rates.count(Rate::RecoveryCodes, ANN, start), Err(ErrorCode::TooMany));
        let later = start.plus(Duration::from_secs(200));
        rates.count(Rate::RecoveryCodes, ANN, later).expect("one came back");
        assert_eq!(rates.count(Rate::RecoveryCodes, ANN, later), Err(ErrorCode::TooMany));
    }

    #[test]
    fn a_clock_that_ran_ahead_and_was_put_right_shuts_nobody_out() {
        let mut rates = Rates::new();
        let now = Timestamp(1_000_000_000);
        let ahead = now.plus(Duration::from_secs(365 * 24 * 3600));
        for rate in RATES {
            while rates.count(rate, ANN, ahead).is_ok() {}
            assert_eq!(rates.count(rate, ANN, now), Ok(()), "{rate:?}");
        }
        while rates.count_wrong_code(ahead).is_ok() {}
        assert_eq!(rates.looks_at_codes(now), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_a_little_gives_nobody_a_second_helping() {
        let mut rates = Rates::new();
        let now = Timestamp(1_000_000_000);
        for rate in RATES {
            while rates.count(rate, ANN, now).is_ok() {}
            let before = Timestamp(now.0 - 1_000);
            assert_eq!(rates.count(rate, ANN, before), Err(ErrorCode::TooMany), "{rate:?}");
            assert!(2 * rate.bound().full() <= LONGEST, "{rate:?}");
        }
    }

    #[test]
    fn one_persons_haste_is_nobody_elses() {
        let mut rates = Rates::new();
        let now = Timestamp(1);
        while rates.count(Rate::DeviceLink, ANN, now).is_ok() {}
        rates.count(Rate::DeviceLink, BEN, now).expect("Ben has asked for nothing");
        rates.count(Rate::Invite, ANN, now).expect("and this is something else");
    }

    #[test]
    fn nobody_is_counted_any_more_ten_minutes_after_their_last_try() {
        let mut rates = Rates::new();
        let start = Timestamp(1_000_000);
        for rate in RATES {
            while rates.count(rate, ANN, start).is_ok() {}
        }
        rates.forget_empty(start.plus(COUNTED_MAX / 2));
        assert!(!rates.empty_at.is_empty(), "some are slower");
        rates.forget_empty(start.plus(COUNTED_MAX));
        assert_eq!((rates.empty_at.len(), rates.empty_at.capacity()), (0, 0));
    }

    #[test]
    fn counters_that_are_empty_make_room_for_others() {
        let mut rates = Rates::new();
        let member = |number: usize| MemberId((number as u128).to_be_bytes());
        for one in 0..COUNTERS_MAX {
            rates.count(Rate::Write, member(one), Timestamp(0)).expect("room");
        }
        assert_eq!(rates.count(Rate::Write, member(COUNTERS_MAX), Timestamp(0)), Err(ErrorCode::TooMany));
        rates.count(Rate::Write, member(COUNTERS_MAX), Timestamp(10_000)).expect("room again");
        assert_eq!(rates.empty_at.len(), 1);
    }
}
