//! The only words that a record of `live` may carry beside numbers. One list: `live` writes from it, and the parent, which
//! shows nothing else, reads with it.

/// A closed list of words, each named once, so that none can be written that is not let through.
macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident behind $code:literal: $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// The record that this is the reason of.
            pub const CODE: &str = $code;
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

reasons! {
    /// What `live` cannot do without, and has to.
    CannotServe behind "cannot_serve":
    Keeper = "keeper",
    Media = "media",
    Certificate = "certificate",
    System = "system",
    Parent = "parent",
}

reasons! {
    /// Why a room cannot be committed, now and with its next change alike.
    Uncommittable behind "room_uninsured":
    /// More than one blob or one commit holds: a fault in a bound.
    TooLarge = "too_large",
    /// All rooms together are more than is kept.
    Full = "full",
}

/// Whether a record of this code may give this reason.
pub fn is_reason(code: &str, word: &str) -> bool {
    match code {
        CannotServe::CODE => CannotServe::ALL.iter().any(|reason| reason.word() == word),
        Uncommittable::CODE => Uncommittable::ALL.iter().any(|reason| reason.word() == word),
        _ => false,
    }
}
