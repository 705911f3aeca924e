//! Registers that hold what was copied last. The kernel saves those of a thread that waits, and whoever reads its memory
//! reads them, too.

/// Sets the vector registers to zero. On processors of other kinds than these two it does nothing.
pub(crate) fn wipe_registers() {
    #[cfg(target_arch = "x86_64")]
    x86_64();
    #[cfg(target_arch = "aarch64")]
    aarch64();
}

#[cfg(target_arch = "x86_64")]
fn x86_64() {
    use std::arch::{asm, is_x86_feature_detected};
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has these instructions; all they touch is said to be touched.
        unsafe {
            asm!(
                "vpxord zmm16, zmm16, zmm16",
                "vpxord zmm17, zmm17, zmm17",
                "vpxord zmm18, zmm18, zmm18",
                "vpxord zmm19, zmm19, zmm19",
                "vpxord zmm20, zmm20, zmm20",
                "vpxord zmm21, zmm21, zmm21",
                "vpxord zmm22, zmm22, zmm22",
                "vpxord zmm23, zmm23, zmm23",
                "vpxord zmm24, zmm24, zmm24",
                "vpxord zmm25, zmm25, zmm25",
                "vpxord zmm26, zmm26, zmm26",
                "vpxord zmm27, zmm27, zmm27",
                "vpxord zmm28, zmm28, zmm28",
                "vpxord zmm29, zmm29, zmm29",
                "vpxord zmm30, zmm30, zmm30",
                "vpxord zmm31, zmm31, zmm31",
                clobber_abi("C"),
                options(nostack, nomem),
            );
        }
    }
    if is_x86_feature_detected!("avx") {
        // SAFETY: as above.
        unsafe { asm!("vzeroall", clobber_abi("C"), options(nostack, nomem)) };
    } else {
        // SAFETY: every processor of this kind has these.
        unsafe {
            asm!(
                "xorps xmm0, xmm0",
                "xorps xmm1, xmm1",
                "xorps xmm2, xmm2",
                "xorps xmm3, xmm3",
                "xorps xmm4, xmm4",
                "xorps xmm5, xmm5",
                "xorps xmm6, xmm6",
                "xorps xmm7, xmm7",
                "xorps xmm8, xmm8",
                "xorps xmm9, xmm9",
                "xorps xmm10, xmm10",
                "xorps xmm11, xmm11",
                "xorps xmm12, xmm12",
                "xorps xmm13, xmm13",
                "xorps xmm14, xmm14",
                "xorps xmm15, xmm15",
                clobber_abi("C"),
                options(nostack, nomem),
            );
        }
    }
}

#[cfg(target_arch = "aarch64")]
fn aarch64() {
    // SAFETY: every processor of this kind has these; v8 to v15 belong to the caller in their lower half and are left alone.
    unsafe {
        std::arch::asm!(
            "movi v0.2d, #0",
            "movi v1.2d, #0",
            "movi v2.2d, #0",
            "movi v3.2d, #0",
            "movi v4.2d, #0",
            "movi v5.2d, #0",
            "movi v6.2d, #0",
            "movi v7.2d, #0",
            "movi v16.2d, #0",
            "movi v17.2d, #0",
            "movi v18.2d, #0",
            "movi v19.2d, #0",
            "movi v20.2d, #0",
            "movi v21.2d, #0",
            "movi v22.2d, #0",
            "movi v23.2d, #0",
            "movi v24.2d, #0",
            "movi v25.2d, #0",
            "movi v26.2d, #0",
            "movi v27.2d, #0",
            "movi v28.2d, #0",
            "movi v29.2d, #0",
            "movi v30.2d, #0",
            "movi v31.2d, #0",
            clobber_abi("C"),
            options(nostack, nomem),
        );
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use std::arch::asm;

    /// One that copies use and nobody else does.
    fn seen() -> u64 {
        let low: u64;
        // SAFETY: reads a register that every processor of this kind has.
        unsafe { asm!("movq {}, xmm14", out(reg) low, options(nostack, nomem, preserves_flags)) };
        low
    }

    #[test]
    fn a_register_holds_nothing_of_what_was_copied_through_it() {
        let mark = 0xa5a5_5a5a_a5a5_5a5a_u64;
        // SAFETY: writes a register that is free to be written.
        unsafe { asm!("movq xmm14, {}", in(reg) mark, out("xmm14") _, options(nostack, nomem)) };
        assert_eq!(seen(), mark, "or the next line proves nothing");
        super::wipe_registers();
        assert_eq!(seen(), 0);
    }
}
