//! Text that people write: parsed once at the edge, valid everywhere inside.

mod unseen;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

use crate::limits::{
    BIO_CHARS_MAX, BIO_LINES_MAX, CLUB_ABOUT_CHARS_MAX, CLUB_RULE_CHARS_MAX, DESCRIPTION_CHARS_MAX,
    DESCRIPTION_LINES_MAX, HANDLE_CHARS_MAX, HANDLE_CHARS_MIN, NAME_CHARS_MAX, PRONUNCIATION_CHARS_MAX,
    SERVER_NAME_CHARS_MAX, TITLE_CHARS_MAX, ZONE_CHARS_MAX,
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
    /// Control characters, direction overrides, what nobody can see, or letters that this text may not hold.
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

mod said;

pub use said::{CardLink, CardText, ChatText, HandTopic, TalkTopic};

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
    /// What an announced event is about: 1–60 characters, NFC. A type of its own, and no [`RoomTitle`]: it is kept.
    EventTitle
);
text!(
    /// What is said of an announced event: 1–200 characters in at most 8 lines, NFC.
    EventDescription
);
text!(
    /// The name of a time zone, as the IANA database has them: `Europe/Berlin`. Whether there is such a zone the keeper knows.
    Zone
);
text!(
    /// What this server is called: 1–40 characters, NFC.
    ServerName
);
text!(
    /// What somebody says of themselves: 1–500 characters in at most 12 lines, NFC.
    Bio
);
text!(
    /// How a name is said, as its owner writes it down: 1–60 characters, NFC.
    Pronunciation
);
text!(
    /// A language, by the primary subtag of its BCP 47 tag: two or three small letters.
    Language
);

text!(
    /// What a club is called: 1–40 characters, NFC.
    ClubName
);
text!(
    /// What a club is about: 1–200 characters, NFC.
    ClubAbout
);
text!(
    /// One rule of a club: 1–100 characters, NFC.
    ClubRule
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

impl Bio {
    /// Each line is read as a line of text; one empty line in a row is kept, none at the ends.
    ///
    /// # Errors
    /// Empty, longer than [`BIO_CHARS_MAX`] or [`BIO_LINES_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        paragraphs(text, BIO_CHARS_MAX, BIO_LINES_MAX).map(Self)
    }
}

impl EventTitle {
    /// # Errors
    /// Empty, longer than [`TITLE_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, TITLE_CHARS_MAX).map(Self)
    }
}

impl EventDescription {
    /// Lines as in [`Bio`].
    ///
    /// # Errors
    /// Empty, longer than [`DESCRIPTION_CHARS_MAX`] or [`DESCRIPTION_LINES_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        paragraphs(text, DESCRIPTION_CHARS_MAX, DESCRIPTION_LINES_MAX).map(Self)
    }
}

impl Zone {
    /// # Errors
    /// Empty, longer than [`ZONE_CHARS_MAX`], or with anything but letters, digits, `/`, `_`, `+` and `-`.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'+' | b'-');
        match text.len() {
            0 => Err(TextError::TooShort),
            n if n > ZONE_CHARS_MAX => Err(TextError::TooLong),
            _ if text.bytes().all(allowed) => Ok(Self(text.to_owned())),
            _ => Err(TextError::Character),
        }
    }
}

impl Pronunciation {
    /// # Errors
    /// Empty, longer than [`PRONUNCIATION_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, PRONUNCIATION_CHARS_MAX).map(Self)
    }
}

impl ClubName {
    /// # Errors
    /// Empty, longer than [`NAME_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, NAME_CHARS_MAX).map(Self)
    }
}

impl ClubAbout {
    /// # Errors
    /// Empty, longer than [`CLUB_ABOUT_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, CLUB_ABOUT_CHARS_MAX).map(Self)
    }
}

impl ClubRule {
    /// # Errors
    /// Empty, longer than [`CLUB_RULE_CHARS_MAX`], or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        line(text, CLUB_RULE_CHARS_MAX).map(Self)
    }
}

