//! Bytes from people who wish us ill.

use std::net::SocketAddr;
use std::time::Duration;

use media::ice::Credentials;
use media::{Event, Incarnation, Voice};
use proptest::prelude::*;

use sim::World;

fn stranger() -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 66], 6_666))
}

/// A room where ann talks and ben listens, and every datagram of it.
fn recorded() -> (World, usize, usize) {
    let mut world = World::new(1);
    world.recording = true;
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.talk(ann, 60);
    (world, ann, ben)
}

#[test]
fn a_replayed_packet_is_heard_once() {
    let (mut world, _, ben) = recorded();
    let before = world.shards[0].stats();
    let heard = world.heard_by(ben, 1).len();
    let all = std::mem::take(&mut world.received);
    let media: Vec<_> = all.iter().filter(|(_, _, bytes)| bytes[0] >> 6 == 2).collect();
    assert!(media.len() > 60);
    for (shard, source, bytes) in &media {
        world.inject(*shard, *source, bytes);
    }
    let after = world.shards[0].stats();
    assert_eq!(after.replayed - before.replayed, media.len() as u64);
    assert_eq!(after.voice_in, before.voice_in);
    assert_eq!(world.heard_by(ben, 1).len(), heard);
}

#[test]
fn packets_that_were_overheard_and_come_from_somewhere_else_move_nobody() {
    let (mut world, ann, ben) = recorded();
    let before = world.shards[0].stats();
    let heard = world.heard_by(ben, 1).len();
    let all = std::mem::take(&mut world.received);
    let (voice, others): (Vec<_>, Vec<_>) = all
        .iter()
        .filter(|(_, _, bytes)| bytes[0] > 3)
        .partition(|(_, _, bytes)| bytes[0] >> 6 == 2 && bytes[1] & 0x7f == 111);
    for (shard, _, bytes) in voice.iter().chain(&others) {
        world.inject(*shard, stranger(), bytes);
    }
    let after = world.shards[0].stats();
    assert_eq!(after.unknown - before.unknown, (voice.len() + others.len()) as u64);
    assert_eq!(
        after.replayed - before.replayed,
        voice.len() as u64,
        "only a speaker's voice is opened at all"
    );
    assert_eq!(world.heard_by(ben, 1).len(), heard);
    world.sent.clear();
    world.talk(ann, 10);
    world.run(Duration::from_secs(1));
    assert!(world.sent.iter().all(|sent| sent.to != stranger()));
    assert_eq!(world.heard_by(ben, 1).len(), heard + 10);
}

#[test]
fn a_flood_of_voice_from_nowhere_is_not_looked_at_for_long() {
    let (mut world, ann, ben) = recorded();
    let ssrc = world.received.iter().find(|(_, _, bytes)| bytes[0] >> 6 == 2 && bytes[1] & 0x7f == 111);
    let mut forged = ssrc.unwrap().2.clone();
    *forged.last_mut().unwrap() ^= 1;
    let before = world.shards[0].stats();
    for _ in 0..10_000 {
        world.inject(0, stranger(), &forged);
    }
    let after = world.shards[0].stats();
    assert_eq!(after.unknown - before.unknown, 10_000);
    let opened = (after.forged - before.forged) + (after.replayed - before.replayed);
    assert!((100..=200).contains(&opened), "{opened}");
    let heard = world.heard_by(ben, 1).len();
    world.talk(ann, 10);
    assert_eq!(world.heard_by(ben, 1).len(), heard + 10);
}

#[test]
fn a_forged_packet_changes_nothing() {
    let (mut world, ann, ben) = recorded();
    let heard = world.heard_by(ben, 1).len();
    world.received.clear();
    world.clients[ann].intercepted = true;
    world.talk(ann, 1);
    world.clients[ann].intercepted = false;
    let is_voice = |bytes: &[u8]| bytes[0] >> 6 == 2 && bytes[1] & 0x7f == 111;
    let (_, source, voice) = world.received.iter().find(|(_, _, bytes)| is_voice(bytes)).cloned().unwrap();
    let before = world.shards[0].stats();
    for at in 2..voice.len() {
        let mut forged = voice.clone();
        forged[at] ^= 0x40;
        world.inject(0, source, &forged);
    }
    let after = world.shards[0].stats();
    assert_eq!(after.voice_in, before.voice_in);
    // A length field that no longer fits is no packet at all.
    let (forged, malformed) = (after.forged - before.forged, after.malformed - before.malformed);
    assert_eq!(forged + malformed, voice.len() as u64 - 2);
    assert!(malformed <= 2, "{malformed}");
    assert_eq!(world.heard_by(ben, 1).len(), heard);
    world.inject(0, source, &voice);
    world.talk(ann, 20);
    assert_eq!(world.heard_by(ben, 1).len(), heard + 21, "the talker is not disturbed");
}

#[test]
fn a_check_for_an_earlier_process_or_peer_is_stale() {
    let mut world = World::new(1);
    let ann = world.join(0);
    let peer = world.clients[ann].peer;
    let before = world.shards[0].stats();
    world.recording = true;
    for (peer, incarnation) in [
        (peer, Incarnation(1)),
        (media::PeerKey { generation: 0, ..peer }, sim::INCARNATION),
        (media::PeerKey { index: 7, ..peer }, sim::INCARNATION),
    ] {
        let credentials = Credentials::new(peer, incarnation, [1; 18]);
        let check = sim::check(&credentials);
        world.inject(0, stranger(), &check);
    }
    let after = world.shards[0].stats();
    assert_eq!(after.stale - before.stale, 3);
    assert!(world.sent.is_empty(), "nobody is answered");
}

