//! Walks a compound packet; anything unknown is stepped over, anything broken ends the walk.

use super::{BYE, GENERIC_NACK, RECEIVER_REPORT, SENDER_REPORT, TRANSPORT_FEEDBACK};

/// One packet of a compound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block<'a> {
    SenderReport {
        ssrc: u32,
        /// The middle 32 bits of the 64-bit NTP timestamp, as a receiver echoes them.
        ntp_middle: u32,
        reports: &'a [[u8; 24]],
    },
    ReceiverReport {
        reports: &'a [[u8; 24]],
    },
    Nack {
        media: u32,
        nacks: &'a [[u8; 4]],
    },
    Bye,
    /// Source descriptions, extended reports, feedback that is not acted on.
    Other,
}

/// What a receiver says about one of our streams (RFC 3550 section 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    pub ssrc: u32,
    /// Of 256, since the last report.
    pub fraction_lost: u8,
    /// The highest sequence number received, with its cycles.
    pub highest: u32,
}

impl Report {
    pub fn read(bytes: &[u8; 24]) -> Self {
        let [s0, s1, s2, s3, fraction_lost, _, _, _, h0, h1, h2, h3, ..] = *bytes;
        Self {
            ssrc: u32::from_be_bytes([s0, s1, s2, s3]),
            fraction_lost,
            highest: u32::from_be_bytes([h0, h1, h2, h3]),
        }
    }
}

/// Lost sequence numbers: one and the sixteen after it (RFC 4585 section 6.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nack {
    pub first: u16,
    pub following: u16,
}

impl Nack {
    pub fn read(bytes: &[u8; 4]) -> Self {
        let [f0, f1, b0, b1] = *bytes;
        Self { first: u16::from_be_bytes([f0, f1]), following: u16::from_be_bytes([b0, b1]) }
    }

    pub fn lost(self) -> impl Iterator<Item = u16> {
        let following = (0..16u16)
            .filter(move |bit| self.following >> bit & 1 == 1)
            .map(move |bit| self.first.wrapping_add(bit + 1));
        std::iter::once(self.first).chain(following)
    }
}

/// The packets of one compound.
#[derive(Debug, Clone, Copy)]
pub struct Blocks<'a>(&'a [u8]);

impl<'a> Blocks<'a> {
    pub fn new(compound: &'a [u8]) -> Self {
        Self(compound)
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let ([first, kind, l0, l1], after) = self.0.split_first_chunk::<4>()?;
        let words = usize::from(u16::from_be_bytes([*l0, *l1]));
        if first >> 6 != 2 {
            self.0 = &[];
            return None;
        }
        let Some((body, rest)) = after.split_at_checked(4 * words) else {
            self.0 = &[];
            return None;
        };
        self.0 = rest;
        let count = first & 0x1f;
        Some(read(*kind, count, body).unwrap_or(Block::Other))
    }
}

fn read(kind: u8, count: u8, body: &[u8]) -> Option<Block<'_>> {
    Some(match kind {
        SENDER_REPORT => {
            let (ssrc, rest) = word(body)?;
            let (info, rest) = rest.split_first_chunk::<20>()?;
            let [_, _, n0, n1, n2, n3, ..] = *info;
            let ntp_middle = u32::from_be_bytes([n0, n1, n2, n3]);
            Block::SenderReport { ssrc, ntp_middle, reports: first_of(rest.as_chunks().0, count) }
        }
        RECEIVER_REPORT => {
            let (_, rest) = word(body)?;
            Block::ReceiverReport { reports: first_of(rest.as_chunks().0, count) }
        }
        TRANSPORT_FEEDBACK if count == GENERIC_NACK => {
            let (_, rest) = word(body)?;
            let (media, rest) = word(rest)?;
            Block::Nack { media, nacks: rest.as_chunks().0 }
        }
        BYE => Block::Bye,
        _ => Block::Other,
    })
}

fn word(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*word), rest))
}

fn first_of(reports: &[[u8; 24]], count: u8) -> &[[u8; 24]] {
    reports.get(..usize::from(count)).unwrap_or(reports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_compound_of_report_and_nack_is_read() {
        let mut bytes = vec![0x81, 201, 0, 7, 0, 0, 0, 9];
        bytes.extend([0, 0, 0, 5, 64, 0, 0, 3, 0, 1, 0, 9]);
        bytes.extend([0; 12]);
        bytes.extend([0x81, 205, 0, 3, 0, 0, 0, 9, 0, 0, 0, 5, 0xff, 0xff, 0, 5]);
        bytes.extend([0x81, 203, 0, 1, 0, 0, 0, 9]);
        let blocks: Vec<_> = Blocks::new(&bytes).collect();
        let [
            Block::ReceiverReport { reports: [report] },
            Block::Nack { media: 5, nacks: [nack] },
            Block::Bye,
        ] = blocks[..]
        else {
            panic!("{blocks:?}")
        };
        assert_eq!(Report::read(report), Report { ssrc: 5, fraction_lost: 64, highest: 0x1_0009 });
        assert_eq!(Nack::read(nack).lost().collect::<Vec<_>>(), [0xffff, 0, 2]);
    }

    #[test]
    fn a_count_beyond_the_packet_is_not_believed() {
        let bytes = [0x9f, 201, 0, 1, 0, 0, 0, 9];
        assert_eq!(Blocks::new(&bytes).collect::<Vec<_>>(), [Block::ReceiverReport { reports: &[] }]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Blocks::new(&bytes).count() <= bytes.len() / 4);
        }

        #[test]
        fn any_body_of_a_known_kind_is_walked(kind in 200u8..208, count in 0u8..32, body in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut bytes = vec![0x80 | count, kind, 0, u8::try_from(body.len() / 4).expect("short")];
            bytes.extend(body);
            for block in Blocks::new(&bytes) {
                if let Block::Nack { nacks, .. } = block {
                    prop_assert!(nacks.iter().all(|nack| Nack::read(nack).lost().count() <= 17));
                }
            }
        }
    }
}
