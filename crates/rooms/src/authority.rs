//! Who keeps order, and what happens when nobody does.
//!
//! Authority belongs to people, not to seats: an owner or moderator who leaves and comes back is what they were. An
//! owner who handed the room over, or from whom it was taken over in their absence, is a moderator.

use std::collections::BTreeSet;

use protocol::id::ParticipantId;
use protocol::limits::{
    ENDING_PERIOD, HAND_OVER_PERIOD, MODERATORLESS_PERIOD, MODERATORS_MAX, OWNERLESS_GRACE,
};
use protocol::room::{Authority, LeftReason, Mic, Notice};
use protocol::{ErrorCode, Timestamp};

use crate::arrival::Who;
use crate::people::{Participant, Place, Presence};
use crate::state::{EndCause, Phase};
use crate::{Room, To};

impl Room {
    pub(crate) fn authority(&self, who: Who) -> Authority {
        if who == self.state.owner {
            Authority::Owner
        } else if self.state.moderators.contains(&who) {
            Authority::Moderator
        } else {
            match who {
                Who::Member(_) => Authority::Member,
                Who::Guest(_) => Authority::Guest,
            }
        }
    }

    /// Whose room it is, here or not.
    pub fn owner(&self) -> Who {
        self.state.owner
    }

    /// Those in the room who keep order. A lost line is not an absence until the seat is given up.
    pub(crate) fn keepers(&self) -> impl Iterator<Item = ParticipantId> {
        let state = &self.state;
        std::iter::once(&state.owner)
            .chain(state.moderators.iter().map(Box::as_ref))
            .filter_map(|who| self.people.seat(*who))
    }

    pub(crate) fn make_moderator(&mut self, whom: ParticipantId) -> Result<(), ErrorCode> {
        let who = self.who(whom).ok_or(ErrorCode::PersonGone)?;
        if self.state.moderators.len() + 1 >= MODERATORS_MAX {
            return Err(ErrorCode::Full);
        }
        self.state_mut().moderators.insert(Box::new(who));
        self.authority_changed(whom);
        Ok(())
    }

    pub(crate) fn unmake_moderator(&mut self, whom: ParticipantId) -> Result<(), ErrorCode> {
        let who = self.who(whom).ok_or(ErrorCode::PersonGone)?;
        self.state_mut().moderators.remove(&who);
        self.authority_changed(whom);
        Ok(())
    }

    /// Only to somebody who is here to hear of it; by the owner, or by whoever alone keeps order in the owner's absence.
    pub(crate) fn hand_over(&mut self, from: ParticipantId, whom: ParticipantId) -> Result<(), ErrorCode> {
        let heir = self.people.get(whom).ok_or(ErrorCode::PersonGone)?;
        let owns = self.people.seat(self.state.owner) == Some(from);
        if heir.presence != Presence::Here || !owns && self.keepers().any(|keeper| keeper != from) {
            return Err(ErrorCode::NotNow);
        }
        let heir_is_moderator = self.state.moderators.contains(&heir.who);
        if !heir_is_moderator && self.state.moderators.len() + 1 >= MODERATORS_MAX {
            return Err(ErrorCode::Full);
        }
        self.change_owner(whom);
        Ok(())
    }

    pub(crate) fn take_over(&mut self, from: ParticipantId) -> Result<(), ErrorCode> {
        match self.state.phase {
            Phase::Asking { whom, .. } if whom == from => {
                self.change_owner(from);
                Ok(())
            }
            _ if self.authority(self.who(from).ok_or(ErrorCode::NotThere)?) == Authority::Owner => Ok(()),
            _ => Err(ErrorCode::NotNow),
        }
    }

    /// The owner before becomes a moderator, here or not, as long as there is space for one more.
    fn change_owner(&mut self, heir: ParticipantId) {
        let Some(who) = self.who(heir) else { return };
        let state = self.state_mut();
        let before = std::mem::replace(&mut state.owner, who);
        state.moderators.remove(&who);
        if state.moderators.len() + 1 < MODERATORS_MAX {
            state.moderators.insert(Box::new(before));
        }
        self.authority_changed(heir);
        if let Some(id) = self.people.seat(before) {
            self.authority_changed(id);
        }
        self.outbox.notice(To::Everyone, Notice::NewOwner { who: heir });
    }

    /// Those who keep order cannot be held by their equals, so a held microphone is released (muted) on the way up.
    fn authority_changed(&mut self, id: ParticipantId) {
        let Some(person) = self.people.get(id) else { return };
        let (who, place) = (person.who, person.place);
        let authority = self.authority(who);
        if authority >= Authority::Moderator && place == (Place::Stage { mic: Mic::Held }) {
            self.set_place(id, Place::Stage { mic: Mic::Muted });
        }
        self.place_changed_follows(id, who);
        self.outbox.person(id);
        self.outbox.you(id);
        self.outbox.brief(id);
        self.outbox.visibility();
        self.outbox.notice(To::One(id), Notice::AuthorityChanged { authority });
    }

