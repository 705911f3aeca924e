//! Coming, moving, falling silent, going.

use std::net::SocketAddr;
use std::time::Duration;

use media::{Command, Event, GoneReason, PeerKey, ShardIndex, Voice};
use str0m::Input;

use sim::World;

#[test]
fn a_client_connects_within_a_second() {
    let mut world = World::new(1);
    let before = world.now;
    let ann = world.join(0);
    assert!(world.now - before < Duration::from_secs(1), "{:?}", world.now - before);
    assert!(world.events.contains(&Event::Connected { peer: world.clients[ann].peer }));
    assert_eq!(world.shards[0].stats().handshakes_done, 1);
}

#[test]
fn a_handshake_survives_lost_datagrams() {
    // The client asks again after 1, 2, 4 and 8 seconds.
    for lost in 1..=4 {
        let mut world = World::new(1);
        world.handshakes_to_lose = lost;
        let ann = world.admit(0);
        world.run(Duration::from_secs(20));
        assert_eq!(world.handshakes_to_lose, 0);
        assert!(world.clients[ann].rtc.is_connected(), "{lost} lost");
        assert!(world.events.contains(&Event::Connected { peer: world.clients[ann].peer }), "{lost} lost");
    }
}

#[test]
fn who_nominates_two_paths_is_answered_on_the_one_where_they_shake_hands() {
    let mut world = World::new(1);
    world.recording = true;
    let ann = world.admit(0);
    let is_nominated =
        |bytes: &[u8]| bytes[0] == 0 && bytes.windows(4).any(|attribute| attribute == [0, 0x25, 0, 0]);
    let elsewhere = SocketAddr::from(([203, 0, 113, 9], 5_000));
    let begun = world.now;
    // Each nomination of one path is followed by one of the other.
    let mut seen = 0;
    while !world.clients[ann].rtc.is_connected() {
        world.step();
        let new: Vec<_> = world.received[seen..].iter().map(|(_, _, bytes)| bytes.clone()).collect();
        for check in new.iter().filter(|bytes| is_nominated(bytes)) {
            world.inject(0, elsewhere, check);
        }
        seen = world.received.len();
        assert!(world.now - begun < Duration::from_secs(1), "nobody answers where they ask");
    }
    assert!(world.received.iter().any(|(_, _, bytes)| is_nominated(bytes)), "both were nominated");
}

#[test]
fn a_listener_who_moves_is_followed_from_the_next_check_on() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.talk(ann, 10);
    let elsewhere = SocketAddr::from(([203, 0, 113, 9], 5_000));
    world.clients[ben].address = elsewhere;
    // Until the next check nobody can know.
    let moved = world.now;
    while world.heard_by(ben, 1).len() == 10 {
        world.talk(ann, 1);
        assert!(world.now - moved < Duration::from_secs(6), "never followed");
    }
    let before = world.heard_by(ben, 1).len();
    world.talk(ann, 20);
    assert_eq!(world.heard_by(ben, 1).len(), before + 20);
}

#[test]
fn a_speaker_whose_network_changes_in_the_middle_of_a_word_loses_nothing_of_it() {
    for entry in [0, 1] {
        let mut world = World::new(2);
        let floor = world.open_channel(0, 0);
        let (ann, ben, mo) = (world.join(0), world.join(0), world.join(1));
        world.listen(ann, floor, Some(1));
        world.listen(ben, floor, None);
        world.voice(ann, floor, 1, Voice::On);
        world.voice(mo, floor, 3, Voice::On);
        let mut said = world.talk(ann, 10);
        world.talk(mo, 10);
        // Another address, and by chance another socket of ours.
        world.clients[ann].address = SocketAddr::from(([203, 0, 113, 9], 5_000));
        world.clients[ann].entry = entry;
        said.extend(world.talk(ann, 10));
        let heard: Vec<_> = world.heard_by(ben, 1).iter().map(|heard| heard.payload.clone()).collect();
        assert_eq!(heard, said, "{entry}");
        let before = world.heard_by(ann, 3).len();
        world.talk(mo, 10);
        assert_eq!(world.heard_by(ann, 3).len(), before + 10, "and hears at the new address");
    }
}

