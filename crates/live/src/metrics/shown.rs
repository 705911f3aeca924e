//! How it is becomes what is shown: rounded, and not more often than every so often.

use std::time::{Duration, Instant};

use super::series::{Kind, SERIES, Sample, Truth};

/// How long what is shown stays: whoever asks more often learns nothing more. The usual period of whoever watches.
const PERIOD: Duration = Duration::from_secs(15);

/// What was shown last.
#[derive(Debug, Default)]
pub(super) struct Shown {
    at: Option<Instant>,
    values: [u64; SERIES.len()],
}

impl Shown {
    pub(super) fn look(&mut self, now: Instant, truth: impl FnOnce() -> Truth) -> [Sample; SERIES.len()] {
        if self.at.is_none_or(|at| now.saturating_duration_since(at) >= PERIOD) {
            self.at = Some(now);
            let Truth(truth) = truth();
            for ((series, shown), true_value) in SERIES.iter().zip(&mut self.values).zip(truth) {
                *shown = rounded(series.written().kind, *shown, true_value);
            }
        }
        let mut values = self.values.iter();
        SERIES.map(|series| Sample { series, value: values.next().copied().unwrap_or_default() })
    }
}

/// A gauge stays where it was until the truth is a whole step away: to the nearest ten alone, one room that comes and goes
/// would show as ten wherever there happen to be four others. A counter is rounded down, so that it never goes back.
fn rounded(kind: Kind, shown: u64, truth: u64) -> u64 {
    match kind {
        Kind::Gauge { step } if shown.abs_diff(truth) < step => shown,
        Kind::Gauge { step } => truth.saturating_add(step / 2) / step * step,
        Kind::Counter { step } => truth / step * step,
    }
}

#[cfg(test)]
mod tests {
    use super::super::series::Series;
    use super::*;

    fn truth(rooms: u64) -> Truth {
        Truth(SERIES.map(|series| if series == Series::Rooms { rooms } else { 0 }))
    }

    fn rooms(shown: &mut Shown, now: Instant, truly: u64) -> u64 {
        let samples = shown.look(now, || truth(truly));
        samples.iter().find(|sample| sample.series == Series::Rooms).expect("shown").value
    }

    #[test]
    fn one_room_that_comes_and_goes_is_seen_nowhere() {
        for others in 0..40 {
            let (mut shown, mut now) = (Shown::default(), Instant::now());
            let mut next = |truly| {
                now += PERIOD;
                rooms(&mut shown, now, truly)
            };
            // The first time it may tip over; from then on it stays.
            next(others + 1);
            let settled = next(others);
            for _ in 0..10 {
                assert_eq!([next(others + 1), next(others)], [settled; 2], "beside {others}");
            }
        }
    }

    #[test]
    fn many_rooms_are_seen_to_the_next_ten_or_so() {
        let (mut shown, mut now) = (Shown::default(), Instant::now());
        let mut next = |truly| {
            now += PERIOD;
            rooms(&mut shown, now, truly)
        };
        assert_eq!([next(9), next(10), next(14), next(19), next(20)], [0, 10, 10, 10, 20]);
        assert_eq!([next(11), next(10), next(1), next(0)], [20, 10, 10, 0]);
        assert_eq!([next(1_234), next(1_240), next(1_239)], [1_230, 1_240, 1_240]);
    }

    #[test]
    fn whoever_asks_more_often_learns_nothing_more() {
        let (mut shown, now) = (Shown::default(), Instant::now());
        assert_eq!(rooms(&mut shown, now, 100), 100);
        let soon = now + PERIOD - Duration::from_millis(1);
        assert_eq!(rooms(&mut shown, soon, 500), 100);
        assert_eq!(rooms(&mut shown, now + PERIOD, 500), 500);
    }

    #[test]
    fn a_counter_is_rounded_down_and_never_goes_back() {
        let counter = Kind::Counter { step: 1_000 };
        assert_eq!(
            [999, 1_000, 1_999, 2_000].map(|truth| rounded(counter, 0, truth)),
            [0, 1_000, 1_000, 2_000]
        );
    }
}
