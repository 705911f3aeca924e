//! DTLS datagrams wait in a bounded queue until no media does.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::dtls::{Failure, Progress};
use crate::egress::{Egress, Outbox};
use crate::key::PeerKey;
use crate::limits::{HANDSHAKE_QUEUE, HANDSHAKE_QUEUE_PER_PEER};
use crate::message::{Event, GoneReason};
use crate::peer::{Dtls, Remains};
use crate::residue;

use super::Core;
use super::peers::Mood;

/// Content type of a record that holds an alert (RFC 6347 section 4.1).
const ALERT: u8 = 21;

/// A datagram, and where it came from and to.
struct Waiting {
    peer: PeerKey,
    source: SocketAddr,
    local: IpAddr,
    bytes: Box<[u8]>,
}

#[derive(Default)]
pub(super) struct Handshakes {
    queue: VecDeque<Waiting>,
    /// Indices of peers that may be handshaking: their timers are looked at every tick.
    watched: Vec<u32>,
}

impl Handshakes {
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn wipe(&mut self) {
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
    }

    pub(super) fn watch(&mut self, index: u32) {
        self.watched.push(index);
    }
}

impl Core {
    pub(super) fn queue_handshake(
        &mut self,
        now: Instant,
        index: u32,
        source: SocketAddr,
        local: IpAddr,
        bytes: &[u8],
    ) {
        let Some(peer) = self.peers.at(index) else { return };
        let finished = matches!(peer.dtls, Dtls::Sealed(_));
        if finished && bytes.first() == Some(&ALERT) {
            peer.doubt(now);
            self.peers.set_mood(index, Mood::Restless);
        }
        let Some(peer) = self.peers.at(index) else { return };
        let full = self.handshakes.queue.len() >= HANDSHAKE_QUEUE || peer.queued >= HANDSHAKE_QUEUE_PER_PEER;
        if finished || full {
            self.stats.handshake_dropped += 1;
            return;
        }
        peer.queued += 1;
        let waiting = Waiting { peer: peer.key(), source, local, bytes: bytes.into() };
        self.handshakes.queue.push_back(waiting);
    }

    pub(super) fn handle_handshakes(
        &mut self,
        now: Instant,
        budget: usize,
        out: &mut Outbox<'_, impl Egress>,
    ) {
        let before = self.handshakes.queue.len();
        for _ in 0..budget {
            let Some(waiting) = self.handshakes.queue.pop_front() else { break };
            self.handle_handshake(now, &waiting, out);
        }
        if before > 0 {
            residue::wipe_stack();
        }
    }

    /// In frames of its own, where nothing of anybody else lies: a library keeps what it is given as large values.
    #[inline(never)]
    fn handle_handshake(&mut self, now: Instant, waiting: &Waiting, out: &mut Outbox<'_, impl Egress>) {
        residue::wipe_stack();
        let Waiting { peer: key, source, local, bytes } = waiting;
        let Some(peer) = self.peers.get(*key) else { return };
        peer.queued = peer.queued.saturating_sub(1);
        peer.handle_handshake(now, *source, *local, bytes.len());
        let Some(path) = peer.path else { return };
        let proven = peer.is_proven();
        let (credit, held_back) = (&mut peer.credit, &mut self.stats.handshake_dropped);
        let mut send = |bytes: &[u8]| {
            if proven || credit.spend(bytes.len()) {
                out.copy(path.remote, path.local, bytes);
            } else {
                *held_back += 1;
            }
        };
        let Dtls::Alive(connection) = &mut peer.dtls else { return };
        let result = connection.handle_datagram(now, bytes, &mut send);
        self.advance(now, key.index, result);
    }

    /// Retransmissions of flights that were lost.
    pub(super) fn handle_handshake_timers(&mut self, now: Instant, out: &mut Outbox<'_, impl Egress>) {
        let mut watched = std::mem::take(&mut self.handshakes.watched);
        watched.retain(|index| {
            let Some(peer) = self.peers.at(*index) else { return false };
            let (path, proven) = (peer.path, peer.is_proven());
            let (Dtls::Alive(connection), None) = (&mut peer.dtls, &peer.link) else { return false };
            if let Some(path) = path
                && connection.is_due(now)
            {
                residue::wipe_stack();
                let (credit, held_back) = (&mut peer.credit, &mut self.stats.handshake_dropped);
                let mut send = |bytes: &[u8]| {
                    if proven || credit.spend(bytes.len()) {
                        out.copy(path.remote, path.local, bytes);
                    } else {
                        *held_back += 1;
                    }
                };
                let result = connection.handle_timeout(now, &mut send);
                self.advance(now, *index, result);
            }
            true
        });
        self.handshakes.watched.append(&mut watched);
    }

    /// In frames of its own, below which nothing of the handshake lies when the link is built: that stays.
    #[inline(never)]
    fn advance(&mut self, now: Instant, index: u32, result: Result<Progress, Failure>) {
        let Some(peer) = self.peers.at(index) else { return };
        match result {
            Ok(Progress { closed: true, .. }) => self.lose(index, GoneReason::Closed),
            Ok(Progress { keys: Some(keys), .. }) => {
                let key = peer.key();
                residue::wipe_stack();
                peer.connect(*keys, now);
                self.stats.handshakes_done += 1;
                self.events.push_back(Event::Connected { peer: key });
                self.link(index);
            }
            Ok(Progress { keys: None, .. }) => {}
            // The keys are exchanged: audio does not depend on DTLS any more.
            Err(_) if peer.link.is_some() => peer.dtls = Dtls::Sealed(Remains::default()),
            Err(_) => {
                self.stats.handshakes_failed += 1;
                self.lose(index, GoneReason::HandshakeFailed);
            }
        }
    }
}
