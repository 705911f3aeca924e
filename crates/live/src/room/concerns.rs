//! Which rooms of this machine somebody concerns, so that word of one person reaches those and wakes no other.
//!
//! Rooms and edges say it of themselves: a room holds a [`Concern`] for as long as it is so. With many machines each has
//! such an index of its own rooms, and word of a person goes to all of them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::id::RoomId;
use rooms::Who;

/// The rooms by person, for one kind of concern. The lock is held for one look-up, at human rate. Ids in boxes, which are
/// wiped when somebody concerns no room any more (decision 0029).
#[derive(Debug, Clone, Default)]
pub(crate) struct Concerns(Arc<Mutex<ByPerson>>);

type ByPerson = BTreeMap<Box<Who>, Vec<Box<RoomId>>>;

/// One person concerns one room, until this is dropped.
#[derive(Debug)]
pub(crate) struct Concern {
    all: Concerns,
    /// In boxes, too: this lies in trees.
    who: Box<Who>,
    room: Box<RoomId>,
}

impl Concerns {
    pub(crate) fn note(&self, who: Who, room: RoomId) -> Concern {
        self.lock().entry(Box::new(who)).or_default().push(Box::new(room));
        Concern { all: self.clone(), who: Box::new(who), room: Box::new(room) }
    }

    pub(crate) fn rooms(&self, who: Who) -> Vec<RoomId> {
        self.lock().get(&who).into_iter().flatten().map(|room| **room).collect()
    }

    fn lock(&self) -> MutexGuard<'_, ByPerson> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Concern {
    fn drop(&mut self) {
        if let Entry::Occupied(mut rooms) = self.all.lock().entry(self.who.clone()) {
            if let Some(at) = rooms.get().iter().position(|room| *room == self.room) {
                rooms.get_mut().swap_remove(at);
            }
            if rooms.get().is_empty() {
                rooms.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::id::MemberId;

    #[test]
    fn somebody_concerns_the_rooms_that_say_so_and_nothing_is_kept_of_the_others() {
        let all = Concerns::default();
        let (ann, ben) = (Who::Member(MemberId([1; 16])), Who::Member(MemberId([2; 16])));
        let (kitchen, garden) = (RoomId([1; 16]), RoomId([2; 16]));
        let in_kitchen = all.note(ann, kitchen);
        let again = all.note(ann, kitchen);
        let in_garden = all.note(ann, garden);
        drop(in_kitchen);
        assert_eq!(all.rooms(ben), []);
        let mut rooms = all.rooms(ann);
        rooms.sort();
        assert_eq!(rooms, [kitchen, garden], "once more than it ended");
        drop((again, in_garden));
        assert!(all.lock().is_empty());
    }
}
