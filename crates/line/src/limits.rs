//! Bounds of a line.

/// Bytes of one encoded message. The largest is a commit of [`cluster`]: 10 MiB of sealed blobs and their tags;
/// the rest is room for tags and lengths.
///
/// [`cluster`]: ../../cluster/limits/index.html
pub const MAX_MESSAGE: usize = (10 << 20) + (64 << 10);

/// Descriptors with one message. A new `live` gets one for the keeper, one a listener and two a media shard (64 at
/// most); the kernel itself stops at 253 (SCM_MAX_FD).
pub const MAX_DESCRIPTORS: usize = 144;

/// Bytes asked of the kernel in one read: a few socket buffers' worth, so that a commit takes few calls.
pub const READ_CHUNK: usize = 64 << 10;

const _: () = assert!(MAX_DESCRIPTORS <= 253, "the kernel refuses more in one message");
const _: () = assert!(MAX_MESSAGE <= u32::MAX as usize, "a length is four bytes");
