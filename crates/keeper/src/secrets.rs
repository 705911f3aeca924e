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