impl Language {
    /// Which languages there are, the screens know; here it is only certain that it is no sentence.
    ///
    /// # Errors
    /// Not two or three small letters (BCP 47, RFC 5646 section 2.2.1).
    pub fn parse(text: &str) -> Result<Self, TextError> {
        match text.len() {
            0 | 1 => Err(TextError::TooShort),
            2 | 3 if text.bytes().all(|byte| byte.is_ascii_lowercase()) => Ok(Self(text.to_owned())),
            2 | 3 => Err(TextError::Character),
            _ => Err(TextError::TooLong),
        }
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
        let shown = |c: char| c.is_alphanumeric() || is_mark(c) || matches!(c, '.' | '_' | '-');
        let allowed = |c: char| shown(c) && !unseen::shows_nothing(c);
        if !folded.chars().all(allowed) || !folded.starts_with(char::is_alphanumeric) {
            return Err(TextError::Character);
        }
        one_script(&folded)?;
        Ok(Self(folded))
    }
}

/// Several lines of text, each as [`line`] has it; one empty line in a row is kept, none at the ends.
fn paragraphs(text: &str, chars_max: usize, lines_max: usize) -> Result<String, TextError> {
    let mut lines: Vec<String> = Vec::new();
    for part in text.trim().lines() {
        match line(part, chars_max) {
            Ok(line) => lines.push(line),
            Err(TextError::TooShort) if lines.last().is_some_and(String::is_empty) => {}
            Err(TextError::TooShort) => lines.push(String::new()),
            Err(error) => return Err(error),
        }
    }
    let whole = lines.join("\n");
    match whole.chars().count() {
        0 => Err(TextError::TooShort),
        n if n > chars_max || lines.len() > lines_max => Err(TextError::TooLong),
        _ => Ok(whole),
    }
}

/// One line of text: NFC, trimmed, runs of space folded to one, nothing invisible but what makes the characters around it
/// what they are.
fn line(text: &str, chars_max: usize) -> Result<String, TextError> {
    let normal: String = text.nfc().collect();
    if normal.chars().any(forbidden) {
        return Err(TextError::Character);
    }
    let folded = normal.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.chars().count() {
        0 => Err(TextError::TooShort),
        n if n > chars_max => Err(TextError::TooLong),
        _ if !unseen::is_in_place(&folded) || folded.chars().all(|c| c == ' ' || is_mark(c)) => {
            Err(TextError::Character)
        }
        _ => Ok(folded),
    }
}

