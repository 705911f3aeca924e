//! Frames as bytes: `length: u32 LE` ‖ `descriptors: u8` ‖ postcard. No IO here.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::os::fd::OwnedFd;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::{MAX_DESCRIPTORS, MAX_MESSAGE};

const HEADER: usize = 5;

/// Why a line is of no more use. None of them can be mended: the process that sees one starts the other anew.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    #[error("the other process is gone")]
    Closed,
    #[error("a message is longer than the line allows")]
    TooLong,
    #[error("a message brings more descriptors than the line allows, or fewer than it says")]
    Descriptors,
    #[error("a message cannot be read")]
    Malformed,
    #[error("the socket failed")]
    Io(#[from] std::io::Error),
}

/// One message with what came along.
#[derive(Debug)]
pub struct Received<M> {
    pub message: M,
    pub descriptors: Vec<OwnedFd>,
}

/// One encoded message, ready to be written.
#[derive(Debug)]
pub struct Frame {
    pub(crate) bytes: Vec<u8>,
    pub(crate) descriptors: Vec<OwnedFd>,
}

impl Frame {
    /// # Errors
    /// [`LineError::TooLong`] and [`LineError::Descriptors`] where the message exceeds the line's bounds.
    pub fn new<M: Serialize>(message: &M, descriptors: Vec<OwnedFd>) -> Result<Self, LineError> {
        let count = u8::try_from(descriptors.len()).map_err(|_| LineError::Descriptors)?;
        if descriptors.len() > MAX_DESCRIPTORS {
            return Err(LineError::Descriptors);
        }
        let header = vec![0; HEADER];
        let mut bytes = postcard::to_extend(message, header).map_err(|_| LineError::Malformed)?;
        let length = bytes.len() - HEADER;
        if length > MAX_MESSAGE {
            return Err(LineError::TooLong);
        }
        let length = u32::try_from(length).map_err(|_| LineError::TooLong)?;
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        bytes[4] = count;
        Ok(Self { bytes, descriptors })
    }

    /// As they go over the wire, header included; descriptors go beside them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes on the wire, header included.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Never true: a frame has a header.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Turns what was read, in pieces of any size, back into messages.
#[derive(Debug)]
pub struct Decoder<M> {
    bytes: Vec<u8>,
    /// How much of `bytes` was taken already; moved to the front once a read is used up.
    taken: usize,
    descriptors: VecDeque<OwnedFd>,
    message: PhantomData<fn() -> M>,
}

impl<M: DeserializeOwned> Decoder<M> {
    pub fn new() -> Self {
        Self { bytes: Vec::new(), taken: 0, descriptors: VecDeque::new(), message: PhantomData }
    }

    /// Takes in one read.
    ///
    /// # Errors
    /// [`LineError::Descriptors`] where more descriptors wait than one message may bring.
    pub fn push(&mut self, bytes: &[u8], descriptors: Vec<OwnedFd>) -> Result<(), LineError> {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
        self.descriptors.extend(descriptors);
        // A read ends where the next message's descriptors begin, so at most one message's worth waits here,
        // with the following one's just arrived.
        if self.descriptors.len() > 2 * MAX_DESCRIPTORS { Err(LineError::Descriptors) } else { Ok(()) }
    }

    /// The next whole message, or `None` until more is read.
    ///
    /// # Errors
    /// Any but `Closed` and `Io`; the decoder is of no use afterwards.
    pub fn pop(&mut self) -> Result<Option<Received<M>>, LineError> {
        let waiting = self.bytes.get(self.taken..).unwrap_or_default();
        let Some((header, rest)) = waiting.split_first_chunk::<HEADER>() else { return Ok(None) };
        let [a, b, c, d, count] = *header;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let count = usize::from(count);
        if length > MAX_MESSAGE {
            return Err(LineError::TooLong);
        }
        if count > MAX_DESCRIPTORS || count > self.descriptors.len() {
            return Err(LineError::Descriptors);
        }
        let Some(body) = rest.get(..length) else { return Ok(None) };
        let (message, left) = postcard::take_from_bytes(body).map_err(|_| LineError::Malformed)?;
        if !left.is_empty() {
            return Err(LineError::Malformed);
        }
        self.taken += HEADER + length;
        Ok(Some(Received { message, descriptors: self.descriptors.drain(..count).collect() }))
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

    fn frames(messages: &[Message]) -> Vec<u8> {
        messages.iter().flat_map(|m| Frame::new(m, Vec::new()).expect("small enough").bytes).collect()
    }

    proptest! {
        #[test]
        fn messages_survive_being_cut_anywhere(
            messages in proptest::collection::vec(any::<Message>(), 0..8),
            cut in 1usize..40,
        ) {
            let mut decoder = Decoder::<Message>::new();
            let mut got = Vec::new();
            for piece in frames(&messages).chunks(cut) {
                decoder.push(piece, Vec::new()).expect("no descriptors");
                while let Some(next) = decoder.pop().expect("well formed") {
                    got.push(next.message);
                }
            }
            prop_assert_eq!(got, messages);
        }

        #[test]
        fn noise_is_an_error_or_a_wait_and_never_a_panic(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut decoder = Decoder::<Message>::new();
            decoder.push(&noise, Vec::new()).expect("no descriptors");
            while let Ok(Some(_)) = decoder.pop() {}
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_refused_on_both_sides() {
        let long = (0u32, String::new(), vec![7u8; MAX_MESSAGE]);
        assert!(matches!(Frame::new(&long, Vec::new()), Err(LineError::TooLong)));
        let mut decoder = Decoder::<Message>::new();
        let header = u32::try_from(MAX_MESSAGE + 1).expect("fits").to_le_bytes();
        decoder.push(&[header[0], header[1], header[2], header[3], 0], Vec::new()).expect("no descriptors");
        assert!(matches!(decoder.pop(), Err(LineError::TooLong)), "refused from its header alone");
    }

    #[test]
    fn a_message_that_promises_descriptors_and_brings_none_is_refused() {
        let mut frame = Frame::new::<Message>(&(1, String::new(), vec![]), Vec::new()).expect("small");
        frame.bytes[4] = 1;
        let mut decoder = Decoder::<Message>::new();
        decoder.push(&frame.bytes, Vec::new()).expect("none");
        assert!(matches!(decoder.pop(), Err(LineError::Descriptors)));
    }

    #[test]
    fn bytes_after_the_message_inside_a_frame_are_refused() {
        let mut frame = Frame::new::<Message>(&(1, String::new(), vec![]), Vec::new()).expect("small");
        frame.bytes.push(0);
        frame.bytes[0] += 1;
        let mut decoder = Decoder::<Message>::new();
        decoder.push(&frame.bytes, Vec::new()).expect("none");
        assert!(matches!(decoder.pop(), Err(LineError::Malformed)));
    }
}