#[test]
fn a_mere_check_from_elsewhere_moves_nobody_who_is_still_heard_from() {
    let mut world = World::new(1);
    let ann = world.admit(0);
    world.recording = true;
    while world.received.is_empty() {
        world.step();
    }
    world.run(Duration::from_secs(1));
    // A check that was on the wire, sent again from elsewhere: verified, so it is answered, but USE-CANDIDATE decides.
    let (_, _, check) = world.received.iter().find(|(_, _, bytes)| bytes[0] == 0).cloned().unwrap();
    let nominates = check.windows(4).any(|attribute| attribute == [0, 0x25, 0, 0]);
    let elsewhere = SocketAddr::from(([203, 0, 113, 9], 5_000));
    world.sent.clear();
    world.inject(0, elsewhere, &check);
    assert_eq!(world.sent.iter().filter(|sent| sent.to == elsewhere).count(), 1, "the answer");
    world.sent.clear();
    let peer = world.clients[ann].peer;
    world.cut(ann);
    let expected = if nominates { elsewhere } else { world.clients[ann].address };
    assert!(world.sent.iter().all(|sent| sent.to == expected));
    assert!(!world.sent.is_empty());
    assert_eq!(world.events.last(), Some(&Event::Cut { peer }));
}

#[test]
fn a_silent_peer_is_sent_nothing_and_hears_again_when_it_comes_back() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    let peer = world.clients[ben].peer;
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.recording = true;
    world.clients[ben].unplugged = true;
    let address = world.clients[ben].address;
    let unplugged = world.now;
    let mut last = None;
    while world.now - unplugged < Duration::from_secs(20) {
        world.sent.clear();
        world.talk(ann, 1);
        if world.sent.iter().any(|sent| sent.to == address) {
            last = Some(world.now - unplugged);
        }
    }
    let last = last.unwrap();
    assert!((Duration::from_secs(12)..=Duration::from_secs(15)).contains(&last), "{last:?}");
    assert!(world.events.contains(&Event::Silent { peer }));
    world.clients[ben].unplugged = false;
    world.talk(ann, 250);
    assert!(world.events.contains(&Event::Back { peer }));
    assert!(world.heard_by(ben, 1).len() > 50, "hears again");
    assert!(!world.events.contains(&Event::Gone { peer, why: GoneReason::TimedOut }));
}

#[test]
fn a_peer_that_stays_silent_is_gone_after_thirty_seconds() {
    let mut world = World::new(1);
    let (ann, ben) = (world.join(0), world.join(0));
    let peer = world.clients[ben].peer;
    let gone = Event::Gone { peer, why: GoneReason::TimedOut };
    world.clients[ben].unplugged = true;
    world.run(Duration::from_secs(25));
    assert!(!world.events.contains(&gone));
    world.run(Duration::from_secs(7));
    assert!(world.events.contains(&gone));
    assert_eq!(world.shards[0].stats().peers, 1);
    assert!(
        !world
            .events
            .iter()
            .any(|event| matches!(event, Event::Gone { peer, .. } if *peer == world.clients[ann].peer))
    );
}

#[test]
fn whoever_never_comes_is_gone_after_thirty_seconds() {
    let mut world = World::new(1);
    let ann = world.admit(0);
    world.clients[ann].unplugged = true;
    world.run(Duration::from_secs(32));
    let peer = world.clients[ann].peer;
    assert_eq!(world.events, [Event::Silent { peer }, Event::Gone { peer, why: GoneReason::TimedOut }]);
}

#[test]
fn a_client_that_closes_its_connection_is_gone_at_once() {
    let mut world = World::new(1);
    let ann = world.join(0);
    world.clients[ann].rtc.close().unwrap();
    world.run(Duration::from_millis(100));
    let peer = world.clients[ann].peer;
    assert!(world.events.contains(&Event::Gone { peer, why: GoneReason::Closed }), "{:?}", world.events);
}

