//! Passkey ceremonies between their start and their end: in memory only, each for one use.

use std::collections::{HashMap, VecDeque};

use keeper_api::Ceremony;
use protocol::Timestamp;
use protocol::limits::CEREMONY_PERIOD;

use crate::limits::CEREMONIES_MAX;

/// Ceremonies of one kind.
#[derive(Debug)]
pub(crate) struct Ceremonies<State> {
    open: HashMap<Ceremony, (Timestamp, State)>,
    /// In the order of their starts; may name some that are finished.
    order: VecDeque<Ceremony>,
}

impl<State> Ceremonies<State> {
    pub(crate) fn start(&mut self, name: Ceremony, state: State, now: Timestamp) {
        while self.order.front().is_some_and(|oldest| self.is_past(oldest, now))
            || self.order.len() >= CEREMONIES_MAX
        {
            if let Some(oldest) = self.order.pop_front() {
                self.open.remove(&oldest);
            }
        }
        self.order.push_back(name.clone());
        self.open.insert(name, (now.plus(CEREMONY_PERIOD), state));
    }

    /// Ends a ceremony, whatever comes of it.
    pub(crate) fn take(&mut self, name: &Ceremony, now: Timestamp) -> Option<State> {
        let (until, state) = self.open.remove(name)?;
        stands(until, now).then_some(state)
    }

    fn is_past(&self, name: &Ceremony, now: Timestamp) -> bool {
        self.open.get(name).is_none_or(|(until, _)| !stands(*until, now))
    }
}

/// Not over yet, and begun by the clock of now: one that was put right since must not make a ceremony stand for as long as it
/// was wrong.
fn stands(until: Timestamp, now: Timestamp) -> bool {
    now < until && until <= now.plus(CEREMONY_PERIOD)
}

impl<State> Default for Ceremonies<State> {
    fn default() -> Self {
        Self { open: HashMap::new(), order: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(n: u16) -> Ceremony {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        Ceremony::from_random(bytes)
    }

    #[test]
    fn a_ceremony_ends_once_and_in_time() {
        let mut ceremonies = Ceremonies::default();
        let start = Timestamp(0);
        ceremonies.start(name(1), "one", start);
        ceremonies.start(name(2), "two", start);
        assert_eq!(ceremonies.take(&name(1), start), Some("one"));
        assert_eq!(ceremonies.take(&name(1), start), None, "a second time");
        assert_eq!(ceremonies.take(&name(2), start.plus(CEREMONY_PERIOD)), None, "too late");
        assert_eq!(ceremonies.take(&name(3), start), None);
    }

    #[test]
    fn a_ceremony_begun_by_a_clock_that_ran_ahead_does_not_outlive_it() {
        let mut ceremonies = Ceremonies::default();
        let (now, ahead) = (Timestamp(0), Timestamp(0).plus(1_000 * CEREMONY_PERIOD));
        ceremonies.start(name(1), "one", ahead);
        ceremonies.start(name(2), "two", now);
        assert_eq!(ceremonies.open.len(), 1, "nor does it keep a place");
        assert_eq!(ceremonies.take(&name(1), now), None);
        assert_eq!(ceremonies.take(&name(2), now), Some("two"));
    }

    #[test]
    fn a_flood_of_starts_forgets_the_oldest_and_grows_no_further() {
        let mut ceremonies = Ceremonies::default();
        let many = u16::try_from(CEREMONIES_MAX).expect("fits");
        for n in 0..=many {
            ceremonies.start(name(n), n, Timestamp(0));
        }
        assert_eq!((ceremonies.open.len(), ceremonies.order.len()), (CEREMONIES_MAX, CEREMONIES_MAX));
        assert_eq!(ceremonies.take(&name(0), Timestamp(0)), None);
        assert_eq!(ceremonies.take(&name(many), Timestamp(0)), Some(many));
        ceremonies.start(name(many), many, Timestamp(0).plus(CEREMONY_PERIOD));
        assert_eq!(ceremonies.open.len(), 1, "and what is past is let go");
    }
}
