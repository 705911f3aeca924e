//! Keeping order: mute, hold, time-out, remove, ban, undo, panic.
//!
//! *Mute* asks for quiet, *hold* enforces it. A *time-out* keeps somebody out for some minutes; *remove* until a moderator
//! asks them in again; *ban* for the life of the room. Each can be undone for [`UNDO_PERIOD`], which gives back the right to
//! come in and nothing else: no place, no authority.

use protocol::id::ParticipantId;
use protocol::limits::{ASKED_MAX, UNDO_PERIOD};
use protocol::room::{Authority, Chat, Door, HandPolicy, LeftReason, Mic, Notice, RoomKind};
use protocol::{ErrorCode, Timestamp};

use crate::arrival::{AskedTo, Who};
use crate::bars::{Bar, BarKind};
use crate::limits::REMOVALS_MAX;
use crate::people::{Participant, Place};
use crate::room::Actor;
use crate::state::{Answer, AskedIn, Removal};
use crate::{Room, To};

impl Room {
    pub(crate) fn mute(&mut self, by: ParticipantId, whom: ParticipantId) -> Result<(), ErrorCode> {
        match self.mic(whom)? {
            Mic::Muted | Mic::Held => {}
            Mic::Open => {
                self.set_place(whom, Place::Stage { mic: Mic::Muted });
                self.outbox.notice(To::One(whom), Notice::Muted { by });
            }
        }
        Ok(())
    }

    pub(crate) fn hold(&mut self, by: ParticipantId, whom: ParticipantId) -> Result<(), ErrorCode> {
        match self.mic(whom)? {
            Mic::Held => {}
            Mic::Open | Mic::Muted => {
                self.set_place(whom, Place::Stage { mic: Mic::Held });
                self.outbox.notice(To::One(whom), Notice::Held { by });
            }
        }
        Ok(())
    }

    /// A released microphone is muted: nobody but its owner opens it.
    pub(crate) fn release(&mut self, by: ParticipantId, whom: ParticipantId) -> Result<(), ErrorCode> {
        match self.mic(whom)? {
            Mic::Open | Mic::Muted => {}
            Mic::Held => {
                self.set_place(whom, Place::Stage { mic: Mic::Muted });
                self.outbox.notice(To::One(whom), Notice::Released { by });
            }
        }
        Ok(())
    }

    pub(crate) fn mute_all(&mut self, by: ParticipantId) -> Result<(), ErrorCode> {
        for id in self.speakers_below_moderator() {
            self.mute(by, id)?;
        }
        Ok(())
    }

    /// Holds all but those who keep order, clears the queue of hands and invitations, switches hands and the chat off and locks
    /// the door. One notice tells everyone; those it concerns get no second one.
    pub(crate) fn panic(&mut self, by: ParticipantId) -> Result<(), ErrorCode> {
        for id in self.speakers_below_moderator() {
            self.set_place(id, Place::Stage { mic: Mic::Held });
        }
        let waiting: Vec<_> = self.people.queue().map(|person| person.id).collect();
        for id in waiting {
            self.set_place(id, Place::Audience);
        }
        self.set_hands(HandPolicy::Off)?;
        self.set_door(Door::Locked)?;
        self.set_chat(Chat::Off)?;
        self.outbox.notice(To::Everyone, Notice::Panic { by });
        Ok(())
    }

    pub(crate) fn time_out(
        &mut self,
        now: Timestamp,
        by: Actor,
        whom: ParticipantId,
    ) -> Result<(), ErrorCode> {
        self.bar(now, by, whom, BarKind::TimedOut)
    }

    pub(crate) fn remove(&mut self, now: Timestamp, by: Actor, whom: ParticipantId) -> Result<(), ErrorCode> {
        self.bar(now, by, whom, BarKind::Removed)
    }

    pub(crate) fn ban(&mut self, now: Timestamp, by: Actor, whom: ParticipantId) -> Result<(), ErrorCode> {
        self.bar(now, by, whom, BarKind::Banned)
    }