#[test]
fn a_check_with_a_wrong_password_is_not_answered() {
    let mut world = World::new(1);
    let ann = world.join(0);
    let credentials = Credentials::new(world.clients[ann].peer, sim::INCARNATION, [77; 18]);
    world.recording = true;
    world.inject(0, stranger(), &sim::check(&credentials));
    assert_eq!(world.shards[0].stats().forged, 1);
    assert!(world.sent.is_empty());
}

#[test]
fn an_oversized_datagram_is_refused_unread() {
    let (mut world, ann, _) = recorded();
    let source = world.clients[ann].address;
    world.inject(0, source, &[0x90; media::limits::DATAGRAM + 1]);
    assert_eq!(world.shards[0].stats().oversized, 1);
}

#[test]
fn a_flood_of_handshakes_is_bounded() {
    let (mut world, ann, _) = recorded();
    let source = world.clients[ann].address;
    let hello = world.received.iter().find(|(_, _, bytes)| bytes[0] == 22).unwrap().2.clone();
    for _ in 0..1_000 {
        world.inject(0, source, &hello);
    }
    let stats = world.shards[0].stats();
    assert_eq!(stats.handshake_dropped, 1_000 - media::limits::HANDSHAKE_QUEUE_PER_PEER as u64);
    world.run(Duration::from_secs(1));
    assert!(world.clients[ann].rtc.is_connected());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Everything that was ever on the wire, mangled, in any order, from anywhere: nobody is disturbed.
    #[test]
    fn mangled_datagrams_disturb_nobody(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1u8.., 0usize..40, 0u8..3), 1..200)
    ) {
        let (mut world, ann, ben) = recorded();
        let all = std::mem::take(&mut world.received);
        // Plain alerts and early handshake records are not authenticated: whoever sits on the path can end a handshake.
        for (which, at, flip, cut, from) in changes {
            let (shard, source, bytes) = which.get(&all);
            let mut bytes = bytes.clone();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            bytes.truncate(bytes.len().saturating_sub(cut));
            let source = match from {
                0 => stranger(),
                1 => world.clients[ben].address,
                _ => *source,
            };
            world.inject(*shard, source, &bytes);
        }
        let heard = world.heard_by(ben, 1).len();
        world.run(Duration::from_secs(1));
        let gone = world.events.iter().filter(|event| matches!(event, Event::Gone { .. })).count();
        prop_assert_eq!(gone, 0);
        world.talk(ann, 20);
        prop_assert_eq!(world.heard_by(ben, 1).len(), heard + 20);
    }
}

/// The first flight of somebody's handshake, as they sent it.
fn hello(world: &mut World) -> Vec<Vec<u8>> {
    world.recording = true;
    world.join(0);
    let mut flight = Vec::new();
    // Up to what only who read our answer could send: content type 22, handshake type 1 (RFC 6347 section 4.3.2).
    for (_, _, bytes) in std::mem::take(&mut world.received) {
        if bytes[0] == 22 && bytes[13] == 1 {
            flight.push(bytes);
        }
    }
    world.sent.clear();
    assert!(!flight.is_empty());
    flight
}

/// As the server gave them to this client.
fn credentials(world: &World, client: usize) -> Credentials {
    let random = u8::try_from(client).expect("few") + 1;
    Credentials::new(world.clients[client].peer, sim::INCARNATION, [random; 18])
}

fn sent_to_stranger(world: &World) -> usize {
    world.sent.iter().filter(|sent| sent.to == stranger()).map(|sent| sent.bytes.len()).sum()
}

/// What leaves for each byte that comes, at most, where somebody writes a stranger's address on so many volleys of all that
/// can be sent without reading an answer.
fn answered(volleys: u32) -> f64 {
    let mut world = World::new(1);
    let hello = hello(&mut world);
    let eve = world.admit(0);
    world.clients[eve].unplugged = true;
    let check = sim::check(&credentials(&world, eve));
    let (mut came, mut most) = (0, 0.0_f64);
    for volley in 1..=volleys {
        // As clients begin: a check, and one that chooses.
        for bytes in [&check, &check].into_iter().chain(&hello) {
            world.inject(0, stranger(), bytes);
            came += bytes.len();
        }
        // In the end longer than anything is sent again by itself.
        world.run(Duration::from_secs(if volley == volleys { 30 } else { 1 }));
        most = most.max(sent_to_stranger(&world) as f64 / came as f64);
    }
    assert!(most > 0.5, "an honest beginner is answered");
    most
}

#[test]
fn a_member_cannot_have_a_handshake_sent_to_somebody_who_never_asked() {
    for volleys in [1, 2, 20] {
        let most = answered(volleys);
        println!("measured: {most:.2} bytes left for each that came in {volleys} volleys");
        assert!(most <= 3.0, "{most}");
    }
}

#[test]
fn what_came_from_one_address_is_not_spent_on_another() {
    let mut world = World::new(1);
    let hello = hello(&mut world);
    let eve = world.admit(0);
    world.clients[eve].unplugged = true;
    let (credentials, home) = (credentials(&world, eve), world.clients[eve].address);
    let check = sim::check(&credentials);
    for _ in 0..50 {
        world.inject(0, home, &check);
    }
    world.inject(0, stranger(), &check);
    for bytes in &hello {
        world.inject(0, home, bytes);
    }
    world.run(Duration::from_secs(30));
    let left = sent_to_stranger(&world);
    assert!(left <= 3 * check.len(), "{left}");
}
