//! A notice, sealed for one browser: RFC 8291 (whose keys), in the form of RFC 8188 (`aes128gcm`).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use keeper_api::PushKeys;
use zeroize::Zeroize as _;

use crate::clock::random;

/// Bytes of what is sealed, whatever it says: who sees how much is sent learns nothing of what. The longest notice has a handle
/// of 20 characters of up to four bytes.
const PLAIN_BYTES: usize = 192;
/// Bytes of one record: more than there is, so that there is one.
const RECORD_BYTES: u32 = 4_096;
/// Ends what is said in the last record.
const END: u8 = 2;

/// What is drawn anew for every notice.
struct Drawn {
    ours: PrivateKey,
    salt: [u8; 16],
}

/// # Errors
/// The browser's key is none, or the notice is too long.
pub(super) fn seal(plain: &[u8], to: &PushKeys) -> Result<Vec<u8>, Unspecified> {
    let drawn = Drawn { ours: PrivateKey::generate(&ECDH_P256)?, salt: random() };
    let padding = PLAIN_BYTES.checked_sub(plain.len()).ok_or(Unspecified)?;
    seal_with(plain, padding, to.point(), to.auth(), &drawn)
}

fn seal_with(
    plain: &[u8],
    padding: usize,
    theirs: &[u8],
    auth: &[u8],
    Drawn { ours, salt }: &Drawn,
) -> Result<Vec<u8>, Unspecified> {
    let our_point = ours.compute_public_key()?;
    let info = [&b"WebPush: info\0"[..], theirs, our_point.as_ref()].concat();
    let mut secret = [0; 32];
    agree(ours, UnparsedPublicKey::new(&ECDH_P256, theirs), Unspecified, |shared| {
        expand(&Salt::new(HKDF_SHA256, auth), shared, &info, &mut secret)
    })?;
    let salted = Salt::new(HKDF_SHA256, salt);
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    expand(&salted, &secret, b"Content-Encoding: aes128gcm\0", &mut key)?;
    expand(&salted, &secret, b"Content-Encoding: nonce\0", &mut nonce)?;
    let mut record = [plain, &[END], &vec![0; padding]].concat();
    let sealed = UnboundKey::new(&AES_128_GCM, &key).and_then(|key| {
        LessSafeKey::new(key).seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut record,
        )
    });
    secret.zeroize();
    key.zeroize();
    sealed?;
    let point_bytes = u8::try_from(our_point.as_ref().len()).map_err(|_| Unspecified)?;
    Ok([&salt[..], &RECORD_BYTES.to_be_bytes(), &[point_bytes], our_point.as_ref(), &record].concat())
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(salt: &Salt, secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), Unspecified> {
    salt.extract(secret).expand(&[info], Bytes(out.len()))?.fill(out)
}

/// A browser, for tests: it has a key, and opens what was sealed for it.
#[cfg(test)]
pub(crate) struct Browser {
    key: PrivateKey,
    auth: [u8; PushKeys::AUTH],
}

#[cfg(test)]
impl Browser {
    pub(crate) fn new() -> Self {
        Self { key: PrivateKey::generate(&ECDH_P256).unwrap(), auth: random() }
    }

    pub(crate) fn keys(&self) -> PushKeys {
        let point = self.key.compute_public_key().unwrap();
        PushKeys::try_from([point.as_ref(), &self.auth].concat()).unwrap()
    }

    /// As text; `None` where it is for somebody else.
    pub(crate) fn open(&self, body: &[u8]) -> Option<String> {
        let (salt, rest) = body.split_at_checked(16)?;
        let (theirs, record) = rest.get(5..)?.split_at_checked(PushKeys::POINT)?;
        let ours = self.key.compute_public_key().ok()?;
        let info = [&b"WebPush: info\0"[..], ours.as_ref(), theirs].concat();
        let (mut secret, mut key, mut nonce) = ([0; 32], [0; 16], [0; 12]);
        agree(&self.key, UnparsedPublicKey::new(&ECDH_P256, theirs), Unspecified, |shared| {
            expand(&Salt::new(HKDF_SHA256, &self.auth), shared, &info, &mut secret)
        })
        .ok()?;
        let salted = Salt::new(HKDF_SHA256, salt);
        expand(&salted, &secret, b"Content-Encoding: aes128gcm\0", &mut key).ok()?;
        expand(&salted, &secret, b"Content-Encoding: nonce\0", &mut nonce).ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
        let mut record = record.to_vec();
        let plain = key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).ok()?;
        let end = plain.iter().rposition(|byte| *byte != 0).filter(|end| plain[*end] == END)?;
        String::from_utf8(plain[..end].to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::base64url::{decode, encode};
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        decode(text).expect("base64url")
    }

    /// RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_standard_comes_out_word_for_word() {
        let ours = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let drawn = Drawn {
            ours: PrivateKey::from_private_key(&ECDH_P256, &ours).expect("a key"),
            salt: bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes"),
        };
        let theirs =
            bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let plain = b"When I grow up, I want to be a watermelon";
        let sealed = seal_with(plain, 0, &theirs, &auth, &drawn).expect("sealed");
        assert_eq!(
            encode(&sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8\
             wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn what_is_sealed_for_a_browser_is_opened_by_it_and_by_no_other() {
        let (browser, other) = (Browser::new(), Browser::new());
        let sealed = seal(b"said", &browser.keys()).expect("sealed");
        assert_eq!(browser.open(&sealed).as_deref(), Some("said"));
        assert_eq!(other.open(&sealed), None);
    }

    #[test]
    fn what_is_sent_is_of_one_length_whatever_it_says_and_never_the_same_twice() {
        let keys = Browser::new().keys();
        let [one, again, longer] =
            [&b"a"[..], b"a", &[b'x'; PLAIN_BYTES]].map(|plain| seal(plain, &keys).expect("sealed"));
        assert_eq!((one.len(), again.len()), (longer.len(), longer.len()));
        assert_ne!(one, again);
        assert!(seal(&[b'x'; PLAIN_BYTES + 1], &keys).is_err());
    }

    #[test]
    fn a_point_that_is_none_is_refused() {
        let keys = PushKeys::try_from(vec![4; PushKeys::POINT + PushKeys::AUTH]).expect("so many bytes");
        assert!(seal(b"a", &keys).is_err());
    }
}
