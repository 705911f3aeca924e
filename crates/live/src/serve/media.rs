//! Media at the door of the web: connections of people whose network lets no UDP through (RFC 6544).
//!
//! The first byte tells them apart. A frame of theirs begins with its length (RFC 4571), and the first one is a
//! connectivity check of at most [`FIRST_FRAME_MAX`] bytes: 0x00 to 0x02. TLS begins with 0x16, HTTP with a letter. It is
//! DTLS and SRTP inside, so there is nothing for TLS to add.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::limits::{FIRST_FRAME_MAX, FIRST_FRAME_PERIOD, HEADER_PERIOD, MEDIA_CONNECTIONS_PER_ADDRESS};

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
    present: Arc<Present>,
}

impl MediaDoor {
    pub(crate) fn new(engine: sfu::Handle) -> Self {
        Self { engine, present: Arc::default() }
    }

    /// Reads the first frame and hands the connection over; `place` is given back at its end.
    pub(super) async fn take(&self, mut stream: TcpStream, from: IpAddr, place: impl Send + 'static) {
        let Some(visit) = self.present.one_more(from) else { return };
        let Ok(Some(first)) = timeout(FIRST_FRAME_PERIOD, first_frame(&mut stream)).await else { return };
        let Ok(stream) = stream.into_std() else { return };
        // What is not taken is closed, and that is all the answer there is.
        let _ = self.engine.take_connection(stream, first, Box::new((visit, place)));
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

/// How many connections of each address are open, and nothing about those that are not. The lock is held for one look-up.
#[derive(Default)]
struct Present {
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

/// One of them.
struct Visit {
    present: Arc<Present>,
    address: IpAddr,
}

impl Present {
    fn one_more(self: &Arc<Self>, from: IpAddr) -> Option<Visit> {
        let address = network(from);
        let mut counts = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= MEDIA_CONNECTIONS_PER_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Visit { present: Arc::clone(self), address })
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut counts = self.present.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

/// One customer of a provider has a /64 of IPv6 at least.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
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

    #[test]
    fn one_address_has_its_share_and_gets_it_back() {
        let present: Arc<Present> = Arc::default();
        let here = "2001:db8::1".parse().expect("an address");
        let neighbour = "2001:db8::2".parse().expect("an address");
        let elsewhere = "192.0.2.1".parse().expect("an address");
        let visits: Vec<Visit> = std::iter::from_fn(|| present.one_more(here)).collect();
        assert_eq!(visits.len(), MEDIA_CONNECTIONS_PER_ADDRESS);
        assert!(present.one_more(neighbour).is_none(), "the same customer");
        assert!(present.one_more(elsewhere).is_some());
        drop(visits);
        assert!(present.one_more(neighbour).is_some());
        assert!(present.by_address.lock().expect("whole").is_empty(), "nothing is kept of who has left");
    }
}
