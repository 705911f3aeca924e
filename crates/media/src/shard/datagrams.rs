//! Datagrams from the socket: whose they are, whether they are true, and what they carry.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::demux::{Owner, Protocol};
use crate::egress::{Egress, Outbox};
use crate::limits::{DATAGRAM, RED_BLOCKS, SHARDS};
use crate::loss::Loss;
use crate::message::{Event, OwnedVoicePacket, Recipient, ShardMessage};
use crate::packet::{Level, VoicePacket};
use crate::peer::Checked;
use crate::reception::Place;
use crate::red::{Block as Said, Red};
use crate::rtcp::{Block, Blocks, Report};
use crate::rtp::RtpPacket;
use crate::sdp::MicLine;
use crate::srtp::OpenError;
use crate::stun::{Check, answer_to_nobody};
use crate::tcp::{self, ConnectionId};

use super::peers::Mood;
use super::{Core, Stats};

/// Where a datagram came from.
#[derive(Debug, Clone, Copy)]
struct Origin {
    source: SocketAddr,
    /// The address it was sent to.
    local: IpAddr,
    via: Via,
}

/// How it came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Via {
    Socket,
    /// Handed over by the shard whose socket it came in at; never handed on.
    Shard,
}

impl Core {
    pub(super) fn handle_datagram(
        &mut self,
        now: Instant,
        source: SocketAddr,
        local: IpAddr,
        bytes: &[u8],
        out: &mut Outbox<'_, impl Egress>,
    ) {
        // An IPv4 peer on a dual-stack socket is an IPv4 peer, or it would not know its own address in our answers.
        let source = if ConnectionId::of(source).is_some() { source } else { tcp::client(source) };
        self.sort(now, Origin { source, local: local.to_canonical(), via: Via::Socket }, bytes, out);
    }

    pub(super) fn handle_stray(
        &mut self,
        now: Instant,
        source: SocketAddr,
        local: IpAddr,
        bytes: &[u8],
        out: &mut Outbox<'_, impl Egress>,
    ) {
        self.sort(now, Origin { source, local, via: Via::Shard }, bytes, out);
    }

    fn sort(&mut self, now: Instant, origin: Origin, bytes: &[u8], out: &mut Outbox<'_, impl Egress>) {
        if bytes.len() > DATAGRAM {
            self.stats.oversized += 1;
            return;
        }
        let Some(protocol) = Protocol::of(bytes) else {
            self.stats.malformed += 1;
            return;
        };
        if protocol == Protocol::Stun {
            self.handle_check(now, origin, bytes, out);
            return;
        }
        let Origin { source, local, via } = origin;
        let index = match (self.addresses.owner(source), via) {
            (Some(Owner::Here(index)), _) => index,
            (Some(Owner::There(shard)), Via::Socket) => {
                self.stats.strays += 1;
                let message = ShardMessage::Stray { source, local, bytes: bytes.into() };
                self.tell(Recipient::One(shard), message);
                return;
            }
            _ if protocol == Protocol::Rtp => match self.search(now, origin, bytes) {
                Some(index) => index,
                None => return,
            },
            _ => {
                self.stats.unknown += 1;
                return;
            }
        };
        match protocol {
            Protocol::Dtls => self.queue_handshake(now, index, source, local, bytes),
            Protocol::Rtp => self.handle_rtp(now, index, origin, bytes, out),
            Protocol::Rtcp => self.handle_rtcp(now, index, source, bytes, out),
            Protocol::Stun => {}
        }
    }

    /// Whose voice is it that comes from an address which nobody was checked from? A network that changes in the middle
    /// of a word is followed by the next packet, and not by the next check. What nobody here sends is shown to the other
    /// shards, since a new address may lead to another socket.
    fn search(&mut self, now: Instant, origin: Origin, bytes: &[u8]) -> Option<u32> {
        let Origin { source, local, via } = origin;
        self.stats.unknown += 1;
        if ConnectionId::of(source).is_some() || (via == Via::Socket && !self.searches.take(now, 1.0)) {
            return None;
        }
        let ssrc = RtpPacket::parse(bytes)?.ssrc;
        let peers = &mut self.peers;
        let mut speakers = self.speakers.iter().copied();
        let found = speakers.find(|index| peers.at(*index).is_some_and(|peer| peer.sends_from(ssrc)));
        if found.is_none() && via == Via::Socket {
            self.tell(Recipient::Others, ShardMessage::Stray { source, local, bytes: bytes.into() });
        }
        found
    }

