//! What people write to each other in a room, where those who keep order let them. It is gone with the room, with whoever wrote
//! it, and with a crash.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::ParticipantId;
use crate::text::{ChatText, DisplayName, Handle};

/// Whether people write in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Chat {
    /// Nobody does; switching to it takes everything away.
    #[default]
    Off,
    /// Once in [`crate::limits::CHAT_SLOW_EACH`] each, but for those who keep order.
    Slow,
    /// Once in [`crate::limits::CHAT_EACH`] each.
    On,
}

/// Which message; a number of its own room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[ts(type = "number & { readonly __id: \"ChatId\" }")]
pub struct ChatId(pub u32);

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ChatMessage {
    /// Which.
    pub id: ChatId,
    /// Who wrote it; they are here.
    pub from: ParticipantId,
    /// What they are called; they may be beyond the listed faces.
    pub name: DisplayName,
    /// Their handle; a guest has none.
    pub handle: Option<Handle>,
    /// What they wrote.
    pub text: ChatText,
    /// When.
    pub at: Timestamp,
}
