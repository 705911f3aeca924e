//! Programs that speak and listen by one request (WHIP and WHEP).

use std::time::{Duration, Instant};

use keeper_api::SessionToken;
use protocol::ErrorCode;
use protocol::id::RoomId;
use protocol::media::Sdp;
use protocol::room::{Mic, MyMic, Person, Place, RoomCommand, RoomEvent, RoomKind};
use str0m::media::Direction::{self, RecvOnly, SendOnly};

use super::client::{Answer, Client, OFFER, offer_as, open_room, request, room};
use super::house::House;
use super::voice::{Offering, Voice};

/// How long silence is listened to.
const SILENCE: Duration = Duration::from_millis(500);

/// A program in a room, and where it is ended.
struct Program {
    voice: Voice,
    location: String,
}

async fn starts(house: &House, token: &SessionToken, room: RoomId, kind: &str) -> Program {
    let lines = if kind == "whip" { &[SendOnly][..] } else { &[RecvOnly; 3] };
    starts_with(house, token, room, kind, lines).await
}

async fn starts_with(
    house: &House,
    token: &SessionToken,
    room: RoomId,
    kind: &str,
    lines: &[Direction],
) -> Program {
    let offering = Offering::of_a_program(lines);
    let answer = offer_as(house, token, &format!("/api/v1/rooms/{room}/{kind}"), &offering.offer).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, "application/sdp"));
    let location = answer.header("location").to_owned();
    let voice = offering.connect(&Sdp(String::from_utf8(answer.body).expect("text")));
    Program { voice, location }
}

async fn ends(house: &House, token: &SessionToken, location: &str) -> Answer {
    let bearer = format!("Authorization: Bearer {}", token.reveal());
    request(house, &format!("DELETE {location}"), &[&bearer], "").await
}

/// Ann's room, with her on stage and open.
async fn anns_room(house: &House) -> (Client, Voice, RoomId) {
    let token = house.keeper.member("ann");
    let mut ann = Client::hello(house, &token).await;
    let offering = Offering::new();
    let started = ann.start_room_with(open_room(), &offering.offer).await;
    let voice = offering.connect(started.answer.as_ref().expect("an answer"));
    ann.command(RoomCommand::SetMic { mic: MyMic::Open }).await.expect("open");
    voice.speak(b'a');
    (ann, voice, started.view.room)
}

async fn person(client: &mut Client, fits: impl Fn(&Person) -> bool) -> Person {
    let event = client.event(|event| matches!(event, RoomEvent::Person { person } if fits(person))).await;
    let RoomEvent::Person { person } = event else { unreachable!("{event:?}") };
    person
}

