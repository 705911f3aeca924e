//! What one viewer was shown, and what they are to be told.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use protocol::id::{MemberId, RoomId};
use protocol::limits::HALLWAY_CARDS_MAX;
use protocol::socket::Looking;
use rooms::Look;

use super::Viewer;
use super::board::{Board, Edition, Place, Print, Text};
use crate::limits::CARDS_MOVED_TOGETHER;

/// One thing to tell a viewer.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Card(Text),
    Gone(RoomId),
}

/// A viewer and what they were shown.
pub(super) struct Shown {
    pub(super) viewer: Viewer,
    /// What they were told of who would like to talk; nothing where there is nothing.
    pub(super) company: Option<Box<protocol::company::Company>>,
    /// Whether it was on this page that they asked somebody to talk.
    pub(super) asked: AskedLast,
    /// Whether somebody looks at it.
    pub(super) looking: Looking,
    /// Whom they follow. None until they were welcomed.
    follows: Option<Arc<BTreeSet<MemberId>>>,
    /// In the order of places.
    cards: Vec<Card>,
    /// Everything up to here was looked at, but for what moves by itself.
    seen: Edition,
    due: Due,
    /// Rooms without a card here, to be looked at once more: somebody they follow listens there now.
    found: BTreeSet<Place>,
    /// All that moved by itself up to here was looked at.
    moved: Edition,
    /// The round through the cards for what moves, if it has not come to its end: when it began, and where it goes on.
    round: Option<(Edition, Place)>,
}

/// On which of somebody's pages they asked last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AskedLast {
    Here,
    /// On another, or never.
    Elsewhere,
}

/// What of the hallway may look different to a viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    WhatChanged,
    Everything,
}

/// One card that somebody was shown. There are very many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Card {
    place: Place,
    of: Of,
    print: Print,
}

/// Whose card it is. What comes later gives way to nothing that comes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    /// Everybody's.
    All,
    /// Not what everybody sees.
    Mine,
    /// Of a room with people they follow in the audience.
    MyListeners,
    /// Of a room with people they follow on stage.
    MyPeople,
    /// Of a room into which they were asked.
    Asked,
}

impl Shown {
    pub(super) fn new(viewer: Viewer) -> Self {
        Self {
            viewer,
            company: None,
            asked: AskedLast::Elsewhere,
            // Until the page says so.
            looking: Looking::Away,
            follows: None,
            cards: Vec::new(),
            seen: Edition::default(),
            due: Due::Everything,
            found: BTreeSet::new(),
            moved: Edition::default(),
            round: None,
        }
    }

    /// They are to be shown what is there; what was pushed since is newer than what was asked for before.
    pub(super) fn welcome(&mut self, follows: BTreeSet<MemberId>) {
        self.follows.get_or_insert_with(|| Arc::new(follows));
    }

    /// Whom they follow changed: every room may look different to them.
    pub(super) fn follow(&mut self, follows: Arc<BTreeSet<MemberId>>) {
        self.follows = Some(follows);
        self.due = Due::Everything;
    }

    /// Whom they follow; none until they were welcomed.
    pub(super) fn follows(&self) -> Option<Arc<BTreeSet<MemberId>>> {
        self.follows.clone()
    }

    /// People who listen to rooms and did not before. Whoever follows one of them does not see what everybody sees, and a room
    /// of which they are not shown a card may have become one of their own.
    pub(super) fn listeners_came(&mut self, listeners: &[(Place, Vec<MemberId>)]) {
        let Some(follows) = self.follows.as_ref().filter(|follows| !follows.is_empty()) else { return };
        for (place, came) in listeners {
            match self.cards.binary_search_by_key(place, |card| card.place) {
                Ok(at) => {
                    if let Some(card) = self.cards.get_mut(at)
                        && card.of == Of::All
                        && meet(follows, came)
                    {
                        card.of = Of::Mine;
                    }
                }
                Err(_) if self.cards.len() >= HALLWAY_CARDS_MAX && meet(follows, came) => {
                    self.found.insert(*place);
                }
                Err(_) => {}
            }
        }
    }

    /// What they have been told of; none for somebody who has yet to be shown anything.
    pub(super) fn told(&self) -> Option<Edition> {
        (!self.cards.is_empty()).then_some(self.seen)
    }

    /// What is new for whom the room is there, and all of it that somebody did.
    pub(super) fn catch_up(&mut self, board: &mut Board) -> Vec<Change> {
        let Some(follows) = self.follows.clone() else { return Vec::new() };
        let mut changes = Vec::new();
        if self.due == Due::WhatChanged {
            for place in board.changed_since(self.seen).iter() {
                self.note(board, *place, &follows, &mut changes);
            }
        }
        for place in std::mem::take(&mut self.found) {
            self.note(board, place, &follows, &mut changes);
        }
        // Where there is a place again, any room may be the next.
        if self.due == Due::Everything {
            self.begin_anew(board, &follows, &mut changes);
        }
        self.seen = board.edition();
        changes
    }

    /// What moved by itself on the cards that they are shown, some at a time.
    pub(super) fn keep_moving(&mut self, board: &mut Board) -> Vec<Change> {
        let mut changes = Vec::new();
        let Some(follows) = self.follows.clone() else { return changes };
        let (began, from) = match self.round {
            Some((began, from)) => (began, Some(from)),
            None if self.moved == board.edition() => return changes,
            None => (board.edition(), None),
        };
        let first = from.map_or(0, |from| self.cards.partition_point(|card| card.place < from));
        let mut left = CARDS_MOVED_TOGETHER;
        for card in self.cards.iter_mut().skip(first) {
            if left == 0 {
                self.round = Some((began, card.place));
                return changes;
            }
            if let Some(text) = card.moved(board, self.viewer.member, &follows, self.moved) {
                card.print = text.print;
                changes.push(Change::Card(text));
                left -= 1;
            }
        }
        self.round = None;
        self.moved = began;
        changes
    }

