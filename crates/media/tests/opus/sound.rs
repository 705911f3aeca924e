//! What people hear: a listener on stage gets the frames one by one, one in the audience two or three in a packet, and
//! both hear the same, sample for sample.

use std::time::Duration;

use media::{Ear, Event, PackingRules, UnderLoad, Voice};
use proptest::prelude::*;
use sim::{Heard, Line, World};

use crate::reference::{Decoder, Encoder};
use crate::signal::{Signal, Sound};

/// How a speaker's encoder is set for a while.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    packets: u32,
    /// 10, 20, 40 or 60.
    ms: u32,
    dtx: bool,
    /// Percent of loss that FEC is set for; 0 is none.
    loss: i32,
    bitrate: i32,
    sound: Sound,
}

fn stretch() -> impl Strategy<Value = Stretch> {
    let ms = prop_oneof![6 => Just(20), 1 => Just(10), 1 => Just(40), 1 => Just(60)];
    let sound = prop_oneof![3 => Just(Sound::Speech), 1 => Just(Sound::Tone)];
    let loss = prop_oneof![Just(0), Just(20)];
    let bitrate = prop_oneof![Just(16_000), Just(32_000), Just(64_000)];
    (1u32..60, ms, any::<bool>(), loss, bitrate, sound).prop_map(
        |(packets, ms, dtx, loss, bitrate, sound)| Stretch { packets, ms, dtx, loss, bitrate, sound },
    )
}

fn rules(two_from: Option<u32>, three_from: Option<u32>) -> PackingRules {
    PackingRules { two_from, three_from, under_load: UnderLoad::Carry }
}

/// A packet that was sent: what it lasts, and its bytes, unless DTX kept it back.
fn encode(stretches: &[Stretch]) -> Vec<(u32, Option<Vec<u8>>)> {
    let mut encoder = Encoder::new();
    let (mut speech, mut tone) = (Signal::new(Sound::Speech), Signal::new(Sound::Tone));
    let (mut packets, mut silent_ms) = (Vec::new(), 0);
    for stretch in stretches {
        encoder.set(unsafe_libopus::OPUS_SET_DTX_REQUEST, i32::from(stretch.dtx));
        encoder.set(unsafe_libopus::OPUS_SET_INBAND_FEC_REQUEST, i32::from(stretch.loss > 0));
        encoder.set(unsafe_libopus::OPUS_SET_PACKET_LOSS_PERC_REQUEST, stretch.loss);
        encoder.set(unsafe_libopus::OPUS_SET_BITRATE_REQUEST, stretch.bitrate);
        encoder.set(unsafe_libopus::OPUS_SET_COMPLEXITY_REQUEST, 2);
        for _ in 0..stretch.packets {
            let signal = match stretch.sound {
                Sound::Speech => &mut speech,
                Sound::Tone => &mut tone,
            };
            let ticks = stretch.ms * 48;
            let packet = encoder.encode(&signal.next(ticks));
            // As browsers do: comfort noise at the beginning of a silence, and every 400 ms of it.
            let quiet = packet.len() <= 2;
            let sent = !quiet || silent_ms % 400 < stretch.ms;
            silent_ms = if quiet { silent_ms + stretch.ms } else { 0 };
            packets.push((ticks, sent.then_some(packet)));
        }
    }
    packets
}

/// The frames that somebody heard, each with its place in time.
fn frames(heard: &[&Heard]) -> Vec<(u32, Vec<u8>)> {
    heard.iter().flat_map(|packet| packet.frames()).collect()
}

fn sound(heard: &[&Heard]) -> Vec<i16> {
    let mut decoder = Decoder::new();
    heard.iter().flat_map(|packet| decoder.decode(&packet.payload)).collect()
}

/// Ann speaks over this line; Ben is on stage and Cat in the audience. Returns the world and these two.
fn conversation(rules: PackingRules, line: Line, stretches: &[Stretch]) -> (World, usize, usize) {
    let mut world = World::packing(1, rules);
    let floor = world.open_channel(0, 0);
    let [ann, ben, cat] = [(); 3].map(|()| world.join(0));
    world.seat(ben, floor, 2, Ear::Stage);
    world.seat(cat, floor, 3, Ear::Audience);
    world.voice(ann, floor, 1, Voice::On);
    // By then the packing is decided, and its wait has grown.
    world.run(Duration::from_secs(6));
    world.clients[ann].fault.up = line;
    for (ticks, packet) in encode(stretches) {
        match packet {
            Some(packet) => world.say(ann, packet, ticks),
            None => world.pause(ann, ticks),
        }
        world.run(Duration::from_millis(u64::from(ticks / 48)));
    }
    world.run(Duration::from_millis(200));
    (world, ben, cat)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn packed_or_not_it_sounds_the_same_to_the_sample(
        stretches in proptest::collection::vec(stretch(), 1..6),
        three: bool,
        lost in prop_oneof![Just(0.0), Just(0.1)],
        jitter in prop_oneof![Just(0u64), Just(8), Just(30)],
    ) {
        let line = Line { lost, jitter: Duration::from_millis(jitter), ..Line::PERFECT };
        let rules = if three { rules(None, Some(1)) } else { rules(Some(1), None) };
        let (world, ben, cat) = conversation(rules, line, &stretches);
        let (plain, packed) = (world.heard_by(ben, 1), world.heard_by(cat, 1));
        prop_assert_eq!(frames(&plain), frames(&packed));
        prop_assert_eq!(sound(&plain), sound(&packed));
        let marked = |heard: &[&Heard]| {
            heard.iter().filter(|heard| heard.marker).map(|heard| heard.timestamp).collect::<Vec<_>>()
        };
        prop_assert_eq!(marked(&plain), marked(&packed));
        for heard in [plain, packed] {
            let first = heard.first().map_or(0, |first| first.seq);
            prop_assert!((first..).zip(heard).all(|(seq, heard)| heard.seq == seq));
        }
    }
}

#[test]
fn ordinary_speech_costs_the_audience_a_half_or_a_third_of_the_packets() {
    let talk = Stretch { packets: 300, ms: 20, dtx: false, loss: 20, bitrate: 32_000, sound: Sound::Speech };
    for (rules, most) in [(rules(Some(1), None), 165), (rules(Some(1), Some(1)), 115)] {
        let (world, ben, cat) = conversation(rules, Line::PERFECT, &[talk]);
        assert!(world.heard_by(ben, 1).len() >= 300);
        let packed = world.heard_by(cat, 1).len();
        assert!((100..most).contains(&packed), "{packed}");
        assert!(world.events.iter().any(|event| matches!(event, Event::Packed { .. })));
    }
}
