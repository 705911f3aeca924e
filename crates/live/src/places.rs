//! How many connections of the web there are, in all and of one address: whoever opens thousands must leave room for
//! everybody else.
//!
//! An address is counted under a keyed hash, which is overwritten when its last connection ends (in a box, so that what
//! frees it wipes it). IPv6 counts by /64: one customer of a provider has that at least.
//!
//! The bounds lie in each other: whoever is known is one of all, whoever has not asked anything yet is one of those whom
//! nobody knows. So a connection that was let in is never refused for what it becomes, and a refusal is the first thing
//! that happens: the connection is closed before a byte of it is read.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use keyed::{Key, Tag};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::random;
use crate::limits::{
    BEGUN_PER_ADDRESS, CONNECTIONS_PER_ADDRESS, MEDIA_CONNECTIONS_PER_ADDRESS, STRANGERS_PER_ADDRESS,
};
use crate::log::{Record, log};

/// How often it is said that somebody was refused.
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// How far a connection has come. It only goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Nothing whole has come: neither a handshake nor the head of a request.
    Begun,
    /// It asks; nobody knows who that is.
    Stranger,
    /// A session stands behind it.
    Member,
    /// It carries media, which the engine bounds.
    Media,
}

const STAGES: usize = 4;

/// What one address may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) begun: usize,
    /// Those that have begun among them.
    pub(crate) strangers: usize,
    /// Strangers among them; media is counted apart.
    pub(crate) all: usize,
    pub(crate) media: usize,
}

impl Share {
    pub(crate) const OF_AN_ADDRESS: Self = Self {
        begun: BEGUN_PER_ADDRESS,
        strangers: STRANGERS_PER_ADDRESS,
        all: CONNECTIONS_PER_ADDRESS,
        media: MEDIA_CONNECTIONS_PER_ADDRESS,
    };

    /// Of a program on this machine that asked for no address of its own: a tunnel, or a proxy that nobody told us of, and
    /// then it is everybody. Whoever can connect from here needs no connections to stop the server.
    const fn of_this_machine(self) -> Self {
        Self { begun: usize::MAX, strangers: usize::MAX, all: usize::MAX, media: self.media }
    }

    fn allows_one_more(&self, stage: Stage, held: &[usize; STAGES]) -> bool {
        let [begun, strangers, members, media] = *held;
        let strangers = begun + strangers;
        let all = strangers + members;
        match stage {
            Stage::Begun => begun < self.begun && strangers < self.strangers && all < self.all,
            Stage::Stranger => strangers < self.strangers && all < self.all,
            Stage::Member => all < self.all,
            Stage::Media => media < self.media,
        }
    }
}

/// All of them. The lock is held for one look-up.
pub(crate) struct Places {
    free: Arc<Semaphore>,
    in_all: usize,
    share: Share,
    held: Mutex<Held>,
}

struct Held {
    key: Key,
    /// Nothing about those that have none.
    by_address: HashMap<Box<Tag>, [usize; STAGES]>,
    said: Option<Instant>,
}

impl Places {
    pub(crate) fn new(in_all: usize, share: Share) -> Arc<Self> {
        let key = Key::from_random(random());
        let held = Held { key, by_address: HashMap::new(), said: None };
        Arc::new(Self { free: Arc::new(Semaphore::new(in_all)), in_all, share, held: Mutex::new(held) })
    }

    pub(crate) fn taken(&self) -> usize {
        self.in_all.saturating_sub(self.free.available_permits())
    }

