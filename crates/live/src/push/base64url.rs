//! Unpadded base64url (RFC 4648 section 5), as everything about Web Push is written.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(three.get(at).copied().unwrap_or(0)));
        let word = a << 16 | b << 8 | c;
        for at in 0..=three.len() {
            let six = usize::try_from(word >> (18 - 6 * at) & 63).unwrap_or(0);
            text.extend(ALPHABET.get(six).copied().map(char::from));
        }
    }
    text
}

/// `None` for what is not written so. Padding is let through: some browsers write it.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for four in text.as_bytes().chunks(4) {
        let mut word = 0u32;
        for at in 0..4 {
            let six = match four.get(at) {
                Some(letter) => ALPHABET.iter().position(|known| known == letter)?,
                None => 0,
            };
            word = word << 6 | u32::try_from(six).ok()?;
        }
        let [_, a, b, c] = word.to_be_bytes();
        let whole = match four.len() {
            4 => 3,
            3 if c == 0 => 2,
            2 if b == 0 && c == 0 => 1,
            _ => return None,
        };
        bytes.extend([a, b, c].into_iter().take(whole));
    }
    Some(bytes)
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
