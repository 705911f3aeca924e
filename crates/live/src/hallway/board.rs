//! The rooms of the hallway: the latest listing of each, and its cards as they are written, each once.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, VecDeque};
use std::hash::BuildHasher;
use std::sync::Arc;

use protocol::hallway::RoomCard;
use protocol::id::{MemberId, RoomId};
use rooms::{Concerned, Listing, Look};
use tokio::sync::watch;

use crate::limits::LOOKS_KEPT;

/// Where a room stands on the board, as long as it does and everybody was told that it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u32);

/// Counts the looks at the rooms that brought anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Edition(u64);

/// A card as it is written, shared by all who see it.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) json: Arc<str>,
    pub(super) print: Print,
}

/// Stands for a text: 64 bits under a key that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Print(u64);

/// Where a room says how it looks: nothing before its first commit, and after its end.
pub(crate) type Hung = watch::Receiver<Option<Arc<Listing>>>;

/// What a look at the rooms brought, for few of those who look at them.
#[derive(Default)]
pub(super) struct Seen {
    /// Those to whom something else applies now.
    pub(super) concerned: Concerned,
    /// Who listens where, and did not before: in the order of places, and in theirs.
    pub(super) listeners: Vec<(Place, Vec<MemberId>)>,
}

/// All rooms.
pub(super) struct Board {
    /// None where one is free. Boxes, and so are the ids below: what was in one is wiped with it (decision 0029).
    places: Vec<Option<Box<Posted>>>,
    by_room: BTreeMap<Box<RoomId>, Place>,
    /// Places of rooms that are over, of which not everybody was told yet, and since when.
    ended: VecDeque<(Edition, Place)>,
    free: Vec<Place>,
    edition: Edition,
    /// The rooms that look different since an edition: most viewers ask for the same one.
    changed: Option<(Edition, Arc<[Place]>)>,
    prints: RandomState,
}

struct Posted {
    room: RoomId,
    /// None for one that is over.
    hung: Option<Hung>,
    listing: Option<Arc<Listing>>,
    /// When it changed for whom the room is there, or more of it than moves by itself.
    changed: Edition,
    /// When anything of it changed.
    moved: Edition,
    common: Option<Text>,
    /// Cards that not everybody sees; the latest are kept.
    others: Vec<(Look, Text)>,
}

impl Board {
    pub(super) fn new() -> Self {
        Self {
            places: Vec::new(),
            by_room: BTreeMap::new(),
            ended: VecDeque::new(),
            free: Vec::new(),
            edition: Edition::default(),
            changed: None,
            prints: RandomState::new(),
        }
    }

    pub(super) fn edition(&self) -> Edition {
        self.edition
    }

    /// A room is there; it shows itself with the next look.
    pub(super) fn open(&mut self, room: RoomId, mut hung: Hung) {
        // What hangs there already is news too.
        hung.mark_changed();
        let posted = Box::new(Posted {
            room,
            hung: Some(hung),
            listing: None,
            changed: Edition::default(),
            moved: Edition::default(),
            common: None,
            others: Vec::new(),
        });
        let place = self.free.pop().unwrap_or(Place(u32::try_from(self.places.len()).unwrap_or(u32::MAX)));
        self.by_room.insert(Box::new(room), place);
        match self.place_mut(place) {
            Some(free) => *free = Some(posted),
            None => self.places.push(Some(posted)),
        }
    }

    /// A room is over: it is there for nobody any more.
    pub(super) fn close(&mut self, room: RoomId) {
        let Some(place) = self.by_room.remove(&room) else { return };
        let next = self.next();
        let Some(posted) = self.at_mut(place) else { return };
        posted.hung = None;
        posted.show(None, next);
        posted.common = None;
        self.ended.push_back((next, place));
        self.come_out(next);
    }

    /// Takes down what rooms have hung up since the last look.
    pub(super) fn look(&mut self) -> Seen {
        let next = self.next();
        let mut seen = Seen::default();
        let mut news = false;
        for (place, posted) in (0..).map(Place).zip(&mut self.places) {
            let Some(posted) = posted else { continue };
            let Some(hung) = &mut posted.hung else { continue };
            let listing = match hung.has_changed() {
                Ok(false) => continue,
                Ok(true) => hung.borrow_and_update().clone(),
                // Whoever hung it up is gone.
                Err(_) if posted.listing.is_none() => continue,
                Err(_) => None,
            };
            if listing == posted.listing {
                continue;
            }
            if let Some(now) = &listing {
                let before = posted.listing.as_deref();
                seen.concerned.extend(now.concerned_since(before));
                // Of a room that nobody was shown yet everybody is told anyway.
                let came = before.map(|before| now.listeners_since(before)).unwrap_or_default();
                if !came.is_empty() {
                    seen.listeners.push((place, came));
                }
            }
            posted.show(listing, next);
            let listing = posted.listing.as_ref();
            posted.common =
                listing.map(|listing| Text::new(&self.prints, &listing.card(&listing.common_look())));
            news = true;
        }
        if news {
            self.come_out(next);
        }
        seen
    }

