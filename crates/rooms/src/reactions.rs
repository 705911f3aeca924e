//! Reactions: counted, told to everyone at most once a second, and kept by nobody. They are no part of what is
//! committed, and neither are the answers to them.

use std::collections::BTreeMap;

use protocol::id::ParticipantId;
use protocol::limits::{REACTIONS_EACH, REACTIONS_PERIOD};
use protocol::reaction::{Reaction, ReactionCount};
use protocol::{ErrorCode, Timestamp};

/// Since they were told last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reactions {
    /// In the order of [`Reaction::ALL`].
    counts: [u32; Reaction::ALL.len()],
    by: BTreeMap<ParticipantId, usize>,
    /// Nothing is told before this.
    until: Option<Timestamp>,
}

impl Reactions {
    pub(crate) fn count(&mut self, id: ParticipantId, reaction: Reaction) -> Result<(), ErrorCode> {
        let mine = self.by.entry(id).or_default();
        if *mine >= REACTIONS_EACH {
            return Err(ErrorCode::TooMany);
        }
        *mine += 1;
        for (count, of) in self.counts.iter_mut().zip(Reaction::ALL) {
            *count = count.saturating_add(u32::from(of == reaction));
        }
        Ok(())
    }

    /// When there is something to tell, or the second after the last word is over.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.until
    }

    /// What is to be told by now: the first at once, what follows within a second together.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<Vec<ReactionCount>> {
        if self.until.is_some_and(|until| now < until) {
            return None;
        }
        self.by.clear();
        let counts = std::mem::take(&mut self.counts);
        let told: Vec<ReactionCount> = Reaction::ALL
            .into_iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|(reaction, count)| ReactionCount { reaction, count })
            .collect();
        self.until = (!told.is_empty()).then(|| now.plus(REACTIONS_PERIOD));
        (!told.is_empty()).then_some(told)
    }
}
