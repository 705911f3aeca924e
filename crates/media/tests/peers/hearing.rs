//! Who hears whom.

use std::time::Duration;

use media::limits::PHASE_ROWS;
use media::{Event, Pacing, Talker, Voice};

use sim::{Heard, World};

fn payloads(heard: &[&Heard]) -> Vec<Vec<u8>> {
    heard.iter().map(|heard| heard.payload.clone()).collect()
}

#[test]
fn a_listener_hears_exactly_what_a_talker_said() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ann, floor, Some(1));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    let said = world.talk(ann, 50);
    let heard = world.heard_by(ben, 1);
    assert_eq!(payloads(&heard), said);
    assert!(heard[0].marker, "a new talk spurt");
    assert!(heard[0].seq < 0x8000, "receivers start at rollover zero");
    for pair in heard.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(960));
        assert_eq!(pair[1].slot, pair[0].slot);
    }
    let slot = heard[0].slot;
    let mut slots = [None; 3];
    slots[slot] = Some(Talker(1));
    assert!(world.events.contains(&Event::Slots { channel: floor, slots }));
}

#[test]
fn two_talkers_hear_each_other_and_never_themselves() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben, mo) = (world.join(0), world.join(0), world.join(0));
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
    assert_eq!(world.heard_by(ann, 1).len(), 0);
    assert_eq!(world.heard_by(ben, 2).len(), 0);
    assert_eq!(world.heard_by(ann, 2).len(), 60);
    assert_eq!(world.heard_by(ben, 1).len(), 60);
    assert_eq!((world.heard_by(mo, 1).len(), world.heard_by(mo, 2).len()), (60, 60));
    assert_ne!(world.heard_by(mo, 1)[0].slot, world.heard_by(mo, 2)[0].slot);
}

#[test]
fn a_muted_speaker_is_not_heard() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.talk(ann, 20);
    assert!(world.clients[ben].heard.is_empty(), "never had a voice");
    world.voice(ann, floor, 1, Voice::On);
    world.talk(ann, 20);
    assert_eq!(world.heard_by(ben, 1).len(), 20);
    world.voice(ann, floor, 1, Voice::Off);
    world.talk(ann, 50);
    assert_eq!(world.heard_by(ben, 1).len(), 20, "held");
    assert_eq!(world.ends_heard_by(ben, 1), 2);
    assert_eq!(world.shards[0].stats().not_granted, 70);
    assert!(world.events.contains(&Event::Slots { channel: floor, slots: [None; 3] }));
    world.voice(ann, floor, 1, Voice::On);
    let said = world.talk(ann, 20);
    let heard = world.heard_by(ben, 1);
    assert_eq!(payloads(&heard[20..]), said, "nothing of what was said in between");
}

#[test]
fn whoever_is_cut_gets_and_gives_nothing_more() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben, mo) = (world.join(0), world.join(0), world.join(0));
    for client in [ann, ben, mo] {
        world.listen(client, floor, None);
    }
    world.voice(ann, floor, 1, Voice::On);
    world.voice(mo, floor, 3, Voice::On);
    world.talk(ann, 10);
    world.talk(mo, 10);
    world.cut(mo);
    let slots = slots_of(&world, &[1]);
    let cut = Event::Cut { peer: world.clients[mo].peer };
    assert_eq!(world.events[world.events.len() - 2..], [Event::Slots { channel: floor, slots }, cut]);
    world.recording = true;
    let before = world.heard_by(ben, 3).len();
    world.talk(mo, 20);
    world.talk(ann, 20);
    world.run(Duration::from_secs(6));
    assert_eq!((world.heard_by(ben, 3).len(), world.ends_heard_by(ben, 3)), (before, 2));
    let address = world.clients[mo].address;
    assert!(world.sent.iter().all(|sent| sent.to != address), "not even an answer to a check");
    assert_eq!(world.heard_by(ben, 1).len(), 30);
}

/// The slots after a cut, whichever slot the talker left has.
fn slots_of(world: &World, talkers: &[u32]) -> media::Slots {
    let mut slots = [None; 3];
    for heard in world.clients.iter().flat_map(|client| &client.heard) {
        if talkers.contains(&heard.talker) {
            slots[heard.slot] = Some(Talker(heard.talker));
        }
    }
    slots
}

