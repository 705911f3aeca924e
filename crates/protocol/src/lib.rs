//! The wire contract of Vivavoce: data only, no logic, no IO, no clock.
//!
//! How a session goes. A browser (or any client) signs in over HTTP ([`account`]), opens one WebSocket
//! ([`socket`]), says [`socket::ClientMessage::Hello`] and receives `Welcome` with the hallway. It enters a room
//! with one message that already carries its SDP offer ([`media`]), and receives the room's state and the answer in
//! one reply; from then on it sends [`room::RoomCommand`]s and receives [`room::RoomEvent`]s.
//!
//! Versioning. `Hello` carries [`PROTOCOL_VERSION`]; the server speaks the current and the previous one. Unknown
//! message types and fields are ignored by both sides. The server sends codes and arguments, never sentences.
//!
//! TypeScript types are generated from these (`cargo xtask types`); `fixtures/` holds one example a message, read by
//! the tests of both languages.

pub mod account;
pub mod board;
pub mod chat;
pub mod club;
pub mod command;
pub mod company;
pub mod error;
pub mod event;
pub mod guest;
pub mod hallway;
pub mod hand;
pub mod id;
pub mod kept;
pub mod limits;
pub mod media;
pub mod notice;
pub mod order;
pub mod profile;
pub mod push;
pub mod reaction;
pub mod room;
pub mod sandbox;
pub mod socket;
pub mod talk;
pub mod text;
pub mod time;

pub use error::ErrorCode;
pub use time::Timestamp;

/// The version of this contract. Raised when a change cannot be ignored by the other side.
pub const PROTOCOL_VERSION: u16 = 1;
