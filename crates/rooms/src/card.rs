//! What moves on the room's card by itself: who is heard, and how much was said lately.

use protocol::Timestamp;
use protocol::limits::PEOPLE_PER_ROOM_MAX;
use protocol::room::Slots;

use crate::Room;
use crate::effect::Voice;
use crate::limits::{LIVELY_PERIOD, LIVELY_STEPS};

impl Room {
    pub(crate) fn is_full(&self) -> bool {
        self.people.len() >= PEOPLE_PER_ROOM_MAX
    }

    /// Who is heard, from the media engine. Those who may not be heard are left out, whatever it says: its report and
    /// a moderator's word can cross.
    pub fn handle_slots(&mut self, now: Timestamp, slots: Slots) {
        self.advance(now);
        if self.is_over() {
            return;
        }
        self.slots = slots.map(|slot| slot.filter(|id| self.voice(*id) == Voice::On));
        self.note_speakers(now);
        self.settle(now);
    }
}

/// How much was said lately: rises by the time somebody talks and falls by the time nobody does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chatter {
    /// Milliseconds, up to [`LIVELY_PERIOD`].
    said: u64,
    now: Talk,
    /// Until when `said` is reckoned.
    at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Talk {
    Somebody,
    Nobody,
}

impl Chatter {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { said: 0, now: Talk::Nobody, at: now }
    }

    pub(crate) fn advance(&mut self, now: Timestamp) {
        let passed = now.0.saturating_sub(self.at.0);
        self.said = match self.now {
            Talk::Somebody => self.said.saturating_add(passed).min(full()),
            Talk::Nobody => self.said.saturating_sub(passed),
        };
        self.at = self.at.max(now);
    }

    /// The caller has advanced to the moment at which this is true.
    pub(crate) fn heard(&mut self, slots: &Slots) {
        self.now = if slots.iter().any(Option::is_some) { Talk::Somebody } else { Talk::Nobody };
    }

    pub(crate) fn step(&self) -> u64 {
        self.said / step_length()
    }

    pub(crate) fn percent(&self) -> u8 {
        u8::try_from(self.step() * 100 / LIVELY_STEPS).unwrap_or(100)
    }

    /// When the step changes next, if things stay as they are.
    pub(crate) fn next_step(&self) -> Option<Timestamp> {
        let step = self.step();
        match self.now {
            Talk::Somebody if step >= LIVELY_STEPS => None,
            Talk::Somebody => Some(Timestamp(self.at.0 + (step + 1) * step_length() - self.said)),
            Talk::Nobody if step == 0 => None,
            Talk::Nobody => Some(Timestamp(self.at.0 + self.said - step * step_length() + 1)),
        }
    }
}

fn full() -> u64 {
    step_length() * LIVELY_STEPS
}

/// Milliseconds of talk a step.
fn step_length() -> u64 {
    u64::try_from(LIVELY_PERIOD.as_millis()).unwrap_or(u64::MAX) / LIVELY_STEPS
}
