//! Voice as it passes between a speaker's connection, a channel and the listeners' rows.

use crate::clock::Stamp;
use crate::key::Talker;
use crate::limits::VOICE_PAYLOAD;

/// Talkers heard at the same time.
pub const SLOTS: usize = 3;

/// The SSRC of each slot, the same for every listener of every room, so that an answer can be written from a template
/// and a frame's header is shared.
pub const SLOT_SSRC: [u32; SLOTS] = [0x5649_5601, 0x5649_5602, 0x5649_5603];

/// Who is heard in which slot.
pub type Slots = [Option<Talker>; SLOTS];

/// Whether a talker's packets are let through to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    On,
    Off,
}

/// Audio level in -dBov as in RFC 6464: 0 is the loudest, 127 is silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(u8);

impl Level {
    pub const SILENCE: Level = Level(127);

    /// Seven bits, as on the wire; the voice activity flag above them is not looked at.
    pub const fn from_wire(byte: u8) -> Self {
        Self(byte & 0x7f)
    }

    /// 0 (loudest) to 127 (silence).
    pub const fn minus_dbov(self) -> u8 {
        self.0
    }
}

/// A voice packet of one talker, decrypted. Sequence number and timestamp are the sender's own.
#[derive(Debug, Clone, Copy)]
pub struct VoicePacket<'a> {
    pub seq: u16,
    /// 48 kHz.
    pub timestamp: u32,
    /// Start of a talk spurt (RFC 3551 section 4.1).
    pub marker: bool,
    /// What the sender says about loudness; `None` when it says nothing.
    pub level: Option<Level>,
    pub payload: &'a [u8],
}

/// One packet of one slot, as every listener of the channel gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Below [`SLOTS`].
    pub slot: u8,
    /// 48 kHz, the slot's own clock: it goes on through gaps and changes of talker.
    pub timestamp: u32,
    /// Start of a talk spurt.
    pub marker: bool,
    pub talker: Talker,
    /// 48 kHz ticks of audio in it, as far as its talker's timestamps tell.
    pub ticks: u32,
    /// Where it stands on the clock of those who hear one talker only; none when they hear another.
    pub solo: Option<Stamp>,
    pub payload: Payload,
}

impl Frame {
    /// As those who hear one talker only get it: all on the line of the first slot.
    pub(crate) fn alone(&self) -> Option<Self> {
        let Stamp { timestamp, marker } = self.solo?;
        Some(Self { slot: 0, timestamp, marker: marker | self.marker, ..self.clone() })
    }
}

/// Opaque payload bytes held in place, so that a frame crosses threads as a value.
#[derive(Clone, Copy)]
pub struct Payload {
    len: u16,
    bytes: [u8; VOICE_PAYLOAD],
}

/// The payload is longer than [`VOICE_PAYLOAD`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("voice payload too long")]
pub struct TooLong;

impl Payload {
    /// Copies at most [`VOICE_PAYLOAD`] bytes.
    pub fn new(payload: &[u8]) -> Result<Self, TooLong> {
        let len = u16::try_from(payload.len()).map_err(|_| TooLong)?;
        let mut bytes = [0; VOICE_PAYLOAD];
        bytes.get_mut(..payload.len()).ok_or(TooLong)?.copy_from_slice(payload);
        Ok(Self { len, bytes })
    }

    /// Written in place; `None` when `write` has nothing. Returns how many bytes there are.
    pub(crate) fn written(write: impl FnOnce(&mut [u8]) -> Option<usize>) -> Option<Self> {
        let mut bytes = [0; VOICE_PAYLOAD];
        let len = write(&mut bytes)?;
        Some(Self { len: u16::try_from(len.min(VOICE_PAYLOAD)).ok()?, bytes })
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl std::ops::Deref for Payload {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Payload {}

// Nobody's voice in a log or a failing test: the length is enough.
impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payload({} bytes)", self.len)
    }
}