#[test]
fn a_cut_client_is_told_by_the_connection_itself() {
    let mut world = World::new(1);
    let ann = world.join(0);
    // The state of DTLS is gone by then; the goodbye was sealed before.
    world.run(Duration::from_secs(40));
    world.recording = true;
    world.cut(ann);
    let address = world.clients[ann].address;
    let goodbyes = world.sent.iter().filter(|sent| sent.to == address && sent.bytes[0] == 21).count();
    assert_eq!(goodbyes, 1, "an alert record");
    for _ in 0..100 {
        world.step();
    }
    assert!(!world.clients[ann].rtc.is_alive() || !world.clients[ann].rtc.is_connected());
}

#[test]
fn nobody_hears_another_room() {
    let mut world = World::new(1);
    let (kitchen, garden) = (world.open_channel(0, 0), world.open_channel(1, 0));
    let (ann, ben, mo, joe) = (world.join(0), world.join(0), world.join(0), world.join(0));
    world.listen(ann, kitchen, Some(1));
    world.listen(ben, kitchen, None);
    world.listen(mo, garden, Some(1));
    world.listen(joe, garden, None);
    // The same name in two rooms: names mean nothing outside their room.
    world.voice(ann, kitchen, 1, Voice::On);
    world.voice(mo, garden, 1, Voice::On);
    for i in 0..40u8 {
        world.speak(ann, &[0x78, 1, i]);
        world.speak(mo, &[0x78, 2, i]);
        world.run(Duration::from_millis(20));
    }
    assert_eq!(world.clients[ben].heard.len(), 40);
    assert_eq!(world.clients[joe].heard.len(), 40);
    assert!(world.clients[ben].heard.iter().all(|heard| heard.payload[1] == 1));
    assert!(world.clients[joe].heard.iter().all(|heard| heard.payload[1] == 2));
    assert!(world.clients[ann].heard.is_empty() && world.clients[mo].heard.is_empty());
}

#[test]
fn who_goes_to_another_room_hears_that_one_only() {
    let mut world = World::new(1);
    let (kitchen, garden) = (world.open_channel(0, 0), world.open_channel(1, 0));
    let (ann, ben, mo) = (world.join(0), world.join(0), world.join(0));
    world.voice(ann, kitchen, 1, Voice::On);
    world.voice(mo, garden, 3, Voice::On);
    world.listen(ben, kitchen, None);
    for half in 0..2 {
        for i in 0..20u8 {
            world.speak(ann, &[0x78, 1, i]);
            world.speak(mo, &[0x78, 3, i]);
            world.run(Duration::from_millis(20));
        }
        if half == 0 {
            assert_eq!(world.heard_by(ben, 3).len(), 0);
            world.listen(ben, garden, None);
        }
    }
    assert_eq!((world.heard_by(ben, 1).len(), world.heard_by(ben, 3).len()), (20, 20));
    world.command(world.clients[ben].peer, media::Command::Unlisten { peer: world.clients[ben].peer });
    world.talk(mo, 20);
    assert_eq!(world.heard_by(ben, 3).len(), 20);
}

#[test]
fn a_closed_room_is_silent() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.talk(ann, 10);
    world.command(world.clients[ann].peer, media::Command::CloseChannel { channel: floor });
    world.talk(ann, 10);
    assert_eq!(world.clients[ben].heard.len(), 10);
    assert_eq!(world.shards[0].stats().rows, 0);
}

#[test]
fn a_late_joiner_hears_a_room_that_has_wrapped_its_sequence_numbers() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    let count = 66_000;
    for i in 0..count {
        world.speak(ann, &[0x78, 1, (i % 256) as u8]);
        // Not every 5 ms of 22 minutes: the clients' clocks are looked at once a second.
        if i % 50 == 0 {
            world.now += Duration::from_millis(15);
            world.step();
        } else {
            world.now += Duration::from_millis(20);
            world.clients[ann].rtc.handle_input(str0m::Input::Timeout(world.now)).unwrap();
            world.drain(ann);
        }
    }
    assert_eq!(world.clients[ben].heard.len(), count, "through the wrap");
    let mo = world.join(0);
    world.listen(mo, floor, None);
    let said = world.talk(ann, 20);
    assert_eq!(payloads(&world.heard_by(mo, 1)), said);
}

#[test]
fn a_member_who_comes_back_by_a_new_connection_is_heard_by_it_and_not_by_the_old_one() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (old, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.voice(old, floor, 1, Voice::On);
    world.talk(old, 10);
    let new = world.join(0);
    world.voice(new, floor, 1, Voice::On);
    world.talk(old, 10);
    assert_eq!(world.heard_by(ben, 1).len(), 10, "the old connection has nothing to say any more");
    world.talk(new, 10);
    world.cut(old);
    world.talk(new, 10);
    let heard = world.heard_by(ben, 1);
    assert_eq!(heard.len(), 30);
    assert!(heard[10..].iter().all(|heard| usize::from(heard.payload[5]) == new));
}

