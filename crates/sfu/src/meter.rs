//! How busy a thread is: the part of its time in which it did not wait. Waiting for a processor counts as busy, since
//! what a thread cannot do in time is late whatever the reason.

use std::time::{Duration, Instant};

use media::Load;

use crate::limits::LOAD_WINDOW;

pub(crate) struct Meter {
    since: Instant,
    waited: Duration,
}

impl Meter {
    pub(crate) fn new(now: Instant) -> Self {
        Self { since: now, waited: Duration::ZERO }
    }

    /// A wait is over; says how busy the thread was when it has counted for [`LOAD_WINDOW`].
    pub(crate) fn waited(&mut self, from: Instant, to: Instant) -> Option<Load> {
        self.waited += to.saturating_duration_since(from);
        let span = to.saturating_duration_since(self.since);
        if span < LOAD_WINDOW {
            return None;
        }
        let load = Load::of(span, self.waited);
        *self = Self::new(to);
        Some(load)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_works_three_quarters_of_its_time_is_as_busy_as_that() {
        let ms = Duration::from_millis(1);
        let start = Instant::now();
        let mut meter = Meter::new(start);
        let loads: Vec<_> = (0..500u32)
            .filter_map(|turn| meter.waited(start + (turn * 4 + 3) * ms, start + (turn * 4 + 4) * ms))
            .map(Load::permille)
            .collect();
        assert_eq!(loads, [750, 750]);
    }
}
