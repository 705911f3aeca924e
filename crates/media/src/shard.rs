//! One media shard: its peers, the rows of what they hear, and the channels that live here.

mod channels;
mod commands;
mod datagrams;
mod handshakes;
mod losing;
mod packing;
mod peers;
mod stats;
mod ticks;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::bucket::Bucket;
use crate::demux::Addresses;
use crate::dtls::Identity;
use crate::egress::{Egress, Outbox, SendBatch};
use crate::key::{Incarnation, ShardIndex};
use crate::ladder::PackingRules;
use crate::limits::{DATAGRAM, SEARCHES_PER_SECOND};
use crate::load::Load;
use crate::message::{Command, Event, Recipient, ShardMessage};
use crate::phase::Pacing;

use channels::Channels;
use handshakes::Handshakes;
use peers::Peers;
pub use stats::Stats;
use ticks::Ticker;

/// What a shard is told at its start.
#[derive(Debug, Clone)]
pub struct ShardConfig {
    pub shard: ShardIndex,
    pub incarnation: Incarnation,
    /// Shared by all shards.
    pub identity: Identity,
    /// Randomness of this shard, for first sequence numbers.
    pub seed: u64,
    pub packing: PackingRules,
}

/// One core's share of the media engine. Every `handle_*` ends with the send batch handed over, but for
/// [`Shard::handle_datagram`]: datagrams come together, and what they make leaves together.
pub struct Shard {
    core: Core,
    batch: SendBatch,
}

impl Shard {
    pub fn new(config: ShardConfig, now: Instant) -> Self {
        Self { core: Core::new(config, now), batch: SendBatch::new() }
    }

    /// A datagram from the socket: `local` is the address it was sent to (`IP_PKTINFO`). Or one frame of a connection,
    /// whose `source` is [`crate::ConnectionId::address`] and whose `local` is of no account. What it makes may wait for
    /// [`Shard::flush`], which has to follow the last of those that came together.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        source: SocketAddr,
        local: IpAddr,
        bytes: &[u8],
        out: &mut impl Egress,
    ) {
        let mut out = Outbox::new(&mut self.batch, out);
        self.core.handle_datagram(now, source, local, bytes, &mut out);
        self.core.stats.messages_out += out.messages;
    }

    /// Hands over what waits.
    pub fn flush(&mut self, out: &mut impl Egress) {
        Outbox::new(&mut self.batch, out).flush();
    }

    pub fn handle_command(&mut self, now: Instant, command: Command, out: &mut impl Egress) {
        self.with_outbox(out, |core, out| core.handle_command(now, command, out));
    }

    /// From another shard.
    pub fn handle_message(&mut self, now: Instant, message: ShardMessage, out: &mut impl Egress) {
        self.with_outbox(out, |core, out| core.handle_message(now, message, out));
    }

    /// When [`Shard::poll_timeout`] says so, or whenever.
    pub fn handle_timeout(&mut self, now: Instant, out: &mut impl Egress) {
        self.with_outbox(out, |core, out| core.handle_timeout(now, out));
    }

    /// Works off at most `budget` queued DTLS datagrams (about 0.1 ms each); returns how many are left. Call it when
    /// there is no media to move.
    pub fn handle_handshakes(&mut self, now: Instant, budget: usize, out: &mut impl Egress) -> usize {
        self.with_outbox(out, |core, out| core.handle_handshakes(now, budget, out));
        self.core.handshakes.len()
    }

    pub fn poll_message(&mut self) -> Option<(Recipient, ShardMessage)> {
        self.core.messages.pop_front()
    }

    pub fn poll_event(&mut self) -> Option<Event> {
        self.core.events.pop_front()
    }

    /// When to call [`Shard::handle_timeout`] next; `None` while there is nobody here.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let tick = (!self.core.peers.is_empty()).then(|| self.core.ticker.next());
        tick.into_iter().chain(self.core.channels.next_timeout()).min()
    }

    pub fn stats(&self) -> Stats {
        Stats { peers: self.core.peers.len(), ..self.core.stats }
    }

    /// How frames of several talkers leave; [`Pacing::AtOnce`] until told otherwise.
    pub fn set_pacing(&mut self, pacing: Pacing) {
        self.core.pacing = pacing;
    }

    /// How much of its time the shard was busy lately; said about once a second.
    pub fn set_load(&mut self, load: Load) {
        self.core.load = load;
    }

    /// Overwrites what is left of packets and addresses in memory that is used again for ever. Some time after
    /// [`Event::Gone`], [`Event::Cut`] or a closed channel; dear enough not to be done for each.
    pub fn wipe(&mut self) {
        self.batch.wipe();
        self.core.wipe();
    }

    fn with_outbox<E: Egress>(&mut self, egress: &mut E, step: impl FnOnce(&mut Core, &mut Outbox<'_, E>)) {
        let mut out = Outbox::new(&mut self.batch, egress);
        step(&mut self.core, &mut out);
        out.flush();
        self.core.stats.messages_out += out.messages;
    }
}

/// Everything of a shard but the batch, so that packets can be written while it is being walked.
struct Core {
    config: ShardConfig,
    started: Instant,
    seeds: Seeds,
    peers: Peers,
    channels: Channels,
    addresses: Addresses,
    handshakes: Handshakes,
    ticker: Ticker,
    /// Indices of the peers that may be heard somewhere.
    speakers: Vec<u32>,
    /// Searches for speakers that have moved.
    searches: Bucket,
    pacing: Pacing,
    load: Load,
    messages: VecDeque<(Recipient, ShardMessage)>,
    events: VecDeque<Event>,
    stats: Stats,
    /// Opened packets.
    plain: Box<[u8; DATAGRAM]>,
}

impl Core {
    fn new(config: ShardConfig, now: Instant) -> Self {
        Self {
            started: now,
            seeds: Seeds(config.seed),
            peers: Peers::default(),
            channels: Channels::default(),
            addresses: Addresses::default(),
            handshakes: Handshakes::default(),
            ticker: Ticker::new(now),
            speakers: Vec::new(),
            searches: Bucket::full(SEARCHES_PER_SECOND, SEARCHES_PER_SECOND),
            pacing: Pacing::default(),
            load: Load::default(),
            messages: VecDeque::new(),
            events: VecDeque::new(),
            stats: Stats::default(),
            plain: Box::new([0; DATAGRAM]),
            config,
        }
    }

    fn wipe(&mut self) {
        self.plain.fill(0);
        self.addresses.wipe();
        self.handshakes.wipe();
        // A queue leaves what was in it behind; with nothing in it there may be another.
        if self.messages.is_empty() {
            self.messages = VecDeque::new();
        }
        if self.events.is_empty() {
            self.events = VecDeque::new();
        }
    }

    fn tell(&mut self, recipient: Recipient, message: ShardMessage) {
        self.messages.push_back((recipient, message));
    }
}

/// Splitmix64: spreads the shard's seed over its peers.
struct Seeds(u64);

impl Seeds {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}
