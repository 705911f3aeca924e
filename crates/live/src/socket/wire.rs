//! Frames of RFC 6455 on a connection.
//!
//! What they mean is the library's. What is kept of a connection while nothing comes or goes is ours, and is nothing:
//! most of many thousand sockets are silent, and the library's own keeps the space of the largest message that ever
//! went through it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, Cursor, Read, Write};
use std::pin::pin;

use protocol::limits::CLIENT_MESSAGE_BYTES_MAX;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tungstenite::error::CapacityError;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameHeader};
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

use crate::limits::{SOCKET_READ_BYTES, SOCKET_WRITE_BYTES};

/// A little more than a client may send, so that what is only somewhat too long gets an answer.
const MESSAGE_BYTES_MAX: usize = 2 * CLIENT_MESSAGE_BYTES_MAX;

/// What a client sends.
pub(super) struct Reading<R> {
    from: R,
    /// What came and is no whole frame yet.
    came: Vec<u8>,
    /// Of a message in several frames, those that came.
    begun: Option<Box<WebSocketContext>>,
    side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Open,
    /// The client said so, went away, or sent what nobody understands.
    Ended,
}

impl<R: AsyncRead + Unpin> Reading<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, came: Vec::new(), begun: None, side: Side::Open }
    }

    /// The next message; none after the end. Nothing is lost when this is dropped half-way.
    pub(super) async fn next(&mut self) -> Option<Result<Message, Error>> {
        while self.side == Side::Open {
            let next = match self.understand() {
                Ok(None) => match self.fill().await {
                    Ok(0) => None,
                    Ok(_) => continue,
                    Err(error) => Some(Err(error.into())),
                },
                Ok(Some(message)) => Some(Ok(message)),
                Err(error) => Some(Err(error)),
            };
            if matches!(next, None | Some(Err(_) | Ok(Message::Close(_)))) {
                self.side = Side::Ended;
            }
            return next;
        }
        None
    }

    /// Waits for more, without space to put it in.
    async fn fill(&mut self) -> io::Result<usize> {
        poll_fn(|context| {
            self.came.reserve(SOCKET_READ_BYTES);
            let read = pin!(self.from.read_buf(&mut self.came)).poll(context);
            self.tidy();
            read
        })
        .await
    }

    fn understand(&mut self) -> Result<Option<Message>, Error> {
        while let Some(frame) = first_frame(&self.came)? {
            let begun = self.begun.take();
            let between = begun.is_some();
            let mut library = begun.unwrap_or_else(|| library(frame.len()));
            let read = library.read(&mut One(frame));
            let length = frame.len();
            self.came.drain(..length);
            self.tidy();
            match read {
                // The message goes on in a frame to come.
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.begun = Some(library)
                }
                Ok(message @ (Message::Ping(_) | Message::Pong(_))) => {
                    self.begun = between.then_some(library);
                    return Ok(Some(message));
                }
                read => return read.map(Some),
            }
        }
        Ok(None)
    }

    fn tidy(&mut self) {
        if self.came.is_empty() {
            self.came = Vec::new();
        }
    }
}

/// The first frame, once all of it is there. One that is too long is refused by its first bytes.
fn first_frame(came: &[u8]) -> Result<Option<&[u8]>, Error> {
    let mut cursor = Cursor::new(came);
    let Some((_, payload)) = FrameHeader::parse(&mut cursor)? else { return Ok(None) };
    let size = usize::try_from(payload).unwrap_or(usize::MAX);
    if size > MESSAGE_BYTES_MAX {
        return Err(CapacityError::MessageTooLong { size, max_size: MESSAGE_BYTES_MAX }.into());
    }
    let end = usize::try_from(cursor.position() + payload).unwrap_or(usize::MAX);
    Ok(came.get(..end))
}

/// For one message.
fn library(bytes: usize) -> Box<WebSocketContext> {
    let config = WebSocketConfig::default()
        .read_buffer_size(bytes)
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
        .max_message_size(Some(MESSAGE_BYTES_MAX));
    Box::new(WebSocketContext::new(Role::Server, Some(config)))
}

