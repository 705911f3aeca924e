//! Several frames in one packet: half or a third of the packets that the audience of a large room costs.
//!
//! Nothing is decoded. [`Form::join`] is the only place that knows how frames lie in a payload; what it makes is an
//! ordinary payload again. (A `bundle` is something else: several packets in one message to the kernel.)

pub mod opus;
pub mod sealed;

use std::time::Instant;

use crate::limits::{COMFORT_NOISE_BYTES, FRAME_TICKS};
use crate::packet::{Frame, Payload};

/// How the payloads of a channel hold their frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Clear rooms: each payload is an Opus packet of one or more frames (RFC 6716 section 3.2).
    #[default]
    Opus,
    /// End-to-end encrypted rooms: each payload is one or more frames behind their lengths, for the listener's own code
    /// to take apart. What is in a frame, nobody here can tell.
    Sealed,
}

/// How many ordinary frames the audience gets in one packet, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Packing {
    #[default]
    One,
    Two,
    Three,
}

impl Packing {
    /// 48 kHz ticks of a full packet; 0 when every frame goes alone, however short it is.
    pub(crate) const fn span(self) -> u32 {
        match self {
            Self::One => 0,
            Self::Two => 2 * FRAME_TICKS,
            Self::Three => 3 * FRAME_TICKS,
        }
    }

    /// Ordinary frames in a packet.
    pub const fn frames(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }
}

impl Form {
    /// What a talker's payload is for listeners. `None` when it is too long for that.
    pub fn begin(self, frame: &[u8]) -> Option<Payload> {
        match self {
            Self::Opus => Payload::new(frame).ok(),
            Self::Sealed => Payload::written(|out| sealed::write(frame, out)),
        }
    }

    /// The frames of `first` and behind them those of `next`, as one payload. `None` when they cannot be one: then
    /// `first` is complete, and `next` begins anew.
    pub fn join(self, first: &[u8], next: &[u8]) -> Option<Payload> {
        match self {
            Self::Opus => Payload::written(|out| opus::join(first, next, out)),
            Self::Sealed => Payload::written(|out| sealed::join(first, next, out)),
        }
    }

    /// 48 kHz ticks that a frame lasts. A sealed one does not say, so its talker's timestamps count.
    fn ticks(self, frame: &Frame) -> Option<u32> {
        match self {
            Self::Opus => opus::ticks(&frame.payload),
            Self::Sealed => Some(frame.ticks),
        }
    }
}

/// A packet that others of its slot may still join, and when it has to leave.
#[derive(Debug)]
pub(crate) struct Pack {
    /// Header fields of its first frame, payload of all.
    pub(crate) frame: Frame,
    pub(crate) due: Instant,
    /// 48 kHz ticks of all frames, and of the last one; `None` when nothing may follow.
    ticks: Option<(u32, u32)>,
}

impl Pack {
    pub(crate) fn new(form: Form, frame: &Frame, due: Instant) -> Self {
        // Comfort noise and what is no packet at all go alone.
        let ticks = form.ticks(frame).filter(|_| frame.payload.len() > COMFORT_NOISE_BYTES);
        Self { frame: frame.clone(), due, ticks: ticks.map(|ticks| (ticks, ticks)) }
    }

    /// Takes a frame in that follows without a gap: the same talker, the same spurt, the same format. `false` when it
    /// does not belong here.
    pub(crate) fn push(&mut self, form: Form, frame: &Frame) -> bool {
        let (Some((all, _)), Some(ticks)) = (self.ticks, form.ticks(frame)) else { return false };
        let follows = frame.timestamp == self.frame.timestamp.wrapping_add(all)
            && frame.talker == self.frame.talker
            && !frame.marker
            && frame.payload.len() > COMFORT_NOISE_BYTES;
        let joined = if follows { form.join(&self.frame.payload, &frame.payload) } else { None };
        let Some(payload) = joined else { return false };
        self.frame.payload = payload;
        self.ticks = Some((all + ticks, ticks));
        true
    }

