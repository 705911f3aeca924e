//! Who would like to talk and asks whom, before there is a room. In memory only, and gone with the process that hears it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::PictureId;
use crate::text::{DisplayName, Handle};

/// Whether I would like to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// For [`crate::limits::AVAILABLE_PERIOD`], to those whom I follow and who follow me.
    Available,
    /// To nobody.
    Off,
}

/// Everything of it that concerns me.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Company {
    /// Until when I am available, if I am.
    pub available_until: Option<Timestamp>,
    /// Who else is, of those I follow and who follow me: at most [`crate::limits::AVAILABLE_SHOWN_MAX`].
    pub available: Vec<AvailablePerson>,
    /// Whom I ask.
    pub asking: Option<TalkAsk>,
    /// Who asks me: at most [`crate::limits::TALK_ASKS_TO_ONE_MAX`].
    pub asked_by: Vec<TalkAsk>,
    /// Who has just come by an invitation of mine: at most [`crate::limits::ARRIVALS_MAX`].
    pub arrived: Vec<Acquaintance>,
}

/// Somebody, as they are called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Acquaintance {
    /// Their handle.
    pub handle: Handle,
    /// What they are called.
    pub name: DisplayName,
    /// Their picture, where they have one.
    pub picture: Option<PictureId>,
}

/// Somebody who is available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct AvailablePerson {
    /// Who.
    pub who: Acquaintance,
    /// Whether I can ask them.
    pub ask: MayAsk,
}

/// Whether somebody can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum MayAsk {
    /// They can.
    Yes,
    /// I have, since they became available.
    Asked,
}

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct TalkAsk {
    /// The other one.
    pub who: Acquaintance,
    /// When it lapses.
    pub until: Timestamp,
}

/// Why a question is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum TalkEnd {
    /// They said so, and not why.
    NotNow,
    /// They did not answer.
    NoAnswer,
    /// They are not there any more, or not for this, whatever the reason.
    Gone,
    /// Whoever asked took it back.
    TakenBack,
}
