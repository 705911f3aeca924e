//! The peers of a shard by index, and how they enter and leave rows.

use std::time::Instant;

use crate::class::{Change, Class, Place, Removed};
use crate::egress::{Egress, Outbox};
use crate::key::PeerKey;
use crate::limits::PEERS_PER_SHARD;
use crate::loss::Loss;
use crate::message::{Admission, Ear, Event, GoneReason, Recipient, ShardMessage};
use crate::pack::{Form, Packing};
use crate::packet::Voice;
use crate::peer::{Liveness, Peer};
use crate::red;
use crate::residue;
use crate::rows::{Formats, Row};
use crate::sdp::Hears;
use crate::tcp::ConnectionId;

use super::Core;
use super::channels::Route;
use crate::demux::Owner;

#[derive(Default)]
pub(super) struct Peers {
    entries: Vec<Option<Box<Peer>>>,
    /// By the same index. No `Option`: where nobody is, it would hold whatever lay on the stack when they went.
    pulses: Vec<Pulse>,
    len: u64,
}

/// What the clock asks of every peer every second, kept apart from the peers: in a crowd they lie all over the memory,
/// and to look at one that nothing is due for costs more than a packet to it (measured; docs/measurements.md).
#[derive(Debug, Clone, Copy)]
pub(super) struct Pulse {
    /// The last authenticated packet.
    pub(super) heard: Instant,
    /// When we last reported to it, or it came.
    pub(super) reported: Instant,
    pub(super) mood: Mood,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// Nobody has this index.
    Nobody,
    /// Nothing is due while packets come.
    Calm,
    /// To be looked at every second.
    Restless,
}

impl Peers {
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// One past the highest index ever used.
    pub(super) fn end(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(PEERS_PER_SHARD)
    }

    pub(super) fn at(&mut self, index: u32) -> Option<&mut Peer> {
        self.entries.get_mut(index as usize)?.as_deref_mut()
    }

    /// The peer of this very generation.
    pub(super) fn get(&mut self, key: PeerKey) -> Option<&mut Peer> {
        self.at(key.index).filter(|peer| peer.key() == key)
    }

    pub(super) fn pulse(&self, index: u32) -> Option<Pulse> {
        self.pulses.get(index as usize).copied().filter(|pulse| pulse.mood != Mood::Nobody)
    }

    fn pulse_mut(&mut self, index: u32) -> Option<&mut Pulse> {
        self.pulses.get_mut(index as usize).filter(|pulse| pulse.mood != Mood::Nobody)
    }

    /// An authenticated packet came.
    pub(super) fn note_heard(&mut self, index: u32, now: Instant) {
        if let Some(pulse) = self.pulse_mut(index) {
            pulse.heard = now;
        }
    }

    pub(super) fn note_reported(&mut self, index: u32, now: Instant) {
        if let Some(pulse) = self.pulse_mut(index) {
            pulse.reported = now;
        }
    }

    /// Something has changed that a second's look may have to see to.
    pub(super) fn set_mood(&mut self, index: u32, mood: Mood) {
        if let Some(pulse) = self.pulse_mut(index) {
            pulse.mood = mood;
        }
    }

    /// `false` when the place is taken or there is none.
    fn insert(&mut self, now: Instant, index: u32, peer: Box<Peer>) -> bool {
        let place = index as usize;
        if index >= PEERS_PER_SHARD || self.entries.get(place).is_some_and(Option::is_some) {
            return false;
        }
        if self.entries.len() <= place {
            self.entries.resize_with(place + 1, || None);
            self.pulses.resize(place + 1, Pulse { heard: now, reported: now, mood: Mood::Nobody });
        }
        self.entries[place] = Some(peer);
        self.pulses[place] = Pulse { heard: now, reported: now, mood: Mood::Restless };
        self.len += 1;
        true
    }

    fn remove(&mut self, index: u32) -> Option<Box<Peer>> {
        let peer = self.entries.get_mut(index as usize)?.take()?;
        self.pulses[index as usize].mood = Mood::Nobody;
        self.len -= 1;
        Some(peer)
    }
}

impl Core {
    pub(super) fn admit(&mut self, now: Instant, admission: Admission) {
        let key = admission.peer;
        let seed = self.seeds.next();
        // It lives for as long as the peer, who may stay when others go.
        residue::wipe_stack();
        let peer = Peer::in_a_box(admission, &self.config.identity, seed, now);
        if key.shard == self.config.shard && self.peers.insert(now, key.index, peer) {
            self.ticker.wake(now);
            self.handshakes.watch(key.index);
        } else {
            self.events.push_back(Event::Gone { peer: key, why: GoneReason::Refused });
        }
    }

