//! Media at the door of the web: connections of people whose network lets no UDP through (RFC 6544).
//!
//! The first byte tells them apart. A frame of theirs begins with its length (RFC 4571), and the first one is a
//! connectivity check of at most [`FIRST_FRAME_MAX`] bytes: 0x00 to 0x02. TLS begins with 0x16, HTTP with a letter. It is
//! DTLS and SRTP inside, so there is nothing for TLS to add.

use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Open;
use crate::limits::{FIRST_FRAME_MAX, FIRST_FRAME_PERIOD, HEADER_PERIOD};
use crate::places::Stage;

/// What a connection begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// The length of a frame.
    Frame,
    /// HTTP, with or without TLS; or nothing we know, which HTTP knows how to refuse.
    Web,
}

impl First {
    fn of(byte: u8) -> Self {
        if usize::from(byte) <= FIRST_FRAME_MAX >> 8 { Self::Frame } else { Self::Web }
    }

    /// Looks and takes nothing. `None` when nothing comes.
    pub(super) async fn look(stream: &TcpStream) -> Option<Self> {
        let mut first = [0];
        match timeout(HEADER_PERIOD, stream.peek(&mut first)).await {
            Ok(Ok(1)) => Some(Self::of(first[0])),
            _ => None,
        }
    }
}

/// Where connections of media go.
#[derive(Clone)]
pub(crate) struct MediaDoor {
    engine: sfu::Handle,
}

impl MediaDoor {
    pub(crate) fn new(engine: sfu::Handle) -> Self {
        Self { engine }
    }

    /// Reads the first frame and hands the connection over; its place is given back at its end.
    pub(super) async fn take(&self, mut stream: TcpStream, open: Arc<Open>) {
        if !open.comes_to(Stage::Media) {
            return;
        }
        let Ok(Some(first)) = timeout(FIRST_FRAME_PERIOD, first_frame(&mut stream)).await else { return };
        let Ok(stream) = stream.into_std() else { return };
        // What is not taken is closed, and that is all the answer there is.
        let _ = self.engine.take_connection(stream, first, Box::new(open));
    }
}

async fn first_frame(stream: &mut TcpStream) -> Option<Box<[u8]>> {
    let length = usize::from(stream.read_u16().await.ok()?);
    if length > FIRST_FRAME_MAX {
        return None;
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).await.ok()?;
    Some(frame.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_says_what_a_connection_is() {
        for letter in b'A'..=b'z' {
            assert_eq!(First::of(letter), First::Web);
        }
        assert_eq!(First::of(0x16), First::Web, "a TLS handshake");
        assert_eq!(First::of(0x00), First::Frame);
        assert_eq!(First::of(0x02), First::Frame);
        assert_eq!(First::of(0x03), First::Web, "longer than any check");
    }
}
