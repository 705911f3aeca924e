//! One room: who is in it, who may be heard, and who is told what. No IO, no clock, no chance.
//!
//! The contract. One writer owns a [`Room`] and, after **every** `handle_*`:
//! 1. commits what [`Room::poll_changed_parts`] gives, in that order;
//! 2. drains [`Room::poll_effect`] to `None` and carries the effects out, in that order;
//! 3. calls [`Room::handle_timeout`] at [`Room::poll_timeout`], at the latest.
//!
//! Two axes, never mixed. **Authority** belongs to a person for the life of the room, here or not (`authority.rs`).
//! **Place** belongs to a seat (`people.rs`): audience, hand raised, invited, or on stage with a microphone. Whoever
//! is on stage with an open microphone may be heard, and nobody else.
//!
//! Reading order: `protocol::room` (all that people can do), `tests/stories.rs` (what it means), `room.rs` (the one
//! dispatch), then a file a subject. What people are told is not written by the rules but derived, in `tell.rs`.
#![warn(missing_docs)]

mod arrival;
mod authority;
mod bars;
mod blocks;
mod board;
mod card;
mod chat;
mod club;
mod door;
mod effect;
pub mod event;
mod follows;
mod guests;
mod hands;
mod limits;
mod listing;
mod moderation;
mod parts;
mod people;
pub mod permission;
mod presence;
mod reactions;
mod recent;
mod reports;
mod room;
mod set_back;
mod stage;
mod state;
mod talked;
mod tell;
mod view;

pub use arrival::{Arrival, Asked, AskedAs, Inviter, NewRoom, Who};
pub use blocks::Blocked;
pub use club::Club;
pub use effect::{Connection, Effect, Found, Joined, Refused, To, Voice};
pub use guests::{Held, Shown};
pub use limits::{CORE_BYTES_MAX, ROOM_BYTES_MAX, SHARE_BYTES_MAX};
pub use listing::{Concerned, Listing, Look};
pub use parts::{Part, RestoreError};
pub use reports::{About, Filed};
pub use room::Room;
