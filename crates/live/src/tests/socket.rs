//! One client's line.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use protocol::limits::CLIENT_MESSAGE_BYTES_MAX;
use protocol::room::{LeftReason, RoomCommand, RoomKind};
use protocol::sandbox::SandboxState;
use protocol::socket::{ClientMessage, ServerMessage};
use protocol::{ErrorCode, PROTOCOL_VERSION};

use super::client::{Client, hello, open_room, request, request_as, room};
use super::house::House;
use crate::limits::SEARCHES_BURST;

fn failed(request: Option<u32>, error: ErrorCode) -> ServerMessage {
    ServerMessage::Failed { request, error }
}

#[tokio::test]
async fn a_client_is_welcomed_with_who_it_is_and_what_is_true_of_the_server() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let mut ann = Client::connect(&house, &ann).await;
    let ServerMessage::Welcome { protocol, server, me, hallway, .. } = ann.welcome().await else { panic!() };
    assert_eq!((protocol, me.unwrap().handle.as_str()), (PROTOCOL_VERSION, "ann"));
    assert_eq!((server.name.as_str(), server.sandbox), ("Kitchen", SandboxState::Off));
    assert_eq!(server.bundle, web::BUNDLE);
    assert!(hallway.is_empty());
}

#[tokio::test]
async fn nobody_gets_a_line_without_a_session_or_from_another_page() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let stranger = keeper_api::SessionToken::from_random([9; 32]);
    for (token, origin, status) in [
        (&stranger, house.url(), 401),
        (&ann, "http://evil.example".to_owned(), 403),
        (&ann, "null".to_owned(), 403),
    ] {
        match Client::try_connect(&house, token, &[("origin", &origin)]).await {
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => {
                assert_eq!(answer.status(), status, "{origin}")
            }
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("let in from {origin}"),
        }
    }
    assert!(Client::try_connect(&house, &ann, &[("origin", &house.url())]).await.is_ok());
    let plain = request_as(&house, &ann, "GET /api/v1/socket", "").await;
    assert_eq!(plain.error(), ErrorCode::Malformed, "not an upgrade");
}

#[tokio::test]
async fn a_client_of_another_time_is_told_to_reload() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    for version in [0, PROTOCOL_VERSION + 1] {
        let mut client = Client::connect(&house, &ann).await;
        client.say(&hello(version)).await;
        assert_eq!(client.next().await, failed(None, ErrorCode::OldClient));
        assert_eq!(client.end().await, Some(4426));
    }
}

#[tokio::test]
async fn what_comes_out_of_order_is_refused_and_nothing_is_lost() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let mut ann = Client::connect(&house, &ann).await;
    assert_eq!(ann.command(RoomCommand::RaiseHand).await, Err(ErrorCode::OutOfOrder), "before the hello");
    ann.say(&ClientMessage::FindPeople { request: 7, text: "b".to_owned() }).await;
    assert_eq!(ann.next().await, failed(Some(7), ErrorCode::OutOfOrder));
    ann.welcome().await;
    ann.say(&hello(PROTOCOL_VERSION)).await;
    assert_eq!(ann.next().await, failed(None, ErrorCode::OutOfOrder), "a second hello");
    assert_eq!(ann.command(RoomCommand::RaiseHand).await, Err(ErrorCode::OutOfOrder), "in no room");
    for message in [ClientMessage::Leave, ClientMessage::Resync] {
        ann.say(&message).await;
        assert_eq!(ann.next().await, failed(None, ErrorCode::OutOfOrder));
    }
    ann.say(&ClientMessage::Ping).await;
    assert_eq!(ann.next().await, ServerMessage::Pong, "the line still works");
}

