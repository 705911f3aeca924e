//! What the speakers of a bench say: valid Opus packets of 20 ms whose bytes name the speaker and count on, so that
//! whoever decrypts them knows whether everything came, from whom, whole and in order. And the same read out of packets
//! of several frames (RFC 6716 section 3.2).

/// Ticks of the RTP clock in one frame of 20 ms.
pub(crate) const TICKS: u32 = 960;
/// Bytes of one packet: what Opus takes for speech at 32 kbit/s.
pub(crate) const PACKET: usize = 80;
/// Bytes of a frame: a packet without its first byte.
const FRAME: usize = PACKET - 1;
/// Hybrid, full band, 20 ms, mono (RFC 6716 section 3.1): configuration 15.
const CONFIGURATION: u8 = 15 << 3;

/// One frame of one speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Frame {
    pub(crate) speaker: u32,
    /// Counts on from 0.
    pub(crate) index: u32,
}

/// Bytes that no speaker of ours has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not what was said")]
pub(crate) struct Garbled;

impl Frame {
    pub(crate) fn packet(self) -> [u8; PACKET] {
        let mut packet = [CONFIGURATION; PACKET];
        if let Some((_, frame)) = packet.split_first_mut() {
            self.write(frame);
        }
        packet
    }

    fn write(self, frame: &mut [u8]) {
        let head = self.speaker.to_be_bytes().into_iter().chain(self.index.to_be_bytes());
        for (byte, value) in frame.iter_mut().zip(head.chain(self.noise())) {
            *byte = value;
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, Garbled> {
        let (&[s0, s1, s2, s3, i0, i1, i2, i3], rest) = bytes.split_first_chunk::<8>().ok_or(Garbled)?;
        let frame = Self {
            speaker: u32::from_be_bytes([s0, s1, s2, s3]),
            index: u32::from_be_bytes([i0, i1, i2, i3]),
        };
        let whole = rest.len() == FRAME - 8 && rest.iter().copied().eq(frame.noise().take(rest.len()));
        if whole { Ok(frame) } else { Err(Garbled) }
    }

    /// Bytes that are different for every frame (a linear congruential generator), so that a swapped one is seen.
    fn noise(self) -> impl Iterator<Item = u8> {
        let mut state = self.speaker.wrapping_mul(0x9e37_79b9) ^ self.index.wrapping_mul(0x85eb_ca6b);
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
    }
}

/// The frames of an Opus packet, in order.
pub(crate) fn read(packet: &[u8]) -> Result<Vec<Frame>, Garbled> {
    let (&first, rest) = packet.split_first().ok_or(Garbled)?;
    if first & !3 != CONFIGURATION {
        return Err(Garbled);
    }
    let frames = match first & 3 {
        0 => vec![rest],
        1 => equal(rest, 2)?,
        2 => {
            let (len, rest) = length(rest)?;
            let (one, other) = rest.split_at_checked(len).ok_or(Garbled)?;
            vec![one, other]
        }
        _ => counted(rest)?,
    };
    frames.into_iter().map(Frame::read).collect()
}

/// Code 3: a byte with the count, padding, and frames of equal or of stated lengths (section 3.2.5).
fn counted(rest: &[u8]) -> Result<Vec<&[u8]>, Garbled> {
    let (&byte, mut rest) = rest.split_first().ok_or(Garbled)?;
    let count = usize::from(byte & 0x3f);
    if byte & 0x40 != 0 {
        let mut padding = 0;
        loop {
            let (&more, after) = rest.split_first().ok_or(Garbled)?;
            rest = after;
            padding += usize::from(more.min(254));
            if more != 255 {
                break;
            }
        }
        rest = rest.get(..rest.len().checked_sub(padding).ok_or(Garbled)?).ok_or(Garbled)?;
    }
    if byte & 0x80 == 0 {
        return equal(rest, count);
    }
    let mut lengths = Vec::new();
    for _ in 1..count {
        let (len, after) = length(rest)?;
        lengths.push(len);
        rest = after;
    }
    let mut frames = Vec::new();
    for len in lengths {
        let (frame, after) = rest.split_at_checked(len).ok_or(Garbled)?;
        frames.push(frame);
        rest = after;
    }
    frames.push(rest);
    Ok(frames)
}

fn equal(rest: &[u8], count: usize) -> Result<Vec<&[u8]>, Garbled> {
    if count == 0 || rest.is_empty() || !rest.len().is_multiple_of(count) {
        return Err(Garbled);
    }
    Ok(rest.chunks_exact(rest.len() / count).collect())
}

/// One or two bytes (section 3.2.1).
fn length(rest: &[u8]) -> Result<(usize, &[u8]), Garbled> {
    match rest {
        [short @ 0..=251, rest @ ..] => Ok((usize::from(*short), rest)),
        [first, second, rest @ ..] => Ok((usize::from(*first) + 4 * usize::from(*second), rest)),
        _ => Err(Garbled),
    }
}

/// How many frames a payload of this length holds. At least one.
pub(crate) fn frames_in(payload_bytes: usize) -> u8 {
    u8::try_from(payload_bytes / FRAME).unwrap_or(u8::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(index: u32) -> Frame {
        Frame { speaker: 7, index }
    }

    /// The bytes of several frames, without what stands before them.
    fn bodies(count: u32) -> Vec<u8> {
        (0..count).flat_map(|index| frame(index).packet()[1..].to_vec()).collect()
    }

    fn frames(count: u32) -> Result<Vec<Frame>, Garbled> {
        Ok((0..count).map(frame).collect())
    }

    #[test]
    fn what_was_said_is_heard() {
        assert_eq!(read(&frame(0).packet()), frames(1));
        assert_ne!(frame(0).packet()[9..], frame(1).packet()[9..], "no two frames are alike");
    }

    #[test]
    fn several_frames_in_one_packet_are_heard_in_every_form() {
        let of = |head: &[u8], count| [head, &bodies(count)].concat();
        assert_eq!(read(&of(&[CONFIGURATION | 1], 2)), frames(2));
        assert_eq!(read(&of(&[CONFIGURATION | 2, 79], 2)), frames(2));
        assert_eq!(read(&of(&[CONFIGURATION | 3, 3], 3)), frames(3));
        assert_eq!(read(&of(&[CONFIGURATION | 3, 0x80 | 3, 79, 79], 3)), frames(3));
        let padded = [of(&[CONFIGURATION | 3, 0x40 | 3, 5], 3), vec![0; 5]].concat();
        assert_eq!(read(&padded), frames(3));
    }

    #[test]
    fn a_changed_byte_is_noticed_wherever_it_is() {
        for at in 0..PACKET {
            let mut packet = frame(3).packet();
            packet[at] ^= 0x10;
            assert_eq!(read(&packet), Err(Garbled), "byte {at}");
        }
        assert_eq!(read(&frame(3).packet()[..PACKET - 1]), Err(Garbled));
    }

    proptest! {
        #[test]
        fn no_packet_is_too_strange_to_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
            let mut ours = bytes;
            if let Some(first) = ours.first_mut() {
                *first = CONFIGURATION | (*first & 3);
            }
            let _ = read(&ours);
        }
    }
}
