//! Datagrams that come together are answered together: what waits meanwhile, and what must not.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use media::{Command, Egress, Recipient, SendBatch, ShardMessage, Voice};
use sim::{SERVER, World};

/// What left a shard, in order.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    /// Voice, to these.
    Voice(Vec<SocketAddr>),
    /// A word of how it ended, to this one.
    Goodbye(SocketAddr),
    /// Frames for other shards.
    Frames(usize),
}

#[derive(Default)]
struct Order(Vec<Left>);

impl Egress for Order {
    fn send(&mut self, batch: &mut SendBatch) {
        let (voice, rest): (Vec<_>, Vec<_>) = batch
            .iter()
            .partition(|message| message.bytes[0] & 0xc0 == 0x80 && message.bytes[1] & 0x7f == 111);
        if !voice.is_empty() {
            self.0.push(Left::Voice(voice.iter().map(|message| message.to).collect()));
        }
        self.0.extend(rest.iter().map(|message| Left::Goodbye(message.to)));
        batch.clear();
    }

    fn tell(&mut self, messages: &mut VecDeque<(Recipient, ShardMessage)>) {
        let frames =
            messages.drain(..).filter(|(_, message)| matches!(message, ShardMessage::Frame { .. })).count();
        self.0.push(Left::Frames(frames));
    }
}

/// From where, and what.
type Heard = (SocketAddr, Vec<u8>);

/// Ann talks, Ben and Cat listen, on these shards; and three packets of Ann's that nobody has seen yet.
fn room(shards: u8, cats: u8) -> (World, [usize; 3], Vec<Heard>) {
    let mut world = World::new(shards);
    let floor = world.open_channel(0, 0);
    let people = [world.join(0), world.join(0), world.join(cats)];
    world.voice(people[0], floor, 1, Voice::On);
    for listener in &people[1..] {
        world.listen(*listener, floor, None);
    }
    world.talk(people[0], 100);
    world.recording = true;
    world.received.clear();
    world.clients[people[0]].intercepted = true;
    world.talk(people[0], 3);
    let voice = world.received.iter().filter(|(_, _, bytes)| bytes[1] & 0x7f == 111);
    let packets: Vec<_> = voice.map(|(_, source, bytes)| (*source, bytes.clone())).collect();
    assert_eq!(packets.len(), 3);
    (world, people, packets)
}

#[test]
fn a_cut_comes_behind_what_waits_and_nothing_comes_behind_the_cut() {
    let (mut world, [_, ben, cat], packets) = room(1, 0);
    let [bens, cats] = [ben, cat].map(|person| world.clients[person].address);
    let (peer, now) = (world.clients[ben].peer, world.now);
    let mut order = Order::default();
    let hear = |world: &mut World, packet: usize, order: &mut Order| {
        let (source, bytes) = &packets[packet];
        let at = now + Duration::from_millis(20) * u32::try_from(packet).expect("small");
        world.shards[0].handle_datagram(at, *source, SERVER.ip(), bytes, order);
    };
    hear(&mut world, 0, &mut order);
    hear(&mut world, 1, &mut order);
    let voice = |left: &[Left]| left.iter().filter(|left| matches!(left, Left::Voice(_))).count();
    assert_eq!(voice(&order.0), 0, "others may have come with it");
    world.shards[0].handle_command(now, Command::Cut { peer }, &mut order);
    let left: Vec<_> = order.0.drain(..).filter(|left| !matches!(left, Left::Frames(_))).collect();
    assert_eq!(left, [Left::Voice(vec![bens, cats, bens, cats]), Left::Goodbye(bens)]);
    hear(&mut world, 2, &mut order);
    world.shards[0].flush(&mut order);
    order.0.retain(|left| !matches!(left, Left::Frames(_)));
    assert_eq!(order.0, [Left::Voice(vec![cats])]);
}

#[test]
fn listeners_on_another_shard_do_not_wait_for_the_walk_over_ours() {
    let (mut world, [_, ben, _], packets) = room(2, 1);
    let bens = world.clients[ben].address;
    let (source, bytes) = &packets[0];
    let now = world.now;
    let mut order = Order::default();
    world.shards[0].handle_datagram(now, *source, SERVER.ip(), bytes, &mut order);
    world.shards[0].flush(&mut order);
    assert_eq!(order.0, [Left::Frames(1), Left::Voice(vec![bens])]);
    assert!(world.shards[0].poll_message().is_none(), "and is told once");
}
