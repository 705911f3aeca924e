//! Several frames in one packet: how many, and whose rows stand where they get them.

use std::time::Instant;

use crate::egress::{Egress, Outbox};
use crate::key::ChannelKey;
use crate::limits::MOVE_WAIT;
use crate::load::Load;
use crate::message::{Event, Recipient, ShardMessage};

use super::Core;

/// Peers whose rows are to change their class as soon as no packet is half full there.
#[derive(Default)]
pub(super) struct Moves {
    peers: Vec<u32>,
    since: Option<Instant>,
}

impl Moves {
    pub(super) fn note(&mut self, peer: u32) {
        if !self.peers.contains(&peer) {
            self.peers.push(peer);
        }
    }
}

impl Core {
    /// Once a second.
    pub(super) fn look_after_packing(&mut self, now: Instant, out: &mut Outbox<'_, impl Egress>) {
        let keys: Vec<_> = self.channels.keys().collect();
        for key in keys {
            self.climb(now, key, out);
            self.move_rows(now, key, out);
        }
    }

    /// Rows that are to change their class do, when nothing waits or has kept them waiting for long enough.
    pub(super) fn move_rows(&mut self, now: Instant, key: ChannelKey, out: &mut Outbox<'_, impl Egress>) {
        let Some(route) = self.channels.get(key) else { return };
        if route.moves.peers.is_empty() {
            return;
        }
        let since = *route.moves.since.get_or_insert(now);
        if !route.rows.is_idle() {
            if now.saturating_duration_since(since) < MOVE_WAIT {
                return;
            }
            route.rows.send_all(out);
        }
        route.moves.since = None;
        let mut peers = std::mem::take(&mut route.moves.peers);
        for peer in peers.drain(..) {
            self.classify(peer, out);
        }
        if let Some(route) = self.channels.get(key) {
            // Nothing waits, so all have moved; only the memory goes back.
            route.moves.peers = peers;
        }
    }

    /// At home: how many frames the audience gets in one packet, and who has to be told.
    pub(super) fn climb(&mut self, now: Instant, key: ChannelKey, out: &mut Outbox<'_, impl Egress>) {
        let Some(route) = self.channels.get(key) else { return };
        if route.home != Some(self.config.shard) {
            return;
        }
        let here = route.share(self.load);
        let shares = || route.room.shares.iter().map(|(_, share)| *share);
        let audience = shares().fold(here.audience, |sum, share| sum.saturating_add(share.audience));
        let load = shares().map(|share| share.load).fold(here.load, Load::max);
        let packing = route.room.ladder.handle(now, self.config.packing, audience, load);
        if packing != here.packing {
            self.events.push_back(Event::Packed { channel: key, packing });
            route.rows.pack(now, packing, out);
        }
        for (shard, share) in &mut route.room.shares {
            if share.packing != packing {
                share.packing = packing;
                let message = ShardMessage::Packing { channel: key, packing };
                self.messages.push_back((Recipient::One(*shard), message));
            }
        }
    }
}
