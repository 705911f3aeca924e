//! What the parent and `live` say to each other, over a [`line`].
//!
//! The parent starts `live` with this line as its standard input. First comes [`ToLive::Start`] with the descriptors,
//! then [`Start::blobs`] times [`ToLive::Blob`]. `live` answers [`FromLive::Ready`] once it takes connections. A
//! commit is durable when it is in the socket: the parent reads a dead `live`'s line to its end before it starts the
//! next. The end of the line means to `live` that the parent is gone, and that it must go too.

mod config;
mod reasons;

use std::net::IpAddr;
use std::os::fd::OwnedFd;

use protocol::id::Incarnation;
use serde::{Deserialize, Serialize};

use crate::blob::{Blob, Commit};

pub use config::{HttpSide, LiveConfig, Network, NotANetwork, Packing, Sandboxing};
pub use reasons::{CannotServe, Uncommittable, is_reason};

/// From the parent to `live`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToLive {
    /// The first message. Descriptors, in this order: the keeper's socket, [`Start::listeners`] listening TCP
    /// sockets, [`Start::metrics`] more of these, [`Start::media`] bound UDP sockets.
    Start(Box<Start>),
    /// One blob that an earlier `live` committed.
    Blob(Blob),
    /// The server stops: tell people, take no new rooms, and say [`FromLive::Drained`] at the latest after this time.
    Drain { seconds: u16 },
    /// The keeper was started anew. One descriptor: its socket. Give it the sealing key.
    NewKeeper,
    /// The process that calls out was started anew, or this one was. One descriptor: its socket. Not before
    /// [`FromLive::Ready`].
    NewOutbound,
    /// The machine's addresses have changed.
    Addresses(Vec<IpAddr>),
}

/// From `live` to the parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromLive {
    /// It takes connections.
    Ready,
    /// Keep this before anything about it is announced.
    Commit(Commit),
    /// Everybody was told; the process may be ended.
    Drained,
    /// It cannot start; the process exits. The parent says why and does not try again.
    Failed(LiveFailure),
    /// Something worth a line in the server's log.
    Note(LiveNote),
}

/// Why `live` cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LiveFailure {
    /// The kernel, or a sandbox around the server, refuses seccomp.
    NoSandbox,
    /// A fault in code.
    SandboxTooLate,
}

impl LiveFailure {
    /// For whoever runs the server.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoSandbox => {
                "This system does not let the server shut itself in (seccomp), so it does not start. --unsandboxed \
                 runs it without; everybody who uses it is then shown that."
            }
            Self::SandboxTooLate => {
                "The sandbox could not be entered in time. This is a fault of the server."
            }
        }
    }
}

/// What a `live` is started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    pub config: LiveConfig,
    /// Names this run; never two alike.
    pub incarnation: Incarnation,
    /// How many [`ToLive::Blob`] follow.
    pub blobs: u32,
    pub listeners: u16,
    /// Where metrics are read: none or one.
    pub metrics: u16,
    pub media: u16,
}

/// What `live` may say to whoever runs the server: no text, no name, only these and numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LiveNote {
    /// The second lock is missing on this kernel.
    NoLandlock,
    /// There is no sandbox at all.
    Unsandboxed,
    /// Rooms ended because this build does not read how they were sealed, or because they are not whole.
    RoomsNotRebuilt { rooms: u32 },
    /// Rooms went on after a restart.
    RoomsRebuilt { rooms: u32 },
}

impl LiveNote {
    /// For the log.
    pub fn sentence(self) -> String {
        match self {
            Self::NoLandlock => {
                "This kernel has no Landlock: the sandbox holds by its first lock, seccomp, alone.".to_owned()
            }
            Self::Unsandboxed => {
                "The sandbox is OFF (--unsandboxed): nothing stops this server from writing down what is said."
                    .to_owned()
            }
            Self::RoomsNotRebuilt { rooms } => format!("Rooms that could not be continued and have ended: {rooms}."),
            Self::RoomsRebuilt { rooms } => format!("Rooms that go on: {rooms}."),
        }
    }
}

/// The first message, taken apart.
#[derive(Debug)]
pub struct Started {
    pub start: Start,
    pub keeper: OwnedFd,
    pub listeners: Vec<OwnedFd>,
    pub metrics: Vec<OwnedFd>,
    pub media: Vec<OwnedFd>,
}

/// The line is of no use, or the first message is not the first message.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Line(#[from] line::LineError),
    #[error("the parent did not start with Start, or not with the descriptors it names")]
    NotStarted,
}

/// Waits for [`ToLive::Start`].
///
/// # Errors
/// See [`StartError`].
pub fn receive_start(line: &mut line::Receiver<ToLive>) -> Result<Started, StartError> {
    let line::Received { message, descriptors } = line.receive()?;
    let ToLive::Start(start) = message else { return Err(StartError::NotStarted) };
    let [listeners, metrics, media] = [start.listeners, start.metrics, start.media].map(usize::from);
    if descriptors.len() != 1 + listeners + metrics + media {
        return Err(StartError::NotStarted);
    }
    let mut descriptors = descriptors.into_iter();
    let keeper = descriptors.next().ok_or(StartError::NotStarted)?;
    let listeners = descriptors.by_ref().take(listeners).collect();
    let metrics = descriptors.by_ref().take(metrics).collect();
    Ok(Started { start: *start, keeper, listeners, metrics, media: descriptors.collect() })
}

/// Waits for the blobs that follow [`ToLive::Start`].
///
/// # Errors
/// See [`StartError`].
pub fn receive_blobs(line: &mut line::Receiver<ToLive>, count: u32) -> Result<Vec<Blob>, StartError> {
    (0..count)
        .map(|_| match line.receive()?.message {
            ToLive::Blob(blob) => Ok(blob),
            _ => Err(StartError::NotStarted),
        })
        .collect()
}
