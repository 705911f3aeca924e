//! `Bus`: commands to a room's one writer, and the events it has committed.
//!
//! Whoever owns a room takes its commands one at a time and publishes what it committed, numbered by [`Position`].
//! Everybody else sends commands and watches the numbers: a gap means "fetch a snapshot" ([`Cursor`]). A command
//! carries an id chosen by its sender, so that sending it again after a broken line changes nothing: the room itself
//! remembers them, since they have to survive its owner.
//!
//! On one machine some of this is a shape only: an owner of a higher epoch beside one of a lower, a number that is missing
//! without a [`Heard::Reset`], and [`RequestError::Unanswered`] for a command that was committed. Readers act on all three;
//! what brings them about here is tests.
//!
//! [`Bus::Local`] moves values through mailboxes of this process. NATS will carry the same as bytes: a command as a
//! request on a subject only the owner listens to ("no responders" is [`RequestError::NoOwner`]), events on a subject
//! a node, delivered at most once. For that the payloads `C`, `A`, `E` stay plain data, an event stream may lose its
//! place at any time ([`Heard::Reset`]), and nothing here waits for a subscriber.

mod cursor;
mod local;

use protocol::id::{CommandId, RoomId};
use serde::{Deserialize, Serialize};

pub use cursor::{Cursor, Numbering, Seen};
pub use local::{Events, Heard, Local, OwnedRoom, Request};

/// The run of a room's owner that numbers its events. Grows with every new owner, a restart included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(pub u32);

impl Epoch {
    pub const FIRST: Self = Self(1);

    /// The next owner's.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// How many messages of events an owner has published in its epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The next message's.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Where one message stands among all of a room. Ordered: a later owner's first message comes after an earlier
/// owner's last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    pub epoch: Epoch,
    pub sequence: Sequence,
}

/// One command on its way to a room's owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<C> {
    pub id: CommandId,
    pub room: RoomId,
    pub command: C,
}

/// Events of one room, committed before they were published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed<E> {
    pub room: RoomId,
    pub at: Position,
    pub events: E,
}

/// Why a command was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Nobody owns the room: it does not exist, or its owner is being replaced.
    #[error("nobody owns this room")]
    NoOwner,
    /// The owner is too far behind to take one more command; nothing was done.
    #[error("the room is too busy")]
    Busy,
    /// The owner went away before it answered. The command may have been committed: send it again with the same id.
    #[error("the room's owner went away")]
    Unanswered,
}

/// Two owners of one room in one process: a fault of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this room is owned already")]
pub struct AlreadyOwned;

/// Commands `C` with answers `A`, and events `E`.
#[derive(Debug)]
pub enum Bus<C, A, E> {
    Local(Local<C, A, E>),
}

impl<C, A, E> Clone for Bus<C, A, E> {
    fn clone(&self) -> Self {
        match self {
            Self::Local(local) => Self::Local(local.clone()),
        }
    }
}

impl<C, A, E: Clone> Bus<C, A, E> {
    /// The form for one process.
    pub fn local() -> Self {
        Self::Local(Local::new())
    }

    /// Becomes the one that takes a room's commands, until the returned value is dropped.
    ///
    /// # Errors
    /// [`AlreadyOwned`].
    pub fn own(&self, room: RoomId) -> Result<OwnedRoom<C, A, E>, AlreadyOwned> {
        match self {
            Self::Local(local) => local.own(room),
        }
    }

    /// Sends a command to the room's owner and waits for its answer.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub async fn request(&self, envelope: Envelope<C>) -> Result<A, RequestError> {
        match self {
            Self::Local(local) => local.request(envelope).await,
        }
    }

    /// Follows a room's events from now on. Subscribe first, then fetch the snapshot: [`Cursor`] drops the overlap.
    ///
    /// # Errors
    /// [`RequestError::NoOwner`].
    pub fn subscribe(&self, room: RoomId) -> Result<Events<E>, RequestError> {
        match self {
            Self::Local(local) => local.subscribe(room),
        }
    }
}
