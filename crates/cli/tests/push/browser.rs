//! A browser as a push service knows it: it has keys, and opens what is sealed for it (RFC 8291, RFC 8188).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::signature;
use serde_json::{Value, json};

pub(crate) struct Browser {
    key: PrivateKey,
    auth: [u8; 16],
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<[u8; N], Unspecified> {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(&[info], Bytes(N))?.fill(&mut out)?;
    Ok(out)
}

impl Browser {
    pub(crate) fn new() -> Self {
        let mut auth = [0; 16];
        aws_lc_rs::rand::fill(&mut auth).expect("chance");
        Self { key: PrivateKey::generate(&ECDH_P256).expect("a key"), auth }
    }

    /// As it tells a page.
    pub(crate) fn device(&self, endpoint: &str) -> Value {
        let point = self.key.compute_public_key().expect("a point");
        json!({ "endpoint": endpoint, "p256dh": encode(point.as_ref()), "auth": encode(&self.auth) })
    }

    /// `None` for what is not sealed for it.
    pub(crate) fn open(&self, body: &[u8]) -> Option<String> {
        let (salt, rest) = body.split_at_checked(16)?;
        let (theirs, record) = rest.get(5..)?.split_at_checked(65)?;
        let ours = self.key.compute_public_key().ok()?;
        let info = [&b"WebPush: info\0"[..], ours.as_ref(), theirs].concat();
        let theirs = UnparsedPublicKey::new(&ECDH_P256, theirs);
        let secret: [u8; 32] =
            agree(&self.key, theirs, Unspecified, |shared| expand(&self.auth, shared, &info)).ok()?;
        let key: [u8; 16] = expand(salt, &secret, b"Content-Encoding: aes128gcm\0").ok()?;
        let nonce: [u8; 12] = expand(salt, &secret, b"Content-Encoding: nonce\0").ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
        let mut record = record.to_vec();
        let plain = key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).ok()?;
        let end = plain.iter().rposition(|byte| *byte != 0).filter(|end| plain[*end] == 2)?;
        String::from_utf8(plain[..end].to_vec()).ok()
    }
}

/// Whether a header proves (RFC 8292) that whoever has this key writes to this origin.
pub(crate) fn is_proof(header: &str, key: &str, origin: &str) -> bool {
    let check = || {
        let (token, said_key) = header.strip_prefix("vapid t=")?.split_once(", k=")?;
        let (said, signed) = token.rsplit_once('.')?;
        let claims: Value = serde_json::from_slice(&decode(said.split_once('.')?.1)?).ok()?;
        let public = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, decode(key)?);
        public.verify(said.as_bytes(), &decode(signed)?).ok()?;
        Some(said_key == key && claims["aud"] == origin)
    };
    check().unwrap_or(false)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn encode(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    let six = |at: usize| (0..6).fold(0, |six, next| six << 1 | usize::from(bit(6 * at + next)));
    (0..(bytes.len() * 8).div_ceil(6)).map(|at| char::from(ALPHABET[six(at)])).collect()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for letter in text.bytes() {
        let six = ALPHABET.iter().position(|known| *known == letter)?;
        bits.extend((0..6).rev().map(|at| six >> at & 1 == 1));
    }
    Some(
        bits.chunks_exact(8)
            .map(|eight| eight.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit)))
            .collect(),
    )
}
