//! Who is refused. A room keeps no list of them: it keeps what stands for each under a key that is as old as the room and
//! goes with it, and can tell at the door whether this is one of them.

use std::collections::{BTreeMap, BTreeSet};

use keyed::{Key, Tag};
use protocol::Timestamp;
use protocol::limits::{BANNED_MAX, TIME_OUT_PERIOD};
use serde::{Deserialize, Serialize};

use crate::Who;

/// All who are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bars {
    key: Key,
    /// In boxes, which are wiped: a tree does not overwrite what is taken out of it.
    held: BTreeMap<Box<Tag>, Bar>,
}

/// Somebody who is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bar {
    pub(crate) kind: BarKind,
    pub(crate) since: Timestamp,
}

/// For how long somebody is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum BarKind {
    /// For [`TIME_OUT_PERIOD`].
    TimedOut,
    /// Until they are asked in again.
    Removed,
    /// For the life of the room.
    Banned,
}

impl Bar {
    /// When they may come back by themselves, if they may.
    pub(crate) fn back(self) -> Option<Timestamp> {
        match self.kind {
            BarKind::TimedOut => Some(self.since.plus(TIME_OUT_PERIOD)),
            BarKind::Removed | BarKind::Banned => None,
        }
    }
}

impl Bars {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, held: BTreeMap::new() }
    }

    /// Nobody is looked for among none: most rooms refuse nobody, and are asked by everybody.
    pub(crate) fn get(&self, who: Who) -> Option<Bar> {
        if self.held.is_empty() { None } else { self.held.get(&tag(&self.key, who)).copied() }
    }

    pub(crate) fn has(&self, who: Who) -> bool {
        self.get(who).is_some()
    }

    /// Never fails for lack of space: the oldest gives way, time-outs before removals and these before bans.
    pub(crate) fn insert(&mut self, who: Who, bar: Bar) {
        if self.held.len() >= BANNED_MAX {
            let oldest = self.held.iter().min_by_key(|(tag, bar)| (bar.kind, bar.since, ***tag));
            if let Some(tag) = oldest.map(|(tag, _)| tag.clone()) {
                self.held.remove(&tag);
            }
        }
        self.held.insert(Box::new(tag(&self.key, who)), bar);
    }

    /// Under which all of that stands, and what stands for guests' links.
    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// What stands for somebody in this room.
    pub(crate) fn tag(&self, who: Who) -> Tag {
        tag(&self.key, who)
    }

    pub(crate) fn remove(&mut self, who: Who) {
        self.held.remove(&tag(&self.key, who));
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Bar> {
        self.held.values_mut()
    }

    /// Lets go whose time is over.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.held.retain(|_, bar| bar.back().is_none_or(|back| back > now));
    }

    /// When somebody's time is over.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.held.values().filter_map(|bar| bar.back()).min()
    }

    /// Those who were refused before and are not, and the other way round.
    pub(crate) fn changed_since(&self, before: &Self) -> ChangedBars {
        let (now, then) = (&self.held, &before.held);
        let one_of = |tag: &Tag| now.contains_key(tag) != then.contains_key(tag);
        ChangedBars {
            key: self.key.clone(),
            tags: now.keys().chain(then.keys()).filter(|tag| one_of(tag)).cloned().collect(),
        }
    }

    /// None are refused, under the same key.
    pub(crate) fn none(&self) -> Self {
        Self::new(self.key.clone())
    }
}

/// For whom a bar came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangedBars {
    key: Key,
    tags: BTreeSet<Box<Tag>>,
}

impl ChangedBars {
    pub(crate) fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    pub(crate) fn concern(&self, who: Who) -> bool {
        self.tags.contains(&tag(&self.key, who))
    }
}

fn tag(key: &Key, who: Who) -> Tag {
    let (kind, id) = match who {
        Who::Member(member) => (0, member.0),
        Who::Guest(seat) => (1, seat.0),
    };
    let mut said = [kind; 17];
    said[1..].copy_from_slice(&id);
    key.tag(&said)
}
