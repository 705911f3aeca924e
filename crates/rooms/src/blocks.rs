//! Safety blocks, as far as a room needs them: whom those block who keep order, and those on stage. Never committed: a
//! rebuilt room asks again, before it is there for anybody.
//!
//! Whom somebody blocks who owns or moderates the room does not find it: the answer is that of a room that is not there.
//! Whom somebody on stage blocks does not come up beside them: the invitation has lapsed, as invitations do. Nobody is
//! hidden, and nobody is put out: a block is about coming in and coming up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::Timestamp;
use protocol::id::{MemberId, ParticipantId};
use protocol::room::Authority;

use crate::people::Area;
use crate::{Room, Who};

/// By whom; whoever keeps order is here as long as they do, present or not.
pub(crate) type Blocks = BTreeMap<Who, Arc<BTreeSet<MemberId>>>;

impl Room {
    /// Whom somebody in the room blocks: asked together with whom they follow, and again whenever it changes.
    pub fn handle_blocks(&mut self, now: Timestamp, id: ParticipantId, blocked: BTreeSet<MemberId>) {
        if let Some(who) = self.people.get(id).map(|person| person.who) {
            self.handle_keepers_blocks(now, who, blocked);
        }
    }

    /// Who keeps order, here or not: whom they block is asked before the room is there for anybody, and again whenever it
    /// changes.
    pub fn all_who_keep_order(&self) -> BTreeSet<Who> {
        std::iter::once(self.state.owner).chain(self.state.moderators.iter().copied()).collect()
    }

    /// Whom somebody blocks who keeps order, here or not.
    pub fn handle_keepers_blocks(&mut self, now: Timestamp, who: Who, blocked: BTreeSet<MemberId>) {
        self.advance(now);
        if self.is_over() {
            return;
        }
        if self.blocks_count(who) {
            let before = self.blocks.insert(who, Arc::new(blocked.clone()));
            if before.is_none_or(|before| *before != blocked) && self.authority(who) >= Authority::Moderator {
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

    /// Whether somebody who keeps order, here or not, blocks this person. Whoever keeps order themselves is not shut out:
    /// nobody takes a room from anybody by a block.
    pub(crate) fn is_shut_out(&self, who: Who) -> bool {
        let Who::Member(member) = who else { return false };
        self.authority(who) < Authority::Moderator
            && self.keepers_blocks().any(|blocked| blocked.contains(&member))
    }

    /// What those block who keep order, here or not.
    pub(crate) fn keepers_blocks(&self) -> impl Iterator<Item = &Arc<BTreeSet<MemberId>>> {
        let state = &self.state;
        std::iter::once(&state.owner).chain(&state.moderators).filter_map(|who| self.blocks.get(who))
    }

    /// Whether somebody on stage blocks this person.
    pub(crate) fn is_blocked_on_stage(&self, who: Who) -> bool {
        let Who::Member(member) = who else { return false };
        let blocks = |other: Who| self.blocks.get(&other).is_some_and(|blocked| blocked.contains(&member));
        self.people.on_stage().any(|person| blocks(person.who))
    }
}
