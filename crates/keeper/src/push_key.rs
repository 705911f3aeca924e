//! The key by which push services know this server (RFC 8292). It is made once: browsers that are told remember its public
//! half.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use keeper_api::Der;
use store::{Store, StoreError};

/// The one that is kept; where there is none, or none that is one, a new one.
pub(crate) async fn of(store: &Store) -> Result<Der, StoreError> {
    if let Some(key) = store.push_key().await?.and_then(usable) {
        return Ok(key);
    }
    let key = new();
    store.set_push_key(key.as_bytes()).await?;
    Ok(key)
}

pub(crate) fn new() -> Der {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let document = pair.and_then(|pair| pair.to_pkcs8v1());
    let key = document.ok().and_then(|document| Der::try_from(document.as_ref().to_vec()).ok());
    #[expect(clippy::expect_used, reason = "without randomness no secret can be made, and nothing may go on")]
    key.expect("the system's random generator works")
}

fn usable(key: Vec<u8>) -> Option<Der> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key).ok()?;
    Der::try_from(key).ok()
}
