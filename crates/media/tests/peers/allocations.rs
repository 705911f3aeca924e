//! The packet path takes no memory: from the socket through the channel to every listener's sealed packet.

use std::time::Duration;

use media::{Egress, PackingRules, SendBatch, Voice};

use crate::counting::taken;
use sim::{Line, SERVER, Stack, World};

struct Nowhere(usize);

impl Egress for Nowhere {
    fn send(&mut self, batch: &mut SendBatch) {
        self.0 += batch.len();
        batch.clear();
    }
}

#[test]
fn a_voice_packet_to_many_listeners_takes_no_memory() {
    talking_takes_no_memory(PackingRules::default(), Line::PERFECT, 2_000);
}

#[test]
fn several_frames_in_one_packet_take_no_memory() {
    let rules = PackingRules { two_from: Some(1), ..PackingRules::default() };
    talking_takes_no_memory(rules, Line::PERFECT, 1_000);
}

#[test]
fn what_is_said_once_more_to_those_who_lose_takes_no_memory() {
    talking_takes_no_memory(PackingRules::default(), Line::losing(0.1), 2_000);
}

fn talking_takes_no_memory(rules: PackingRules, line: Line, messages: usize) {
    let mut world = World::packing(1, rules);
    let floor = world.open_channel(0, 0);
    let ann = world.join(0);
    world.voice(ann, floor, 1, Voice::On);
    for _ in 0..20 {
        let listener = world.join_as(Stack::Redundant, 0);
        world.listen(listener, floor, None);
        world.clients[listener].fault.down = line;
    }
    // Until the packing is decided and its wait has grown, and loss has been reported.
    world.talk(ann, 400);
    world.recording = true;
    world.received.clear();
    world.clients[ann].intercepted = true;
    let start = world.now;
    world.talk(ann, 100);
    let voice: Vec<_> = world.received.iter().filter(|(_, _, bytes)| bytes[1] & 0x7f == 111).collect();
    assert_eq!(voice.len(), 100);
    let mut nowhere = Nowhere(0);
    let before = taken();
    for (i, (_, source, bytes)) in (0u32..).zip(&voice) {
        let now = start + Duration::from_millis(20) * i;
        world.shards[0].handle_datagram(now, *source, SERVER.ip(), bytes, &mut nowhere);
        world.shards[0].flush(&mut nowhere);
    }
    assert_eq!(taken() - before, 0);
    assert_eq!(nowhere.0, messages);
}
