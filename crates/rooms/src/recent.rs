//! Who spoke lately, so that somebody who leaves after a word can still be reported for it; and who reported lately.
//! In memory only: no part of what is committed, and gone after ten minutes or with the room. Whoever leaves is a handle and
//! the time of their last word from then on, and whoever reported is a keyed hash (decision 0041).

use std::collections::{BTreeMap, VecDeque};

use keyed::Tag;
use protocol::id::ParticipantId;
use protocol::limits::{RECENT_SPEAKERS_MAX, RECENT_SPEAKERS_PERIOD, REPORTS_EACH, REPORTS_PERIOD};
use protocol::room::Slots;
use protocol::text::Handle;
use protocol::{ErrorCode, Timestamp};

use crate::Room;

/// Those who spoke in the last [`RECENT_SPEAKERS_PERIOD`], and those who reported in the last [`REPORTS_PERIOD`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent {
    /// Those who are here, and when they were heard last.
    here: BTreeMap<ParticipantId, Timestamp>,
    left: Vec<Left>,
    /// Oldest first. In boxes, which are wiped: a queue does not overwrite what is taken out of it.
    reported: VecDeque<(Timestamp, Box<Tag>)>,
}

/// Somebody who spoke and is gone. Nothing else is known of them.
#[derive(Debug, Clone)]
struct Left {
    handle: Handle,
    last: Timestamp,
}

fn is_recent(last: Timestamp, now: Timestamp) -> bool {
    last.plus(RECENT_SPEAKERS_PERIOD) > now
}

impl Recent {
    /// Brings it up to now; whoever is heard spoke until now.
    pub(crate) fn advance(&mut self, now: Timestamp, slots: &Slots) {
        for (_, last) in self.here.iter_mut().filter(|(id, _)| slots.contains(&Some(**id))) {
            *last = now.max(*last);
        }
        self.here.retain(|_, last| is_recent(*last, now));
        self.left.retain(|left| is_recent(left.last, now));
        while self.reported.front().is_some_and(|(at, _)| at.plus(REPORTS_PERIOD) <= now) {
            self.reported.pop_front();
        }
    }

    /// When something is to be forgotten.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        let spoke = self.here.values().copied().chain(self.left.iter().map(|left| left.last)).min();
        let reported = self.reported.front().map(|(at, _)| at.plus(REPORTS_PERIOD));
        spoke.map(|last| last.plus(RECENT_SPEAKERS_PERIOD)).into_iter().chain(reported).min()
    }

    /// Whether somebody of this name spoke and left.
    pub(crate) fn has_left(&self, handle: &Handle) -> bool {
        self.left.iter().any(|left| left.handle == *handle)
    }

    /// Counts a report.
    pub(crate) fn count_report(&mut self, now: Timestamp, by: Tag) -> Result<(), ErrorCode> {
        if self.reported.iter().filter(|(_, tag)| **tag == by).count() >= REPORTS_EACH {
            return Err(ErrorCode::TooMany);
        }
        self.reported.push_back((now, Box::new(by)));
        Ok(())
    }

    /// Somebody is heard.
    fn note(&mut self, id: ParticipantId, now: Timestamp) {
        self.here.insert(id, now);
        if self.here.len() > RECENT_SPEAKERS_MAX
            && let Some(oldest) = self.here.iter().min_by_key(|(_, last)| **last).map(|(id, _)| *id)
        {
            self.here.remove(&oldest);
        }
    }

    /// Somebody goes. If they spoke, by what they are called is all that stays of it; a guest is called nothing.
    pub(crate) fn leaves(&mut self, id: ParticipantId, handle: Option<&Handle>) {
        let (Some(last), Some(handle)) = (self.here.remove(&id), handle) else { return };
        self.left.retain(|left| left.handle != *handle);
        if self.left.len() >= RECENT_SPEAKERS_MAX
            && let Some(oldest) = self.left.iter().map(|left| left.last).min()
            && let Some(position) = self.left.iter().position(|left| left.last == oldest)
        {
            self.left.remove(position);
        }
        self.left.push(Left { handle: handle.clone(), last });
    }
}

impl Room {
    /// Those in the slots speak now.
    pub(crate) fn note_speakers(&mut self, now: Timestamp) {
        for id in self.slots.into_iter().flatten() {
            if self.people.get(id).is_some() {
                self.people.set_heard(id);
                self.recent.note(id, now);
            }
        }
    }
}