    /// Cuts somebody off and out. Whatever gave them authority goes too, and whatever let them in, unless they may come back.
    pub(crate) fn bar(
        &mut self,
        now: Timestamp,
        by: Actor,
        whom: ParticipantId,
        kind: BarKind,
    ) -> Result<(), ErrorCode> {
        let reason = match kind {
            BarKind::TimedOut => LeftReason::TimeOut,
            BarKind::Removed | BarKind::Banned => LeftReason::Removed,
        };
        let bar = Bar { kind, since: now };
        let person = self.unseat(whom, reason).ok_or(ErrorCode::PersonGone)?;
        let Participant { who, name, handle, .. } = *person;
        let until = now.plus(UNDO_PERIOD);
        let state = self.state_mut();
        state.epoch = state.epoch.saturating_add(1);
        state.moderators.remove(&who);
        if bar.back().is_none()
            && state.asked.remove(&who).is_some_and(|asked| asked.answer == Answer::Expected)
        {
            self.outbox.asked();
        }
        let state = self.state_mut();
        state.bars.insert(who, bar);
        let oldest = if state.removals.len() == REMOVALS_MAX { state.removals.pop_front() } else { None };
        if let Some(oldest) = oldest {
            self.file_club_ban(&oldest);
        }
        let state = self.state_mut();
        let removal = Removal { id: whom, who, name: name.clone(), handle, by: by.who, until, club: None };
        state.removals.push_back(Box::new(removal));
        self.outbox.visibility();
        let back = bar.back();
        self.outbox.notice(To::Moderators, Notice::Removed { who: whom, name, by: by.id, until, back });
        Ok(())
    }

    pub(crate) fn removal(&self, id: ParticipantId) -> Option<&Removal> {
        self.state.removals.iter().map(Box::as_ref).find(|removal| removal.id == id)
    }

    /// Where one has to be asked in, the person who is let back is asked in again.
    pub(crate) fn undo(&mut self, by: Actor, id: ParticipantId) -> Result<(), ErrorCode> {
        let removal = self.removal(id).ok_or(ErrorCode::NotNow)?.clone();
        let Removal { who, name, handle, .. } = removal;
        let without_order = by.authority < Authority::Moderator;
        if self.state.kind != RoomKind::Open || matches!(who, Who::Guest(_)) {
            if self.state.asked.len() >= ASKED_MAX && !self.state.asked.contains_key(&who) {
                return Err(ErrorCode::Full);
            }
            let by = self.people.get(by.id).ok_or(ErrorCode::NotThere)?.name.clone();
            self.state_mut()
                .asked
                .insert(Box::new(who), AskedIn { handle, by, to: AskedTo::Room, answer: Answer::Expected });
            self.outbox.asked();
        }
        let state = self.state_mut();
        state.bars.remove(who);
        state.removals.retain(|removal| removal.who != who);
        self.outbox.visibility();
        self.outbox.notice(To::Moderators, Notice::Undone { who: id, name });
        if without_order {
            self.outbox.notice_again(To::One(by.id));
        }
        Ok(())
    }

    /// Whoever was sent out for a time may come back when it is over.
    pub(crate) fn let_back(&mut self, now: Timestamp) {
        if self.state.bars.due().is_some_and(|due| due <= now) {
            self.state_mut().bars.advance(now);
            self.outbox.visibility();
        }
    }

    pub(crate) fn forget_removals(&mut self, now: Timestamp) {
        while self.state.removals.front().is_some_and(|removal| removal.until <= now) {
            let Some(removal) = self.state_mut().removals.pop_front() else { return };
            self.file_club_ban(&removal);
        }
    }

    /// The room ends before they can be taken back, so they stand.
    pub(crate) fn file_all_club_bans(&mut self) {
        let removals: Vec<_> = self.state.removals.drain(..).collect();
        removals.iter().for_each(|removal| self.file_club_ban(removal));
    }

    fn mic(&self, id: ParticipantId) -> Result<Mic, ErrorCode> {
        match self.place(id)? {
            Place::Stage { mic } => Ok(mic),
            Place::Audience | Place::HandRaised { .. } | Place::Invited { .. } => Err(ErrorCode::NotNow),
        }
    }

    fn speakers_below_moderator(&self) -> Vec<ParticipantId> {
        let below = |person: &&Participant| self.authority(person.who) < Authority::Moderator;
        self.people.on_stage().filter(below).map(|person| person.id).collect()
    }
}
