//! The channels as this shard sees them: rows of its own listeners, and the room itself where it is at home.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Instant;

use crate::channel::Channel;
use crate::class::{Class, Classes};
use crate::egress::{Egress, Outbox};
use crate::key::{ChannelKey, PeerKey, ShardIndex, Talker};
use crate::limits::{CHANNELS, SHARDS};
use crate::loss::Losses;
use crate::message::{Event, OwnedVoicePacket, Recipient, ShardMessage};
use crate::packet::{Frame, Payload, SLOTS, Voice, VoicePacket};
use crate::peer::Grant;
use crate::phase::Pacing;

use super::Core;
use super::losing::{Losing, LossesByShard};

#[derive(Default)]
pub(super) struct Channels {
    entries: Vec<Entry>,
    /// When some room wants to be woken. May name rooms that do not any more: asking one too often does no harm.
    deadlines: BinaryHeap<Reverse<(Instant, u32)>>,
    phases: Phases,
}

/// Ends of phases, in order: all are equally long.
#[derive(Default)]
pub(super) struct Phases(VecDeque<(Instant, ChannelKey, Class)>);

/// What stands at one index.
#[derive(Default)]
struct Entry {
    /// The newest generation seen here; messages of earlier ones come too late.
    generation: Option<u32>,
    route: Option<Box<Route>>,
}

/// One open channel on this shard.
#[derive(Default)]
pub(super) struct Route {
    /// Unknown while only another shard's message has named the channel.
    pub(super) home: Option<ShardIndex>,
    pub(super) rows: Classes,
    pub(super) room: Room,
    /// Last timestamp of each slot and when it passed, for sender reports.
    pub(super) clocks: [Option<(u32, Instant)>; SLOTS],
    pub(super) losing: Losing,
}

/// The channel's one writer, on its home shard; unused elsewhere.
#[derive(Default)]
pub(super) struct Room {
    channel: Option<Channel>,
    /// Other shards with rows, a bit each.
    subscribers: u64,
    /// What the listeners of each shard lose, this one included.
    pub(super) losses: LossesByShard,
    /// Who may be heard through which connection. The latest connection of a talker counts: a client that comes back
    /// may be here twice for a while.
    voices: Vec<(Talker, PeerKey)>,
    scheduled: Option<Instant>,
}

const _: () = assert!(SHARDS <= 64, "subscribers are the bits of a u64");

impl Channels {
    /// The channel of this very generation.
    pub(super) fn get(&mut self, key: ChannelKey) -> Option<&mut Route> {
        self.with_phases(key).map(|(route, _)| route)
    }

    /// The channel, with the list of phases for those that begin in it.
    fn with_phases(&mut self, key: ChannelKey) -> Option<(&mut Route, &mut Phases)> {
        let entry = self.entries.get_mut(key.index as usize)?;
        let route = entry.route.as_deref_mut().filter(|_| entry.generation == Some(key.generation))?;
        Some((route, &mut self.phases))
    }

    /// The channel, opened now if it is newer than what was here. `None` when it has been closed already.
    pub(super) fn open(&mut self, key: ChannelKey) -> Option<&mut Route> {
        if key.index >= CHANNELS {
            return None;
        }
        let place = key.index as usize;
        if self.entries.len() <= place {
            self.entries.resize_with(place + 1, Entry::default);
        }
        let entry = self.entries.get_mut(place)?;
        if entry.generation.is_none_or(|generation| generation < key.generation) {
            *entry = Entry { generation: Some(key.generation), route: Some(Box::default()) };
        }
        entry.route.as_deref_mut().filter(|_| entry.generation == Some(key.generation))
    }

