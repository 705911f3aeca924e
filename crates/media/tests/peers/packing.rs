//! Several frames in one packet for the audience, one in each for the stage, and changing over while people talk.

use std::time::Duration;

use media::limits::{OVERLOADED_FOR, PHASE_ROWS};
use media::pack::sealed::split;
use media::{Ear, Event, Form, Load, Pacing, Packing, PackingRules, UnderLoad, Voice};
use proptest::prelude::*;
use sim::{Heard, World};

const MS: Duration = Duration::from_millis(1);

/// Sizes alone decide.
fn by_size(two_from: u32, three_from: u32) -> PackingRules {
    PackingRules { two_from: Some(two_from), three_from: Some(three_from), under_load: UnderLoad::Carry }
}

fn frames(heard: &[&Heard]) -> Vec<(u32, Vec<u8>)> {
    heard.iter().flat_map(|packet| packet.frames()).collect()
}

fn packings(world: &World) -> Vec<Packing> {
    let packed = |event: &Event| match event {
        Event::Packed { packing, .. } => Some(*packing),
        _ => None,
    };
    world.events.iter().filter_map(packed).collect()
}

#[test]
fn the_stage_hears_at_once_and_the_audience_pair_by_pair() {
    let mut world = World::packing(1, by_size(1, 100));
    let floor = world.open_channel(0, 0);
    let [ann, ben, cat] = [(); 3].map(|()| world.join(0));
    world.seat(ben, floor, 2, Ear::Stage);
    world.seat(cat, floor, 3, Ear::Audience);
    world.voice(ann, floor, 1, Voice::On);
    world.run(4_000 * MS);
    assert_eq!(packings(&world), [Packing::Two]);
    world.talk(ann, 500);
    world.run(100 * MS);
    let (plain, packed) = (world.heard_by(ben, 1), world.heard_by(cat, 1));
    assert_eq!(frames(&plain), frames(&packed));
    assert_eq!((plain.len(), packed.len()), (500, 250));
    // A pair leaves with its second frame.
    for (pair, packet) in plain.chunks(2).zip(&packed) {
        assert_eq!(pair[1].at, packet.at);
    }
    for client in [ben, cat] {
        let reported = &world.clients[client].reported;
        assert!(reported.iter().any(|reported| reported.packets > 100), "{reported:?}");
        for reported in reported {
            assert_eq!((reported.packets, reported.octets), reported.heard);
        }
    }
}

#[test]
fn growing_to_pairs_never_keeps_anybody_waiting_much_longer_than_before() {
    let mut world = World::packing(1, by_size(1, 100));
    let floor = world.open_channel(0, 0);
    let [ann, cat] = [(); 2].map(|()| world.join(0));
    world.voice(ann, floor, 1, Voice::On);
    world.run(1_000 * MS);
    world.seat(cat, floor, 3, Ear::Audience);
    world.talk(ann, 300);
    // When each frame came, against when it was said.
    let heard = world.heard_by(cat, 1);
    // After the pre-roll, which comes all at once.
    let heard = &heard[4..];
    let first = heard[0];
    let late = |packet: &Heard| {
        let said =
            Duration::from_micros(u64::from(packet.timestamp.wrapping_sub(first.timestamp)) * 1000 / 48);
        (packet.at - first.at).saturating_sub(said)
    };
    let lateness: Vec<Duration> = heard.iter().map(|packet| late(packet)).collect();
    assert!(
        lateness.windows(2).all(|pair| pair[1] <= pair[0] + 5 * MS),
        "by steps of the clock: {lateness:?}"
    );
    assert_eq!(lateness.last(), Some(&(20 * MS)));
    assert!(heard.iter().any(|packet| packet.frames().len() == 2));
}

