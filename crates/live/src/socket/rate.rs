//! How much one socket may say, and how much of it to others.

use std::time::{Duration, Instant};

use crate::limits::{
    MESSAGES_BURST, MESSAGES_PER_SECOND, MESSAGES_REFUSED_MAX, RELAY_BYTES_BURST, RELAY_BYTES_PER_SECOND,
};

/// What becomes of one more message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Take,
    Refuse,
    /// Refused so often that nobody can be listening on the other side.
    HangUp,
}

/// Counts messages as they come: the generic cell rate algorithm.
#[derive(Debug)]
pub(crate) struct Rate {
    whole_at: Instant,
    /// Refused more often than taken lately.
    refused: u32,
}

impl Rate {
    pub(crate) fn new(now: Instant) -> Self {
        Self { whole_at: now, refused: 0 }
    }

    pub(crate) fn count(&mut self, now: Instant) -> Verdict {
        let each = Duration::from_secs(1) / MESSAGES_PER_SECOND;
        let whole_at = self.whole_at.max(now) + each;
        if whole_at <= now + each * MESSAGES_BURST {
            self.whole_at = whole_at;
            self.refused = self.refused.saturating_sub(1);
            return Verdict::Take;
        }
        self.refused += 1;
        if self.refused > MESSAGES_REFUSED_MAX { Verdict::HangUp } else { Verdict::Refuse }
    }
}

/// Counts bytes that others are to get, each recipient counted: the generic cell rate algorithm as well.
#[derive(Debug)]
pub(crate) struct RelayRate {
    whole_at: Instant,
}

impl RelayRate {
    pub(crate) fn new(now: Instant) -> Self {
        Self { whole_at: now }
    }

    /// `Refuse` counts nothing.
    pub(crate) fn count(&mut self, now: Instant, bytes: usize) -> Verdict {
        let each = Duration::from_secs(1) / RELAY_BYTES_PER_SECOND;
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let whole_at = self.whole_at.max(now) + each * bytes;
        if whole_at > now + each * RELAY_BYTES_BURST {
            return Verdict::Refuse;
        }
        self.whole_at = whole_at;
        Verdict::Take
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_relayed_is_counted_by_its_bytes_and_comes_back_with_time() {
        let now = Instant::now();
        let mut rate = RelayRate::new(now);
        let half = RELAY_BYTES_BURST as usize / 2;
        assert_eq!(rate.count(now, half), Verdict::Take);
        assert_eq!(rate.count(now, half), Verdict::Take);
        assert_eq!(rate.count(now, 1_000), Verdict::Refuse);
        assert_eq!(rate.count(now + Duration::from_secs(1), 1_000), Verdict::Take);
        assert_eq!(rate.count(now + Duration::from_secs(1), half), Verdict::Refuse);
    }

    #[test]
    fn a_burst_passes_a_flood_is_refused_and_then_cut() {
        let now = Instant::now();
        let mut rate = Rate::new(now);
        for _ in 0..MESSAGES_BURST {
            assert_eq!(rate.count(now), Verdict::Take);
        }
        for _ in 0..MESSAGES_REFUSED_MAX {
            assert_eq!(rate.count(now), Verdict::Refuse);
        }
        assert_eq!(rate.count(now), Verdict::HangUp);
        assert_eq!(rate.count(now + Duration::from_secs(1)), Verdict::Take);
    }
}
