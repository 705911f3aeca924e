//! The channels as this shard sees them: rows of its own listeners, and the room itself where it is at home.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use crate::channel::Channel;
use crate::class::{Class, Classes, Place, Terms};
use crate::egress::{Egress, Outbox};
use crate::key::{ChannelKey, PeerKey, ShardIndex, Talker};
use crate::ladder::Ladder;
use crate::limits::{CHANNELS, SHARDS, WAITS};
use crate::load::Load;
use crate::loss::Losses;
use crate::message::{Event, OwnedVoicePacket, Recipient, ShardMessage, Share};
use crate::pack::Form;
use crate::packet::{Frame, Payload, SLOTS, Voice, VoicePacket};
use crate::peer::Grant;
use crate::phase::Pacing;

use super::Core;
use super::losing::{Losing, LossesByShard};
use super::packing::Moves;

#[derive(Default)]
pub(super) struct Channels {
    entries: Vec<Entry>,
    /// When some room wants to be woken. May name rooms that do not any more: asking one too often does no harm.
    deadlines: BinaryHeap<Reverse<(Instant, u32)>>,
    waits: Waits,
}

/// When what waits in some class has to leave. May name what has left already: asking once too often does no harm.
pub(super) struct Waits(BinaryHeap<Reverse<(Instant, ChannelKey, Class)>>);

impl Default for Waits {
    fn default() -> Self {
        Self(BinaryHeap::with_capacity(WAITS))
    }
}

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
    pub(super) form: Form,
    pub(super) rows: Classes,
    pub(super) moves: Moves,
    pub(super) room: Room,
    /// Last timestamp of each slot and when it passed, for sender reports.
    clocks: [Option<(u32, Instant)>; SLOTS],
    /// The same of [`Class::Single`].
    solo: Option<(u32, Instant)>,
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
    /// What each of them has.
    pub(super) shares: Vec<(ShardIndex, Share)>,
    pub(super) ladder: Ladder,
    /// Who may be heard through which connection. The latest connection of a talker counts: a client that comes back
    /// may be here twice for a while.
    voices: Vec<(Talker, PeerKey)>,
    scheduled: Option<Instant>,
}

const _: () = assert!(SHARDS <= 64, "subscribers are the bits of a u64");

impl Channels {
    /// The channel of this very generation.
    pub(super) fn get(&mut self, key: ChannelKey) -> Option<&mut Route> {
        self.with_waits(key).map(|(route, _)| route)
    }

    /// The channel, and where it is noted when something has to leave.
    fn with_waits(&mut self, key: ChannelKey) -> Option<(&mut Route, &mut Waits)> {
        let entry = self.entries.get_mut(key.index as usize)?;
        let route = entry.route.as_deref_mut().filter(|_| entry.generation == Some(key.generation))?;
        Some((route, &mut self.waits))
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
        let wait = self.waits.0.peek().map(|Reverse((at, ..))| *at);
        room.into_iter().chain(wait).min()
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

    fn wait_over(&mut self, now: Instant) -> Option<(ChannelKey, Class)> {
        let Reverse((at, key, class)) = *self.waits.0.peek()?;
        if at > now {
            return None;
        }
        self.waits.0.pop();
        Some((key, class))
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
    /// Last timestamp that this row was sent in a slot, and when.
    pub(super) fn clock(&self, place: Place, slot: usize) -> Option<(u32, Instant)> {
        match place.class {
            Class::Single => self.solo.filter(|_| slot == 0),
            Class::Plain | Class::Packed | Class::Redundant => self.clocks.get(slot).copied().flatten(),
        }
    }

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
        self.solo = frame.solo.map(|stamp| (stamp.timestamp, now)).or(self.solo);
        self.rows.send(Terms { now, pacing, form: self.form }, frame, out, begins);
    }

    pub(super) fn share(&self, load: Load) -> Share {
        let audience = u32::try_from(self.rows.audience()).unwrap_or(u32::MAX);
        Share { audience, load, packing: self.rows.packing() }
    }
}

impl Room {
    pub(super) fn open(&mut self, seed: u64, form: Form) {
        let mut channel = Channel::new(seed, form);
        for (talker, _) in &self.voices {
            // Whoever is too many is refused as if they came now.
            let _ = channel.voice(*talker, Voice::On);
        }
        self.channel = Some(channel);
    }

    pub(super) fn subscribe(&mut self, shard: ShardIndex, share: Share) {
        if bit(shard) == 0 {
            return;
        }
        self.subscribers |= bit(shard);
        match self.shares.iter_mut().find(|(known, _)| *known == shard) {
            Some((_, known)) => *known = share,
            None => self.shares.push((shard, share)),
        }
    }

    pub(super) fn unsubscribe(&mut self, shard: ShardIndex) {
        self.subscribers &= !bit(shard);
        self.losses.forget(shard);
        self.shares.retain(|(known, _)| *known != shard);
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
        let Some((route, waits)) = self.channels.with_waits(key) else { return };
        while let Some(frame) = route.room.channel.as_mut().and_then(Channel::poll_frame) {
            for shard in shards(route.room.subscribers) {
                let message = ShardMessage::Frame { channel: key, frame: frame.clone() };
                self.messages.push_back((Recipient::One(shard), message));
            }
            if !route.rows.is_empty() {
                self.stats.frames += 1;
                out.tell(&mut self.messages);
                route.send(now, self.pacing, &frame, out, |class, at| waits.note(at, key, class));
            }
        }
        if let Some(slots) = route.room.channel.as_mut().and_then(Channel::poll_slots) {
            self.events.push_back(Event::Slots { channel: key, slots });
        }
        self.channels.schedule(key);
        self.move_rows(now, key, out);
    }

    /// A frame from the channel's home.
    pub(super) fn relay(
        &mut self,
        now: Instant,
        key: ChannelKey,
        frame: &Frame,
        out: &mut Outbox<'_, impl Egress>,
    ) {
        let Some((route, waits)) = self.channels.with_waits(key) else { return };
        if route.rows.is_empty() {
            // The home has not heard that nobody listens here any more.
            self.unsubscribe(key);
            return;
        }
        self.stats.frames += 1;
        route.send(now, self.pacing, frame, out, |class, at| waits.note(at, key, class));
        self.move_rows(now, key, out);
    }

    pub(super) fn wake_channels(&mut self, now: Instant, out: &mut Outbox<'_, impl Egress>) {
        while let Some((key, class)) = self.channels.wait_over(now) {
            if let Some(route) = self.channels.get(key) {
                route.rows.send_due(now, class, out);
                self.move_rows(now, key, out);
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
        let Some(route) = self.channels.get(channel) else { return };
        let (share, losses) = (route.share(self.load), Losses::default());
        if let Some(home) = route.home.filter(|home| *home != shard) {
            self.tell(Recipient::One(home), ShardMessage::Subscribe { channel, shard, losses, share });
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

impl Waits {
    fn note(&mut self, at: Instant, key: ChannelKey, class: Class) {
        self.0.push(Reverse((at, key, class)));
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
