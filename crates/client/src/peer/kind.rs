//! What a datagram is, from its first two bytes.

/// By RFC 7983 section 7 and RFC 5761 section 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Stun,
    Dtls,
    Rtp,
    Rtcp,
    Unknown,
}

/// What a datagram is.
pub fn kind(bytes: &[u8]) -> Kind {
    match bytes {
        [0..=3, ..] => Kind::Stun,
        [20..=63, ..] => Kind::Dtls,
        [128..=191, 192..=223, ..] => Kind::Rtcp,
        [128..=191, _, ..] => Kind::Rtp,
        _ => Kind::Unknown,
    }
}
