//! What is heard: three slots, each decoded by itself, and their sum.

use protocol::id::ParticipantId;
use protocol::media::SLOTS;

use super::codec::{CodecError, Decoder, duration};
use super::jitter::{Jitter, Next, Surplus, Voice};
use super::{FRAME, Frame, SILENCE};
use crate::limits::PACKET_BYTES_MAX;
use crate::peer::{Level, Packet};

/// Below this a frame can be left out and nobody notices.
const QUIET: Level = Level(50);

/// Listens to one room.
pub struct Listener {
    slots: [Slot; SLOTS],
}

/// 20 ms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub samples: Frame,
    /// Who is heard in each slot, and how loud.
    pub talkers: [Option<(ParticipantId, Level)>; SLOTS],
}

struct Slot {
    jitter: Jitter,
    decoder: Decoder,
    /// Decoded and not played: less than one packet.
    ready: Vec<i16>,
    talker: Option<ParticipantId>,
}

impl Listener {
    pub fn new() -> Result<Self, CodecError> {
        Ok(Self { slots: [Slot::new()?, Slot::new()?, Slot::new()?] })
    }

    /// A packet that came. What is no Opus is passed over.
    pub fn hear(&mut self, packet: &Packet) {
        let Some(ticks) = duration(&packet.payload) else { return };
        if packet.payload.len() > PACKET_BYTES_MAX {
            return;
        }
        if let Some(slot) = self.slots.get_mut(packet.slot) {
            slot.jitter.push(Voice {
                timestamp: packet.timestamp,
                ticks,
                talker: packet.talker,
                payload: packet.payload.clone(),
            });
        }
    }

    /// To be called once in 20 ms.
    pub fn pull(&mut self) -> Heard {
        let mut sum = [0_i32; FRAME];
        let mut talkers = [None; SLOTS];
        for (slot, talker) in self.slots.iter_mut().zip(&mut talkers) {
            let Some(frame) = slot.pull() else { continue };
            for (all, one) in sum.iter_mut().zip(&frame) {
                *all += i32::from(*one);
            }
            *talker = slot.talker.map(|talker| (talker, Level::of(&frame)));
        }
        Heard { samples: sum.map(bounded), talkers }
    }

    /// A fresh connection has fresh clocks.
    pub fn forget(&mut self) {
        for slot in &mut self.slots {
            slot.jitter = Jitter::new();
            slot.ready.clear();
            slot.talker = None;
        }
    }
}

impl Slot {
    fn new() -> Result<Self, CodecError> {
        Ok(Self { jitter: Jitter::new(), decoder: Decoder::new()?, ready: Vec::new(), talker: None })
    }

    /// None in silence.
    fn pull(&mut self) -> Option<Frame> {
        if self.ready.len() < FRAME {
            self.decode();
            self.catch_up();
        }
        if self.ready.is_empty() {
            return None;
        }
        let mut frame = SILENCE;
        let count = self.ready.len().min(FRAME);
        for (place, sample) in frame.iter_mut().zip(self.ready.drain(..count)) {
            *place = sample;
        }
        Some(frame)
    }

    /// Until a frame is ready, or there is silence.
    fn decode(&mut self) {
        while self.ready.len() < FRAME {
            let samples = match self.jitter.pull() {
                Next::Voice(voice) => {
                    self.talker = voice.talker.map(ParticipantId);
                    match self.decoder.decode(&voice.payload) {
                        Ok(samples) => samples,
                        // As if it had not come.
                        Err(_) => self.decoder.conceal(voice.ticks as usize, None).unwrap_or_default(),
                    }
                }
                Next::Missing { ticks, after } => {
                    self.decoder.conceal(ticks as usize, after.as_deref()).unwrap_or_default()
                }
                Next::Silence => {
                    self.talker = None;
                    return;
                }
            };
            if samples.is_empty() {
                return;
            }
            self.ready.extend_from_slice(samples);
        }
    }

    /// What is held back too long is shortened where nobody speaks, and where it must be.
    fn catch_up(&mut self) {
        let spare = match self.jitter.surplus() {
            Surplus::None => false,
            Surplus::Some => Level::of(&self.ready) > QUIET,
            Surplus::Much => true,
        };
        if spare {
            self.ready.clear();
            self.decode();
        }
    }
}

