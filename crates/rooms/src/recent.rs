//! Who spoke lately, so that somebody who leaves after a word can still be reported for it; and who reported lately.
//! In memory only: no part of what is committed, and gone after ten minutes or with the room.

use std::collections::VecDeque;

use protocol::id::ParticipantId;
use protocol::limits::{RECENT_SPEAKERS_MAX, RECENT_SPEAKERS_PERIOD, REPORTS_EACH, REPORTS_PERIOD};
use protocol::room::Slots;
use protocol::text::Handle;
use protocol::{ErrorCode, Timestamp};

use crate::permission::Action;
use crate::{Room, Who};

/// Those who spoke in the last [`RECENT_SPEAKERS_PERIOD`], and those who reported in the last [`REPORTS_PERIOD`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent {
    spoke: Vec<Spoke>,
    /// Oldest first.
    reported: VecDeque<(Timestamp, Box<Who>)>,
}

/// Somebody who spoke. Of those who are gone by now nothing else is known.
#[derive(Debug, Clone)]
pub(crate) struct Spoke {
    /// In the seat they had when they spoke last.
    id: ParticipantId,
    /// In a box, as of those who reported: it is wiped when it is forgotten.
    pub(crate) who: Box<Who>,
    pub(crate) handle: Option<Handle>,
    last: Timestamp,
}

impl Recent {
    /// Brings it up to now; whoever is heard spoke until now.
    pub(crate) fn advance(&mut self, now: Timestamp, slots: &Slots) {
        for spoke in self.spoke.iter_mut().filter(|spoke| slots.contains(&Some(spoke.id))) {
            spoke.last = spoke.last.max(now);
        }
        self.spoke.retain(|spoke| spoke.last.plus(RECENT_SPEAKERS_PERIOD) > now);
        while self.reported.front().is_some_and(|(at, _)| at.plus(REPORTS_PERIOD) <= now) {
            self.reported.pop_front();
        }
    }

    /// When something is to be forgotten.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        let spoke = self.spoke.iter().map(|spoke| spoke.last.plus(RECENT_SPEAKERS_PERIOD)).min();
        let reported = self.reported.front().map(|(at, _)| at.plus(REPORTS_PERIOD));
        spoke.into_iter().chain(reported).min()
    }

    pub(crate) fn spoke(&self, id: ParticipantId) -> Option<&Spoke> {
        self.spoke.iter().find(|spoke| spoke.id == id)
    }

    /// Counts a report.
    pub(crate) fn count_report(&mut self, now: Timestamp, by: Who) -> Result<(), ErrorCode> {
        if self.reported.iter().filter(|(_, who)| **who == by).count() >= REPORTS_EACH {
            return Err(ErrorCode::TooMany);
        }
        self.reported.push_back((now, Box::new(by)));
        Ok(())
    }

    fn note(&mut self, spoke: Spoke) {
        self.spoke.retain(|known| known.who != spoke.who);
        if self.spoke.len() >= RECENT_SPEAKERS_MAX
            && let Some(oldest) = self.spoke.iter().map(|known| known.last).min()
            && let Some(position) = self.spoke.iter().position(|known| known.last == oldest)
        {
            self.spoke.remove(position);
        }
        self.spoke.push(spoke);
    }
}

impl Room {
    /// Those in the slots speak now.
    pub(crate) fn note_speakers(&mut self, now: Timestamp) {
        for id in self.slots.into_iter().flatten() {
            let Some(person) = self.people.get(id) else { continue };
            let (who, handle) = (Box::new(person.who), person.handle.clone());
            self.recent.note(Spoke { id, who, handle, last: now });
        }
    }

    /// Who spoke in this seat and left: there for reports and for nothing else.
    pub(crate) fn spoke(&self, id: ParticipantId, action: Action) -> Option<Who> {
        self.recent.spoke(id).filter(|_| action == Action::Report).map(|spoke| *spoke.who)
    }
}
