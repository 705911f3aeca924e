//! The line of those who wait to speak: what they say of it, and in which order they are called.
//!
//! Whoever keeps order may call anybody at any time; that the line has an order at all is for those who wait. So moving a
//! hand in it touches nobody's rights, not even a moderator's, and nobody is told but by their own place in line.

use protocol::ErrorCode;
use protocol::id::ParticipantId;
use protocol::room::HandNote;

use crate::Room;
use crate::people::{LineEnd, Place};

impl Room {
    pub(crate) fn note_hand(&mut self, id: ParticipantId, note: HandNote) -> Result<(), ErrorCode> {
        let person = self.people.get(id).ok_or(ErrorCode::NotThere)?;
        match person.place {
            Place::HandRaised { .. } | Place::Invited { .. } => {
                if person.note != note {
                    self.people.set_note(id, note);
                    self.changed.core();
                    self.outbox.you(id);
                }
                Ok(())
            }
            Place::Audience | Place::Stage { .. } => Err(ErrorCode::NotNow),
        }
    }

    /// Who was asked up already stays where they are: their turn has come.
    pub(crate) fn move_hand(&mut self, whose: ParticipantId, end: LineEnd) -> Result<(), ErrorCode> {
        match self.place(whose)? {
            Place::HandRaised { .. } => {
                self.people.move_in_line(whose, end);
                self.changed.core();
                Ok(())
            }
            Place::Audience | Place::Invited { .. } | Place::Stage { .. } => Err(ErrorCode::NotNow),
        }
    }
}
