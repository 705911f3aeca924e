//! Characters that show nothing, and the few places where they change what is seen.

use icu_properties::props::{BinaryProperty as _, DefaultIgnorableCodePoint};
use unicode_normalization::char::canonical_combining_class;

/// Tags behind a flag at the most: a region of two letters and its part of four (UTS 35, `unicode_subdivision_id`), and
/// one to spare for regions that are numbers.
const FLAG_TAGS_MAX: u8 = 7;
/// The combining class of signs that take a consonant's vowel away.
const VIRAMA: u8 = 9;

/// Whether a character by itself draws nothing: what Unicode lets a renderer ignore, and some that it does not list there
/// and that draw nothing all the same.
pub(super) fn shows_nothing(c: char) -> bool {
    DefaultIgnorableCodePoint::for_char(c)
        || matches!(
            c,
            '\u{2800}' // Braille, no dot
            | '\u{FFF9}'..='\u{FFFB}' // annotations between lines
            | '\u{13430}'..='\u{1343F}' // how hieroglyphs stand together
            | '\u{16FE4}' // a filler
            | '\u{1D159}' // a note without a head
        )
}

/// What a character does to those around it.
enum Does {
    Shows,
    Separates,
    /// Binds or parts its neighbours: Persian, Indic scripts, emoji of several people.
    Joins,
    /// Picks one form of the character before it.
    Selects,
    /// One letter of the region whose flag is before it.
    Tags,
    EndsTags,
    /// Nothing that a name needs.
    Hides,
}

fn does(c: char) -> Does {
    match c {
        ' ' => Does::Separates,
        '\u{200C}' | '\u{200D}' => Does::Joins,
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{180B}'..='\u{180D}' | '\u{180F}' => {
            Does::Selects
        }
        '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}' => Does::Tags,
        '\u{E007F}' => Does::EndsTags,
        c if shows_nothing(c) => Does::Hides,
        _ => Does::Shows,
    }
}

/// What came before.
enum Before {
    Nothing,
    Seen(char),
    /// Something seen, in a form that was picked.
    Selected,
    Joiner,
    Tags(u8),
}

/// Whether everything unseen in a text stands where it belongs: a joiner between two that are seen, or right after a virama
/// (RFC 5892 appendix A), which is how some Indic words end; a selector right after what it picks a form of; tags behind the
/// black flag, and ended.
pub(super) fn is_in_place(text: &str) -> bool {
    let mut before = Before::Nothing;
    for c in text.chars() {
        before = match (does(c), before) {
            (Does::Shows, Before::Tags(_)) => return false,
            (Does::Shows, _) => Before::Seen(c),
            (Does::Separates, Before::Joiner | Before::Tags(_)) => return false,
            (Does::Separates, _) => Before::Nothing,
            // Seen or not, it is done with: what follows may be anything that is seen.
            (Does::Joins, Before::Seen(mark)) if canonical_combining_class(mark) == VIRAMA => {
                Before::Selected
            }
            (Does::Joins, Before::Seen(_) | Before::Selected) => Before::Joiner,
            (Does::Selects, Before::Seen(_)) => Before::Selected,
            (Does::Tags, Before::Seen('\u{1F3F4}')) => Before::Tags(1),
            (Does::Tags, Before::Tags(count)) if count < FLAG_TAGS_MAX => Before::Tags(count + 1),
            (Does::EndsTags, Before::Tags(_)) => Before::Selected,
            _ => return false,
        };
    }
    !matches!(before, Before::Joiner | Before::Tags(_))
}
