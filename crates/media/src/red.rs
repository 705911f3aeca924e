//! Redundant audio (RFC 2198): packets that carry what was said before them once more.

use crate::limits::RED_BLOCKS;

/// A redundant payload as it came: headers of the earlier blocks, and the bytes of all blocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Red<'a> {
    /// Of the blocks said earlier, the earliest first.
    headers: &'a [[u8; 4]],
    bytes: &'a [u8],
    format: u8,
}

/// One thing said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// 48 kHz ticks before the packet's own timestamp.
    pub(crate) earlier: u32,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Red<'a> {
    /// `None` when the payload is broken, or says something in another format than `format`.
    pub(crate) fn read(payload: &'a [u8], format: u8) -> Option<Self> {
        let (quads, _) = payload.as_chunks::<4>();
        let earlier = quads.iter().take_while(|quad| quad[0] & 0x80 != 0).count();
        let (headers, rest) = (quads.get(..earlier)?, payload.get(4 * earlier..)?);
        let (own, bytes) = rest.split_first()?;
        let lengths: usize = headers.iter().map(length).sum();
        let red = Self { headers, bytes, format };
        (*own == format && lengths <= bytes.len()).then_some(red)
    }

    /// What was said `back` packets before this one; 0 is the packet's own.
    pub(crate) fn block(&self, back: usize) -> Option<Block<'a>> {
        let place = self.headers.len().checked_sub(back)?;
        let start: usize = self.headers.get(..place)?.iter().map(length).sum();
        let Some(header) = self.headers.get(place) else {
            return Some(Block { earlier: 0, bytes: self.bytes.get(start..)? });
        };
        let [first, high, low, _] = *header;
        // Fourteen bits of offset (RFC 2198 section 3).
        let earlier = u32::from(u16::from_be_bytes([high, low]) >> 2);
        let bytes = self.bytes.get(start..start + length(header))?;
        (back <= RED_BLOCKS && first & 0x7f == self.format && earlier > 0).then_some(Block { earlier, bytes })
    }
}

/// Ten bits.
fn length(header: &[u8; 4]) -> usize {
    usize::from(u16::from_be_bytes([header[2] & 0x03, header[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two earlier blocks of three and two bytes, 1920 and 960 ticks before.
    const CHROMIUM: &[u8] = &[0xef, 0x1e, 0x00, 3, 0xef, 0x0f, 0x00, 2, 111, 1, 1, 1, 2, 2, 3, 3, 3, 3];

    #[test]
    fn what_was_said_before_is_found_by_how_long_ago() {
        let red = Red::read(CHROMIUM, 111).expect("redundant");
        assert_eq!(red.block(0), Some(Block { earlier: 0, bytes: &[3; 4] }));
        assert_eq!(red.block(1), Some(Block { earlier: 960, bytes: &[2; 2] }));
        assert_eq!(red.block(2), Some(Block { earlier: 1920, bytes: &[1; 3] }));
        assert_eq!(red.block(3), None);
    }

    #[test]
    fn a_packet_may_carry_nothing_but_its_own() {
        let red = Red::read(&[111, 7, 8], 111).expect("redundant");
        assert_eq!((red.block(0), red.block(1)), (Some(Block { earlier: 0, bytes: &[7, 8] }), None));
    }

    #[test]
    fn broken_payloads_and_other_formats_are_refused() {
        assert!(Red::read(&[], 111).is_none());
        assert!(Red::read(&[110, 7, 8], 111).is_none(), "not Opus");
        assert!(Red::read(&CHROMIUM[..13], 111).is_none(), "longer than it is");
        assert!(Red::read(&[0xef, 0, 0, 0], 111).is_none(), "no end of the headers");
        let mut other = CHROMIUM.to_vec();
        other[4] = 0x80 | 13;
        let red = Red::read(&other, 111).expect("redundant");
        assert_eq!((red.block(1), red.block(2).is_some()), (None, true), "comfort noise of another kind");
    }

    proptest! {
        #[test]
        fn any_bytes_are_redundant_or_are_not(bytes in proptest::collection::vec(any::<u8>(), 0..120), format: u8) {
            if let Some(red) = Red::read(&bytes, format) {
                for back in 0..40 {
                    if let Some(block) = red.block(back) {
                        prop_assert!(block.bytes.len() < bytes.len());
                    }
                }
            }
        }

        #[test]
        fn a_mangled_payload_is_redundant_or_is_not(at in 0..CHROMIUM.len(), byte: u8, cut in 0..CHROMIUM.len()) {
            let mut bytes = CHROMIUM.to_vec();
            bytes[at] = byte;
            bytes.truncate(cut);
            if let Some(red) = Red::read(&bytes, 111) {
                (0..4).for_each(|back| assert!(red.block(back).is_none_or(|block| block.bytes.len() < CHROMIUM.len())));
            }
        }
    }
}
