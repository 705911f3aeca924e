//! Sealing: AES-256-GCM, so that the parent keeps ciphertext it has no key to.
//!
//! The keeper makes one [`SealingKey`] when the server starts and gives it to each `live`; it never reaches a disk.
//!
//! Nonces. They are random, 96 bits, drawn for every blob. Deriving them from (tag, version) would be unsafe: a
//! `live` that dies between sealing version 7 and having it committed is followed by one that seals another version
//! 7 of the same tag, under the same key. Random nonces collide with a probability of 2^-32 after 2^32 blobs under
//! one key (NIST SP 800-38D section 8.3), so every tag has a key of its own, derived by HKDF-SHA-256 from the sealing
//! key with the tag as info: 2^32 commits of one blob are thirteen years at ten a second.
//!
//! Binding. The associated data is tag ‖ version ‖ format: a blob opens only as what it was committed as. A blob of
//! another key or another tag, an older one passed off as newer, or one changed in any bit does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::blob::{Blob, Sealed, Tag, Version};
use crate::limits::MAX_BLOB_BYTES;

const GCM_TAG: usize = 16;
pub(crate) const OVERHEAD: usize = 1 + NONCE_LEN + GCM_TAG;
/// Bytes of plaintext one blob holds at most.
pub const MAX_PLAINTEXT: usize = MAX_BLOB_BYTES - OVERHEAD;

/// The layout of what is inside a blob. Raised by whoever changes that layout; a blob of a format that this build
/// does not read is an error that ends its room politely, never a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Format(pub u8);

/// The key of all rooms' blobs, for one run of the server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealingKey([u8; 32]);

impl SealingKey {
    /// From 32 random bytes.
    pub const fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for SealingKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey")
    }
}

/// Why a blob was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("more than one blob holds")]
    TooLong,
    #[error("no randomness")]
    NoRandomness,
}

/// Why a blob was not opened. In each case its room ends and its people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsealError {
    #[error("sealed in a layout this build does not read")]
    UnknownFormat(Format),
    #[error("not sealed by this server as this version of this tag")]
    NotOurs,
}

/// Seals and opens.
#[derive(Debug)]
pub struct Sealer {
    root: Prk,
    writes: Format,
}

impl Sealer {
    /// `writes` is the layout this build puts into blobs, and the only one it reads.
    pub fn new(key: &SealingKey, writes: Format) -> Self {
        // The key is uniformly random, so the salt only separates this use from any other of the same bytes.
        let root = Salt::new(HKDF_SHA256, b"vivavoce room blobs").extract(key.as_bytes());
        Self { root, writes }
    }

    /// # Errors
    /// See [`SealError`].
    pub fn seal(&self, tag: Tag, version: Version, plain: &[u8]) -> Result<Blob, SealError> {
        if plain.len() > MAX_PLAINTEXT {
            return Err(SealError::TooLong);
        }
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
        let mut bytes = Vec::with_capacity(plain.len() + OVERHEAD);
        bytes.push(self.writes.0);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(plain);
        let aad = associated(tag, version, self.writes);
        let body = bytes.get_mut(1 + NONCE_LEN..).unwrap_or_default();
        let mac = self
            .key_of(tag)
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), body)
            .map_err(|_| SealError::TooLong)?;
        bytes.extend_from_slice(mac.as_ref());
        Ok(Blob { tag, version, sealed: Sealed(bytes) })
    }

    /// # Errors
    /// See [`UnsealError`].
    pub fn open(&self, blob: &Blob) -> Result<Vec<u8>, UnsealError> {
        let (format, rest) = blob.sealed.0.split_first().ok_or(UnsealError::NotOurs)?;
        let format = Format(*format);
        if format != self.writes {
            return Err(UnsealError::UnknownFormat(format));
        }
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(UnsealError::NotOurs)?;
        let mut plain = body.to_vec();
        let aad = associated(blob.tag, blob.version, format);
        let opened = self
            .key_of(blob.tag)
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut plain)
            .map_err(|_| UnsealError::NotOurs)?
            .len();
        plain.truncate(opened);
        Ok(plain)
    }

    fn key_of(&self, tag: Tag) -> LessSafeKey {
        let info: [&[u8]; 1] = [tag.as_bytes()];
        let key = self.root.expand(&info, &AES_256_GCM).map(UnboundKey::from);
        // HKDF-SHA-256 gives up to 255 × 32 bytes; 32 are asked for.
        LessSafeKey::new(key.unwrap_or_else(|_| unreachable!("32 bytes are within what HKDF-SHA-256 gives")))
    }
}

