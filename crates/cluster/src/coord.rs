//! `Coord`: a room's state, committed before anything about it is announced.
//!
//! Compare-and-set: a put names the version it replaces, and only one writer can be right about that. On one machine
//! the parent keeps the blobs ([`crate::store`]) and a thread of `live` writes them to its socket; a commit counts
//! once it is in the socket, because the parent reads a dead `live`'s socket to the end before it starts the next.
//! With NATS the same put becomes a key-value update at a revision, and the unit of a commit one batch in one stream.
//!
//! A room is several blobs: a core part, and buckets of its audience. The core part names the versions of its
//! buckets, so that whoever rebuilds a room can tell a whole from a mixture.

use tokio::sync::{mpsc, oneshot};

use crate::blob::{Tag, Version};
use crate::limits::MAX_COMMIT_ENTRIES;
use crate::seal::MAX_PLAINTEXT;

mod ledger;
mod local;

pub use ledger::Ledger;
pub use local::{Local, ToParent, local};

/// One blob to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    pub tag: Tag,
    /// The version this one replaces; `None` for a tag that was never written.
    pub over: Option<Version>,
    /// At most [`MAX_PLAINTEXT`] bytes, in the [`Format`](crate::Format) the sealer was made for.
    pub plain: Vec<u8>,
}

impl Put {
    /// The version it is committed as.
    pub fn version(&self) -> Version {
        self.over.map_or(Version::FIRST, Version::next)
    }
}

/// One atomic change: all of it or none of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub puts: Vec<Put>,
    /// Tags that are never used again.
    pub forgets: Vec<Tag>,
}

/// Why a change was not committed. Nothing of it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Somebody else wrote this tag since: the caller is no longer the room's one writer.
    #[error("another version is kept than the one to be replaced")]
    Conflict,
    /// The change is beyond a bound of one commit.
    #[error("more than one commit holds")]
    TooLarge,
    /// Beyond what is kept in all.
    #[error("no room left for rooms")]
    Full,
    /// Nobody keeps anything any more; on one machine, the process is about to end.
    #[error("whoever keeps the rooms is gone")]
    Unavailable,
}

/// Where rooms are committed. A cheap handle; give one to every room.
#[derive(Debug, Clone)]
pub enum Coord {
    Local(Local),
}

impl Coord {
    /// Commits one change. Where the caller stops waiting, the change may or may not be committed.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub async fn commit(&self, change: Change) -> Result<(), CommitError> {
        let too_long = change.puts.iter().any(|put| put.plain.len() > MAX_PLAINTEXT);
        if too_long || change.puts.len() + change.forgets.len() > MAX_COMMIT_ENTRIES {
            return Err(CommitError::TooLarge);
        }
        match self {
            Self::Local(local) => local.commit(change).await,
        }
    }
}

async fn ask<J>(
    mailbox: &mpsc::Sender<J>,
    job: impl FnOnce(oneshot::Sender<Result<(), CommitError>>) -> J,
) -> Result<(), CommitError> {
    let (reply, answer) = oneshot::channel();
    mailbox.send(job(reply)).await.map_err(|_| CommitError::Unavailable)?;
    answer.await.unwrap_or(Err(CommitError::Unavailable))
}