    /// Rooms for which anything but what moves by itself has changed since.
    pub(super) fn changed_since(&mut self, since: Edition) -> Arc<[Place]> {
        if since == self.edition {
            return Arc::default();
        }
        if let Some((known, places)) = &self.changed
            && *known == since
        {
            return Arc::clone(places);
        }
        let places: Arc<[Place]> =
            self.all().filter(|(_, posted)| posted.changed > since).map(|(place, _)| place).collect();
        self.changed = Some((since, Arc::clone(&places)));
        places
    }

    /// Whether anything of a room has changed since.
    pub(super) fn has_moved_since(&self, place: Place, since: Edition) -> bool {
        self.at(place).is_some_and(|posted| posted.moved > since)
    }

    pub(super) fn listing(&self, place: Place) -> Option<&Arc<Listing>> {
        self.at(place)?.listing.as_ref()
    }

    /// None for a room that is over, or not there yet.
    pub(super) fn listing_of(&self, room: RoomId) -> Option<&Arc<Listing>> {
        self.listing(*self.by_room.get(&room)?)
    }

    pub(super) fn room(&self, place: Place) -> Option<RoomId> {
        self.at(place).map(|posted| posted.room)
    }

    /// Rooms that are there for anybody.
    pub(super) fn listed(&self) -> impl Iterator<Item = (Place, &Arc<Listing>)> {
        self.all().filter_map(|(place, posted)| Some((place, posted.listing.as_ref()?)))
    }

    /// The card that most see.
    pub(super) fn common(&self, place: Place) -> Option<&Text> {
        self.at(place)?.common.as_ref()
    }

    /// The card for those who see the room so.
    pub(super) fn text(&mut self, place: Place, look: &Look) -> Option<Text> {
        let posted = self.places.get_mut(usize::try_from(place.0).ok()?)?.as_mut()?;
        let listing = posted.listing.as_ref()?;
        if *look == listing.common_look() {
            return posted.common.clone();
        }
        if let Some((_, text)) = posted.others.iter().find(|(known, _)| known == look) {
            return Some(text.clone());
        }
        let text = Text::new(&self.prints, &listing.card(look));
        if posted.others.len() == LOOKS_KEPT {
            posted.others.remove(0);
        }
        posted.others.push((look.clone(), text.clone()));
        Some(text)
    }

    /// Everybody has been told what there was to tell up to this edition: places of rooms that were over by then are free.
    pub(super) fn told(&mut self, everybody: Edition) {
        while let Some((_, place)) = self.ended.pop_front_if(|(ended, _)| *ended <= everybody) {
            if let Some(over) = self.place_mut(place) {
                *over = None;
            }
            self.free.push(place);
        }
    }

    /// How many rooms have stood here at a time.
    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.places.len()
    }

    fn next(&self) -> Edition {
        Edition(self.edition.0 + 1)
    }

    fn come_out(&mut self, edition: Edition) {
        self.edition = edition;
        self.changed = None;
    }

    fn all(&self) -> impl Iterator<Item = (Place, &Posted)> {
        (0..).map(Place).zip(&self.places).filter_map(|(place, posted)| Some((place, posted.as_deref()?)))
    }

    fn at(&self, place: Place) -> Option<&Posted> {
        self.places.get(usize::try_from(place.0).ok()?)?.as_deref()
    }

    fn at_mut(&mut self, place: Place) -> Option<&mut Posted> {
        self.place_mut(place)?.as_deref_mut()
    }

    fn place_mut(&mut self, place: Place) -> Option<&mut Option<Box<Posted>>> {
        self.places.get_mut(usize::try_from(place.0).ok()?)
    }
}

impl Posted {
    fn show(&mut self, listing: Option<Arc<Listing>>, edition: Edition) {
        let only_moved = match (&listing, &self.listing) {
            (Some(now), Some(before)) => now.only_moved_since(before),
            _ => false,
        };
        if !only_moved {
            self.changed = edition;
        }
        self.moved = edition;
        self.others.clear();
        self.listing = listing;
    }
}

impl Text {
    pub(super) fn new(prints: &RandomState, card: &RoomCard) -> Self {
        // Our own types always serialise.
        let json: Arc<str> = serde_json::to_string(card).unwrap_or_default().into();
        let print = Print(prints.hash_one(&*json));
        Self { json, print }
    }
}
