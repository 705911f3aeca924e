//! What a listener without keys can read of a voice packet: its header, and how long the sealed rest is.

use crate::speech::{self, TICKS};

/// Of SRTP with AES-GCM (RFC 7714 section 13.2).
const TAG: usize = 16;

/// A voice packet from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glimpse {
    pub(crate) ssrc: u32,
    pub(crate) seq: u16,
    pub(crate) timestamp: u32,
    /// The first CSRC: who speaks. 0 for none.
    pub(crate) talker: u32,
    /// Frames of 20 ms, by the length of the sealed payload.
    pub(crate) frames: u8,
}

/// `None` when it is no RTP packet (RFC 3550 section 5.1) with a sealed payload.
#[inline]
pub(crate) fn glimpse(bytes: &[u8]) -> Option<Glimpse> {
    let (fixed, rest) = bytes.split_first_chunk::<12>()?;
    let [first, _, q0, q1, t0, t1, t2, t3, s0, s1, s2, s3] = *fixed;
    if first >> 6 != 2 {
        return None;
    }
    let sources = usize::from(first & 0x0f);
    let talker = match (sources, rest.first_chunk::<4>()) {
        (1.., Some(csrc)) => u32::from_be_bytes(*csrc),
        _ => 0,
    };
    let mut rest = rest.get(4 * sources..)?;
    if first & 0x10 != 0 {
        let [_, _, l0, l1] = *rest.first_chunk::<4>()?;
        rest = rest.get(4 + 4 * usize::from(u16::from_be_bytes([l0, l1]))..)?;
    }
    Some(Glimpse {
        ssrc: u32::from_be_bytes([s0, s1, s2, s3]),
        seq: u16::from_be_bytes([q0, q1]),
        timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        talker,
        frames: speech::frames_in(rest.len().checked_sub(TAG)?),
    })
}

impl Glimpse {
    /// The timestamps of its frames, in order.
    pub(crate) fn timestamps(self) -> impl Iterator<Item = u32> {
        (0..u32::from(self.frames)).map(move |frame| self.timestamp.wrapping_add(frame * TICKS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(csrcs: &[u32], extension: &[u8], payload: usize) -> Vec<u8> {
        let first =
            0x80 | u8::try_from(csrcs.len()).expect("few") | if extension.is_empty() { 0 } else { 0x10 };
        let mut bytes = vec![first, 111, 1, 2, 0, 0, 3, 192, 0, 0, 0, 9];
        csrcs.iter().for_each(|csrc| bytes.extend(csrc.to_be_bytes()));
        bytes.extend(extension);
        bytes.resize(bytes.len() + payload + TAG, 0xaa);
        bytes
    }

    #[test]
    fn a_header_says_which_voice_and_which_moment() {
        let expected = Glimpse { ssrc: 9, seq: 258, timestamp: 960, talker: 77, frames: 1 };
        assert_eq!(glimpse(&packet(&[77], &[], 80)), Some(expected));
        assert_eq!(glimpse(&packet(&[77, 78], &[0xbe, 0xde, 0, 1, 0x10, 0x85, 0, 0], 80)), Some(expected));
        assert_eq!(glimpse(&packet(&[], &[], 80)).map(|glimpse| glimpse.talker), Some(0));
    }

    #[test]
    fn the_length_says_how_many_frames() {
        for (payload, frames) in [(80, 1), (1 + 2 * 79, 2), (2 + 3 * 79, 3)] {
            assert_eq!(glimpse(&packet(&[1], &[], payload)).map(|glimpse| glimpse.frames), Some(frames));
        }
        let packed = glimpse(&packet(&[1], &[], 2 + 3 * 79)).expect("a packet");
        assert_eq!(packed.timestamps().collect::<Vec<_>>(), [960, 1_920, 2_880]);
    }

    #[test]
    fn what_is_cut_off_or_something_else_is_none() {
        let whole = packet(&[1, 2], &[0xbe, 0xde, 0, 1, 0x10, 0x85, 0, 0], 0);
        assert!(glimpse(&whole).is_some());
        for len in 0..whole.len() {
            assert_eq!(glimpse(&whole[..len]), None, "{len} bytes");
        }
        assert_eq!(glimpse(&[0x16; 60]), None);
    }
}
