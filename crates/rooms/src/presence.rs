//! Coming, going, and coming back; and what happens by the mere passing of time.

use protocol::Timestamp;
use protocol::id::{ParticipantId, PictureId};
use protocol::limits::{PEOPLE_PER_ROOM_MAX, RECONNECT_GRACE, STAGE_INVITATION_PERIOD, STAGE_MAX};
use protocol::room::{Authority, Door, LeftReason, Mic};

use crate::Room;
use crate::arrival::{Arrival, AskedTo, Who};
use crate::effect::{Connection, Effect, Joined, Refused, Voice};
use crate::people::{Area, Participant, Place, Presence};
use crate::state::Answer;

impl Room {
    /// Somebody comes in, or comes back on another device. A device that proves its seat by token is
    /// [`Self::handle_connection`] with [`Connection::Up`] instead: its microphone stays as it is, while a device that
    /// takes a seat over finds an open one muted, since nobody opened the microphone of *this* device.
    ///
    /// Those who keep order come in through a locked door and into a full room, or nobody could unlock it.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn handle_join(&mut self, now: Timestamp, arrival: Arrival) -> Result<Joined, Refused> {
        self.advance(now);
        self.way_in(arrival.who)?;
        let joined = match self.people.seat(arrival.who) {
            Some(id) => {
                self.take_seat_over(id, arrival);
                Joined::Again(id)
            }
            None => Joined::New(self.join(now, arrival)?),
        };
        self.settle(now);
        Ok(joined)
    }

    fn join(&mut self, now: Timestamp, arrival: Arrival) -> Result<ParticipantId, Refused> {
        let keeps_order = self.authority(arrival.who) >= Authority::Moderator;
        if self.state.door == Door::Locked && !keeps_order {
            return Err(Refused::Locked);
        }
        if self.people.len() >= PEOPLE_PER_ROOM_MAX && !keeps_order {
            return Err(Refused::Full);
        }
        let id = arrival.id;
        if id.0 == 0 || self.people.get(id).is_some() || self.removal(id).is_some() {
            return Err(Refused::IdTaken);
        }
        self.seat_newcomer(now, arrival);
        Ok(id)
    }

    /// The owner arrives on stage, if there is space; whoever was asked as far as that with the question whether they come up;
    /// everybody else in the audience.
    pub(crate) fn seat_newcomer(&mut self, now: Timestamp, arrival: Arrival) {
        let (id, who) = (arrival.id, arrival.who);
        let asked_up = self.is_asked_up(who);
        if self.state.asked.get(&who).is_some_and(|asked| asked.answer == Answer::Expected) {
            if let Some(asked) = self.state_mut().asked.get_mut(&who) {
                asked.answer = Answer::Came;
            }
            self.outbox.asked();
        }
        let owner = self.authority(who) == Authority::Owner;
        let place = if owner && self.people.stage().len() < STAGE_MAX {
            Place::Stage { mic: Mic::Muted }
        } else if let Some(by) = asked_up {
            Place::Invited { by, since: now, until: now.plus(STAGE_INVITATION_PERIOD) }
        } else {
            Place::Audience
        };
        self.people.insert(Participant::new(arrival, place));
        self.changed.arrived(id, place);
        self.place_changed_follows(id, who);
        if self.authority(who) >= Authority::Moderator {
            self.outbox.visibility();
        }
        self.outbox.person(id);
        self.outbox.seats();
    }

    /// By whom: the owner, or whoever else keeps order while they are not here. Somebody who comes for the first time, where
    /// there is space.
    fn is_asked_up(&self, who: Who) -> Option<ParticipantId> {
        let asked = self.state.asked.get(&who)?;
        let first = asked.answer == Answer::Expected && asked.to == AskedTo::Stage;
        let waiting =
            self.people.queue().filter(|person| matches!(person.place, Place::Invited { .. })).count();
        if !first || self.people.stage().len() >= STAGE_MAX || waiting >= STAGE_MAX {
            return None;
        }
        self.people.seat(self.state.owner).or_else(|| self.keepers().next())
    }

    fn take_seat_over(&mut self, id: ParticipantId, arrival: Arrival) {
        if self.voice(id) == Voice::On {
            self.set_place(id, Place::Stage { mic: Mic::Muted });
        }
        self.outbox.urgent(Effect::Cut { id, reason: LeftReason::OtherDevice });
        let Some(person) = self.people.get(id) else { return };
        if person.name != arrival.name || person.handle != arrival.handle || person.picture != arrival.picture
        {
            let place = person.place;
            self.people.rename(id, arrival.name, arrival.handle);
            self.people.show(id, arrival.picture);
            self.changed.arrived(id, place);
            self.outbox.person(id);
            self.outbox.visibility();
        }
        self.set_presence(id, Presence::Here);
    }

    /// Somebody has another picture, or none any more; where they are not here, nothing changes.
    pub fn handle_picture(&mut self, now: Timestamp, who: Who, picture: Option<PictureId>) {
        self.advance(now);
        let Some(person) = self.people.seat(who).and_then(|id| self.people.get(id)) else { return };
        if self.is_over() || person.picture == picture {
            return;
        }
        let (id, place) = (person.id, person.place);
        self.people.show(id, picture);
        self.changed.arrived(id, place);
        self.outbox.person(id);
        self.outbox.visibility();
        self.settle(now);
    }

    /// A connection was lost or stands again. Whether somebody is heard does not depend on it, and is stated anew when
    /// a connection stands: it may be a fresh one.
    pub fn handle_connection(&mut self, now: Timestamp, id: ParticipantId, connection: Connection) {
        self.advance(now);
        if self.is_over() {
            return;
        }
        let Some(person) = self.people.get(id) else { return };
        let area = person.place.area();
        match connection {
            Connection::Up => {
                self.set_presence(id, Presence::Here);
                if area == Area::Stage {
                    self.set_voice(id, self.voice(id));
                }
            }
            Connection::Down { since } => {
                if person.presence == Presence::Here {
                    self.set_presence(id, Presence::Reconnecting { until: since.plus(RECONNECT_GRACE) });
                }
            }
        }
        self.advance(now);
        self.settle(now);
    }

    fn set_presence(&mut self, id: ParticipantId, presence: Presence) {
        if self.people.get(id).is_some_and(|person| person.presence != presence) {
            self.people.set_presence(id, presence);
            self.outbox.person(id);
        }
    }

    /// Somebody leaves for good: quietly, because they signed out, or because their client does not keep up.
    pub fn handle_leave(&mut self, now: Timestamp, id: ParticipantId, reason: LeftReason) {
        self.advance(now);
        if !self.is_over() {
            self.unseat(id, reason);
            self.settle(now);
        }
    }

    /// Takes somebody out of the room: off the stage and out of the queue, then cut off.
    pub(crate) fn unseat(&mut self, id: ParticipantId, reason: LeftReason) -> Option<Box<Participant>> {
        let who = self.people.get(id)?.who;
        self.set_place(id, Place::Audience);
        let person = self.people.remove(id)?;
        self.changed.left(id);
        self.recent.leaves(id, person.handle.as_ref());
        self.talked.leaves(id);
        self.written.leaves(id);
        // Nobody can repeat any more what they did in this seat.
        if self.state.remembers(id) {
            self.state_mut().commands.retain(|known| known.from != id);
        }
        self.place_changed_follows(id, who);
        if self.authority(who) >= Authority::Moderator || self.is_shut_out(who) {
            self.outbox.visibility();
        }
        self.outbox.urgent(Effect::Cut { id, reason });
        self.outbox.person(id);
        self.outbox.seats();
        Some(person)
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.advance(now);
        self.settle(now);
    }

    /// Everything that is due. Comes first in every call, so that rules never see a lapsed invitation.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        if self.is_over() {
            return;
        }
        while let Some((until, id)) = self.people.next_away()
            && until <= now
        {
            self.unseat(id, LeftReason::Away);
        }
        self.lapse_invitations(now);
        self.links_lapse(now);
        self.let_back(now);
        self.forget_removals(now);
        self.recent.advance(now, &self.slots);
        self.talked.advance(now, &self.slots);
        self.advance_chat(now);
        self.file_due(now);
        self.keep_order(now);
        self.phase_timeout(now);
        self.chatter.advance(now);
    }

    /// When to call [`Self::handle_timeout`] at the latest.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        if self.is_over() {
            return None;
        }
        [
            self.people.next_away().map(|(until, _)| until),
            self.next_lapse(),
            self.next_link_lapse(),
            self.state.removals.front().map(|removal| removal.until),
            self.state.bars.due(),
            self.phase_deadline(),
            self.chatter.next_step(),
            self.reactions.due(),
            self.written.due(),
            self.recent.due(),
            self.state.reports.front().map(|report| report.until),
            self.outbox.due(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The seat that somebody has.
    pub fn seat(&self, who: Who) -> Option<ParticipantId> {
        self.people.seat(who)
    }

    /// Who sits in a seat.
    pub fn who(&self, id: ParticipantId) -> Option<Who> {
        self.people.get(id).map(|person| person.who)
    }
}
