//! Bounds of what is kept.

use std::time::Duration;

/// Connections to the database, beside the one that sessions are checked on. One writes at a time; the others let people
/// read meanwhile.
pub const CONNECTIONS: u32 = 4;
/// How long a writer waits for another before it gives up. Far above any transaction here, and half of what `live` waits for
/// an answer: where another program holds the database, people are told so by whoever knows whether something was written.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Invitations of one member that are kept, open and past together: the list is one screen. Beyond it the oldest past one
/// goes, and where all are open, no more are made.
pub const INVITES_KEPT_MAX: u32 = 200;
/// Days that a past invitation stays in its maker's list before it is cleared away.
pub const INVITE_KEPT_DAYS: u32 = 30;
/// Days that a report stays that nobody decides.
pub const REPORT_OPEN_DAYS: u32 = 180;
/// Bytes of a stored credential. The widest, with an RSA key, is under 2 KiB.
pub const CREDENTIAL_BYTES_MAX: usize = 16 * 1024;
/// Days that the copy made before a migration stays: long enough to find out that the new release does not do, and the end
/// of what it still holds of people who were erased since.
pub const COPY_KEPT_DAYS: u32 = 30;
