//! How long a frame waits for those that are to share its packet, and how that grows without a gap in anybody's ears.
//!
//! From one frame in a packet to two, the first comes 20 ms later than it would have: more than a jitter buffer has to
//! spare. So the wait grows slowly, a hundredth of the time that passes, and listeners stretch what they play by as
//! much. The other way round nothing has to grow: what comes early waits in the buffer, which plays a little faster.

use std::time::{Duration, Instant};

use crate::limits::{CLOCK_RATE, EASE, FRAME_TICKS, PACK_SLACK};
use crate::pack::Packing;

/// The packing of one class of listeners, and how far the wait for it has grown.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    packing: Packing,
    /// Since when the wait grows, and from what.
    grows: Option<(Instant, Duration)>,
}

impl Pace {
    pub(crate) fn packing(&self) -> Packing {
        self.packing
    }

    pub(crate) fn change(&mut self, now: Instant, packing: Packing) {
        let wait = self.grown(now).min(settled(packing));
        self.packing = packing;
        self.grows = (wait < settled(packing)).then_some((now, wait));
    }

    /// How long a frame that comes now may wait for others of its slot.
    pub(crate) fn wait(&mut self, now: Instant) -> Duration {
        let grown = self.grown(now);
        if grown < settled(self.packing) {
            return grown;
        }
        self.grows = None;
        match self.packing {
            Packing::One => Duration::ZERO,
            // Now that a packet leaves when it is full, one that is not may wait for a frame that is a little late.
            Packing::Two | Packing::Three => grown + PACK_SLACK,
        }
    }

    fn grown(&self, now: Instant) -> Duration {
        let settled = settled(self.packing);
        self.grows
            .map_or(settled, |(since, from)| settled.min(from + now.saturating_duration_since(since) / EASE))
    }
}

/// From the first frame of a full packet to its last.
fn settled(packing: Packing) -> Duration {
    let ticks = packing.span().saturating_sub(FRAME_TICKS);
    Duration::from_micros(u64::from(ticks) * 1_000_000 / u64::from(CLOCK_RATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn the_wait_grows_by_a_hundredth_of_the_time_and_then_allows_for_late_frames() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        assert_eq!(pace.wait(start), Duration::ZERO);
        pace.change(start, Packing::Two);
        assert_eq!(pace.wait(start), Duration::ZERO);
        assert_eq!(pace.wait(start + ms(500)), ms(5));
        assert_eq!(pace.wait(start + ms(2_000)), ms(20) + PACK_SLACK);
        pace.change(start + ms(3_000), Packing::Three);
        assert_eq!(pace.wait(start + ms(3_000)), ms(20));
        assert_eq!(pace.wait(start + ms(4_000)), ms(30));
        assert_eq!(pace.wait(start + ms(9_000)), ms(40) + PACK_SLACK);
    }

    #[test]
    fn less_is_less_at_once_and_half_grown_goes_on_from_there() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        pace.change(start, Packing::Three);
        assert_eq!(pace.wait(start + ms(3_000)), ms(30));
        pace.change(start + ms(3_000), Packing::Two);
        assert_eq!(pace.wait(start + ms(3_000)), ms(20) + PACK_SLACK);
        pace.change(start + ms(3_000), Packing::One);
        assert_eq!(pace.wait(start + ms(3_000)), Duration::ZERO);
        pace.change(start + ms(3_000), Packing::Two);
        assert_eq!(pace.wait(start + ms(4_000)), ms(10));
    }
}
