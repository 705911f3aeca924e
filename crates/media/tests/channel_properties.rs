//! What holds for a channel whatever people, networks and clients do.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on is a failed test")]

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use media::channel::{Channel, SILENCE};
use media::packet::{Frame, Level, SLOTS, Voice, VoicePacket};
use media::{Form, Talker, limits};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Pass {
        micros: u32,
    },
    Voice {
        talker: u8,
        on: bool,
    },
    /// A packet `seq` and `ticks` after the talker's last: honest, late, lost, jumping or repeated.
    Packet {
        talker: u8,
        says: Says,
    },
    /// A second of ordinary speech.
    Speech {
        talker: u8,
        level: u8,
    },
}

#[derive(Debug, Clone, Copy)]
struct Says {
    seq: i16,
    ticks: i32,
    level: Option<u8>,
    len: u16,
    marker: bool,
}

fn talker() -> impl Strategy<Value = u8> {
    0u8..6
}

fn step() -> impl Strategy<Value = Step> {
    let seq = prop_oneof![8 => Just(1i16), 2 => -3i16..6, 1 => any::<i16>()];
    let ticks = prop_oneof![8 => Just(960), 2 => -2000..10_000, 1 => any::<i32>()];
    let level = prop_oneof![4 => (0u8..=127).prop_map(Some), 1 => Just(None)];
    let packet = (talker(), seq, ticks, level, 0u16..1000, any::<bool>()).prop_map(
        |(talker, seq, ticks, level, len, marker)| Step::Packet {
            talker,
            says: Says { seq, ticks, level, len, marker },
        },
    );
    prop_oneof![
        6 => packet,
        4 => (0u32..60_000).prop_map(|micros| Step::Pass { micros }),
        1 => (0u32..40_000_000).prop_map(|micros| Step::Pass { micros }),
        2 => (talker(), prop::bool::weighted(0.7)).prop_map(|(talker, on)| Step::Voice { talker, on }),
        3 => (talker(), 0u8..60).prop_map(|(talker, level)| Step::Speech { talker, level }),
    ]
}

/// The channel, and what a suspicious listener remembers.
struct World {
    channel: Channel,
    start: Instant,
    now: Instant,
    on: HashSet<Talker>,
    mics: HashMap<Talker, (u16, u32)>,
    clocks: [Option<(u32, Instant)>; SLOTS],
    sent: HashMap<Talker, u64>,
    heard: HashMap<Talker, u64>,
    /// Who is cut off in this step, and the slot that they had.
    cut: Option<(Talker, usize)>,
}

impl World {
    fn new(seed: u64) -> Self {
        let start = Instant::now();
        Self {
            channel: Channel::new(seed, Form::Opus),
            start,
            now: start,
            on: HashSet::new(),
            mics: HashMap::new(),
            clocks: [None; SLOTS],
            sent: HashMap::new(),
            heard: HashMap::new(),
            cut: None,
        }
    }