/// What the library reads from: one frame. Its own answers to pings are thrown away, since ours leave in order with
/// what else is sent.
struct One<'a>(&'a [u8]);

impl Read for One<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match Read::read(&mut self.0, into)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            read => Ok(read),
        }
    }
}

impl Write for One<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a client is sent.
pub(super) struct Writing<W> {
    to: W,
    /// Whole frames, but for the first, of which some may have left.
    unsent: VecDeque<u8>,
}

impl<W: AsyncWrite + Unpin> Writing<W> {
    pub(super) fn new(to: W) -> Self {
        Self { to, unsent: VecDeque::new() }
    }

    /// Adds to what leaves with the next [`Self::flush`].
    pub(super) fn put(&mut self, message: Message) {
        let frame = match message {
            Message::Text(text) => Frame::message(text, OpCode::Data(Data::Text), true),
            Message::Binary(bytes) => Frame::message(bytes, OpCode::Data(Data::Binary), true),
            Message::Ping(payload) => Frame::ping(payload),
            Message::Pong(payload) => Frame::pong(payload),
            Message::Close(why) => Frame::close(why),
            Message::Frame(frame) => frame,
        };
        self.unsent.reserve(frame.len());
        // Into memory: that does not fail.
        let _ = frame.format(&mut self.unsent);
    }

    /// Whether it is time to flush.
    pub(super) fn is_full(&self) -> bool {
        self.unsent.len() >= SOCKET_WRITE_BYTES
    }

    /// Sends everything. When this is dropped half-way, the next one goes on with the byte that comes next.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        self.to.write_all_buf(&mut self.unsent).await?;
        self.unsent = VecDeque::new();
        self.to.flush().await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::{DuplexStream, duplex};
    use tokio::task::unconstrained;
    use tungstenite::Bytes;
    use tungstenite::protocol::WebSocket;

    use super::*;

    /// What a client of the library writes.
    fn said(messages: impl IntoIterator<Item = Message>) -> Vec<u8> {
        let mut client = WebSocket::from_raw_socket(Cursor::new(Vec::new()), Role::Client, None);
        for message in messages {
            client.send(message).expect("into memory");
        }
        client.into_inner().into_inner()
    }

    /// A frame that others follow.
    fn part(text: impl Into<Bytes>, kind: Data) -> Message {
        Message::Frame(Frame::message(text, OpCode::Data(kind), false))
    }

    fn last_part(text: impl Into<Bytes>, kind: Data) -> Message {
        Message::Frame(Frame::message(text, OpCode::Data(kind), true))
    }

    /// What a server makes of these bytes, whether they come at once or one by one.
    async fn heard(bytes: &[u8]) -> Vec<Option<Message>> {
        let mut ways = Vec::new();
        for together in [1, bytes.len()] {
            let (mut client, server) = duplex(2 * MESSAGE_BYTES_MAX);
            let mut reading = Reading::new(server);
            let mut heard = Vec::new();
            for some in bytes.chunks(together) {
                client.write_all(some).await.expect("taken");
                while let Some(next) = unconstrained(reading.next()).now_or_never() {
                    let Some(message) = next else { break };
                    heard.push(message.ok());
                }
            }
            ways.push(heard);
        }
        let [slowly, at_once] = ways.try_into().expect("two ways");
        assert_eq!(slowly, at_once);
        at_once
    }

    #[tokio::test]
    async fn what_a_client_says_is_heard_however_the_network_cuts_it() {
        let long = "wide ".repeat(5_000);
        let messages =
            [Message::text("hello"), Message::text(""), Message::text(long), Message::binary(vec![0, 255])];
        assert_eq!(heard(&said(messages.clone())).await, messages.map(Some));
    }

    #[tokio::test]
    async fn a_message_in_several_frames_is_one_and_a_ping_may_come_in_between() {
        let frames = [
            part("Who ", Data::Text),
            Message::Ping("there?".into()),
            part("is ", Data::Continue),
            Message::Pong("here".into()),
            last_part("it?", Data::Continue),
            Message::text("next"),
        ];
        let expected = [
            Message::Ping("there?".into()),
            Message::Pong("here".into()),
            Message::text("Who is it?"),
            Message::text("next"),
        ];
        assert_eq!(heard(&said(frames)).await, expected.map(Some));
    }

