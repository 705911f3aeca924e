//! The ends for a process that must never wait for the other: non-blocking, driven by `poll(2)`.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use serde::de::DeserializeOwned;

use crate::codec::{Decoder, Frame, LineError, Received};
use crate::limits::READ_CHUNK;
use crate::socket;

/// Frames that wait for the other process to read.
#[derive(Debug)]
pub struct Outbox {
    socket: UnixStream,
    frames: VecDeque<Frame>,
    /// Bytes of the first frame that the kernel has already.
    written: usize,
    waiting_bytes: usize,
}

/// What is left after a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushed {
    All,
    /// The socket is full; poll for writing.
    Blocked,
}

impl Outbox {
    /// # Errors
    /// [`LineError::Io`] where the socket cannot be made non-blocking.
    pub fn new(socket: UnixStream) -> Result<Self, LineError> {
        socket.set_nonblocking(true)?;
        Ok(Self { socket, frames: VecDeque::new(), written: 0, waiting_bytes: 0 })
    }

    /// Bytes not yet in the kernel; the owner keeps this bounded.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    pub fn push(&mut self, frame: Frame) {
        self.waiting_bytes += frame.bytes.len();
        self.frames.push_back(frame);
    }

    /// Writes until all is written or the socket is full.
    ///
    /// # Errors
    /// [`LineError::Closed`] where the other process is gone.
    pub fn flush(&mut self) -> Result<Flushed, LineError> {
        while let Some(frame) = self.frames.front() {
            let rest = frame.bytes.get(self.written..).unwrap_or_default();
            let descriptors = if self.written == 0 { frame.descriptors.as_slice() } else { &[] };
            match socket::send(&self.socket, rest, descriptors) {
                Ok(sent) => {
                    self.written += sent;
                    self.waiting_bytes -= sent;
                    if self.written == frame.bytes.len() {
                        self.frames.pop_front();
                        self.written = 0;
                    }
                }
                Err(full) if full.kind() == std::io::ErrorKind::WouldBlock => return Ok(Flushed::Blocked),
                Err(gone) if gone.kind() == std::io::ErrorKind::BrokenPipe => return Err(LineError::Closed),
                Err(other) => return Err(other.into()),
            }
        }
        Ok(Flushed::All)
    }
}

impl AsFd for Outbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// What the other process has said.
#[derive(Debug)]
pub struct Inbox<M> {
    socket: UnixStream,
    decoder: Decoder<M>,
    buffer: Vec<u8>,
}

impl<M: DeserializeOwned> Inbox<M> {
    /// # Errors
    /// [`LineError::Io`] where the socket cannot be made non-blocking.
    pub fn new(socket: UnixStream) -> Result<Self, LineError> {
        socket.set_nonblocking(true)?;
        Ok(Self { socket, decoder: Decoder::new(), buffer: vec![0; READ_CHUNK] })
    }

    /// The next message, or `None` where nothing whole is there yet.
    ///
    /// # Errors
    /// [`LineError::Closed`] at the end of the line, after everything that was sent before it.
    pub fn receive(&mut self) -> Result<Option<Received<M>>, LineError> {
        loop {
            if let Some(next) = self.decoder.pop()? {
                return Ok(Some(next));
            }
            match socket::receive(&self.socket, &mut self.buffer) {
                Ok((0, _)) => return Err(LineError::Closed),
                Ok((bytes, descriptors)) => {
                    self.decoder.push(self.buffer.get(..bytes).unwrap_or_default(), descriptors)?;
                }
                Err(LineError::Io(empty)) if empty.kind() == std::io::ErrorKind::WouldBlock => {
                    return Ok(None);
                }
                Err(other) => return Err(other),
            }
        }
    }
}

impl<M> AsFd for Inbox<M> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_socket_is_left_alone_until_the_other_side_reads() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let mut outbox = Outbox::new(ours).expect("an end");
        let mut inbox = Inbox::<Vec<u8>>::new(theirs).expect("an end");
        for _ in 0..4 {
            outbox.push(Frame::new(&vec![7u8; 1 << 20], Vec::new()).expect("fits"));
        }
        assert_eq!(outbox.flush().expect("alive"), Flushed::Blocked);
        let mut received = 0;
        while received < 4 {
            if inbox.receive().expect("alive").is_some() {
                received += 1;
            }
            outbox.flush().expect("alive");
        }
        assert_eq!(outbox.waiting_bytes(), 0);
        drop(outbox);
        assert!(matches!(inbox.receive(), Err(LineError::Closed)));
    }
}
