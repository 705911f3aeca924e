//! What hangs in a room for everybody to see: what is being talked about now, and a card.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::text::{CardLink, CardText, TalkTopic};

/// All that hangs there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
pub struct Board {
    /// What is being talked about now.
    #[serde(default)]
    pub line: Option<TalkLine>,
    /// What everybody should have before them.
    #[serde(default)]
    pub card: Option<PinnedCard>,
}

/// What is being talked about, and since when: whoever comes later sees how old the word is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct TalkLine {
    /// What.
    pub about: TalkTopic,
    /// When somebody who keeps order said so.
    pub since: Timestamp,
}

/// A card. Nobody fetches what its link leads to, the server included, until somebody follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct PinnedCard {
    /// What it says.
    pub text: CardText,
    /// Where to read on.
    #[serde(default)]
    pub link: Option<CardLink>,
}
