//! Whether the thread rests between two turns.
//!
//! In a thousand rooms somebody's packet comes every few dozen microseconds. A thread that waits for each alone is woken
//! for each alone, and asks the kernel once for what comes and once for what leaves. Rested for a millisecond it finds
//! many of them together, and nobody hears a millisecond.

use std::time::{Duration, Instant};

use crate::limits::{PACE_INPUTS, PACE_REST, PACE_WINDOW};

pub(crate) struct Pace {
    began: Instant,
    inputs: usize,
    last: Busy,
}

/// Of the window before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Busy {
    No,
    Yes,
}

impl Pace {
    pub(crate) fn new(now: Instant) -> Self {
        Self { began: now, inputs: 0, last: Busy::No }
    }

    /// A turn is over that had so many datagrams and messages: how long to rest before the next.
    pub(crate) fn turned(&mut self, now: Instant, inputs: usize) -> Duration {
        self.inputs += inputs;
        let span = now.saturating_duration_since(self.began);
        if span >= PACE_WINDOW {
            // A window that ends late had its inputs over a longer time.
            let windows = span.as_nanos() / PACE_WINDOW.as_nanos();
            let each = self.inputs / usize::try_from(windows).unwrap_or(usize::MAX).max(1);
            let last = if each >= PACE_INPUTS { Busy::Yes } else { Busy::No };
            *self = Self { began: now, inputs: 0, last };
        }
        match self.last {
            Busy::Yes => PACE_REST,
            Busy::No => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// What is rested after a second of this many inputs every millisecond.
    fn after_a_second(inputs: usize) -> Duration {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        (0..1_000u32).fold(Duration::ZERO, |_, ms| pace.turned(start + ms * MS, inputs))
    }

    #[test]
    fn whoever_talks_in_a_few_rooms_is_never_waited_for() {
        assert_eq!(after_a_second(1), Duration::ZERO);
        // And the first packet after a silence least of all.
        let start = Instant::now();
        assert_eq!(Pace::new(start).turned(start + 500 * MS, 64), Duration::ZERO);
    }

    #[test]
    fn where_packets_come_all_the_time_many_are_taken_together_until_they_no_longer_do() {
        assert_eq!(after_a_second(10), PACE_REST);
        let start = Instant::now();
        let mut pace = Pace::new(start);
        for ms in 0..40u32 {
            pace.turned(start + ms * MS, 10);
        }
        let rests: Vec<_> = (0..60u32).map(|ms| pace.turned(start + (40 + ms) * MS, 0)).collect();
        assert_eq!(rests.first(), Some(&PACE_REST));
        assert_eq!(rests.last(), Some(&Duration::ZERO));
    }
}
