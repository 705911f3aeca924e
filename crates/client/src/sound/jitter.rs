//! The packets of one slot, put into order and held back for as long as the network is uneven.
//!
//! Time is counted in what is pulled: nothing here reads a clock. What is held back grows when packets come late and
//! shrinks when they no longer do.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use super::FRAME_TICKS;
use crate::limits::{
    CONCEAL_FRAMES_MAX, HELD_BACK_MAX, HELD_BACK_MIN, JITTER_CALM_FRAMES, JITTER_PACKETS_MAX,
};

/// One packet of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Voice {
    /// In ticks of the RTP clock.
    pub(super) timestamp: u32,
    /// How long it lasts.
    pub(super) ticks: u32,
    /// A `ParticipantId`.
    pub(super) talker: Option<u32>,
    pub(super) payload: Arc<[u8]>,
}

/// What is played next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Voice(Voice),
    /// A packet of so many ticks did not come. `after` is the one right after it, if that is there.
    Missing {
        ticks: u32,
        after: Option<Arc<[u8]>>,
    },
    /// Nobody speaks.
    Silence,
}

/// Whether more is held back than is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Surplus {
    None,
    /// A frame that nobody would miss can be left out.
    Some,
    /// So much that it is worth a click.
    Much,
}

#[derive(Debug)]
pub(super) struct Jitter {
    /// In order, none twice.
    waiting: VecDeque<Voice>,
    state: State,
    /// Ticks that are to be held back.
    depth: u32,
    /// Frames pulled since a packet came too late.
    calm: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Until enough has come, or this many ticks have passed since something came.
    Filling { waited: u32 },
    Playing {
        /// The timestamp that is due.
        due: u32,
        /// The end of the last packet that was played.
        heard: u32,
        /// Frames in a row that were made up with nothing after them.
        made_up: u32,
    },
}

impl Jitter {
    pub(super) fn new() -> Self {
        Self {
            waiting: VecDeque::new(),
            state: State::Filling { waited: 0 },
            depth: HELD_BACK_MIN + FRAME_TICKS,
            calm: 0,
        }
    }

    /// A packet that came, in any order.
    pub(super) fn push(&mut self, voice: Voice) {
        if let State::Playing { due, heard, .. } = &mut self.state
            && ahead(voice.timestamp, *due) < 0
        {
            // Its moment has passed. If nothing else is there, everything is late from now on: it is played after all,
            // and whatever comes after it waits as long.
            self.calm = 0;
            self.depth = (self.depth + FRAME_TICKS).min(HELD_BACK_MAX);
            if !self.waiting.is_empty() || ahead(voice.timestamp, *heard) < 0 {
                return;
            }
            *due = voice.timestamp;
        }
        let place = self.waiting.partition_point(|other| ahead(other.timestamp, voice.timestamp) < 0);
        if self.waiting.get(place).is_some_and(|other| other.timestamp == voice.timestamp) {
            return;
        }
        self.waiting.insert(place, voice);
        if self.waiting.len() > JITTER_PACKETS_MAX {
            self.waiting.pop_front();
        }
    }

    /// To be called whenever 20 ms more are wanted.
    pub(super) fn pull(&mut self) -> Next {
        self.calm = self.calm.saturating_add(1);
        if self.calm.is_multiple_of(JITTER_CALM_FRAMES) {
            self.depth = self.depth.saturating_sub(FRAME_TICKS).max(HELD_BACK_MIN);
        }
        if let State::Playing { due, heard, made_up } = self.state {
            let Some(front) = self.waiting.front() else { return self.run_dry(due, heard, made_up) };
            let gap = ahead(front.timestamp, due);
            if gap > 0 {
                return self.missing(due, heard, gap.unsigned_abs());
            }
        } else if !self.is_filled() {
            return Next::Silence;
        }
        let Some(voice) = self.waiting.pop_front() else { return Next::Silence };
        let end = voice.timestamp.wrapping_add(voice.ticks);
        self.state = State::Playing { due: end, heard: end, made_up: 0 };
        Next::Voice(voice)
    }

    pub(super) fn surplus(&self) -> Surplus {
        match self.held_back().checked_sub(self.depth) {
            Some(more) if more > HELD_BACK_MAX => Surplus::Much,
            Some(more) if more > FRAME_TICKS => Surplus::Some,
            _ => Surplus::None,
        }
    }

    /// From the first that waits to the end of the last.
    fn held_back(&self) -> u32 {
        match (self.waiting.front(), self.waiting.back()) {
            (Some(first), Some(last)) => {
                last.timestamp.wrapping_add(last.ticks).wrapping_sub(first.timestamp)
            }
            _ => 0,
        }
    }

    /// Whether enough is there to begin, or has waited long enough.
    fn is_filled(&mut self) -> bool {
        let State::Filling { waited } = &mut self.state else { return true };
        if self.waiting.is_empty() {
            return false;
        }
        let before = *waited;
        *waited += FRAME_TICKS;
        before >= self.depth || self.held_back() >= self.depth
    }

    /// The one that is due is not there, but a later one is.
    fn missing(&mut self, due: u32, heard: u32, gap: u32) -> Next {
        if gap > FRAME_TICKS * CONCEAL_FRAMES_MAX {
            // That was no loss: somebody paused, and begins again.
            self.state = State::Filling { waited: 0 };
            return Next::Silence;
        }
        let ticks = gap.min(FRAME_TICKS);
        let after =
            self.waiting.front().filter(|_| gap <= FRAME_TICKS).map(|voice| Arc::clone(&voice.payload));
        self.state = State::Playing { due: due.wrapping_add(ticks), heard, made_up: 0 };
        Next::Missing { ticks, after }
    }

    /// Nothing is there at all: somebody stopped, or everything is late.
    fn run_dry(&mut self, due: u32, heard: u32, made_up: u32) -> Next {
        if made_up == CONCEAL_FRAMES_MAX {
            self.state = State::Filling { waited: 0 };
            return Next::Silence;
        }
        self.state = State::Playing { due: due.wrapping_add(FRAME_TICKS), heard, made_up: made_up + 1 };
        Next::Missing { ticks: FRAME_TICKS, after: None }
    }
}

/// How far `a` is after `b`, on a clock that wraps (RFC 1982).
fn ahead(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b).cast_signed()
}
