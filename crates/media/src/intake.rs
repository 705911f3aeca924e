//! What one talker sends: in order, at a human rate, with the last packets kept until somebody listens.

use std::time::{Duration, Instant};

use crate::bucket::Bucket;
use crate::limits::{
    FRAME_TICKS, FRAME_TICKS_MAX, FRAME_TICKS_MIN, MAX_DROPOUT, MAX_MISORDER, PRE_ROLL, PRE_ROLL_SPAN,
    TALKER_PACKET_BURST, TALKER_PACKETS_PER_SECOND,
};
use crate::packet::{Payload, VoicePacket};

/// The order of one talker's packets, and the pre-roll.
pub(crate) struct Intake {
    last: Option<Position>,
    ticks: u32,
    rate: Bucket,
    kept: [Option<Spoken>; PRE_ROLL],
    /// Where the next packet is kept: the oldest.
    next: usize,
}

#[derive(Clone, Copy)]
struct Position {
    seq: u16,
    timestamp: u32,
}

/// What of a packet goes on to listeners, in the talker's own time.
#[derive(Clone, Copy)]
pub(crate) struct Spoken {
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    /// 48 kHz ticks of audio.
    pub(crate) ticks: u32,
    pub(crate) payload: Payload,
}

impl Intake {
    pub(crate) fn new() -> Self {
        Self {
            last: None,
            ticks: FRAME_TICKS,
            rate: Bucket::full(TALKER_PACKET_BURST, TALKER_PACKETS_PER_SECOND),
            kept: [const { None }; PRE_ROLL],
            next: 0,
        }
    }

    /// The talker may come with a new connection: sequence numbers start anywhere.
    pub(crate) fn restart(&mut self) {
        self.last = None;
        self.forget();
    }

    /// How much audio the packet holds, or `None` when it is to be dropped: a duplicate, late, or more than anybody can
    /// say.
    ///
    /// A late packet is dropped rather than waited for: listeners' sequence numbers are given when a frame is sent, so
    /// it has no place any more, and the packet that overtook it carries a copy of it (Opus in-band FEC).
    pub(crate) fn accept(&mut self, now: Instant, packet: &VoicePacket<'_>) -> Option<Duration> {
        let here = Position { seq: packet.seq, timestamp: packet.timestamp };
        let ahead = self.last.map(|last| here.seq.wrapping_sub(last.seq));
        if ahead.is_some_and(|ahead| ahead == 0 || ahead > u16::MAX - MAX_MISORDER) {
            return None;
        }
        if !self.rate.take(now, 1.0) {
            return None;
        }
        if let (Some(last), Some(ahead)) = (self.last, ahead) {
            if ahead > MAX_DROPOUT {
                self.restart();
            } else if ahead == 1 {
                let ticks = here.timestamp.wrapping_sub(last.timestamp);
                if (FRAME_TICKS_MIN..=FRAME_TICKS_MAX).contains(&ticks) {
                    self.ticks = ticks;
                }
            }
        }
        self.last = Some(here);
        Some(Duration::from_micros(u64::from(self.ticks) * 1000 / 48))
    }

    /// 48 kHz ticks of audio in the packet that was accepted last.
    pub(crate) fn ticks(&self) -> u32 {
        self.ticks
    }

    /// Keeps a packet that is not sent yet.
    pub(crate) fn keep(&mut self, spoken: Spoken) {
        self.kept[self.next] = Some(spoken);
        self.next = (self.next + 1) % PRE_ROLL;
    }

    /// The packets kept, oldest first, without what was said long before the newest.
    pub(crate) fn pre_roll(&self) -> impl Iterator<Item = &Spoken> + Clone {
        let (newer, older) = self.kept.split_at(self.next);
        let newest = self.last.map_or(0, |last| last.timestamp);
        older
            .iter()
            .chain(newer)
            .flatten()
            .filter(move |kept| newest.wrapping_sub(kept.timestamp) <= PRE_ROLL_SPAN)
    }

    pub(crate) fn forget(&mut self) {
        self.kept = [const { None }; PRE_ROLL];
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(seq: u16, timestamp: u32) -> VoicePacket<'static> {
        VoicePacket { seq, timestamp, marker: false, level: None, payload: &[1; 20] }
    }

    fn spoken(packet: &VoicePacket<'_>) -> Spoken {
        let payload = Payload::new(packet.payload).unwrap();
        Spoken { timestamp: packet.timestamp, marker: false, ticks: 960, payload }
    }

    fn timestamps(intake: &Intake) -> Vec<u32> {
        intake.pre_roll().map(|kept| kept.timestamp).collect()
    }

    #[test]
    fn a_late_packet_and_a_repeated_one_are_dropped() {
        let (mut intake, now) = (Intake::new(), Instant::now());
        let accepted: Vec<bool> =
            [10, 11, 13, 12, 13, 14].map(|seq| intake.accept(now, &packet(seq, 0)).is_some()).into();
        assert_eq!(accepted, [true, true, true, false, false, true]);
    }

    #[test]
    fn sequence_numbers_wrap() {
        let (mut intake, now) = (Intake::new(), Instant::now());
        assert!([65_534, 65_535, 0, 1].iter().all(|seq| intake.accept(now, &packet(*seq, 0)).is_some()));
        assert!(intake.accept(now, &packet(65_535, 0)).is_none());
    }

    #[test]
    fn a_sender_that_starts_afresh_is_followed() {
        let (mut intake, now) = (Intake::new(), Instant::now());
        assert!([100, 40_000, 40_001, 9].iter().all(|seq| intake.accept(now, &packet(*seq, 0)).is_some()));
    }

    #[test]
    fn the_length_of_a_packet_is_learnt_from_its_neighbour() {
        let (mut intake, now) = (Intake::new(), Instant::now());
        let mut length = |seq, timestamp| intake.accept(now, &packet(seq, timestamp)).unwrap().as_millis();
        assert_eq!(length(1, 0), 20);
        assert_eq!(length(2, 2880), 60);
        assert_eq!(length(3, 900_000), 60, "a gap says nothing about length");
        assert_eq!(length(4, 900_480), 10);
    }

    #[test]
    fn nobody_sends_more_than_anybody_can_say() {
        let (mut intake, start) = (Intake::new(), Instant::now());
        let mut seq = 0;
        let mut flood = |now| {
            (0..1000)
                .filter(|_| {
                    seq += 1;
                    intake.accept(now, &packet(seq, 0)).is_some()
                })
                .count()
        };
        assert_eq!(flood(start), 50);
        assert_eq!(flood(start + Duration::from_millis(100)), 12);
    }

    #[test]
    fn the_pre_roll_is_the_last_four_in_order_and_nothing_old() {
        let (mut intake, now) = (Intake::new(), Instant::now());
        let mut hear = |seq: u16, timestamp| {
            let packet = packet(seq, timestamp);
            intake.accept(now, &packet).unwrap();
            intake.keep(spoken(&packet));
        };
        hear(1, 0);
        hear(2, 960);
        (3..8).for_each(|seq| hear(seq, 480_000 + u32::from(seq) * 960));
        assert_eq!(timestamps(&intake), [4, 5, 6, 7].map(|n| 480_000 + n * 960));
        let (mut intake, now) = (Intake::new(), Instant::now());
        for (seq, timestamp) in [(1, 0), (2, 96_000), (3, 96_960)] {
            let packet = packet(seq, timestamp);
            intake.accept(now, &packet).unwrap();
            intake.keep(spoken(&packet));
        }
        assert_eq!(timestamps(&intake), [96_000, 96_960]);
    }
}
