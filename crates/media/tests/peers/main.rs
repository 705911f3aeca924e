//! The shard against somebody else's WebRTC stack, in memory and in virtual time.

#![expect(unsafe_code, reason = "counting allocations means being the allocator")]
#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that is surprised fails")]

mod allocations;
mod attacks;
mod connecting;
mod hearing;
mod nonces;
mod shards;
mod world;
