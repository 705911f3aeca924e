//! What hangs in the room for everybody: told to all when it changes, committed like the title, and nobody's name on it.

use protocol::board::{PinnedCard, TalkLine};
use protocol::text::TalkTopic;
use protocol::{ErrorCode, Timestamp};

use crate::Room;

impl Room {
    /// Saying the same again is a new word: it is true since now.
    pub(crate) fn set_line(&mut self, now: Timestamp, about: Option<TalkTopic>) -> Result<(), ErrorCode> {
        let line = about.map(|about| TalkLine { about, since: now });
        if self.state.board.line != line {
            self.state_mut().board.line = line;
        }
        Ok(())
    }

    pub(crate) fn pin_card(&mut self, card: Option<PinnedCard>) -> Result<(), ErrorCode> {
        if self.state.board.card != card {
            self.state_mut().board.card = card;
        }
        Ok(())
    }
}