#[test]
fn who_is_heard_hears_frame_by_frame_even_when_called_audience() {
    let mut world = World::packing(1, by_size(1, 100));
    let floor = world.open_channel(0, 0);
    let [ann, ben] = [(); 2].map(|()| world.join(0));
    world.seat(ben, floor, 2, Ear::Audience);
    world.voice(ann, floor, 1, Voice::On);
    world.run(4_000 * MS);
    world.talk(ann, 10);
    world.voice(ben, floor, 2, Voice::On);
    world.talk(ann, 100);
    let heard = world.heard_by(ben, 1);
    assert!(heard[..4].iter().all(|packet| packet.frames().len() == 2));
    assert!(heard[7..].iter().all(|packet| packet.frames().len() == 1));
}

#[test]
fn an_overloaded_shard_packs_its_crowd_and_three_talkers_leave_as_one_message() {
    let mut world = World::new(1);
    world.shards[0].set_pacing(Pacing::Phases);
    let floor = world.open_channel(0, 0);
    let clients: Vec<_> = (0..PHASE_ROWS + 3).map(|_| world.admit(0)).collect();
    for client in &clients {
        world.listen(*client, floor, Some(*client as u32 + 1));
    }
    for talker in 0..3 {
        world.voice(talker, floor, talker as u32 + 1, Voice::On);
    }
    world.run(1_000 * MS);
    assert_eq!(packings(&world), []);
    world.shards[0].set_load(Load::of(1_000 * MS, 200 * MS));
    world.run(OVERLOADED_FOR + 1_100 * MS);
    assert_eq!(packings(&world), [Packing::Two]);
    // Not so busy that there has to be more of it.
    world.shards[0].set_load(Load::of(1_000 * MS, 500 * MS));
    world.run(2_000 * MS);
    world.recording = true;
    let said =
        |talker: usize, i: u8| [vec![0x78, i], vec![7; 60 + 20 * ((talker + usize::from(i)) % 3)]].concat();
    for i in 0..60 {
        for talker in 0..3 {
            world.speak(talker, &said(talker, i));
            world.run(if talker == 2 { 10 * MS } else { 5 * MS });
        }
    }
    world.run(200 * MS);
    for client in clients {
        for talker in (0..3).filter(|talker| *talker != client) {
            let heard: Vec<_> = frames(&world.heard_by(client, talker as u32 + 1));
            let heard: Vec<_> = heard.into_iter().map(|(_, frame)| frame).collect();
            let expected: Vec<_> = (0..60).map(|i| said(talker, i)[1..].to_vec()).collect();
            assert_eq!(heard, expected, "{client} of {talker}");
        }
    }
    let voice = world.sent.iter().filter(|sent| sent.bytes[0] >> 6 == 2 && sent.bytes[1] & 0x7f == 111);
    let (together, all) =
        voice.fold((0, 0), |(together, all), sent| (together + usize::from(sent.together == 3), all + 1));
    assert!(together * 10 > all * 8, "{together} of {all}");
    assert!(all < PHASE_ROWS * 3 * 36, "half of what they said, and the first words");
}

