//! A room as bytes: what is committed, sealed by the caller, before its effects go out, and from which it is rebuilt
//! after a crash.
//!
//! The core holds the room, its stage and its queue; the audience is committed in shares, so that a person who comes
//! into a room of ten thousand commits some forty people and not all. Each part is committed by itself. Parts that
//! gained somebody come first and those that lost somebody last, so that a crash between two commits doubles a person
//! rather than losing one; of a doubled person the core is right.

use std::collections::{BTreeMap, BTreeSet};

use protocol::Timestamp;
use protocol::id::ParticipantId;
use protocol::limits::RECONNECT_GRACE;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::people::{Area, Participant, People, Place, Presence, share_of};
use crate::state::{Phase, State};
use crate::{Room, set_back};

/// The first byte of every part. Raised when older bytes cannot be read any more.
const VERSION: u8 = 10;

/// One separately committed piece of a room's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The room itself, everyone on stage and everyone waiting.
    Core,
    /// A share of the audience.
    Audience(u8),
}

/// Why a room could not be rebuilt. It ends, and people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// Written by another version.
    #[error("a part of another version")]
    UnknownVersion,
    /// There is no core.
    #[error("no core")]
    NoCore,
    /// Not what this version writes.
    #[error("a malformed part")]
    Malformed,
}

/// What has to be committed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changed {
    dirty: BTreeSet<Dirty>,
    /// Shares that were committed and not forgotten.
    committed: BTreeSet<u8>,
}

/// In the order of commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dirty {
    Gained(u8),
    Core,
    Lost(u8),
    Over,
}

impl Changed {
    pub(crate) fn core(&mut self) {
        self.dirty.insert(Dirty::Core);
    }

    pub(crate) fn arrived(&mut self, id: ParticipantId, place: Place) {
        match place.area() {
            Area::Audience => drop(self.dirty.insert(Dirty::Gained(share_of(id)))),
            Area::Queue | Area::Stage => self.core(),
        }
    }

    pub(crate) fn moved(&mut self, id: ParticipantId, from: Place, to: Place) {
        self.core();
        match (from.area(), to.area()) {
            (Area::Audience, _) => drop(self.dirty.insert(Dirty::Lost(share_of(id)))),
            (_, Area::Audience) => drop(self.dirty.insert(Dirty::Gained(share_of(id)))),
            (Area::Queue | Area::Stage, Area::Queue | Area::Stage) => {}
        }
    }

    /// Somebody left the room from the audience.
    pub(crate) fn left(&mut self, id: ParticipantId) {
        self.dirty.remove(&Dirty::Gained(share_of(id)));
        self.dirty.insert(Dirty::Lost(share_of(id)));
    }

    pub(crate) fn over(&mut self) {
        self.dirty = BTreeSet::from([Dirty::Over]);
    }

    fn everything(&mut self, shares: impl Iterator<Item = u8>) {
        self.committed.clear();
        self.dirty.insert(Dirty::Core);
        self.dirty.extend(shares.map(Dirty::Gained));
    }
}

/// As it is written.
#[derive(Serialize)]
struct Core<'a> {
    state: &'a State,
    stage: Vec<&'a Participant>,
    queue: Vec<&'a Participant>,
}

/// As it is read.
#[derive(Deserialize)]
struct CoreRead {
    state: State,
    stage: Vec<Participant>,
    queue: Vec<Participant>,
}

impl Room {
    /// What to commit, in order, before any effect is carried out; `None` is to be forgotten.
    pub fn poll_changed_parts(&mut self) -> Vec<(Part, Option<Vec<u8>>)> {
        let mut parts = Vec::new();
        let mut done = BTreeSet::new();
        for dirty in std::mem::take(&mut self.changed.dirty) {
            match dirty {
                Dirty::Core => parts.push((Part::Core, Some(self.core_bytes()))),
                Dirty::Gained(share) | Dirty::Lost(share) => {
                    if done.insert(share) {
                        parts.extend(self.share_change(share));
                    }
                }
                Dirty::Over => {
                    parts.push((Part::Core, None));
                    let shares = std::mem::take(&mut self.changed.committed);
                    parts.extend(shares.into_iter().map(|share| (Part::Audience(share), None)));
                }
            }
        }
        parts
    }

