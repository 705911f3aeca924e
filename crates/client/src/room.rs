//! The state of one room: what the server sent on entering, and every event since. Pure: the same events give the same
//! room. `web/src/session/room.ts` is the same for browsers.

#[cfg(test)]
mod tests;

use protocol::id::ParticipantId;
use protocol::room::{MyPlace, Notice, Person, Place, RoomEvent, RoomView};

/// A room as this client knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    view: RoomView,
}

/// What a message of events was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The next one, with what is to be said once.
    Next(Vec<Notice>),
    /// Known already.
    Old,
    /// Something before it was missed: ask for the state (`Resync`).
    Gap,
}

impl Room {
    pub fn new(view: RoomView) -> Self {
        Self { view }
    }

    pub fn view(&self) -> &RoomView {
        &self.view
    }

    /// Events that came, numbered as the server numbers them.
    pub fn apply(&mut self, epoch: u32, sequence: u64, events: Vec<RoomEvent>) -> Step {
        if epoch != self.view.epoch {
            return Step::Gap;
        }
        if sequence <= self.view.sequence {
            return Step::Old;
        }
        if sequence > self.view.sequence + 1 {
            return Step::Gap;
        }
        self.view.sequence = sequence;
        Step::Next(events.into_iter().filter_map(|event| self.apply_one(event)).collect())
    }

    fn apply_one(&mut self, event: RoomEvent) -> Option<Notice> {
        let view = &mut self.view;
        match event {
            RoomEvent::Person { person } => place(&mut view.people, person),
            RoomEvent::Gone { id } => view.people.retain(|person| person.id != id),
            RoomEvent::Facts { facts } => view.facts = facts,
            RoomEvent::You { you } => view.you = you,
            RoomEvent::Queue { queue } => view.queue = queue,
            RoomEvent::Asked { asked } => view.asked = asked,
            RoomEvent::Slots { slots } => view.slots = slots,
            RoomEvent::Board { board } => view.board = board,
            // The terminal has no place for it.
            RoomEvent::Chat { .. } => {}
            // Over with the moment, and no state.
            RoomEvent::Reactions { .. } | RoomEvent::TalkTimes { .. } => {}
            RoomEvent::Notice { notice } => return Some(notice),
        }
        None
    }

    /// Somebody who is listed.
    pub fn person(&self, id: ParticipantId) -> Option<&Person> {
        self.view.people.iter().find(|person| person.id == id)
    }

    /// What somebody is called; none who is not listed.
    pub fn name(&self, id: ParticipantId) -> Option<&str> {
        self.person(id).map(|person| person.name.as_str())
    }

    /// In the order of their arrival there.
    pub fn stage(&self) -> impl Iterator<Item = &Person> {
        self.view.people.iter().filter(|person| matches!(person.place, Place::Stage { .. }))
    }

    pub fn me(&self) -> ParticipantId {
        self.view.you.id
    }

    pub fn my_place(&self) -> MyPlace {
        self.view.you.place
    }
}

/// Somebody who comes on stage goes behind those already there; otherwise people keep their place.
fn place(people: &mut Vec<Person>, person: Person) {
    let on_stage = |place: Place| matches!(place, Place::Stage { .. });
    match people.iter().position(|known| known.id == person.id) {
        Some(at) if people.get(at).is_some_and(|known| on_stage(known.place) == on_stage(person.place)) => {
            if let Some(known) = people.get_mut(at) {
                *known = person;
            }
        }
        Some(at) => {
            people.remove(at);
            people.push(person);
        }
        None => people.push(person),
    }
}
