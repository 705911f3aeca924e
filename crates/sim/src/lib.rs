//! The media engine against somebody else's WebRTC stack, on networks in memory that lose, delay and repeat, in virtual
//! time: a minute takes a second, and the same seed is the same minute.
//!
//! For tests only. Properties hold in every run; bytes differ, since the other stack has randomness of its own.

#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that is surprised fails")]

mod client;
pub mod encoder;
pub mod network;
pub mod playout;
mod random;
mod world;

pub use client::{Client, Frame, Heard, Reported, Stack};
pub use network::{Fault, Line};
pub use random::Random;
pub use world::{INCARNATION, SERVER, Sent, World, check};