    /// What was committed is forgotten: all of it is to be committed again.
    pub fn handle_forgotten(&mut self) {
        if !self.is_over() {
            self.changed.everything(self.people.shares());
        }
    }

    fn core_bytes(&self) -> Vec<u8> {
        written(&Core {
            state: &self.state,
            stage: self.people.on_stage().collect(),
            queue: self.people.queue().collect(),
        })
    }

    fn share_change(&mut self, share: u8) -> Option<(Part, Option<Vec<u8>>)> {
        let people: Vec<_> = self.people.share(share).collect();
        let bytes = (!people.is_empty()).then(|| written(&people));
        let had = match bytes {
            Some(_) => !self.changed.committed.insert(share),
            None => self.changed.committed.remove(&share),
        };
        (had || bytes.is_some()).then_some((Part::Audience(share), bytes))
    }

    /// Rebuilds a room; everybody is reconnecting, with the place and the authority they had, microphones included. It
    /// counts its audience above `faces_max` people, as it did before.
    ///
    /// # Errors
    /// See [`RestoreError`].
    pub fn restore(
        now: Timestamp,
        parts: impl IntoIterator<Item = (Part, Vec<u8>)>,
        faces_max: usize,
    ) -> Result<Self, RestoreError> {
        let mut parts: BTreeMap<Part, Vec<u8>> = parts.into_iter().collect();
        let core: CoreRead = read(&parts.remove(&Part::Core).ok_or(RestoreError::NoCore)?)?;
        let CoreRead { mut state, stage, mut queue } = core;
        set_back::moves_along(now, &mut state, &mut queue);
        let until = now.plus(RECONNECT_GRACE);
        let mut people = People::default();
        for (area, group) in [(Area::Stage, stage), (Area::Queue, queue)] {
            for person in group {
                if person.place.area() != area || is_seated(&people, &person) {
                    return Err(RestoreError::Malformed);
                }
                people.insert(Participant { presence: Presence::Reconnecting { until }, ..person });
            }
        }
        let mut committed = BTreeSet::new();
        for (part, bytes) in parts {
            let Part::Audience(share) = part else { return Err(RestoreError::Malformed) };
            committed.insert(share);
            for person in read::<Vec<Participant>>(&bytes)? {
                if person.place.area() != Area::Audience || share_of(person.id) != share {
                    return Err(RestoreError::Malformed);
                }
                // Both are what a crash between two commits leaves behind; the core is right.
                if !is_seated(&people, &person) && !state.bars.has(person.who) {
                    people.insert(Participant { presence: Presence::Reconnecting { until }, ..person });
                }
            }
        }
        if people.len() == 0 || state.phase == Phase::Over {
            return Err(RestoreError::Malformed);
        }
        let mut room = Self::new(now, state, people).with_faces_max(faces_max);
        room.changed.committed = committed;
        room.wait_for_the_return(until);
        room.advance(now);
        room.settle(now);
        room.check_invariants().map_err(|_| RestoreError::Malformed)?;
        Ok(room)
    }

    /// Nobody is here to keep order or to be asked to; they get the time to come back.
    fn wait_for_the_return(&mut self, grace: Timestamp) {
        match self.state.phase {
            Phase::Waiting { until } | Phase::Asking { until, .. } => {
                self.state_mut().phase = Phase::Waiting { until: until.max(grace) };
            }
            Phase::Live | Phase::Moderatorless { .. } | Phase::Ending { .. } | Phase::Over => {}
        }
    }
}

fn is_seated(people: &People, person: &Participant) -> bool {
    people.get(person.id).is_some() || people.seat(person.who).is_some()
}

fn written(value: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(value, vec![VERSION]).expect("plain data in memory is always written")
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RestoreError> {
    let (version, rest) = bytes.split_first().ok_or(RestoreError::Malformed)?;
    if *version != VERSION {
        return Err(RestoreError::UnknownVersion);
    }
    match postcard::take_from_bytes(rest) {
        Ok((value, [])) => Ok(value),
        Ok(_) | Err(_) => Err(RestoreError::Malformed),
    }
}
