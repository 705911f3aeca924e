//! From a data directory to a keeper: what can fail before anybody is answered.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use keeper_api::admin::ADMIN_SOCKET;
use keeper_api::parent::{Failure, KeeperNote, Run, Start};
use rustix::fs::FlockOperation;
use store::{Store, StoreError, Trouble};
use tokio::net::UnixListener;

use crate::keeper::Keeper;
use crate::{admin, domain, push_key, tls};

/// The database's name within the data directory.
const DATABASE: &str = "vivavoce.db";
/// Held by the server that has the directory.
const LOCK: &str = "lock";
/// The bits of a mode that let others in.
const OTHERS: u32 = 0o077;

/// What a keeper holds as long as it runs.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) keeper: Keeper,
    pub(crate) admin: UnixListener,
    pub(crate) lock: Lock,
    /// Why there is no certificate although there should be one. Only where a keeper answered before: `live` has its.
    pub(crate) no_certificate: Option<Failure>,
    /// Worth a line in the log.
    pub(crate) note: Option<KeeperNote>,
}

/// The data directory is this server's. Unlocks when it is dropped, or when the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Whether the keeper puts a file of this name into the data directory: the database, what lies beside it while it is open
/// and its copies, the lock, and the administrator's socket.
#[must_use]
pub fn is_ours(name: &str) -> bool {
    name == LOCK || name == ADMIN_SOCKET || name.starts_with(DATABASE)
}

pub(crate) async fn open(start: &Start) -> Result<Opened, Failure> {
    let (keys, no_certificate) = match start.tls.as_ref().map(tls::read).transpose() {
        Ok(keys) => (keys, None),
        Err(failure) => match start.run {
            Run::First => return Err(failure),
            Run::Again => (None, Some(failure)),
        },
    };
    let note = directory(&start.data)?;
    let lock = lock(&start.data)?;
    let store = Store::open(&start.data.join(DATABASE)).await.map_err(|error| why(&error))?;
    let admin = admin::listen(&start.data).map_err(|_| Failure::AdminSocket)?;
    let push_key = push_key::of(&store).await.map_err(|error| why(&error))?;
    let keeper = Keeper::new(store, domain::passkeys(&start.public_url), keys, push_key);
    Ok(Opened { keeper, admin, lock, no_certificate, note })
}

/// Makes the folder if it is not there. One that is there may be somebody's home or the root of the system: its mode
/// stays as it is. Where others can open it, it is taken only if our data lies in it already.
fn directory(path: &Path) -> Result<Option<KeeperNote>, Failure> {
    let unusable = |_: io::Error| Failure::DataDirectory;
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
            return Ok(None);
        }
        found => found.map_err(unusable)?,
    };
    let ours = path.join(DATABASE).try_exists().map_err(unusable)?;
    if ours {
        close_files(path).map_err(unusable)?;
    }
    match (lets_others_in(&found), ours) {
        (false, _) => Ok(None),
        (true, true) => Ok(Some(KeeperNote::DataShared)),
        (true, false) => Err(Failure::DataShared),
    }
}

/// The database, what lies beside it while it is open, and its copies are for our user alone, however they came here: a
/// copy that was put back may have any mode.
fn close_files(data: &Path) -> io::Result<()> {
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(DATABASE) && lets_others_in(&entry.metadata()?) {
            fs::set_permissions(entry.path(), Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

fn lets_others_in(found: &Metadata) -> bool {
    found.permissions().mode() & OTHERS != 0
}

fn lock(data: &Path) -> Result<Lock, Failure> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(data.join(LOCK));
    let file = file.map_err(|_| Failure::DataDirectory)?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Lock { _file: file }),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(Failure::DataInUse),
        Err(_) => Err(Failure::DataDirectory),
    }
}

pub(crate) fn why(error: &StoreError) -> Failure {
    match (error, error.trouble()) {
        (StoreError::Newer { .. }, _) => Failure::DataTooNew,
        (_, Trouble::Locked) => Failure::DataLocked,
        (_, Trouble::NotWritten) => Failure::DataNotWritten,
        (_, Trouble::NoAccess) => Failure::DataDirectory,
        (_, Trouble::Damaged) => Failure::DataDamaged,
    }
}
