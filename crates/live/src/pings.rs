//! How often somebody pings others into rooms. Who pinged whom is kept under a random key, as what stands for the two: it is
//! good for the question whether it was these, and for nothing else.

use keyed::{Key, Tag};
use protocol::id::MemberId;
use protocol::limits::{PING_AGAIN, PING_EACH, PINGS_BURST};
use protocol::{ErrorCode, Timestamp};

use crate::limits::{PINGED_MAX, PINGERS_MAX, PINGS_SWEEP};
use crate::often::Often;

pub(crate) struct Pings {
    key: Key,
    by_one: Often<Box<Tag>>,
    to_one: Often<Box<Tag>>,
    /// When it is looked next for what can be forgotten; never where there is nothing.
    due: Option<Timestamp>,
}

impl Pings {
    /// The key is random.
    pub(crate) fn new(key: Key) -> Self {
        Self {
            key,
            by_one: Often::new(PING_EACH, PINGS_BURST, PINGERS_MAX),
            to_one: Often::new(PING_AGAIN, 1, PINGED_MAX),
            due: None,
        }
    }

    /// One more, from one to another.
    ///
    /// # Errors
    /// `NotNow` where they were pinged by the same a moment ago; `TooMany` for whoever pings all the time; `Busy` where too many
    /// others do.
    pub(crate) fn take(&mut self, now: Timestamp, by: MemberId, to: MemberId) -> Result<(), ErrorCode> {
        self.advance(now);
        let pinger = Box::new(self.key.tag(&by.0));
        let both = Box::new(self.key.tag(&[by.0, to.0].concat()));
        self.to_one.check(now, &both).map_err(|error| match error {
            ErrorCode::TooMany => ErrorCode::NotNow,
            error => error,
        })?;
        self.by_one.take(now, pinger)?;
        self.due.get_or_insert(now.plus(PINGS_SWEEP));
        self.to_one.take(now, both)
    }

    /// Forgets whose time is over, in turns: there can be very many.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        self.by_one.advance(now);
        self.to_one.advance(now);
        let some = self.by_one.next().is_some() || self.to_one.next().is_some();
        self.due = some.then(|| now.plus(PINGS_SWEEP));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_800_000_000_000);

    fn member(n: u8) -> MemberId {
        MemberId([n; 16])
    }

    fn pings() -> Pings {
        Pings::new(Key::from_random([7; 32]))
    }

    #[test]
    fn nobody_is_pinged_twice_by_the_same_person_within_minutes_and_others_may() {
        let mut pings = pings();
        assert_eq!(pings.take(START, member(1), member(2)), Ok(()));
        let soon = START.plus(PING_AGAIN / 2);
        assert_eq!(pings.take(soon, member(1), member(2)), Err(ErrorCode::NotNow));
        assert_eq!(pings.take(soon, member(3), member(2)), Ok(()));
        assert_eq!(pings.take(soon, member(2), member(1)), Ok(()), "it is the other way round");
        assert_eq!(pings.take(START.plus(PING_AGAIN), member(1), member(2)), Ok(()));
    }

    #[test]
    fn whoever_pings_everybody_is_stopped_and_goes_on_later() {
        let mut pings = pings();
        let all = u8::try_from(PINGS_BURST).unwrap();
        assert!((0..all).all(|n| pings.take(START, member(200), member(n)).is_ok()));
        assert_eq!(pings.take(START, member(200), member(all)), Err(ErrorCode::TooMany));
        assert_eq!(pings.take(START.plus(PING_EACH), member(200), member(all)), Ok(()));
        assert_eq!(pings.take(START, member(201), member(all)), Ok(()), "others are not held back");
    }

    #[test]
    fn what_was_counted_is_forgotten() {
        let mut pings = pings();
        pings.take(START, member(1), member(2)).expect("taken");
        for seconds in 0..=(PING_AGAIN + PINGS_SWEEP).as_secs() {
            pings.advance(Timestamp(START.0 + seconds * 1_000));
        }
        assert_eq!((pings.by_one.next(), pings.to_one.next(), pings.due), (None, None, None));
    }
}