/// Long after the handshake: ann talks, ben listens and has reported what he hears.
fn long_since() -> (World, usize, usize) {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.talk(ann, 2_000);
    (world, ann, ben)
}

#[test]
fn a_listener_who_closes_their_connection_late_is_no_ghost_for_long() {
    let (mut world, ann, ben) = long_since();
    let peer = world.clients[ben].peer;
    world.clients[ben].rtc.close().unwrap();
    world.talk(ann, 50);
    world.clients[ben].unplugged = true;
    world.talk(ann, 500);
    assert!(world.events.contains(&Event::Gone { peer, why: GoneReason::Doubted }), "{:?}", world.events);
}

#[test]
fn nobody_is_put_out_by_a_goodbye_that_somebody_else_wrote() {
    let (mut world, ann, ben) = long_since();
    let peer = world.clients[ben].peer;
    for _ in 0..60 {
        world.inject(0, world.clients[ben].address, &[21, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0]);
        world.talk(ann, 50);
    }
    assert!(!world.events.iter().any(|event| matches!(event, Event::Gone { .. })), "{:?}", world.events);
    // And a network that fails later, for less than half a minute, is waited for as ever.
    world.talk(ann, 500);
    world.clients[ben].unplugged = true;
    world.talk(ann, 1_000);
    assert!(!world.events.contains(&Event::Gone { peer, why: GoneReason::Doubted }), "{:?}", world.events);
    world.clients[ben].unplugged = false;
    world.talk(ann, 500);
    assert!(world.events.contains(&Event::Back { peer }), "{:?}", world.events);
}

#[test]
fn of_whoever_reports_what_they_hear_no_handshake_is_kept() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.talk(ann, 500);
    let eve = world.join(0);
    let mut asks_again = |client: usize| {
        let before = world.shards[0].stats().handshake_dropped;
        world.inject(0, world.clients[client].address, &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0]);
        world.shards[0].stats().handshake_dropped - before
    };
    assert_eq!(asks_again(ben), 1, "ten seconds after coming in");
    assert_eq!(asks_again(eve), 0, "just come in, and nothing was heard of yet");
    world.talk(ann, 50);
    assert_eq!(world.heard_by(ben, 1).len(), 550);
}

#[test]
fn speakers_are_told_how_they_arrive_and_listeners_what_was_sent() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    for i in 0..500 {
        world.clients[ann].unplugged = i % 5 == 0;
        world.talk(ann, 1);
    }
    assert!(!world.clients[ben].reported.is_empty(), "sender reports reach the listener");
    let losses = &world.clients[ann].losses;
    assert!(losses.len() >= 5, "a report a second: {losses:?}");
    assert!(losses.iter().any(|loss| (0.1..0.3).contains(loss)), "{losses:?}");
}

#[test]
fn a_listener_is_told_what_was_sent_about_as_often_as_they_tell_what_they_heard() {
    let (mut world, ann, ben) = long_since();
    let before = world.clients[ben].reported.len();
    world.talk(ann, 6_000);
    let told = world.clients[ben].reported.len() - before;
    // Two minutes; a client reports every five seconds.
    assert!((15..=30).contains(&told), "{told} times");
}

#[test]
fn an_index_that_is_taken_is_refused() {
    let mut world = World::new(1);
    let ann = world.join(0);
    let peer = PeerKey { generation: 2, ..world.clients[ann].peer };
    let far = PeerKey { shard: ShardIndex(0), index: media::limits::PEERS_PER_SHARD, generation: 1 };
    for peer in [peer, far] {
        let admission = world.admission(peer);
        world.command(peer, Command::Admit(Box::new(admission)));
        assert_eq!(world.events.last(), Some(&Event::Gone { peer, why: GoneReason::Refused }));
    }
    world.clients[ann].rtc.handle_input(Input::Timeout(world.now)).unwrap();
    world.run(Duration::from_secs(1));
    assert!(world.clients[ann].rtc.is_connected());
}
