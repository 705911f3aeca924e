//! What was heard: every packet at every listener, matched to the moment its frame was handed to the kernel.
//!
//! A listener in the sample decrypts what it hears and so says which frame of which speaker stands at which timestamp of
//! which slot ([`Score::teach`]). Everybody in a room hears the same payload under the same timestamp, so what the others
//! saw from outside ([`Score::sight`]) can be matched to it a moment later ([`Score::settle`]).

use std::collections::VecDeque;
use std::sync::Arc;

use protocol::media::SLOTS;

use crate::histogram::Histogram;
use crate::limits::{FRAMES_REMEMBERED, UNMATCHED_PERIOD};
use crate::rtp::Glimpse;
use crate::sent::{Sent, Window};
use crate::speech::{Frame, TICKS};

/// One packet at one listener.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting {
    pub(crate) listener: u32,
    pub(crate) slot: u8,
    pub(crate) glimpse: Glimpse,
    /// Nanoseconds since 1970.
    pub(crate) at: i64,
}

/// What one thread's listeners have heard so far.
pub(crate) struct Score {
    sent: Arc<Sent>,
    window: Arc<Window>,
    rooms: Vec<[Slot; SLOTS]>,
    listeners: Vec<Listener>,
    waiting: VecDeque<Sighting>,
    tally: Tally,
}

/// What stands at which timestamp.
struct Slot {
    lines: [Line; FRAMES_REMEMBERED],
}

#[derive(Clone, Copy)]
struct Line {
    timestamp: u32,
    talker: u32,
    frame: Frame,
}

#[derive(Clone, Copy, Default)]
struct Listener {
    room: u32,
    frames: u32,
    last: [Option<Last>; SLOTS],
}

#[derive(Clone, Copy)]
struct Last {
    frame: Frame,
    frames: u8,
    delay: i64,
    at: i64,
}

/// Sums over all listeners. Only what lies in the window counts.
#[derive(Clone, Default)]
pub(crate) struct Tally {
    /// Datagrams with voice that came within the window.
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    /// Frames, by the moment they were sent.
    pub(crate) frames: u64,
    /// Packets that nobody in the sample could explain.
    pub(crate) unmatched: u64,
    /// Different frames that went out at all.
    pub(crate) forwarded: u64,
    /// Of packets of one frame, and of packets of several: from the moment the first frame was sent.
    pub(crate) delay: Histogram,
    pub(crate) packed_delay: Histogram,
    pub(crate) packed_packets: u64,
    pub(crate) jitter: Histogram,
    pub(crate) longest_gap: u64,
    pub(crate) long_gaps: u64,
}

/// A gap longer than three packets is heard as one.
pub(crate) const LONG_GAP: i64 = 60_000_000;

impl Tally {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.frames += other.frames;
        self.unmatched += other.unmatched;
        self.forwarded += other.forwarded;
        self.delay.merge(&other.delay);
        self.packed_delay.merge(&other.packed_delay);
        self.packed_packets += other.packed_packets;
        self.jitter.merge(&other.jitter);
        self.longest_gap = self.longest_gap.max(other.longest_gap);
        self.long_gaps += other.long_gaps;
    }
}

impl Score {
    pub(crate) fn new(sent: Arc<Sent>, window: Arc<Window>, rooms: usize, listeners: usize) -> Self {
        Self {
            sent,
            window,
            rooms: (0..rooms).map(|_| [(); SLOTS].map(|()| Slot::new())).collect(),
            listeners: vec![Listener::default(); listeners],
            waiting: VecDeque::new(),
            tally: Tally::default(),
        }
    }

    pub(crate) fn place(&mut self, listener: u32, room: u32) {
        if let Some(listener) = self.listeners.get_mut(listener as usize) {
            listener.room = room;
        }
    }

    /// A packet came.
    pub(crate) fn sight(&mut self, sighting: Sighting, bytes: usize) {
        if self.window.contains(sighting.at) {
            self.tally.packets += 1;
            self.tally.bytes += bytes as u64;
        }
        self.waiting.push_back(sighting);
    }

    /// This frame stands at that place.
    pub(crate) fn teach(&mut self, room: u32, slot: usize, timestamp: u32, talker: u32, frame: Frame) {
        let Some(slot) = self.rooms.get_mut(room as usize).and_then(|slots| slots.get_mut(slot)) else {
            return;
        };
        let line = slot.line_mut(timestamp);
        let known = line.timestamp == timestamp && line.frame == frame;
        *line = Line { timestamp, talker, frame };
        if !known && self.sent.read(frame).is_some_and(|at| self.window.contains(at)) {
            self.tally.forwarded += 1;
        }
    }

