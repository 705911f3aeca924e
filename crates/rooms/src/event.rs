//! The room of an announced event, before there is one: who may open it and when, and what everybody is there.

use protocol::event::{EventKind, EventPart, EventState};
use protocol::limits::GREEN_ROOM_PERIOD;
use protocol::room::RoomKind;
use protocol::{ErrorCode, Timestamp};

use crate::AskedAs;

/// Whether somebody with this part may open the green room of an event that begins then: its hosts, from a quarter of an hour
/// before.
///
/// # Errors
/// `NotAllowed` for everybody else; `NotNow` before that, and where it was called off.
pub fn may_open(
    part: Option<EventPart>,
    state: EventState,
    start: Timestamp,
    now: Timestamp,
) -> Result<(), ErrorCode> {
    match part {
        Some(EventPart::Host | EventPart::CoHost) => {}
        Some(EventPart::Speaker) | None => return Err(ErrorCode::NotAllowed),
    }
    if state == EventState::CalledOff || now.plus(GREEN_ROOM_PERIOD) < start {
        return Err(ErrorCode::NotNow);
    }
    Ok(())
}

/// Who may come in once its doors are open.
pub fn opens_to(kind: EventKind) -> RoomKind {
    match kind {
        EventKind::Closed => RoomKind::Closed,
        EventKind::Social => RoomKind::Social,
        EventKind::Open => RoomKind::Open,
    }
}

/// What somebody who is named with it is asked in as.
pub fn comes_as(part: Option<EventPart>) -> AskedAs {
    match part {
        Some(EventPart::Host | EventPart::CoHost) => AskedAs::Host,
        Some(EventPart::Speaker) | None => AskedAs::Speaker,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn hosts_open_the_green_room_from_a_quarter_of_an_hour_before_and_nobody_else_ever() {
        let start = Timestamp(1_800_000_000_000);
        let before = |period: Duration| Timestamp(start.0 - u64::try_from(period.as_millis()).unwrap());
        let (early, on_time) =
            (before(GREEN_ROOM_PERIOD + Duration::from_millis(1)), before(GREEN_ROOM_PERIOD));
        let late = start.plus(Duration::from_secs(600));
        let opens = |part, state, now| may_open(part, state, start, now);
        for host in [EventPart::Host, EventPart::CoHost] {
            assert_eq!(opens(Some(host), EventState::Announced, early), Err(ErrorCode::NotNow));
            assert_eq!(opens(Some(host), EventState::Announced, on_time), Ok(()));
            assert_eq!(opens(Some(host), EventState::Announced, late), Ok(()), "lateness is forgiven");
            assert_eq!(opens(Some(host), EventState::CalledOff, late), Err(ErrorCode::NotNow));
        }
        for nobody in [Some(EventPart::Speaker), None] {
            assert_eq!(opens(nobody, EventState::Announced, late), Err(ErrorCode::NotAllowed));
        }
    }
}
