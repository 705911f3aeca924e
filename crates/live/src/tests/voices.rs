//! Who hears whom, from the socket's word to the packet.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use protocol::id::{ParticipantId, RoomId};
use protocol::room::{LeftReason, MyMic, RoomCommand, RoomEvent};
use protocol::socket::{ClientMessage, ServerMessage};

use super::client::{Client, InRoom, open_room};
use super::house::{House, PATIENCE};
use super::voice::{Network, Offering, Voice};

/// What whoever is removed is promised, between a command and the last packet.
const AT_MOST: Duration = Duration::from_millis(200);
/// How long silence is listened to.
const SILENCE: Duration = Duration::from_millis(500);

struct Talker {
    client: Client,
    voice: Voice,
    room: InRoom,
}

struct Conversation {
    house: House,
    room: RoomId,
    /// Owns the room, on stage, open.
    ann: Talker,
    /// On stage, open.
    ben: Talker,
}

async fn starts(house: &House, handle: &str) -> Talker {
    let token = house.keeper.member(handle);
    let mut client = Client::hello(house, &token).await;
    let offering = Offering::new();
    let room = client.start_room_with(open_room(), &offering.offer).await;
    let voice = offering.connect(room.answer.as_ref().expect("an answer"));
    Talker { client, voice, room }
}

async fn enters(house: &House, handle: &str, room: RoomId) -> Talker {
    enters_with(house, handle, room, Offering::new()).await
}

async fn enters_with(house: &House, handle: &str, room: RoomId, offering: Offering) -> Talker {
    let token = house.keeper.member(handle);
    let mut client = Client::hello(house, &token).await;
    let room = client.enter_with(room, Some(&offering.offer), None).await.expect("in");
    let voice = offering.connect(room.answer.as_ref().expect("an answer"));
    Talker { client, voice, room }
}

impl Talker {
    fn id(&self) -> ParticipantId {
        self.room.view.you.id
    }

    async fn opens_the_microphone(&mut self) {
        self.client.command(RoomCommand::SetMic { mic: MyMic::Open }).await.expect("open");
    }
}

async fn conversation() -> Conversation {
    conversation_with(Network::Udp).await
}

/// With ben on such a network.
async fn conversation_with(network: Network) -> Conversation {
    let house = House::new();
    let ben = Offering::on(network, house.address);
    conversation_in(house, ben).await
}

async fn conversation_in(house: House, ben: Offering) -> Conversation {
    let mut ann = starts(&house, "ann").await;
    let room = ann.room.view.room;
    let mut ben = enters_with(&house, "ben", room, ben).await;
    ann.client.command(RoomCommand::InviteToStage { who: ben.id() }).await.expect("invited");
    ben.client.command(RoomCommand::AcceptInvitation).await.expect("accepted");
    ann.opens_the_microphone().await;
    ben.opens_the_microphone().await;
    ann.voice.speak(b'a');
    ben.voice.speak(b'b');
    ann.voice.hears(b'b', 10);
    ben.voice.hears(b'a', 10);
    Conversation { house, room, ann, ben }
}

