//! Sequence numbers of one voice as one listener sees them: what is missing, what came twice, what came late.

/// The last 64 numbers (RFC 3711 section 3.3.2 keeps as many).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sequence {
    highest: u16,
    /// Bit n: `highest - n` has come.
    seen: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many numbers were passed over.
    New {
        missing: u16,
    },
    /// One that had been passed over.
    Late,
    Twice,
    /// Too far from the others to say anything.
    Jump,
}

/// A greater step is a restart and no loss (RFC 3550 section A.1, MAX_DROPOUT).
const JUMP: u16 = 3_000;

impl Sequence {
    pub(crate) fn step(&mut self, seq: u16) -> Step {
        let first = self.seen == 0;
        let ahead = seq.wrapping_sub(self.highest);
        let behind = self.highest.wrapping_sub(seq);
        if !first && behind < 64 {
            let bit = 1 << behind;
            let twice = self.seen & bit != 0;
            self.seen |= bit;
            return if twice { Step::Twice } else { Step::Late };
        }
        let continues = !first && ahead < JUMP;
        self.seen = if continues { self.seen.checked_shl(u32::from(ahead)).unwrap_or(0) | 1 } else { 1 };
        self.highest = seq;
        match (first, continues) {
            (true, _) => Step::New { missing: 0 },
            (_, true) => Step::New { missing: ahead - 1 },
            (_, false) => Step::Jump,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(numbers: &[u16]) -> Vec<Step> {
        let mut sequence = Sequence::default();
        numbers.iter().map(|number| sequence.step(*number)).collect()
    }

    const NEXT: Step = Step::New { missing: 0 };

    #[test]
    fn one_after_the_other_misses_nothing_around_the_wrap_too() {
        assert_eq!(steps(&[65_534, 65_535, 0, 1]), [NEXT; 4]);
        assert_eq!(steps(&[0, 1]), [NEXT; 2]);
    }

    #[test]
    fn what_is_missing_twice_or_late_is_told_apart() {
        assert_eq!(
            steps(&[5, 8, 8, 6, 6]),
            [NEXT, Step::New { missing: 2 }, Step::Twice, Step::Late, Step::Twice]
        );
        assert_eq!(steps(&[5, 205, 5]), [NEXT, Step::New { missing: 199 }, Step::Jump]);
        assert_eq!(steps(&[5, 40_000, 40_001]), [NEXT, Step::Jump, NEXT]);
    }
}
