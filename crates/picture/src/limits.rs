//! Bounds of pictures, each with unit and reason.

/// Pixels on each side of what is kept: the largest that a page shows is 96 of its own, on screens that put four of theirs
/// into each.
pub const SIDE: u32 = 384;
/// Bytes of what is kept. A face is 20 to 50 KB; what does not fit is written with less detail, until it does.
pub const KEPT_BYTES_MAX: usize = 96 * 1024;
/// Bytes that are looked at: a page sends some 100 KB, and the pixels below as a photograph are under 1 MB.
pub const GIVEN_BYTES_MAX: usize = 1024 * 1024;
/// Pixels that are decoded, counted before the first of them is: 2,000 on each side. With eight bytes for each at most,
/// one picture takes some 100 MB of memory for a moment.
pub const PIXELS_MAX: u64 = 2_000 * 2_000;
/// Bytes that a decoder may take beside the pixels: profiles and comments in a picture may be packed, and large.
pub const DECODER_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How well the picture is written, of a hundred: the first of these that fits into [`KEPT_BYTES_MAX`].
pub(crate) const QUALITIES: [u8; 4] = [85, 65, 40, 15];

const _: () = assert!(PIXELS_MAX * 8 <= DECODER_BYTES_MAX);
