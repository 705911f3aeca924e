//! All that may be asked of the process that calls out: to take a sealed letter to an address, and to say what came of it.
//!
//! How a line goes. Whenever `live` or this process is started, the parent makes a socket pair and gives each one end. `live`
//! sends [`Letter`]s, each with a number, and gets one [`Answer`] each, in any order. When a line breaks, what had no answer has
//! none: whoever waits asks the next one.
//!
//! What cannot be said. A letter is an address, the headers of Web Push (RFC 8030) and bytes that only the addressee opens:
//! nothing says who it is for or what for.

mod ends;
pub mod limits;
pub mod parent;

use std::fmt;

use serde::{Deserialize, Serialize};

use limits::{ADDRESS_BYTES_MAX, BODY_BYTES_MAX, PROOF_BYTES_MAX};

pub use ends::{Broken, Reading, Writing, split};

/// Longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too long")]
pub struct TooLong;

/// Chosen by `live`, unique among its letters that wait for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LetterNumber(pub u64);

/// One message of Web Push on its way to whoever keeps it for a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub number: LetterNumber,
    pub address: Address,
    /// The `Authorization` header: that we are whom the browser allowed to write (RFC 8292).
    pub proof: Proof,
    /// For how long it is worth keeping, in seconds (`TTL`).
    pub keep_seconds: u32,
    pub urgency: Urgency,
    /// Sealed for the browser (RFC 8291).
    pub body: Body,
}

/// Whether a device that saves its battery is to be woken (RFC 8030 section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Urgency {
    Normal,
    High,
}

/// What came of one letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub number: LetterNumber,
    pub outcome: Outcome,
}

/// What whoever keeps messages for a browser said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// They took it.
    Delivered,
    /// Nobody is there any more: forget the address.
    Gone,
    /// Try again after so long, not before.
    Later { seconds: u32 },
    /// It will not be taken however often it is tried, or may not be sent there.
    Refused,
}

macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $text:literal, $borrowed:ty, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = $text, into = $text)]
        pub struct $name($inner);

        impl $name {
            /// # Errors
            /// Longer than its bound.
            pub fn new(inner: impl Into<$inner>) -> Result<Self, TooLong> {
                let inner = inner.into();
                if inner.len() > $max { Err(TooLong) } else { Ok(Self(inner)) }
            }

            pub fn get(&self) -> &$borrowed {
                &self.0
            }
        }

        impl TryFrom<$inner> for $name {
            type Error = TooLong;
            fn try_from(inner: $inner) -> Result<Self, TooLong> {
                Self::new(inner)
            }
        }

        impl From<$name> for $inner {
            fn from(bounded: $name) -> Self {
                bounded.0
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
    /// Where it goes: an `https` address that a browser gave. At most [`ADDRESS_BYTES_MAX`] bytes; never shown.
    Address,
    String,
    "String",
    str,
    ADDRESS_BYTES_MAX
);
bounded!(
    /// The value of a header. At most [`PROOF_BYTES_MAX`] bytes.
    Proof,
    String,
    "String",
    str,
    PROOF_BYTES_MAX
);
bounded!(
    /// At most [`BODY_BYTES_MAX`] bytes.
    Body,
    Vec<u8>,
    "Vec<u8>",
    [u8],
    BODY_BYTES_MAX
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_an_address_is_in_its_debug_form() {
        let address = Address::new("https://push.example.org/somebody").expect("short");
        assert_eq!(format!("{address:?}"), "Address(33 bytes)");
    }

    #[test]
    fn what_is_longer_than_its_bound_is_none() {
        assert_eq!(Address::new("x".repeat(ADDRESS_BYTES_MAX + 1)), Err(TooLong));
        assert_eq!(Body::new(vec![0; BODY_BYTES_MAX + 1]), Err(TooLong));
    }
}
