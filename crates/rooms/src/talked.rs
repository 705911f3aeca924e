//! How long whom was heard, so that those who keep order can share the floor out fairly. Reckoned from the slots, whose state
//! this room is told anyway; in memory only: no part of what is committed, and gone with whoever leaves and with the room.

use std::collections::BTreeMap;

use protocol::id::ParticipantId;
use protocol::limits::{TALK_TIMES_MAX, TALK_TIMES_PERIOD};
use protocol::room::{RoomEvent, Slots, TalkTime};
use protocol::{ErrorCode, Timestamp};

use crate::Room;
use crate::people::Area;

/// Since the room began, or was rebuilt.
#[derive(Debug, Clone)]
pub(crate) struct Talked {
    since: Timestamp,
    /// Milliseconds of those who were heard and are here.
    heard: BTreeMap<ParticipantId, u64>,
    /// Until when that is reckoned.
    at: Timestamp,
    /// Who asked lately, and when they were told.
    told: BTreeMap<ParticipantId, Timestamp>,
    /// Who is to be told with this call.
    asked: Vec<ParticipantId>,
}

impl Talked {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { since: now, heard: BTreeMap::new(), at: now, told: BTreeMap::new(), asked: Vec::new() }
    }

    /// Brings it up to now; whoever is in a slot was heard until now.
    pub(crate) fn advance(&mut self, now: Timestamp, slots: &Slots) {
        let passed = now.0.saturating_sub(self.at.0);
        self.at = self.at.max(now);
        if passed > 0 {
            for id in slots.iter().flatten() {
                let heard = self.heard.entry(*id).or_default();
                *heard = heard.saturating_add(passed);
            }
        }
        self.told.retain(|_, at| at.plus(TALK_TIMES_PERIOD) > now);
    }

    pub(crate) fn leaves(&mut self, id: ParticipantId) {
        self.heard.remove(&id);
        self.told.remove(&id);
    }

    /// Whoever looks at it asks again and again; more often than it can be read is too often.
    pub(crate) fn ask(&mut self, id: ParticipantId) -> Result<(), ErrorCode> {
        if self.told.contains_key(&id) {
            return Err(ErrorCode::TooMany);
        }
        self.told.insert(id, self.at);
        self.asked.push(id);
        Ok(())
    }

    /// Who is remembered at all.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = ParticipantId> {
        self.heard.keys().chain(self.told.keys()).chain(&self.asked).copied()
    }

    pub(crate) fn take_asked(&mut self) -> Vec<ParticipantId> {
        std::mem::take(&mut self.asked)
    }
}

impl Room {
    /// Of everybody on stage, and of whoever was there and is still here; the longest first.
    pub(crate) fn talk_times(&self) -> RoomEvent {
        let mut times: Vec<TalkTime> = self
            .people
            .on_stage()
            .chain(
                self.talked
                    .heard
                    .keys()
                    .filter_map(|id| self.people.get(*id))
                    .filter(|person| person.place.area() != Area::Stage),
            )
            .map(|person| {
                let heard = self.talked.heard.get(&person.id).copied().unwrap_or(0);
                let seconds = u32::try_from(heard / 1_000).unwrap_or(u32::MAX);
                TalkTime { id: person.id, name: person.name.clone(), seconds }
            })
            .collect();
        times.sort_by_key(|time| std::cmp::Reverse(time.seconds));
        times.truncate(TALK_TIMES_MAX);
        RoomEvent::TalkTimes { since: self.talked.since, times }
    }
}
