//! What waits for one socket. Bounded: a client that does not keep up is told so and dropped, and nobody else waits
//! for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use protocol::limits::{OUTBOX_MESSAGES_MAX, SOCKET_PING_PERIOD};
use protocol::socket::ServerMessage;
use tokio::sync::{Notify, mpsc};
use tokio::time::{MissedTickBehavior, interval_at, timeout};

use crate::clock;
use crate::limits::{
    FAREWELL_PERIOD, OUTBOX_BYTES_MAX, PING_STEP, RELAYED_BYTES_MAX, RELAYED_MESSAGES_MAX, WRITE_PERIOD,
    WRITTEN_TOGETHER,
};

/// The sending end of one socket; cheap to clone, never waits.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Shared>);

struct Shared {
    frames: mpsc::Sender<Frame>,
    said: Waiting,
    relayed: Waiting,
    farewell: OnceLock<Farewell>,
    dismissed: Notify,
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
    bytes: AtomicUsize,
    messages: AtomicUsize,
    bytes_max: usize,
    messages_max: usize,
}

impl Waiting {
    const fn new(bytes_max: usize, messages_max: usize) -> Self {
        Self { bytes: AtomicUsize::new(0), messages: AtomicUsize::new(0), bytes_max, messages_max }
    }

    /// Counts one more; one that does not fit is not counted.
    fn take(&self, bytes: usize) -> Result<(), TooSlow> {
        let messages = self.messages.fetch_add(1, Ordering::Relaxed);
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if messages >= self.messages_max || before > self.bytes_max {
            self.give_back(bytes);
            return Err(TooSlow);
        }
        Ok(())
    }

