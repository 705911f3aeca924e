//! How often somebody was put out of a room, for whoever runs the server: the one number of order that only rooms know.
//!
//! The keeper, which keeps the others, never learns whether a room took place. So this one is kept nowhere: it is what the
//! metrics say of it, in tens, and not newer than every so often.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::counts::Counts;
use super::series::{Action, Series};
use super::shown::{PERIOD, rounded};

/// Since this process started.
pub(crate) struct PutOut {
    counts: Counts,
    /// When it was looked at last, and what was shown.
    shown: Mutex<Option<(Instant, u64)>>,
}

impl PutOut {
    pub(crate) fn new(counts: Counts) -> Self {
        Self { counts, shown: Mutex::new(None) }
    }

    /// Removals, time-outs and bans, those that were taken back among them.
    pub(crate) fn look(&self, now: Instant) -> u64 {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, value)) = *shown
            && now.saturating_duration_since(at) < PERIOD
        {
            return value;
        }
        let truth = self.counts.of(Action::Removal).saturating_add(self.counts.of(Action::Ban));
        let value = rounded(Series::Done(Action::Removal).written().kind, 0, truth);
        *shown = Some((now, value));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_sees_tens_of_removals_and_not_the_moment_of_one() {
        let (counts, now) = (Counts::default(), Instant::now());
        let put_out = PutOut::new(counts.clone());
        for action in [[Action::Removal; 8], [Action::Ban; 8]].as_flattened() {
            assert_eq!(put_out.look(now), 0);
            counts.count(*action);
        }
        counts.count(Action::Mute);
        assert_eq!(put_out.look(now), 0, "nothing new for a while");
        assert_eq!(put_out.look(now + PERIOD), 10);
    }
}
