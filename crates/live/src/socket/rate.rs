//! How much one socket may say, how much of it to others, and how often it may have a room searched.

use std::time::{Duration, Instant};

use crate::limits::{
    MESSAGES_BURST, MESSAGES_PER_SECOND, MESSAGES_REFUSED_MAX, RELAY_BYTES_BURST, RELAY_BYTES_PER_SECOND,
    SEARCHES_BURST, SEARCHES_PER_SECOND,
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

/// What a client may take beside its messages, since one costs more than another: the generic cell rate algorithm as well.
#[derive(Debug)]
pub(crate) struct Allowance {
    whole_at: Instant,
    /// Until one is there again.
    each: Duration,
    burst: u32,
}

impl Allowance {
    /// In bytes that others are to get, each recipient counted.
    pub(crate) fn to_relay(now: Instant) -> Self {
        Self {
            whole_at: now,
            each: Duration::from_secs(1) / RELAY_BYTES_PER_SECOND,
            burst: RELAY_BYTES_BURST,
        }
    }

    /// In questions.
    pub(crate) fn to_search(now: Instant) -> Self {
        Self { whole_at: now, each: Duration::from_secs(1) / SEARCHES_PER_SECOND, burst: SEARCHES_BURST }
    }

    /// `Refuse` counts nothing.
    pub(crate) fn take(&mut self, now: Instant, amount: usize) -> Verdict {
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        let whole_at = self.whole_at.max(now) + self.each * amount;
        if whole_at > now + self.each * self.burst {
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
        let mut allowance = Allowance::to_relay(now);
        let half = RELAY_BYTES_BURST as usize / 2;
        assert_eq!(allowance.take(now, half), Verdict::Take);
        assert_eq!(allowance.take(now, half), Verdict::Take);
        assert_eq!(allowance.take(now, 1_000), Verdict::Refuse);
        assert_eq!(allowance.take(now + Duration::from_secs(1), 1_000), Verdict::Take);
        assert_eq!(allowance.take(now + Duration::from_secs(1), half), Verdict::Refuse);
    }

    #[test]
    fn whoever_types_and_pauses_is_always_answered_and_whoever_asks_without_pause_now_and_then() {
        let start = Instant::now();
        let mut allowance = Allowance::to_search(start);
        let slow = Duration::from_secs(1) / SEARCHES_PER_SECOND;
        assert!((0..100).all(|nth| allowance.take(start + slow * nth, 1) == Verdict::Take));
        let start = start + slow * 1_000;
        let taken = (0..1_000u32)
            .filter(|nth| allowance.take(start + Duration::from_millis(1) * *nth, 1) == Verdict::Take)
            .count();
        assert_eq!(taken, (SEARCHES_BURST + SEARCHES_PER_SECOND - 1) as usize);
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
