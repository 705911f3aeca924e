//! Opening: authenticity first, then freshness, for every source of one peer.

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};

use super::{SRTCP_TRAILER, Salt, TAG, rtcp_iv, rtp_iv};
use crate::limits::SOURCES;
use crate::rtp::RtpPacket;

/// Why a packet was not opened. Nothing is told to the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("not a packet")]
    Malformed,
    #[error("not from this peer")]
    Forged,
    #[error("seen before, or too old to know")]
    Replayed,
    /// More than [`SOURCES`] SSRCs from one peer. An old one is never forgotten: its packets could be replayed.
    #[error("too many sources")]
    TooManySources,
}

/// Opens a peer's RTP.
#[derive(Debug)]
pub struct RtpOpener {
    key: LessSafeKey,
    salt: Salt,
    sources: Sources,
}

impl RtpOpener {
    pub(super) fn new(key: LessSafeKey, salt: Salt) -> Self {
        Self { key, salt, sources: Sources::default() }
    }

    /// Opens the body of `packet` into `out`; returns its length and the 48-bit packet index.
    pub fn open(&mut self, packet: &RtpPacket<'_>, out: &mut [u8]) -> Result<(usize, u64), OpenError> {
        let length = packet.body.len().checked_sub(TAG).ok_or(OpenError::Malformed)?;
        let (body, tag) = packet.body.split_at_checked(length).ok_or(OpenError::Malformed)?;
        let out = out.get_mut(..length).ok_or(OpenError::Malformed)?;
        let mut open = |index| {
            let nonce = Nonce::assume_unique_for_key(rtp_iv(&self.salt, packet.ssrc, index));
            self.key.open_separate_gather(nonce, Aad::from(packet.header), body, tag, out)
        };
        if let Some(window) = self.sources.find(packet.ssrc) {
            let index = window.index_of(packet.seq).ok_or(OpenError::Replayed)?;
            if window.has_seen(index) {
                return Err(OpenError::Replayed);
            }
            open(index).map_err(|_| OpenError::Forged)?;
            window.mark(index);
            return Ok((length, index));
        }
        if self.sources.is_full() {
            return Err(OpenError::TooManySources);
        }
        // A new source is at rollover 0, or at 1 if its first packets were lost just before the wrap.
        let early = u64::from(packet.seq);
        let index = if open(early).is_ok() {
            early
        } else {
            let late = early + (1 << 16);
            open(late).map_err(|_| OpenError::Forged)?;
            late
        };
        self.sources.insert(packet.ssrc, Window::new(index));
        Ok((length, index))
    }
}

/// Opens a peer's RTCP. Each SSRC it reports as has its own index, as in the common implementations.
#[derive(Debug)]
pub struct RtcpOpener {
    key: LessSafeKey,
    salt: Salt,
    sources: Sources,
}

impl RtcpOpener {
    pub(super) fn new(key: LessSafeKey, salt: Salt) -> Self {
        Self { key, salt, sources: Sources::default() }
    }

    /// Opens a compound packet into `out`; returns its length.
    pub fn open(&mut self, bytes: &[u8], out: &mut [u8]) -> Result<usize, OpenError> {
        let (head, rest) = bytes.split_first_chunk::<8>().ok_or(OpenError::Malformed)?;
        let (rest, trailer) = rest.split_last_chunk::<SRTCP_TRAILER>().ok_or(OpenError::Malformed)?;
        let (body, tag) = rest.split_last_chunk::<TAG>().ok_or(OpenError::Malformed)?;
        let [_, _, _, _, s0, s1, s2, s3] = *head;
        let ssrc = u32::from_be_bytes([s0, s1, s2, s3]);
        let word = u32::from_be_bytes(*trailer);
        if word >> 31 == 0 {
            return Err(OpenError::Forged);
        }
        let index = word & 0x7fff_ffff;
        match self.sources.find(ssrc).map(|window| window.has_seen(u64::from(index))) {
            Some(true) => return Err(OpenError::Replayed),
            None if self.sources.is_full() => return Err(OpenError::TooManySources),
            _ => {}
        }
        let out = out.get_mut(..8 + body.len()).ok_or(OpenError::Malformed)?;
        let (out_head, out_body) = out.split_at_mut_checked(8).ok_or(OpenError::Malformed)?;
        let mut aad = [0; 12];
        aad[..8].copy_from_slice(head);
        aad[8..].copy_from_slice(trailer);
        let nonce = Nonce::assume_unique_for_key(rtcp_iv(&self.salt, ssrc, index));
        self.key
            .open_separate_gather(nonce, Aad::from(&aad), body, tag, out_body)
            .map_err(|_| OpenError::Forged)?;
        out_head.copy_from_slice(head);
        match self.sources.find(ssrc) {
            Some(window) => window.mark(u64::from(index)),
            None => self.sources.insert(ssrc, Window::new(u64::from(index))),
        }
        Ok(8 + body.len())
    }
}

