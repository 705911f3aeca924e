//! One room: who is in it, who may be heard, and who is told what. No IO, no clock, no chance.
//!
//! The contract. One writer owns a [`Room`] and, after **every** `handle_*`:
//! 1. commits what [`Room::poll_changed_parts`] gives, in that order;
//! 2. drains [`Room::poll_effect`] to `None` and carries the effects out, in that order;
//! 3. calls [`Room::handle_timeout`] at [`Room::poll_timeout`], at the latest.
#![warn(missing_docs)]
#![expect(clippy::todo, reason = "the signatures come first")]
#![expect(clippy::needless_pass_by_value, unused_variables, reason = "the signatures come first")]

mod arrival;
mod effect;
mod parts;
mod room;

pub use arrival::{Arrival, Asked, AskedAs, NewRoom, Who};
pub use effect::{Connection, Effect, Found, Joined, Refused, To, Voice};
pub use parts::{Part, RestoreError};
pub use room::Room;
