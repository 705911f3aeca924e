//! A sealing key that lies in the row of its listener.
//!
//! The library's own type holds a pointer to its context, and contexts of 5,000 listeners lie wherever there was room
//! when each of them came: the walk over the rows waits for memory at every single one. In the row itself they lie one
//! behind the other (docs/measurements.md has both).
#![expect(unsafe_code, reason = "the context of the C library, without the allocation around it")]

use std::ffi::c_int;
use std::fmt;
use std::ptr;

use aws_lc_sys::{
    EVP_AEAD, EVP_AEAD_CTX, EVP_AEAD_CTX_init, EVP_AEAD_CTX_seal_scatter, EVP_aead_aes_128_gcm,
    EVP_aead_aes_256_gcm,
};
use zeroize::Zeroize;

use super::{Profile, TAG};

/// AES-GCM under one key, for sealing only. May be moved: the context has no pointer into itself, and where its state
/// begins depends on its alignment alone.
#[repr(align(16))]
pub(crate) struct InlineKey(EVP_AEAD_CTX);

// SAFETY: plain memory that only its owner writes; the pointers in it are to functions and constants of the library.
unsafe impl Send for InlineKey {}

impl InlineKey {
    /// `None` when `key` has not the length that the profile asks for.
    pub(super) fn new(profile: Profile, key: &[u8]) -> Option<Self> {
        // SAFETY: both return a constant of the library.
        let algorithm: *const EVP_AEAD = unsafe {
            match profile {
                Profile::Aes128Gcm => EVP_aead_aes_128_gcm(),
                Profile::Aes256Gcm => EVP_aead_aes_256_gcm(),
            }
        };
        // SAFETY: plain integers, bytes and a pointer, for which zero is a value.
        let mut made = Self(unsafe { std::mem::zeroed() });
        // SAFETY: a context to be written, an algorithm, and a key that is readable for its length.
        let result: c_int = unsafe {
            EVP_AEAD_CTX_init(&raw mut made.0, algorithm, key.as_ptr(), key.len(), TAG, ptr::null_mut())
        };
        (result == 1).then_some(made)
    }

    /// Seals `plain` into `body`, which is as long, and writes the tag. Nothing else knows whether `nonce` was used
    /// before under this key: that is the caller's to see to.
    #[inline]
    pub(super) fn seal(
        &self,
        nonce: &[u8; 12],
        header: &[u8],
        plain: &[u8],
        body: &mut [u8],
        tag: &mut [u8],
    ) -> Option<()> {
        if body.len() != plain.len() || tag.len() != TAG {
            return None;
        }
        let mut tag_length = 0;
        // SAFETY: the context was initialised; every pointer is good for the length beside it, `body` and `tag` for
        // writing; they do not overlap, because they are borrowed apart.
        let result = unsafe {
            EVP_AEAD_CTX_seal_scatter(
                &raw const self.0,
                body.as_mut_ptr(),
                tag.as_mut_ptr(),
                &raw mut tag_length,
                TAG,
                nonce.as_ptr(),
                nonce.len(),
                plain.as_ptr(),
                plain.len(),
                ptr::null(),
                0,
                header.as_ptr(),
                header.len(),
            )
        };
        (result == 1 && tag_length == TAG).then_some(())
    }
}

impl Drop for InlineKey {
    fn drop(&mut self) {
        // SAFETY: the context's own bytes, which nobody uses any more. An AES-GCM context owns nothing else.
        let bytes = unsafe {
            std::slice::from_raw_parts_mut((&raw mut self.0).cast::<u8>(), size_of::<EVP_AEAD_CTX>())
        };
        bytes.zeroize();
    }
}

impl fmt::Debug for InlineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InlineKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

    #[test]
    fn it_seals_as_the_library_does_wherever_it_is_moved_to() {
        for (profile, algorithm, length) in
            [(Profile::Aes128Gcm, &AES_128_GCM, 16), (Profile::Aes256Gcm, &AES_256_GCM, 32)]
        {
            let secret: Vec<u8> = (0..length).collect();
            let library = LessSafeKey::new(UnboundKey::new(algorithm, &secret).expect("a key"));
            // A list that grows moves what is in it.
            let mut keys = Vec::new();
            for n in 0..100u8 {
                keys.push((n, InlineKey::new(profile, &secret).expect("a key")));
                let (_, key) = keys.swap_remove(usize::from(n) / 2);
                keys.push((n, key));
                for payload in [0, 1, 80, 1000] {
                    let plain = vec![n; payload];
                    let nonce = [n; 12];
                    let (mut expected, mut tag) = (plain.clone(), [0; TAG]);
                    let whole = Nonce::assume_unique_for_key(nonce);
                    let sealed = library.seal_in_place_separate_tag(whole, Aad::from(b"head"), &mut expected);
                    let mut body = vec![0; payload];
                    for (_, key) in &keys {
                        key.seal(&nonce, b"head", &plain, &mut body, &mut tag).expect("sealed");
                        assert_eq!(body, expected);
                        assert_eq!(Some(&tag[..]), sealed.as_ref().ok().map(AsRef::as_ref));
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(InlineKey::new(Profile::Aes128Gcm, &[1; 15]).is_none());
        assert!(InlineKey::new(Profile::Aes256Gcm, &[1; 16]).is_none());
        let key = InlineKey::new(Profile::Aes128Gcm, &[1; 16]).expect("a key");
        assert_eq!(key.seal(&[0; 12], b"", &[1; 4], &mut [0; 3], &mut [0; TAG]), None);
        assert_eq!(key.seal(&[0; 12], b"", &[1; 4], &mut [0; 4], &mut [0; TAG - 1]), None);
    }
}
