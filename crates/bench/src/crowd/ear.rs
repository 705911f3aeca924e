//! How one person listens.

use client::peer::{Packet, Peer};
use protocol::media::SLOTS;

use super::{Crowd, Word};
use crate::rtp::glimpse;
use crate::score::Sighting;
use crate::sequence::{Sequence, Step};
use crate::speech::{self, Frame, TICKS};
use crate::sys::{Received, wall};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listens {
    /// Counts packets from outside.
    Cheaply,
    /// Decrypts and checks each.
    Closely,
}

/// Apart from the connections, and small: every packet passes here.
#[derive(Clone, Copy)]
pub(super) struct Ear {
    /// By slot; one that was not offered is 0, which no server uses.
    ssrcs: [u32; SLOTS],
    sequences: [Sequence; SLOTS],
    listens: Listens,
    heard: bool,
    room: u32,
    /// The frame that comes next in each slot, for whoever listens closely.
    expected: [Option<Frame>; SLOTS],
}

/// What those who listen closely have found, in the whole run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) packets: u64,
    pub(crate) frames: u64,
    /// Bytes that no speaker of the room has said.
    pub(crate) garbled: u64,
    /// Frames that were passed over within one talker's speech.
    pub(crate) gaps: u64,
    /// Frames that came after a later one, or again.
    pub(crate) misplaced: u64,
    /// Packets whose number of frames is not what their length says.
    pub(crate) miscounted: u64,
}

impl Checked {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.packets += other.packets;
        self.frames += other.frames;
        self.garbled += other.garbled;
        self.gaps += other.gaps;
        self.misplaced += other.misplaced;
        self.miscounted += other.miscounted;
    }
}

impl Default for Ear {
    fn default() -> Self {
        Self {
            ssrcs: [0; SLOTS],
            sequences: [Sequence::default(); SLOTS],
            listens: Listens::Cheaply,
            heard: false,
            room: 0,
            expected: [None; SLOTS],
        }
    }
}

impl Ear {
    pub(super) fn new(peer: &Peer, listens: Listens, room: u32) -> Self {
        let ssrcs = peer.ssrcs().map(Option::unwrap_or_default);
        Self { ssrcs, listens, room, ..Self::default() }
    }
}

impl Crowd {
    /// A packet from outside. Whether its connection wants it.
    pub(super) fn hear(&mut self, seat: u32, received: &Received<'_>) -> bool {
        let Some(ear) = self.ears.get_mut(seat as usize) else { return false };
        let Some(glimpse) = glimpse(received.bytes) else { return false };
        let Some(slot) = ear.ssrcs.iter().position(|ssrc| *ssrc == glimpse.ssrc) else { return false };
        let wanted = ear.listens == Listens::Closely;
        let at = if received.at == 0 { wall() } else { received.at };
        let first = !std::mem::replace(&mut ear.heard, true);
        let Some(sequence) = ear.sequences.get_mut(slot) else { return false };
        if sequence.step(glimpse.seq) == Step::Twice {
            self.twice += 1;
            return wanted;
        }
        #[expect(clippy::cast_possible_truncation, reason = "one of three")]
        let slot = slot as u8;
        self.score.sight(Sighting { listener: seat, slot, glimpse, at }, received.bytes.len());
        if first {
            self.tell(seat, Word::Hears, at);
        }
        wanted
    }

    /// A packet that was decrypted.
    pub(super) fn check(&mut self, seat: u32, packet: &Packet) {
        let Some(ear) = self.ears.get_mut(seat as usize) else { return };
        let Some(expected) = ear.expected.get_mut(packet.slot) else { return };
        self.checked.packets += 1;
        let Ok(frames) = speech::read(&packet.payload) else {
            self.checked.garbled += 1;
            return;
        };
        if usize::from(speech::frames_in(packet.payload.len())) != frames.len() {
            self.checked.miscounted += 1;
        }
        let mut timestamp = packet.timestamp;
        for frame in frames {
            self.checked.frames += 1;
            if let Some(next) = expected.filter(|next| next.speaker == frame.speaker) {
                match frame.index.checked_sub(next.index) {
                    Some(passed_over) => self.checked.gaps += u64::from(passed_over),
                    None => self.checked.misplaced += 1,
                }
            }
            if expected.is_none_or(|next| next.speaker != frame.speaker || frame.index >= next.index) {
                *expected = Some(Frame { index: frame.index + 1, ..frame });
            }
            self.score.teach(ear.room, packet.slot, timestamp, packet.talker.unwrap_or_default(), frame);
            timestamp = timestamp.wrapping_add(TICKS);
        }
    }
}
