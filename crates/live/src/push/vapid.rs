//! The proof that it is we who write to a browser: RFC 8292, signed with the key that the keeper keeps.

use std::sync::Arc;

use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use keeper_api::Der;
use protocol::Timestamp;

use super::base64url::encode;

/// How long a proof holds, in seconds. A day is the most that is let through.
const HOLDS_SECONDS: u64 = 12 * 3_600;

/// The key; a cheap handle.
#[derive(Clone)]
pub(crate) struct Vapid(Arc<Parts>);

struct Parts {
    key: EcdsaKeyPair,
    /// Whom to turn to: the address of this server.
    contact: String,
}

impl Vapid {
    /// # Errors
    /// Not such a key.
    pub(crate) fn new(key: &Der, contact: String) -> Result<Self, KeyRejected> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_bytes())?;
        Ok(Self(Arc::new(Parts { key, contact })))
    }

    /// What browsers are told to know us by.
    pub(crate) fn public(&self) -> String {
        encode(self.0.key.public_key().as_ref())
    }

    /// The value of the `Authorization` header for one origin.
    ///
    /// # Errors
    /// Where nothing can be signed.
    pub(super) fn proof(&self, origin: &str, now: Timestamp) -> Result<String, Unspecified> {
        let claims = unsigned(origin, now.0 / 1_000 + HOLDS_SECONDS, &self.0.contact);
        let signature = self.0.key.sign(&SystemRandom::new(), claims.as_bytes())?;
        Ok(format!("vapid t={claims}.{}, k={}", encode(signature.as_ref()), self.public()))
    }
}

/// Whom it is for, until when, and whom to turn to. None of the three needs to be escaped: the first two come parsed, the third
/// is the operator's own.
fn unsigned(origin: &str, expires: u64, contact: &str) -> String {
    let claims = format!(r#"{{"aud":"{origin}","exp":{expires},"sub":"{contact}"}}"#);
    format!("{}.{}", encode(br#"{"typ":"JWT","alg":"ES256"}"#), encode(claims.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::base64url::decode;
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    fn verify(key: &str, said: &str, signature: &str) -> Result<(), Unspecified> {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key).expect("base64url"));
        key.verify(said.as_bytes(), &decode(signature).expect("base64url"))
    }

    /// RFC 8292, section 2.4.
    #[test]
    fn what_is_signed_is_as_in_the_example_of_the_standard() {
        let ours = unsigned("https://push.example.net", 1_453_523_768, "mailto:push@example.com");
        assert_eq!(
            ours,
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN\
             1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0"
        );
        let key = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
        let signature =
            "i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA";
        assert_eq!(verify(key, &ours, signature), Ok(()));
    }

    #[test]
    fn a_proof_is_for_one_origin_and_can_be_checked_by_the_key_beside_it() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let document = pair.to_pkcs8v1().expect("a document");
        let key = Der::try_from(document.as_ref().to_vec()).expect("short");
        let vapid = Vapid::new(&key, "https://rooms.example.org".to_owned()).expect("its key");
        let proof = vapid.proof("https://push.example.org", Timestamp(0)).expect("signed");
        let token = proof.strip_prefix("vapid t=").expect("its form");
        let (token, key) = token.split_once(", k=").expect("its form");
        let (said, signature) = token.rsplit_once('.').expect("three parts");
        assert_eq!(verify(key, said, signature), Ok(()));
        let claims = decode(said.split_once('.').expect("two parts").1).expect("base64url");
        assert_eq!(
            String::from_utf8(claims).expect("text"),
            r#"{"aud":"https://push.example.org","exp":43200,"sub":"https://rooms.example.org"}"#
        );
    }
}