/// The SSRCs of one peer, authenticated ones only.
#[derive(Debug, Default)]
struct Sources {
    known: Vec<(u32, Window)>,
}

impl Sources {
    fn find(&mut self, ssrc: u32) -> Option<&mut Window> {
        self.known.iter_mut().find(|(known, _)| *known == ssrc).map(|(_, window)| window)
    }

    fn is_full(&self) -> bool {
        self.known.len() >= SOURCES
    }

    fn insert(&mut self, ssrc: u32, window: Window) {
        if !self.is_full() {
            self.known.push((ssrc, window));
        }
    }
}

/// The newest index of a source and which of the [`Window::SIZE`] before it have been seen (RFC 3711 section 3.3.2).
#[derive(Debug, Clone, Copy)]
struct Window {
    newest: u64,
    /// Bit 0 is `newest`.
    seen: u128,
}

impl Window {
    /// 2.5 seconds of 20 ms packets.
    const SIZE: u64 = 128;

    fn new(index: u64) -> Self {
        Self { newest: index, seen: 1 }
    }

    /// RFC 3711 appendix A: the index nearest to the newest one. `None` if it would lie before the first.
    fn index_of(&self, seq: u16) -> Option<u64> {
        #[expect(clippy::cast_possible_truncation, reason = "the sequence number is the low 16 bits")]
        let newest_seq = self.newest as u16;
        let ahead = seq.wrapping_sub(newest_seq);
        if ahead < 0x8000 {
            Some(self.newest + u64::from(ahead))
        } else {
            self.newest.checked_sub(u64::from(newest_seq.wrapping_sub(seq)))
        }
    }

    fn has_seen(&self, index: u64) -> bool {
        match self.newest.checked_sub(index) {
            None => false,
            Some(age) => age >= Self::SIZE || self.seen >> age & 1 == 1,
        }
    }

    fn mark(&mut self, index: u64) {
        match index.checked_sub(self.newest) {
            Some(0) => {}
            Some(step) => {
                self.seen = if step < Self::SIZE { self.seen << step } else { 0 } | 1;
                self.newest = index;
            }
            None => {
                let age = self.newest - index;
                if age < Self::SIZE {
                    self.seen |= 1 << age;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the naive model: a set of all indices ever seen.
        #[test]
        fn every_index_is_taken_once_and_none_that_is_too_old(
            first in 0u16..,
            steps in proptest::collection::vec(prop_oneof![9 => -140i64..140, 1 => -30_000i64..30_000], 1..300),
        ) {
            let mut window = Window::new(u64::from(first));
            let mut seen = std::collections::BTreeSet::from([u64::from(first)]);
            for step in steps {
                let newest = *seen.last().expect("the first");
                let Some(index) = newest.checked_add_signed(step) else { continue };
                #[expect(clippy::cast_possible_truncation, reason = "as on the wire")]
                let seq = index as u16;
                prop_assert_eq!(window.index_of(seq), Some(index));
                let known = seen.contains(&index) || newest.saturating_sub(index) >= Window::SIZE;
                prop_assert_eq!(window.has_seen(index), known);
                if !known {
                    window.mark(index);
                    seen.insert(index);
                }
            }
        }

        #[test]
        fn a_sequence_number_from_before_the_first_has_no_index(first in 0u16..100, before in 101u16..30_000) {
            let window = Window::new(u64::from(first));
            prop_assert_eq!(window.index_of(first.wrapping_sub(before)), None);
        }
    }
}
