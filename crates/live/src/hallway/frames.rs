//! Changes of the hallway as they go onto sockets: in small messages, and the same ones for all who are told the same.

use std::collections::HashMap;

use protocol::hallway::HallwayChange;
use protocol::id::RoomId;
use protocol::socket::ServerMessage;
use tungstenite::Utf8Bytes;

use super::board::Print;
use super::shown::Change;
use crate::limits::HALLWAY_CHANGES_TOGETHER;
use crate::socket::outbox::encode;

/// The messages of one round, each written once.
#[derive(Default)]
pub(super) struct Frames(HashMap<Vec<Stands>, Utf8Bytes>);

/// What stands for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stands {
    Card(Print),
    Gone(RoomId),
}

impl Frames {
    pub(super) fn of(&mut self, changes: &[Change]) -> Vec<Utf8Bytes> {
        let frames = changes.chunks(HALLWAY_CHANGES_TOGETHER).map(|some| {
            let key: Vec<_> = some.iter().map(Stands::new).collect();
            self.0.entry(key).or_insert_with(|| frame(some)).clone()
        });
        frames.collect()
    }
}

impl Stands {
    fn new(change: &Change) -> Self {
        match change {
            Change::Card(text) => Self::Card(text.print),
            Change::Gone(room) => Self::Gone(*room),
        }
    }
}

/// A welcome, with as many of the cards as fit into one message, and messages with the rest.
pub(super) fn welcome(welcome: &ServerMessage, cards: &[Change]) -> Vec<Utf8Bytes> {
    let empty = encode(welcome);
    let (head, rest) = match empty.strip_suffix(NO_CARDS) {
        Some(head) => {
            let (first, rest) = cards.split_at(cards.len().min(HALLWAY_CHANGES_TOGETHER));
            let first: Vec<&str> = first.iter().filter_map(card).collect();
            (format!("{head}[{}]}}", first.join(",")).into(), rest)
        }
        // Nothing to put them into: they come all the same.
        None => (empty, cards),
    };
    let mut frames = vec![head];
    frames.extend(rest.chunks(HALLWAY_CHANGES_TOGETHER).map(frame));
    frames
}

/// How a [`ServerMessage::Welcome`] ends whose hallway is empty.
const NO_CARDS: &str = "[]}";

fn card(change: &Change) -> Option<&str> {
    match change {
        Change::Card(text) => Some(&text.json),
        Change::Gone(_) => None,
    }
}

/// [`ServerMessage::Hallway`], put together from cards that were written before.
fn frame(changes: &[Change]) -> Utf8Bytes {
    let written: Vec<String> = changes
        .iter()
        .map(|change| match change {
            Change::Card(text) => format!(r#"{{"type":"card","card":{}}}"#, text.json),
            Change::Gone(room) => {
                serde_json::to_string(&HallwayChange::Gone { room: *room }).unwrap_or_default()
            }
        })
        .collect();
    format!(r#"{{"type":"hallway","changes":[{}]}}"#, written.join(",")).into()
}

#[cfg(test)]
mod tests;