fn is(handle: &str) -> impl Fn(&Person) -> bool {
    move |person| person.handle.as_ref().is_some_and(|its| its.as_str() == handle)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_is_asked_up_is_heard_and_is_gone_when_it_is_ended() {
    let house = House::new();
    let (mut ann, voice, room) = anns_room(&house).await;
    let ben = house.keeper.member("ben");
    let program = starts(&house, &ben, room, "whip").await;
    program.voice.speak(b'b');
    let shown = person(&mut ann, is("ben")).await;
    assert_eq!(shown.place, Place::Audience, "nobody is on stage unasked");
    assert_eq!(voice.last_of(b'b', Instant::now(), SILENCE), None, "in the audience nobody is heard");
    ann.command(RoomCommand::InviteToStage { who: shown.id }).await.expect("asked up");
    person(&mut ann, |person| person.place == Place::Stage { mic: Mic::Open } && is("ben")(person)).await;
    voice.hears(b'b', 10);

    ann.command(RoomCommand::Mute { who: shown.id }).await.expect("muted");
    assert_eq!(
        voice.last_of(b'b', Instant::now() + Duration::from_millis(200), SILENCE),
        None,
        "stays muted"
    );

    assert_eq!(ends(&house, &ben, &program.location).await.status, 200);
    ann.event(|event| matches!(event, RoomEvent::Gone { id } if *id == shown.id)).await;
    assert_eq!(ends(&house, &ben, &program.location).await.error(), ErrorCode::NotThere);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_listens_is_shown_and_hears_nothing_once_it_is_ended() {
    let house = House::new();
    let (mut ann, _voice, room) = anns_room(&house).await;
    let cat = house.keeper.member("cat");
    let program = starts(&house, &cat, room, "whep").await;
    program.voice.hears(b'a', 10);
    let shown = person(&mut ann, is("cat")).await;
    let since = Instant::now();
    assert_eq!(ends(&house, &cat, &program.location).await.status, 200);
    let last = program.voice.last_of(b'a', since, SILENCE);
    assert!(last.is_none_or(|last| last - since <= Duration::from_millis(200)), "{last:?}");
    ann.event(|event| matches!(event, RoomEvent::Gone { id } if *id == shown.id)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_with_a_single_line_hears_one_at_a_time_whoever_it_is() {
    let house = House::new();
    let (mut ann, voice, room) = anns_room(&house).await;
    let (ben, cat) = (house.keeper.member("ben"), house.keeper.member("cat"));
    let listener = starts_with(&house, &cat, room, "whep", &[RecvOnly]).await;
    listener.voice.hears(b'a', 10);
    let speaker = starts(&house, &ben, room, "whip").await;
    speaker.voice.speak(b'b');
    let shown = person(&mut ann, is("ben")).await;
    ann.command(RoomCommand::InviteToStage { who: shown.id }).await.expect("asked up");
    voice.hears(b'b', 10);
    assert_eq!(listener.voice.last_of(b'b', Instant::now(), SILENCE), None, "Ann still speaks");
    ann.command(RoomCommand::SetMic { mic: MyMic::Muted }).await.expect("muted");
    listener.voice.hears(b'b', 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_ends_with_the_session_that_started_it_and_when_it_is_removed() {
    let house = House::new();
    let (mut ann, _voice, room) = anns_room(&house).await;
    for handle in ["ben", "cat"] {
        let token = house.keeper.member(handle);
        let program = starts(&house, &token, room, "whep").await;
        program.voice.hears(b'a', 10);
        let shown = person(&mut ann, is(handle)).await;
        let since = Instant::now();
        match handle {
            "ben" => house.keeper.revoke(&token),
            _ => ann.command(RoomCommand::Remove { who: shown.id }).await.expect("removed"),
        }
        let last = program.voice.last_of(b'a', since, SILENCE);
        assert!(last.is_none_or(|last| last - since <= Duration::from_millis(200)), "{handle}: {last:?}");
    }
}

#[tokio::test]
async fn a_closed_room_and_no_room_are_the_same_to_a_program() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let mut ann = Client::hello(&house, &ann).await;
    let closed = ann.start_room(room(RoomKind::Closed, &[])).await.view.room;
    let ben = house.keeper.member("ben");
    for kind in ["whip", "whep"] {
        let nowhere = RoomId(crate::clock::random());
        let answers = [closed, nowhere].map(|room| format!("/api/v1/rooms/{room}/{kind}"));
        let [one, other] = [
            offer_as(&house, &ben, &answers[0], OFFER).await,
            offer_as(&house, &ben, &answers[1], OFFER).await,
        ];
        assert_eq!((one.status, one.error()), (404, ErrorCode::NotThere));
        let [one, other] = [one, other].map(|mut answer| {
            answer.headers.remove("date");
            (answer.status, answer.headers, answer.body)
        });
        assert_eq!(one, other);
    }
}

#[tokio::test]
async fn what_a_program_cannot_do_is_refused_by_name() {
    let house = House::new();
    let (_ann, _voice, room) = anns_room(&house).await;
    let ben = house.keeper.member("ben");
    let path = format!("/api/v1/rooms/{room}/whip");
    let deaf = Offering::of_a_program(&[SendOnly]).offer;
    let mute = Offering::of_a_program(&[RecvOnly]).offer;
    for (kind, offer) in [("whip", &mute), ("whep", &deaf), ("whep", &"v=0".to_owned())] {
        let answer = offer_as(&house, &ben, &format!("/api/v1/rooms/{room}/{kind}"), offer).await;
        assert_eq!((answer.status, answer.error()), (422, ErrorCode::BadOffer), "{kind}");
    }
    let json = request(&house, &format!("POST {path}"), &[&bearer(&ben)], "{}").await;
    assert_eq!((json.status, json.error()), (400, ErrorCode::Malformed));
    let stranger = SessionToken::from_random(crate::clock::random());
    assert_eq!(offer_as(&house, &stranger, &path, OFFER).await.error(), ErrorCode::SignedOut);
    let read = request(&house, &format!("GET {path}"), &[&bearer(&ben)], "").await;
    assert_eq!((read.status, read.header("allow")), (405, "POST"));

    let program = starts(&house, &ben, room, "whep").await;
    let patched = request(&house, &format!("PATCH {}", program.location), &[&bearer(&ben)], "").await;
    assert_eq!((patched.status, patched.header("allow")), (405, "DELETE"));
    let cat = house.keeper.member("cat");
    assert_eq!(ends(&house, &cat, &program.location).await.error(), ErrorCode::NotThere, "somebody else's");
    assert_eq!(ends(&house, &ben, &program.location).await.status, 200);
}

fn bearer(token: &SessionToken) -> String {
    format!("Authorization: Bearer {}", token.reveal())
}
