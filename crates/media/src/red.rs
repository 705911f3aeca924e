//! Redundant audio (RFC 2198): packets that carry what was said before them once more.

use crate::limits::{COMFORT_NOISE_BYTES, RED_BLOCKS};
use crate::packet::{Frame, Payload, SLOTS};

/// What blocks are called in packets of ours. The format stands in the payload, which is the same for all listeners: those
/// whose Opus has another number get single frames. It is the number in every browser that offers redundancy.
pub(crate) const OPUS: u8 = 111;

/// A redundant payload as it came: headers of the earlier blocks, and the bytes of all blocks.
#[derive(Debug, Clone, Copy)]
pub struct Red<'a> {
    /// Of the blocks said earlier, the earliest first.
    headers: &'a [[u8; 4]],
    bytes: &'a [u8],
    format: u8,
}

/// One thing said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block<'a> {
    /// 48 kHz ticks before the packet's own timestamp.
    pub earlier: u32,
    pub bytes: &'a [u8],
}

impl<'a> Red<'a> {
    /// `None` when the payload is broken, or says something in another format than `format`.
    pub fn read(payload: &'a [u8], format: u8) -> Option<Self> {
        let (quads, _) = payload.as_chunks::<4>();
        let earlier = quads.iter().take_while(|quad| quad[0] & 0x80 != 0).count();
        let (headers, rest) = (quads.get(..earlier)?, payload.get(4 * earlier..)?);
        let (own, bytes) = rest.split_first()?;
        let lengths: usize = headers.iter().map(length).sum();
        let red = Self { headers, bytes, format };
        (*own == format && lengths <= bytes.len()).then_some(red)
    }

