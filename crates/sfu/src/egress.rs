//! A shard's datagrams on their way into its socket.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;

use media::egress::{Egress, Message, SendBatch};
use media::limits::BATCH;

use crate::limits::SEND_WAIT;
use crate::sys::{self, Family};

/// Sends batches with `sendmmsg`, several datagrams to one listener as one message where the kernel and the network card
/// can cut it (UDP_SEGMENT), one by one where they cannot.
pub(crate) struct SocketEgress<S> {
    socket: S,
    family: Family,
    segmentation: Segmentation,
    sent: u64,
    refused: u64,
}

/// Who cuts a message of several datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segmentation {
    /// The kernel or the network card.
    Offloaded,
    /// We do: the kernel does not know UDP_SEGMENT, or the network card refused it.
    Own,
}

impl<S: AsFd> SocketEgress<S> {
    pub(crate) fn new(socket: S, family: Family) -> Self {
        let able = sys::can_segment(socket.as_fd());
        let segmentation = if able { Segmentation::Offloaded } else { Segmentation::Own };
        Self { socket, family, segmentation, sent: 0, refused: 0 }
    }

    pub(crate) fn segmentation(&self) -> Segmentation {
        self.segmentation
    }

    /// Messages handed to the kernel.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Messages that the kernel did not take.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    fn send_all(&mut self, mut messages: &[Message<'_>]) {
        let mut waited = false;
        while let Some((first, rest)) = messages.split_first() {
            match sys::send(self.socket.as_fd(), self.family, messages) {
                Ok(sent) => {
                    self.sent += sent as u64;
                    messages = messages.get(sent..).unwrap_or_default();
                }
                Err(error) => match Refusal::of(&error, first) {
                    Refusal::Again => {}
                    Refusal::Full if !waited && sys::wait_writable(self.socket.as_fd(), SEND_WAIT) => {
                        waited = true;
                    }
                    Refusal::Full => {
                        self.refused += messages.len() as u64;
                        return;
                    }
                    Refusal::NoSegments { for_ever } => {
                        if for_ever == ForEver::Yes {
                            self.segmentation = Segmentation::Own;
                        }
                        self.send_split(first);
                        messages = rest;
                    }
                    Refusal::This => {
                        self.refused += 1;
                        messages = rest;
                    }
                },
            }
        }
    }

    fn send_split(&mut self, message: &Message<'_>) {
        for bytes in message.datagrams() {
            self.send_all(&[Message { bytes, segment: None, ..*message }]);
        }
    }
}

impl<S: AsFd> Egress for SocketEgress<S> {
    fn send(&mut self, batch: &mut SendBatch) {
        let nothing = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        let mut ready = [Message { to: nothing, from: nothing.ip(), bytes: &[], segment: None }; BATCH];
        let mut count = 0;
        for message in batch.iter() {
            if message.segment.is_some() && self.segmentation == Segmentation::Own {
                self.send_all(&ready[..count]);
                count = 0;
                self.send_split(&message);
            } else {
                ready[count] = message;
                count += 1;
            }
        }
        self.send_all(&ready[..count]);
        batch.clear();
    }
}

/// What an error of `sendmmsg` says about the first message.
enum Refusal {
    Again,
    /// The send buffer is full.
    Full,
    /// It cannot be cut into segments; alone its datagrams may pass.
    NoSegments {
        for_ever: ForEver,
    },
    /// It cannot be sent at all: no route, address gone, forbidden.
    This,
}

#[derive(PartialEq, Eq)]
enum ForEver {
    Yes,
    No,
}

impl Refusal {
    fn of(error: &io::Error, message: &Message<'_>) -> Self {
        match error.raw_os_error() {
            Some(libc::EINTR) => Self::Again,
            Some(libc::EAGAIN | libc::ENOBUFS) => Self::Full,
            // EIO: the way out has no checksum offload. The others: this message, on this path.
            Some(libc::EIO) if message.segment.is_some() => Self::NoSegments { for_ever: ForEver::Yes },
            Some(libc::EINVAL | libc::EMSGSIZE | libc::EOPNOTSUPP) if message.segment.is_some() => {
                Self::NoSegments { for_ever: ForEver::No }
            }
            _ => Self::This,
        }
    }
}
