//! One message as bytes: `length: u32 LE` ‖ postcard. Pure functions; the sockets are the callers'.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroize;

use crate::limits::FRAME_BYTES_MAX;

const HEADER: usize = 4;

/// Why the other end cannot be understood any more. None of these can be mended: close the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A message is longer than [`FRAME_BYTES_MAX`].
    #[error("a message is too long")]
    TooLong,
    /// Bytes that are not the message they should be, or more of them than the message has.
    #[error("a message cannot be read")]
    Malformed,
}

/// One message, header included.
///
/// # Errors
/// [`FrameError::TooLong`]; `Malformed` for a type that postcard cannot write.
pub fn encode<M: Serialize>(message: &M) -> Result<Vec<u8>, FrameError> {
    let mut bytes = postcard::to_extend(message, vec![0; HEADER]).map_err(|_| FrameError::Malformed)?;
    let length = bytes.len() - HEADER;
    if length > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong);
    }
    let length = u32::try_from(length).map_err(|_| FrameError::TooLong)?;
    bytes[..HEADER].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

/// Turns what was read, in pieces of any size, back into messages. Of those that were taken out nothing is left in it:
/// the next ones may be long in coming.
#[derive(Debug)]
pub struct Decoder<M> {
    bytes: Vec<u8>,
    /// How much of `bytes` was taken already; given back at the next push.
    taken: usize,
    message: PhantomData<fn() -> M>,
}

impl<M: DeserializeOwned> Decoder<M> {
    pub fn new() -> Self {
        Self { bytes: Vec::new(), taken: 0, message: PhantomData }
    }

    /// Takes in one read. Call [`Self::pop`] until it has nothing left before the next one: that bounds what waits
    /// here to one message and one read.
    pub fn push(&mut self, bytes: &[u8]) {
        let left = self.bytes.len() - self.taken;
        self.bytes.copy_within(self.taken.., 0);
        self.bytes.get_mut(left..).unwrap_or_default().zeroize();
        self.bytes.truncate(left);
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message, or `None` until more is read.
    ///
    /// # Errors
    /// See [`FrameError`]; the decoder is of no use afterwards.
    pub fn pop(&mut self) -> Result<Option<M>, FrameError> {
        let waiting = self.bytes.get(self.taken..).unwrap_or_default();
        let Some((header, rest)) = waiting.split_first_chunk::<HEADER>() else { return Ok(None) };
        let length = u32::from_le_bytes(*header) as usize;
        if length > FRAME_BYTES_MAX {
            return Err(FrameError::TooLong);
        }
        let Some(body) = rest.get(..length) else { return Ok(None) };
        let (message, left) = postcard::take_from_bytes(body).map_err(|_| FrameError::Malformed)?;
        if !left.is_empty() {
            return Err(FrameError::Malformed);
        }
        let end = self.taken + HEADER + length;
        self.bytes.get_mut(self.taken..end).unwrap_or_default().zeroize();
        self.taken = end;
        Ok(Some(message))
    }
}

impl<M: DeserializeOwned> Default for Decoder<M> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Message = (u32, String, Vec<u8>);

    proptest! {
        #[test]
        fn messages_survive_being_cut_anywhere(
            messages in proptest::collection::vec(any::<Message>(), 0..8),
            cut in 1usize..40,
        ) {
            let stream: Vec<u8> = messages.iter().flat_map(|m| encode(m).expect("small")).collect();
            let mut decoder = Decoder::<Message>::new();
            let mut got = Vec::new();
            for piece in stream.chunks(cut) {
                decoder.push(piece);
                while let Some(message) = decoder.pop().expect("well formed") {
                    got.push(message);
                }
            }
            prop_assert_eq!(got, messages);
        }

        #[test]
        fn noise_is_an_error_or_a_wait_and_never_a_panic(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut decoder = Decoder::<crate::ToKeeper>::new();
            decoder.push(&noise);
            while let Ok(Some(_)) = decoder.pop() {}
            let mut framed = u32::try_from(noise.len()).expect("short").to_le_bytes().to_vec();
            framed.extend(&noise);
            let mut decoder = Decoder::<crate::ToKeeper>::new();
            decoder.push(&framed);
            while let Ok(Some(_)) = decoder.pop() {}
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_refused_on_both_sides() {
        assert_eq!(encode(&vec![7u8; FRAME_BYTES_MAX]), Err(FrameError::TooLong));
        let mut decoder = Decoder::<Message>::new();
        decoder.push(&u32::try_from(FRAME_BYTES_MAX + 1).expect("fits").to_le_bytes());
        assert_eq!(decoder.pop(), Err(FrameError::TooLong), "refused from its header alone");
    }

    #[test]
    fn what_was_taken_out_is_not_left_behind() {
        let message: Message = (7, "Marked".repeat(9), vec![0xa5; 9]);
        let bytes = encode(&message).expect("small");
        let mut decoder = Decoder::<Message>::new();
        let everything = |decoder: &mut Decoder<Message>| {
            let room = decoder.bytes.capacity();
            decoder.bytes.resize(room, 0);
            decoder.bytes.clone()
        };
        decoder.push(&[bytes.as_slice(), bytes.as_slice(), &bytes[..20]].concat());
        assert_eq!(decoder.pop(), Ok(Some(message.clone())));
        assert_eq!(decoder.pop(), Ok(Some(message)));
        assert_eq!(decoder.pop(), Ok(None));
        decoder.push(&[]);
        let begun = everything(&mut decoder);
        assert_eq!(
            begun.iter().filter(|byte| **byte != 0).count(),
            bytes[..20].iter().filter(|b| **b != 0).count()
        );
        assert!(!begun.contains(&0xa5));
    }

    #[test]
    fn bytes_after_the_message_are_refused() {
        let mut bytes = encode(&7u32).expect("small");
        bytes.push(0);
        bytes[0] += 1;
        let mut decoder = Decoder::<u32>::new();
        decoder.push(&bytes);
        assert_eq!(decoder.pop(), Err(FrameError::Malformed));
    }
}
