//! Who comes in: kind, lock, and who was asked.
//!
//! For somebody who may not find a room it does not exist: it has no card, and [`crate::Refused::NotThere`] is the
//! same word as for a room that never was.

use std::collections::BTreeSet;

use protocol::id::{CommandId, ParticipantId};
use protocol::limits::{ASKED_MAX, MODERATORS_MAX};
use protocol::room::{Authority, Door, Notice, RoomKind};
use protocol::text::{DisplayName, Handle, RoomTitle};
use protocol::{ErrorCode, Timestamp};

use crate::arrival::{Asked, AskedAs, Inviter, Who};
use crate::bars::{Bar, BarKind};
use crate::effect::{Effect, Found, Refused};
use crate::permission::{self, Action, Target};
use crate::state::{Answer, AskedIn};
use crate::{Room, To};

impl Room {
    /// Whether the room is there for somebody: the one function that decides it.
    pub fn may_find(&self, who: Who) -> Found {
        if self.is_over() {
            return Found::NotThere;
        }
        if self.people.seat(who).is_some() {
            return Found::There;
        }
        if self.state.bars.has(who) || self.is_shut_out(who) || self.is_banned_by_club(who) {
            return Found::NotThere;
        }
        let known = self.authority(who) >= Authority::Moderator || self.state.asked.contains_key(&who);
        let welcome = match (self.state.kind, who) {
            (RoomKind::Open, Who::Member(_)) => true,
            (RoomKind::Social, Who::Member(member)) => {
                self.keepers().any(|keeper| self.follows.follows(keeper, member))
            }
            (RoomKind::Club, who @ Who::Member(_)) => self.standing_in_club(who).is_in(),
            (RoomKind::Closed, Who::Member(_)) | (_, Who::Guest(_)) => false,
        };
        if known || welcome { Found::There } else { Found::NotThere }
    }

    /// What somebody at the door is told. Whoever was sent out for a time knows that there is this room, and is told that
    /// this time is not over: whatever else would keep them out, so that nobody learns of a block in this way.
    ///
    /// # Errors
    /// [`Refused::NotYet`], [`Refused::NotThere`].
    pub fn way_in(&self, who: Who) -> Result<(), Refused> {
        let bar = self.state.bars.get(who).filter(|_| !self.is_over());
        match (bar.and_then(Bar::back), self.may_find(who)) {
            (Some(_), _) => Err(Refused::NotYet),
            (None, Found::NotThere) => Err(Refused::NotThere),
            (None, Found::There) => Ok(()),
        }
    }

    pub(crate) fn set_door(&mut self, door: Door) -> Result<(), ErrorCode> {
        if self.state.door != door {
            self.state_mut().door = door;
        }
        Ok(())
    }

    pub(crate) fn set_title(&mut self, title: Option<RoomTitle>) -> Result<(), ErrorCode> {
        if self.state.title != title {
            self.state_mut().title = title;
        }
        Ok(())
    }

    /// Only ever wider: narrower means a new room.
    pub(crate) fn widen(&mut self, kind: RoomKind) -> Result<(), ErrorCode> {
        if kind == self.state.kind {
            return Ok(());
        }
        // A club's members are other people than those whom the room's own follow: neither is wider.
        let wider = match (self.state.kind, kind) {
            (RoomKind::Closed, RoomKind::Club) => self.state.club.is_some(),
            (RoomKind::Closed, _) | (RoomKind::Social | RoomKind::Club, RoomKind::Open) => true,
            _ => false,
        };
        if !wider {
            return Err(ErrorCode::NotAllowed);
        }
        let was_closed = self.state.kind == RoomKind::Closed;
        self.state_mut().kind = kind;
        let owner = self.people.iter().find(|person| person.who == self.state.owner);
        if was_closed
            && let Some((Who::Member(owner), Some(handle))) = owner.map(|one| (one.who, one.handle.clone()))
        {
            self.outbox.file(Effect::DoorsOpen { owner, handle });
        }
        self.outbox.notice(To::Everyone, Notice::Widened { kind });
        Ok(())
    }

    /// `AskIn`, with its handles looked up. All of them are asked or none. Asking somebody in again lifts a removal and a
    /// time-out; a ban stands, and is refused.
    ///
    /// # Errors
    /// The code that answers the command.
    pub fn handle_ask(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        id: CommandId,
        people: Vec<Asked>,
    ) -> Result<(), ErrorCode> {
        self.answer(now, from, id, |room| room.ask(from, people))
    }

