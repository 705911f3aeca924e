//! When which frame was handed to the kernel, and which of them count: written by whoever speaks, read by whoever
//! listens, on different threads.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::limits::SENT_REMEMBERED;
use crate::speech::Frame;

/// The last frames of each speaker.
pub(crate) struct Sent {
    /// Nanoseconds since 1970, by speaker, then by index counted round.
    at: Vec<[AtomicI64; SENT_REMEMBERED]>,
}

impl Sent {
    pub(crate) fn new(speakers: usize) -> Self {
        Self { at: (0..speakers).map(|_| [const { AtomicI64::new(0) }; SENT_REMEMBERED]).collect() }
    }

    /// Before it is sent, so that nobody hears of a frame that was never written down.
    pub(crate) fn write(&self, frame: Frame, at: i64) {
        if let Some(place) = self.place(frame) {
            place.store(at, Ordering::Release);
        }
    }

    /// Right for frames that are younger than [`SENT_REMEMBERED`] others.
    pub(crate) fn read(&self, frame: Frame) -> Option<i64> {
        self.place(frame).map(|place| place.load(Ordering::Acquire)).filter(|at| *at != 0)
    }

    fn place(&self, frame: Frame) -> Option<&AtomicI64> {
        let ring = self.at.get(usize::try_from(frame.speaker).ok()?)?;
        ring.get(usize::try_from(frame.index).ok()? % SENT_REMEMBERED)
    }
}

/// The moments between which everything counts. Nothing does before it is set.
pub(crate) struct Window {
    from: AtomicI64,
    until: AtomicI64,
}

impl Default for Window {
    fn default() -> Self {
        Self { from: AtomicI64::new(i64::MAX), until: AtomicI64::new(i64::MAX) }
    }
}

impl Window {
    /// Some time before it begins, so that everybody knows it by then.
    pub(crate) fn set(&self, from: i64, until: i64) {
        self.until.store(until, Ordering::Release);
        self.from.store(from, Ordering::Release);
    }

    pub(crate) fn contains(&self, at: i64) -> bool {
        self.from.load(Ordering::Acquire) <= at && at < self.until.load(Ordering::Acquire)
    }
}