    /// One room: what to tell them of it, if it differs from what they were shown.
    fn note(
        &mut self,
        board: &mut Board,
        place: Place,
        follows: &BTreeSet<MemberId>,
        changes: &mut Vec<Change>,
    ) {
        let known = self.cards.binary_search_by_key(&place, |card| card.place);
        let look = board.listing(place).and_then(|listing| listing.look(self.viewer.member, follows));
        let new = look.and_then(|look| Some((Of::whom(board, place, &look), board.text(place, &look)?)));
        match (known, new) {
            (Ok(at), Some((of, text))) => {
                if let Some(card) = self.cards.get_mut(at) {
                    card.of = of;
                    if card.print != text.print {
                        card.print = text.print;
                        changes.push(Change::Card(text));
                    }
                }
            }
            (Err(_), Some((of, text))) => {
                if !self.make_space(board, of, changes) {
                    return;
                }
                let at = self.cards.partition_point(|card| card.place < place);
                self.cards.insert(at, Card { place, of, print: text.print });
                changes.push(Change::Card(text));
            }
            (Ok(at), None) => {
                if self.cards.len() >= HALLWAY_CARDS_MAX {
                    self.due = Due::Everything;
                }
                self.cards.remove(at);
                changes.extend(board.room(place).map(Change::Gone));
            }
            (Err(_), None) => {}
        }
    }

    /// Whether there is space for one more card. For their own people another one gives way.
    fn make_space(&mut self, board: &Board, of: Of, changes: &mut Vec<Change>) -> bool {
        if self.cards.len() < HALLWAY_CARDS_MAX {
            return true;
        }
        // Most rooms that are not shown are nobody's own: for those, no card is looked at.
        if of < Of::MyListeners {
            return false;
        }
        let least = self.cards.iter().map(|card| card.of).enumerate().min_by_key(|(_, least)| *least);
        let Some((at, _)) = least.filter(|(_, least)| *least < of) else {
            return false;
        };
        changes.extend(board.room(self.cards.remove(at).place).map(Change::Gone));
        true
    }

    /// Everything: their own people first, then what they are shown already, then the fuller rooms.
    fn begin_anew(&mut self, board: &mut Board, follows: &BTreeSet<MemberId>, changes: &mut Vec<Change>) {
        let shown = |place: Place| self.cards.binary_search_by_key(&place, |card| card.place).is_ok();
        let mut all: Vec<_> = board
            .listed()
            .filter_map(|(place, listing)| {
                let look = listing.look(self.viewer.member, follows)?;
                let mine = (
                    look.is_asked(),
                    look.followed_on_stage(),
                    look.followed_in_audience(),
                    look.is_of_their_club(),
                );
                Some(((mine, shown(place), listing.on_stage()), place, look))
            })
            .collect();
        if all.len() > HALLWAY_CARDS_MAX {
            all.sort_by_key(|(rank, place, _)| Reverse((*rank, Reverse(*place))));
            all.truncate(HALLWAY_CARDS_MAX);
        }
        all.sort_by_key(|(_, place, _)| *place);
        let before = std::mem::take(&mut self.cards);
        let stay = |place: Place| all.binary_search_by_key(&place, |(_, place, _)| *place).is_ok();
        let go = before.iter().filter(|card| !stay(card.place));
        changes.extend(go.filter_map(|card| board.room(card.place)).map(Change::Gone));
        self.cards = Vec::with_capacity(all.len());
        for (_, place, look) in all {
            let Some(text) = board.text(place, &look) else { continue };
            self.cards.push(Card { place, of: Of::whom(board, place, &look), print: text.print });
            let known =
                before.binary_search_by_key(&place, |card| card.place).ok().and_then(|at| before.get(at));
            if known.is_none_or(|card| card.print != text.print) {
                changes.push(Change::Card(text));
            }
        }
        self.due = Due::WhatChanged;
    }
}

/// Whether somebody is in both. Very many are asked this at once: the shorter is gone through.
fn meet(follows: &BTreeSet<MemberId>, came: &[MemberId]) -> bool {
    if came.len() <= follows.len() {
        came.iter().any(|member| follows.contains(member))
    } else {
        follows.iter().any(|member| came.binary_search(member).is_ok())
    }
}

impl Card {
    /// What is on it now, if that is not what it was.
    fn moved(
        &mut self,
        board: &mut Board,
        viewer: MemberId,
        follows: &BTreeSet<MemberId>,
        since: Edition,
    ) -> Option<Text> {
        let text = match self.of {
            Of::All => board.common(self.place).filter(|text| text.print != self.print)?.clone(),
            _ if !board.has_moved_since(self.place, since) => return None,
            Of::Mine | Of::MyListeners | Of::MyPeople | Of::Asked => {
                let look = board.listing(self.place)?.look(viewer, follows)?;
                self.of = Of::whom(board, self.place, &look);
                board.text(self.place, &look)?
            }
        };
        (text.print != self.print).then_some(text)
    }
}

impl Of {
    fn whom(board: &Board, place: Place, look: &Look) -> Self {
        if look.is_asked() {
            Self::Asked
        } else if look.followed_on_stage() > 0 {
            Self::MyPeople
        } else if look.followed_in_audience() > 0 {
            Self::MyListeners
        } else if board.listing(place).is_some_and(|listing| *look == listing.common_look()) {
            Self::All
        } else {
            Self::Mine
        }
    }
}
