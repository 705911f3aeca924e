//! What people say without a word, and how often.

use serde::{Deserialize, Serialize};

/// What can be said without a word. Six, so that each is told from the others at a glance and has a name to be read out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// Clapping hands.
    Applause,
    /// A heart.
    Heart,
    /// That is funny.
    Laugh,
    /// I did not expect that.
    Wow,
    /// So it is.
    Agree,
    /// Something to be happy about.
    Celebrate,
}

impl Reaction {
    /// Every reaction, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Applause, Self::Heart, Self::Laugh, Self::Wow, Self::Agree, Self::Celebrate];
}

/// How often people reacted in one way. Nobody is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ReactionCount {
    /// In which way.
    pub reaction: Reaction,
    /// How often; never zero.
    pub count: u32,
}