fn bounded(value: i32) -> i16 {
    i16::try_from(value).unwrap_or(if value < 0 { i16::MIN } else { i16::MAX })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::codec::Encoder;
    use super::super::{FRAME_TICKS, Tone, strength};
    use super::*;

    /// Somebody who says a tone into a slot.
    struct Talker {
        slot: u8,
        tone: Tone,
        encoder: Encoder,
        seq: u32,
    }

    impl Talker {
        fn new(slot: u8, hz: f64) -> Self {
            let (tone, encoder) = (Tone::new(hz).expect("audible"), Encoder::new().expect("an encoder"));
            Self { slot, tone, encoder, seq: 0 }
        }

        fn say(&mut self) -> Packet {
            let mut frame = SILENCE;
            self.tone.fill(&mut frame);
            self.seq += 1;
            Packet {
                at: Instant::now(),
                slot: self.slot.into(),
                ssrc: 0,
                seq: self.seq.into(),
                timestamp: self.seq * FRAME_TICKS,
                marker: self.seq == 1,
                talker: Some(u32::from(self.slot) + 10),
                payload_type: 111,
                payload: self.encoder.encode(&frame).expect("a packet").into(),
            }
        }
    }

    #[test]
    fn three_who_speak_at_once_are_heard_together() {
        let mut talkers = [(0, 400.0), (1, 700.0), (2, 1_100.0)].map(|(slot, hz)| Talker::new(slot, hz));
        let mut listener = Listener::new().expect("a listener");
        let mut heard = Vec::new();
        let mut last = None;
        for _ in 0..60 {
            talkers.iter_mut().for_each(|talker| listener.hear(&talker.say()));
            let now = listener.pull();
            heard.extend(now.samples);
            last = Some(now);
        }
        for hz in [400.0, 700.0, 1_100.0] {
            let part = strength(&heard[20 * FRAME..], hz);
            assert!((0.25..0.4).contains(&part), "{hz}: {part}");
        }
        let talkers = last.expect("heard").talkers.map(|talker| talker.expect("somebody"));
        assert_eq!(talkers.map(|(who, _)| who.0), [10, 11, 12]);
        assert!(talkers.iter().all(|(_, level)| (13..=17).contains(&level.0)), "{talkers:?}");
    }

    #[test]
    fn whoever_stops_is_silence_soon_and_nobody() {
        let mut talker = Talker::new(0, 440.0);
        let mut listener = Listener::new().expect("a listener");
        for _ in 0..20 {
            listener.hear(&talker.say());
            listener.pull();
        }
        let frames: Vec<Heard> = (0..10).map(|_| listener.pull()).collect();
        let silent = Heard { samples: SILENCE, talkers: [None; SLOTS] };
        assert_ne!(frames[0], silent);
        assert_eq!(frames[9], silent);
    }

    #[test]
    fn a_tenth_that_is_lost_leaves_the_tone_what_it_was() {
        let mut talker = Talker::new(1, 440.0);
        let mut listener = Listener::new().expect("a listener");
        let mut heard = Vec::new();
        for n in 0..200 {
            let packet = talker.say();
            if n % 10 != 7 {
                listener.hear(&packet);
            }
            heard.extend(listener.pull().samples);
        }
        let part = strength(&heard[20 * FRAME..], 440.0);
        assert!(part > 0.8, "{part}");
    }

    #[test]
    fn too_loud_is_bounded_and_what_is_no_opus_is_passed_over() {
        assert_eq!([bounded(40_000), bounded(-40_000), bounded(5)], [i16::MAX, i16::MIN, 5]);
        let mut listener = Listener::new().expect("a listener");
        let mut packet = Talker::new(0, 440.0).say();
        packet.payload = [].into();
        listener.hear(&packet);
        packet.payload = [0xff; 40].into();
        listener.hear(&packet);
        packet.slot = 99;
        listener.hear(&packet);
        assert!((0..5).all(|_| listener.pull().samples == SILENCE));
    }
}
