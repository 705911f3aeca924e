//! One example of every message, read here and by `web/src/session/session.test.ts`: both sides take the same bytes.

use std::collections::BTreeSet;

use protocol::room::RoomCommand;
use protocol::socket::{ClientMessage, ServerMessage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ts_rs::{Config, TS};

fn read<T: DeserializeOwned + Serialize>(text: &str) -> Vec<Value> {
    let values: Vec<Value> = serde_json::from_str(text).expect("a JSON list");
    for value in &values {
        let message: T = serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{value}: {e}"));
        assert_eq!(&serde_json::to_value(&message).expect("it was just read"), value);
    }
    values
}

/// The tags that a type knows, from its generated TypeScript: a new variant without an example fails here.
fn tags<T: TS>(tag: &str) -> BTreeSet<String> {
    let declaration = T::inline(&Config::new());
    let key = format!("\"{tag}\": \"");
    declaration.split(&key).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

fn seen<'a>(values: impl Iterator<Item = &'a Value>, tag: &str) -> BTreeSet<String> {
    values.filter_map(|value| value.get(tag)?.as_str()).map(str::to_owned).collect()
}

#[test]
fn every_message_of_a_client_has_an_example_that_survives() {
    let values = read::<ClientMessage>(include_str!("../fixtures/client.json"));
    let mut expected = tags::<ClientMessage>("type");
    expected.remove("unknown");
    assert_eq!(seen(values.iter(), "type"), expected);
    let commands = values.iter().filter_map(|value| value.get("command"));
    assert_eq!(seen(commands, "do"), tags::<RoomCommand>("do"));
}

#[test]
fn every_message_of_the_server_has_an_example_that_survives() {
    let values = read::<ServerMessage>(include_str!("../fixtures/server.json"));
    assert_eq!(seen(values.iter(), "type"), tags::<ServerMessage>("type"));
    let events: Vec<Value> =
        values.iter().filter_map(|v| v.get("events")?.as_array().cloned()).flatten().collect();
    assert_eq!(seen(events.iter(), "type"), tags::<protocol::room::RoomEvent>("type"));
    let notices = events.iter().filter_map(|value| value.get("notice"));
    assert_eq!(seen(notices, "notice"), tags::<protocol::room::Notice>("notice"));
}

#[test]
fn what_a_newer_client_says_is_ignored_and_its_new_fields_too() {
    let unknown: ClientMessage =
        serde_json::from_str(r#"{"type":"wave","with":"both hands"}"#).expect("ignored");
    assert_eq!(unknown, ClientMessage::Unknown);
    let more: ClientMessage = serde_json::from_str(r#"{"type":"ping","hurry":true}"#).expect("ignored");
    assert_eq!(more, ClientMessage::Ping);
}
