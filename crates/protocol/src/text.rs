//! Text that people write: parsed once at the edge, valid everywhere inside.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

use crate::limits::{
    HANDLE_CHARS_MAX, HANDLE_CHARS_MIN, NAME_CHARS_MAX, SERVER_NAME_CHARS_MAX, TITLE_CHARS_MAX,
};

/// Why a text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left once surrounding space is gone, or fewer characters than allowed.
    #[error("too short")]
    TooShort,
    /// More characters than allowed.
    #[error("too long")]
    TooLong,
    /// Control characters, direction overrides, or letters that this text may not hold.
    #[error("a character that cannot be used here")]
    Character,
    /// Letters of several scripts, which can make one handle look like another.
    #[error("letters of more than one script")]
    MixedScripts,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
        #[serde(try_from = "String", into = "String")]
        #[ts(type = "string")]
        pub struct $name(String);

        impl $name {
            /// The text, as it is shown.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;
            fn try_from(text: String) -> Result<Self, TextError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

text!(
    /// What a person is called: 1–40 characters, NFC, inner space folded.
    DisplayName
);
text!(
    /// A unique short name: 2–20 characters, NFKC, lower case, letters of one script, digits, `.`, `_`, `-`.
    Handle
);
text!(
    /// What a room is about: 1–60 characters, NFC.
    RoomTitle
);
text!(
    /// What this server is called: 1–40 characters, NFC.
    ServerName
);

impl DisplayName {
    /// # Errors
    /// Empty, longer than [`NAME_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, NAME_CHARS_MAX).map(Self)
    }
}

impl RoomTitle {
    /// # Errors
    /// Empty, longer than [`TITLE_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, TITLE_CHARS_MAX).map(Self)
    }
}

impl ServerName {
    /// # Errors
    /// Empty, longer than [`SERVER_NAME_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, SERVER_NAME_CHARS_MAX).map(Self)
    }
}

impl Handle {
    /// A leading `@` is taken off; compatibility forms and case are folded, so that one handle has one spelling.
    ///
    /// # Errors
    /// Too short, too long, a character outside letters, digits, `.`, `_`, `-`, or letters of several scripts.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let folded: String =
            text.trim().trim_start_matches('@').nfkc().flat_map(char::to_lowercase).nfkc().collect();
        let count = folded.chars().count();
        if count < HANDLE_CHARS_MIN {
            return Err(TextError::TooShort);
        }
        if count > HANDLE_CHARS_MAX {
            return Err(TextError::TooLong);
        }
        let allowed = |c: char| c.is_alphanumeric() || is_mark(c) || matches!(c, '.' | '_' | '-');
        if !folded.chars().all(allowed) || !folded.starts_with(char::is_alphanumeric) {
            return Err(TextError::Character);
        }
        one_script(&folded)?;
        Ok(Self(folded))
    }
}

/// One line of text: NFC, trimmed, runs of space folded to one, nothing invisible.
fn line(text: &str, chars_max: usize) -> Result<String, TextError> {
    let normal: String = text.nfc().collect();
    if normal.chars().any(forbidden) {
        return Err(TextError::Character);
    }
    let folded = normal.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.chars().count() {
        0 => Err(TextError::TooShort),
        n if n > chars_max => Err(TextError::TooLong),
        _ => Ok(folded),
    }
}

/// Control characters, direction overrides and isolates, zero-width spaces and byte-order marks.
/// Joiners (U+200C, U+200D) stay: Persian and many emoji need them.
fn forbidden(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Unicode TR 39's single-script rule, with the Japanese and Korean mixtures that are single scripts to their readers.
fn one_script(text: &str) -> Result<(), TextError> {
    let mut seen: Vec<Script> = Vec::new();
    for c in text.chars() {
        let script = match c.script() {
            Script::Common | Script::Inherited => continue,
            Script::Hiragana | Script::Katakana => Script::Han,
            Script::Hangul => Script::Hangul,
            other => other,
        };
        if !seen.contains(&script) {
            seen.push(script);
        }
    }
    match seen.as_slice() {
        [] | [_] => Ok(()),
        [Script::Han, Script::Hangul] | [Script::Hangul, Script::Han] => Ok(()),
        _ => Err(TextError::MixedScripts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_has_one_spelling() {
        assert_eq!(Handle::parse("@Ann.B"), Handle::parse("ann.b"));
        assert_eq!(
            Handle::parse("ａｎｎ").map(String::from),
            Ok("ann".to_owned()),
            "full-width letters fold"
        );
    }

    #[test]
    fn a_handle_cannot_mix_scripts_to_look_like_another() {
        assert_eq!(Handle::parse("аnn"), Err(TextError::MixedScripts), "Cyrillic а with Latin nn");
        assert!(Handle::parse("анна").is_ok());
        assert!(Handle::parse("たなか田中").is_ok());
    }

    #[test]
    fn a_handle_is_short_and_plain() {
        assert_eq!(Handle::parse("a"), Err(TextError::TooShort));
        assert_eq!(Handle::parse(&"a".repeat(21)), Err(TextError::TooLong));
        assert_eq!(Handle::parse("ann b"), Err(TextError::Character));
        assert_eq!(Handle::parse(".ann"), Err(TextError::Character));
    }

    #[test]
    fn a_name_cannot_turn_the_line_around() {
        assert_eq!(DisplayName::parse("Ann\u{202E}nnA"), Err(TextError::Character));
        assert_eq!(DisplayName::parse("Ann\nBen"), Err(TextError::Character));
        assert_eq!(DisplayName::parse("  Ann   B  ").map(String::from), Ok("Ann B".to_owned()));
        assert_eq!(DisplayName::parse("   "), Err(TextError::TooShort));
    }

    #[test]
    fn a_title_has_sixty_characters_at_most() {
        assert!(RoomTitle::parse(&"ж".repeat(60)).is_ok());
        assert_eq!(RoomTitle::parse(&"ж".repeat(61)), Err(TextError::TooLong));
    }
}
