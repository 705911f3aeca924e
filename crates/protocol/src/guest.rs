//! Guests: people without an account, each in a seat of one room that somebody who keeps order there gave them by a link.
//!
//! The link is `/g#`, the room and the secret: what stands behind the `#` is sent in the body of a request alone, and in no address.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{GuestSecret, RoomId, SeatId};
use crate::text::{DisplayName, RoomTitle, ServerName};

/// `POST /api/v1/rooms/ROOM/guests`, from whoever keeps order in the room. Answers [`crate::account::NewLink`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct NewGuest {
    /// Whom it is for. They may correct it.
    pub name: DisplayName,
}

/// A guest's link, as whoever gave it sees it. `GET /api/v1/rooms/ROOM/guests` (a list: mine),
/// `DELETE /api/v1/rooms/ROOM/guests/SEAT` (it is taken back, and whoever came by it is out: by whoever may remove a guest, and
/// while nobody took it up by whoever gave it as well).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct GuestLink {
    /// Which seat.
    pub seat: SeatId,
    /// For whom it is while nobody took it up, and what the guest is called while they are in the room.
    pub name: Option<DisplayName>,
    /// Where it stands.
    pub state: GuestState,
    /// Until when it can be taken up.
    pub until: Timestamp,
}

/// Where a guest's link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum GuestState {
    /// Can be taken up.
    Open,
    /// Was taken up; the guest is in the room.
    Here,
    /// Was taken up; the guest is not in the room.
    Away,
    /// Taken back.
    TakenBack,
    /// Nobody took it up in time.
    Lapsed,
}

/// What a guest's page proves itself by. The first page that takes a link up has it; for every other one it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct GuestPass {
    /// From the link.
    pub room: RoomId,
    /// From the link.
    pub link: GuestSecret,
    /// Drawn by the page, and known to it alone.
    pub page: GuestSecret,
}

/// A guest says hello.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct GuestHello {
    /// Their proof.
    pub pass: GuestPass,
    /// What they would like to be called.
    pub name: DisplayName,
}

/// What waits behind a guest's link. `POST /api/v1/guests/look` with a [`GuestPass`]: `link_spent` for one that was taken back,
/// lapsed, or never was, and `not_now` for one that another page has taken up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct GuestSeat {
    /// For whom it is; nothing once it is taken up: the page knows what it said.
    pub name: Option<DisplayName>,
    /// Who gave it.
    pub guest_of: DisplayName,
    /// What the room is about.
    pub title: Option<RoomTitle>,
    /// On which server.
    pub server: ServerName,
}
