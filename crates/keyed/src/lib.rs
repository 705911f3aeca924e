//! What stands for somebody who is counted or refused, where nobody needs to know who they are: HMAC-SHA-256 under a
//! random key, cut to 128 bits.
//!
//! It is good for one question, "is this the same one?", and only for whoever has the key. When the key is gone nobody can
//! ask any more. While it is there, whoever reads all of the memory can: they try everybody they can think of, and of the
//! members of a server or the addresses of IPv4 that is all of them. It keeps a list from being read, not from being asked.
#![warn(missing_docs)]

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// Stands for somebody, under one key.
pub type Tag = [u8; 16];

/// A key. In a box, so that it lies in one place, and is overwritten there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key(Box<[u8; 32]>);

impl Key {
    /// From 32 random bytes.
    pub fn from_random(mut bytes: [u8; 32]) -> Self {
        let key = Self(Box::new(bytes));
        bytes.zeroize();
        key
    }

    /// What stands for whoever this says.
    pub fn tag(&self, said: &[u8]) -> Tag {
        let signed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &*self.0), said);
        let mut tag = Tag::default();
        tag.copy_from_slice(&signed.as_ref()[..size_of::<Tag>()]);
        tag
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2, with its key padded by zeros, which is what HMAC does with a short one.
    #[test]
    fn it_is_the_hash_that_it_says() {
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let known =
            [0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7];
        assert_eq!(Key::from_random(key).tag(b"what do ya want for nothing?"), known);
    }

    #[test]
    fn the_same_person_is_somebody_else_under_another_key() {
        let (one, other) = (Key::from_random([1; 32]), Key::from_random([2; 32]));
        assert_eq!(one.tag(b"ann"), one.tag(b"ann"));
        assert_ne!(one.tag(b"ann"), one.tag(b"ben"));
        assert_ne!(one.tag(b"ann"), other.tag(b"ann"));
        assert_eq!(format!("{one:?}"), "Key", "a key is not printed");
    }
}
