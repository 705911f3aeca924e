//! A clock that was set back between a crash and what is rebuilt after it.
//!
//! Rooms go by a steady clock for as long as a process lives; the next process begins from the wall clock again. If that was set
//! back meanwhile, a room that ends in ten seconds would end a day later, the name of somebody who was removed would be
//! remembered for as long, and whoever raises a hand now would stand before those who wait. So what was written moves with the
//! clock: by as much as any of it lies beyond what could have been written by now. That a clock went ahead does not show; then
//! what waits for a moment has waited enough.

use std::time::Duration;

use protocol::Timestamp;
use protocol::limits::{
    CO_SIGN_PERIOD, ENDING_PERIOD, GUEST_LINK_PERIOD, HAND_OVER_PERIOD, MODERATORLESS_PERIOD,
    OWNERLESS_GRACE, STAGE_INVITATION_PERIOD, UNDO_PERIOD,
};

use crate::people::{Participant, Place};
use crate::state::{Phase, State};

/// Moves every moment of the room and of its queue.
pub(crate) fn moves_along(now: Timestamp, state: &mut State, queue: &mut [Participant]) {
    let mut set_back = Duration::ZERO;
    moments(state, queue, |moment, ahead| set_back = set_back.max(moment.since(now.plus(ahead))));
    if set_back > Duration::ZERO {
        let by = Timestamp(0).plus(set_back).0;
        moments(state, queue, |moment, _| moment.0 = moment.0.saturating_sub(by));
    }
}

/// Each, and how far ahead of the moment in which it is written it can lie.
fn moments(state: &mut State, queue: &mut [Participant], mut each: impl FnMut(&mut Timestamp, Duration)) {
    each(&mut state.started, Duration::ZERO);
    match &mut state.phase {
        Phase::Live | Phase::Over => {}
        Phase::Waiting { until } => each(until, OWNERLESS_GRACE),
        Phase::Asking { until, .. } => each(until, HAND_OVER_PERIOD),
        Phase::Moderatorless { until } => each(until, MODERATORLESS_PERIOD),
        Phase::Ending { at, .. } => each(at, ENDING_PERIOD),
    }
    state.board.line.iter_mut().for_each(|line| each(&mut line.since, Duration::ZERO));
    state.bars.values_mut().for_each(|bar| each(&mut bar.since, Duration::ZERO));
    state.guests.iter_mut().for_each(|given| each(&mut given.until, GUEST_LINK_PERIOD));
    state.removals.iter_mut().for_each(|removal| each(&mut removal.until, UNDO_PERIOD));
    state.reports.iter_mut().for_each(|report| each(&mut report.until, CO_SIGN_PERIOD));
    for person in queue {
        match &mut person.place {
            Place::HandRaised { since } => each(since, Duration::ZERO),
            Place::Invited { since, until, .. } => {
                each(since, Duration::ZERO);
                each(until, STAGE_INVITATION_PERIOD);
            }
            Place::Audience | Place::Stage { .. } => {}
        }
    }
}
