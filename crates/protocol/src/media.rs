//! What travels between a client and the media engine by way of signalling.

use serde::{Deserialize, Serialize};

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
