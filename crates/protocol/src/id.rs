//! Identifiers. Random, opaque, and never reused: nothing can be read from one, and nothing can be guessed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text that is not an identifier of the asked kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct NotAnId;

/// A 128-bit random identifier, written as 22 characters of unpadded base64url on the wire.
macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident, $brand:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS)]
        #[ts(type = $brand)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// From 16 random bytes. The caller brings the randomness: nothing here draws any.
            pub const fn from_random(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&base64url::encode(&self.0))
            }
        }

        // Identifiers stay out of logs; `Debug` shows the kind and enough to tell two apart in a failing test.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:02x}{:02x})"), self.0[0], self.0[1])
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                base64url::decode(text).map(Self).ok_or(NotAnId)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    <[u8; 16]>::deserialize(deserializer).map(Self)
                }
            }
        }
    };
}

random_id!(
    /// One room, from its start to its end.
    RoomId,
    "string & { readonly __id: \"RoomId\" }"
);
random_id!(
    /// One account on this server.
    MemberId,
    "string & { readonly __id: \"MemberId\" }"
);
random_id!(
    /// One invitation to the server.
    InviteId,
    "string & { readonly __id: \"InviteId\" }"
);
random_id!(
    /// One signed-in device.
    SessionId,
    "string & { readonly __id: \"SessionId\" }"
);
random_id!(
    /// One stored passkey.
    PasskeyId,
    "string & { readonly __id: \"PasskeyId\" }"
);
random_id!(
    /// One picture of somebody. A new one each time it changes, so that its address says nothing of whose it is.
    PictureId,
    "string & { readonly __id: \"PictureId\" }"
);
random_id!(
    /// One announced event. It keeps it when it repeats.
    EventId,
    "string & { readonly __id: \"EventId\" }"
);
random_id!(
    /// One club.
    ClubId,
    "string & { readonly __id: \"ClubId\" }"
);
random_id!(
    /// A place in a room without an account: one person, one room, one window of time.
    SeatId,
    "string & { readonly __id: \"SeatId\" }"
);
random_id!(
    /// Half of what a guest has instead of an account: the end of their link, or what their page drew when it took it up.
    GuestSecret,
    "string & { readonly __id: \"GuestSecret\" }"
);
random_id!(
    /// One program that speaks or listens in a room by WHIP or WHEP: the end of its address.
    ProgramId,
    "string & { readonly __id: \"ProgramId\" }"
);
random_id!(
    /// Chosen by the sender of a command, so that a repeated command changes nothing.
    CommandId,
    "string & { readonly __id: \"CommandId\" }"
);
random_id!(
    /// One report in a room while others can say that they heard it too: the id of the command that made it.
    ReportId,
    "string & { readonly __id: \"ReportId\" }"
);
random_id!(
    /// Names one run of the `live` process; a client that sees a new one builds a fresh media connection.
    Incarnation,
    "string & { readonly __id: \"Incarnation\" }"
);
random_id!(
    /// Proof, held by one client, that a seat in a room is its own: what lets it come back after a lost socket.
    SeatToken,
    "string & { readonly __id: \"SeatToken\" }"
);

/// One person in one room. Random, stable for the life of the room, meaningless outside it; never zero.
/// Also the CSRC of the packets this person speaks (RFC 3550 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[ts(type = "number & { readonly __id: \"ParticipantId\" }")]
pub struct ParticipantId(pub u32);

/// One report that reached the administrators. Drawn at random from six digits, so that it can be typed and says nothing of
/// how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[ts(type = "number & { readonly __id: \"ReportNumber\" }")]
pub struct ReportNumber(pub u32);

/// Unpadded base64url of exactly 16 bytes, without a table in memory that has to be wiped.
mod base64url {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    pub(super) fn encode(bytes: &[u8; 16]) -> String {
        let bits = u128::from_be_bytes(*bytes);
        // 22 characters hold 132 bits: the last carries two bits of data and four of zero.
        (0..22)
            .map(|i| {
                let six = if i < 21 { (bits >> (122 - 6 * i)) & 63 } else { (bits & 3) << 4 };
                char::from(ALPHABET[six as usize])
            })
            .collect()
    }

    pub(super) fn decode(text: &str) -> Option<[u8; 16]> {
        if text.len() != 22 {
            return None;
        }
        let mut bits = 0u128;
        for (i, byte) in text.bytes().enumerate() {
            let six = ALPHABET.iter().position(|known| *known == byte)? as u128;
            if i < 21 {
                bits = (bits << 6) | six;
            } else if six & 15 == 0 {
                bits = (bits << 2) | (six >> 4);
            } else {
                return None;
            }
        }
        Some(bits.to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_being_written_and_read() {
        for bytes in [[0u8; 16], [255; 16], *b"0123456789abcdef"] {
            let id = RoomId(bytes);
            assert_eq!(id.to_string().parse::<RoomId>(), Ok(id));
        }
    }

    #[test]
    fn an_id_has_exactly_one_spelling() {
        assert!("AAAAAAAAAAAAAAAAAAAAAB".parse::<RoomId>().is_err(), "stray bits in the last character");
        assert!("AAAAAAAAAAAAAAAAAAAAA".parse::<RoomId>().is_err());
        assert!("AAAAAAAAAAAAAAAAAAAA+A".parse::<RoomId>().is_err());
    }
}