    fn ask(&mut self, from: ParticipantId, people: Vec<Asked>) -> Result<(), ErrorCode> {
        let actor = self.actor(from)?;
        if !permission::may(actor.authority, Action::AskIn, Target::Room) {
            return Err(ErrorCode::NotAllowed);
        }
        for asked in &people {
            self.may_ask(actor.authority, asked)?;
        }
        let new: BTreeSet<_> = people
            .iter()
            .map(|asked| asked.who)
            .filter(|who| !self.state.asked.contains_key(who) || self.state.bars.has(*who))
            .filter(|who| self.people.seat(*who).is_none())
            .collect();
        let more = new.iter().filter(|who| !self.state.asked.contains_key(*who)).count();
        let mut moderators = self.state.moderators.clone();
        let named = |asked: &&Asked| asked.role.keeps_order() && new.contains(&asked.who);
        moderators.extend(people.iter().filter(named).map(|asked| Box::new(asked.who)));
        moderators.remove(&self.state.owner);
        if self.state.asked.len() + more > ASKED_MAX || moderators.len() + 1 > MODERATORS_MAX {
            return Err(ErrorCode::Full);
        }
        if new.is_empty() {
            return Ok(());
        }
        let by = self.people.get(from).ok_or(ErrorCode::NotThere)?.name.clone();
        for asked in people.into_iter().filter(|asked| new.contains(&asked.who)) {
            let state = self.state_mut();
            state.bars.remove(asked.who);
            state.removals.retain(|removal| removal.who != asked.who);
            self.expect(asked, by.clone());
        }
        self.state_mut().moderators = moderators;
        Ok(())
    }

    fn expect(&mut self, asked: Asked, by: DisplayName) {
        let entry = AskedIn { handle: asked.handle, by, to: asked.role.to(), answer: Answer::Expected };
        self.state_mut().asked.insert(Box::new(asked.who), entry);
        self.outbox.asked();
        self.outbox.visibility();
    }

    /// Somebody new to the server, by an invitation that was given in this room. Where one has to be asked in, whoever
    /// gave it asks, if they may by now; here or not, for they cannot know when it is taken up.
    pub fn handle_newcomer(&mut self, now: Timestamp, by: Inviter, newcomer: Asked) -> Found {
        self.advance(now);
        let who = newcomer.who;
        let asks = permission::may(self.authority(by.who), Action::AskIn, Target::Room)
            && !self.state.bars.has(who)
            && self.state.asked.len() < ASKED_MAX;
        if !self.is_over() && self.may_find(who) == Found::NotThere && asks {
            self.expect(Asked { role: AskedAs::Participant, ..newcomer }, by.name);
        }
        self.settle(now);
        self.may_find(who)
    }

    fn may_ask(&self, actor: Authority, asked: &Asked) -> Result<(), ErrorCode> {
        let banned = self.state.bars.get(asked.who).is_some_and(|bar| bar.kind == BarKind::Banned);
        let role_allowed = match (asked.role, asked.who) {
            (AskedAs::Participant, _) => true,
            (AskedAs::Speaker, _) => {
                permission::may(actor, Action::InviteToStage, Target::Other(Authority::Member))
            }
            (AskedAs::Moderator | AskedAs::Host, Who::Guest(_)) => false,
            (AskedAs::Moderator | AskedAs::Host, Who::Member(_)) => {
                permission::may(actor, Action::MakeModerator, Target::Other(Authority::Member))
            }
        };
        if banned || !role_allowed { Err(ErrorCode::NotAllowed) } else { Ok(()) }
    }

    /// "Not now", from somebody who was asked in: a closed room is gone for them until they are asked again, and so is
    /// the part of a moderator.
    pub fn handle_decline(&mut self, now: Timestamp, who: Who) {
        self.advance(now);
        if self.is_over() || self.people.seat(who).is_some() || !self.state.asked.contains_key(&who) {
            return;
        }
        let state = self.state_mut();
        state.moderators.remove(&who);
        let handle = state.asked.remove(&who).and_then(|asked| asked.handle);
        self.outbox.asked();
        self.outbox.visibility();
        if let Some(handle) = handle {
            self.outbox.notice(To::Moderators, Notice::NotComing { handle });
        }
        self.settle(now);
    }

    /// Those who were asked in and have not come yet.
    pub(crate) fn expected(&self) -> Vec<Handle> {
        let mut handles: Vec<_> = self
            .state
            .asked
            .values()
            .filter(|asked| asked.answer == Answer::Expected)
            .filter_map(|asked| asked.handle.clone())
            .collect();
        handles.sort();
        handles
    }
}
