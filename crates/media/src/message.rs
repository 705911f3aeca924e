//! What goes into a shard and comes out of it, besides datagrams.

use std::net::{IpAddr, SocketAddr};

use crate::ice::Pwd;
use crate::key::{ChannelKey, PeerKey, ShardIndex, Talker};
use crate::load::Load;
use crate::loss::Losses;
use crate::pack::{Form, Packing};
use crate::packet::{Frame, Level, Payload, Slots, Voice, VoicePacket};
use crate::sdp::{Fingerprint, MicLine};

/// From the control side to one shard. Commands of one caller arrive in the order they were posted.
#[derive(Debug)]
pub enum Command {
    /// To every shard. `home` runs the channel, the others learn where it lives. `seed` starts the slot clocks.
    OpenChannel { channel: ChannelKey, home: ShardIndex, seed: u64, form: Form },
    /// To every shard. Rows and voices of the channel end with it.
    CloseChannel { channel: ChannelKey },
    /// To the shard that the admission names.
    Admit(Box<Admission>),
    /// To the peer's shard. Replaces what the peer heard before. `talker` is the peer's own voice, never sent back.
    Listen { peer: PeerKey, channel: ChannelKey, talker: Option<Talker>, ear: Ear },
    /// To the peer's shard.
    Unlisten { peer: PeerKey },
    /// To the peer's shard. A peer speaks in at most one channel: `On` replaces, `Off` takes away.
    Voice { peer: PeerKey, channel: ChannelKey, talker: Talker, voice: Voice },
    /// To the peer's shard. Nothing is sent to or taken from the peer afterwards; [`Event::Cut`] follows.
    Cut { peer: PeerKey },
}

/// What a listener's delay is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ear {
    /// On stage: in conversation, where every 20 ms count.
    Stage,
    /// Listens only; may be sent several frames in one packet.
    Audience,
}

/// From a shard to the control side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Handshake done: the peer can hear and be heard.
    Connected { peer: PeerKey },
    /// No authenticated packet for [`crate::limits::SILENT_AFTER`]; its media is stopped.
    Silent { peer: PeerKey },
    /// A silent peer was heard from again; its media goes on.
    Back { peer: PeerKey },
    /// The peer does not exist any more; its index may be used again.
    Gone { peer: PeerKey, why: GoneReason },
    /// After [`Command::Cut`]: the last packet has been handed to the socket, the index may be used again. Also sent
    /// for a peer that was already gone, so that whoever waits for it never waits in vain.
    Cut { peer: PeerKey },
    /// The channel's slots changed hands. From its home shard.
    Slots { channel: ChannelKey, slots: Slots },
    /// The channel's audience gets so many frames in one packet from now on. From its home shard.
    Packed { channel: ChannelKey, packing: Packing },
}

/// Why a peer is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoneReason {
    /// It said goodbye (DTLS close_notify), before its first report: after that nobody can read one any more.
    Closed,
    /// It seemed to say goodbye, and since then nothing authenticated has come for [`crate::limits::DOUBTED_FOR`].
    Doubted,
    /// Nothing authenticated was heard for [`crate::limits::GONE_AFTER`], before or after connecting.
    TimedOut,
    /// The DTLS handshake failed: wrong certificate, no AEAD profile, broken peer.
    HandshakeFailed,
    /// The index is taken or out of range: the admitting side is out of step.
    Refused,
}

/// Whom a [`ShardMessage`] is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    One(ShardIndex),
    /// Every shard but the sender.
    Others,
}

/// From one shard to another: values, bounded, and safe to lose (what must not be lost is said again).
#[derive(Debug, Clone)]
pub enum ShardMessage {
    /// A datagram for a peer of the recipient, as it came in.
    Stray { source: SocketAddr, local: IpAddr, bytes: Box<[u8]> },
    /// The sender has authenticated this address: its datagrams belong to `owner`.
    Address { address: SocketAddr, owner: ShardIndex },
    /// Nobody of `owner` uses this address any more.
    AddressGone { address: SocketAddr, owner: ShardIndex },
    /// To the channel's home: a talker's packet.
    Voice { channel: ChannelKey, peer: PeerKey, talker: Talker, packet: OwnedVoicePacket },
    /// To the channel's home: a talker may be heard through this peer, or not any more. `On` is repeated every second.
    Grant { channel: ChannelKey, peer: PeerKey, talker: Talker, voice: Voice },
    /// To the channel's home: the sender has rows of the channel, this is what they lose, and this is its share.
    /// Repeated every second.
    Subscribe { channel: ChannelKey, shard: ShardIndex, losses: Losses, share: Share },
    /// To the channel's home: the sender has no rows left.
    Unsubscribe { channel: ChannelKey, shard: ShardIndex },
    /// From the channel's home to every subscribed shard.
    Frame { channel: ChannelKey, frame: Frame },
    /// From the channel's home to shards with voices in it: many listeners lose; tell speakers at least this, of 256.
    /// Repeated every second while it is so.
    Losing { channel: ChannelKey, floor: u8 },
    /// From the channel's home to a subscribed shard whose share says otherwise.
    Packing { channel: ChannelKey, packing: Packing },
}

/// What a shard has of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Listeners of the audience.
    pub audience: u32,
    /// Of the whole shard.
    pub load: Load,
    pub packing: Packing,
}

/// A [`VoicePacket`] that owns its payload, to cross threads.
#[derive(Debug, Clone, Copy)]
pub struct OwnedVoicePacket {
    pub seq: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub level: Option<Level>,
    pub payload: Payload,
}

impl OwnedVoicePacket {
    pub fn borrow(&self) -> VoicePacket<'_> {
        VoicePacket {
            seq: self.seq,
            timestamp: self.timestamp,
            marker: self.marker,
            level: self.level,
            payload: &self.payload,
        }
    }
}

/// Everything a shard must know to expect one peer.
#[derive(Debug)]
pub struct Admission {
    pub peer: PeerKey,
    /// The ICE password in our answer; what authenticates the peer's checks.
    pub pwd: Pwd,
    /// SHA-256 of the certificate that the offer promised.
    pub fingerprint: Fingerprint,
    pub line: MicLine,
}