    /// Gives the peer its row, once everything is there: connected, alive, somewhere to send to, something to hear.
    pub(super) fn link(&mut self, index: u32) {
        let Some(peer) = self.peers.at(index) else { return };
        let Some(route) = peer.listening.and_then(|listening| self.channels.get(listening.channel)) else {
            return;
        };
        let class = class_of(peer, route);
        let (Some(path), Some(listening)) = (peer.path, &mut peer.listening) else { return };
        let Some(link) = &mut peer.link else { return };
        if listening.row.is_some() || peer.liveness == Liveness::Silent {
            return;
        }
        let Some(sealer) = link.sealer.take() else { return };
        let first = route.rows.is_empty();
        let line = &peer.admission.line;
        let row = Row {
            peer: index,
            to: path.remote,
            from: path.local,
            own: listening.own,
            formats: Formats { opus: line.payload_type, redundant: line.redundant },
            sealer: *sealer,
        };
        let place = route.rows.insert(class, row);
        if place.class != class {
            route.moves.note(index);
        }
        listening.row = Some(place);
        self.stats.rows += 1;
        let channel = listening.channel;
        if first {
            self.subscribe(channel);
        }
    }

    /// Takes the peer's row away; the sealer goes back to the peer.
    pub(super) fn unlink(&mut self, index: u32) {
        let Some(peer) = self.peers.at(index) else { return };
        let Some(listening) = &mut peer.listening else { return };
        let Some(place) = listening.row.take() else { return };
        let channel = listening.channel;
        let Some(route) = self.channels.get(channel) else { return };
        let Some(Removed { sealer, moved }) = route.rows.remove(place) else { return };
        let empty = route.rows.is_empty();
        if let Some(link) = &mut peer.link {
            link.sealer = Some(Box::new(sealer));
        }
        self.stats.rows -= 1;
        self.note_place(moved, place);
        if empty {
            self.unsubscribe(channel);
        }
    }

    /// Something that a peer's class depends on has changed: its row moves, sealer and all.
    pub(super) fn classify(&mut self, index: u32, out: &mut Outbox<'_, impl Egress>) {
        let Some(peer) = self.peers.at(index) else { return };
        let Some(route) = peer.listening.and_then(|listening| self.channels.get(listening.channel)) else {
            return;
        };
        let class = class_of(peer, route);
        let Some(listening) = &mut peer.listening else { return };
        let Some(place) = listening.row else { return };
        match route.rows.change(place, class, out) {
            Change::None => {}
            Change::Later => route.moves.note(index),
            Change::Done { place: new, moved } => {
                listening.row = Some(new);
                self.note_place(moved, place);
            }
        }
    }

    /// A row has moved to where another was taken away.
    fn note_place(&mut self, moved: Option<u32>, place: Place) {
        if let Some(listening) = moved.and_then(|moved| self.peers.at(moved)?.listening.as_mut()) {
            listening.row = Some(place);
        }
    }

    /// The peer's voice is heard nowhere any more.
    pub(super) fn revoke(&mut self, index: u32) {
        let Some(peer) = self.peers.at(index) else { return };
        let key = peer.key();
        if let Some(grant) = peer.grant.take() {
            self.speakers.retain(|speaker| *speaker != index);
            self.tell_home(key, grant, Voice::Off);
        }
    }

    pub(super) fn lose(&mut self, index: u32, why: GoneReason) {
        if let Some(peer) = self.remove(index) {
            self.events.push_back(Event::Gone { peer: peer.key(), why });
        }
    }

    pub(super) fn remove(&mut self, index: u32) -> Option<Box<Peer>> {
        self.unlink(index);
        self.revoke(index);
        let peer = self.peers.remove(index)?;
        for address in peer.addresses() {
            self.forget_address(*address, index);
        }
        Some(peer)
    }

    pub(super) fn forget_address(&mut self, address: std::net::SocketAddr, index: u32) {
        self.addresses.remove(address, Owner::Here(index));
        if ConnectionId::of(address).is_some() {
            return;
        }
        let owner = self.config.shard;
        self.tell(Recipient::Others, ShardMessage::AddressGone { address, owner });
    }
}

fn class_of(peer: &Peer, route: &Route) -> Class {
    if peer.admission.line.hears == Hears::Loudest {
        return Class::Single;
    }
    let in_audience = peer.grant.is_none() && peer.listening.is_some_and(|own| own.ear == Ear::Audience);
    // Whoever is heard answers and is answered. Where packets are saved, nobody is sent more of them for being lossy:
    // what is lost may be our own doing.
    if in_audience && (route.rows.packing() != Packing::One || !wants_redundancy(peer, route)) {
        Class::Packed
    } else if wants_redundancy(peer, route) {
        Class::Redundant
    } else {
        Class::Plain
    }
}

/// Whether the peer loses what it is sent, and can make it good.
fn wants_redundancy(peer: &Peer, route: &Route) -> bool {
    let line = &peer.admission.line;
    let known = line.redundant.is_some() && line.payload_type == red::OPUS && route.form == Form::Opus;
    known && peer.link.as_ref().is_some_and(|link| link.loss.loss() == Loss::Lossy)
}