    fn handle_check(
        &mut self,
        now: Instant,
        origin: Origin,
        bytes: &[u8],
        out: &mut Outbox<'_, impl Egress>,
    ) {
        let Origin { source, local, via } = origin;
        let Some(check) = Check::parse(bytes) else {
            self.stats.malformed += 1;
            // From this machine to itself: whoever runs the server asks whether the port is open.
            if source.ip() == local {
                out.write(source, local, |out| answer_to_nobody(bytes, source, out));
            }
            return;
        };
        let key = check.ufrag.peer;
        if check.ufrag.incarnation != self.config.incarnation {
            self.stats.stale += 1;
            return;
        }
        let connection = ConnectionId::of(source);
        if key.shard != self.config.shard {
            // A connection is the affair of the shard that owns it: the one its first check named.
            if via == Via::Socket && connection.is_none() && usize::from(key.shard.0) < SHARDS {
                self.stats.strays += 1;
                let message = ShardMessage::Stray { source, local, bytes: bytes.into() };
                self.tell(Recipient::One(key.shard), message);
            }
            return;
        }
        let Some(peer) = self.peers.get(key) else {
            self.stats.stale += 1;
            return;
        };
        if !check.verify(&peer.admission.pwd) {
            self.stats.forged += 1;
            return;
        }
        self.stats.checks += 1;
        out.write(source, local, |bytes| check.answer(tcp::client(source), &peer.admission.pwd, bytes));
        if check.is_role_conflict() {
            return;
        }
        let checked = peer.handle_check(now, source, local, check.nomination());
        peer.earn_by_check(source, bytes.len());
        self.settle(key.index, origin, checked);
        self.note_life(now, key.index, source);
    }

    /// A peer was authenticated at an address: what is sent to it, and what comes from there, finds its way.
    fn settle(&mut self, index: u32, origin: Origin, checked: Checked) {
        let Origin { source, via, .. } = origin;
        let Some(peer) = self.peers.at(index) else { return };
        let path = peer.path;
        let row = peer.row();
        if checked.moved
            && let (Some(path), Some((channel, place))) = (path, row)
            && let Some(route) = self.channels.get(channel)
        {
            route.rows.set_path(place, path.remote, path.local);
        }
        if let Some(forgotten) = checked.forgotten {
            self.forget_address(forgotten, index);
        }
        let owner = Owner::Here(index);
        if via == Via::Shard || self.addresses.owner(source) != Some(owner) {
            self.addresses.set(source, owner);
            if ConnectionId::of(source).is_none() {
                let message = ShardMessage::Address { address: source, owner: self.config.shard };
                self.tell(Recipient::Others, message);
            }
        }
    }

    fn handle_rtp(
        &mut self,
        now: Instant,
        index: u32,
        origin: Origin,
        bytes: &[u8],
        out: &mut Outbox<'_, impl Egress>,
    ) {
        let Some(packet) = RtpPacket::parse(bytes) else {
            self.stats.malformed += 1;
            return;
        };
        let Some(peer) = self.peers.at(index) else { return };
        let (key, grant, line) = (peer.key(), peer.grant, &peer.admission.line);
        let Some(link) = &mut peer.link else {
            self.stats.forged += 1;
            return;
        };
        let (length, packet_index) = match link.rtp_in.open(&packet, &mut self.plain[..]) {
            Ok(opened) => opened,
            Err(error) => return count(&mut self.stats, error),
        };
        self.stats.voice_in += 1;
        let mid = line.mid_extension.and_then(|id| packet.extension(id));
        let format = Format::of(packet.payload_type, line)
            .filter(|_| mid.is_none_or(|mid| mid == line.mid.as_bytes()));
        let level = line.level_extension.and_then(|id| packet.level(id));
        let mut place = Place::Late;
        if format.is_some() {
            let arrival = now.saturating_duration_since(self.started);
            let microphone = link.microphone(packet.ssrc, packet_index);
            place = microphone.packet(packet_index, packet.timestamp, arrival);
        } else {
            self.stats.foreign += 1;
        }
        if let Place::Newest { .. } = place
            && let Some(moved) = peer.handle_voice(now, origin.source, origin.local)
        {
            self.settle(index, origin, moved);
        }
        self.note_life(now, index, origin.source);
        let Some((format, grant)) = format.zip(grant) else {
            self.stats.not_granted += u64::from(format.is_some());
            return;
        };
        // What was lost on the way here is said now, as far as this packet repeats it, in its order.
        let Place::Newest { missing } = place else { return };
        let back = usize::try_from(missing).unwrap_or(RED_BLOCKS).min(RED_BLOCKS);
        for back in (0..=back).rev() {
            if let Some(said) = self.said(&packet, length, format, back, level) {
                self.speak(now, key, grant, &said, out);
            }
        }
    }

