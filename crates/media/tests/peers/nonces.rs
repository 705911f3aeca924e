//! With AES-GCM a nonce that seals two packets gives the key away. On the wire: the same peer, SSRC and index is the
//! same packet.

use std::collections::HashMap;
use std::time::Duration;

use media::{Command, Ear, PackingRules, Voice};
use proptest::prelude::*;

use sim::{Line, Stack, World};

#[derive(Debug, Clone)]
enum Step {
    Speak(usize),
    Listen(usize, usize),
    Unlisten(usize),
    Voice(usize, usize, bool),
    Seat(usize, usize, bool),
    Unplug(usize),
    /// From now on this one loses a fifth, or nothing.
    Weather(usize, bool),
    Wait(u8),
    Close(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let client = 0usize..4;
    let channel = 0usize..2;
    prop_oneof![
        8 => client.clone().prop_map(Step::Speak),
        2 => (client.clone(), channel.clone()).prop_map(|(who, channel)| Step::Listen(who, channel)),
        1 => client.clone().prop_map(Step::Unlisten),
        2 => (client.clone(), channel.clone(), any::<bool>()).prop_map(|(who, channel, on)| Step::Voice(who, channel, on)),
        2 => (client.clone(), channel.clone(), any::<bool>()).prop_map(|(who, channel, up)| Step::Seat(who, channel, up)),
        1 => client.clone().prop_map(Step::Unplug),
        2 => (client.clone(), any::<bool>()).prop_map(|(who, bad)| Step::Weather(who, bad)),
        2 => (0u8..200).prop_map(Step::Wait),
        1 => channel.prop_map(Step::Close),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    #[test]
    fn no_index_seals_two_packets(steps in proptest::collection::vec(step(), 1..150)) {
        // Two frames in a packet, or three, as people come and go.
        let rules = PackingRules { two_from: Some(1), three_from: Some(3), ..PackingRules::default() };
        prop_assert_eq!(sealed_twice(&played(rules, 5, steps)), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    /// Long enough for reports to say how much is lost, so that rows go where frames are said twice, and come back.
    #[test]
    fn no_index_seals_two_packets_when_people_lose_them(steps in proptest::collection::vec(step(), 1..25)) {
        let rules = PackingRules { two_from: Some(3), ..PackingRules::default() };
        prop_assert_eq!(sealed_twice(&played(rules, 120, steps)), 0);
    }
}

/// Four people and two rooms; who speaks says so many frames at once.
fn played(rules: PackingRules, frames: u8, steps: Vec<Step>) -> World {
    let mut world = World::packing(2, rules);
    let mut channels = [world.open_channel(0, 0), world.open_channel(1, 1)];
    // Half of them take redundancy when they lose.
    let stacks = [Stack::Packets, Stack::Packets, Stack::Redundant, Stack::Redundant];
    let clients: Vec<_> = (0..).zip(stacks).map(|(i, stack)| world.join_as(stack, i % 2)).collect();
    world.recording = true;
    for (i, step) in steps.into_iter().enumerate() {
        match step {
            Step::Speak(who) => {
                for j in 0..frames {
                    world.speak(clients[who], &[0x78, who as u8, i as u8, j]);
                    world.run(Duration::from_millis(20));
                }
            }
            Step::Listen(who, channel) => {
                world.listen(clients[who], channels[channel], Some(who as u32 + 1));
            }
            Step::Unlisten(who) => {
                let peer = world.clients[clients[who]].peer;
                world.command(peer, Command::Unlisten { peer });
            }
            Step::Voice(who, channel, on) => {
                let voice = if on { Voice::On } else { Voice::Off };
                world.voice(clients[who], channels[channel], who as u32 + 1, voice);
            }
            Step::Seat(who, channel, up) => {
                let ear = if up { Ear::Stage } else { Ear::Audience };
                world.seat(clients[who], channels[channel], who as u32 + 1, ear);
            }
            Step::Weather(who, bad) => {
                let line = if bad { Line::losing(0.2) } else { Line::PERFECT };
                world.clients[clients[who]].fault.down = line;
            }
            Step::Unplug(who) => world.clients[clients[who]].unplugged ^= true,
            Step::Wait(tenths) => world.run(Duration::from_millis(u64::from(tenths) * 100)),
            Step::Close(channel) => {
                world.close_channel(channels[channel]);
                channels[channel] = world.open_again(channels[channel]);
            }
        }
    }
    world
}

/// Packets of another content under an index that was used before.
fn sealed_twice(world: &World) -> usize {
    let mut indices = HashMap::new();
    let packets = world.sent.iter().filter(|sent| sent.bytes[0] >> 6 == 2);
    packets
        .filter(|sent| {
            let bytes = &sent.bytes[..];
            let is_report = (192..=223).contains(&bytes[1]);
            // Four bytes of a report's, two of a voice packet's: they never meet.
            let (ssrc, index) = if is_report {
                (&bytes[4..8], &bytes[bytes.len() - 4..])
            } else {
                (&bytes[8..12], &bytes[2..4])
            };
            indices.insert((sent.to, ssrc, index), bytes).is_some_and(|old| old != bytes)
        })
        .count()
}
