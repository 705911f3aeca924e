//! Who is in the room and where: one value a person, and the orders and indexes over them.

use std::collections::{BTreeMap, BTreeSet};

use protocol::Timestamp;
use protocol::id::{ParticipantId, PictureId};
use protocol::room::{HandNote, Mic};
use protocol::text::{DisplayName, Handle};
use serde::{Deserialize, Serialize};

use crate::Who;

/// One person in the room. What they may decide is not here: see `authority.rs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Participant {
    pub(crate) id: ParticipantId,
    pub(crate) who: Who,
    pub(crate) name: DisplayName,
    pub(crate) handle: Option<Handle>,
    pub(crate) guest_of: Option<DisplayName>,
    pub(crate) newcomer: bool,
    pub(crate) picture: Option<PictureId>,
    pub(crate) place: Place,
    /// Empty for whoever does not wait.
    pub(crate) note: HandNote,
    // Not kept: who was here before is never called new to the stage.
    #[serde(skip)]
    pub(crate) spoken: Spoken,
    // Not kept: nobody is connected to a room that is rebuilt.
    #[serde(skip)]
    pub(crate) presence: Presence,
}

/// Where somebody is. One value, so that hand, invitation and microphone cannot disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    Audience,
    HandRaised {
        since: Timestamp,
    },
    Invited {
        by: ParticipantId,
        /// When the hand went up; without one, when the invitation went out.
        since: Timestamp,
        until: Timestamp,
    },
    Stage {
        mic: Mic,
    },
}

/// Whether the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Presence {
    #[default]
    Here,
    Reconnecting {
        until: Timestamp,
    },
}

/// Whether somebody was heard in this room since they came in, as far as this process knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Spoken {
    /// They were here before the room was rebuilt.
    #[default]
    Unknown,
    NotYet,
    Heard,
}

/// An end of the line in which people wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnd {
    Head,
    Tail,
}

/// What the orders and indexes need to know of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    Audience,
    Queue,
    Stage,
}

impl Place {
    pub(crate) fn area(self) -> Area {
        match self {
            Self::Audience => Area::Audience,
            Self::HandRaised { .. } | Self::Invited { .. } => Area::Queue,
            Self::Stage { .. } => Area::Stage,
        }
    }
}

/// Everyone in the room. Who they are is in boxes, which are wiped: a tree does not overwrite what is taken out of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct People {
    all: BTreeMap<ParticipantId, Box<Participant>>,
    seats: BTreeMap<Box<Who>, ParticipantId>,
    /// In the order of arrival there.
    stage: Vec<ParticipantId>,
    /// Hands and invitations in the order in which they began; an invited hand keeps its place.
    queue: Vec<ParticipantId>,
    /// The audience by the share in which it is committed.
    shares: BTreeMap<u8, BTreeSet<ParticipantId>>,
    /// When seats are given up.
    away: BTreeSet<(Timestamp, ParticipantId)>,
}

impl People {
    pub(crate) fn get(&self, id: ParticipantId) -> Option<&Participant> {
        self.all.get(&id).map(Box::as_ref)
    }

    pub(crate) fn seat(&self, who: Who) -> Option<ParticipantId> {
        self.seats.get(&who).copied()
    }

    /// Looks at everybody: at human rate alone.
    pub(crate) fn called(&self, handle: &Handle) -> Option<&Participant> {
        self.iter().find(|person| person.handle.as_ref() == Some(handle))
    }

