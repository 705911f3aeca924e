//! Who waits to speak, and with what.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::ParticipantId;
use crate::text::{DisplayName, HandTopic, Language};

/// Somebody who waits to speak, as moderators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Hand {
    /// Who.
    pub id: ParticipantId,
    /// What they are called; they may be beyond the listed faces.
    pub name: DisplayName,
    /// When the hand went up, or the invitation went out.
    pub since: Timestamp,
    /// Waiting, or already asked up.
    pub state: HandState,
    /// What they say of it.
    #[serde(default)]
    pub note: HandNote,
    /// Nobody has heard them in this room yet, since they came in.
    #[serde(default)]
    pub first: bool,
}

/// What somebody who waits says of it, while they wait. Those who keep order see it, and nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
pub struct HandNote {
    /// What they would like to talk about.
    #[serde(default)]
    pub topic: Option<HandTopic>,
    /// In which language.
    #[serde(default)]
    pub language: Option<Language>,
}

/// How far a raised hand has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum HandState {
    /// Waits in line.
    Raised,
    /// Was asked up, by hand or without one, and has not answered.
    Invited,
}
