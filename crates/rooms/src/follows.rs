//! Whom people follow, as far as a room needs it: for those on stage ("followed by the speakers") and for those who
//! keep order (a social room's door). Never committed: a rebuilt room asks again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::Timestamp;
use protocol::id::{MemberId, ParticipantId};
use protocol::room::Authority;

use crate::people::{Area, People};
use crate::{Room, Who};

/// Whom those on stage and those who keep order follow.
#[derive(Debug, Clone, Default)]
pub(crate) struct Follows {
    /// Shared with the room's listings.
    of: BTreeMap<ParticipantId, Arc<BTreeSet<MemberId>>>,
    /// Those of `of` who count as speakers.
    speakers: BTreeSet<ParticipantId>,
    /// By how many speakers somebody is followed; never zero.
    by_speakers: BTreeMap<Box<MemberId>, u32>,
}

impl Follows {
    pub(crate) fn follows(&self, follower: ParticipantId, member: MemberId) -> bool {
        self.of.get(&follower).is_some_and(|follows| follows.contains(&member))
    }

    pub(crate) fn of(&self, follower: ParticipantId) -> Option<Arc<BTreeSet<MemberId>>> {
        self.of.get(&follower).cloned()
    }

    pub(crate) fn followed_by_speakers(&self, who: Who) -> bool {
        match who {
            Who::Member(member) => self.by_speakers.contains_key(&member),
            Who::Guest(_) => false,
        }
    }

    fn is_known(&self, id: ParticipantId) -> bool {
        self.of.contains_key(&id)
    }

    /// Counts somebody as a speaker; gives those who are now followed by the speakers and were not.
    fn count(&mut self, id: ParticipantId) -> Vec<MemberId> {
        let Some(follows) = self.of.get(&id) else { return Vec::new() };
        if !self.speakers.insert(id) {
            return Vec::new();
        }
        let mut changed = Vec::new();
        for member in follows.iter() {
            let by = self.by_speakers.entry(Box::new(*member)).or_insert(0);
            *by += 1;
            if *by == 1 {
                changed.push(*member);
            }
        }
        changed
    }

    /// No longer counts somebody as a speaker; gives those who are no longer followed by the speakers.
    fn discount(&mut self, id: ParticipantId) -> Vec<MemberId> {
        if !self.speakers.remove(&id) {
            return Vec::new();
        }
        let mut changed = Vec::new();
        for member in self.of.get(&id).into_iter().flat_map(|follows| follows.iter()) {
            if let Some(by) = self.by_speakers.get_mut(member) {
                *by -= 1;
                if *by == 0 {
                    self.by_speakers.remove(member);
                    changed.push(*member);
                }
            }
        }
        changed
    }

    fn forget(&mut self, id: ParticipantId) -> Vec<MemberId> {
        let changed = self.discount(id);
        self.of.remove(&id);
        changed
    }

    pub(crate) fn check(&self, people: &People) -> Result<(), &'static str> {
        let mut expected = BTreeMap::new();
        for (id, follows) in &self.of {
            let on_stage = people.get(*id).is_some_and(|person| person.place.area() == Area::Stage);
            if self.speakers.contains(id) != on_stage {
                return Err("follows count for those on stage");
            }
            if on_stage {
                follows.iter().for_each(|member| *expected.entry(Box::new(*member)).or_insert(0) += 1);
            }
        }
        if expected != self.by_speakers {
            return Err("followed by the speakers means followed by somebody on stage");
        }
        Ok(())
    }
}

impl Room {
    /// Whom somebody follows: the answer to [`crate::Effect::AskFollows`], and again whenever it changes. Not kept for
    /// others.
    pub fn handle_follows(&mut self, now: Timestamp, id: ParticipantId, follows: BTreeSet<MemberId>) {
        self.advance(now);
        if self.is_over() {
            return;
        }
        let Some(person) = self.people.get(id) else { return };
        let on_stage = person.place.area() == Area::Stage;
        let keeps_order = self.authority(person.who) >= Authority::Moderator;
        if on_stage || keeps_order {
            let mut changed = self.follows.forget(id);
            self.follows.of.insert(id, Arc::new(follows));
            if on_stage {
                changed.extend(self.follows.count(id));
            }
            self.followed_changed(changed);
            if keeps_order {
                self.outbox.visibility();
            }
        }
        self.settle(now);
    }

    /// Somebody's place or authority changed, or they left: ask for, count, or forget whom they follow.
    pub(crate) fn place_changed_follows(&mut self, id: ParticipantId, who: Who) {
        let on_stage = self.people.get(id).is_some_and(|person| person.place.area() == Area::Stage);
        let keeps_order = self.people.get(id).is_some() && self.authority(who) >= Authority::Moderator;
        let changed = if on_stage {
            self.follows.count(id)
        } else if keeps_order {
            self.follows.discount(id)
        } else {
            self.follows.forget(id)
        };
        if (on_stage || keeps_order) && !self.follows.is_known(id) {
            self.outbox.ask_follows(id);
        }
        self.followed_changed(changed);
        self.place_changed_blocks(who);
    }

    /// What a room starts with, new or rebuilt.
    pub(crate) fn ask_all_follows(&mut self) {
        let all: BTreeSet<_> = self.people.stage().iter().copied().chain(self.keepers()).collect();
        all.into_iter().for_each(|id| self.outbox.ask_follows(id));
    }

    fn followed_changed(&mut self, members: Vec<MemberId>) {
        for id in members.into_iter().filter_map(|member| self.people.seat(Who::Member(member))) {
            self.outbox.person(id);
            self.outbox.you(id);
        }
    }
}
