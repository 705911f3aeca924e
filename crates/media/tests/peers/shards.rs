//! One room over several shards.

use std::time::Duration;

use media::Voice;

use sim::World;

#[test]
fn a_room_is_one_room_on_all_shards() {
    let mut world = World::new(3);
    let floor = world.open_channel(0, 1);
    let (ann, ben, mo) = (world.join(0), world.join(1), world.join(2));
    world.listen(ann, floor, Some(1));
    world.listen(ben, floor, Some(2));
    world.listen(mo, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.voice(ben, floor, 2, Voice::On);
    for i in 0..60u8 {
        world.speak(ann, &[0x78, 1, i]);
        world.speak(ben, &[0x78, 2, i]);
        world.run(Duration::from_millis(20));
    }
    for (client, talker, count) in
        [(ann, 2, 60), (ben, 1, 60), (mo, 1, 60), (mo, 2, 60), (ann, 1, 0), (ben, 2, 0)]
    {
        assert_eq!(world.heard_by(client, talker).len(), count, "client {client}, talker {talker}");
    }
    let before = world.shards[2].stats().frames;
    world.cut(mo);
    world.talk(ann, 10);
    assert_eq!(world.shards[2].stats().frames, before, "no frames for a shard without listeners");
}

#[test]
fn datagrams_that_reach_another_shard_are_handed_to_the_owner() {
    let mut world = World::new(2);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.admit(0), world.admit(0));
    for client in [ann, ben] {
        world.clients[client].entry = 1;
    }
    world.run(Duration::from_secs(1));
    assert!(world.clients[ann].rtc.is_connected() && world.clients[ben].rtc.is_connected());
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.talk(ann, 50);
    assert_eq!(world.heard_by(ben, 1).len(), 50);
    assert!(world.shards[1].stats().strays > 50);
    assert_eq!(world.shards[1].stats().unknown, 0);
    // The other shard forgets their addresses with them.
    let source = world.clients[ann].address;
    world.cut(ann);
    let before = world.shards[1].stats();
    world.inject(1, source, &[0x80, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let after = world.shards[1].stats();
    assert_eq!((after.unknown - before.unknown, after.strays - before.strays), (1, 0));
}

#[test]
fn a_talker_on_another_shard_can_be_muted() {
    let mut world = World::new(2);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(1), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.talk(ann, 20);
    world.voice(ann, floor, 1, Voice::Off);
    world.talk(ann, 20);
    assert_eq!((world.heard_by(ben, 1).len(), world.ends_heard_by(ben, 1)), (20, 2));
}
