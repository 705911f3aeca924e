//! Control messages beside a datagram: room for them, and how one is written.

use std::ptr;

use super::size;

/// Aligned room for the control messages of one datagram.
pub(super) type Control<const WORDS: usize> = [u64; WORDS];

/// # Safety
/// `control` points to a control message header with room for `T` behind it.
pub(super) unsafe fn put<T>(control: *mut libc::cmsghdr, level: i32, kind: i32, value: T) {
    // SAFETY: by the caller's word; the payload is written unaligned.
    unsafe {
        (*control).cmsg_level = level;
        (*control).cmsg_type = kind;
        (*control).cmsg_len = libc::CMSG_LEN(size::<T>()) as _;
        ptr::write_unaligned(libc::CMSG_DATA(control).cast(), value);
    }
}

pub(super) const fn space<T>() -> usize {
    // SAFETY: arithmetic only.
    unsafe { libc::CMSG_SPACE(size::<T>()) as usize }
}
