//! What is going on: the cards a member sees before entering a room.

use serde::{Deserialize, Serialize};

use crate::id::{ClubId, EventId, PictureId, RoomId};
use crate::room::RoomKind;
use crate::text::{ClubName, DisplayName, Handle, Language, RoomTitle};

/// A room's card, as one member sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct RoomCard {
    /// Which room.
    pub room: RoomId,
    /// What it is about.
    pub title: Option<RoomTitle>,
    /// Who may come in.
    pub kind: RoomKind,
    /// What is spoken there, where that is said.
    #[serde(default)]
    pub language: Option<Language>,
    /// The club that it is held for.
    #[serde(default)]
    pub club: Option<CardClub>,
    /// A few people on stage, those I follow first.
    pub faces: Vec<Face>,
    /// People on stage.
    pub on_stage: u32,
    /// People in the audience.
    pub in_audience: u32,
    /// How many on stage I follow: the hallway's first order.
    pub followed_on_stage: u32,
    /// How many in the audience I follow, while its people are listed: the order after that. A number; whoever
    /// follows one person alone knows who it is (decision 0050).
    #[serde(default)]
    pub followed_in_audience: u32,
    /// How much was said over the last seconds, 0–100: the light under the door.
    pub liveliness: u8,
    /// Who asked me in, for a room I was asked into.
    pub asked_by: Option<DisplayName>,
    /// I was removed, the door is locked or the room is full.
    pub door: CardDoor,
    /// Which announced event it is, if it is one.
    #[serde(default)]
    pub event: Option<EventId>,
}

/// The club that a room is held for, on its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct CardClub {
    /// Which.
    pub id: ClubId,
    /// What it is called.
    pub name: ClubName,
    /// Its picture.
    pub picture: Option<PictureId>,
    /// I follow it, am in it, or more.
    pub mine: bool,
}

/// Whether entering would work now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CardDoor {
    /// Come in.
    Open,
    /// Locked for now.
    Locked,
    /// As many people as it holds.
    Full,
}

/// One face on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Face {
    /// What they are called.
    pub name: DisplayName,
    /// Their handle; a guest has none.
    pub handle: Option<Handle>,
    /// Heard at the moment.
    pub speaking: bool,
    /// Their picture, where they have one.
    #[serde(default)]
    pub picture: Option<PictureId>,
}

/// A change of the hallway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum HallwayChange {
    /// A new or changed card.
    Card {
        /// The card, now.
        card: RoomCard,
    },
    /// No longer there for me.
    Gone {
        /// Which.
        room: RoomId,
    },
}