    /// Another frame like the last one would make it longer than `span`, or nothing may follow.
    pub(crate) fn is_full(&self, span: u32) -> bool {
        self.ticks.is_none_or(|(all, last)| all + last > span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Talker;

    const LONG: usize = 40;

    /// The `i`th of somebody, 20 ms.
    fn frame(i: u32) -> Frame {
        let payload = Payload::new(&[0x78; LONG]).expect("short");
        Frame {
            slot: 0,
            timestamp: i * FRAME_TICKS,
            marker: false,
            talker: Talker(1),
            ticks: FRAME_TICKS,
            solo: None,
            payload,
        }
    }

    fn pack(form: Form, frame: &Frame) -> Pack {
        Pack::new(form, frame, Instant::now())
    }

    #[test]
    fn a_packet_keeps_the_beginning_of_its_first_frame_and_is_full_when_no_more_fits() {
        let mut pack = pack(Form::Opus, &Frame { marker: true, ..frame(5) });
        assert!(!pack.is_full(Packing::Two.span()) && pack.is_full(Packing::One.span()));
        assert!(pack.push(Form::Opus, &frame(6)));
        assert!(pack.is_full(Packing::Two.span()) && !pack.is_full(Packing::Three.span()));
        assert!(pack.push(Form::Opus, &frame(7)));
        assert!(pack.is_full(Packing::Three.span()));
        assert_eq!((pack.frame.timestamp, pack.frame.marker), (5 * FRAME_TICKS, true));
    }

    #[test]
    fn what_does_not_follow_begins_a_packet_of_its_own() {
        let next = frame(1);
        let comfort = Payload::new(&[0x78, 0, 0]).expect("short");
        let narrow = Payload::new(&[0x08; LONG]).expect("short");
        for (odd, why) in [
            (Frame { marker: true, ..next.clone() }, "a new spurt"),
            (Frame { talker: Talker(2), ..next.clone() }, "another talker"),
            (Frame { payload: comfort, ..next.clone() }, "comfort noise"),
            (Frame { payload: narrow, ..next.clone() }, "another format"),
            (frame(2), "one is lost"),
            (frame(0), "no time has passed"),
        ] {
            let mut pack = pack(Form::Opus, &frame(0));
            assert!(!pack.push(Form::Opus, &odd), "{why}");
            assert!(pack.push(Form::Opus, &next), "{why}");
        }
    }

    #[test]
    fn comfort_noise_and_what_is_no_opus_wait_for_nobody() {
        for payload in [&[0x78, 0, 0][..], &[0x7b, 0, 1, 2, 3, 4]] {
            let odd = Frame { payload: Payload::new(payload).expect("short"), ..frame(0) };
            let mut pack = pack(Form::Opus, &odd);
            assert!(pack.is_full(Packing::Three.span()));
            assert!(!pack.push(Form::Opus, &frame(1)));
        }
    }

    #[test]
    fn sealed_frames_are_as_long_as_their_talkers_timestamps_say() {
        let sealed = |i: u32| Frame { payload: Form::Sealed.begin(&[9; LONG]).expect("short"), ..frame(i) };
        let mut pack = pack(Form::Sealed, &sealed(0));
        assert!(!pack.push(Form::Sealed, &sealed(2)));
        assert!(pack.push(Form::Sealed, &sealed(1)));
        let frames: Vec<_> = sealed::split(&pack.frame.payload).collect();
        assert_eq!(frames, [[9; LONG]; 2]);
    }

    #[test]
    fn more_than_a_payload_holds_is_two_packets() {
        let large = Payload::new(&[0x78; 600]).expect("short");
        let mut pack = pack(Form::Opus, &Frame { payload: large, ..frame(0) });
        assert!(!pack.push(Form::Opus, &Frame { payload: large, ..frame(1) }));
    }
}
