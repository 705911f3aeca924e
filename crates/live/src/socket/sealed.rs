//! What people in a room pass each other and the server cannot read: looked at for its form and its size only.

use protocol::ErrorCode;
use protocol::id::ParticipantId;
use protocol::limits::SEALED_BYTES_MAX;

use crate::limits::RELAY_TO_MAX;

/// # Errors
/// `TooLarge` for more than [`SEALED_BYTES_MAX`] bytes or more than [`RELAY_TO_MAX`] people, `Malformed` for what is
/// not base64.
pub(crate) fn check(to: &[ParticipantId], sealed: &str) -> Result<(), ErrorCode> {
    let bytes = bytes(sealed).ok_or(ErrorCode::Malformed)?;
    if bytes > SEALED_BYTES_MAX || to.len() > RELAY_TO_MAX { Err(ErrorCode::TooLarge) } else { Ok(()) }
}

/// How many bytes a text stands for, if it is padded base64 (RFC 4648 section 4).
fn bytes(text: &str) -> Option<usize> {
    let letters = text.trim_end_matches('=');
    let padding = text.len() - letters.len();
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let whole = text.len().is_multiple_of(4) && padding <= 2 && letters.bytes().all(letter);
    whole.then(|| text.len() / 4 * 3 - padding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_without_their_padding() {
        for (text, expected) in [
            ("", Some(0)),
            ("QQ==", Some(1)),
            ("QUI=", Some(2)),
            ("QUJD", Some(3)),
            ("+/+/", Some(3)),
            ("QQ", None),
            ("QQ=", None),
            ("Q===", None),
            ("Q=Q=", None),
            ("QQ =", None),
            ("-_-_", None),
            ("ää==", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }
}
