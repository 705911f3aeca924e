//! Randomness, and what stays of a secret on the disk.

use aws_lc_rs::{digest, rand};
use store::SecretHash;

/// Bytes from the operating system's generator.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(
        clippy::expect_used,
        reason = "without randomness no secret can be made, and nothing may go on"
    )]
    rand::fill(&mut bytes).expect("the system's random generator works");
    bytes
}

/// SHA-256.
pub(crate) fn hashed(secret: &[u8]) -> SecretHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, secret).as_ref());
    SecretHash(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_of_a_secret_is_its_sha_256() {
        // FIPS 180-2, appendix B.1.
        let known = [
            0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
            0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
        ];
        assert_eq!(hashed(b"abc"), SecretHash(known));
    }
}
