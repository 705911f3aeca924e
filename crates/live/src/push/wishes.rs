//! Whether somebody is told of something now. A function of what they said and of the time.

use protocol::Timestamp;
use protocol::limits::MINUTES_OF_A_DAY;
use protocol::push::{PushKind, Quiet, Switch, Wishes};

const MINUTE_MS: u64 = 60_000;

pub(super) fn wanted(wishes: &Wishes, kind: PushKind, now: Timestamp) -> bool {
    let on = match kind {
        PushKind::Bell => wishes.bells,
        PushKind::Ask => wishes.asks,
        PushKind::EventSoon | PushKind::EventNamed | PushKind::EventChanged | PushKind::EventOff => {
            wishes.events
        }
        // They have just asked for it.
        PushKind::Trial => return true,
    };
    on == Switch::On && !wishes.quiet.as_ref().is_some_and(|quiet| is_quiet(quiet, now))
}

fn is_quiet(Quiet { from, until, zone }: &Quiet, now: Timestamp) -> bool {
    let day = i64::from(MINUTES_OF_A_DAY);
    let utc = i64::try_from(now.0 / MINUTE_MS).unwrap_or_default();
    let minute = (utc + i64::from(zone.minutes())).rem_euclid(day);
    let since = |begin: u16| (minute - i64::from(begin)).rem_euclid(day);
    let length = (i64::from(until.get()) - i64::from(from.get())).rem_euclid(day);
    since(from.get()) < length
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::push::{ClockOffset, MinuteOfDay};

    fn quiet(from: (u16, u16), until: (u16, u16), zone: i16) -> Quiet {
        let minute =
            |(hour, minute): (u16, u16)| MinuteOfDay::try_from(hour * 60 + minute).expect("of a day");
        Quiet {
            from: minute(from),
            until: minute(until),
            zone: ClockOffset::try_from(zone).expect("on earth"),
        }
    }

    /// On some day, by the clock of UTC.
    fn at(hour: u64, minute: u64) -> Timestamp {
        Timestamp(20_000 * 24 * 3_600_000 + (hour * 60 + minute) * MINUTE_MS)
    }

    #[test]
    fn quiet_hours_are_read_on_the_clock_of_whoever_set_them() {
        let night = quiet((22, 0), (7, 30), 0);
        let berlin = quiet((22, 0), (7, 30), 120);
        let bombay = quiet((22, 0), (7, 30), 330);
        let kiribati = quiet((1, 0), (2, 0), 840);
        let baker = quiet((1, 0), (2, 0), -720);
        let noon = quiet((12, 0), (13, 0), 0);
        let never = quiet((9, 0), (9, 0), 0);
        for (quiet, time, expected) in [
            (night, at(21, 59), false),
            (night, at(22, 0), true),
            (night, at(0, 0), true),
            (night, at(7, 29), true),
            (night, at(7, 30), false),
            (berlin, at(19, 59), false),
            (berlin, at(20, 0), true),
            (berlin, at(5, 29), true),
            (berlin, at(5, 30), false),
            (bombay, at(16, 29), false),
            (bombay, at(16, 30), true),
            (bombay, at(1, 59), true),
            (bombay, at(2, 0), false),
            (kiribati, at(11, 0), true),
            (kiribati, at(12, 0), false),
            (baker, at(13, 0), true),
            (baker, at(14, 0), false),
            (noon, at(12, 59), true),
            (noon, at(13, 0), false),
            (noon, at(23, 0), false),
            (never, at(9, 0), false),
        ] {
            assert_eq!(is_quiet(&quiet, time), expected, "{quiet:?} {time:?}");
        }
    }

    #[test]
    fn each_kind_has_a_switch_of_its_own_and_a_trial_comes_always() {
        let (on, off) = (Switch::On, Switch::Off);
        let all_day = Some(quiet((0, 0), (23, 59), 0));
        for (bells, asks, events, quiet, expected) in [
            (on, on, on, None, [true, true, true, true]),
            (off, on, on, None, [false, true, true, true]),
            (on, off, on, None, [true, false, true, true]),
            (on, on, off, None, [true, true, false, true]),
            (off, off, off, None, [false, false, false, true]),
            (on, on, on, all_day, [false, false, false, true]),
        ] {
            let wishes = Wishes { bells, asks, events, quiet };
            let told = [PushKind::Bell, PushKind::Ask, PushKind::EventSoon, PushKind::Trial]
                .map(|kind| wanted(&wishes, kind, at(12, 0)));
            assert_eq!(told, expected, "{wishes:?}");
            for kind in [PushKind::EventNamed, PushKind::EventChanged, PushKind::EventOff] {
                assert_eq!(wanted(&wishes, kind, at(12, 0)), expected[2], "one switch for events");
            }
        }
    }
}
