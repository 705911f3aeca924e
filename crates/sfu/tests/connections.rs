//! People whose network lets no UDP through, over real connections.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on is a failed test")]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use media::Event;
use media::ice::Ufrag;
use media::{Ear, Form};
use support::{Client, INCARNATION, Network, PATIENCE, Server, on_stage};

const ANN: u32 = 1001;
const BEN: u32 = 1002;

fn connections(server: &Server) -> usize {
    server.handle.stats().shards.iter().flatten().map(|shard| shard.connections).sum()
}

/// Ann with UDP, Ben without, on two shards, hearing each other.
fn conversation(server: &mut Server) -> [Client; 2] {
    let channel = server.handle.open_channel(Form::Opus).unwrap();
    let ann = server.join("127.0.0.1");
    let ben = server.join_by("127.0.0.1", Network::TcpOnly);
    assert_ne!(ann.peer.shard, ben.peer.shard, "people are spread");
    on_stage(server, channel, &ann, ANN);
    on_stage(server, channel, &ben, BEN);
    ann.speak(b'a');
    ben.speak(b'b');
    [ann, ben]
}

#[test]
fn somebody_without_udp_hears_and_is_heard() {
    let mut server = Server::start("127.0.0.1:0", 2, &["127.0.0.1"]);
    let [ann, ben] = conversation(&mut server);
    assert_eq!(ann.hears(b'b', 50), [BEN; 50]);
    assert_eq!(ben.hears(b'a', 50), [ANN; 50]);
    assert_eq!(connections(&server), 1);
    let stats = server.handle.stats();
    for shard in stats.shards.iter().flatten() {
        assert_eq!((shard.panics, shard.refused, shard.behind), (0, 0, 0));
    }
}

#[test]
fn a_listener_whose_connection_is_dead_costs_nobody_a_packet() {
    let mut server = Server::start("127.0.0.1:0", 1, &["127.0.0.1"]);
    let channel = server.handle.open_channel(Form::Opus).unwrap();
    let [ann, ben] = ["127.0.0.1"; 2].map(|ip| server.join(ip));
    let [cat, dan] = ["127.0.0.1"; 2].map(|ip| server.join_by(ip, Network::TcpOnly));
    on_stage(&server, channel, &ann, ANN);
    for listener in [&ben, &cat, &dan] {
        server.handle.listen(listener.peer, channel, None, Ear::Audience).unwrap();
    }
    ann.speak(b'a');
    cat.hears(b'a', 10);
    cat.freeze();
    ben.hears_all(b'a', 200);
    dan.hears_all(b'a', 200);
    assert_eq!(connections(&server), 2);
}

#[test]
fn the_connection_of_somebody_who_is_cut_off_is_closed_with_them() {
    let mut server = Server::start("127.0.0.1:0", 2, &["127.0.0.1"]);
    let [ann, ben] = conversation(&mut server);
    ben.hears(b'a', 10);
    ben.freeze();
    server.handle.cut(ben.peer).unwrap();
    server.wait_for(Event::Cut { peer: ben.peer });
    assert_eq!(connections(&server), 0, "whether they read or not");
    drop(ann);
}

#[test]
fn a_connection_that_proves_nothing_is_closed() {
    let mut server = Server::start("127.0.0.1:0", 1, &["127.0.0.1"]);
    // Somebody else's check, cut off before what proves it: this process expects such a person, and no more is known.
    let expected = server.join_by("127.0.0.1", Network::TcpOnly);
    let check = check_without_proof(&expected);
    let strangers: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(server.door).unwrap();
            stream.write_all(&support::wire::framed(&check)).unwrap();
            stream
        })
        .collect();
    for mut stranger in strangers {
        stranger.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = Vec::new();
        match stranger.read_to_end(&mut answer) {
            Ok(_) => assert_eq!(answer, b""),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
    }
    assert_eq!(connections(&server), 1, "the one that proved who it is");
}

#[test]
fn frames_that_are_no_frames_end_the_connection_and_nothing_else() {
    let mut server = Server::start("127.0.0.1:0", 2, &["127.0.0.1"]);
    let [ann, ben] = conversation(&mut server);
    let check = check_without_proof(&ben);
    for garbage in [vec![0xff; 4_000], vec![0x05; 70_000], vec![0; 70_000]] {
        let mut stream = TcpStream::connect(server.door).unwrap();
        stream.write_all(&support::wire::framed(&check)).unwrap();
        // Closed while it is being written to.
        let _ = stream.write_all(&garbage);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    }
    ann.hears_all(b'b', 50);
    ben.hears_all(b'a', 50);
}

#[test]
fn a_connection_that_ends_gives_its_place_back() {
    let mut server = Server::start("127.0.0.1:0", 2, &["127.0.0.1"]);
    let [ann, ben] = conversation(&mut server);
    ben.hears(b'a', 10);
    let before = Arc::weak_count(&server.places) + Arc::strong_count(&server.places);
    drop(ben);
    let until = Instant::now() + PATIENCE;
    while Arc::weak_count(&server.places) + Arc::strong_count(&server.places) == before {
        assert!(Instant::now() < until, "still counted");
        ann.listen(Duration::from_millis(20));
    }
    assert_eq!(connections(&server), 0);
}

/// A check with the right name and no proof.
fn check_without_proof(somebody: &Client) -> Vec<u8> {
    let peer = somebody.peer;
    let name = format!("{}:me", Ufrag { peer, incarnation: INCARNATION });
    let mut attribute =
        [&6u16.to_be_bytes()[..], &u16::try_from(name.len()).unwrap().to_be_bytes(), name.as_bytes()]
            .concat();
    attribute.resize(attribute.len().next_multiple_of(4), 0);
    let length = u16::try_from(attribute.len()).unwrap();
    [&1u16.to_be_bytes()[..], &length.to_be_bytes(), &0x2112_a442_u32.to_be_bytes(), &[7; 12], &attribute]
        .concat()
}