    pub(crate) fn end(&mut self, now: Timestamp) -> Result<(), ErrorCode> {
        if !matches!(self.state.phase, Phase::Ending { .. }) {
            self.state_mut().phase = Phase::Ending { at: now.plus(ENDING_PERIOD), because: EndCause::Owner };
        }
        Ok(())
    }

    pub(crate) fn keep_going(&mut self) -> Result<(), ErrorCode> {
        if matches!(self.state.phase, Phase::Ending { .. }) {
            self.state_mut().phase = Phase::Live;
        }
        Ok(())
    }

    /// Brings the phase in line with who is here. A room that its owner ends, ends, whoever comes or goes.
    pub(crate) fn keep_order(&mut self, now: Timestamp) {
        if self.is_over() {
            return;
        }
        if self.people.len() == 0 {
            self.over();
            return;
        }
        let kept = self.keepers().next().is_some();
        match &self.state.phase {
            Phase::Live if !kept => {
                self.set_phase(Phase::Waiting { until: now.plus(OWNERLESS_GRACE) });
            }
            Phase::Waiting { .. }
            | Phase::Asking { .. }
            | Phase::Moderatorless { .. }
            | Phase::Ending { because: EndCause::Unattended, .. }
                if kept =>
            {
                self.set_phase(Phase::Live);
            }
            Phase::Asking { whom, tried, .. } => {
                let still = self.people.get(*whom).is_some_and(|person| self.could_take_over(person));
                if !still {
                    let mut tried = tried.clone();
                    tried.insert(*whom);
                    self.ask_next(now, tried);
                }
            }
            Phase::Live
            | Phase::Waiting { .. }
            | Phase::Moderatorless { .. }
            | Phase::Ending { .. }
            | Phase::Over => {}
        }
    }

    pub(crate) fn phase_timeout(&mut self, now: Timestamp) {
        while self.phase_deadline().is_some_and(|deadline| deadline <= now) {
            match self.state.phase.clone() {
                Phase::Waiting { .. } => self.ask_next(now, BTreeSet::new()),
                Phase::Asking { whom, mut tried, .. } => {
                    tried.insert(whom);
                    self.ask_next(now, tried);
                }
                Phase::Moderatorless { until } => {
                    self.set_phase(Phase::Ending { at: until, because: EndCause::Unattended });
                }
                Phase::Ending { .. } => self.over(),
                Phase::Live | Phase::Over => return,
            }
        }
    }

    /// When the phase changes by itself.
    pub(crate) fn phase_deadline(&self) -> Option<Timestamp> {
        match self.state.phase {
            Phase::Live | Phase::Over => None,
            Phase::Waiting { until } | Phase::Asking { until, .. } => Some(until),
            // "Ending in 10 s" comes before every end.
            Phase::Moderatorless { until } => Some(before(until)),
            Phase::Ending { at, .. } => Some(at),
        }
    }

    /// Asks whoever has been on stage longest and was not asked yet.
    fn ask_next(&mut self, now: Timestamp, tried: BTreeSet<ParticipantId>) {
        let next = self
            .people
            .on_stage()
            .find(|person| !tried.contains(&person.id) && self.could_take_over(person))
            .map(|person| person.id);
        self.set_phase(match next {
            Some(whom) => Phase::Asking { whom, until: now.plus(HAND_OVER_PERIOD), tried },
            None => Phase::Moderatorless { until: now.plus(MODERATORLESS_PERIOD) },
        });
    }

    /// A speaker with an account, who is here, and whom nobody had to hold.
    pub(crate) fn could_take_over(&self, person: &Participant) -> bool {
        let trusted = matches!(person.place, Place::Stage { mic: Mic::Open | Mic::Muted });
        trusted && person.presence == Presence::Here && matches!(person.who, Who::Member(_))
    }

    fn set_phase(&mut self, phase: Phase) {
        let locked = self.hands_locked();
        self.state_mut().phase = phase;
        if self.hands_locked() != locked {
            self.outbox.everyone_anew();
        }
    }

    fn over(&mut self) {
        self.file_all();
        self.file_all_club_bans();
        self.state.phase = Phase::Over;
        self.changed.over();
        self.outbox.over(LeftReason::Ended);
    }
}

/// [`ENDING_PERIOD`] before.
fn before(end: Timestamp) -> Timestamp {
    Timestamp(end.0.saturating_sub(u64::try_from(ENDING_PERIOD.as_millis()).unwrap_or(0)))
}
