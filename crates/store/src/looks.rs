//! What a handle looks like, so that two that look the same cannot both exist.

use protocol::text::Handle;
use unicode_security::skeleton;

/// The skeleton of Unicode TR 39 section 4, folded to lower case on the way. `Handle` already refuses mixed scripts;
/// this catches a whole word in another script (Cyrillic `сосо` and Latin `coco`) and digits that pass for letters.
pub(crate) fn of(handle: &Handle) -> String {
    let once: String = skeleton(handle.as_str()).collect();
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
    fn handles_that_look_different_are_different() {
        assert_ne!(looks("ann"), looks("anna"));
        assert_ne!(looks("анна"), looks("anna"));
        assert_ne!(looks("mo_1"), looks("mo-1"));
    }
}
