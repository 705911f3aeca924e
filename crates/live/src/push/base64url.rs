//! Base64url (RFC 4648 section 5) without padding, as everything about Web Push is written.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Some browsers pad what they name.
const WRITTEN: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn encode(bytes: &[u8]) -> String {
    WRITTEN.encode(bytes)
}

/// `None` for what is not written so.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    WRITTEN.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_and_read_in_one_way() {
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(decode("Zg==").as_deref(), Some(&b"f"[..]));
        for wrong in ["Z", "Zh", "Zm9", "+/8", "Zm9v Zg", "é"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
