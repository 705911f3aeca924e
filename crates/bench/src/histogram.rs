//! How often which duration came: buckets of under one percent.

/// Sub-buckets of a power of two, as bits: 2^-7 is 0.8 %.
const BITS: u32 = 7;
const PER_OCTAVE: usize = 1 << BITS;
/// Up to 2^40 ns, eighteen minutes; longer ones count as that.
const OCTAVES: usize = 34;
const BUCKETS: usize = OCTAVES * PER_OCTAVE;

/// Of nanoseconds.
#[derive(Clone)]
pub(crate) struct Histogram {
    counts: Box<[u64]>,
    total: u64,
    largest: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS].into_boxed_slice(), total: 0, largest: 0 }
    }
}

impl Histogram {
    pub(crate) fn add(&mut self, nanoseconds: u64) {
        if let Some(count) = self.counts.get_mut(bucket(nanoseconds)) {
            *count += 1;
        }
        self.total += 1;
        self.largest = self.largest.max(nanoseconds);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
        self.largest = self.largest.max(other.largest);
    }

    pub(crate) fn count(&self) -> u64 {
        self.total
    }

    /// The upper edge of the bucket below which this share (of a million) lies; `None` of nothing.
    pub(crate) fn quantile(&self, millionths: u64) -> Option<u64> {
        let rank = u128::from(self.total) * u128::from(millionths);
        let rank = u64::try_from(rank.div_ceil(1_000_000)).unwrap_or(self.total).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Some(upper_edge(bucket).min(self.largest));
            }
        }
        None
    }

    pub(crate) fn largest(&self) -> Option<u64> {
        (self.total > 0).then_some(self.largest)
    }

    /// Upper edges and counts of those that are not empty, in order.
    pub(crate) fn filled(&self) -> impl Iterator<Item = (u64, u64)> {
        let filled = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(bucket, count)| (upper_edge(bucket), *count))
    }
}

fn bucket(value: u64) -> usize {
    let exponent = value.checked_ilog2().unwrap_or(0);
    let bucket = if exponent < BITS {
        usize::try_from(value).unwrap_or(0)
    } else {
        let shift = exponent - BITS;
        let within = usize::try_from(value >> shift).unwrap_or(0) - PER_OCTAVE;
        (shift as usize + 1) * PER_OCTAVE + within
    };
    bucket.min(BUCKETS - 1)
}

fn upper_edge(bucket: usize) -> u64 {
    let (octave, within) = (bucket / PER_OCTAVE, bucket % PER_OCTAVE);
    if octave == 0 {
        return within as u64;
    }
    let shift = octave - 1;
    (((PER_OCTAVE + within + 1) as u64) << shift) - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_duration_is_found_again_to_one_percent(value in 0u64..1 << 39) {
            let edge = upper_edge(bucket(value));
            prop_assert!(edge >= value);
            prop_assert!(edge - value <= value / 100 + 1);
        }
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(500_000), None);
        for value in 1..=1_000u64 {
            histogram.add(value * 1_000);
        }
        let within = |millionths, expected: u64| {
            let found = histogram.quantile(millionths).expect("not empty");
            assert!(found >= expected && found <= expected + expected / 100, "{found} for {expected}");
        };
        within(500_000, 500_000);
        within(990_000, 990_000);
        within(999_000, 999_000);
        assert_eq!(histogram.quantile(1_000_000), Some(1_000_000));
    }

    #[test]
    fn two_together_are_as_one() {
        let (mut one, mut other, mut both) =
            (Histogram::default(), Histogram::default(), Histogram::default());
        for value in 0..500 {
            one.add(value);
            other.add(value * 7_000);
            both.add(value);
            both.add(value * 7_000);
        }
        one.merge(&other);
        assert_eq!((one.total, one.largest), (both.total, both.largest));
        assert_eq!(one.counts, both.counts);
    }

    #[test]
    fn what_is_too_long_counts_as_the_longest() {
        let mut histogram = Histogram::default();
        histogram.add(u64::MAX);
        assert_eq!(histogram.filled().count(), 1);
        assert_eq!(histogram.largest(), Some(u64::MAX));
    }
}
