//! Both ends of the line between `live` and the process that calls out, for tasks that wait for it.

use std::marker::PhantomData;
use std::os::unix::net::UnixStream as StdUnixStream;

use line::{Decoder, Frame};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use crate::limits::READ_CHUNK;

/// The other process is gone, or cannot be understood: the line is of no more use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the line is broken")]
pub struct Broken;

/// What comes in.
#[derive(Debug)]
pub struct Reading<In> {
    socket: OwnedReadHalf,
    decoder: Decoder<In>,
    buffer: Vec<u8>,
}

/// What goes out.
#[derive(Debug)]
pub struct Writing<Out> {
    socket: OwnedWriteHalf,
    message: PhantomData<fn(Out)>,
}

/// # Errors
/// [`Broken`], for a socket that is none.
pub fn split<In: DeserializeOwned, Out: Serialize>(
    socket: StdUnixStream,
) -> Result<(Reading<In>, Writing<Out>), Broken> {
    socket.set_nonblocking(true).map_err(|_| Broken)?;
    let (read, write) = UnixStream::from_std(socket).map_err(|_| Broken)?.into_split();
    let reading = Reading { socket: read, decoder: Decoder::new(), buffer: vec![0; READ_CHUNK] };
    Ok((reading, Writing { socket: write, message: PhantomData }))
}

impl<In: DeserializeOwned> Reading<In> {
    /// The next message. Safe to drop half-way: what was read is in the decoder.
    ///
    /// # Errors
    /// [`Broken`].
    pub async fn next(&mut self) -> Result<In, Broken> {
        loop {
            if let Some(next) = self.decoder.pop().map_err(|_| Broken)? {
                return Ok(next.message);
            }
            let count = self.socket.read(&mut self.buffer).await.map_err(|_| Broken)?;
            let came = self.buffer.get(..count).filter(|came| !came.is_empty()).ok_or(Broken)?;
            self.decoder.push(came, Vec::new()).map_err(|_| Broken)?;
        }
    }
}

impl<Out: Serialize> Writing<Out> {
    /// Waits while the other process does not read.
    ///
    /// # Errors
    /// [`Broken`].
    pub async fn send(&mut self, message: &Out) -> Result<(), Broken> {
        let frame = Frame::new(message, Vec::new()).map_err(|_| Broken)?;
        self.socket.write_all(frame.as_bytes()).await.map_err(|_| Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_sent_arrives_in_order_and_a_line_that_ends_says_so() {
        let (one, other) = StdUnixStream::pair().expect("a pair");
        let (hears, mut writing) = split::<u32, String>(one).expect("an end");
        let (mut reading, _says) = split::<String, u32>(other).expect("an end");
        for word in ["first", "second"] {
            writing.send(&word.to_owned()).await.expect("sent");
        }
        assert_eq!(reading.next().await.as_deref(), Ok("first"));
        assert_eq!(reading.next().await.as_deref(), Ok("second"));
        drop((writing, hears));
        assert!(matches!(reading.next().await, Err(Broken)));
    }
}
