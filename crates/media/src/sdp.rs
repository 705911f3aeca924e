//! Session descriptions: what we need of an offer, and an answer from a template (RFC 8866, RFC 8829, RFC 8839).
//!
//! A client offers once, its microphone line first and then up to three lines to listen on; nothing is ever
//! renegotiated, so this is no SDP engine.

mod answer;
mod offer;

pub use answer::{AnswerParams, Candidates, answer};
pub use offer::{Offer, OfferError};

/// SHA-256 of a certificate in DER, as in `a=fingerprint` (RFC 8122 section 5).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            let colon = if i == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

/// What the packets of a connection look like, as the offer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MicLine {
    /// Opus, 0 to 127, in both directions.
    pub payload_type: u8,
    /// The same voice with what was said before it once more (RFC 2198), 0 to 127, in both directions.
    pub redundant: Option<u8>,
    /// Header extension id of `ssrc-audio-level` (RFC 6464), 1 to 14.
    pub level_extension: Option<u8>,
    /// Header extension id of `sdes:mid` (RFC 9143 section 15), 1 to 14, and the mid of the microphone line.
    pub mid_extension: Option<u8>,
    pub mid: String,
    pub hears: Hears,
}

/// How many talkers at once a connection has lines for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hears {
    /// As many as there are slots.
    Everybody,
    /// The loudest, one at a time: a program with a single line that does not speak.
    Loudest,
}
