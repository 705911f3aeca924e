//! People who hear each other over real sockets.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on is a failed test")]

mod support;

use std::time::{Duration, Instant};

use media::{ChannelKey, Event, Form, GoneReason, PeerKey, ShardIndex, Talker, Voice};
use support::{Client, Heard, Server, What, on_stage};

const ANN: u32 = 1001;
const BEN: u32 = 1002;

/// Ann and Ben on two shards, on stage, speaking, and hearing each other.
struct Conversation {
    server: Server,
    channel: ChannelKey,
    ann: Client,
    ben: Client,
}

fn conversation(mut server: Server, [ann, ben]: [&str; 2]) -> Conversation {
    let channel = server.handle.open_channel(Form::Opus).unwrap();
    let (ann, ben) = (server.join(ann), server.join(ben));
    assert_ne!(ann.peer.shard, ben.peer.shard, "people are spread");
    on_stage(&server, channel, &ann, ANN);
    on_stage(&server, channel, &ben, BEN);
    ann.speak(b'a');
    ben.speak(b'b');
    assert_eq!(ann.hears(b'b', 20), [BEN; 20]);
    assert_eq!(ben.hears(b'a', 20), [ANN; 20]);
    Conversation { server, channel, ann, ben }
}

fn ordinary_conversation() -> Conversation {
    conversation(Server::start("127.0.0.1:0", 2, &["127.0.0.1"]), ["127.0.0.1"; 2])
}

/// When the last packet of this kind came, after `since`.
fn last_after(since: Instant, heard: &[Heard], what: impl Fn(&What) -> bool) -> Duration {
    let last = heard.iter().rev().find(|heard| what(&heard.what));
    last.map_or(Duration::ZERO, |last| last.at.saturating_duration_since(since))
}

fn is_voice(of: u8) -> impl Fn(&What) -> bool {
    move |what| matches!(what, What::Voice { byte, .. } if *byte == of)
}

/// What whoever is removed is promised.
const AT_MOST: Duration = Duration::from_millis(200);

fn voices(heard: &[Heard], of: u8) -> usize {
    heard.iter().filter(|heard| is_voice(of)(&heard.what)).count()
}

#[test]
fn two_people_on_two_shards_hear_each_other_and_not_themselves() {
    let Conversation { server, ann, ben, .. } = ordinary_conversation();
    let heard = (ann.listen(Duration::from_millis(500)), ben.listen(Duration::from_millis(500)));
    assert_eq!((voices(&heard.0, b'a'), voices(&heard.1, b'b')), (0, 0), "nobody hears themselves");
    assert_eq!((ann.hears(b'b', 25), ben.hears(b'a', 25)), (vec![BEN; 25], vec![ANN; 25]));
    for shard in server.handle.stats().shards.iter().flatten() {
        assert_eq!((shard.panics, shard.refused, shard.undelivered, shard.missed), (0, 0, 0, 0));
        assert!(shard.receive_buffer >= 208 << 10, "{}", shard.receive_buffer);
    }
}

#[test]
fn a_socket_for_both_families_serves_both() {
    let server = Server::start("[::]:0", 2, &["127.0.0.1", "::1"]);
    let both = conversation(server, ["127.0.0.1", "::1"]);
    assert_eq!(both.ann.hears(b'b', 10), [BEN; 10]);
    assert_eq!(both.ben.hears(b'a', 10), [ANN; 10]);
}

#[test]
fn a_host_with_several_addresses_answers_from_the_one_that_was_asked() {
    // Left to itself the kernel would answer from 127.0.0.1.
    let server = Server::start("0.0.0.0:0", 2, &["127.0.0.5"]);
    let both = conversation(server, ["127.0.0.1", "127.0.0.2"]);
    assert_eq!(both.ann.hears(b'b', 10), [BEN; 10]);
    assert_eq!(both.ben.hears(b'a', 10), [ANN; 10]);
}

