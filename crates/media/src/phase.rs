//! At once or together? With one talker every frame is sent the moment it comes. With several, and many listeners, the
//! frames of one 20 ms phase wait for each other and leave as one message per listener.

use std::time::Instant;

use crate::limits::{PHASE, PHASE_ROWS, SLOT_ACTIVE};
use crate::packet::{Frame, SLOTS};

/// Whether the socket can send segments, which is what makes phases worth their wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pacing {
    #[default]
    AtOnce,
    Phases,
}

/// The frames of one channel that wait on this shard.
#[derive(Default)]
pub(crate) struct Phase {
    /// At most one of each slot.
    waiting: Vec<Frame>,
    due: Option<Instant>,
    active: [Option<Instant>; SLOTS],
}

/// What to do with a frame that has just come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    SendAtOnce,
    /// Others are waiting, and this one is from the next phase: send those, then ask again.
    SendWaiting,
    /// It waits, as the first: at this moment at the latest all have to go.
    Begin(Instant),
    /// It waits with others.
    Wait,
    /// It was the last one that was waited for.
    Complete,
}

impl Phase {
    /// Takes the frame in, unless it is to be sent at once or after those that wait.
    pub(crate) fn handle_frame(
        &mut self,
        now: Instant,
        pacing: Pacing,
        rows: usize,
        frame: &Frame,
    ) -> Decision {
        let slot = usize::from(frame.slot);
        let Some(active) = self.active.get_mut(slot) else { return Decision::SendAtOnce };
        *active = Some(now);
        let talkers = self.active.iter().filter(|active| is_active(**active, now)).count();
        if pacing == Pacing::AtOnce || rows < PHASE_ROWS || talkers < 2 {
            return if self.due.is_some() { Decision::SendWaiting } else { Decision::SendAtOnce };
        }
        if self.waiting.iter().any(|waiting| waiting.slot == frame.slot) {
            return Decision::SendWaiting;
        }
        self.waiting.push(frame.clone());
        if self.waiting.len() == talkers {
            return Decision::Complete;
        }
        if self.due.is_some() {
            return Decision::Wait;
        }
        self.due = Some(now + PHASE);
        Decision::Begin(now + PHASE)
    }

    pub(crate) fn waiting(&self) -> &[Frame] {
        &self.waiting
    }

    /// What was waiting has been sent.
    pub(crate) fn clear(&mut self) {
        self.due = None;
        self.waiting.clear();
    }

    /// Has the phase that was to end at `at` not ended yet?
    pub(crate) fn is_due(&self, at: Instant) -> bool {
        self.due == Some(at)
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
    use std::time::Duration;

    fn frame(slot: u8) -> Frame {
        let payload = Payload::new(&[0; 40]).expect("short");
        Frame { slot, timestamp: 0, marker: false, talker: Talker(1), payload }
    }

    fn arrive(phase: &mut Phase, now: Instant, slot: u8) -> Decision {
        phase.handle_frame(now, Pacing::Phases, PHASE_ROWS, &frame(slot))
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
        assert_eq!(arrive(&mut phase, now + Duration::from_millis(20), 0), Decision::Complete);
        assert_eq!(phase.waiting().len(), 2);
    }

    #[test]
    fn a_frame_whose_partner_is_lost_waits_one_phase_at_most() {
        let (mut phase, now) = (Phase::default(), Instant::now());
        arrive(&mut phase, now, 0);
        assert_eq!(arrive(&mut phase, now, 1), Decision::Begin(now + PHASE));
        let next = now + Duration::from_millis(20);
        assert_eq!(arrive(&mut phase, next, 1), Decision::SendWaiting);
        assert!(phase.is_due(now + PHASE));
        phase.clear();
        assert_eq!(arrive(&mut phase, next, 1), Decision::Begin(next + PHASE));
    }

    #[test]
    fn a_small_room_never_waits() {
        let (mut phase, now) = (Phase::default(), Instant::now());
        for slot in [0, 1, 2] {
            let decision = phase.handle_frame(now, Pacing::Phases, PHASE_ROWS - 1, &frame(slot));
            assert_eq!(decision, Decision::SendAtOnce);
            let decision = phase.handle_frame(now, Pacing::AtOnce, 10_000, &frame(slot));
            assert_eq!(decision, Decision::SendAtOnce);
        }
    }
}
