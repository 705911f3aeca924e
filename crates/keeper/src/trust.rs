//! Whether the wall clock is believed where something goes for good.
//!
//! What lapsed is refused by whatever the clock says, and comes back when that was wrong. What was deleted does not come back:
//! so a clock that jumps is doubted for an hour by the steady one, in which whoever set it wrong can put it right.

use std::time::Duration;

use protocol::Timestamp;
use tokio::time::Instant;

/// Further than this nobody's clock drifts between two looks.
const JUMP_MIN: Duration = Duration::from_secs(120);
/// How long a clock is doubted that jumped.
const DOUBT_PERIOD: Duration = Duration::from_secs(3600);

/// What is remembered of the clock.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    last: Option<(Timestamp, Instant)>,
    doubted_until: Option<Instant>,
}

/// Whether what ends by the clock may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    Believed,
    Doubted,
}

impl Trust {
    /// Looks at both clocks. The first look of a process is believed: it has nothing to compare with.
    pub(crate) fn look(&mut self, wall: Timestamp, steady: Instant) -> Clock {
        if let Some((wall_before, steady_before)) = self.last.replace((wall, steady)) {
            let expected = wall_before.plus(steady.saturating_duration_since(steady_before));
            if wall.since(expected).max(expected.since(wall)) > JUMP_MIN {
                self.doubted_until = Some(steady + DOUBT_PERIOD);
            }
        }
        match self.doubted_until {
            Some(until) if steady < until => Clock::Doubted,
            _ => Clock::Believed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_is_doubted_for_an_hour_and_one_that_drifts_is_not() {
        let mut trust = Trust::default();
        let began = Instant::now();
        let hour = 3_600;
        let mut look = |seconds: u64, wall_seconds: u64| {
            trust.look(Timestamp(wall_seconds * 1_000), began + Duration::from_secs(seconds))
        };
        assert_eq!(look(0, 50_000), Clock::Believed);
        assert_eq!(look(10, 50_012), Clock::Believed, "put right by two seconds");
        assert_eq!(look(20, 50_020 + 100 * hour), Clock::Doubted, "four days ahead");
        assert_eq!(look(20 + hour - 1, 50_020 + 101 * hour - 1), Clock::Doubted);
        assert_eq!(look(20 + hour, 50_020 + 101 * hour), Clock::Believed, "nobody put it right");
        assert_eq!(look(30 + hour, 50_030 + hour), Clock::Doubted, "and somebody did");
        assert_eq!(look(30 + 2 * hour, 50_030 + 2 * hour), Clock::Believed);
    }
}
