//! Several slots' frames as the segments of one message (`UDP_SEGMENT`): one trip through the kernel instead of three.
//!
//! All segments must be as long as the first, only the last may be shorter: the longest frame goes first, the shortest
//! last, and the one between is padded (RFC 3550 section 5.1).

use crate::key::Talker;
use crate::limits::{MESSAGE, VOICE_PAYLOAD};
use crate::packet::{Frame, SLOTS};
use crate::rtp::{HEADER, HeaderTemplate, Padding};
use crate::srtp::TAG;

/// Two or three frames of different slots, ready for every listener.
pub(crate) struct Bundle {
    parts: [Part; SLOTS],
    count: usize,
    segment: u16,
}

/// One frame of a bundle.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(crate) slot: usize,
    pub(crate) talker: Talker,
    pub(crate) header: HeaderTemplate,
    payload: [u8; VOICE_PAYLOAD],
    length: usize,
}

impl Bundle {
    /// `None` when the frames cannot share a message: not two or three, too long together, or too uneven for padding.
    pub(crate) fn new<'a>(frames: impl ExactSizeIterator<Item = &'a Frame>) -> Option<Self> {
        let mut sorted = [None; SLOTS];
        let count = frames.len();
        if !(2..=SLOTS).contains(&count) {
            return None;
        }
        sorted.iter_mut().zip(frames).for_each(|(place, frame)| *place = Some(frame));
        sorted.sort_by_key(|frame| std::cmp::Reverse(frame.map(|frame| frame.payload.len())));
        let longest = sorted[0]?.payload.len();
        let segment = HEADER + longest + TAG;
        if segment * count > MESSAGE {
            return None;
        }
        let mut parts = [None; SLOTS];
        for (place, (part, frame)) in parts.iter_mut().zip(sorted.iter().flatten()).enumerate() {
            let length = if place + 1 == count { frame.payload.len() } else { longest };
            *part = Some(Part::new(frame, length)?);
        }
        let [first, second, third] = parts;
        let (first, second) = (first?, second?);
        let parts = [first, second, third.unwrap_or(second)];
        Some(Self { parts, count, segment: u16::try_from(segment).ok()? })
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts[..self.count]
    }

    /// Bytes of every datagram but the last.
    pub(crate) fn segment(&self) -> u16 {
        self.segment
    }
}

impl Part {
    fn new(frame: &Frame, length: usize) -> Option<Self> {
        let mut payload = [0; VOICE_PAYLOAD];
        payload.get_mut(..frame.payload.len())?.copy_from_slice(&frame.payload);
        let missing = u8::try_from(length.checked_sub(frame.payload.len())?).ok()?;
        let padding = if missing == 0 { Padding::None } else { Padding::Padded };
        if padding == Padding::Padded {
            // The last byte says how many there are, itself included.
            *payload.get_mut(length.checked_sub(1)?)? = missing;
        }
        let header = HeaderTemplate::new(frame, padding)?;
        Some(Self { slot: usize::from(frame.slot), talker: frame.talker, header, payload, length })
    }

    #[inline]
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Payload;

    fn frames(lengths: &[usize]) -> Vec<Frame> {
        let frame = |(slot, length): (u8, &usize)| Frame {
            slot,
            timestamp: 0,
            marker: false,
            talker: Talker(1),
            ticks: 960,
            solo: None,
            payload: Payload::new(&vec![slot + 1; *length]).expect("short"),
        };
        (0..).zip(lengths).map(frame).collect()
    }

    #[test]
    fn the_longest_goes_first_and_the_middle_one_is_padded() {
        let bundle = Bundle::new(frames(&[60, 100, 90]).iter()).expect("a bundle");
        assert_eq!(bundle.segment(), 132);
        let parts: Vec<_> = bundle.parts().iter().map(|part| (part.slot, part.payload().len())).collect();
        assert_eq!(parts, [(1, 100), (2, 100), (0, 60)]);
        let middle = bundle.parts()[1].payload();
        assert_eq!((middle[89], middle[90], middle[99]), (3, 0, 10));
    }

    #[test]
    fn two_need_no_padding() {
        let bundle = Bundle::new(frames(&[60, 90]).iter()).expect("a bundle");
        let parts: Vec<_> = bundle.parts().iter().map(|part| (part.slot, part.payload().len())).collect();
        assert_eq!(parts, [(1, 90), (0, 60)]);
    }

    #[test]
    fn what_does_not_fit_together_is_not_put_together() {
        assert!(Bundle::new(frames(&[60]).iter()).is_none());
        assert!(Bundle::new(frames(&[]).iter()).is_none());
        assert!(Bundle::new(frames(&[400, 100, 90]).iter()).is_none(), "300 bytes of padding");
        assert!(Bundle::new(frames(&[900, 890, 880]).iter()).is_none(), "too long for a message");
    }
}
