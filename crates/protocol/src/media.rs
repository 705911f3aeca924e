//! What travels between a client and the media engine by way of signalling.

use serde::{Deserialize, Serialize};

use crate::id::RoomId;

/// A session description (RFC 8866): an offer from the client or the answer to it. Opaque to everybody but `media`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(type = "string")]
pub struct Sdp(pub String);

// Addresses and keys stand in it: it never reaches a log, not even by `Debug`.
impl std::fmt::Debug for Sdp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sdp({} bytes)", self.0.len())
    }
}

/// Slots of a channel: how many voices are forwarded at once, the same for all listeners.
pub const SLOTS: usize = 3;

/// What is heard together in a room. Only the floor exists; interpreters will have channels of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Those on stage, as they speak.
    Floor,
}

/// One channel of one room: whose the slots, the log and the rows of the media engine are, on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId {
    /// Of which room.
    pub room: RoomId,
    /// Which one.
    pub channel: Channel,
}
