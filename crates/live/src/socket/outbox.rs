//! What waits for one socket. Bounded: a client that does not keep up is told so and dropped, and nobody else waits
//! for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use protocol::limits::{OUTBOX_MESSAGES_MAX, SOCKET_PING_PERIOD};
use protocol::socket::ServerMessage;
use tokio::sync::{Notify, mpsc};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::limits::{FAREWELL_PERIOD, OUTBOX_BYTES_MAX, WRITE_PERIOD};

/// The sending end of one socket; cheap to clone, never waits.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Shared>);

struct Shared {
    frames: mpsc::Sender<Utf8Bytes>,
    waiting_bytes: AtomicUsize,
    farewell: OnceLock<Farewell>,
    dismissed: Notify,
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
    frames: mpsc::Receiver<Utf8Bytes>,
    shared: Arc<Shared>,
}

/// A message as it goes onto a socket; one serialisation serves all who get it.
pub(crate) fn encode(message: &ServerMessage) -> Utf8Bytes {
    // Our own types always serialise: no maps with odd keys, no failing implementations.
    serde_json::to_string(message).unwrap_or_default().into()
}

impl Outbox {
    pub(crate) fn new() -> (Self, Mail) {
        let (sender, frames) = mpsc::channel(OUTBOX_MESSAGES_MAX);
        let shared = Arc::new(Shared {
            frames: sender,
            waiting_bytes: AtomicUsize::new(0),
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
        if self.is_dismissed() {
            return Ok(());
        }
        let bytes = frame.len();
        if self.0.waiting_bytes.fetch_add(bytes, Ordering::Relaxed) > OUTBOX_BYTES_MAX {
            return Err(TooSlow);
        }
        match self.0.frames.try_send(frame) {
            Err(mpsc::error::TrySendError::Full(_)) => Err(TooSlow),
            // A closed one is noticed by whoever reads from the socket.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
        }
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
        self.0.farewell.get().is_some()
    }

    /// Waits until the socket is dismissed.
    pub(crate) async fn dismissed(&self) {
        self.0.dismissed().await;
    }
}

impl Shared {
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
    /// Writes until the socket is dismissed or broken. Pings in between.
    pub(crate) async fn deliver(mut self, mut sink: SplitSink<WebSocket, Message>) {
        let mut pings = interval(SOCKET_PING_PERIOD);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let message = tokio::select! {
                biased;
                () = self.shared.dismissed() => break,
                frame = self.frames.recv() => match frame {
                    Some(frame) => {
                        self.shared.waiting_bytes.fetch_sub(frame.len(), Ordering::Relaxed);
                        Message::Text(frame)
                    }
                    None => break,
                },
                _ = pings.tick() => Message::Ping(axum::body::Bytes::new()),
            };
            tokio::select! {
                biased;
                () = self.shared.dismissed() => break,
                written = timeout(WRITE_PERIOD, sink.send(message)) => match written {
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

    async fn say_farewell(&mut self, sink: &mut SplitSink<WebSocket, Message>) -> Result<(), axum::Error> {
        let (last, close) = match self.shared.farewell.get() {
            Some(farewell) => (farewell.last.clone(), farewell.close),
            None => (None, Close::Normal),
        };
        // Whoever is too slow would not get to the last words through what waits before them.
        if close != Close::TooSlow {
            while let Ok(frame) = self.frames.try_recv() {
                sink.feed(Message::Text(frame)).await?;
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
    async fn a_dismissal_before_anybody_waits_for_it_is_not_missed() {
        let (outbox, _mail) = Outbox::new();
        outbox.dismiss(Farewell { last: None, close: Close::Normal });
        outbox.dismissed().await;
        assert!(outbox.is_dismissed());
    }
}
