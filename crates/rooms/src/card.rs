//! The room in the hallway.

use std::collections::BTreeSet;

use protocol::Timestamp;
use protocol::hallway::{CardDoor, Face, RoomCard};
use protocol::id::MemberId;
use protocol::limits::{CARD_FACES_MAX, PEOPLE_PER_ROOM_MAX};
use protocol::room::{Authority, Door, Slots};

use crate::effect::{Found, Voice};
use crate::limits::{LIVELY_PERIOD, LIVELY_STEPS};
use crate::people::Participant;
use crate::view::count;
use crate::{Room, Who};

impl Room {
    /// The room's card for somebody who may find it; `follows` is whom they follow.
    pub fn card(&self, viewer: Who, follows: &BTreeSet<MemberId>) -> Option<RoomCard> {
        if self.may_find(viewer) == Found::NotThere {
            return None;
        }
        let followed = |person: &&Participant| match person.who {
            Who::Member(member) => follows.contains(&member),
            Who::Guest(_) => false,
        };
        let (mine, others): (Vec<_>, Vec<_>) = self.people.on_stage().partition(followed);
        let facts = self.facts();
        Some(RoomCard {
            room: self.state.id,
            title: facts.title,
            kind: facts.kind,
            faces: mine.iter().chain(&others).take(CARD_FACES_MAX).map(|person| self.face(person)).collect(),
            on_stage: facts.on_stage,
            in_audience: facts.in_audience,
            followed_on_stage: count(mine.len()),
            liveliness: self.chatter.percent(),
            asked_by: self.state.asked.get(&viewer).map(|asked| asked.by.clone()),
            door: self.card_door(viewer),
        })
    }

    fn face(&self, person: &Participant) -> Face {
        Face {
            name: person.name.clone(),
            handle: person.handle.clone(),
            speaking: self.slots.contains(&Some(person.id)),
        }
    }

    fn card_door(&self, viewer: Who) -> CardDoor {
        if self.people.seat(viewer).is_some() || self.authority(viewer) >= Authority::Moderator {
            CardDoor::Open
        } else if self.state.door == Door::Locked {
            CardDoor::Locked
        } else if self.is_full() {
            CardDoor::Full
        } else {
            CardDoor::Open
        }
    }

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