#[tokio::test]
async fn what_cannot_be_read_gets_a_stable_code_under_its_own_number() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let mut ann = Client::hello(&house, &ann).await;
    let id = "AAAAAAAAAAAAAAAAAAAAAA";
    for (text, expected) in [
        ("", failed(None, ErrorCode::Malformed)),
        ("[]", failed(None, ErrorCode::Malformed)),
        (r#"{"type":"enter_room","request":5}"#, failed(Some(5), ErrorCode::Malformed)),
        (r#"{"type":"enter_room","request":5,"room":"x"}"#, failed(Some(5), ErrorCode::Malformed)),
        (
            r#"{"type":"start_room","request":6,"offer":"","room":{"title":" ","kind":"open","hands":"off"}}"#,
            failed(Some(6), ErrorCode::BadTitle),
        ),
        (
            &format!(r#"{{"type":"enter_room","request":7,"room":"{id}","offer":"v=0"}}"#),
            failed(Some(7), ErrorCode::BadOffer),
        ),
        (
            &format!(r#"{{"type":"enter_room","request":8,"room":"{id}","offer":"{}"}}"#, "x".repeat(40_000)),
            failed(Some(8), ErrorCode::TooLarge),
        ),
        (&"x".repeat(CLIENT_MESSAGE_BYTES_MAX + 1), failed(None, ErrorCode::TooLarge)),
    ] {
        ann.say_text(text).await;
        assert_eq!(ann.next().await, expected, "{}", &text[..text.len().min(80)]);
    }
    ann.say_text(&format!(r#"{{"type":"command","id":"{id}","command":{{"do":"fly"}}}}"#)).await;
    let ServerMessage::Command { result } = ann.next().await else { panic!() };
    assert_eq!((result.id.to_string().as_str(), result.error), (id, Some(ErrorCode::Malformed)));
    ann.say_bytes(b"\0\xff").await;
    assert_eq!(ann.next().await, failed(None, ErrorCode::Malformed));
    ann.say_text(r#"{"type":"sing","song":7}"#).await;
    ann.say(&ClientMessage::Ping).await;
    assert_eq!(ann.next().await, ServerMessage::Pong, "a message of a later version is passed over");
}

#[tokio::test]
async fn a_message_beyond_all_bounds_ends_the_line_and_harms_nobody() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let mut loud = Client::hello(&house, &ann).await;
    let mut calm = Client::hello(&house, &ann).await;
    loud.say_text(&"x".repeat(3 * CLIENT_MESSAGE_BYTES_MAX)).await;
    loud.end().await;
    calm.say(&ClientMessage::Ping).await;
    assert_eq!(calm.next().await, ServerMessage::Pong);
}

#[tokio::test]
async fn a_flood_is_refused_and_then_cut() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let mut ann = Client::hello(&house, &ann).await;
    let mut refused = 0;
    let end = loop {
        // A socket that is closed takes no more; what it said last is still to be read.
        for _ in 0..100 {
            let _ = ann.try_say(&ClientMessage::Ping).await;
        }
        let answers = async {
            for _ in 0..100 {
                match ann.next_or_end().await? {
                    ServerMessage::Pong => {}
                    message => {
                        assert_eq!(message, failed(None, ErrorCode::TooMany));
                        refused += 1;
                    }
                }
            }
            Ok::<(), Option<u16>>(())
        };
        match answers.await {
            Ok(()) => {}
            Err(end) => break end,
        }
    };
    assert!(refused >= crate::limits::MESSAGES_REFUSED_MAX, "{refused}");
    assert_eq!(end, Some(4429));
}

#[tokio::test]
async fn a_revoked_session_is_cut_at_once() {
    let house = House::new();
    let (phone, laptop) = (house.keeper.member("ann"), house.keeper.device("ann"));
    let mut on_phone = Client::hello(&house, &phone).await;
    let mut on_laptop = Client::hello(&house, &laptop).await;
    let mut silent = Client::connect(&house, &phone).await;
    let started = on_phone.start_room(open_room()).await;
    house.keeper.revoke(&phone);
    let room = started.view.room;
    on_phone.until(|message| *message == ServerMessage::Left { room, reason: LeftReason::SignedOut }).await;
    assert_eq!(on_phone.end().await, Some(4401));
    assert_eq!(silent.end().await, Some(4401), "even before its hello");
    on_laptop.say(&ClientMessage::Ping).await;
    on_laptop.until(|message| *message == ServerMessage::Pong).await;
}

#[tokio::test]
async fn who_cannot_be_welcomed_now_is_told_to_come_again() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let mut ann = Client::connect(&house, &ann).await;
    house.keeper.hang_up();
    ann.say(&hello(PROTOCOL_VERSION)).await;
    assert_eq!(ann.end().await, Some(1001));
}

#[tokio::test]
async fn a_new_name_reaches_all_my_lines() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let mut one = Client::hello(&house, &ann).await;
    let mut two = Client::hello(&house, &ann).await;
    let renamed = request_as(&house, &ann, "POST /api/v1/me/name", r#"{"name":"Anna"}"#).await;
    assert_eq!(renamed.status, 200);
    for client in [&mut one, &mut two] {
        let ServerMessage::Me { me } = client.until(|m| matches!(m, ServerMessage::Me { .. })).await else {
            panic!()
        };
        assert_eq!(me.name.as_str(), "Anna");
    }
}

#[tokio::test]
async fn a_room_that_is_closed_to_me_and_one_that_never_was_are_told_in_the_same_bytes() {
    let house = House::new();
    let (ann, eve) = (house.keeper.member("ann"), house.keeper.member("eve"));
    let mut ann = Client::hello(&house, &ann).await;
    let closed = ann.start_room(room(RoomKind::Closed, &[])).await.view.room.to_string();
    let never = protocol::id::RoomId(crate::clock::random()).to_string();
    let mut answers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut asked = BTreeSet::new();
    for id in [&closed, &never] {
        let mut socket = Client::hello(&house, &eve).await;
        let offer = serde_json::to_string(super::client::OFFER).unwrap();
        for message in [
            format!(r#"{{"type":"enter_room","request":1,"room":"{id}","offer":{offer}}}"#),
            format!(r#"{{"type":"enter_room","request":2,"room":"{id}","seat":"AAAAAAAAAAAAAAAAAAAAAA"}}"#),
            format!(
                r#"{{"type":"enter_room","request":3,"room":"{id}","offer":{offer},"seat":"AAAAAAAAAAAAAAAAAAAAAA"}}"#
            ),
            format!(r#"{{"type":"decline_room","room":"{id}"}}"#),
        ] {
            asked.insert(type_of(&serde_json::from_str(&message).unwrap()));
            socket.say_text(&message).await;
            answers.entry(id).or_default().push(socket.next_text().await);
        }
        for line in
            [format!("GET /r/{id}"), format!("GET /api/v1/rooms/{id}"), format!("POST /api/v1/rooms/{id}")]
        {
            let answer = request(&house, &line, &[], "").await;
            let text = format!("{} {:?} {:?}", answer.status, answer.headers, answer.body);
            answers.entry(id).or_default().push(without_date(&text));
        }
    }
    let both: Vec<_> = answers.into_values().collect();
    assert_eq!(both[0], both[1]);
    // Whatever else a client may say of a room belongs into the list above.
    let all: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../protocol/fixtures/client.json")).unwrap();
    let of_rooms = all.iter().filter(|message| message["room"].is_string()).map(type_of);
    assert_eq!(of_rooms.collect::<BTreeSet<_>>(), asked);
    assert!(both[0].iter().take(4).all(|text| text.contains("not_there")), "{:?}", &both[0][..4]);
}

fn type_of(message: &serde_json::Value) -> String {
    message["type"].as_str().unwrap().to_owned()
}

fn without_date(text: &str) -> String {
    let Some(at) = text.find(r#""date": ""#) else { return text.to_owned() };
    let end = at + 9 + text[at + 9..].find('"').unwrap();
    format!("{}{}", &text[..at], &text[end..])
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped_for_what_the_server_says_and_never_for_what_others_send() {
    let house = House::new();
    let names = ["ann", "ben", "cat", "dan", "eve", "fay"];
    let tokens: Vec<_> = names.iter().map(|name| house.keeper.member(name)).collect();
    let mut ann = Client::hello(&house, &tokens[0]).await;
    let started = ann.start_room(open_room()).await;
    let (room, ann_id) = (started.view.room, started.view.you.id);
    house.network_takes(4 << 10);
    let mut slow = Client::hello(&house, &tokens[1]).await;
    house.network_takes(1 << 20);
    let slow_id = slow.enter(room).await.expect("in").view.you.id;
    let mut others = join_all(tokens[2..].iter().map(|token| Client::hello(&house, token))).await;
    for other in &mut others {
        other.enter(room).await.expect("in");
    }
    // Ben reads nothing from here on, and others send him more than any outbox holds.
    let sealed = "A".repeat(80_000);
    for other in &mut others {
        for _ in 0..50 {
            other.say(&ClientMessage::Relay { to: vec![slow_id; 2], sealed: sealed.clone() }).await;
        }
        other.say(&ClientMessage::Ping).await;
        other.until(|message| *message == ServerMessage::Pong).await;
    }
    let title = |text: &str| RoomCommand::SetTitle { title: protocol::text::RoomTitle::parse(text).ok() };
    ann.command(title("Who keeps up?")).await.expect("set");
    others[0].command(RoomCommand::RaiseHand).await.expect("raised");
    let after = others[1].enter(room).await.expect("in again").view;
    assert!(after.people.iter().any(|person| person.id == slow_id), "ben is still there");

    // What the server itself says to Ben is too much in the end.
    for count in 0..=protocol::limits::OUTBOX_MESSAGES_MAX {
        house.act(room, ann_id, title(&format!("Number {count}"))).await;
    }
    let gone =
        ann.event(|event| matches!(event, protocol::room::RoomEvent::Gone { id } if *id == slow_id)).await;
    assert!(matches!(gone, protocol::room::RoomEvent::Gone { .. }));
    others[0].say(&ClientMessage::Ping).await;
    others[0].until(|message| *message == ServerMessage::Pong).await;
}

#[tokio::test]
async fn whoever_searches_without_pause_is_told_to_wait_and_everything_else_is_answered() {
    let house = House::new();
    let (ann, ben) = (house.keeper.member("ann"), house.keeper.member("ben"));
    let mut ann = Client::hello(&house, &ann).await;
    let mut ben = Client::hello(&house, &ben).await;
    let room = ann.start_room(open_room()).await.view.room;
    ben.enter(room).await.expect("in");
    let find = |request| ClientMessage::FindPeople { request, text: "a".to_owned() };
    // Fewer than the messages that a client may send at once.
    for request in 0..30 {
        ben.say(&find(request)).await;
    }
    let (mut found, mut refused) = (0, 0);
    for nth in 0..30 {
        let answer = ben
            .until(|message| matches!(message, ServerMessage::Found { .. } | ServerMessage::Failed { .. }))
            .await;
        match answer {
            ServerMessage::Found { request, people } => {
                assert_eq!((request, people.len()), (nth, 1));
                found += 1;
            }
            other => {
                assert_eq!(other, failed(Some(nth), ErrorCode::TooMany));
                refused += 1;
            }
        }
    }
    assert!(found >= SEARCHES_BURST && refused > 0, "{found} found, {refused} refused");
    ben.command(RoomCommand::RaiseHand).await.expect("a hand is no search");
    ann.say(&find(99)).await;
    ann.until(|message| matches!(message, ServerMessage::Found { request: 99, .. })).await;
}