    /// Everybody who has a seat, in order.
    pub(crate) fn seated(&self) -> impl Iterator<Item = Who> {
        self.seats.keys().map(|who| **who)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Participant> {
        self.all.values().map(Box::as_ref)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn stage(&self) -> &[ParticipantId] {
        &self.stage
    }

    pub(crate) fn on_stage(&self) -> impl Iterator<Item = &Participant> {
        self.stage.iter().filter_map(|id| self.get(*id))
    }

    pub(crate) fn queue(&self) -> impl Iterator<Item = &Participant> {
        self.queue.iter().filter_map(|id| self.get(*id))
    }

    pub(crate) fn share(&self, share: u8) -> impl Iterator<Item = &Participant> {
        self.shares.get(&share).into_iter().flatten().filter_map(|id| self.get(*id))
    }

    /// The shares that have somebody in them.
    pub(crate) fn shares(&self) -> impl Iterator<Item = u8> {
        self.shares.keys().copied()
    }

    /// The next seat to be given up, and when.
    pub(crate) fn next_away(&self) -> Option<(Timestamp, ParticipantId)> {
        self.away.first().copied()
    }

    /// The caller has made sure that neither the id nor the person has a seat.
    pub(crate) fn insert(&mut self, participant: Participant) {
        let id = participant.id;
        self.seats.insert(Box::new(participant.who), id);
        if let Presence::Reconnecting { until } = participant.presence {
            self.away.insert((until, id));
        }
        self.enter(id, participant.place.area());
        self.all.insert(id, Box::new(participant));
    }

    pub(crate) fn remove(&mut self, id: ParticipantId) -> Option<Box<Participant>> {
        let participant = self.all.remove(&id)?;
        self.seats.remove(&participant.who);
        self.exit(id, participant.place.area());
        if let Presence::Reconnecting { until } = participant.presence {
            self.away.remove(&(until, id));
        }
        Some(participant)
    }

    pub(crate) fn set_place(&mut self, id: ParticipantId, place: Place) {
        let Some(participant) = self.all.get_mut(&id) else { return };
        let (from, to) = (participant.place.area(), place.area());
        participant.place = place;
        if from != to {
            participant.note = HandNote::default();
            self.exit(id, from);
            self.enter(id, to);
        }
    }

    pub(crate) fn set_note(&mut self, id: ParticipantId, note: HandNote) {
        let Some(participant) = self.all.get_mut(&id) else { return };
        participant.note = note;
    }

    pub(crate) fn set_heard(&mut self, id: ParticipantId) {
        let Some(participant) = self.all.get_mut(&id) else { return };
        participant.spoken = Spoken::Heard;
    }

    /// Moves somebody who waits to an end of the line.
    pub(crate) fn move_in_line(&mut self, id: ParticipantId, end: LineEnd) {
        let Some(position) = self.queue.iter().position(|other| *other == id) else { return };
        self.queue.remove(position);
        match end {
            LineEnd::Head => self.queue.insert(0, id),
            LineEnd::Tail => self.queue.push(id),
        }
    }

    pub(crate) fn set_presence(&mut self, id: ParticipantId, presence: Presence) {
        let Some(participant) = self.all.get_mut(&id) else { return };
        if let Presence::Reconnecting { until } = participant.presence {
            self.away.remove(&(until, id));
        }
        if let Presence::Reconnecting { until } = presence {
            self.away.insert((until, id));
        }
        participant.presence = presence;
    }

    pub(crate) fn rename(&mut self, id: ParticipantId, name: DisplayName, handle: Option<Handle>) {
        let Some(participant) = self.all.get_mut(&id) else { return };
        participant.name = name;
        participant.handle = handle;
    }

    pub(crate) fn show(&mut self, id: ParticipantId, picture: Option<PictureId>) {
        let Some(participant) = self.all.get_mut(&id) else { return };
        participant.picture = picture;
    }

    fn enter(&mut self, id: ParticipantId, area: Area) {
        match area {
            Area::Audience => drop(self.shares.entry(share_of(id)).or_default().insert(id)),
            Area::Queue => self.queue.push(id),
            Area::Stage => self.stage.push(id),
        }
    }

    fn exit(&mut self, id: ParticipantId, area: Area) {
        match area {
            Area::Audience => {
                let share = share_of(id);
                if let Some(ids) = self.shares.get_mut(&share) {
                    ids.remove(&id);
                    if ids.is_empty() {
                        self.shares.remove(&share);
                    }
                }
            }
            Area::Queue => self.queue.retain(|other| *other != id),
            Area::Stage => self.stage.retain(|other| *other != id),
        }
    }

    /// What must be true of the orders and indexes, whatever happened.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let in_area = |area| self.all.values().filter(|p| p.place.area() == area).count();
        let is_in = |id: &ParticipantId, area| self.all.get(id).is_some_and(|p| p.place.area() == area);
        let distinct = |ids: &[ParticipantId]| ids.iter().collect::<BTreeSet<_>>().len() == ids.len();
        let away = |p: &Participant| match p.presence {
            Presence::Here => None,
            Presence::Reconnecting { until } => Some((until, p.id)),
        };
        if self.all.iter().any(|(id, p)| *id != p.id || id.0 == 0) {
            return Err("everyone is kept under their own id");
        }
        if self.seats.len() != self.all.len()
            || self.all.values().any(|p| self.seats.get(&p.who) != Some(&p.id))
        {
            return Err("one person has one seat");
        }
        if self.stage.len() != in_area(Area::Stage)
            || !distinct(&self.stage)
            || !self.stage.iter().all(|id| is_in(id, Area::Stage))
        {
            return Err("the stage lists those on it");
        }
        if self.queue.len() != in_area(Area::Queue)
            || !distinct(&self.queue)
            || !self.queue.iter().all(|id| is_in(id, Area::Queue))
        {
            return Err("the queue lists those in it");
        }
        let shared = self.shares.values().map(BTreeSet::len).sum::<usize>();
        if shared != in_area(Area::Audience)
            || !self.shares.values().flatten().all(|id| is_in(id, Area::Audience))
            || self.shares.iter().any(|(share, ids)| ids.iter().any(|id| share_of(*id) != *share))
        {
            return Err("the shares hold the audience");
        }
        if self.all.values().any(|p| p.place.area() != Area::Queue && p.note != HandNote::default()) {
            return Err("only those who wait say what for");
        }
        if self.away != self.iter().filter_map(away).collect() {
            return Err("every absence has its end");
        }
        Ok(())
    }
}

/// The share of the audience in which somebody is committed. Ids are random, so shares are even.
pub(crate) fn share_of(id: ParticipantId) -> u8 {
    id.0.to_le_bytes()[0]
}
