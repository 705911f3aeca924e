//! Days as people write them, UTC.

use protocol::Timestamp;

const MILLISECONDS: u64 = 86_400_000;

/// Days since 1970-01-01.
pub(super) fn of_timestamp(at: Timestamp) -> u64 {
    at.0 / MILLISECONDS
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
}
