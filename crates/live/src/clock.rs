//! The one place that reads the time and draws randomness; everything below is told.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use protocol::Timestamp;

static ROOMS: LazyLock<Steady> = LazyLock::new(|| Steady::new(Instant::now(), by_the_wall()));

/// The time of rooms, by the steady clock: when the machine is told that it was wrong about the time, no absence ends by
/// it, and no invitation lapses.
pub(crate) fn now() -> Timestamp {
    ROOMS.now(Instant::now())
}

/// Sets the time of rooms by the wall clock. For a moment in which there are none.
pub(crate) fn set() {
    ROOMS.set(Instant::now(), by_the_wall());
}

/// What the wall clock says now, UTC: for what ends on a day.
#[expect(clippy::disallowed_methods, reason = "the one place that does")]
pub(crate) fn by_the_wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Until the start of a day, counted from the Unix epoch.
pub(crate) fn until_day(day: u32) -> Duration {
    Timestamp(u64::from(day) * 24 * 3600 * 1000).since(by_the_wall())
}

/// The first moment after `from` that is a whole number of such steps since the process began.
pub(crate) fn next_step(from: Instant, step: Duration) -> Instant {
    ROOMS.next_step(from, step)
}

/// A clock that goes on by itself once it was set.
struct Steady {
    began: Instant,
    /// What time it was then, in milliseconds.
    began_at: AtomicU64,
}

impl Steady {
    fn new(began: Instant, at: Timestamp) -> Self {
        Self { began, began_at: AtomicU64::new(at.0) }
    }

    fn set(&self, now: Instant, at: Timestamp) {
        let passed = Timestamp(0).plus(now.saturating_duration_since(self.began));
        self.began_at.store(at.0.saturating_sub(passed.0), Ordering::Relaxed);
    }

    fn next_step(&self, from: Instant, step: Duration) -> Instant {
        let passed = from.saturating_duration_since(self.began).as_nanos();
        let steps = passed / step.as_nanos().max(1) + 1;
        self.began + step * u32::try_from(steps).unwrap_or(u32::MAX)
    }

    fn now(&self, now: Instant) -> Timestamp {
        Timestamp(self.began_at.load(Ordering::Relaxed)).plus(now.saturating_duration_since(self.began))
    }
}

/// Random bytes from the system's generator.
///
/// # Panics
/// Where the system has no randomness: nothing here may go on without it.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_in_steps_is_done_by_all_in_the_same_moments() {
        let began = Instant::now();
        let later = |ms| began + Duration::from_millis(ms);
        let clock = Steady::new(began, Timestamp(1_000));
        let step = Duration::from_millis(250);
        for (from, next) in [(0, 250), (1, 250), (249, 250), (250, 500), (10_130, 10_250)] {
            assert_eq!(clock.next_step(later(from), step), later(next), "from {from}");
        }
    }

    #[test]
    fn the_time_of_rooms_goes_by_the_steady_clock_until_it_is_set() {
        let began = Instant::now();
        let later = |seconds| began + Duration::from_secs(seconds);
        let clock = Steady::new(began, Timestamp(1_000));
        assert_eq!(clock.now(began), Timestamp(1_000));
        assert_eq!(clock.now(later(30)), Timestamp(31_000));
        clock.set(later(40), Timestamp(7_000_000));
        assert_eq!(clock.now(later(40)), Timestamp(7_000_000));
        assert_eq!(clock.now(later(41)), Timestamp(7_001_000));
    }
}