#[test]
fn in_a_sealed_room_frames_stand_behind_their_lengths_alone_and_in_pairs() {
    let mut world = World::packing(2, by_size(1, 100));
    let floor = world.open_channel_of(Form::Sealed, 0, 1);
    let [ann, ben, cat] = [(); 3].map(|()| world.join(0));
    world.seat(ben, floor, 2, Ear::Stage);
    world.seat(cat, floor, 3, Ear::Audience);
    world.voice(ann, floor, 1, Voice::On);
    world.run(4_000 * MS);
    let said = world.talk(ann, 50);
    world.run(100 * MS);
    for (listener, packets) in [(ben, 50), (cat, 25)] {
        let heard = world.heard_by(listener, 1);
        let frames: Vec<_> = heard.iter().flat_map(|packet| split(&packet.payload)).collect();
        assert_eq!(frames, said);
        assert_eq!(heard.len(), packets);
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// So many packets of 20 ms, of one talker or of both.
    Talk {
        both: bool,
        packets: u8,
    },
    /// A pause, shorter or longer than what ends a spurt.
    Pause(u8),
    /// Nothing, and the clock of the packets stands still: a packet is as late as that.
    Stall(u8),
    /// Somebody goes up, or comes down.
    Seat {
        who: usize,
        up: bool,
    },
    /// Somebody who is only there to be counted comes or goes.
    Crowd {
        who: usize,
        here: bool,
    },
    Gsos(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<bool>(), 1u8..40).prop_map(|(both, packets)| Step::Talk { both, packets }),
        2 => (1u8..20).prop_map(Step::Pause),
        1 => (1u8..80).prop_map(Step::Stall),
        4 => (0usize..2, any::<bool>()).prop_map(|(who, up)| Step::Seat { who, up }),
        3 => (0usize..3, any::<bool>()).prop_map(|(who, here)| Step::Crowd { who, here }),
        1 => any::<bool>().prop_map(Step::Gsos),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Ben stays on stage and hears everything as it is. Cat and Dan, on two shards, go up and down while the packing
    /// changes with the size of the audience.
    #[test]
    fn whatever_changes_everybody_hears_every_frame_once_and_in_order(
        steps in proptest::collection::vec(step(), 1..60)
    ) {
        let mut world = World::packing(2, by_size(2, 4));
        let floor = world.open_channel(0, 0);
        let [ann, eve] = [world.join(0), world.join(1)];
        let [ben, cat, dan] = [world.join(0), world.join(0), world.join(1)];
        let crowd = [world.join(1), world.join(0), world.join(1)];
        for (who, ear) in [(ben, Ear::Stage), (cat, Ear::Audience), (dan, Ear::Audience)] {
            world.seat(who, floor, who as u32 + 1, ear);
        }
        world.voice(ann, floor, 100, Voice::On);
        world.voice(eve, floor, 200, Voice::On);
        let mut number = 0u32;
        for step in steps {
            match step {
                Step::Talk { both, packets } => {
                    for _ in 0..packets {
                        number += 1;
                        let payload = [vec![0x78], number.to_be_bytes().to_vec(), vec![0; 40]].concat();
                        world.speak(ann, &payload);
                        world.run(5 * MS);
                        if both {
                            world.speak(eve, &payload);
                        }
                        world.run(15 * MS);
                    }
                }
                Step::Pause(tens) => {
                    world.pause(ann, u32::from(tens) * 480);
                    world.pause(eve, u32::from(tens) * 480);
                    world.run(u32::from(tens) * 10 * MS);
                }
                Step::Stall(ms) => world.run(u32::from(ms) * MS),
                Step::Seat { who, up } => {
                    let who = [cat, dan][who];
                    world.seat(who, floor, who as u32 + 1, if up { Ear::Stage } else { Ear::Audience });
                }
                Step::Crowd { who, here } => {
                    let who = crowd[who];
                    let peer = world.clients[who].peer;
                    if here {
                        world.seat(who, floor, who as u32 + 1, Ear::Audience);
                    } else {
                        world.command(peer, media::Command::Unlisten { peer });
                    }
                }
                Step::Gsos(on) => {
                    let pacing = if on { Pacing::Phases } else { Pacing::AtOnce };
                    world.shards.iter_mut().for_each(|shard| shard.set_pacing(pacing));
                }
            }
        }
        world.run(200 * MS);
        for talker in [100, 200] {
            let said = frames(&world.heard_by(ben, talker));
            for listener in [cat, dan] {
                let heard = world.heard_by(listener, talker);
                prop_assert_eq!(frames(&heard), said.clone());
                let marked = |heard: &Heard| heard.marker.then_some(heard.timestamp);
                let plain: Vec<_> = world.heard_by(ben, talker).into_iter().filter_map(marked).collect();
                prop_assert_eq!(heard.iter().filter_map(|heard| marked(heard)).collect::<Vec<_>>(), plain);
            }
        }
        for listener in [ben, cat, dan] {
            for slot in 0..3 {
                let heard = world.clients[listener].heard.iter().filter(|heard| heard.slot == slot);
                let seqs: Vec<u64> = heard.map(|heard| heard.seq).collect();
                prop_assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seqs:?}");
            }
        }
    }
}
