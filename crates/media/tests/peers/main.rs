//! The shard against somebody else's WebRTC stack, in memory and in virtual time.

mod attacks;
mod connecting;
mod hearing;
mod nonces;
mod shards;
mod world;