    #[tokio::test]
    async fn after_a_goodbye_nothing_is_heard() {
        let mut bytes = said([Message::text("hello"), Message::Close(None)]);
        bytes.extend(said([Message::text("one more thing")]));
        assert_eq!(heard(&bytes).await, [Some(Message::text("hello")), Some(Message::Close(None))]);
    }

    #[tokio::test]
    async fn what_breaks_the_rules_ends_it() {
        let mut reserved = said([last_part("x", Data::Text)]);
        reserved[0] |= 0x40;
        let mut in_pieces = reserved.clone();
        // A ping that is not final.
        in_pieces[0] = 0x09;
        let within = said([part("x", Data::Text), last_part("y", Data::Text)]);
        for (bytes, why) in [
            (b"\x81\x01x".to_vec(), "no mask"),
            (reserved, "a bit that means nothing"),
            (in_pieces, "a ping in pieces"),
            (said([Message::Ping(vec![0; 126].into())]), "a ping that is too long"),
            (said([last_part("x", Data::Continue)]), "the end of what never began"),
            (within, "a message within another"),
            (said([last_part(&b"\xff"[..], Data::Text)]), "no text"),
            (b"\x83\x80\0\0\0\0".to_vec(), "a kind of frame that nobody knows"),
        ] {
            assert_eq!(heard(&bytes).await, [None], "{why}");
        }
    }

    #[tokio::test]
    async fn what_is_too_long_is_refused_before_it_came() {
        for length in [MESSAGE_BYTES_MAX as u64 + 1, u64::MAX] {
            let mut header = b"\x81\xff".to_vec();
            header.extend(length.to_be_bytes());
            header.extend([0; 4]);
            assert_eq!(heard(&header).await, [None]);
        }
        let half = "x".repeat(MESSAGE_BYTES_MAX / 2 + 1);
        let frame =
            |kind, is_final| Message::Frame(Frame::message(half.clone(), OpCode::Data(kind), is_final));
        let both = said([frame(Data::Text, false), frame(Data::Continue, true)]);
        assert_eq!(heard(&both).await, [None], "in pieces neither");
    }

    #[tokio::test]
    async fn a_socket_on_which_nothing_happens_keeps_no_space() {
        let (mut client, server) = duplex(2 * MESSAGE_BYTES_MAX);
        let (reads, writes) = tokio::io::split(server);
        let (mut reading, mut writing) = (Reading::new(reads), Writing::new(writes));
        client.write_all(&said([Message::text("x".repeat(60_000))])).await.expect("taken");
        assert!(reading.next().await.expect("a message").is_ok());
        assert!(reading.next().now_or_never().is_none(), "no more");
        assert!(reading.came.capacity() == 0 && reading.begun.is_none());
        writing.put(Message::text("x".repeat(60_000)));
        writing.flush().await.expect("sent");
        assert_eq!(writing.unsent.capacity(), 0);
    }

    /// A client of the library at the other end.
    fn hears(bytes: Vec<u8>) -> Vec<Message> {
        let mut client = WebSocket::from_raw_socket(Cursor::new(bytes), Role::Client, None);
        std::iter::from_fn(|| client.read().ok()).collect()
    }

    async fn all_of(mut end: DuplexStream) -> Vec<u8> {
        let mut bytes = Vec::new();
        end.read_to_end(&mut bytes).await.expect("readable");
        bytes
    }

    #[tokio::test]
    async fn what_is_dropped_half_way_goes_on_where_it_was() {
        let (client, server) = duplex(1_000);
        let mut writing = Writing::new(server);
        let messages =
            [Message::text("x".repeat(70_000)), Message::Ping("?".into()), Message::text("last words")];
        writing.put(messages[0].clone());
        assert!(writing.flush().now_or_never().is_none(), "more than the network takes");
        writing.put(messages[1].clone());
        let reader = tokio::spawn(all_of(client));
        writing.put(messages[2].clone());
        writing.flush().await.expect("sent");
        drop(writing);
        assert_eq!(hears(reader.await.expect("read")), messages);
    }
}
