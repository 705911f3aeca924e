//! Bounds of what is committed, with units and reasons.

/// Bytes of one sealed blob. A NATS key-value entry stays comfortable up to here, and it is several times the core
/// of a room with its longest queues; a larger room is cut into more blobs, not into longer ones.
pub const MAX_BLOB_BYTES: usize = 64 << 10;

/// Blobs that one commit may write or forget, together. A room has one core part and at most this many audience
/// buckets; the end of a room forgets all of them at once.
pub const MAX_COMMIT_ENTRIES: usize = 512;

/// Bytes of all blobs in one commit. One frame to the parent (`line::limits::MAX_MESSAGE`) carries it whole: that is
/// what makes the commit atomic.
pub const MAX_COMMIT_BYTES: usize = 1 << 20;

/// Blobs the parent keeps at most: two thousand rooms of some thirty blobs.
pub const MAX_BLOBS: usize = 65_536;

/// Bytes the parent keeps at most. The floor is a machine with 1 GiB; rooms may take an eighth of it twice, once in
/// the parent and once in `live`.
pub const MAX_STORE_BYTES: usize = 128 << 20;

/// Commits that wait for the parent's socket. A full mailbox means that the parent is not reading; callers wait.
pub const COORD_MAILBOX: usize = 256;

/// Commands that wait for one room. People act at human speed; a room that is this far behind says so.
pub const COMMAND_MAILBOX: usize = 256;

/// Events that wait for one subscriber. One that is further behind is cut off and fetches a snapshot.
pub const EVENT_MAILBOX: usize = 256;

/// Commands a room remembers, to recognise a repeated one. A client repeats only what it sent in the seconds before
/// its socket broke.
pub const RECENT_COMMANDS: usize = 1_024;

/// Bytes of one frame between machines: the largest Opus packet (1275 bytes, RFC 6716 section 3.4) sealed end to end,
/// three to a bundle, inside one Ethernet frame's worth for the usual case.
pub const MAX_MEDIA_FRAME: usize = 4 << 10;

const _: () = assert!(
    MAX_COMMIT_BYTES + MAX_COMMIT_ENTRIES * 48 <= line::limits::MAX_MESSAGE,
    "one frame carries the largest commit: 16 bytes of tag, up to 10 of version, 3 of length and a margin each"
);
const _: () = assert!(MAX_BLOB_BYTES <= MAX_COMMIT_BYTES);
