//! The one place that reads the time and draws randomness; everything below is told.

use protocol::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Now, UTC.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Until the start of a day, counted from the Unix epoch.
pub(crate) fn until_day(day: u32) -> Duration {
    Timestamp(u64::from(day) * 24 * 3600 * 1000).since(now())
}

/// Random bytes from the system's generator.
///
/// # Panics
/// Where the system has no randomness: nothing here may go on without it.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has randomness");
    bytes
}