    /// One of all, when there is one.
    pub(crate) async fn free(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// A connection from this address, if it may have one more; or from somebody who brings others, and is counted by
    /// those.
    pub(crate) fn open(self: &Arc<Self>, free: OwnedSemaphorePermit, from: Option<IpAddr>) -> Option<Open> {
        let place = match from {
            Some(from) => Some(self.one_more(from, Stage::Begun)?),
            None => None,
        };
        Some(Open { _one_of_all: free, place })
    }

    /// One of this address, if it may have one more.
    pub(crate) fn one_more(self: &Arc<Self>, from: IpAddr, stage: Stage) -> Option<Place> {
        let mut held = self.held();
        let tag = held.tag(from);
        let share = if asked_for_none(from) { self.share.of_this_machine() } else { self.share };
        let counts = held.by_address.get(&tag).copied().unwrap_or_default();
        if !share.allows_one_more(stage, &counts) {
            held.say();
            return None;
        }
        held.by_address.entry(tag.clone()).or_default()[stage as usize] += 1;
        Some(Place { all: Arc::clone(self), tag, share, stage: Mutex::new(stage) })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn tag(&self, address: IpAddr) -> Box<Tag> {
        Box::new(self.key.tag(&network(address)))
    }

    fn leave(&mut self, tag: &Tag, stage: Stage) {
        if let Some(counts) = self.by_address.get_mut(tag) {
            counts[stage as usize] = counts[stage as usize].saturating_sub(1);
            if *counts == [0; STAGES] {
                self.by_address.remove(tag);
            }
        }
    }

    fn say(&mut self) {
        if self.said.is_none_or(|at| at.elapsed() >= SAY_AGAIN) {
            self.said = Some(Instant::now());
            log(Record::AddressFull);
        }
    }
}

/// One connection of some address; given back when this is dropped.
pub(crate) struct Place {
    all: Arc<Places>,
    tag: Box<Tag>,
    share: Share,
    stage: Mutex<Stage>,
}

impl Place {
    /// The connection has come so far. Only media may be refused.
    pub(crate) fn comes_to(&self, next: Stage) -> bool {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage >= next {
            return true;
        }
        let mut held = self.all.held();
        let Some(counts) = held.by_address.get_mut(&self.tag) else { return false };
        if next == Stage::Media && !self.share.allows_one_more(next, counts) {
            held.say();
            return false;
        }
        counts[*stage as usize] = counts[*stage as usize].saturating_sub(1);
        counts[next as usize] += 1;
        *stage = next;
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let stage = *self.stage.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.all.held().leave(&self.tag, stage);
    }
}

/// A connection that is open, for as long as anybody has this: whoever takes it over, too.
pub(crate) struct Open {
    _one_of_all: OwnedSemaphorePermit,
    place: Option<Place>,
}

impl Open {
    /// See [`Place::comes_to`].
    pub(crate) fn comes_to(&self, next: Stage) -> bool {
        self.place.as_ref().is_none_or(|place| place.comes_to(next))
    }
}

/// What a request holds: the connection it came on, and behind a proxy the place of whoever it comes from.
#[derive(Clone)]
pub(crate) struct Holding {
    connection: Arc<Open>,
    client: Option<Arc<Place>>,
}

impl Holding {
    pub(crate) fn new(connection: Arc<Open>, client: Option<Place>) -> Self {
        Self { connection, client: client.map(Arc::new) }
    }

    /// A session stands behind it.
    pub(crate) fn is_members(&self) {
        self.connection.comes_to(Stage::Member);
        if let Some(client) = &self.client {
            client.comes_to(Stage::Member);
        }
    }
}

/// The address that the system gives to programs of this machine that do not care.
fn asked_for_none(address: IpAddr) -> bool {
    matches!(address.to_canonical(), IpAddr::V4(Ipv4Addr::LOCALHOST) | IpAddr::V6(Ipv6Addr::LOCALHOST))
}

/// What counts as one address: all of an IPv4 address, half of an IPv6 address.
pub(crate) fn network(address: IpAddr) -> [u8; 16] {
    let mut network = [0; 16];
    match address.to_canonical() {
        IpAddr::V4(v4) => network[..4].copy_from_slice(&v4.octets()),
        IpAddr::V6(v6) => network[8..].copy_from_slice(&v6.octets()[..8]),
    }
    network
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::CONNECTIONS_MAX;

    const SHARE: Share = Share { begun: 2, strangers: 5, all: 9, media: 3 };

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn as_many_as(places: &Arc<Places>, from: &str, stage: Stage) -> Vec<Place> {
        std::iter::from_fn(|| places.one_more(address(from), stage)).take(1_000).collect()
    }

    #[test]
    fn one_address_has_its_share_and_gets_it_back() {
        let places = Places::new(CONNECTIONS_MAX, SHARE);
        let begun = as_many_as(&places, "192.0.2.1", Stage::Begun);
        assert_eq!(begun.len(), SHARE.begun);
        assert!(places.one_more(address("::ffff:192.0.2.1"), Stage::Begun).is_none(), "the same, written so");
        assert!(places.one_more(address("192.0.2.2"), Stage::Begun).is_some(), "others have their own");
        drop(begun);
        assert!(places.one_more(address("192.0.2.1"), Stage::Begun).is_some());
        assert!(places.held().by_address.is_empty(), "nothing is kept of who has left");
    }

    #[test]
    fn whoever_goes_on_makes_room_for_whoever_begins_and_is_never_refused() {
        let places = Places::new(CONNECTIONS_MAX, SHARE);
        let mut inside = Vec::new();
        let mut to = |stage, count: usize| {
            for _ in 0..count {
                let place = places.one_more(address("192.0.2.1"), Stage::Begun).expect("room");
                assert!(place.comes_to(stage));
                inside.push(place);
            }
        };
        to(Stage::Member, 3);
        to(Stage::Stranger, 5);
        assert!(as_many_as(&places, "192.0.2.1", Stage::Begun).is_empty(), "strangers have their share");
        assert!(inside[3].comes_to(Stage::Member));
        let last = places.one_more(address("192.0.2.1"), Stage::Begun).expect("one fewer");
        for place in inside.iter().chain([&last]) {
            assert!(place.comes_to(Stage::Member) && place.comes_to(Stage::Stranger));
        }
        assert!(places.one_more(address("192.0.2.1"), Stage::Begun).is_none(), "and so have all");
    }

    #[test]
    fn whoever_is_refused_media_is_what_they_were() {
        let places = Places::new(CONNECTIONS_MAX, SHARE);
        let carried = as_many_as(&places, "192.0.2.1", Stage::Media);
        assert_eq!(carried.len(), SHARE.media);
        let one_more = places.one_more(address("192.0.2.1"), Stage::Begun).expect("counted apart");
        assert!(!one_more.comes_to(Stage::Media));
        drop(carried);
        assert!(one_more.comes_to(Stage::Media));
        drop(one_more);
        assert!(places.held().by_address.is_empty());
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let places = Places::new(CONNECTIONS_MAX, SHARE);
        let held = as_many_as(&places, "2001:db8:1:2::1", Stage::Begun);
        assert_eq!(held.len(), SHARE.begun);
        assert!(places.one_more(address("2001:db8:1:2:ffff::9"), Stage::Begun).is_none());
        assert!(places.one_more(address("2001:db8:1:3::1"), Stage::Begun).is_some());
    }

    #[test]
    fn a_program_of_this_machine_is_not_one_person() {
        let places = Places::new(CONNECTIONS_MAX, SHARE);
        for here in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            let held: Vec<Place> =
                (0..100).filter_map(|_| places.one_more(address(here), Stage::Begun)).collect();
            assert_eq!(held.len(), 100, "{here}");
            assert!(held.iter().all(|place| place.comes_to(Stage::Member)));
        }
        assert_eq!(as_many_as(&places, "127.0.0.1", Stage::Media).len(), SHARE.media, "as everybody");
        assert_eq!(as_many_as(&places, "127.0.0.2", Stage::Begun).len(), SHARE.begun, "asked for its own");
    }

    #[test]
    fn the_bounds_lie_in_each_other_and_nobody_can_have_everything() {
        let Share { begun, strangers, all, .. } = Share::OF_AN_ADDRESS;
        assert!(begun < strangers && strangers < all && all < CONNECTIONS_MAX);
    }
}