    fn act(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Pass { micros } => self.pass(micros),
            Step::Voice { talker, on } => {
                let talker = Talker(u32::from(talker));
                let slot = self.channel.slots().iter().position(|holder| *holder == Some(talker));
                self.cut = slot.filter(|_| !on).map(|slot| (talker, slot));
                self.channel.voice(talker, if on { Voice::On } else { Voice::Off }).unwrap();
                if on {
                    self.on.insert(talker)
                } else {
                    self.on.remove(&talker)
                };
                self.check()?;
                self.cut = None;
                Ok(())
            }
            Step::Packet { talker, says } => self.packet(Talker(u32::from(talker)), says),
            Step::Speech { talker, level } => {
                for _ in 0..50 {
                    let says = Says { seq: 1, ticks: 960, level: Some(level), len: 80, marker: false };
                    self.packet(Talker(u32::from(talker)), says)?;
                    self.pass(20_000)?;
                }
                Ok(())
            }
        }
    }

    fn pass(&mut self, micros: u32) -> Result<(), TestCaseError> {
        let end = self.now + Duration::from_micros(u64::from(micros));
        while let Some(at) = self.channel.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.channel.handle_timeout(self.now);
            prop_assert!(
                self.channel.poll_timeout().is_none_or(|next| next > self.now),
                "a timer that spins"
            );
            self.check()?;
        }
        self.now = end;
        Ok(())
    }

    fn packet(&mut self, talker: Talker, says: Says) -> Result<(), TestCaseError> {
        let mic = self.mics.entry(talker).or_default();
        mic.0 = mic.0.wrapping_add_signed(says.seq);
        mic.1 = mic.1.wrapping_add_signed(says.ticks);
        let payload = vec![9; usize::from(says.len)];
        let level = says.level.map(Level::from_wire);
        let packet =
            VoicePacket { seq: mic.0, timestamp: mic.1, marker: says.marker, level, payload: &payload };
        *self.sent.entry(talker).or_default() += 1;
        self.channel.handle_packet(self.now, talker, packet);
        self.check()
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        while let Some(frame) = self.channel.poll_frame() {
            self.hear(&frame)?;
        }
        let slots = self.channel.slots();
        let heard: Vec<Talker> = slots.iter().flatten().copied().collect();
        prop_assert_eq!(heard.iter().collect::<HashSet<_>>().len(), heard.len(), "nobody has two slots");
        prop_assert!(heard.iter().all(|talker| self.on.contains(talker)), "a slot for a voice that is off");
        let announced = self.channel.poll_slots();
        prop_assert!(announced.is_none_or(|announced| announced == slots));
        prop_assert_eq!(
            self.channel.poll_timeout().is_some(),
            !heard.is_empty(),
            "a timer exactly while heard"
        );
        Ok(())
    }

    fn hear(&mut self, frame: &Frame) -> Result<(), TestCaseError> {
        let slot = usize::from(frame.slot);
        if let Some(cut) = self.cut {
            prop_assert_eq!(cut, (frame.talker, slot), "more than the end of who is cut off");
            prop_assert_eq!(&*frame.payload, &SILENCE[..], "a frame of a voice that is off");
        } else {
            prop_assert!(self.on.contains(&frame.talker), "a frame of a voice that is off");
            let slots = self.channel.slots();
            prop_assert_eq!(slots[slot], Some(frame.talker), "a frame in somebody else's slot");
            let heard = self.heard.entry(frame.talker).or_default();
            *heard += 1;
            prop_assert!(*heard <= self.sent[&frame.talker], "more frames than packets");
        }
        prop_assert!(frame.payload.len() <= limits::VOICE_PAYLOAD);
        let clock = &mut self.clocks[slot];
        if let Some((last, at)) = *clock {
            let ticks = frame.timestamp.wrapping_sub(last).cast_signed();
            let passed = i32::try_from((self.now - at).as_micros() * 48 / 1000).unwrap();
            prop_assert!(ticks > 0, "a slot's clock never stands or runs back: {ticks}");
            let off = ticks - passed;
            let most = limits::MAX_AHEAD + limits::MAX_BEHIND;
            prop_assert!((-most..=most).contains(&off), "{off} ticks off real time");
            prop_assert!(ticks < limits::SPURT_GAP || frame.marker, "a gap of {ticks} without a marker");
        }
        *clock = Some((frame.timestamp, self.now));
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]
    #[test]
    fn no_sequence_of_packets_breaks_a_channel(seed: u64, steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new(seed);
        for talker in 0..4 {
            world.act(&Step::Voice { talker, on: true })?;
        }
        for step in &steps {
            world.act(step)?;
        }
        // However it went, silence brings everything to rest.
        world.pass(10_000_000)?;
        prop_assert_eq!(world.channel.slots(), [None; SLOTS]);
        prop_assert!(world.now > world.start);
    }
}