#[test]
fn in_a_large_room_the_frames_of_three_talkers_leave_as_one_message() {
    let mut world = World::new(1);
    world.shards[0].set_pacing(Pacing::Phases);
    let floor = world.open_channel(0, 0);
    // Who is on stage does not wait, and is not counted.
    let clients: Vec<_> = (0..PHASE_ROWS + 3).map(|_| world.admit(0)).collect();
    for client in &clients {
        let own = (*client < 3).then_some(*client as u32 + 1);
        world.listen(*client, floor, own);
    }
    world.run(Duration::from_secs(1));
    assert_eq!(world.shards[0].stats().rows, clients.len() as u64);
    for talker in 0..3 {
        world.voice(talker, floor, talker as u32 + 1, Voice::On);
    }
    world.recording = true;
    let said = |talker: usize, i: u8| {
        // The loudest is not always the longest.
        let mut payload = vec![i; 60 + 20 * ((talker + usize::from(i)) % 3)];
        payload[0] = 0x78;
        payload
    };
    for i in 0..30 {
        for talker in 0..3 {
            world.speak(talker, &said(talker, i));
            world.run(Duration::from_millis(if talker == 2 { 10 } else { 5 }));
        }
    }
    world.run(Duration::from_millis(100));
    for client in clients {
        for talker in 0..3 {
            let heard = payloads(&world.heard_by(client, talker as u32 + 1));
            let expected: Vec<_> = (0..30).map(|i| said(talker, i)).collect();
            assert_eq!(heard, if client == talker { Vec::new() } else { expected }, "{client} of {talker}");
        }
    }
    let voice = world.sent.iter().filter(|sent| sent.bytes[0] >> 6 == 2 && sent.bytes[1] & 0x7f == 111);
    let (together, all) =
        voice.fold((0, 0), |(together, all), sent| (together + usize::from(sent.together == 3), all + 1));
    assert!(together * 10 > all * 8, "{together} of {all}");
}

#[test]
fn two_channels_of_one_room_never_leak_into_each_other() {
    // Each lives on a shard of its own, and has people on both.
    let mut world = World::new(2);
    let (floor, other) = (world.open_channel(0, 0), world.open_channel(1, 1));
    let (ann, ivo) = (world.join(0), world.join(1));
    let on_floor = [0, 1].map(|shard| world.join(shard));
    let in_other = [0, 1].map(|shard| world.join(shard));
    for (who, channel) in [(on_floor, floor), (in_other, other)] {
        who.into_iter().for_each(|who| world.listen(who, channel, None));
    }
    // An interpreter hears the floor, and is heard in the other alone.
    world.listen(ivo, floor, Some(2));
    world.voice(ann, floor, 1, Voice::On);
    world.voice(ivo, other, 2, Voice::On);
    let both_talk = |world: &mut World| {
        for nth in 0..60u8 {
            world.speak(ann, &[0x78, 1, nth]);
            world.speak(ivo, &[0x78, 2, nth]);
            world.run(Duration::from_millis(20));
        }
    };
    let heard = |world: &World, who| [1, 2].map(|talker| world.heard_by(who, talker).len());
    both_talk(&mut world);
    assert_eq!(on_floor.map(|who| heard(&world, who)), [[60, 0]; 2]);
    assert_eq!(in_other.map(|who| heard(&world, who)), [[0, 60]; 2]);
    assert_eq!(heard(&world, ivo), [60, 0]);
    for event in &world.events {
        if let Event::Slots { channel, slots } = event {
            let alone = if *channel == floor { Talker(1) } else { Talker(2) };
            assert!(slots.iter().flatten().all(|talker| *talker == alone), "{event:?}");
        }
    }

    // Whoever changes over hears the one they chose, and nobody else notices.
    world.listen(on_floor[0], other, None);
    world.listen(in_other[0], floor, None);
    both_talk(&mut world);
    assert_eq!(on_floor.map(|who| heard(&world, who)), [[60, 60], [120, 0]]);
    assert_eq!(in_other.map(|who| heard(&world, who)), [[60, 60], [0, 120]]);

    // What is taken from a voice or a channel is taken in that one.
    world.voice(ann, other, 1, Voice::Off);
    world.close_channel(other);
    both_talk(&mut world);
    assert_eq!(on_floor.map(|who| heard(&world, who)), [[60, 60], [180, 0]]);
    assert_eq!(in_other.map(|who| heard(&world, who)), [[120, 60], [0, 120]]);
}
