//! Bad neighbours: nobody else loses a packet.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on is a failed test")]

mod support;

use std::time::Duration;

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

#[test]
fn a_listener_whose_checks_and_reports_come_by_the_thousand_costs_nobody_a_word() {
    for shards in [1, 2] {
        let (server, [_ann, mal, cat]) = room(shards);
        let received =
            || server.handle.stats().shards.iter().flatten().map(|shard| shard.received).sum::<u64>();
        let before = received();
        mal.repeat(1_000);
        // Every few seconds a check and a report: some thousand of each.
        while received() < before + 5_000 {
            cat.hears_all(b'a', 50);
        }
        cat.hears_all(b'a', 50);
    }
}
