//! What a handle looks like, so that two that look the same cannot both exist.

use protocol::text::{ClubName, Handle};
use unicode_normalization::UnicodeNormalization as _;
use unicode_security::skeleton;

/// The skeleton of Unicode TR 39 section 4, folded to lower case on the way. `Handle` already refuses mixed scripts;
/// this catches a whole word in another script (Cyrillic `сосо` and Latin `coco`) and digits that pass for letters.
pub(crate) fn of(handle: &Handle) -> String {
    let once: String = skeleton(handle.as_str()).collect();
    skeleton(&once.to_lowercase()).collect::<String>().to_lowercase()
}

/// The same for what a club is called: case, width and spaces tell no two apart either.
pub(crate) fn of_club(name: &ClubName) -> String {
    let plain: String =
        name.as_str().nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).collect();
    let once: String = skeleton(&plain).collect();
    skeleton(&once.to_lowercase()).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(handle: &str) -> String {
        of(&Handle::parse(handle).expect("a handle"))
    }

    #[test]
    fn handles_that_look_the_same_are_the_same() {
        assert_eq!(looks("сосо"), looks("coco"), "Cyrillic and Latin");
        assert_eq!(looks("b0b"), looks("bob"));
        assert_eq!(looks("anna1"), looks("annal"));
    }

    #[test]
    fn clubs_that_look_the_same_are_the_same() {
        let looks = |name: &str| of_club(&ClubName::parse(name).expect("a name"));
        for other in ["jazz club", "JAZZ  Club", "Jazzclub", "Ｊazz Club", "Jаzz Club", "Jazz С1ub"] {
            assert_eq!(looks(other), looks("Jazz Club"), "{other}");
        }
        assert_ne!(looks("Jazz Club 2"), looks("Jazz Club"));
    }

    #[test]
    fn handles_that_look_different_are_different() {
        assert_ne!(looks("ann"), looks("anna"));
        assert_ne!(looks("анна"), looks("anna"));
        assert_ne!(looks("mo_1"), looks("mo-1"));
    }
}
