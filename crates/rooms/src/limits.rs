//! Bounds that only a room's inside needs; those that people can meet are in [`protocol::limits`].

use std::time::Duration;

use protocol::limits::FACES_MAX;

/// People below which a counted audience is listed again. A tenth under [`FACES_MAX`], so that a room that hovers
/// around the bound does not send five hundred faces back and forth.
pub(crate) const FACES_AGAIN: usize = FACES_MAX - FACES_MAX / 10;
/// Between two tellings of mere counts, in a large room and on the card: faster than this nobody reads a number.
pub(crate) const COUNTS_PERIOD: Duration = Duration::from_secs(1);
/// Talk that makes a card as lively as it gets: longer than a question, shorter than a speech.
pub(crate) const LIVELY_PERIOD: Duration = Duration::from_secs(12);
/// Steps in which a card shows liveliness; each may cost every open hallway one message.
pub(crate) const LIVELY_STEPS: u64 = 4;