fn associated(tag: Tag, version: Version, format: Format) -> [u8; 25] {
    let mut aad = [0; 25];
    aad[..16].copy_from_slice(tag.as_bytes());
    aad[16..24].copy_from_slice(&version.0.to_le_bytes());
    aad[24] = format.0;
    aad
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: Tag = Tag::from_random([1; 16]);
    const OTHER: Tag = Tag::from_random([2; 16]);

    fn sealer(seed: u8) -> Sealer {
        Sealer::new(&SealingKey::from_random([seed; 32]), Format(1))
    }

    proptest! {
        #[test]
        fn a_blob_opens_as_itself_and_as_nothing_else(
            plain in proptest::collection::vec(any::<u8>(), 0..300),
            version in 1u64..1_000,
            flip in any::<(usize, u8)>(),
        ) {
            let ours = sealer(7);
            let blob = ours.seal(ONE, Version(version), &plain).expect("sealed");
            prop_assert_eq!(ours.open(&blob).expect("ours"), plain);

            let foreign_key = sealer(8).open(&blob);
            prop_assert_eq!(foreign_key, Err(UnsealError::NotOurs));
            let foreign_tag = ours.open(&Blob { tag: OTHER, ..blob.clone() });
            prop_assert_eq!(foreign_tag, Err(UnsealError::NotOurs));
            let older_as_newer = ours.open(&Blob { version: Version(version + 1), ..blob.clone() });
            prop_assert_eq!(older_as_newer, Err(UnsealError::NotOurs));

            let mut forged = blob.clone();
            let at = flip.0 % forged.sealed.0.len();
            forged.sealed.0[at] ^= flip.1.max(1);
            prop_assert!(ours.open(&forged).is_err());
            let mut cut = blob;
            cut.sealed.0.truncate(at);
            prop_assert!(ours.open(&cut).is_err());
        }
    }

    #[test]
    fn a_blob_of_another_format_says_so_and_one_relabelled_does_not_open() {
        let next = Sealer::new(&SealingKey::from_random([7; 32]), Format(2));
        let mut blob = next.seal(ONE, Version::FIRST, b"room").expect("sealed");
        assert_eq!(sealer(7).open(&blob), Err(UnsealError::UnknownFormat(Format(2))));
        blob.sealed.0[0] = 1;
        assert_eq!(sealer(7).open(&blob), Err(UnsealError::NotOurs));
    }

    #[test]
    fn the_same_room_sealed_twice_as_the_same_version_shares_no_nonce() {
        let ours = sealer(7);
        let first = ours.seal(ONE, Version(3), b"before the crash").expect("sealed");
        let second = ours.seal(ONE, Version(3), b"after the crash!").expect("sealed");
        assert_ne!(first.sealed.0[1..13], second.sealed.0[1..13]);
    }

    #[test]
    fn what_one_blob_cannot_hold_is_refused_not_cut() {
        let ours = sealer(7);
        let full = ours.seal(ONE, Version::FIRST, &vec![0; MAX_PLAINTEXT]).expect("fits");
        assert_eq!(full.sealed.0.len(), MAX_BLOB_BYTES);
        assert_eq!(ours.seal(ONE, Version::FIRST, &vec![0; MAX_PLAINTEXT + 1]), Err(SealError::TooLong));
    }
}
