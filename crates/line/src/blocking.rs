//! The blocking ends, for a thread that has nothing else to do.

use std::marker::PhantomData;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{Decoder, Frame, LineError, Received};
use crate::limits::READ_CHUNK;
use crate::socket;

/// Both ends of one side: what it sends and what it receives.
///
/// # Errors
/// [`LineError::Io`] where the descriptor cannot be duplicated.
pub fn pair<Out: Serialize, In: DeserializeOwned>(
    socket: UnixStream,
) -> Result<(Sender<Out>, Receiver<In>), LineError> {
    socket.set_nonblocking(false)?;
    let sender = Sender { socket: socket.try_clone()?, message: PhantomData };
    Ok((sender, Receiver { socket, decoder: Decoder::new() }))
}

/// The writing end. Waits while the other process does not read.
#[derive(Debug)]
pub struct Sender<M> {
    socket: UnixStream,
    message: PhantomData<fn(M)>,
}

impl<M: Serialize> Sender<M> {
    /// Returns once the kernel has all of it: from then on it reaches the other end even if this process dies.
    ///
    /// # Errors
    /// See [`LineError`].
    pub fn send(&mut self, message: &M) -> Result<(), LineError> {
        self.send_with(message, Vec::new())
    }

    /// The same, with descriptors; they are closed here afterwards.
    ///
    /// # Errors
    /// See [`LineError`].
    pub fn send_with(&mut self, message: &M, descriptors: Vec<OwnedFd>) -> Result<(), LineError> {
        let frame = Frame::new(message, descriptors)?;
        let mut descriptors = frame.descriptors.as_slice();
        let mut bytes = frame.bytes.as_slice();
        while !bytes.is_empty() {
            let sent = match socket::send(&self.socket, bytes, descriptors) {
                Err(gone) if gone.kind() == std::io::ErrorKind::BrokenPipe => return Err(LineError::Closed),
                other => other?,
            };
            bytes = bytes.get(sent..).unwrap_or_default();
            descriptors = &[];
        }
        Ok(())
    }
}

/// The reading end.
#[derive(Debug)]
pub struct Receiver<M> {
    socket: UnixStream,
    decoder: Decoder<M>,
}

impl<M: DeserializeOwned> Receiver<M> {
    /// Waits for the next message.
    ///
    /// # Errors
    /// [`LineError::Closed`] once the other process has closed its end or died, after all it had sent.
    pub fn receive(&mut self) -> Result<Received<M>, LineError> {
        let mut buffer = vec![0; READ_CHUNK];
        loop {
            if let Some(next) = self.decoder.pop()? {
                return Ok(next);
            }
            let (bytes, descriptors) = socket::receive(&self.socket, &mut buffer)?;
            if bytes == 0 {
                return Err(LineError::Closed);
            }
            self.decoder.push(buffer.get(..bytes).unwrap_or_default(), descriptors)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn a_descriptor_arrives_with_its_own_message_and_not_with_the_one_before() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let (mut sender, _) = pair::<String, String>(ours).expect("an end");
        let (_, mut receiver) = pair::<String, String>(theirs).expect("an end");
        let (mut far, near) = UnixStream::pair().expect("a pair");

        sender.send(&"plain".to_owned()).expect("sent");
        sender.send_with(&"with".to_owned(), vec![near.into()]).expect("sent");
        sender.send(&"plain again".to_owned()).expect("sent");

        assert!(receiver.receive().expect("first").descriptors.is_empty());
        let mut with = receiver.receive().expect("second");
        assert_eq!((with.message.as_str(), with.descriptors.len()), ("with", 1));
        assert!(receiver.receive().expect("third").descriptors.is_empty());

        let mut near = UnixStream::from(with.descriptors.remove(0));
        far.write_all(b"alive").expect("written");
        let mut text = [0; 5];
        near.read_exact(&mut text).expect("read");
        assert_eq!(&text, b"alive");
    }

    #[test]
    fn what_was_sent_before_the_end_is_still_received() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let (mut sender, unread) = pair::<String, String>(ours).expect("an end");
        let (mut back, mut receiver) = pair::<String, String>(theirs).expect("an end");
        back.send(&"never read".to_owned()).expect("sent");
        sender.send(&"last words".to_owned()).expect("sent");
        drop((sender, unread));
        assert_eq!(receiver.receive().expect("received").message, "last words");
        assert!(matches!(receiver.receive(), Err(LineError::Closed)));
        assert!(matches!(back.send(&"too late".to_owned()), Err(LineError::Closed)));
    }

    #[test]
    fn a_long_message_crosses_a_small_socket_buffer() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let (mut sender, _) = pair::<Vec<u8>, ()>(ours).expect("an end");
        let (_, mut receiver) = pair::<(), Vec<u8>>(theirs).expect("an end");
        let long = vec![42u8; 1 << 20];
        let expected = long.clone();
        let writer = std::thread::spawn(move || sender.send(&long));
        assert_eq!(receiver.receive().expect("received").message, expected);
        writer.join().expect("no panic").expect("sent");
    }
}