    /// How many sightings wait; those can be settled once everything that came with them has been looked at.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Matches the oldest `count` sightings. Those that nobody can explain yet wait on, for a while.
    pub(crate) fn settle(&mut self, count: usize, now: i64) {
        for _ in 0..count {
            let Some(sighting) = self.waiting.pop_front() else { return };
            let waited = now - sighting.at;
            // The sample may have missed what others got.
            let by = if waited < UNEXPLAINED { Explained::ByTheSample } else { Explained::ByItsNeighbours };
            if self.settle_one(&sighting, by) {
                continue;
            }
            if waited < GIVEN_UP {
                self.waiting.push_back(sighting);
            } else if self.window.contains(sighting.at) {
                self.tally.unmatched += 1;
            }
        }
    }

    /// Whether there is nothing more to say about it.
    fn settle_one(&mut self, sighting: &Sighting, by: Explained) -> bool {
        let Some(listener) = self.listeners.get_mut(sighting.listener as usize) else { return true };
        let Some(slots) = self.rooms.get(listener.room as usize) else { return true };
        let place = usize::from(sighting.slot);
        let (Some(slot), Some(last)) = (slots.get(place), listener.last.get_mut(place)) else { return true };
        let glimpse = sighting.glimpse;
        let find = |timestamp| slot.find(timestamp, glimpse.talker, by);
        let Some(first) = find(glimpse.timestamp) else { return false };
        if glimpse.timestamps().any(|timestamp| find(timestamp).is_none()) {
            return false;
        }
        for frame in glimpse.timestamps().filter_map(find) {
            if self.sent.read(frame).is_some_and(|sent| self.window.contains(sent)) {
                listener.frames += 1;
                self.tally.frames += 1;
            }
        }
        let Some(sent) = self.sent.read(first) else { return true };
        let now = Last { frame: first, frames: glimpse.frames, delay: sighting.at - sent, at: sighting.at };
        let before = last.replace(now);
        if self.window.contains(sent) {
            self.tally.time(now, before);
        }
        true
    }

    /// What was counted, and the frames of each listener. Nobody will explain anything any more.
    pub(crate) fn finish(mut self, now: i64) -> (Tally, Vec<u32>) {
        self.settle(self.waiting.len(), now + GIVEN_UP);
        (self.tally, self.listeners.iter().map(|listener| listener.frames).collect())
    }
}

impl Tally {
    fn time(&mut self, now: Last, before: Option<Last>) {
        // Two clocks of one machine are one clock; a negative delay would be a mistake, and shows as zero.
        let delay = u64::try_from(now.delay).unwrap_or(0);
        if now.frames > 1 {
            self.packed_packets += 1;
            self.packed_delay.add(delay);
        } else {
            self.delay.add(delay);
        }
        let Some(before) = before.filter(|before| before.frame.speaker == now.frame.speaker) else { return };
        if before.frames == now.frames && before.frame.index + u32::from(before.frames) == now.frame.index {
            self.jitter.add((now.delay - before.delay).unsigned_abs());
        }
        let gap = now.at - before.at;
        self.longest_gap = self.longest_gap.max(u64::try_from(gap).unwrap_or(0));
        self.long_gaps += u64::from(gap > LONG_GAP);
    }
}

impl Slot {
    fn new() -> Self {
        let nobody = Frame { speaker: NOBODY, index: 0 };
        Self { lines: [Line { timestamp: 0, talker: 0, frame: nobody }; FRAMES_REMEMBERED] }
    }

    fn line_mut(&mut self, timestamp: u32) -> &mut Line {
        &mut self.lines[place(timestamp)]
    }

    fn find(&self, timestamp: u32, talker: u32, by: Explained) -> Option<Frame> {
        let known = self.line(timestamp, talker);
        match by {
            Explained::ByTheSample => known,
            // A talker's frames stand one behind the other.
            Explained::ByItsNeighbours => known.or_else(|| {
                (1..=NEIGHBOURS).find_map(|steps| {
                    let frame = self.line(timestamp.wrapping_sub(steps * TICKS), talker)?;
                    Some(Frame { index: frame.index + steps, ..frame })
                })
            }),
        }
    }

    fn line(&self, timestamp: u32, talker: u32) -> Option<Frame> {
        let line = &self.lines[place(timestamp)];
        let fits = line.timestamp == timestamp && line.talker == talker && line.frame.speaker != NOBODY;
        fits.then_some(line.frame)
    }
}

#[derive(Clone, Copy)]
enum Explained {
    ByTheSample,
    ByItsNeighbours,
}

fn place(timestamp: u32) -> usize {
    (timestamp / TICKS) as usize % FRAMES_REMEMBERED
}

const NOBODY: u32 = u32::MAX;
/// A second.
const NEIGHBOURS: u32 = 50;
/// Nanoseconds, as all moments here.
#[expect(clippy::cast_possible_truncation, reason = "under a second")]
const GIVEN_UP: i64 = UNMATCHED_PERIOD.as_nanos() as i64;
/// After this nobody in the sample will still say it.
const UNEXPLAINED: i64 = GIVEN_UP / 4;

#[cfg(test)]
mod tests;
