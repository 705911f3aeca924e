//! The clock of one slot: talkers come and go with clocks of their own, listeners see a single one that never stops.

use std::time::Instant;

use crate::limits::{BEHIND_FOR, FRAME_TICKS, MAX_AHEAD, MAX_BEHIND, SPURT_GAP};

/// Maps a talker's RTP timestamps to the slot's. Both run at 48 kHz; the slot's follows real time, starts at a random
/// value (RFC 3550 section 5.1) and wraps every 24.8 hours, which nobody notices.
pub(crate) struct SlotClock {
    first: u32,
    started: Option<Instant>,
    /// Slot time minus the talker's time.
    offset: u32,
    last: Option<u32>,
    /// The next stamp begins a talk spurt.
    spurt: bool,
    behind_since: Option<Instant>,
}

/// A packet's place on the slot's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub timestamp: u32,
    /// The slot's own reason for a marker: a new talker, a gap, a clock that was caught.
    pub marker: bool,
}

/// Why a packet gets no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// Said more than a second ago: the uplink was stalled.
    Stale,
    /// Faster than time itself.
    Ahead,
}

impl SlotClock {
    pub(crate) fn new(first: u32) -> Self {
        Self { first, started: None, offset: 0, last: None, spurt: true, behind_since: None }
    }

    /// A talker takes the slot. `newest` was said now; `oldest` is the first packet that will be stamped.
    pub(crate) fn begin(&mut self, now: Instant, oldest: u32, newest: u32) {
        self.offset = self.real_time(now).wrapping_sub(newest);
        if let Some(last) = self.last
            && ticks_from(last, oldest.wrapping_add(self.offset)) < ticks(FRAME_TICKS)
        {
            self.offset = last.wrapping_add(FRAME_TICKS).wrapping_sub(oldest);
        }
        self.spurt = true;
        self.behind_since = None;
    }

    /// The place of the talker's next packet, later than every place given before. Packets come in the talker's order
    /// (late ones were dropped before), so a timestamp that runs backwards means a clock that jumped.
    pub(crate) fn stamp(&mut self, now: Instant, timestamp: u32) -> Result<Stamp, NoPlace> {
        let real = self.real_time(now);
        let mut place = timestamp.wrapping_add(self.offset);
        let ahead = ticks_from(real, place);
        if ahead < -MAX_BEHIND {
            let since = *self.behind_since.get_or_insert(now);
            if now.saturating_duration_since(since) < BEHIND_FOR {
                return Err(NoPlace::Stale);
            }
        } else {
            self.behind_since = None;
        }
        let backwards = self.last.is_some_and(|last| ticks_from(last, place) <= 0);
        if backwards || !(-MAX_BEHIND..=MAX_AHEAD).contains(&ahead) {
            self.begin(now, timestamp, timestamp);
            place = timestamp.wrapping_add(self.offset);
            if ticks_from(real, place) > MAX_AHEAD {
                return Err(NoPlace::Ahead);
            }
        }
        let gap = self.last.is_none_or(|last| ticks_from(last, place) >= SPURT_GAP);
        self.last = Some(place);
        Ok(Stamp { timestamp: place, marker: std::mem::take(&mut self.spurt) | gap })
    }

    /// Gives a packet that nobody would miss no place, if the clock is a packet ahead of real time: the next one takes
    /// it, so that what turns have hurried is slowed down in pauses. Whether it did.
    pub(crate) fn leaves_out(&mut self, now: Instant, timestamp: u32) -> bool {
        let place = timestamp.wrapping_add(self.offset);
        let Some(last) = self.last else { return false };
        if ticks_from(self.real_time(now), place) < ticks(FRAME_TICKS) {
            return false;
        }
        self.offset = last.wrapping_sub(timestamp);
        true
    }

    fn real_time(&mut self, now: Instant) -> u32 {
        let started = *self.started.get_or_insert(now);
        let micros = now.saturating_duration_since(started).as_micros();
        // Wraps by design: the low 32 bits are the timestamp.
        let [a, b, c, d, ..] = (micros * 48 / 1000).to_le_bytes();
        self.first.wrapping_add(u32::from_le_bytes([a, b, c, d]))
    }
}

