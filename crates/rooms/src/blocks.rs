//! Safety blocks, as far as a room needs them: whom those block who keep order, and those on stage. Never committed: a
//! rebuilt room asks again, before it is there for anybody.
//!
//! Whom somebody blocks who owns or moderates the room does not find it: the answer is that of a room that is not there.
//! Whom somebody on stage blocks does not come up beside them: the invitation has lapsed, as invitations do; whoever is
//! protected by the administrators keeps them out of the room as well while on stage. Nobody is hidden, and nobody is put
//! out: a block is about coming in and coming up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::Timestamp;
use protocol::id::{MemberId, ParticipantId};
use protocol::order::BlockReach;
use protocol::room::Authority;

use crate::people::Area;
use crate::{Room, Who};

/// Whom somebody blocks, and how far that goes while they are on stage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blocked {
    /// Whom.
    pub people: BTreeSet<MemberId>,
    /// Where they keep order it goes all the way.
    pub reach: BlockReach,
}

/// By whom; whoever keeps order is here as long as they do, present or not. In boxes, which are wiped: a tree does not overwrite
/// what is taken out of it.
pub(crate) type Blocks = BTreeMap<Box<Who>, Arc<Blocked>>;

impl Room {
    /// Whom somebody in the room blocks: asked together with whom they follow, and again whenever it changes.
    pub fn handle_blocks(&mut self, now: Timestamp, id: ParticipantId, blocked: Blocked) {
        if let Some(who) = self.people.get(id).map(|person| person.who) {
            self.handle_blocks_of(now, who, blocked);
        }
    }

    /// Who keeps order, and who is on stage: whom they block is asked before the room is there for anybody.
    pub fn all_who_may_shut_out(&self) -> BTreeSet<Who> {
        let mut all = self.all_who_keep_order();
        all.extend(self.people.on_stage().map(|person| person.who));
        all
    }

    /// Who keeps order, here or not: whom they block is asked again whenever it changes.
    pub fn all_who_keep_order(&self) -> BTreeSet<Who> {
        std::iter::once(self.state.owner).chain(self.state.moderators.iter().map(|who| **who)).collect()
    }

    /// Whom somebody blocks, who may be here or not.
    pub fn handle_blocks_of(&mut self, now: Timestamp, who: Who, blocked: Blocked) {
        self.advance(now);
        if self.is_over() {
            return;
        }
        if self.blocks_count(who) {
            let blocked = Arc::new(blocked);
            let before = self.blocks.insert(Box::new(who), Arc::clone(&blocked));
            let changed = before.as_ref() != Some(&blocked);
            if changed
                && [Some(&blocked), before.as_ref()].into_iter().flatten().any(|b| self.shuts_out(who, b))
            {
                self.outbox.visibility();
            }
        }
        self.settle(now);
    }

    /// Forgets the blocks of somebody who neither keeps order nor is on stage any more.
    pub(crate) fn place_changed_blocks(&mut self, who: Who) {
        if !self.blocks_count(who) && self.blocks.remove(&who).is_some() {
            self.outbox.visibility();
        }
    }

    fn blocks_count(&self, who: Who) -> bool {
        let place =
            self.people.seat(who).and_then(|id| self.people.get(id)).map(|person| person.place.area());
        self.authority(who) >= Authority::Moderator || place == Some(Area::Stage)
    }

    /// Whether somebody blocks this person who keeps order, here or not, or is protected and on stage. Whoever keeps order
    /// themselves is not shut out: nobody takes a room from anybody by a block.
    pub(crate) fn is_shut_out(&self, who: Who) -> bool {
        let Who::Member(member) = who else { return false };
        self.authority(who) < Authority::Moderator
            && self.shutting_out().any(|people| people.contains(&member))
    }

    /// Whom those block whose blocks keep people out of the room.
    pub(crate) fn shutting_out(&self) -> impl Iterator<Item = &BTreeSet<MemberId>> {
        let mut blocks = self.blocks.iter();
        std::iter::from_fn(move || blocks.find(|(who, blocked)| self.shuts_out(***who, blocked)))
            .map(|(_, blocked)| &blocked.people)
    }

    /// Blocks are here of those who keep order and of those on stage alone.
    fn shuts_out(&self, who: Who, blocked: &Blocked) -> bool {
        self.authority(who) >= Authority::Moderator || blocked.reach == BlockReach::Room
    }

    /// Whether somebody on stage blocks this person.
    pub(crate) fn is_blocked_on_stage(&self, who: Who) -> bool {
        let Who::Member(member) = who else { return false };
        let blocks =
            |other: Who| self.blocks.get(&other).is_some_and(|blocked| blocked.people.contains(&member));
        self.people.on_stage().any(|person| blocks(person.who))
    }
}
