//! With AES-GCM a nonce that seals two packets gives the key away. On the wire: the same peer, SSRC and index is the
//! same packet.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use media::{Command, Ear, PackingRules, Voice};
use proptest::prelude::*;

use sim::World;

#[derive(Debug, Clone)]
enum Step {
    Speak(usize),
    Listen(usize, usize),
    Unlisten(usize),
    Voice(usize, usize, bool),
    Seat(usize, usize, bool),
    Unplug(usize),
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
        1 => client.prop_map(Step::Unplug),
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
        let mut world = World::packing(2, rules);
        let mut channels = [world.open_channel(0, 0), world.open_channel(1, 1)];
        let clients: Vec<_> = (0..4).map(|i| world.join(i % 2)).collect();
        world.recording = true;
        for (i, step) in steps.into_iter().enumerate() {
            match step {
                Step::Speak(who) => {
                    for j in 0..5u8 {
                        world.speak(clients[who], &[0x78, who as u8, i as u8, j]);
                        world.run(Duration::from_millis(20));
                    }
                }
                Step::Listen(who, channel) => world.listen(clients[who], channels[channel], Some(who as u32 + 1)),
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
                Step::Unplug(who) => world.clients[clients[who]].unplugged ^= true,
                Step::Wait(tenths) => world.run(Duration::from_millis(u64::from(tenths) * 100)),
                Step::Close(channel) => {
                    world.close_channel(channels[channel]);
                    channels[channel] = world.open_again(channels[channel]);
                }
            }
        }
        let mut rtp: HashMap<(SocketAddr, [u8; 4], [u8; 2]), Vec<u8>> = HashMap::new();
        let mut rtcp: HashMap<(SocketAddr, [u8; 4], [u8; 4]), Vec<u8>> = HashMap::new();
        for sent in world.sent.iter().filter(|sent| sent.bytes[0] >> 6 == 2) {
            let bytes = &sent.bytes;
            let old = if (192..=223).contains(&bytes[1]) {
                let ssrc = bytes[4..8].try_into().unwrap();
                let index = bytes[bytes.len() - 4..].try_into().unwrap();
                rtcp.insert((sent.to, ssrc, index), bytes.clone())
            } else {
                let ssrc = bytes[8..12].try_into().unwrap();
                rtp.insert((sent.to, ssrc, bytes[2..4].try_into().unwrap()), bytes.clone())
            };
            prop_assert!(old.is_none_or(|old| &old == bytes), "one index, two packets");
        }
    }
}
