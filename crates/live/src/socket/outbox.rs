//! What waits for one socket. Bounded: a client that does not keep up is told so and dropped, and nobody else waits
//! for it.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use protocol::limits::{OUTBOX_MESSAGES_MAX, SOCKET_PING_PERIOD};
use protocol::socket::ServerMessage;
use tokio::io::AsyncWrite;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval_at, timeout};
use tungstenite::protocol::CloseFrame;
use tungstenite::{Bytes, Message, Utf8Bytes};

use super::wire::Writing;
use crate::clock;
use crate::limits::{
    FAREWELL_PERIOD, OUTBOX_BYTES_MAX, PING_STEP, RELAYED_BYTES_MAX, RELAYED_MESSAGES_MAX, WRITE_PERIOD,
    WRITTEN_TOGETHER,
};

/// The sending end of one socket; cheap to clone, never waits.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Shared>);

struct Shared {
    /// Locked for one message at a time.
    queue: Mutex<Queue>,
    filled: Notify,
    farewell: OnceLock<Farewell>,
    dismissed: Notify,
}

/// What waits. Where nothing does, it takes no space: there are very many sockets, and most are silent.
struct Queue {
    /// None once nobody takes anything out any more.
    frames: Option<VecDeque<Frame>>,
    said: Waiting,
    relayed: Waiting,
    /// The answer to the client's last ping: RFC 6455 section 5.5.3 asks for no more.
    pong: Option<Bytes>,
}

/// One message in the queue, and whose it is.
struct Frame {
    text: Utf8Bytes,
    from: Source,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Server,
    Others,
}

/// What waits of one kind, within its bound.
struct Waiting {
    bytes: usize,
    messages: usize,
    bytes_max: usize,
    messages_max: usize,
}

impl Waiting {
    const fn new(bytes_max: usize, messages_max: usize) -> Self {
        Self { bytes: 0, messages: 0, bytes_max, messages_max }
    }

    /// Counts one more; one that does not fit is not counted.
    fn take(&mut self, bytes: usize) -> Result<(), TooSlow> {
        if self.messages >= self.messages_max || self.bytes > self.bytes_max {
            return Err(TooSlow);
        }
        self.messages += 1;
        self.bytes += bytes;
        Ok(())
    }

    fn give_back(&mut self, bytes: usize) {
        self.messages -= 1;
        self.bytes -= bytes;
    }
}

/// How a socket ends.
#[derive(Debug, Clone)]
pub(crate) struct Farewell {
    /// Said before it closes.
    pub(crate) last: Option<Utf8Bytes>,
    pub(crate) close: Close,
}

/// Why a socket is closed, as a close code: RFC 6455 section 7.4 where one fits, else 4000 plus the HTTP status that
/// would say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// Nothing more to say.
    Normal,
    /// The server goes down; come back.
    GoingAway,
    /// The session ended.
    SignedOut,
    /// No hello came in time, or nothing at all for too long.
    Silent,
    /// What came was no frame of RFC 6455, or longer than any message may be.
    Unreadable,
    /// The client did not read what it was sent.
    TooSlow,
    /// The client sent more than anybody reads.
    TooMany,
    /// The client speaks a version that is no longer understood.
    OldClient,
    /// Another socket of this client took over.
    Replaced,
}

impl Close {
    const fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::GoingAway => 1001,
            Self::Unreadable => 1002,
            Self::SignedOut => 4401,
            Self::Silent | Self::TooSlow => 4408,
            Self::Replaced => 4409,
            Self::OldClient => 4426,
            Self::TooMany => 4429,
        }
    }
}

/// The client did not keep up; what was to be sent is lost, and the socket is of no more use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooSlow;

/// The other end of an [`Outbox`].
pub(crate) struct Mail(Arc<Shared>);

/// A message as it goes onto a socket; one serialisation serves all who get it.
pub(crate) fn encode(message: &ServerMessage) -> Utf8Bytes {
    // Our own types always serialise: no maps with odd keys, no failing implementations.
    serde_json::to_string(message).unwrap_or_default().into()
}