/// Control characters and breaks of the line.
fn forbidden(c: char) -> bool {
    (c.is_control() && !c.is_whitespace()) || matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
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
    fn a_handle_holds_nothing_that_is_not_seen() {
        for text in
            ["an\u{FE0F}n", "an\u{34F}n", "\u{3164}\u{3164}", "가\u{3164}나", "가\u{FFA0}나", "ka\u{180B}"]
        {
            assert_eq!(Handle::parse(text), Err(TextError::Character), "{text:?}");
        }
    }

    #[test]
    fn nobody_is_called_nothing() {
        for nothing in [
            "\u{200B}",
            "\u{200C}",
            "\u{200D}",
            "\u{3164}",
            "\u{2800}",
            "\u{AD}",
            "\u{115F}",
            "\u{1160}",
            "\u{FFA0}",
            "\u{61C}",
            "\u{180E}",
            "\u{FE0F}",
            "\u{34F}",
            "\u{E0041}",
            "\u{E0001}",
            "\u{E0100}",
            "\u{17B4}",
            "\u{2063}",
            "\u{FEFF}",
            "\u{FFF9}",
            "\u{1D159}",
            "\u{13437}",
            "\u{16FE4}",
            "\u{206A}",
        ] {
            assert_eq!(DisplayName::parse(nothing), Err(TextError::Character), "{nothing:?}");
            let between = format!("{nothing} {nothing}");
            assert_eq!(DisplayName::parse(&between), Err(TextError::Character), "{nothing:?} twice");
        }
        for marks in ["\u{301}", "\u{301} \u{20DD}"] {
            assert_eq!(DisplayName::parse(marks), Err(TextError::Character), "a mark over nothing");
        }
    }

    #[test]
    fn a_name_that_looks_like_another_by_what_is_not_seen_is_refused() {
        for text in [
            "Ann\u{200D}",
            "\u{200D}Ann",
            "A\u{200D}\u{200D}nn",
            "Ann\u{200C}",
            "Ann \u{200C}B",
            "Ann\u{200C} B",
            "A\u{AD}nn",
            "A\u{34F}nn",
            "Ann\u{E0041}",
            "\u{1F3F4}\u{E0067}",
            "\u{1F3F4}\u{E007F}",
            "Ann\u{FE0F}\u{FE0F}",
            "Ann \u{FE0F}",
            "\u{FE0F}Ann",
            "A\u{3164}B",
            "\u{1F3F4}\u{E0067}\u{E0062}\u{E0065} \u{E007F}",
        ] {
            assert_eq!(DisplayName::parse(text), Err(TextError::Character), "{text:?}");
        }
        let hidden = format!("\u{1F3F4}{}\u{E007F}", "\u{E0061}".repeat(20));
        assert_eq!(DisplayName::parse(&hidden), Err(TextError::Character), "a sentence behind a flag");
    }

    #[test]
    fn names_of_every_script_and_emoji_are_taken_as_they_are_written() {
        for name in [
            // Persian: the joiner's opposite within a word.
            "می\u{200C}خواهم",
            "علی\u{200C}رضا",
            // Sinhala, Bengali, Malayalam; the last ends in a chillu as it was written before Unicode 5.1.
            "ශ්\u{200D}රී",
            "ক্\u{200D}ষ",
            "രാജന്\u{200D}",
            "രാജന്\u{200D} കെ",
            // Devanagari: an explicit virama, not a ligature.
            "क्\u{200C}ष",
            // Japanese: a variant of the first character, as the family writes it.
            "葛\u{E0100}飾",
            "Ann ❤\u{FE0F}",
            "❤\u{FE0F}\u{200D}🔥",
            "👩\u{200D}❤\u{FE0F}\u{200D}👩",
            "👨\u{200D}👩\u{200D}👧",
            "1\u{FE0F}\u{20E3}",
            "👍🏽",
            "🇫🇷",
            "🏳\u{FE0F}\u{200D}🌈",
            "🧑🏾\u{200D}💻",
            "Nia \u{1F3F4}\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}",
            "ᠮᠣᠩᠭᠣᠯ\u{180B}",
            "Ann",
            "O’Neil",
            "山田",
            "عائشة",
            "ا",
            "…",
            "a\u{301}",
        ] {
            let taken = DisplayName::parse(name).map(String::from);
            assert_eq!(taken, Ok(name.nfc().collect::<String>()), "{name:?}");
        }
    }

    #[test]
    fn what_somebody_says_of_themselves_has_lines_and_an_end() {
        let said = |text: &str| Bio::parse(text).map(String::from);
        assert_eq!(said(" I play \r\n\r\n\n the   bassoon. \n\n"), Ok("I play\n\nthe bassoon.".to_owned()));
        assert_eq!(said(" \n \n"), Err(TextError::TooShort));
        assert_eq!(said(&"ж".repeat(501)), Err(TextError::TooLong));
        assert_eq!(said(&"a\n".repeat(13)), Err(TextError::TooLong));
        assert!(said(&"a\n".repeat(12)).is_ok());
        assert_eq!(said("Ann\u{202E}nnA"), Err(TextError::Character));
    }

    #[test]
    fn a_language_is_a_code_and_no_sentence() {
        for code in ["en", "ar", "gsw"] {
            assert!(Language::parse(code).is_ok(), "{code}");
        }
        for other in ["", "e", "EN", "en-GB", "english", "ру"] {
            assert!(Language::parse(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_title_has_sixty_characters_at_most() {
        assert!(RoomTitle::parse(&"ж".repeat(60)).is_ok());
        assert_eq!(RoomTitle::parse(&"ж".repeat(61)), Err(TextError::TooLong));
    }
}
