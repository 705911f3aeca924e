//! Bounds of what is committed, with units and reasons.

use protocol::limits::ROOMS_MAX;

/// Bytes of one sealed blob: the core of a room that is filled to every limit with the longest names is under 290 KB, and
/// an unlucky share of its audience 142 KB (`rooms::limits`; whoever commits asserts that they fit). Half of what one
/// NATS message may be.
pub const MAX_BLOB_BYTES: usize = 512 << 10;

/// Blobs that one commit may write or forget, together. A room has one core and at most 256 shares of its audience; the
/// end of a room forgets all of them at once.
pub const MAX_COMMIT_ENTRIES: usize = 512;

/// Bytes of all blobs in one commit: all of the largest room at once, 9.5 MB, since thousands may lose their lines in
/// the same moment. One frame to the parent (`line::limits::MAX_MESSAGE`) carries it whole: that is what makes the
/// commit atomic.
pub const MAX_COMMIT_BYTES: usize = 10 << 20;

/// Bytes the parent keeps at most, [`BLOB_COST`] for each blob included. The floor is a machine with 1 GiB; rooms may
/// take an eighth of it twice, once in the parent and once in `live`. The only bound of how many blobs there are.
pub const MAX_STORE_BYTES: usize = 128 << 20;

/// Bytes that one kept blob costs besides its own: 48 of key, version and pointer in a table that may just have
/// doubled (7/16 full), and 16 of the allocator.
pub const BLOB_COST: usize = 128;

/// Blobs and bytes of an ordinary room, for the assertion below: some thirty people, nearly each in a share of their
/// own.
const ORDINARY_ROOM_BLOBS: usize = 32;
const ORDINARY_BLOB_BYTES: usize = 512;

/// Commits that wait for the parent's socket. A full mailbox means that the parent is not reading; callers wait.
pub const COORD_MAILBOX: usize = 256;

/// Commands that wait for one room. People act at human speed; a room that is this far behind says so.
pub const COMMAND_MAILBOX: usize = 256;

/// Events that wait for one subscriber. One that is further behind is cut off and fetches a snapshot.
pub const EVENT_MAILBOX: usize = 256;

/// Bytes of one frame between machines: the largest Opus packet (1275 bytes, RFC 6716 section 3.4) sealed end to end,
/// three to a bundle, inside one Ethernet frame's worth for the usual case.
pub const MAX_MEDIA_FRAME: usize = 4 << 10;

const _: () = assert!(
    MAX_COMMIT_BYTES + MAX_COMMIT_ENTRIES * 48 <= line::limits::MAX_MESSAGE,
    "one frame carries the largest commit: 16 bytes of tag, up to 10 of version, 3 of length and a margin each"
);
const _: () = assert!(MAX_BLOB_BYTES <= MAX_COMMIT_BYTES);
const _: () = assert!(
    ROOMS_MAX * ORDINARY_ROOM_BLOBS * (BLOB_COST + ORDINARY_BLOB_BYTES) <= MAX_STORE_BYTES,
    "as many rooms as there may be are kept"
);
