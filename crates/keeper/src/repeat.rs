//! When an event comes again: at the same time of day in its own time zone, whatever daylight saving does there.
//!
//! The zones are those of the library, which brings them along: no file of the machine is read, and every server knows the same.

use std::sync::LazyLock;

use jiff::civil::{DateTime, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp as Moment, ToSpan as _};
use protocol::Timestamp;
use protocol::event::Repeat;
use protocol::text::Zone;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Whether there is such a zone.
pub(crate) fn knows(zone: &Zone) -> bool {
    ZONES.get(zone.as_str()).is_ok()
}

/// The times after `after`, counted from the first; none of what comes once, or of a zone that is not known any more.
pub(crate) fn times(
    first: Timestamp,
    zone: &Zone,
    repeat: Repeat,
    after: Timestamp,
) -> impl Iterator<Item = Timestamp> + use<> {
    let begun = ZONES.get(zone.as_str()).ok().and_then(|zone| {
        let first = Moment::from_millisecond(i64::try_from(first.0).ok()?).ok()?;
        Some((zone.to_datetime(first), zone))
    });
    let passed = i64::try_from(after.0.saturating_sub(first.0)).unwrap_or(0) / DAY_MS;
    begun.into_iter().flat_map(move |(first, zone)| {
        // A little before, so that no summer is missed.
        let from = passed / days_at_most(repeat) - 1;
        (from.max(1)..)
            .map_while(move |count| step(first, repeat, count))
            .filter(move |at| repeat != Repeat::Weekdays || is_weekday(*at))
            .map_while(move |at| moment(&zone, at))
            .filter(move |at| *at > after)
    })
}

/// As it is on the clocks there, so many steps later.
fn step(first: DateTime, repeat: Repeat, count: i64) -> Option<DateTime> {
    let span = match repeat {
        Repeat::Once => return None,
        Repeat::Weekdays => 1.day(),
        Repeat::Weekly => 7.days(),
        Repeat::Fortnightly => 14.days(),
        // Counted from the first, so that the 31st comes back after a short month.
        Repeat::Monthly => 1.month(),
    };
    first.checked_add(span.checked_mul(count).ok()?).ok()
}

fn days_at_most(repeat: Repeat) -> i64 {
    match repeat {
        Repeat::Once | Repeat::Weekdays => 1,
        Repeat::Weekly => 7,
        Repeat::Fortnightly => 14,
        Repeat::Monthly => 31,
    }
}

fn is_weekday(at: DateTime) -> bool {
    !matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// A time that a clock there skips is the one just after; of one that it shows twice it is the first.
fn moment(zone: &TimeZone, at: DateTime) -> Option<Timestamp> {
    u64::try_from(zone.to_timestamp(at).ok()?.as_millisecond()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let moment: Moment = text.parse().expect("a moment");
        Timestamp(moment.as_millisecond().try_into().expect("after 1970"))
    }

    fn zone(text: &str) -> Zone {
        Zone::parse(text).expect("a zone")
    }

    fn next(first: &str, zone_name: &str, repeat: Repeat, count: usize) -> Vec<String> {
        let first = at(first);
        let shown = |time: Timestamp| {
            Moment::from_millisecond(time.0.try_into().expect("soon")).expect("in time").to_string()
        };
        times(first, &zone(zone_name), repeat, first).take(count).map(shown).collect()
    }

    #[test]
    fn every_week_is_at_the_same_time_of_day_across_both_ends_of_summer() {
        // Eight in the evening in Berlin: 19:00 UTC in winter, 18:00 in summer, from 29 March to 25 October 2026.
        let spring = next("2026-03-19T19:00:00Z", "Europe/Berlin", Repeat::Weekly, 2);
        assert_eq!(spring, ["2026-03-26T19:00:00Z", "2026-04-02T18:00:00Z"]);
        let autumn = next("2026-10-15T18:00:00Z", "Europe/Berlin", Repeat::Weekly, 3);
        assert_eq!(autumn, ["2026-10-22T18:00:00Z", "2026-10-29T19:00:00Z", "2026-11-05T19:00:00Z"]);
        let two = next("2026-10-15T18:00:00Z", "Europe/Berlin", Repeat::Fortnightly, 1);
        assert_eq!(two, ["2026-10-29T19:00:00Z"]);
        let still = next("2026-03-19T19:00:00Z", "Asia/Tokyo", Repeat::Weekly, 2);
        assert_eq!(still, ["2026-03-26T19:00:00Z", "2026-04-02T19:00:00Z"], "no summer there");
    }

    #[test]
    fn on_weekdays_a_friday_is_followed_by_monday() {
        let days = next("2026-11-26T08:00:00Z", "Etc/UTC", Repeat::Weekdays, 3);
        assert_eq!(days, ["2026-11-27T08:00:00Z", "2026-11-30T08:00:00Z", "2026-12-01T08:00:00Z"]);
        // Sunday evening in Los Angeles is Monday in UTC.
        let days = next("2026-11-28T04:00:00Z", "America/Los_Angeles", Repeat::Weekdays, 1);
        assert_eq!(days, ["2026-12-01T04:00:00Z"], "from Friday evening there to Monday evening there");
    }

    #[test]
    fn the_last_of_a_month_comes_back_after_a_short_one() {
        let months = next("2027-01-31T12:00:00Z", "Etc/UTC", Repeat::Monthly, 3);
        assert_eq!(months, ["2027-02-28T12:00:00Z", "2027-03-31T12:00:00Z", "2027-04-30T12:00:00Z"]);
    }

    #[test]
    fn a_time_that_a_clock_skips_is_an_hour_later_that_once() {
        // 02:30 in Berlin does not exist on 29 March 2026.
        let nights = next("2026-03-22T01:30:00Z", "Europe/Berlin", Repeat::Weekly, 2);
        assert_eq!(nights, ["2026-03-29T01:30:00Z", "2026-04-05T00:30:00Z"], "03:30 there, and 02:30 again");
    }

    #[test]
    fn what_was_missed_for_years_goes_on_with_the_next() {
        let first = at("2026-11-26T08:00:00Z");
        let later = at("2036-06-01T00:00:00Z");
        for repeat in [Repeat::Weekdays, Repeat::Weekly, Repeat::Fortnightly, Repeat::Monthly] {
            let found = times(first, &zone("Europe/Berlin"), repeat, later).next().expect("it goes on");
            let whole: Vec<_> = times(first, &zone("Europe/Berlin"), repeat, first).take(4_000).collect();
            assert_eq!(whole.iter().find(|at| **at > later), Some(&found), "{repeat:?}");
        }
        assert_eq!(times(first, &zone("Europe/Berlin"), Repeat::Once, first).next(), None);
    }

    #[test]
    fn zones_are_known_by_name_without_a_file() {
        assert!(["Europe/Berlin", "Asia/Kathmandu", "Etc/UTC", "UTC"].iter().all(|name| knows(&zone(name))));
        assert!(["Europe/Nowhere", "Berlin", "x"].iter().all(|name| !knows(&zone(name))));
    }
}
