//! How much one socket may say.

use std::time::{Duration, Instant};

use crate::limits::{MESSAGES_BURST, MESSAGES_PER_SECOND, MESSAGES_REFUSED_MAX};

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

#[cfg(test)]
mod tests {
    use super::*;

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
