//! The room that most tests are about.

use protocol::room::{Confidentiality, HandPolicy, RoomKind};
use protocol::socket::NewRoom;
use protocol::text::RoomTitle;

/// Everybody may come in, and everybody may raise a hand.
pub(crate) fn open_room(title: Option<&str>) -> NewRoom {
    NewRoom {
        title: title.map(|title| RoomTitle::parse(title).expect("a title")),
        kind: RoomKind::Open,
        hands: HandPolicy::Everyone,
        confidentiality: Confidentiality::Relayed,
        language: None,
        club: None,
        ask: Vec::new(),
        moderators: Vec::new(),
    }
}
