//! The shard against somebody else's WebRTC stack, in memory and in virtual time.

#![expect(clippy::cast_possible_truncation, reason = "a test that is surprised fails")]

mod allocations;
mod attacks;
mod batches;
mod connecting;
#[path = "../counting/mod.rs"]
mod counting;
mod hearing;
mod losing;
mod nonces;
mod packing;
mod redundancy;
mod shards;
mod single;
