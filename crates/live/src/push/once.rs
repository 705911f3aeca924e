//! That the same is not said to somebody again and again: whoever starts ten rooms in a row rings once.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use keyed::{Key, Tag};

use crate::limits::{SAID_AGAIN_PERIOD, SAID_MAX};

/// What was said lately, as keyed hashes.
pub(super) struct Once {
    key: Key,
    said: HashSet<Tag>,
    /// The oldest first.
    order: VecDeque<(Instant, Tag)>,
}

impl Once {
    pub(super) fn new(random: [u8; 32]) -> Self {
        Self { key: Key::from_random(random), said: HashSet::new(), order: VecDeque::new() }
    }

    /// Whether this is to be said: it was not for a while, and there is not too much of it.
    pub(super) fn is_first(&mut self, now: Instant, said: &[u8]) -> bool {
        self.forget(now);
        let tag = self.key.tag(said);
        if self.order.len() >= SAID_MAX || !self.said.insert(tag) {
            return false;
        }
        self.order.push_back((now, tag));
        true
    }

    /// What is over. Gives when the next is.
    pub(super) fn forget(&mut self, now: Instant) -> Duration {
        while let Some((when, tag)) = self.order.front().copied() {
            let age = now.saturating_duration_since(when);
            if age < SAID_AGAIN_PERIOD {
                return SAID_AGAIN_PERIOD - age;
            }
            self.order.pop_front();
            self.said.remove(&tag);
        }
        SAID_AGAIN_PERIOD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_in_ten_minutes_and_then_again() {
        let (mut once, begin) = (Once::new([7; 32]), Instant::now());
        assert!(once.is_first(begin, b"ann"));
        assert!(once.is_first(begin, b"ben"), "others are others");
        assert!(!once.is_first(begin + SAID_AGAIN_PERIOD / 2, b"ann"));
        assert_eq!(once.forget(begin + SAID_AGAIN_PERIOD / 2), SAID_AGAIN_PERIOD / 2);
        assert!(once.is_first(begin + SAID_AGAIN_PERIOD, b"ann"));
        once.forget(begin + 2 * SAID_AGAIN_PERIOD);
        assert!(once.said.is_empty() && once.order.is_empty(), "nothing is remembered of it");
    }

    #[test]
    fn where_very_much_was_said_nothing_more_is() {
        let (mut once, begin) = (Once::new([7; 32]), Instant::now());
        for number in 0..SAID_MAX {
            assert!(once.is_first(begin, &number.to_be_bytes()));
        }
        assert!(!once.is_first(begin, b"one more"));
        assert!(once.is_first(begin + SAID_AGAIN_PERIOD, b"one more"));
    }
}