impl Outbox {
    pub(crate) fn new() -> (Self, Mail) {
        let queue = Queue {
            frames: Some(VecDeque::new()),
            said: Waiting::new(OUTBOX_BYTES_MAX, OUTBOX_MESSAGES_MAX),
            relayed: Waiting::new(RELAYED_BYTES_MAX, RELAYED_MESSAGES_MAX),
            pong: None,
        };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            filled: Notify::new(),
            farewell: OnceLock::new(),
            dismissed: Notify::new(),
        });
        (Self(Arc::clone(&shared)), Mail(shared))
    }

    /// Queues one message.
    ///
    /// # Errors
    /// [`TooSlow`]; dismiss the socket then. A socket that is closing takes everything and sends nothing.
    pub(crate) fn send(&self, frame: Utf8Bytes) -> Result<(), TooSlow> {
        self.0.put(Frame { text: frame, from: Source::Server })
    }

    /// Queues one message of somebody else in the room. What does not fit is dropped: nobody loses their socket by
    /// what others send them.
    pub(crate) fn relay(&self, frame: Utf8Bytes) {
        let _ = self.0.put(Frame { text: frame, from: Source::Others });
    }

    /// Queues one message, and dismisses a client that does not keep up.
    pub(crate) fn say(&self, message: &ServerMessage) {
        if self.send(encode(message)).is_err() {
            crate::log::log(crate::log::Record::SlowClient);
            self.dismiss(Farewell { last: None, close: Close::TooSlow });
        }
    }

    /// Answers a ping; an answer that still waits is not sent any more.
    pub(super) fn pong(&self, payload: Bytes) {
        self.0.queue().pong = Some(payload);
        self.0.filled.notify_one();
    }

    /// Ends the socket. The first farewell counts.
    pub(crate) fn dismiss(&self, farewell: Farewell) {
        self.0.dismiss(farewell);
    }

    pub(crate) fn is_dismissed(&self) -> bool {
        self.close().is_some()
    }

    /// Why the socket ends, if it does.
    pub(crate) fn close(&self) -> Option<Close> {
        self.0.farewell.get().map(|farewell| farewell.close)
    }

    /// Waits until the socket is dismissed.
    pub(crate) async fn dismissed(&self) {
        self.0.dismissed().await;
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, frame: Frame) -> Result<(), TooSlow> {
        if self.farewell.get().is_some() {
            return Ok(());
        }
        self.queue().put(frame)?;
        self.filled.notify_one();
        Ok(())
    }

    fn dismiss(&self, farewell: Farewell) {
        let _ = self.farewell.set(farewell);
        self.dismissed.notify_waiters();
    }

    async fn dismissed(&self) {
        loop {
            let notified = self.dismissed.notified();
            if self.farewell.get().is_some() {
                return;
            }
            notified.await;
        }
    }
}

impl Queue {
    fn put(&mut self, frame: Frame) -> Result<(), TooSlow> {
        if self.frames.is_some() {
            self.waiting(frame.from).take(frame.text.len())?;
        }
        if let Some(frames) = &mut self.frames {
            frames.push_back(frame);
        }
        Ok(())
    }

    fn take(&mut self) -> Option<Frame> {
        let frames = self.frames.as_mut()?;
        let frame = frames.pop_front()?;
        if frames.is_empty() {
            *frames = VecDeque::new();
        }
        self.waiting(frame.from).give_back(frame.text.len());
        Some(frame)
    }

    fn waiting(&mut self, from: Source) -> &mut Waiting {
        match from {
            Source::Server => &mut self.said,
            Source::Others => &mut self.relayed,
        }
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        self.0.queue().frames = None;
    }
}

impl Mail {
    /// The next message, for those who have no socket. Nothing is lost when this is dropped half-way.
    pub(crate) async fn next(&mut self) -> Utf8Bytes {
        self.wait_for(|queue| queue.take().map(|frame| frame.text)).await
    }

    async fn wait_for<T>(&self, take: impl Fn(&mut Queue) -> Option<T>) -> T {
        loop {
            if let Some(taken) = take(&mut self.0.queue()) {
                return taken;
            }
            self.0.filled.notified().await;
        }
    }

    /// What is to be written next.
    fn due(queue: &mut Queue) -> Option<Message> {
        let pong = queue.pong.take().map(Message::Pong);
        pong.or_else(|| queue.take().map(|frame| Message::Text(frame.text)))
    }

