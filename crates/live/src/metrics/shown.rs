//! How it is becomes what is shown: rounded, and not more often than every so often.

use std::time::{Duration, Instant};

use super::series::{Kind, SERIES, Sample, Truth};

/// How long what is shown stays: whoever asks more often learns nothing more. The usual period of whoever watches.
pub(super) const PERIOD: Duration = Duration::from_secs(15);

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
/// would show as ten wherever there happen to be four others. The first step lies between five and fifteen, as wide as all
/// others: if it ended at nothing, whoever watches would see when the last ones go home; if it began at ten, a room of five
/// beside five others would come and go with it. A counter is rounded down, so that it never goes back.
pub(super) fn rounded(kind: Kind, shown: u64, truth: u64) -> u64 {
    match kind {
        Kind::Gauge { step } if truth <= step / 2 || (shown == 0 && truth < step + step / 2) => 0,
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

    /// What is shown of one truth after the other.
    fn one_after_the_other<const MANY: usize>(truths: [u64; MANY]) -> [u64; MANY] {
        let (mut shown, mut now) = (Shown::default(), Instant::now());
        truths.map(|truly| {
            now += PERIOD;
            rooms(&mut shown, now, truly)
        })
    }

    #[test]
    fn fewer_than_ten_who_come_and_go_together_are_seen_nowhere() {
        for (others, guests) in (0..60).flat_map(|others| (1..10).map(move |guests| (others, guests))) {
            // Whatever is shown before; the first times it may tip over, and from then on it stays.
            for before in 0..80 {
                let (with, without) = (others + guests, others);
                let shown = one_after_the_other([before, with, without, with, without, with, without, with]);
                let [_, _, _, _, settled, then @ ..] = shown;
                assert_eq!(then, [settled; 3], "{guests} beside {others}, {before} before");
            }
        }
    }

    #[test]
    fn when_the_last_ones_go_home_nobody_sees() {
        // Ten, then two, then none: that there were two is not told from that there was nobody.
        assert_eq!(one_after_the_other([20, 10, 2, 0, 1, 0]), [20, 10, 0, 0, 0, 0]);
        for last in 0..=5 {
            assert_eq!(one_after_the_other([30, last, 0, last, 0]), [30, 0, 0, 0, 0], "{last}");
        }
    }

    #[test]
    fn many_rooms_are_seen_to_the_next_ten_or_so() {
        assert_eq!(one_after_the_other([9, 10, 14, 19, 30, 21, 20]), [0, 0, 0, 20, 30, 30, 20]);
        assert_eq!(one_after_the_other([15, 11, 10, 6, 5, 14, 15]), [20, 20, 10, 10, 0, 0, 20]);
        assert_eq!(one_after_the_other([1_234, 1_240, 1_239]), [1_230, 1_240, 1_240]);
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
