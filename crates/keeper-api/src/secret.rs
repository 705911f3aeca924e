//! Secrets as they travel: parsed once at the edge, never shown by `Debug`, wiped when dropped.
//!
//! Nothing here decides whether a secret is good; only the keeper does.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $spelling:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Random bytes in it.
            pub const BYTES: usize = $bytes;

            /// From random bytes; the caller brings them.
            pub const fn from_random(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            /// From what a client sent; `None` for everything that cannot be one.
            pub fn parse(text: &str) -> Option<Self> {
                decode(text, $spelling).map(Self)
            }

            /// As it is handed to a person or a client.
            pub fn reveal(&self) -> String {
                encode(&self.0, $spelling)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                zeroize::Zeroize::zeroize(&mut self.0);
            }
        }
    };
}

secret!(
    /// Proof of a session: 256 bits, 43 characters of base64url. The cookie's value, and the bearer token.
    SessionToken,
    32,
    Spelling::BASE64URL
);
secret!(
    /// The fragment of a link (owner, invitation, sign-in): 128 bits, 22 characters of base64url.
    LinkSecret,
    16,
    Spelling::BASE64URL
);
secret!(
    /// The end of the address at which a calendar program reads a member's events: 256 bits, 43 characters of base64url. It
    /// reads, and no more than that.
    CalendarSecret,
    32,
    Spelling::BASE64URL
);
secret!(
    /// What a person types instead of a device link: 40 bits, `XXXX-XXXX`. Short, so it lives two minutes, is used
    /// once, and wrong guesses are counted over all members together.
    DeviceCode,
    5,
    Spelling::BASE32
);
secret!(
    /// A recovery code: 80 bits, `XXXX-XXXX-XXXX-XXXX`.
    RecoveryCode,
    10,
    Spelling::BASE32
);
secret!(
    /// Names a passkey ceremony between its start and its end.
    Ceremony,
    16,
    Spelling::BASE64URL
);
secret!(
    /// Seals the blobs in which rooms outlive a crash (AES-256-GCM).
    SealingKey,
    32,
    Spelling::BASE64URL
);

/// What signs a device in without a passkey: the fragment of a link, or the short code beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInSecret {
    /// `/l#…`, from another device or from the administrator.
    Link(LinkSecret),
    /// Typed.
    Code(DeviceCode),
}

impl SignInSecret {
    /// Tells the two apart by their length; `None` for what can be neither.
    pub fn parse(text: &str) -> Option<Self> {
        LinkSecret::parse(text).map(Self::Link).or_else(|| DeviceCode::parse(text).map(Self::Code))
    }
}

#[derive(Clone, Copy)]
struct Spelling {
    alphabet: &'static [u8],
    bits: usize,
    /// Characters between two dashes; none where programs write and read it.
    group: Option<usize>,
}

impl Spelling {
    /// RFC 4648 section 5, unpadded.
    const BASE64URL: Self = Self {
        alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        bits: 6,
        group: None,
    };
    /// Crockford's: no I, L, O, U, so that a code survives being read out and typed.
    const BASE32: Self = Self { alphabet: b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", bits: 5, group: Some(4) };

    fn value(self, character: u8) -> Option<u32> {
        let character = match (self.group, character.to_ascii_uppercase()) {
            (None, _) => character,
            (Some(_), b'O') => b'0',
            (Some(_), b'I' | b'L') => b'1',
            (Some(_), upper) => upper,
        };
        self.alphabet.iter().position(|known| *known == character).and_then(|at| u32::try_from(at).ok())
    }
}

fn encode(bytes: &[u8], spelling: Spelling) -> String {
    let count = (bytes.len() * 8).div_ceil(spelling.bits);
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    let mut text = String::new();
    for index in 0..count {
        if spelling.group.is_some_and(|group| index > 0 && index % group == 0) {
            text.push('-');
        }
        let value = (0..spelling.bits).fold(0, |v, i| v << 1 | usize::from(bit(index * spelling.bits + i)));
        text.push(char::from(spelling.alphabet[value]));
    }
    text
}

/// Refuses everything but the one spelling (for codes: the one spelling up to dashes, space and case).
fn decode<const N: usize>(text: &str, spelling: Spelling) -> Option<[u8; N]> {
    let skipped = |byte: u8| spelling.group.is_some() && (byte == b'-' || byte.is_ascii_whitespace());
    if text.len() > 4 * N + 8 {
        return None;
    }
    let mut bytes = [0; N];
    let mut at = 0;
    for character in text.bytes().filter(|byte| !skipped(*byte)) {
        let value = spelling.value(character)?;
        for shift in (0..spelling.bits).rev() {
            let set = value >> shift & 1 == 1;
            match bytes.get_mut(at / 8) {
                Some(byte) => *byte |= u8::from(set) << (7 - at % 8),
                // The last character's bits past the end.
                None if at < N * 8 + spelling.bits && !set => {}
                None => return None,
            }
            at += 1;
        }
    }
    (at == (N * 8).div_ceil(spelling.bits) * spelling.bits).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_secret_survives_being_written_and_read(token in any::<[u8; 32]>(), code in any::<[u8; 10]>()) {
            let token = SessionToken::from_random(token);
            prop_assert_eq!(token.reveal().len(), 43);
            prop_assert_eq!(SessionToken::parse(&token.reveal()), Some(token));
            let code = RecoveryCode::from_random(code);
            prop_assert_eq!(code.reveal().len(), 19);
            prop_assert_eq!(RecoveryCode::parse(&code.reveal()), Some(code));
        }

        #[test]
        fn what_cannot_be_a_secret_is_none_and_never_a_panic(text in ".{0,60}") {
            let _ = (SessionToken::parse(&text), RecoveryCode::parse(&text), SignInSecret::parse(&text));
        }
    }

    #[test]
    fn a_token_has_one_spelling() {
        let text = LinkSecret::from_random([0; 16]).reveal();
        assert_eq!(text, "AAAAAAAAAAAAAAAAAAAAAA");
        assert!(LinkSecret::parse("AAAAAAAAAAAAAAAAAAAAAB").is_none(), "stray bits in the last character");
        assert!(LinkSecret::parse("AAAAAAAAAAAAAAAAAAAAA").is_none());
        assert!(LinkSecret::parse("AAAAAAAAAAAAAAAAAAAAAAA").is_none());
        assert!(LinkSecret::parse("AAAAAAAAAAA-AAAAAAAAAAA").is_none());
    }

    #[test]
    fn a_code_forgives_case_dashes_and_letters_that_look_like_digits() {
        let code = DeviceCode::from_random([0, 0x44, 0x32, 0x14, 0xC7]);
        assert_eq!(code.reveal(), "0123-4567");
        let spoken = code.reveal().to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(DeviceCode::parse(&spoken), Some(code));
    }

    #[test]
    fn nothing_of_a_secret_is_in_its_debug_form() {
        assert_eq!(format!("{:?}", SessionToken::from_random([7; 32])), "SessionToken(…)");
    }

    #[test]
    fn a_link_and_its_short_code_are_told_apart() {
        let link = LinkSecret::from_random([9; 16]);
        let code = DeviceCode::from_random([9; 5]);
        assert_eq!(SignInSecret::parse(&link.reveal()), Some(SignInSecret::Link(link)));
        assert_eq!(SignInSecret::parse(&code.reveal()), Some(SignInSecret::Code(code)));
    }
}
