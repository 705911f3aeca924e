//! How long people were heard.

use serde::{Deserialize, Serialize};

use crate::id::ParticipantId;
use crate::text::DisplayName;

/// How long one person was heard in this room. Only for those who keep order, and only when they ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct TalkTime {
    /// Who.
    pub id: ParticipantId,
    /// What they are called; they may be beyond the listed faces.
    pub name: DisplayName,
    /// How long, together.
    pub seconds: u32,
}
