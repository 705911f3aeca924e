//! At once or together? With one talker every frame is sent the moment it comes. With several, and many listeners, the
//! frames of one 20 ms phase wait for each other and leave as one message per listener. Where the audience gets several
//! frames in one packet, they wait for these first.

use std::time::{Duration, Instant};

use crate::limits::{PHASE, PHASE_ROWS, SLOT_ACTIVE};
use crate::pace::Pace;
use crate::pack::{Form, Pack, Packing};
use crate::packet::{Frame, SLOTS};

/// Whether the socket can send segments, which is what makes phases worth their wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pacing {
    #[default]
    AtOnce,
    Phases,
}

/// The frames of one class that wait on this shard.
#[derive(Default)]
pub(crate) struct Phase {
    /// At most one packet of each slot.
    waiting: Vec<Pack>,
    meeting: Meeting,
    pace: Pace,
    active: [Option<Instant>; SLOTS],
}

/// Whether packets of different slots wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Meeting {
    #[default]
    Apart,
    Together,
}

/// What to do with a frame that has just come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    SendAtOnce,
    /// It is not for the packets that wait: send those, then ask again.
    SendFirst(Which),
    /// It waits, as the first of a packet: at this moment at the latest all have to go.
    Begin(Instant),
    /// It waits with others.
    Wait,
    /// It was the last one that was waited for: send these.
    Complete(Which),
}

/// Which of the waiting packets leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    Slot(u8),
}

impl Phase {
    /// Takes the frame in, unless it is to be sent at once or after those that wait.
    pub(crate) fn handle_frame(
        &mut self,
        now: Instant,
        pacing: Pacing,
        form: Form,
        rows: usize,
        frame: &Frame,
    ) -> Decision {
        let Some(active) = self.active.get_mut(usize::from(frame.slot)) else { return Decision::SendAtOnce };
        *active = Some(now);
        let talkers = self.active.iter().filter(|active| is_active(**active, now)).count();
        let together = pacing == Pacing::Phases && rows >= PHASE_ROWS && talkers >= 2;
        self.meeting = if together { Meeting::Together } else { Meeting::Apart };
        let leaving = if together { Which::All } else { Which::Slot(frame.slot) };
        let span = self.pace.packing().span();
        if !together && self.pace.packing() == Packing::One {
            let waits = !self.waiting.is_empty();
            return if waits { Decision::SendFirst(Which::All) } else { Decision::SendAtOnce };
        }
        let begun = match self.waiting.iter_mut().find(|pack| pack.frame.slot == frame.slot) {
            Some(pack) => {
                if pack.is_full(span) || !pack.push(form, frame) {
                    return Decision::SendFirst(leaving);
                }
                None
            }
            None => {
                let due = now + self.pace.wait(now) + if together { PHASE } else { Duration::ZERO };
                self.waiting.push(Pack::new(form, frame, due));
                Some(due)
            }
        };
        let full = |pack: &Pack| pack.is_full(span);
        let complete = match leaving {
            Which::All => self.waiting.len() >= talkers && self.waiting.iter().all(full),
            Which::Slot(slot) => self.waiting.iter().any(|pack| pack.frame.slot == slot && full(pack)),
        };
        match begun {
            _ if complete => Decision::Complete(leaving),
            Some(due) => Decision::Begin(due),
            None => Decision::Wait,
        }
    }

