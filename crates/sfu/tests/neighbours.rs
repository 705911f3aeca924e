//! Bad neighbours: nobody else loses a packet, and nothing grows.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on is a failed test")]

mod support;

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use media::{Ear, Form};
use support::{Client, Server, What, on_stage};

const ANN: u32 = 1001;
const MAL: u32 = 1002;

/// Ann speaks; Mal may; Cat listens.
fn room(shards: usize) -> (Server, [Client; 3]) {
    let mut server = Server::start("127.0.0.1:0", shards, &["127.0.0.1"]);
    let channel = server.handle.open_channel(Form::Opus).unwrap();
    let [ann, mal, cat] = ["127.0.0.1"; 3].map(|ip| server.join(ip));
    on_stage(&server, channel, &ann, ANN);
    on_stage(&server, channel, &mal, MAL);
    server.handle.listen(cat.peer, channel, None, Ear::Audience).unwrap();
    ann.speak(b'a');
    cat.hears(b'a', 10);
    (server, [ann, mal, cat])
}

#[test]
fn a_sender_who_floods_is_cut_to_a_talkers_rate_and_nobody_else_loses_anything() {
    let (_server, [_ann, mal, cat]) = room(1);
    mal.flood(b'm');
    cat.hears(b'm', 1);
    let span = Duration::from_secs(3);
    let heard = cat.listen(span);
    let of = |wanted: u8| {
        heard
            .iter()
            .filter(move |heard| matches!(heard.what, What::Voice { byte, .. } if byte == wanted))
            .count()
    };
    // A talker's bucket: 120 a second, and 50 at once.
    let most = 120 * 3 + 50 + 20;
    assert!((100..=most).contains(&of(b'm')), "{} packets of who floods", of(b'm'));
    cat.hears_all(b'a', 100);
}

/// Bytes of this process in memory, clients of the test included.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Datagrams that look like something, from somebody who is nobody, as fast as the test can for this long.
fn garbage(server: SocketAddr, span: Duration) -> usize {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let until = Instant::now() + span;
    let mut sent = 0usize;
    // First bytes of a check, of DTLS, of voice, of RTCP, of nothing; then whatever.
    let firsts = [[0, 1], [22, 254], [0x80, 111], [0x80, 201], [0xff, 0xff]];
    while Instant::now() < until {
        for first in firsts {
            let mut bytes = [0; 200];
            bytes[..2].copy_from_slice(&first);
            for (at, byte) in bytes.iter_mut().enumerate().skip(2) {
                *byte = (sent.wrapping_mul(31) ^ at.wrapping_mul(17)).to_le_bytes()[0];
            }
            sent += usize::from(socket.send_to(&bytes[..20 + sent % 180], server).is_ok());
        }
        // Not faster than one core can throw away: what is tested is what is kept, not who is faster.
        std::thread::sleep(Duration::from_micros(200));
    }
    sent
}

#[test]
fn garbage_is_thrown_away_and_nothing_is_kept_of_it() {
    let (server, [_ann, _mal, cat]) = room(2);
    let address = server.address();
    cat.hears(b'a', 50);
    let before = resident();
    let sender = std::thread::spawn(move || garbage(address, Duration::from_secs(3)));
    cat.hears_all(b'a', 100);
    let sent = sender.join().unwrap();
    let grown = resident().saturating_sub(before);
    println!("{sent} datagrams of garbage, {grown} bytes more");
    assert!(sent > 10_000, "{sent}");
    assert!(grown < 4 << 20, "{grown} bytes more after {sent} datagrams");
    for shard in server.handle.stats().shards.iter().flatten() {
        assert_eq!((shard.panics, shard.missed, shard.undelivered), (0, 0, 0));
    }
}