    pub(super) fn close(&mut self, key: ChannelKey) {
        if self.open(key).is_some()
            && let Some(entry) = self.entries.get_mut(key.index as usize)
        {
            entry.route = None;
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let room = self.deadlines.peek().map(|Reverse((at, _))| *at);
        let phase = self.phases.0.front().map(|(at, ..)| *at);
        room.into_iter().chain(phase).min()
    }

    /// An index whose room wants to be woken by now.
    pub(super) fn due(&mut self, now: Instant) -> Option<ChannelKey> {
        loop {
            let Reverse((at, index)) = *self.deadlines.peek()?;
            if at > now {
                return None;
            }
            self.deadlines.pop();
            let Some(entry) = self.entries.get_mut(index as usize) else { continue };
            let (Some(generation), Some(route)) = (entry.generation, &mut entry.route) else { continue };
            if route.room.scheduled == Some(at) {
                route.room.scheduled = None;
                return Some(ChannelKey { index, generation });
            }
        }
    }

    fn phase_over(&mut self, now: Instant) -> Option<(Instant, ChannelKey, Class)> {
        let (at, ..) = self.phases.0.front()?;
        if *at > now { None } else { self.phases.0.pop_front() }
    }

    /// Keys of all open channels below, for the passes of the clock.
    pub(super) fn keys(&self) -> impl Iterator<Item = ChannelKey> {
        self.entries.iter().zip(0u32..).filter_map(|(entry, index)| {
            entry.route.as_ref()?;
            Some(ChannelKey { index, generation: entry.generation? })
        })
    }

    fn schedule(&mut self, key: ChannelKey) {
        let Some(route) = self.get(key) else { return };
        let Some(at) = route.room.channel.as_ref().and_then(Channel::poll_timeout) else { return };
        if route.room.scheduled.is_none_or(|scheduled| at < scheduled) {
            route.room.scheduled = Some(at);
            self.deadlines.push(Reverse((at, key.index)));
        }
    }
}

impl Route {
    fn send(
        &mut self,
        now: Instant,
        pacing: Pacing,
        frame: &Frame,
        out: &mut Outbox<'_, impl Egress>,
        begins: impl FnMut(Class, Instant),
    ) {
        if let Some(clock) = self.clocks.get_mut(usize::from(frame.slot)) {
            *clock = Some((frame.timestamp, now));
        }
        self.rows.send(now, pacing, frame, out, begins);
    }
}

impl Room {
    pub(super) fn open(&mut self, seed: u64) {
        let mut channel = Channel::new(seed);
        for (talker, _) in &self.voices {
            // Whoever is too many is refused as if they came now.
            let _ = channel.voice(*talker, Voice::On);
        }
        self.channel = Some(channel);
    }

    pub(super) fn subscribe(&mut self, shard: ShardIndex) {
        self.subscribers |= bit(shard);
    }

    pub(super) fn unsubscribe(&mut self, shard: ShardIndex) {
        self.subscribers &= !bit(shard);
        self.losses.forget(shard);
    }

    /// `false` when the channel has too many voices.
    fn grant(&mut self, peer: PeerKey, talker: Talker, voice: Voice) -> bool {
        let before = self.speaker(talker);
        match voice {
            Voice::On if self.voices.contains(&(talker, peer)) => return true,
            Voice::On => self.voices.push((talker, peer)),
            Voice::Off => self.voices.retain(|entry| *entry != (talker, peer)),
        }
        let after = self.speaker(talker);
        let Some(channel) = &mut self.channel else { return true };
        let result = match after {
            None => channel.voice(talker, Voice::Off),
            Some(_) if after != before => channel.voice(talker, Voice::On),
            Some(_) => Ok(()),
        };
        if result.is_err() {
            self.voices.retain(|entry| *entry != (talker, peer));
        }
        result.is_ok()
    }

    /// The shards that have the connections of those who may be heard, each once.
    pub(super) fn speakers(&self) -> impl Iterator<Item = ShardIndex> + use<> {
        shards(self.voices.iter().fold(0, |bits, (_, peer)| bits | bit(peer.shard)))
    }

    /// The connection through which a talker is heard.
    fn speaker(&self, talker: Talker) -> Option<PeerKey> {
        self.voices.iter().rev().find(|(known, _)| *known == talker).map(|(_, peer)| *peer)
    }
}

impl Core {
    /// A voice packet of one of our peers, on its way to the channel's home.
    pub(super) fn speak(
        &mut self,
        now: Instant,
        peer: PeerKey,
        grant: Grant,
        packet: &OwnedVoicePacket,
        out: &mut Outbox<'_, impl Egress>,
    ) {
        let Some(route) = self.channels.get(grant.channel) else { return };
        match route.home {
            Some(home) if home == self.config.shard => {
                self.hear(now, grant.channel, peer, grant.talker, packet.borrow(), out);
            }
            Some(home) => {
                let Grant { channel, talker } = grant;
                let message = ShardMessage::Voice { channel, peer, talker, packet: *packet };
                self.tell(Recipient::One(home), message);
            }
            None => {}
        }
    }

    /// At home: a talker's packet enters the channel.
    pub(super) fn hear(
        &mut self,
        now: Instant,
        key: ChannelKey,
        peer: PeerKey,
        talker: Talker,
        packet: VoicePacket<'_>,
        out: &mut Outbox<'_, impl Egress>,
    ) {
        let Some(route) = self.channels.get(key) else { return };
        if route.room.speaker(talker) != Some(peer) {
            self.stats.not_granted += 1;
            return;
        }
        if let Some(channel) = &mut route.room.channel {
            channel.handle_packet(now, talker, packet);
        }
        self.pump(now, key, out);
    }

