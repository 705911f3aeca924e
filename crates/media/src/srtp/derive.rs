//! From DTLS keying material to session keys (RFC 5764 section 4.2, RFC 3711 section 4.3).

use std::ops::Deref;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use zeroize::Zeroizing;

use super::inline::InlineKey;
use super::{RtcpOpener, RtcpSealer, RtpOpener, Salt, SlotSealer};

/// The protection profiles spoken here: AEAD only (RFC 7714 section 14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Aes128Gcm,
    Aes256Gcm,
}

impl Profile {
    fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm => 16,
            Self::Aes256Gcm => 32,
        }
    }
}

/// Keying material is too short for its profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not enough keying material")]
pub struct Short;

/// Both directions of one connection, seen from the DTLS server.
#[derive(Debug)]
pub struct SessionKeys {
    pub rtp_in: RtpOpener,
    pub rtcp_in: RtcpOpener,
    pub rtp_out: SlotSealer,
    pub rtcp_out: RtcpSealer,
}

impl SessionKeys {
    /// `material` is the DTLS export: client key, server key, client salt, server salt. `seed` is fresh randomness
    /// for the first sequence numbers.
    pub fn new(profile: Profile, material: &[u8], seed: u64) -> Result<Self, Short> {
        let key_len = profile.key_len();
        let (client_key, rest) = material.split_at_checked(key_len).ok_or(Short)?;
        let (server_key, rest) = rest.split_at_checked(key_len).ok_or(Short)?;
        let (client_salt, rest) = rest.split_at_checked(12).ok_or(Short)?;
        let server_salt = rest.get(..12).ok_or(Short)?;
        let (key, salt) = session(profile, client_key, client_salt, RTP)?;
        let rtp_in = RtpOpener::new(library_key(profile, &key)?, salt);
        let (key, salt) = session(profile, client_key, client_salt, RTCP)?;
        let rtcp_in = RtcpOpener::new(library_key(profile, &key)?, salt);
        let (key, salt) = session(profile, server_key, server_salt, RTP)?;
        let rtp_out = SlotSealer::new(InlineKey::new(profile, &key).ok_or(Short)?, salt, seed);
        let (key, salt) = session(profile, server_key, server_salt, RTCP)?;
        let rtcp_out = RtcpSealer::new(library_key(profile, &key)?, salt);
        Ok(Self { rtp_in, rtcp_in, rtp_out, rtcp_out })
    }
}

/// Labels of RFC 3711 section 4.3.2: of the key; the salt's is two further.
const RTP: u8 = 0;
const RTCP: u8 = 3;

/// As long as its profile asks for.
struct Key {
    bytes: Zeroizing<[u8; 32]>,
    len: usize,
}

impl Deref for Key {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

fn session(profile: Profile, master: &[u8], master_salt: &[u8], label: u8) -> Result<(Key, Salt), Short> {
    let mut key = Key { bytes: Zeroizing::new([0; 32]), len: profile.key_len() };
    derive(master, master_salt, label, key.bytes.get_mut(..key.len).ok_or(Short)?)?;
    let mut salt = [0; 12];
    derive(master, master_salt, label + 2, &mut salt)?;
    Ok((key, salt))
}

/// For what is opened, and for the few reports that are sealed.
fn library_key(profile: Profile, key: &[u8]) -> Result<LessSafeKey, Short> {
    let algorithm = match profile {
        Profile::Aes128Gcm => &AES_128_GCM,
        Profile::Aes256Gcm => &AES_256_GCM,
    };
    Ok(LessSafeKey::new(UnboundKey::new(algorithm, key).map_err(|_| Short)?))
}

/// AES-CM as the pseudo-random function, key derivation rate zero (RFC 3711 section 4.3.3, RFC 6188 section 3).
fn derive(master: &[u8], salt: &[u8], label: u8, out: &mut [u8]) -> Result<(), Short> {
    let mut iv = [0u8; 16];
    iv.get_mut(..salt.len().min(14))
        .ok_or(Short)?
        .copy_from_slice(salt.get(..salt.len().min(14)).ok_or(Short)?);
    iv[7] ^= label;
    let algorithm = if master.len() == 16 { &AES_128 } else { &AES_256 };
    let key = UnboundCipherKey::new(algorithm, master).map_err(|_| Short)?;
    let context = EncryptionContext::Iv128(iv.into());
    out.fill(0);
    EncryptingKey::ctr(key).and_then(|key| key.less_safe_encrypt(out, context)).map_err(|_| Short)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3711 appendix B.3.
    #[test]
    fn keys_are_derived_as_the_standard_does() {
        let master =
            [0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0, 0xd6, 0x4f, 0xa3, 0x2c, 0x06, 0xde, 0x41, 0x39];
        let salt = [0x0e, 0xc6, 0x75, 0xad, 0x49, 0x8a, 0xfe, 0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6];
        let mut key = [0; 16];
        derive(&master, &salt, 0, &mut key).expect("a key");
        assert_eq!(key, 0xc61e_7a93_744f_39ee_1073_4afe_3ff7_a087_u128.to_be_bytes());
        let mut out = [0; 14];
        derive(&master, &salt, 2, &mut out).expect("a salt");
        assert_eq!(out, 0x30cb_bc08_863d_8c85_d49d_b34a_9ae1_0000_u128.to_be_bytes()[..14]);
    }

    #[test]
    fn short_material_makes_no_keys() {
        for length in 0..88 {
            assert!(SessionKeys::new(Profile::Aes256Gcm, &vec![1; length], 0).is_err());
        }
        assert!(SessionKeys::new(Profile::Aes256Gcm, &[1; 88], 0).is_ok());
        assert!(SessionKeys::new(Profile::Aes128Gcm, &[1; 56], 0).is_ok());
    }
}