    /// What was said `back` packets before this one; 0 is the packet's own.
    pub fn block(&self, back: usize) -> Option<Block<'a>> {
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

/// What listeners of the redundant class are sent: every frame, and the one before it once more. Built once for all of
/// them.
#[derive(Default)]
pub(crate) struct Redundancy {
    /// The last frame of each slot.
    before: [Option<Frame>; SLOTS],
}

impl Redundancy {
    /// The frame with what was said before it. Nothing is repeated at the beginning of a spurt, of another talker, of
    /// comfort noise, and where it does not fit; `None` when not even the frame does.
    pub(crate) fn with_before(&mut self, frame: &Frame) -> Option<Frame> {
        let before = self.before.get_mut(usize::from(frame.slot))?;
        let earlier = before.replace(frame.clone()).filter(|before| belongs(before, frame));
        let payload = earlier.and_then(|earlier| {
            let ticks = frame.timestamp.wrapping_sub(earlier.timestamp);
            Payload::written(|out| write(Some((ticks, &earlier.payload)), &frame.payload, out))
        });
        let payload = payload.or_else(|| Payload::written(|out| write(None, &frame.payload, out)))?;
        Some(Frame { payload, ..frame.clone() })
    }
}

/// Whether a listener may be told of it once more: the same talker, in one breath with what follows, and worth a byte.
fn belongs(before: &Frame, frame: &Frame) -> bool {
    before.talker == frame.talker && !frame.marker && before.payload.len() > COMFORT_NOISE_BYTES
}

/// RFC 2198 section 3. `None` when an offset has more than 14 bits, a length more than 10, or all of it too many.
fn write(earlier: Option<(u32, &[u8])>, own: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut length = 0;
    let mut put = |bytes: &[u8]| {
        out.get_mut(length..length + bytes.len())?.copy_from_slice(bytes);
        length += bytes.len();
        Some(())
    };
    if let Some((ticks, bytes)) = earlier {
        let ticks = u16::try_from(ticks).ok().filter(|ticks| (1..1 << 14).contains(ticks))?;
        let count = u16::try_from(bytes.len()).ok().filter(|count| *count < 1 << 10)?;
        let [_, a, b, c] = (u32::from(ticks) << 10 | u32::from(count)).to_be_bytes();
        put(&[0x80 | OPUS, a, b, c])?;
        put(&[OPUS])?;
        put(bytes)?;
    } else {
        put(&[OPUS])?;
    }
    put(own)?;
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Talker;
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

    macro_rules! payloads {
        ($($name:literal),* $(,)?) => {
            [$(($name, include_bytes!(concat!("../corpus/red/", $name, ".bin")).as_slice())),*]
        };
    }

    /// Opened payloads of a real browser.
    const BROWSERS: [(&str, &[u8]); 7] = payloads![
        "chromium-156-after-a-pause",
        "chromium-156-first",
        "chromium-156-silence",
        "chromium-156-silence-alone",
        "chromium-156-silence-of-a-byte",
        "chromium-156-spoken",
        "chromium-156-spoken-later",
    ];

    #[test]
    fn a_browsers_payload_says_what_was_said_and_what_was_said_before_it() {
        // How long ago, and how many bytes; the packet's own first.
        let said: [&[(u32, usize)]; 7] = [
            &[(0, 1), (1920, 3)],
            &[(0, 94)],
            &[(0, 3), (960, 3)],
            &[(0, 3)],
            &[(0, 1)],
            &[(0, 85), (960, 94)],
            &[(0, 111), (960, 140)],
        ];
        for ((name, payload), said) in BROWSERS.into_iter().zip(said) {
            let red = Red::read(payload, 111).expect(name);
            let blocks: Vec<_> = (0..=RED_BLOCKS).map_while(|back| red.block(back)).collect();
            let lengths: Vec<_> = blocks.iter().map(|block| (block.earlier, block.bytes.len())).collect();
            assert_eq!(lengths, said, "{name}");
            for block in blocks {
                assert!(crate::pack::opus::Frames::parse(block.bytes).is_some(), "{name}");
            }
        }
    }

    /// A frame of 20 ms and so many bytes.
    fn frame(number: u32, bytes: usize) -> Frame {
        let byte = u8::try_from(number % 251).expect("small");
        Frame {
            slot: 1,
            timestamp: number.wrapping_mul(960),
            marker: false,
            talker: Talker(7),
            ticks: 960,
            solo: None,
            payload: Payload::new(&vec![byte; bytes]).expect("short"),
        }
    }

    /// What a packet says, and what it repeats of how long ago.
    type Sent = (Vec<u8>, Option<(u32, Vec<u8>)>);

    fn sent(frames: &[Frame]) -> Vec<Sent> {
        let mut redundancy = Redundancy::default();
        frames
            .iter()
            .map(|frame| {
                let sent = redundancy.with_before(frame).expect("fits");
                assert_eq!(
                    (sent.slot, sent.timestamp, sent.marker),
                    (frame.slot, frame.timestamp, frame.marker)
                );
                let red = Red::read(&sent.payload, OPUS).expect("redundant");
                let before = red.block(1).map(|block| (block.earlier, block.bytes.to_vec()));
                (red.block(0).expect("its own").bytes.to_vec(), before)
            })
            .collect()
    }

    #[test]
    fn every_packet_repeats_the_frame_before_it() {
        let frames: Vec<_> = (0..4).map(|number| frame(number, 80)).collect();
        let sent = sent(&frames);
        assert_eq!(sent[0], (vec![0; 80], None));
        for (byte, sent) in (0..).zip(&sent).skip(1) {
            assert_eq!(sent, &(vec![byte; 80], Some((960, vec![byte - 1; 80]))));
        }
    }

    #[test]
    fn where_a_frame_never_came_the_one_before_it_is_repeated() {
        assert_eq!(sent(&[frame(0, 80), frame(2, 80)])[1].1, Some((1920, vec![0; 80])));
    }

    #[test]
    fn nothing_is_repeated_of_another_talker_another_spurt_or_comfort_noise() {
        let repeats = |frames: [Frame; 2]| sent(&frames)[1].1.is_some();
        assert!(repeats([frame(0, 80), frame(1, 80)]));
        assert!(!repeats([frame(0, 80), Frame { talker: Talker(8), ..frame(1, 80) }]));
        assert!(!repeats([frame(0, 80), Frame { marker: true, ..frame(30, 80) }]));
        assert!(!repeats([frame(0, COMFORT_NOISE_BYTES), frame(1, 80)]));
        assert!(repeats([frame(0, 80), frame(1, COMFORT_NOISE_BYTES)]), "the end of a word may be lost too");
        assert!(!repeats([frame(0, 80), frame(18, 80)]), "longer ago than 14 bits can say");
        assert!(!repeats([frame(1, 80), frame(0, 80)]), "never from the future");
    }

    #[test]
    fn what_is_too_long_together_goes_alone_and_slots_do_not_mix() {
        assert_eq!(sent(&[frame(0, 600), frame(1, 600)])[1], (vec![1; 600], None));
        let mut redundancy = Redundancy::default();
        redundancy.with_before(&frame(0, 80));
        let other = redundancy.with_before(&Frame { slot: 2, ..frame(1, 80) }).expect("fits");
        assert!(Red::read(&other.payload, OPUS).expect("redundant").block(1).is_none());
        assert!(redundancy.with_before(&frame(2, crate::limits::VOICE_PAYLOAD)).is_none());
    }

    proptest! {
        #[test]
        fn whatever_is_said_can_be_read_again(
            steps in proptest::collection::vec((0u32..40, 0usize..950, any::<bool>(), 0u32..3), 1..60)
        ) {
            let mut redundancy = Redundancy::default();
            let mut number = 0;
            let mut said: Vec<Frame> = Vec::new();
            for (gap, bytes, marker, talker) in steps {
                number += gap;
                let frame = Frame { marker, talker: Talker(talker), ..frame(number, bytes) };
                let sent = redundancy.with_before(&frame).expect("fits");
                prop_assert!(sent.payload.len() <= crate::limits::VOICE_PAYLOAD);
                let red = Red::read(&sent.payload, OPUS).expect("redundant");
                prop_assert_eq!(red.block(0).expect("its own").bytes, frame.payload.as_bytes());
                prop_assert!(red.block(2).is_none());
                if let Some(block) = red.block(1) {
                    let before = said.last().expect("something before");
                    prop_assert_eq!(block.bytes, before.payload.as_bytes());
                    prop_assert_eq!(frame.timestamp.wrapping_sub(block.earlier), before.timestamp);
                    prop_assert_eq!(before.talker, frame.talker);
                }
                said.push(frame);
            }
        }

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
        fn a_mangled_payload_of_a_browser_is_redundant_or_is_not(
            which in 0..BROWSERS.len(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            cut in 0usize..100,
        ) {
            let mut mangled = BROWSERS[which].1.to_vec();
            for (at, byte) in changes {
                // Three headers: behind them nothing is read.
                let at = at.index(mangled.len().min(12));
                mangled[at] = byte;
            }
            mangled.truncate(mangled.len().saturating_sub(cut));
            if let Some(red) = Red::read(&mangled, 111) {
                prop_assert!(red.block(0).is_some(), "its own");
                let bytes: usize = (0..=RED_BLOCKS).filter_map(|back| red.block(back)).map(|block| block.bytes.len()).sum();
                prop_assert!(bytes < mangled.len());
            }
        }
    }
}
