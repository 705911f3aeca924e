//! SRTP and SRTCP with AES-GCM (RFC 3711, RFC 7714).
//!
//! A key, an SSRC and an index make a nonce, and a nonce must never seal two different packets: with GCM that gives
//! the key away. So nobody can choose an index. A [`SlotSealer`] and an [`RtcpSealer`] are the only owners of their
//! keys, cannot be copied, and use up an index before they seal under it.

mod derive;
mod open;
mod seal;

pub use derive::{Profile, SessionKeys, Short};
pub use open::{OpenError, RtcpOpener, RtpOpener};
pub use seal::{RtcpSealer, SlotSealer};

/// AES-GCM tag, bytes.
pub(crate) const TAG: usize = 16;

/// Index and encryption flag at the end of an SRTCP packet, bytes.
pub(crate) const SRTCP_TRAILER: usize = 4;

type Salt = [u8; 12];

/// RFC 7714 section 8.1: SSRC, rollover counter and sequence number over the salt. `index` has 48 bits.
#[inline]
fn rtp_iv(salt: &Salt, ssrc: u32, index: u64) -> [u8; 12] {
    let mut iv = [0; 12];
    iv[2..6].copy_from_slice(&ssrc.to_be_bytes());
    iv[6..].copy_from_slice(&index.to_be_bytes()[2..]);
    exclusive_or(iv, salt)
}

/// RFC 7714 section 9.1: SSRC and the 31-bit SRTCP index over the salt.
fn rtcp_iv(salt: &Salt, ssrc: u32, index: u32) -> [u8; 12] {
    let mut iv = [0; 12];
    iv[2..6].copy_from_slice(&ssrc.to_be_bytes());
    iv[8..].copy_from_slice(&index.to_be_bytes());
    exclusive_or(iv, salt)
}

#[inline]
fn exclusive_or(mut iv: [u8; 12], salt: &Salt) -> [u8; 12] {
    iv.iter_mut().zip(salt).for_each(|(byte, salt)| *byte ^= salt);
    iv
}