    /// Writes until the socket is dismissed or broken. Pings in between.
    pub(super) async fn deliver<W: AsyncWrite + Unpin>(self, mut writing: Writing<W>) {
        let first = clock::next_step(Instant::now() + SOCKET_PING_PERIOD, PING_STEP);
        let mut pings = interval_at(first.into(), SOCKET_PING_PERIOD);
        // Once late, it is in step again with the next.
        pings.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let first = tokio::select! {
                biased;
                () = self.0.dismissed() => break,
                // Before what waits: a client that gets no ping looks like one that is gone.
                _ = pings.tick() => Message::Ping(Bytes::new()),
                message = self.wait_for(Self::due) => message,
            };
            self.gather(first, &mut writing);
            tokio::select! {
                biased;
                () = self.0.dismissed() => break,
                written = timeout(WRITE_PERIOD, writing.flush()) => match written {
                    Ok(Ok(())) => {}
                    // Broken, or stuck for longer than any network that carries a conversation.
                    _ => return self.0.dismiss(Farewell { last: None, close: Close::TooSlow }),
                },
            }
        }
        let _ = timeout(FAREWELL_PERIOD, self.say_farewell(&mut writing)).await;
    }

    /// What waits behind it leaves with it: the network is asked once for all.
    fn gather<W: AsyncWrite + Unpin>(&self, first: Message, writing: &mut Writing<W>) {
        writing.put(first);
        for _ in 1..WRITTEN_TOGETHER {
            if writing.is_full() {
                return;
            }
            let Some(message) = Self::due(&mut self.0.queue()) else { return };
            writing.put(message);
        }
    }

    async fn say_farewell<W: AsyncWrite + Unpin>(&self, writing: &mut Writing<W>) -> io::Result<()> {
        let (last, close) = match self.0.farewell.get() {
            Some(farewell) => (farewell.last.clone(), farewell.close),
            None => (None, Close::Normal),
        };
        // Whoever is too slow would not get to the last words through what waits before them.
        if close != Close::TooSlow {
            while let Some(Frame { text, from }) = self.next_last() {
                if from == Source::Server {
                    writing.put(Message::Text(text));
                }
                if writing.is_full() {
                    writing.flush().await?;
                }
            }
        }
        if let Some(last) = last {
            writing.put(Message::Text(last));
        }
        let frame = CloseFrame { code: close.code().into(), reason: Utf8Bytes::from_static("") };
        writing.put(Message::Close(Some(frame)));
        writing.flush().await
    }

    /// In a function, so that the lock is held for no longer.
    fn next_last(&self) -> Option<Frame> {
        self.0.queue().take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_outbox_says_so_and_waits_for_nobody() {
        let (outbox, mail) = Outbox::new();
        let frame = encode(&ServerMessage::Pong);
        for _ in 0..OUTBOX_MESSAGES_MAX {
            assert_eq!(outbox.send(frame.clone()), Ok(()));
        }
        assert_eq!(outbox.send(frame), Err(TooSlow));
        drop(mail);
    }

    #[tokio::test]
    async fn few_heavy_messages_are_too_many_as_well() {
        let (outbox, _mail) = Outbox::new();
        let heavy: Utf8Bytes = "x".repeat(OUTBOX_BYTES_MAX / 2 + 1).into();
        assert_eq!(outbox.send(heavy.clone()), Ok(()));
        assert_eq!(outbox.send(heavy.clone()), Ok(()));
        assert_eq!(outbox.send(heavy), Err(TooSlow));
    }

    #[tokio::test]
    async fn what_others_send_uses_up_nothing_of_what_the_server_may_say() {
        let (outbox, mail) = Outbox::new();
        let heavy: Utf8Bytes = "x".repeat(RELAYED_BYTES_MAX / 2).into();
        for _ in 0..100 {
            outbox.relay(heavy.clone());
        }
        for _ in 0..2 * RELAYED_MESSAGES_MAX {
            outbox.relay("x".into());
        }
        let frame = encode(&ServerMessage::Pong);
        for _ in 0..OUTBOX_MESSAGES_MAX {
            assert_eq!(outbox.send(frame.clone()), Ok(()));
        }
        let mut relayed = 0;
        while let Some(frame) = mail.next_last() {
            if frame.from == Source::Others {
                relayed += frame.text.len();
            }
        }
        assert!(relayed <= 2 * RELAYED_BYTES_MAX, "{relayed}");
    }

    #[tokio::test]
    async fn what_was_not_queued_does_not_count() {
        let (outbox, mail) = Outbox::new();
        let heavy: Utf8Bytes = "x".repeat(OUTBOX_BYTES_MAX + 1).into();
        assert_eq!(outbox.send(heavy.clone()), Ok(()));
        assert_eq!(outbox.send(heavy), Err(TooSlow));
        let said = &mail.0.queue().said;
        assert_eq!((said.bytes, said.messages), (OUTBOX_BYTES_MAX + 1, 1));
    }

    #[tokio::test]
    async fn a_dismissal_before_anybody_waits_for_it_is_not_missed() {
        let (outbox, _mail) = Outbox::new();
        outbox.dismiss(Farewell { last: None, close: Close::Normal });
        outbox.dismissed().await;
    }
}