    /// What the opened packet says was said `back` packets before it; 0 is its own.
    fn said(
        &mut self,
        packet: &RtpPacket<'_>,
        length: usize,
        format: Format,
        back: usize,
        level: Option<Level>,
    ) -> Option<OwnedVoicePacket> {
        let payload = packet.payload(self.plain.get(..length)?)?;
        let Said { earlier, bytes } = match format {
            Format::Opus => (back == 0).then_some(Said { earlier: 0, bytes: payload })?,
            Format::Redundant { opus } => Red::read(payload, opus)?.block(back)?,
        };
        // Padding alone, as in a bandwidth probe.
        if bytes.is_empty() {
            return None;
        }
        let said = OwnedVoicePacket::new(&VoicePacket {
            seq: packet.seq.wrapping_sub(u16::try_from(back).ok()?),
            timestamp: packet.timestamp.wrapping_sub(earlier),
            marker: packet.marker && back == 0,
            level,
            payload: bytes,
        });
        self.stats.oversized += u64::from(said.is_none());
        said
    }

    fn handle_rtcp(
        &mut self,
        now: Instant,
        index: u32,
        source: SocketAddr,
        bytes: &[u8],
        out: &mut Outbox<'_, impl Egress>,
    ) {
        let Some((row, link)) = self.peers.at(index).and_then(|peer| Some((peer.row(), peer.link.as_mut()?)))
        else {
            self.stats.forged += 1;
            return;
        };
        let length = match link.rtcp_in.open(bytes, &mut self.plain[..]) {
            Ok(length) => length,
            Err(error) => return count(&mut self.stats, error),
        };
        link.keys_are_in_use(now);
        let route = row.and_then(|(channel, place)| Some((self.channels.get(channel)?, place)));
        let sealer = route.and_then(|(route, place)| route.rows.sealer(place));
        let sent = std::array::from_fn(|slot| {
            sealer.and_then(|sealer| sealer.sent(slot)).map_or(0, |(packets, _)| packets)
        });
        for block in Blocks::new(&self.plain[..length]) {
            if let Block::SenderReport { ssrc, ntp_middle, .. } = block
                && let Some(microphone) = &mut link.microphone
                && microphone.ssrc() == ssrc
            {
                microphone.sender_report(ntp_middle, now);
            }
            if let Block::SenderReport { reports, .. } | Block::ReceiverReport { reports } = block {
                reports.iter().for_each(|report| link.loss.handle_report(&Report::read(report), sent));
            }
        }
        if link.loss.loss() == Loss::Lossy {
            self.peers.set_mood(index, Mood::Restless);
        }
        self.note_life(now, index, source);
        self.answer_report(now, index, out);
    }

    /// Something authenticated came from the peer.
    fn note_life(&mut self, now: Instant, index: u32, source: SocketAddr) {
        self.peers.note_heard(index, now);
        let Some(peer) = self.peers.at(index) else { return };
        if peer.handle_sign_of_life(now, source) {
            let key = peer.key();
            self.link(index);
            self.events.push_back(Event::Back { peer: key });
        }
    }
}

/// How a microphone's packets hold what was said.
#[derive(Debug, Clone, Copy)]
enum Format {
    Opus,
    /// With blocks of this format.
    Redundant {
        opus: u8,
    },
}

impl Format {
    fn of(payload_type: u8, line: &MicLine) -> Option<Self> {
        if payload_type == line.payload_type {
            Some(Self::Opus)
        } else {
            line.redundant.filter(|red| *red == payload_type)?;
            Some(Self::Redundant { opus: line.payload_type })
        }
    }
}

fn count(stats: &mut Stats, error: OpenError) {
    match error {
        OpenError::Malformed => stats.malformed += 1,
        OpenError::Forged => stats.forged += 1,
        OpenError::Replayed => stats.replayed += 1,
        OpenError::TooManySources => stats.foreign += 1,
    }
}
