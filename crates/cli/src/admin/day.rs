//! Days and moments as people write them, UTC.

use protocol::Timestamp;

const MINUTE_MS: u64 = 60_000;
const DAY_MINUTES: u64 = 24 * 60;

/// `2026-11-22 14:05`: a link may stand for an hour.
pub(super) fn to_the_minute(at: Timestamp) -> String {
    let minutes = at.0 / MINUTE_MS;
    let (hour, minute) = (minutes % DAY_MINUTES / 60, minutes % 60);
    format!("{} {hour:02}:{minute:02}", written(minutes / DAY_MINUTES))
}

/// `2026-11-22`. The Gregorian calendar counted from a first of March (Hinnant, "chrono-compatible low-level date
/// algorithms").
pub(super) fn written(day: u64) -> String {
    let from_march = day + 719_468;
    let (era, of_era) = (from_march / 146_097, from_march % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    format!("{:04}-{month:02}-{of_month:02}", era * 400 + year_of_era + year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_the_calendar_has_them() {
        for (day, text) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (20_779, "2026-11-22"),
            (20_818, "2026-12-31"),
        ] {
            assert_eq!(written(day), text);
        }
    }

    #[test]
    fn a_moment_has_its_hour_and_minute() {
        let noon_and_five = Timestamp((20_779 * DAY_MINUTES + 12 * 60 + 5) * MINUTE_MS + 59_999);
        assert_eq!(to_the_minute(noon_and_five), "2026-11-22 12:05");
        assert_eq!(to_the_minute(Timestamp(20_779 * DAY_MINUTES * MINUTE_MS)), "2026-11-22 00:00");
    }
}