    /// At home: sends what the channel has decided, and notes when it wants to be woken.
    pub(super) fn pump(&mut self, now: Instant, key: ChannelKey, out: &mut Outbox<'_, impl Egress>) {
        let Some((route, phases)) = self.channels.with_phases(key) else { return };
        while let Some(frame) = route.room.channel.as_mut().and_then(Channel::poll_frame) {
            for shard in shards(route.room.subscribers) {
                let message = ShardMessage::Frame { channel: key, frame: frame.clone() };
                self.messages.push_back((Recipient::One(shard), message));
            }
            if !route.rows.is_empty() {
                self.stats.frames += 1;
                route.send(now, self.pacing, &frame, out, |class, at| phases.0.push_back((at, key, class)));
            }
        }
        if let Some(slots) = route.room.channel.as_mut().and_then(Channel::poll_slots) {
            self.events.push_back(Event::Slots { channel: key, slots });
        }
        self.channels.schedule(key);
    }

    /// A frame from the channel's home.
    pub(super) fn relay(
        &mut self,
        now: Instant,
        key: ChannelKey,
        frame: &Frame,
        out: &mut Outbox<'_, impl Egress>,
    ) {
        let Some((route, phases)) = self.channels.with_phases(key) else { return };
        if route.rows.is_empty() {
            // The home has not heard that nobody listens here any more.
            self.unsubscribe(key);
            return;
        }
        self.stats.frames += 1;
        route.send(now, self.pacing, frame, out, |class, at| phases.0.push_back((at, key, class)));
    }

    pub(super) fn wake_channels(&mut self, now: Instant, out: &mut Outbox<'_, impl Egress>) {
        while let Some((at, key, class)) = self.channels.phase_over(now) {
            if let Some(route) = self.channels.get(key) {
                route.rows.end_phase(class, at, out);
            }
        }
        while let Some(key) = self.channels.due(now) {
            if let Some(channel) = self.channels.get(key).and_then(|route| route.room.channel.as_mut()) {
                channel.handle_timeout(now);
            }
            self.pump(now, key, out);
        }
    }

    /// Tells the channel's home about one of our peers' voice.
    pub(super) fn tell_home(&mut self, peer: PeerKey, grant: Grant, voice: Voice) {
        let Grant { channel, talker } = grant;
        match self.channels.get(channel).and_then(|route| route.home) {
            Some(home) if home == self.config.shard => self.set_voice(channel, peer, talker, voice),
            Some(home) => {
                self.tell(Recipient::One(home), ShardMessage::Grant { channel, peer, talker, voice });
            }
            None => {}
        }
    }

    /// At home: lets a talker in or out.
    pub(super) fn set_voice(&mut self, key: ChannelKey, peer: PeerKey, talker: Talker, voice: Voice) {
        let Some(route) = self.channels.open(key) else { return };
        if !route.room.grant(peer, talker, voice) {
            self.stats.voices_refused += 1;
        }
        if let Some(slots) = route.room.channel.as_mut().and_then(Channel::poll_slots) {
            self.events.push_back(Event::Slots { channel: key, slots });
        }
        self.channels.schedule(key);
    }

    /// This shard has rows of the channel.
    pub(super) fn subscribe(&mut self, channel: ChannelKey) {
        let shard = self.config.shard;
        if let Some(home) = self.channels.get(channel).and_then(|route| route.home)
            && home != shard
        {
            let losses = Losses::default();
            self.tell(Recipient::One(home), ShardMessage::Subscribe { channel, shard, losses });
        }
    }

    pub(super) fn unsubscribe(&mut self, channel: ChannelKey) {
        let shard = self.config.shard;
        let Some(route) = self.channels.get(channel) else { return };
        match route.home {
            Some(home) if home == shard => route.room.losses.forget(shard),
            Some(home) => self.tell(Recipient::One(home), ShardMessage::Unsubscribe { channel, shard }),
            None => {}
        }
    }
}

impl OwnedVoicePacket {
    /// `None` when the payload is too long.
    pub(super) fn new(packet: &VoicePacket<'_>) -> Option<Self> {
        Some(Self {
            seq: packet.seq,
            timestamp: packet.timestamp,
            marker: packet.marker,
            level: packet.level,
            payload: Payload::new(packet.payload).ok()?,
        })
    }
}

fn bit(shard: ShardIndex) -> u64 {
    1u64.checked_shl(u32::from(shard.0)).unwrap_or(0)
}

fn shards(mut bits: u64) -> impl Iterator<Item = ShardIndex> {
    std::iter::from_fn(move || {
        let shard = u8::try_from(bits.trailing_zeros()).ok().filter(|shard| *shard < 64)?;
        bits &= bits - 1;
        Some(ShardIndex(shard))
    })
}