/// How far `to` is after `from`, on a circle.
fn ticks_from(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

fn ticks(count: u32) -> i32 {
    count.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// A clock that wraps soon, and its start.
    fn clock() -> (SlotClock, Instant) {
        let mut clock = SlotClock::new(u32::MAX - 2000);
        let start = Instant::now();
        clock.real_time(start);
        (clock, start)
    }

    #[test]
    fn a_gap_of_silence_passes_on_the_clock_and_marks_the_next_word() {
        let (mut clock, start) = clock();
        clock.begin(start, 5000, 5000);
        let first = clock.stamp(start, 5000).unwrap();
        assert!(first.marker);
        let next = clock.stamp(start + ms(20), 5960).unwrap();
        assert_eq!(next, Stamp { timestamp: first.timestamp.wrapping_add(960), marker: false });
        let later = clock.stamp(start + ms(1020), 5960 + 48_000).unwrap();
        assert_eq!(later, Stamp { timestamp: next.timestamp.wrapping_add(48_000), marker: true });
    }

    #[test]
    fn the_next_talker_follows_the_last_without_overlap() {
        let (mut clock, start) = clock();
        clock.begin(start, 0, 0);
        let ann = clock.stamp(start, 0).unwrap();
        // Ben's pre-roll began 60 ms ago, while Ann was still heard.
        clock.begin(start + ms(10), 900_000, 900_000 + 2880);
        let ben = clock.stamp(start + ms(10), 900_000).unwrap();
        assert_eq!(ben, Stamp { timestamp: ann.timestamp.wrapping_add(960), marker: true });
    }

    #[test]
    fn a_clock_that_jumps_forward_is_caught_at_once() {
        let (mut clock, start) = clock();
        clock.begin(start, 0, 0);
        let before = clock.stamp(start, 0).unwrap();
        let after = clock.stamp(start + ms(20), 2_000_000_000).unwrap();
        assert_eq!(after, Stamp { timestamp: before.timestamp.wrapping_add(960), marker: true });
        let next = clock.stamp(start + ms(40), 2_000_000_960).unwrap();
        assert_eq!(next, Stamp { timestamp: after.timestamp.wrapping_add(960), marker: false });
    }

    #[test]
    fn a_clock_that_jumps_back_a_little_loses_nothing() {
        let (mut clock, start) = clock();
        clock.begin(start, 100_000, 100_000);
        let before = clock.stamp(start, 100_000).unwrap();
        let after = clock.stamp(start + ms(20), 90_000).unwrap();
        assert_eq!(after.timestamp, before.timestamp.wrapping_add(960));
    }

    #[test]
    fn words_older_than_a_second_are_not_repeated_but_a_jump_back_is_followed() {
        let (mut clock, start) = clock();
        clock.begin(start, 0, 0);
        clock.stamp(start, 0).unwrap();
        assert_eq!(clock.stamp(start + ms(2000), 960), Err(NoPlace::Stale));
        assert!(clock.stamp(start + ms(2001), 1900 * 48).is_ok(), "the stall is over");
        let far = 2_500_000_000;
        assert_eq!(clock.stamp(start + ms(2020), far), Err(NoPlace::Stale));
        assert_eq!(clock.stamp(start + ms(2200), far + 8640), Err(NoPlace::Stale));
        assert!(clock.stamp(start + ms(2221), far + 9600).unwrap().marker);
    }

    #[test]
    fn who_speaks_faster_than_time_is_cut_short() {
        let (mut clock, start) = clock();
        clock.begin(start, 0, 0);
        let placed = (0..100).filter(|i| clock.stamp(start, i * 960).is_ok()).count();
        assert_eq!(placed, 26, "the first and 500 ms more");
        assert!(clock.stamp(start + ms(1000), 100 * 960).is_ok(), "time has caught up");
    }
}