    pub(crate) fn waiting(&self) -> impl ExactSizeIterator<Item = &Frame> + Clone {
        self.waiting.iter().map(|pack| &pack.frame)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The next of these packets, which is not waiting any more.
    pub(crate) fn take(&mut self, which: Which) -> Option<Frame> {
        let place = match which {
            Which::All => 0,
            Which::Slot(slot) => self.waiting.iter().position(|pack| pack.frame.slot == slot)?,
        };
        (place < self.waiting.len()).then(|| self.waiting.remove(place).frame)
    }

    /// All that was waiting has been sent.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// What has to leave by now, if anything.
    pub(crate) fn due(&self, now: Instant) -> Option<Which> {
        let pack = self.waiting.iter().find(|pack| pack.due <= now)?;
        Some(match self.meeting {
            Meeting::Together => Which::All,
            Meeting::Apart => Which::Slot(pack.frame.slot),
        })
    }

    pub(crate) fn packing(&self) -> Packing {
        self.pace.packing()
    }

    /// From the next packet on. What waits has to be sent first.
    pub(crate) fn pack(&mut self, now: Instant, packing: Packing) {
        self.pace.change(now, packing);
    }
}

fn is_active(last: Option<Instant>, now: Instant) -> bool {
    last.is_some_and(|last| now.saturating_duration_since(last) <= SLOT_ACTIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Talker;
    use crate::packet::Payload;

    const MS: Duration = Duration::from_millis(1);

    /// The `i`th of a talker, 20 ms.
    fn frame(slot: u8, i: u32) -> Frame {
        let payload = Payload::new(&[0x78; 40]).expect("short");
        Frame { slot, timestamp: i * 960, marker: false, talker: Talker(1), ticks: 960, solo: None, payload }
    }

    fn arrive(phase: &mut Phase, now: Instant, slot: u8) -> Decision {
        phase.handle_frame(now, Pacing::Phases, Form::Opus, PHASE_ROWS, &frame(slot, 0))
    }

    #[test]
    fn one_talker_never_waits() {
        let (mut phase, mut now) = (Phase::default(), Instant::now());
        for _ in 0..10 {
            assert_eq!(arrive(&mut phase, now, 1), Decision::SendAtOnce);
            now += Duration::from_millis(20);
        }
    }

    #[test]
    fn two_talkers_go_together() {
        let (mut phase, now) = (Phase::default(), Instant::now());
        assert_eq!(arrive(&mut phase, now, 0), Decision::SendAtOnce);
        let later = now + Duration::from_millis(7);
        assert_eq!(arrive(&mut phase, later, 1), Decision::Begin(later + PHASE));
        assert_eq!(arrive(&mut phase, now + Duration::from_millis(20), 0), Decision::Complete(Which::All));
        assert_eq!(phase.waiting().len(), 2);
    }

    #[test]
    fn a_frame_whose_partner_is_lost_waits_one_phase_at_most() {
        let (mut phase, now) = (Phase::default(), Instant::now());
        arrive(&mut phase, now, 0);
        assert_eq!(arrive(&mut phase, now, 1), Decision::Begin(now + PHASE));
        let next = now + Duration::from_millis(20);
        assert_eq!(arrive(&mut phase, next, 1), Decision::SendFirst(Which::All));
        assert_eq!(phase.due(now + PHASE - MS), None);
        assert_eq!(phase.due(now + PHASE), Some(Which::All));
        phase.clear();
        assert_eq!(arrive(&mut phase, next, 1), Decision::Begin(next + PHASE));
    }

    #[test]
    fn a_small_room_never_waits() {
        let (mut phase, now) = (Phase::default(), Instant::now());
        for slot in [0, 1, 2] {
            let decision =
                phase.handle_frame(now, Pacing::Phases, Form::Opus, PHASE_ROWS - 1, &frame(slot, 0));
            assert_eq!(decision, Decision::SendAtOnce);
            let decision = phase.handle_frame(now, Pacing::AtOnce, Form::Opus, 10_000, &frame(slot, 0));
            assert_eq!(decision, Decision::SendAtOnce);
        }
    }

    fn packing(packing: Packing) -> (Phase, Instant) {
        let (mut phase, start) = (Phase::default(), Instant::now());
        phase.pack(start, packing);
        // By now the wait has grown.
        (phase, start + 10_000 * MS)
    }

    fn alone(phase: &mut Phase, now: Instant, frame: &Frame) -> Decision {
        phase.handle_frame(now, Pacing::AtOnce, Form::Opus, 1, frame)
    }

    #[test]
    fn two_frames_leave_with_the_second() {
        let (mut phase, now) = packing(Packing::Two);
        for i in (0..20).step_by(2) {
            let (first, second) = (now + 20 * i * MS, now + 20 * (i + 1) * MS);
            assert_eq!(alone(&mut phase, first, &frame(1, i)), Decision::Begin(first + 30 * MS));
            assert_eq!(alone(&mut phase, second, &frame(1, i + 1)), Decision::Complete(Which::Slot(1)));
            let packed = phase.take(Which::Slot(1)).expect("a packet");
            assert_eq!((packed.timestamp, packed.payload[0], packed.payload.len()), (i * 960, 0x79, 79));
        }
    }

    #[test]
    fn a_lost_frame_holds_the_others_no_longer_than_their_packet_lasts() {
        let (mut phase, now) = packing(Packing::Three);
        assert_eq!(alone(&mut phase, now, &frame(0, 0)), Decision::Begin(now + 50 * MS));
        assert_eq!(alone(&mut phase, now + 40 * MS, &frame(0, 2)), Decision::SendFirst(Which::Slot(0)));
        assert_eq!(phase.take(Which::Slot(0)).map(|frame| frame.timestamp), Some(0));
        assert_eq!(alone(&mut phase, now + 40 * MS, &frame(0, 2)), Decision::Begin(now + 90 * MS));
        assert_eq!(phase.due(now + 89 * MS), None);
        assert_eq!(phase.due(now + 90 * MS), Some(Which::Slot(0)));
    }

    #[test]
    fn full_packets_of_two_talkers_leave_together() {
        let (mut phase, now) = packing(Packing::Two);
        for i in 0..4 {
            arrive_at(&mut phase, now + 20 * i * MS, &frame(0, i));
            let decision = arrive_at(&mut phase, now + (20 * i + 15) * MS, &frame(1, i));
            if i % 2 == 0 && i > 0 {
                assert_eq!(decision, Decision::Begin(now + (20 * i + 15 + 50) * MS));
            } else if i > 0 {
                assert_eq!(decision, Decision::Complete(Which::All));
                phase.clear();
            }
        }
    }

    fn arrive_at(phase: &mut Phase, now: Instant, frame: &Frame) -> Decision {
        phase.handle_frame(now, Pacing::Phases, Form::Opus, PHASE_ROWS, frame)
    }
}
