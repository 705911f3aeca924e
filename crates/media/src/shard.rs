//! One media shard: its peers, the rows of what they hear, and the channels that live here.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::dtls::Identity;
use crate::egress::{Egress, SendBatch};
use crate::key::{Incarnation, ShardIndex};
use crate::message::{Command, Event, Recipient, ShardMessage};

/// What a shard is told at its start.
#[derive(Debug, Clone)]
pub struct ShardConfig {
    pub shard: ShardIndex,
    pub incarnation: Incarnation,
    /// Shared by all shards.
    pub identity: Identity,
    /// Randomness of this shard: first sequence numbers.
    pub seed: u64,
}

/// One core's share of the media engine. Every `handle_*` ends with the send batch handed over.
pub struct Shard {
    batch: SendBatch,
    messages: VecDeque<(Recipient, ShardMessage)>,
    events: VecDeque<Event>,
    stats: Stats,
}

/// Plain counters since the start of the shard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {}

impl Shard {
    pub fn new(config: ShardConfig, now: Instant) -> Self {
        let _ = (config, now);
        Self { batch: SendBatch::new(), messages: VecDeque::new(), events: VecDeque::new(), stats: Stats {} }
    }

    /// A datagram from the socket: `local` is the address it was sent to (`IP_PKTINFO`).
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        source: SocketAddr,
        local: IpAddr,
        bytes: &[u8],
        out: &mut impl Egress,
    ) {
        let _ = (now, source, local, bytes);
        self.flush(out);
    }

    pub fn handle_command(&mut self, now: Instant, command: Command, out: &mut impl Egress) {
        let _ = (now, command);
        self.flush(out);
    }

    /// From another shard.
    pub fn handle_message(&mut self, now: Instant, message: ShardMessage, out: &mut impl Egress) {
        let _ = (now, message);
        self.flush(out);
    }

    /// When [`Shard::poll_timeout`] says so, or whenever.
    pub fn handle_timeout(&mut self, now: Instant, out: &mut impl Egress) {
        let _ = now;
        self.flush(out);
    }

    /// Works off at most `budget` queued DTLS datagrams (about 0.1 ms each); returns how many are left. Call it when
    /// there is no media to move.
    pub fn handle_handshakes(&mut self, now: Instant, budget: usize, out: &mut impl Egress) -> usize {
        let _ = (now, budget);
        self.flush(out);
        0
    }

    pub fn poll_message(&mut self) -> Option<(Recipient, ShardMessage)> {
        self.messages.pop_front()
    }

    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When to call [`Shard::handle_timeout`] next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    pub fn stats(&self) -> Stats {
        self.stats
    }

    fn flush(&mut self, out: &mut impl Egress) {
        if !self.batch.is_empty() {
            out.send(&mut self.batch);
        }
    }
}