#[test]
fn a_server_without_people_sleeps() {
    let server = Server::start("127.0.0.1:0", 2, &["127.0.0.1"]);
    let wake_ups = || server.handle.stats().shards.iter().flatten().map(|shard| shard.wake_ups).sum::<u64>();
    server.handle.open_channel(Form::Opus).unwrap();
    let before = wake_ups();
    // Nothing is waited for: this is the time in which nothing may happen.
    std::thread::sleep(Duration::from_millis(500));
    // Each shard wakes for each question, and once more if the bell rang while it was looking already. A timer of
    // 100 ms would be ten.
    let woken = wake_ups() - before;
    assert!(woken <= 6, "{woken}");
}

#[test]
fn who_is_cut_gets_nothing_more_and_is_heard_no_more() {
    let Conversation { mut server, ann, ben, .. } = ordinary_conversation();
    let called = Instant::now();
    server.handle.cut(ann.peer).unwrap();
    server.wait_for(Event::Cut { peer: ann.peer });
    let acknowledged = called.elapsed();
    let quiet = Duration::from_millis(800);
    let to_ann = last_after(called, &ann.listen(quiet), |_| true);
    let from_ann = last_after(called, &ben.listen(quiet), is_voice(b'a'));
    println!(
        "cut: acknowledged after {acknowledged:?}, last to Ann {to_ann:?}, last of Ann's voice {from_ann:?}"
    );
    assert!(acknowledged < AT_MOST && to_ann < AT_MOST && from_ann < AT_MOST);
}

#[test]
fn who_is_muted_is_not_heard_though_the_client_goes_on_sending() {
    let Conversation { server, channel, ann, ben } = ordinary_conversation();
    let called = Instant::now();
    server.handle.voice(ann.peer, channel, Talker(ANN), Voice::Off).unwrap();
    let heard = ben.listen(Duration::from_millis(800));
    let last = last_after(called, &heard, is_voice(b'a'));
    println!("mute: last of Ann's voice {last:?}");
    assert!(last < AT_MOST);
    server.handle.voice(ann.peer, channel, Talker(ANN), Voice::On).unwrap();
    assert_eq!(ben.hears(b'a', 10), [ANN; 10]);
}

#[test]
fn who_leaves_the_channel_hears_nothing() {
    let Conversation { server, ann, ben, .. } = ordinary_conversation();
    server.handle.unlisten(ann.peer).unwrap();
    // Ben still hears, so the conversation goes on while Ann's ears are empty.
    ben.hears(b'a', 10);
    let _on_the_way = ann.listen(Duration::from_millis(200));
    assert_eq!(voices(&ann.listen(Duration::from_millis(400)), b'b'), 0);
}

#[test]
fn a_closed_channel_is_silent_for_everybody() {
    let Conversation { server, channel, ann, ben } = ordinary_conversation();
    server.handle.close_channel(channel).unwrap();
    let _on_the_way = (ann.listen(Duration::from_millis(200)), ben.listen(Duration::from_millis(100)));
    assert_eq!(voices(&ann.listen(Duration::from_millis(300)), b'b'), 0);
    assert_eq!(voices(&ben.listen(Duration::from_millis(300)), b'a'), 0);
}

#[test]
fn a_place_is_given_to_somebody_else_after_its_owner_is_gone() {
    let mut server = Server::start("127.0.0.1:0", 1, &["127.0.0.1"]);
    let mut first = None;
    for _ in 0..80 {
        let client = server.admit("127.0.0.1");
        server.handle.cut(client.peer).unwrap();
        server.wait_for(Event::Cut { peer: client.peer });
        let key = client.peer;
        let taken = *first.get_or_insert(key);
        if key.index == taken.index && key != taken {
            assert_eq!(key, PeerKey { shard: ShardIndex(0), generation: taken.generation + 1, ..taken });
            return;
        }
    }
    panic!("never used again");
}

#[test]
fn a_client_that_says_goodbye_is_gone_at_once() {
    let mut server = Server::start("127.0.0.1:0", 1, &["127.0.0.1"]);
    let client = server.join("127.0.0.1");
    let peer = client.peer;
    client.leave();
    server.wait_for(Event::Gone { peer, why: GoneReason::Closed });
}
