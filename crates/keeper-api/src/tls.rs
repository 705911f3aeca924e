//! Certificates and keys, handed over in memory.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::{CHAIN_MAX, DER_BYTES_MAX};

/// A certificate chain and its key. The keeper has read both and found that they belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsKeys {
    /// The server's own certificate first.
    pub chain: Vec<Der>,
    /// PKCS #8, PKCS #1 or SEC 1; rustls tells which.
    pub key: Der,
}

impl TlsKeys {
    /// # Errors
    /// No certificate, or more than [`CHAIN_MAX`].
    pub fn new(chain: Vec<Der>, key: Der) -> Result<Self, TlsTooLarge> {
        if chain.is_empty() || chain.len() > CHAIN_MAX { Err(TlsTooLarge) } else { Ok(Self { chain, key }) }
    }
}

/// Nothing, or more than a server's certificate can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the certificate chain or key is empty or too large")]
pub struct TlsTooLarge;

/// One DER document, at most [`DER_BYTES_MAX`] bytes; never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub struct Der(Vec<u8>);

impl Der {
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<Vec<u8>> for Der {
    type Error = TlsTooLarge;
    fn try_from(bytes: Vec<u8>) -> Result<Self, TlsTooLarge> {
        if bytes.is_empty() || bytes.len() > DER_BYTES_MAX { Err(TlsTooLarge) } else { Ok(Self(bytes)) }
    }
}

impl From<Der> for Vec<u8> {
    fn from(der: Der) -> Self {
        der.0.clone()
    }
}

impl Drop for Der {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl fmt::Debug for Der {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Der({} bytes)", self.0.len())
    }
}
