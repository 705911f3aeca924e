//! How one person speaks: 20 ms, every 20 ms.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use client::peer::{Level, Spurt, Voice};

use super::{Crowd, Seat, nanoseconds};
use crate::speech::{Frame, TICKS};
use crate::sys::wall;
use crate::wires::Wires;

const PERIOD: Duration = Duration::from_millis(20);
/// Speakers of one room begin so far apart: no two people speak in step.
const STAGGER: Duration = Duration::from_millis(3);
/// Clear speech.
const LEVEL: Level = Level(20);

pub(super) struct Mouth {
    seat: u32,
    speaker: u32,
    next: Instant,
    index: u32,
    /// Given to the connection, and not sent by it yet: the next index that leaves.
    leaving: VecDeque<u32>,
}

impl Mouth {
    pub(super) fn new(seat: u32, speaker: u32) -> Self {
        Self { seat, speaker, next: Instant::now(), index: 0, leaving: VecDeque::new() }
    }
}

impl Crowd {
    pub(super) fn begin(&mut self) {
        let now = Instant::now();
        // Thousands of rooms spread over the 20 ms.
        let count = u32::try_from(self.mouths.len()).unwrap_or(u32::MAX).max(1);
        let apart = (PERIOD / count).min(STAGGER);
        for (n, mouth) in (0u32..).zip(&mut self.mouths) {
            mouth.next = now + apart * n;
            self.speech.ask(n, mouth.next);
        }
    }

    /// Everybody whose moment has come says their next 20 ms.
    pub(super) fn speak(&mut self, wires: &Wires) {
        while let Some(i) = self.speech.pop(Instant::now()) {
            let now = Instant::now();
            let Some(mouth) = self.mouths.get_mut(i as usize) else { return };
            let Some(Some(Seat { peer, .. })) = self.seats.get_mut(mouth.seat as usize) else { continue };
            if self.window.contains(wall()) {
                self.lateness.add(nanoseconds(now - mouth.next));
            }
            mouth.next += PERIOD;
            self.speech.ask(i, mouth.next);
            if !peer.is_connected() {
                continue;
            }
            let frame = Frame { speaker: mouth.speaker, index: mouth.index };
            mouth.index += 1;
            mouth.leaving.push_back(frame.index);
            let seat = mouth.seat;
            let spurt = if frame.index == 0 { Spurt::Begins } else { Spurt::GoesOn };
            let timestamp = frame.index.wrapping_mul(TICKS);
            peer.send_voice(now, Voice { payload: &frame.packet(), timestamp, level: LEVEL, spurt });
            peer.handle_timeout(now);
            self.turn(wires, seat, now);
        }
    }

    /// A voice packet of somebody leaves now.
    pub(super) fn says(&mut self, seat: u32) {
        let mouth = self.mouth_of.get(seat as usize).copied().flatten();
        let Some(mouth) = mouth.and_then(|mouth| self.mouths.get_mut(mouth as usize)) else { return };
        let Some(index) = mouth.leaving.pop_front() else { return };
        let frame = Frame { speaker: mouth.speaker, index };
        let at = wall();
        self.sent.write(frame, at);
        if self.window.contains(at)
            && let Some(said) = self.said.get_mut(frame.speaker as usize)
        {
            *said += 1;
        }
    }
}
