//! What people write in a room. It is gone with the room.

use serde::{Deserialize, Serialize};

use super::{TextError, line, paragraphs};
use crate::limits::{
    CARD_CHARS_MAX, CARD_LINES_MAX, CARD_LINK_BYTES_MAX, CHAT_CHARS_MAX, HAND_TOPIC_CHARS_MAX,
    TALK_TOPIC_CHARS_MAX,
};

text!(
    /// What somebody with a raised hand would like to talk about: 1–80 characters, NFC.
    HandTopic
);
text!(
    /// What is being talked about now: 1–80 characters, NFC.
    TalkTopic
);
text!(
    /// What a card says: 1–280 characters in at most 6 lines, NFC.
    CardText
);
text!(
    /// Where a card leads: an address that begins with `https://`, at most 300 bytes, as browsers write it.
    CardLink
);

text!(
    /// What somebody writes to the room: 1–280 characters, NFC.
    ChatText
);

impl ChatText {
    /// # Errors
    /// Empty, longer than [`CHAT_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, CHAT_CHARS_MAX).map(Self)
    }
}

impl HandTopic {
    /// # Errors
    /// Empty, longer than [`HAND_TOPIC_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, HAND_TOPIC_CHARS_MAX).map(Self)
    }
}

impl TalkTopic {
    /// # Errors
    /// Empty, longer than [`TALK_TOPIC_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, TALK_TOPIC_CHARS_MAX).map(Self)
    }
}

impl CardText {
    /// Lines as in [`super::Bio`].
    ///
    /// # Errors
    /// Empty, longer than [`CARD_CHARS_MAX`] or [`CARD_LINES_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        paragraphs(text, CARD_CHARS_MAX, CARD_LINES_MAX).map(Self)
    }
}

impl CardLink {
    /// Shown as its host, so nothing may stand there that looks like another one: no name before an `@`, and other scripts as
    /// browsers write them on the wire (`xn--…`).
    ///
    /// # Errors
    /// Another scheme, no host, a character that has to be escaped, or longer than [`CARD_LINK_BYTES_MAX`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.len() > CARD_LINK_BYTES_MAX {
            return Err(TextError::TooLong);
        }
        let escaped = |byte: u8| !byte.is_ascii_graphic() || b"\"<>\\^`{|}".contains(&byte);
        let rest = text.strip_prefix("https://").ok_or(TextError::Character)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if text.bytes().any(escaped) || !is_host(host) {
            return Err(TextError::Character);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A name or four numbers, and perhaps a port.
fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "443"));
    let label = |label: &str| {
        let inner =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.split('.').all(label) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_https_and_its_host_is_the_one_that_is_shown() {
        for good in [
            "https://example.org",
            "https://example.org/a/b?c=d#e",
            "https://xn--bcher-kva.example:8443/%D1%82",
            "  https://10.0.0.1/x  ",
        ] {
            assert_eq!(CardLink::parse(good).map(String::from), Ok(good.trim().to_owned()), "{good}");
        }
        for bad in [
            "",
            "example.org",
            "http://example.org",
            "javascript:alert(1)",
            "https:example.org",
            "https://",
            "https:///etc",
            "https://bank.example@evil.example/",
            "https://evil.example\\@bank.example",
            "https://bücher.example",
            "https://Example.org",
            "https://example..org",
            "https://-a.example",
            "https://example.org:0",
            "https://example.org:99999",
            "https://example.org/a b",
            "https://example.org/\u{202e}",
            "https://example.org/\"onclick=",
        ] {
            assert!(CardLink::parse(bad).is_err(), "{bad}");
        }
        let long = format!("https://example.org/{}", "a".repeat(CARD_LINK_BYTES_MAX));
        assert_eq!(CardLink::parse(&long), Err(TextError::TooLong));
    }

    #[test]
    fn a_card_has_a_few_lines_and_a_topic_has_one() {
        assert_eq!(CardText::parse(" a \n\n\n b ").map(String::from), Ok("a\n\nb".to_owned()));
        assert_eq!(CardText::parse("1\n2\n3\n4\n5\n6\n7"), Err(TextError::TooLong));
        assert_eq!(TalkTopic::parse("a\nb"), Err(TextError::Character));
        assert_eq!(HandTopic::parse(&"a".repeat(HAND_TOPIC_CHARS_MAX + 1)), Err(TextError::TooLong));
        assert_eq!(TalkTopic::parse("  tea   and bread ").map(String::from), Ok("tea and bread".to_owned()));
    }
}
