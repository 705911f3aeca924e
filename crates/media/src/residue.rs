//! What functions leave on the stack below their caller, where no allocator sees it.
//!
//! It does not only stay there: a large value is moved with all of its bytes, those that mean nothing included, and
//! takes along what lay under it. So whatever lives for long is built where nothing of anybody else lies.

use crate::limits::STACK_WIPED;

/// Overwrites it. Called where a thread's work is done, or before something is built that stays.
#[inline(never)]
pub fn wipe_stack() {
    let mut below = [0u8; STACK_WIPED];
    // Nobody reads it, which the compiler must not notice.
    std::hint::black_box(&mut below);
}
