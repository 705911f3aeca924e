//! The club that a room is held for, as far as the room needs it. Never committed but for which one it is: a rebuilt room asks
//! again, before it is there for anybody.
//!
//! A club shuts out whom it bans, whatever else they are in the room, and lets its members into rooms that are theirs.
//! Whoever keeps order in it bans from the room for all of its rooms. That is said to the keeper once it cannot be
//! taken back any more; until then it is a ban from this room alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::club::{BanPeriod, ClubStanding};
use protocol::id::{ClubId, MemberId, ParticipantId, PictureId};
use protocol::room::{Authority, LeftReason, RoomClub};
use protocol::text::ClubName;
use protocol::{ErrorCode, Timestamp};

use crate::bars::BarKind;
use crate::effect::{Effect, To};
use crate::room::Actor;
use crate::{Room, Who};

/// What is true of a club.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Club {
    /// What it is called.
    pub name: ClubName,
    /// Its picture.
    pub picture: Option<PictureId>,
    /// Those who follow it, are in it, or more.
    pub people: BTreeMap<MemberId, ClubStanding>,
    /// Those for whom there is no such club.
    pub banned: BTreeSet<MemberId>,
}

impl Club {
    /// What somebody is to it.
    pub fn standing(&self, member: MemberId) -> ClubStanding {
        self.people.get(&member).copied().unwrap_or(ClubStanding::Stranger)
    }
}

impl Room {
    /// For which club it is held.
    pub fn club(&self) -> Option<ClubId> {
        self.state.club
    }

    /// What is true of the club now; none where it was dissolved. Whom it has banned since is cut off.
    pub fn handle_club(&mut self, now: Timestamp, club: Option<Club>) {
        self.advance(now);
        let club = club.map(Arc::new);
        if self.is_over() || self.state.club.is_none() || self.club == club {
            return;
        }
        let before = std::mem::replace(&mut self.club, club);
        let banned: Vec<ParticipantId> = self
            .people
            .iter()
            .filter(|person| self.is_banned_by_club(person.who))
            .map(|person| person.id)
            .collect();
        for id in banned {
            self.cut_out(id);
        }
        let admins = [before.as_deref(), self.club.as_deref()].into_iter().flatten();
        let admins: BTreeSet<MemberId> = admins
            .flat_map(|club| club.people.iter())
            .filter(|(_, standing)| standing.keeps_order())
            .map(|(member, _)| *member)
            .collect();
        for id in admins.into_iter().filter_map(|member| self.people.seat(Who::Member(member))) {
            self.outbox.you(id);
        }
        self.outbox.visibility();
        self.settle(now);
    }

    /// Out, with whatever gave them authority here, and with nothing to come back by.
    fn cut_out(&mut self, id: ParticipantId) {
        let Some(person) = self.unseat(id, LeftReason::Removed) else { return };
        let who = person.who;
        let state = self.state_mut();
        state.epoch = state.epoch.saturating_add(1);
        state.moderators.remove(&who);
        if state.asked.remove(&who).is_some() {
            self.outbox.asked();
        }
    }

    /// For whom there is no such club, there is no such room.
    pub(crate) fn is_banned_by_club(&self, who: Who) -> bool {
        match (&self.club, who) {
            (Some(club), Who::Member(member)) => club.banned.contains(&member),
            _ => false,
        }
    }

    pub(crate) fn standing_in_club(&self, who: Who) -> ClubStanding {
        match (&self.club, who) {
            (Some(club), Who::Member(member)) => club.standing(member),
            _ => ClubStanding::Stranger,
        }
    }

    pub(crate) fn room_club(&self) -> Option<RoomClub> {
        let (id, club) = (self.state.club?, self.club.as_ref()?);
        Some(RoomClub { id, name: club.name.clone() })
    }

    /// Out of this room at once, and out of the club for so long as soon as it cannot be undone.
    pub(crate) fn ban_from_club(
        &mut self,
        now: Timestamp,
        by: Actor,
        whom: ParticipantId,
        period: BanPeriod,
    ) -> Result<(), ErrorCode> {
        let (mine, who) = (self.standing_in_club(by.who), self.people.get(whom).map(|person| person.who));
        let Some(Who::Member(member)) = who else { return Err(ErrorCode::NotAllowed) };
        let theirs = self.standing_in_club(Who::Member(member));
        let above = theirs < ClubStanding::Admin || (mine == ClubStanding::Owner && theirs < mine);
        if !mine.keeps_order() || !above {
            return Err(ErrorCode::NotAllowed);
        }
        self.bar(now, by, whom, BarKind::Banned)?;
        if let Some(removal) = self.state_mut().removals.back_mut() {
            removal.club = Some(period);
        }
        // Whoever keeps no order here has to be told how to take it back.
        if by.authority < Authority::Moderator {
            self.outbox.notice_again(To::One(by.id));
        }
        Ok(())
    }

    /// A removal that cannot be taken back any more.
    pub(crate) fn file_club_ban(&mut self, removal: &crate::state::Removal) {
        if let (Some(club), Some(period), Who::Member(member), Who::Member(by)) =
            (self.state.club, removal.club, removal.who, removal.by)
        {
            self.outbox.file(Effect::BanFromClub { club, by, member, period });
        }
    }
}
