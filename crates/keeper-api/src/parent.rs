//! What the parent and the keeper say to each other, over a [`line`].
//!
//! The parent starts the keeper with this line as its standard input. First comes [`ToKeeper::Start`] with the socket
//! to `live`; the keeper answers [`FromKeeper::Ready`] or [`FromKeeper::Failed`]. The end of the line means that the
//! parent is gone, and that the keeper must go too.
//!
//! The administrator's socket ([`crate::admin`]) is the keeper's own: it makes it in the data directory (mode 0600,
//! under a umask that never leaves it open for a moment), accepts one connection at a time, reads one request and
//! writes one reply, with a time limit on both, and removes a stale socket of a dead keeper first. The parent takes no
//! part in it.

use std::os::fd::OwnedFd;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::secret::LinkSecret;

/// From the parent to the keeper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToKeeper {
    /// The first message. One descriptor: the socket to `live`.
    Start(Start),
    /// `live` was started anew. One descriptor: the socket to it, which begins with its hello.
    NewLive,
    /// Read the certificate and its key again. Answered by [`FromKeeper::Reloaded`].
    Reload,
    /// Finish what is being written, and exit.
    Stop,
}

/// From the keeper to the parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromKeeper {
    /// It answers. `owner` is there while the server waits for its owner: the parent prints it as `/o#…`, once for
    /// every start of the server.
    Ready { owner: Option<LinkSecret> },
    /// The server waits no longer, or has a new link (asked for by the administrator).
    Owner(Option<LinkSecret>),
    /// It cannot start; the process exits. The parent says why and does not try again.
    Failed(Failure),
    /// What became of [`ToKeeper::Reload`]. On an error the old certificate stays. Said unasked by a keeper that was
    /// started again and could not read it: `live` has the old one.
    Reloaded(Result<(), Failure>),
    /// Something worth a line in the server's log.
    Note(KeeperNote),
}

/// What a keeper is started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    pub run: Run,
    /// Made if it is not there (mode 0700). Absolute.
    pub data: PathBuf,
    /// The origin people use, without a slash at the end. Its host is the domain of passkeys.
    pub public_url: String,
    /// Where the server speaks TLS itself.
    pub tls: Option<TlsFiles>,
}

/// Which keeper this is in the life of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Run {
    /// None has answered yet: whatever is wrong is said, and nothing starts.
    First,
    /// One before it has answered: people are being served, and what they do not need now can wait.
    Again,
}

/// Two PEM files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFiles {
    /// The certificate, and the chain behind it.
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// Why the keeper cannot work. What to do about it is part of the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// The data directory cannot be made, read or written.
    DataDirectory,
    /// The data directory was there already, others can open it, and nothing of ours is in it.
    DataShared,
    /// Another server has it.
    DataInUse,
    /// Another program holds the database.
    DataLocked,
    /// The database is of a newer release.
    DataTooNew,
    /// The database cannot be read.
    DataDamaged,
    /// A write failed half-way: the disk is full, for one.
    DataNotWritten,
    TlsCert,
    TlsKey,
    /// The two do not belong together.
    TlsMismatch,
    /// The administrator's socket cannot be made: its path is too long, or the file system has no sockets.
    AdminSocket,
}

impl Failure {
    /// For whoever runs the server.
    pub fn sentence(self, start: &Start) -> String {
        let data = start.data.display();
        let file = |pick: fn(&TlsFiles) -> &PathBuf| {
            start.tls.as_ref().map(pick).map(|path| path.display().to_string()).unwrap_or_default()
        };
        match self {
            Self::DataDirectory => {
                format!("The data directory {data} cannot be written. Choose another with --data.")
            }
            // No command to copy: the folder may be one that everybody needs.
            Self::DataShared => format!(
                "Other users of this machine can open the folder {data}, so nothing is kept there. Name a folder of the \
                 server's own with --data: one that is not there yet is made for it alone, and one that was made for it \
                 is closed with chmod 700."
            ),
            Self::DataInUse => format!("Another server is using the data directory {data}."),
            Self::DataLocked => format!(
                "Another program holds the database in {data}. End it, and start again; nothing is wrong with the data."
            ),
            Self::DataTooNew => {
                format!(
                    "The data in {data} belongs to a newer release of Vivavoce. Run that release, or newer."
                )
            }
            Self::DataDamaged => format!("The database in {data} cannot be read. Restore it from a copy."),
            Self::DataNotWritten => format!("Writing to {data} failed. Is the disk full?"),
            Self::TlsCert => format!("The certificate {} cannot be used.", file(|tls| &tls.cert)),
            Self::TlsKey => format!("The TLS key {} cannot be used.", file(|tls| &tls.key)),
            Self::TlsMismatch => {
                format!("The certificate {} and its key do not belong together.", file(|tls| &tls.cert))
            }
            Self::AdminSocket => format!(
                "The administrator's socket cannot be made in {data}. A shorter path on a local disk will do."
            ),
        }
    }
}

/// What the keeper may say to whoever runs the server: no text, no name, only these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeeperNote {
    /// So many members have passkeys, all of them made for another host than `--public-url` names now.
    PasskeysElsewhere { members: u32 },
    /// The host of `--public-url` is an address, or it is not HTTPS: passkeys cannot work there.
    NoPasskeysHere,
    /// Others can open the data directory. It was like that when it was found, and it is left like that.
    DataShared,
    /// The database could not be read or written; somebody was told "internal". Said once a minute at most.
    DataFailed,
    /// The same, because another program holds it.
    DataLocked,
    /// Something in the database is of a later day than today.
    ClockBehind,
}

impl KeeperNote {
    /// For the log.
    pub fn sentence(self) -> String {
        match self {
            Self::PasskeysElsewhere { members } => format!(
                "The host of --public-url has changed: the passkeys of {members} member(s) were made for another one and do \
                 not work here. They come back with a recovery code, a signed-in device, or \
                 `vivavoce admin signin-link HANDLE`, and save a new passkey; until then this is said at every start."
            ),
            Self::NoPasskeysHere => {
                "The host of --public-url is an address, or it is not HTTPS: passkeys cannot work there, so members get \
                 recovery codes."
                    .to_owned()
            }
            Self::DataShared => "Other users of this machine can open the folder of --data. They cannot read the files of the \
                                 server in it, but see which there are; chmod 700 closes it."
                .to_owned(),
            Self::DataLocked => "Another program holds the database: until it lets go, nobody can sign in, come or invite. \
                                 Rooms go on, and nothing is lost."
                .to_owned(),
            Self::ClockBehind => "The clock of this machine is behind: the database has entries of a later day. Sessions and \
                                  invitations end by this clock."
                .to_owned(),
            Self::DataFailed => "The database could not be read or written. Is the disk full?".to_owned(),
        }
    }
}

/// The line is of no use, or the first message is not the first message.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Line(#[from] line::LineError),
    #[error("the parent did not start with Start, or not with one descriptor")]
    NotStarted,
}

/// Waits for [`ToKeeper::Start`]; returns it with the socket to `live`.
///
/// # Errors
/// See [`StartError`].
pub fn receive_start(line: &mut line::Receiver<ToKeeper>) -> Result<(Start, OwnedFd), StartError> {
    let line::Received { message, mut descriptors } = line.receive()?;
    match (message, descriptors.pop()) {
        (ToKeeper::Start(start), Some(live)) if descriptors.is_empty() => Ok((start, live)),
        _ => Err(StartError::NotStarted),
    }
}
