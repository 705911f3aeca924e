//! The rules of order, for any bus: how an owner numbers, and what a reader makes of a number.

use super::{Position, Sequence};

/// What a position means to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The one expected: apply it.
    Next,
    /// Known already, or from an owner that was replaced: drop it.
    Old,
    /// Something was missed, or a new owner speaks: fetch a snapshot and drop everything until then.
    Gap,
}

/// How far a reader has followed a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    at: Option<Position>,
}

impl Cursor {
    /// Before the first snapshot: everything is a gap.
    pub const fn new() -> Self {
        Self { at: None }
    }

    /// A snapshot that contains everything up to `at`. An older one than what was followed already is ignored.
    pub fn snapshot(&mut self, at: Position) -> Seen {
        if self.at.is_some_and(|known| at < known) {
            return Seen::Old;
        }
        self.at = Some(at);
        Seen::Next
    }

    /// One message; moves on where it is the next.
    pub fn observe(&mut self, at: Position) -> Seen {
        let Some(known) = self.at else { return Seen::Gap };
        if at <= known {
            Seen::Old
        } else if at == (Position { epoch: known.epoch, sequence: known.sequence.next() }) {
            self.at = Some(at);
            Seen::Next
        } else {
            Seen::Gap
        }
    }

    /// How far it has come.
    pub fn at(&self) -> Option<Position> {
        self.at
    }
}

impl From<Position> for Cursor {
    /// Of a reader who was there from this position on, with nothing to fetch.
    fn from(at: Position) -> Self {
        Self { at: Some(at) }
    }
}

/// Numbers an owner's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbering {
    at: Position,
}

impl Numbering {
    /// A new owner's, before its first message.
    pub const fn of(epoch: super::Epoch) -> Self {
        Self { at: Position { epoch, sequence: Sequence(0) } }
    }

    /// The position of the message about to be published.
    pub fn advance(&mut self) -> Position {
        self.at.sequence = self.at.sequence.next();
        self.at
    }

    /// Where a snapshot taken now stands.
    pub fn now(&self) -> Position {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::super::Epoch;
    use super::*;
    use proptest::prelude::*;

    fn at(epoch: u32, sequence: u64) -> Position {
        Position { epoch: Epoch(epoch), sequence: Sequence(sequence) }
    }

    #[test]
    fn a_reader_applies_each_message_once_and_notices_a_missing_one() {
        let mut cursor = Cursor::new();
        assert_eq!(cursor.observe(at(1, 1)), Seen::Gap, "no snapshot yet");
        cursor.snapshot(at(1, 4));
        assert_eq!(cursor.observe(at(1, 4)), Seen::Old, "the snapshot has it");
        assert_eq!(cursor.observe(at(1, 5)), Seen::Next);
        assert_eq!(cursor.observe(at(1, 5)), Seen::Old);
        assert_eq!(cursor.observe(at(1, 7)), Seen::Gap);
        assert_eq!(cursor.observe(at(1, 6)), Seen::Next, "a gap moves nothing");
    }

    #[test]
    fn a_new_owner_is_a_gap_and_the_old_one_is_no_longer_heard() {
        let mut cursor = Cursor::new();
        cursor.snapshot(at(1, 4));
        assert_eq!(cursor.observe(at(2, 1)), Seen::Gap);
        cursor.snapshot(at(2, 1));
        assert_eq!(cursor.observe(at(1, 5)), Seen::Old);
        assert_eq!(cursor.snapshot(at(1, 9)), Seen::Old, "a late snapshot of the old owner");
        assert_eq!(cursor.observe(at(2, 2)), Seen::Next);
    }

    proptest! {
        #[test]
        fn no_reader_applies_out_of_order(steps in proptest::collection::vec((1u32..4, 0u64..6, any::<bool>()), 0..80)) {
            let mut cursor = Cursor::new();
            let mut before = None;
            for (epoch, sequence, snapshot) in steps {
                let position = at(epoch, sequence);
                let seen = if snapshot { cursor.snapshot(position) } else { cursor.observe(position) };
                if seen == Seen::Next {
                    prop_assert!(before.is_none_or(|before| position > before || (snapshot && position == before)));
                    before = Some(position);
                }
            }
        }
    }
}