fn silent_after(listener: &Voice, byte: u8, since: Instant) {
    if let Some(last) = listener.last_of(byte, since, SILENCE) {
        assert!(last - since <= AT_MOST, "heard {:?} after the command", last - since);
    }
    assert_eq!(listener.last_of(byte, Instant::now(), SILENCE), None, "silence lasts");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_on_stage_are_heard_by_the_audience_and_the_audience_by_nobody() {
    let Conversation { house, room, ann, ben } = conversation().await;
    let cat = enters(&house, "cat", room).await;
    cat.voice.speak(b'c');
    cat.voice.hears(b'a', 10);
    cat.voice.hears(b'b', 10);
    for listener in [&ann.voice, &ben.voice] {
        assert_eq!(listener.last_of(b'c', Instant::now(), SILENCE), None, "a client that sends all the same");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_heard_is_shown() {
    let Conversation { house, room, ann, ben } = conversation().await;
    let mut cat = enters(&house, "cat", room).await;
    let both = [Some(ann.id()), Some(ben.id())];
    let named = |slots: &protocol::room::Slots| both.iter().all(|id| slots.contains(id));
    if !named(&cat.room.view.slots) {
        cat.client.event(|event| matches!(event, RoomEvent::Slots { slots } if named(slots))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_held_is_silent_at_once_and_cannot_be_heard_by_lying() {
    for network in Network::BOTH {
        let mut talk = conversation_with(network).await;
        let since = Instant::now();
        talk.ann.client.command(RoomCommand::Hold { who: talk.ben.id() }).await.expect("held");
        silent_after(&talk.ann.voice, b'b', since);
        talk.ann.client.command(RoomCommand::Release { who: talk.ben.id() }).await.expect("released");
        assert_eq!(talk.ann.voice.last_of(b'b', Instant::now(), SILENCE), None, "released is muted");
        talk.ben.opens_the_microphone().await;
        talk.ann.voice.hears(b'b', 10);
    }
}

/// Every other way in which somebody stops being heard by a word of theirs or of a moderator; and they hear on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_moved_steps_down_or_is_muted_is_silent_at_once_and_hears_on() {
    type Word = fn(ParticipantId) -> RoomCommand;
    let anns: [Word; 4] = [
        |who| RoomCommand::MoveToAudience { who },
        |who| RoomCommand::Mute { who },
        |_| RoomCommand::MuteAll,
        |_| RoomCommand::Panic,
    ];
    let bens: [Word; 2] = [|_| RoomCommand::StepDown, |_| RoomCommand::SetMic { mic: MyMic::Muted }];
    for network in Network::BOTH {
        let said = anns.iter().map(|word| (word, true)).chain(bens.iter().map(|word| (word, false)));
        for (word, by_ann) in said {
            let mut talk = conversation_with(network).await;
            let command = word(talk.ben.id());
            let client = if by_ann { &mut talk.ann.client } else { &mut talk.ben.client };
            let since = Instant::now();
            client.command(command).await.expect("done");
            silent_after(&talk.ann.voice, b'b', since);
            talk.ben.voice.hears(b'a', 10);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_removed_neither_hears_nor_is_heard() {
    for network in Network::BOTH {
        let mut talk = conversation_with(network).await;
        let since = Instant::now();
        talk.ann.client.command(RoomCommand::Remove { who: talk.ben.id() }).await.expect("removed");
        let told = ServerMessage::Left { room: talk.room, reason: LeftReason::Removed };
        talk.ben.client.until(|message| *message == told).await;
        silent_after(&talk.ann.voice, b'b', since);
        silent_after(&talk.ben.voice, b'a', since);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_removed_and_reads_late_gets_nothing_that_waited_for_them() {
    let house = House::new();
    let slow = Offering::with_a_short_queue(house.address).await;
    let mut talk = conversation_in(house, slow).await;
    let mut stream = talk.ben.voice.stops_reading();
    let cat = enters(&talk.house, "cat", talk.room).await;
    cat.voice.hears(b'a', 150);
    let waits = bytes_to_read(&stream);
    cat.voice.hears(b'a', 50);
    assert_eq!(bytes_to_read(&stream), waits, "full: the rest waits at the server");

    let since = Instant::now();
    talk.ann.client.command(RoomCommand::Remove { who: talk.ben.id() }).await.expect("removed");
    cat.voice.last_of(b'a', since, AT_MOST.saturating_sub(since.elapsed()));
    let until_then = bytes_to_read(&stream);
    let (mut read, mut buffer) = (0, [0; 4_096]);
    let end = loop {
        match stream.read(&mut buffer) {
            Ok(count @ 1..) => read += count,
            other => break other,
        }
    };
    assert_eq!(read, until_then, "nothing has come since");
    assert_eq!(end.map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
}

/// That have come, and were not read.
fn bytes_to_read(stream: &TcpStream) -> usize {
    stream.peek(&mut vec![0; 1 << 20]).expect("a connection that stands")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_hears_nothing_more() {
    for network in Network::BOTH {
        let mut talk = conversation_with(network).await;
        let since = Instant::now();
        talk.ben.client.say(&ClientMessage::Leave).await;
        silent_after(&talk.ben.voice, b'a', since);
        silent_after(&talk.ann.voice, b'b', since);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_device_hears_and_the_first_does_not() {
    let talk = conversation().await;
    let laptop = talk.house.keeper.device("ben");
    let mut laptop = Client::hello(&talk.house, &laptop).await;
    let offering = Offering::new();
    let since = Instant::now();
    let entered = laptop.enter_with(talk.room, Some(&offering.offer), None).await.expect("in");
    let voice = offering.connect(entered.answer.as_ref().expect("an answer"));
    silent_after(&talk.ben.voice, b'a', since);
    voice.hears(b'a', 10);
    voice.speak(b'd');
    assert_eq!(talk.ann.voice.last_of(b'd', Instant::now(), SILENCE), None, "nobody opened this microphone");
    laptop.command(RoomCommand::SetMic { mic: MyMic::Open }).await.expect("open");
    talk.ann.voice.hears(b'd', 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_socket_silences_nobody() {
    let talk = conversation().await;
    let Talker { client, voice, .. } = talk.ben;
    client.vanish();
    voice.hears(b'a', 50);
    talk.ann.voice.hears(b'b', 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fresh_media_takes_over_once_it_works() {
    let mut talk = conversation().await;
    let offering = Offering::new();
    let offer = protocol::media::Sdp(offering.offer.clone());
    talk.ben.client.say(&ClientMessage::Media { request: 99, offer }).await;
    let answered = |message: &ServerMessage| matches!(message, ServerMessage::Answer { request: 99, .. });
    let ServerMessage::Answer { answer, .. } = talk.ben.client.until(answered).await else { panic!() };
    talk.ben.voice.hears(b'a', 20);
    let fresh = offering.connect(&answer);
    fresh.hears(b'a', 10);
    let taken_over = Instant::now();
    fresh.speak(b'f');
    talk.ann.voice.hears(b'f', 10);
    // The old connection speaks on and listens on, whatever its client was told.
    talk.ben.voice.speak(b'o');
    silent_after(&talk.ben.voice, b'a', taken_over);
    silent_after(&talk.ann.voice, b'b', taken_over);
    assert_eq!(talk.ann.voice.last_of(b'o', taken_over, SILENCE), None, "a connection that was replaced");
    fresh.hears(b'a', 10);
    talk.ann.voice.hears(b'f', 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_session_is_silent_at_once() {
    for network in Network::BOTH {
        let mut talk = conversation().await;
        let laptop = talk.house.keeper.device("ben");
        let mut laptop_client = Client::hello(&talk.house, &laptop).await;
        let offering = Offering::on(network, talk.house.address);
        let entered = laptop_client.enter_with(talk.room, Some(&offering.offer), None).await.expect("in");
        let voice = offering.connect(entered.answer.as_ref().expect("an answer"));
        voice.hears(b'a', 10);
        let since = Instant::now();
        talk.house.keeper.revoke(&laptop);
        assert_eq!(laptop_client.end().await, Some(4401));
        silent_after(&voice, b'a', since);
        talk.ann.client.event(|event| matches!(event, RoomEvent::Gone { .. })).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_session_is_silent_at_once_whatever_else_the_keeper_has_said() {
    let talk = conversation().await;
    let laptop = talk.house.keeper.device("ben");
    let mut laptop_client = Client::hello(&talk.house, &laptop).await;
    let offering = Offering::new();
    let entered = laptop_client.enter_with(talk.room, Some(&offering.offer), None).await.expect("in");
    let voice = offering.connect(entered.answer.as_ref().expect("an answer"));
    voice.hears(b'a', 10);
    talk.house.keeper.says_nothing_of_follows();
    talk.house.keeper.says_that_follows_changed("ann", 2 * crate::limits::PUSH_MAILBOX);
    let since = Instant::now();
    talk.house.keeper.revoke(&laptop);
    silent_after(&voice, b'a', since);
    assert_eq!(laptop_client.end().await, Some(4401));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_rooms_never_leak() {
    let house = House::new();
    let mut ann = starts(&house, "ann").await;
    let mut ben = starts(&house, "ben").await;
    let in_anns = enters(&house, "cat", ann.room.view.room).await;
    let in_bens = enters(&house, "dan", ben.room.view.room).await;
    ann.opens_the_microphone().await;
    ben.opens_the_microphone().await;
    ann.voice.speak(b'a');
    ben.voice.speak(b'b');
    in_anns.voice.hears(b'a', 20);
    in_bens.voice.hears(b'b', 20);
    assert_eq!(in_anns.voice.last_of(b'b', Instant::now(), SILENCE), None);
    assert_eq!(in_bens.voice.last_of(b'a', Instant::now(), SILENCE), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_without_udp_hears_and_is_heard_through_the_port_of_the_web() {
    let mut talk = conversation().await;
    let without_udp = Offering::on(Network::TcpOnly, talk.house.address);
    let mut cat = enters_with(&talk.house, "cat", talk.room, without_udp).await;
    cat.voice.hears(b'a', 20);
    cat.voice.hears(b'b', 20);
    talk.ann.client.command(RoomCommand::InviteToStage { who: cat.id() }).await.expect("invited");
    cat.client.command(RoomCommand::AcceptInvitation).await.expect("accepted");
    cat.opens_the_microphone().await;
    cat.voice.speak(b'c');
    talk.ann.voice.hears(b'c', 20);
}

/// What a connection gets that says this, and nothing more.
fn answer_to(house: &House, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(house.address).expect("accepted");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.write_all(bytes).expect("sent");
    let mut answer = Vec::new();
    // Reset is as good an end as any.
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_begins_like_media_and_is_none_is_closed_without_a_word() {
    let house = House::new();
    for bytes in [&[0, 4, 1, 2, 3, 4][..], &[2, 0xff], &[0, 0]] {
        assert_eq!(answer_to(&house, bytes), b"", "{bytes:?}");
    }
    let request = b"GET /api/v1/health/alive HTTP/1.0\r\n\r\n";
    assert!(answer_to(&house, request).starts_with(b"HTTP/1."), "the web goes on");
}
