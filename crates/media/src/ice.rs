//! The names and passwords of an ICE-lite responder (RFC 8445 sections 2.5 and 5.3).
//!
//! The username fragment is not a secret and says whose packet a check is: shard, index, generation, and the process
//! that gave it out. Nothing has to be looked up to find the peer, and a check meant for an earlier process or an
//! earlier peer is recognised and dropped.

use crate::key::{Incarnation, PeerKey, ShardIndex};
use crate::limits::PEERS_PER_SHARD;

/// Twelve bytes in the alphabet of RFC 8445 section 5.3 (`ice-char`), which is that of base64.
const UFRAG: usize = 16;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What our answer gives to one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub ufrag: String,
    pub pwd: Pwd,
}

impl Credentials {
    /// `random` is 144 bits for the password, which is what keeps others out.
    pub fn new(peer: PeerKey, incarnation: Incarnation, random: [u8; 18]) -> Self {
        Self { ufrag: Ufrag { peer, incarnation }.to_string(), pwd: Pwd::from_random(random) }
    }
}

/// The password of one connection: 24 characters. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Pwd([u8; 24]);

impl Pwd {
    pub fn from_random(random: [u8; 18]) -> Self {
        let mut text = [0; 24];
        encode(&random, &mut text);
        Self(text)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For the answer, the only place where it is written out.
    pub fn as_str(&self) -> &str {
        // Only characters of `ALPHABET` are ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Debug for Pwd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pwd(..)")
    }
}

/// A username fragment of ours, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ufrag {
    pub peer: PeerKey,
    pub incarnation: Incarnation,
}

impl Ufrag {
    /// `None` for anything that this program has not written.
    pub fn parse(text: &str) -> Option<Self> {
        let text: &[u8; UFRAG] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0u8; 12];
        for (four, three) in text.chunks_exact(4).zip(bytes.chunks_exact_mut(3)) {
            let mut bits = 0u32;
            for character in four {
                bits = bits << 6 | u32::from(value_of(*character)?);
            }
            three.copy_from_slice(&bits.to_be_bytes()[1..]);
        }
        let [shard, i0, i1, i2, g0, g1, g2, g3, n0, n1, n2, n3] = bytes;
        let index = u32::from_be_bytes([0, i0, i1, i2]);
        (index < PEERS_PER_SHARD).then_some(Self {
            peer: PeerKey {
                shard: ShardIndex(shard),
                index,
                generation: u32::from_be_bytes([g0, g1, g2, g3]),
            },
            incarnation: Incarnation(u32::from_be_bytes([n0, n1, n2, n3])),
        })
    }
}

impl Ufrag {
    /// The two characters that every fragment of this shard begins with, and of no other shard.
    pub fn begins_with(shard: ShardIndex) -> [u8; 2] {
        const {
            assert!(
                PEERS_PER_SHARD <= 1 << 20,
                "the first four bits of the index are in the second character"
            )
        };
        let mut text = [0; 4];
        encode(&[shard.0, 0, 0], &mut text);
        let [first, second, ..] = text;
        [first, second]
    }
}

impl std::fmt::Display for Ufrag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = [0u8; 12];
        bytes[..4].copy_from_slice(&self.peer.index.to_be_bytes());
        bytes[0] = self.peer.shard.0;
        bytes[4..8].copy_from_slice(&self.peer.generation.to_be_bytes());
        bytes[8..].copy_from_slice(&self.incarnation.0.to_be_bytes());
        let mut text = [0u8; UFRAG];
        encode(&bytes, &mut text);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Three bytes to four characters; the lengths fit by the callers' types.
fn encode(bytes: &[u8], text: &mut [u8]) {
    for (three, four) in bytes.chunks_exact(3).zip(text.chunks_exact_mut(4)) {
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for (i, character) in four.iter_mut().enumerate() {
            *character = ALPHABET[(bits >> (18 - 6 * i) & 63) as usize];
        }
    }
}

fn value_of(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_ufrag_survives_being_written_and_read(
            shard: u8, index in 0..PEERS_PER_SHARD, generation: u32, incarnation: u32,
        ) {
            let peer = PeerKey { shard: ShardIndex(shard), index, generation };
            let ufrag = Ufrag { peer, incarnation: Incarnation(incarnation) };
            prop_assert_eq!(Ufrag::parse(&ufrag.to_string()), Some(ufrag));
        }

        #[test]
        fn any_text_is_a_ufrag_or_is_not(text in "\\PC{0,20}") {
            if let Some(ufrag) = Ufrag::parse(&text) {
                prop_assert_eq!(ufrag.to_string(), text);
            }
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let credentials = Credentials::new(
            PeerKey { shard: ShardIndex(0), index: 1, generation: 2 },
            Incarnation(3),
            [7; 18],
        );
        assert!(!format!("{credentials:?}").contains(credentials.pwd.as_str()));
        assert_eq!(credentials.pwd.as_str().len(), 24);
    }
}
