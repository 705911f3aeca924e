//! What functions leave behind them where no allocator sees it: on the stack below their caller, and in the registers
//! that copy memory. An idle thread keeps both for as long as it sleeps.

use media::residue::wipe_stack;

use crate::sys;

/// Overwrites both. Called where a thread's work is done, so that all of it lay below.
#[inline(never)]
pub fn wipe() {
    wipe_stack();
    sys::wipe_registers();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves a marked array below its caller, and says where it begins: at its deepest.
    #[inline(never)]
    fn leave(mark: u8) -> *const u8 {
        let mut left = [mark; 16 * 1024];
        std::hint::black_box(&mut left).as_ptr()
    }

    /// How much of its first quarter, which no small call from the same place reaches, is still there.
    fn found(mark: u8, at: *const u8) -> usize {
        (0..4096).filter(|offset| sys::peek(at, *offset) == mark).count()
    }

    #[test]
    fn what_lay_on_the_stack_is_gone() {
        let at = leave(0xa5);
        assert_eq!(found(0xa5, at), 4096, "or the next line proves nothing");
        wipe();
        assert_eq!(found(0xa5, at), 0);
    }
}
