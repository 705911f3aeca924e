//! The room.

use std::collections::BTreeSet;

use protocol::hallway::RoomCard;
use protocol::id::{CommandId, MemberId, ParticipantId, RoomId};
use protocol::room::{LeftReason, Person, RoomCommand, RoomView, Slots};
use protocol::{ErrorCode, Timestamp};

use crate::{
    Arrival, Asked, Connection, Effect, Found, Joined, NewRoom, Part, Refused, RestoreError, To, Voice, Who,
};

/// One room, from its start to its end.
#[derive(Debug)]
pub struct Room {}

impl Room {
    /// A room with its owner on stage, muted.
    ///
    /// # Errors
    /// [`Refused::Full`] for more people asked or more moderators than a room takes, [`Refused::IdTaken`] for id zero.
    pub fn start(now: Timestamp, id: RoomId, new: NewRoom, owner: Arrival) -> Result<Self, Refused> {
        todo!()
    }
    /// Rebuilds a room; everybody is reconnecting, with the roles they had.
    ///
    /// # Errors
    /// See [`RestoreError`].
    pub fn restore(
        now: Timestamp,
        parts: impl IntoIterator<Item = (Part, Vec<u8>)>,
    ) -> Result<Self, RestoreError> {
        todo!()
    }
    /// Its id.
    pub fn id(&self) -> RoomId {
        todo!()
    }
    /// Somebody comes in, or comes back on another device. A device that proves its seat by token is
    /// [`Self::handle_connection`] with [`Connection::Up`] instead: its microphone stays as it is.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn handle_join(&mut self, now: Timestamp, arrival: Arrival) -> Result<Joined, Refused> {
        todo!()
    }
    /// A connection was lost or stands again.
    pub fn handle_connection(&mut self, now: Timestamp, id: ParticipantId, connection: Connection) {
        todo!()
    }
    /// Somebody leaves for good (`reason`: left, signed out, too slow).
    pub fn handle_leave(&mut self, now: Timestamp, id: ParticipantId, reason: LeftReason) {
        todo!()
    }
    /// Somebody does something. A repeated id gives the first answer and changes nothing. `AskIn` is
    /// [`Self::handle_ask`] instead, since a room cannot look handles up.
    ///
    /// # Errors
    /// The code that answers the command.
    pub fn handle_command(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        id: CommandId,
        command: RoomCommand,
    ) -> Result<(), ErrorCode> {
        todo!()
    }
    /// `AskIn`, with its handles looked up.
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
        todo!()
    }
    /// "Not now", from somebody who was asked in.
    pub fn handle_decline(&mut self, now: Timestamp, who: Who) {
        todo!()
    }
    /// Whom somebody follows: the answer to [`Effect::AskFollows`], and again whenever it changes.
    pub fn handle_follows(&mut self, now: Timestamp, id: ParticipantId, follows: BTreeSet<MemberId>) {
        todo!()
    }
    /// Who is heard, from the media engine.
    pub fn handle_slots(&mut self, now: Timestamp, slots: Slots) {
        todo!()
    }
    /// Time passed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        todo!()
    }
    /// The next thing to carry out.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        todo!()
    }
    /// When to call [`Self::handle_timeout`] at the latest.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        todo!()
    }
    /// What to commit, in order, before any effect is carried out; `None` is to be forgotten.
    pub fn poll_changed_parts(&mut self) -> Vec<(Part, Option<Vec<u8>>)> {
        todo!()
    }
    /// The people an event is for, those reconnecting included.
    pub fn recipients(&self, to: To) -> Vec<ParticipantId> {
        todo!()
    }
    /// The room as one person in it sees it; epoch and sequence are zero, for the caller to number.
    pub fn view(&self, viewer: ParticipantId) -> Option<RoomView> {
        todo!()
    }
    /// Whether somebody's packets are forwarded.
    pub fn voice(&self, id: ParticipantId) -> Voice {
        todo!()
    }
    /// The seat that somebody has.
    pub fn seat(&self, who: Who) -> Option<ParticipantId> {
        todo!()
    }
    /// Who sits in a seat.
    pub fn who(&self, id: ParticipantId) -> Option<Who> {
        todo!()
    }
    /// Whether the room is there for somebody: the one function that decides it.
    pub fn may_find(&self, who: Who) -> Found {
        todo!()
    }
    /// The room's card for somebody who may find it; `follows` is whom they follow.
    pub fn card(&self, viewer: Who, follows: &BTreeSet<MemberId>) -> Option<RoomCard> {
        todo!()
    }
    /// People in the room by part of a name or handle.
    pub fn find_people(&self, viewer: ParticipantId, text: &str) -> Vec<Person> {
        todo!()
    }
}
