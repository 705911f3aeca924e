//! The last frames of each slot, in plain text and in memory only, so that a lost packet can be sent again.

use crate::key::Talker;
use crate::limits::LOG_FRAMES;
use crate::packet::{Frame, SLOTS};

/// A ring of frames per slot. Frames are numbered per slot in the order they were sent, from 0, wrapping: a listener's
/// sequence number is this number plus an offset of their own.
///
/// Memory is taken at creation (about 31 KiB per slot), never afterwards.
pub struct RoomLog {
    rings: [Ring; SLOTS],
}

struct Ring {
    frames: Box<[Option<Frame>]>,
    next: u32,
}

impl Default for RoomLog {
    fn default() -> Self {
        Self::new()
    }
}

impl RoomLog {
    pub fn new() -> Self {
        let ring = || Ring { frames: (0..LOG_FRAMES).map(|_| None).collect(), next: 0 };
        Self { rings: std::array::from_fn(|_| ring()) }
    }

    /// Keeps a frame and returns its number. `None`, and nothing kept, when there is no such slot.
    pub fn push(&mut self, frame: Frame) -> Option<u32> {
        let ring = self.rings.get_mut(usize::from(frame.slot))?;
        let number = ring.next;
        ring.frames[place(number)] = Some(frame);
        ring.next = number.wrapping_add(1);
        Some(number)
    }

    /// The number that the next frame of this slot will get.
    pub fn next(&self, slot: u8) -> u32 {
        self.rings.get(usize::from(slot)).map_or(0, |ring| ring.next)
    }

    /// A frame that is still here.
    pub fn get(&self, slot: u8, number: u32) -> Option<&Frame> {
        let ring = self.rings.get(usize::from(slot))?;
        let age = ring.next.wrapping_sub(number);
        if age == 0 || age as usize > LOG_FRAMES {
            return None;
        }
        ring.frames[place(number)].as_ref()
    }

    /// Drops all that this talker said: who was cut off is not heard again, not even as a retransmission.
    pub fn forget(&mut self, talker: Talker) {
        for frame in self.rings.iter_mut().flat_map(|ring| ring.frames.iter_mut()) {
            if frame.as_ref().is_some_and(|frame| frame.talker == talker) {
                *frame = None;
            }
        }
    }
}

fn place(number: u32) -> usize {
    // LOG_FRAMES is a power of two, so that numbers may wrap.
    const { assert!(LOG_FRAMES.is_power_of_two()) };
    number as usize % LOG_FRAMES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Payload;

    fn frame(slot: u8, talker: u32, byte: u8) -> Frame {
        let payload = Payload::new(&[byte; 8]).unwrap();
        Frame {
            slot,
            timestamp: u32::from(byte) * 960,
            marker: false,
            talker: Talker(talker),
            ticks: 960,
            solo: None,
            payload,
        }
    }

    #[test]
    fn a_recent_frame_is_found_and_an_old_one_is_not() {
        let mut log = RoomLog::new();
        let numbers: Vec<u32> = (0..40).map(|i| log.push(frame(1, 7, i)).unwrap()).collect();
        assert_eq!(log.get(1, numbers[39]), Some(&frame(1, 7, 39)));
        assert_eq!(log.get(1, numbers[8]), Some(&frame(1, 7, 8)));
        assert_eq!(log.get(1, numbers[7]), None, "overwritten");
        assert_eq!(log.get(1, 40), None, "not sent yet");
        assert_eq!(log.get(0, numbers[39]), None, "another slot");
        assert_eq!(log.get(9, 0), None, "no such slot");
    }

    #[test]
    fn who_was_cut_off_is_not_sent_again() {
        let mut log = RoomLog::new();
        let ann = log.push(frame(0, 1, 1)).unwrap();
        let ben = log.push(frame(0, 2, 2)).unwrap();
        log.forget(Talker(1));
        assert_eq!(log.get(0, ann), None);
        assert!(log.get(0, ben).is_some());
    }

    #[test]
    fn numbers_wrap() {
        let mut log = RoomLog::new();
        log.rings[0].next = u32::MAX;
        let last = log.push(frame(0, 1, 1)).unwrap();
        let first = log.push(frame(0, 1, 2)).unwrap();
        assert_eq!((last, first, log.next(0)), (u32::MAX, 0, 1));
        assert_eq!(log.get(0, u32::MAX), Some(&frame(0, 1, 1)));
        assert_eq!(log.get(0, 0), Some(&frame(0, 1, 2)));
    }
}