    fn give_back(&self, bytes: usize) {
        self.messages.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
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
pub(crate) struct Mail {
    frames: mpsc::Receiver<Frame>,
    shared: Arc<Shared>,
}

/// A message as it goes onto a socket; one serialisation serves all who get it.
pub(crate) fn encode(message: &ServerMessage) -> Utf8Bytes {
    // Our own types always serialise: no maps with odd keys, no failing implementations.
    serde_json::to_string(message).unwrap_or_default().into()
}

impl Outbox {
    pub(crate) fn new() -> (Self, Mail) {
        let (sender, frames) = mpsc::channel(OUTBOX_MESSAGES_MAX + RELAYED_MESSAGES_MAX);
        let shared = Arc::new(Shared {
            frames: sender,
            said: Waiting::new(OUTBOX_BYTES_MAX, OUTBOX_MESSAGES_MAX),
            relayed: Waiting::new(RELAYED_BYTES_MAX, RELAYED_MESSAGES_MAX),
            farewell: OnceLock::new(),
            dismissed: Notify::new(),
        });
        (Self(Arc::clone(&shared)), Mail { frames, shared })
    }

    /// Queues one message.
    ///
    /// # Errors
    /// [`TooSlow`]; dismiss the socket then. A socket that is closing takes everything and sends nothing.
    pub(crate) fn send(&self, frame: Utf8Bytes) -> Result<(), TooSlow> {
        self.0.queue(Frame { text: frame, from: Source::Server })
    }

    /// Queues one message of somebody else in the room. What does not fit is dropped: nobody loses their socket by
    /// what others send them.
    pub(crate) fn relay(&self, frame: Utf8Bytes) {
        let _ = self.0.queue(Frame { text: frame, from: Source::Others });
    }

    /// Queues one message, and dismisses a client that does not keep up.
    pub(crate) fn say(&self, message: &ServerMessage) {
        if self.send(encode(message)).is_err() {
            crate::log::log(crate::log::Record::SlowClient);
            self.dismiss(Farewell { last: None, close: Close::TooSlow });
        }
    }

    /// Ends the socket. The first farewell counts.
    pub(crate) fn dismiss(&self, farewell: Farewell) {
        let _ = self.0.farewell.set(farewell);
        self.0.dismissed.notify_waiters();
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
    fn queue(&self, frame: Frame) -> Result<(), TooSlow> {
        if self.farewell.get().is_some() {
            return Ok(());
        }
        let (from, bytes) = (frame.from, frame.text.len());
        self.waiting(from).take(bytes)?;
        match self.frames.try_send(frame) {
            Ok(()) => Ok(()),
            Err(unsent) => {
                self.waiting(from).give_back(bytes);
                match unsent {
                    mpsc::error::TrySendError::Full(_) => Err(TooSlow),
                    // A closed one is noticed by whoever reads from the socket.
                    mpsc::error::TrySendError::Closed(_) => Ok(()),
                }
            }
        }
    }

    fn waiting(&self, from: Source) -> &Waiting {
        match from {
            Source::Server => &self.said,
            Source::Others => &self.relayed,
        }
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

impl Mail {
    /// The next message, for those who have no socket. Nothing is lost when this is dropped half-way.
    pub(crate) async fn next(&mut self) -> Option<Utf8Bytes> {
        let Frame { text, from } = self.frames.recv().await?;
        self.shared.waiting(from).give_back(text.len());
        Some(text)
    }

    /// Writes until the socket is dismissed or broken. Pings in between.
    pub(crate) async fn deliver(mut self, mut sink: SplitSink<WebSocket, Message>) {
        let first = clock::next_step(Instant::now() + SOCKET_PING_PERIOD, PING_STEP);
        let mut pings = interval_at(first.into(), SOCKET_PING_PERIOD);
        // Once late, it is in step again with the next.
        pings.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let shared = Arc::clone(&self.shared);
        loop {
            let message = tokio::select! {
                biased;
                () = self.shared.dismissed() => break,
                // Before what waits: a client that gets no ping looks like one that is gone.
                _ = pings.tick() => Message::Ping(axum::body::Bytes::new()),
                frame = self.frames.recv() => match frame {
                    Some(Frame { text, from }) => {
                        self.shared.waiting(from).give_back(text.len());
                        Message::Text(text)
                    }
                    None => break,
                },
            };
            tokio::select! {
                biased;
                () = shared.dismissed() => break,
                written = timeout(WRITE_PERIOD, self.write(&mut sink, message)) => match written {
                    Ok(Ok(())) => {}
                    // Broken, or stuck for longer than any network that carries a conversation.
                    _ => {
                        let _ = self.shared.farewell.set(Farewell { last: None, close: Close::TooSlow });
                        self.shared.dismissed.notify_waiters();
                        return;
                    }
                },
            }
        }
        let _ = timeout(FAREWELL_PERIOD, self.say_farewell(&mut sink)).await;
    }

    /// What waits behind it leaves with it: the network is asked once for all.
    async fn write(
        &mut self,
        sink: &mut SplitSink<WebSocket, Message>,
        first: Message,
    ) -> Result<(), axum::Error> {
        sink.feed(first).await?;
        for _ in 1..WRITTEN_TOGETHER {
            let Ok(Frame { text, from }) = self.frames.try_recv() else { break };
            self.shared.waiting(from).give_back(text.len());
            sink.feed(Message::Text(text)).await?;
        }
        sink.flush().await
    }

    async fn say_farewell(&mut self, sink: &mut SplitSink<WebSocket, Message>) -> Result<(), axum::Error> {
        let (last, close) = match self.shared.farewell.get() {
            Some(farewell) => (farewell.last.clone(), farewell.close),
            None => (None, Close::Normal),
        };
        // Whoever is too slow would not get to the last words through what waits before them.
        if close != Close::TooSlow {
            while let Ok(Frame { text, from }) = self.frames.try_recv() {
                if from == Source::Server {
                    sink.feed(Message::Text(text)).await?;
                }
            }
        }
        if let Some(last) = last {
            sink.feed(Message::Text(last)).await?;
        }
        let frame = CloseFrame { code: close.code(), reason: axum::extract::ws::Utf8Bytes::from_static("") };
        sink.send(Message::Close(Some(frame))).await
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
        let (outbox, mut mail) = Outbox::new();
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
        while let Ok(frame) = mail.frames.try_recv() {
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
        let said = &mail.shared.said;
        assert_eq!(said.bytes.load(Ordering::Relaxed), OUTBOX_BYTES_MAX + 1);
        assert_eq!(said.messages.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_dismissal_before_anybody_waits_for_it_is_not_missed() {
        let (outbox, _mail) = Outbox::new();
        outbox.dismiss(Farewell { last: None, close: Close::Normal });
        outbox.dismissed().await;
    }
}
