//! Bounds of the process that calls out, each with unit and reason.

use std::time::Duration;

/// Letters on their way at once. Each is a connection, some buffers and a task; what comes beyond waits in the line.
pub(crate) const LETTERS_AT_ONCE: usize = 32;
/// Of these, to one host: one that is slow, or wants to be, leaves three quarters to others.
pub(crate) const LETTERS_PER_HOST: usize = 8;
/// When to come back with a letter for a host that has so many.
pub(crate) const HOST_BUSY_SECONDS: u32 = 2;
/// How long one letter may take, from the question for its host's address to the answer's headers.
pub(crate) const LETTER_PERIOD: Duration = Duration::from_secs(10);
/// How long the question for the address of a host may take, of that.
pub(crate) const NAME_PERIOD: Duration = Duration::from_secs(3);
/// Addresses of one host that are tried.
pub(crate) const ADDRESSES_TRIED: usize = 4;
/// How long a connection to one of them may take.
pub(crate) const CONNECT_PERIOD: Duration = Duration::from_secs(3);
/// Bytes of an answer's headers. Theirs are some hundred.
pub(crate) const ANSWER_HEAD_BYTES_MAX: usize = 16 << 10;
/// Bytes of what follows them that are read, so that the connection can be used again; nothing in it matters.
pub(crate) const ANSWER_BODY_BYTES_MAX: usize = 4 << 10;
/// How long a connection is kept for the next letter to the same host.
pub(crate) const IDLE_PERIOD: Duration = Duration::from_secs(30);
/// Connections that are kept so, of one host.
pub(crate) const IDLE_PER_HOST: usize = 2;
/// When to try again where nobody answered, in seconds.
pub(crate) const UNREACHED_SECONDS: u32 = 30;
/// The longest time for which somebody may ask us to wait, in seconds: a day.
pub(crate) const LATER_SECONDS_MAX: u32 = 24 * 3_600;
/// Host names whose addresses are remembered, for as long as their name servers say: there are a handful of push services.
pub(crate) const NAMES_REMEMBERED: u64 = 64;
