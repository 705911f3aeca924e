//! Text and bytes that pass through unparsed, with a bound.

use std::fmt;

use protocol::limits::{PICTURE_BYTES_MAX, PUSH_ENDPOINT_BYTES_MAX};
use serde::{Deserialize, Serialize};

use crate::limits::{CREDENTIAL_BYTES_MAX, SERVER_ADDRESS_BYTES_MAX, TYPED_BYTES_MAX};

/// Longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too long")]
pub struct TooLong;

/// A picture as it is kept and shown: a small JPEG, at most [`PICTURE_BYTES_MAX`] bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub struct PictureJpeg(Vec<u8>);

impl PictureJpeg {
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<Vec<u8>> for PictureJpeg {
    type Error = TooLong;
    fn try_from(bytes: Vec<u8>) -> Result<Self, TooLong> {
        if bytes.len() > PICTURE_BYTES_MAX { Err(TooLong) } else { Ok(Self(bytes)) }
    }
}

impl From<PictureJpeg> for Vec<u8> {
    fn from(picture: PictureJpeg) -> Self {
        picture.0
    }
}

impl fmt::Debug for PictureJpeg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PictureJpeg({} bytes)", self.0.len())
    }
}

/// The keys of a browser that is told (RFC 8291): its public point, and the secret that it shares with this server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub struct PushKeys(Vec<u8>);

impl PushKeys {
    /// Bytes of a point of P-256, uncompressed.
    pub const POINT: usize = 65;
    /// Bytes of the secret.
    pub const AUTH: usize = 16;

    /// The public point.
    pub fn point(&self) -> &[u8] {
        self.0.get(..Self::POINT).unwrap_or_default()
    }

    /// The shared secret.
    pub fn auth(&self) -> &[u8] {
        self.0.get(Self::POINT..).unwrap_or_default()
    }
}

/// Not the keys of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the keys of a browser")]
pub struct NotPushKeys;

impl TryFrom<Vec<u8>> for PushKeys {
    type Error = NotPushKeys;
    fn try_from(bytes: Vec<u8>) -> Result<Self, NotPushKeys> {
        if bytes.len() == Self::POINT + Self::AUTH { Ok(Self(bytes)) } else { Err(NotPushKeys) }
    }
}

impl From<PushKeys> for Vec<u8> {
    fn from(keys: PushKeys) -> Self {
        keys.0.clone()
    }
}

impl Drop for PushKeys {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl fmt::Debug for PushKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushKeys(…)")
    }
}

macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// Longer than its bound.
            pub fn new(text: impl Into<String>) -> Result<Self, TooLong> {
                let text = text.into();
                if text.len() > $max { Err(TooLong) } else { Ok(Self(text)) }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TooLong;
            fn try_from(text: String) -> Result<Self, TooLong> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }
    };
}

bounded!(
    /// What a person typed: a search, or the handle they believe is theirs. At most [`TYPED_BYTES_MAX`] bytes.
    Typed,
    TYPED_BYTES_MAX
);
bounded!(
    /// `PublicKeyCredential.toJSON()`, as JSON text. At most [`CREDENTIAL_BYTES_MAX`] bytes.
    CredentialJson,
    CREDENTIAL_BYTES_MAX
);
bounded!(
    /// The origin that people use, as the server was started with: what stands in front of a link.
    ServerAddress,
    SERVER_ADDRESS_BYTES_MAX
);
bounded!(
    /// Where a browser is told: an address of whoever keeps messages for it, as the browser gave it. At most
    /// [`PUSH_ENDPOINT_BYTES_MAX`] bytes.
    PushEndpoint,
    PUSH_ENDPOINT_BYTES_MAX
);
bounded!(
    /// A column of the database as `table.column`.
    ColumnName,
    TYPED_BYTES_MAX
);
bounded!(
    /// The domain that passkeys are bound to (the RP ID of WebAuthn): the host of the public URL, or `localhost`.
    PasskeyDomain,
    TYPED_BYTES_MAX
);
