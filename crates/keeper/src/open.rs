//! From a data directory to a keeper: what can fail before anybody is answered.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use keeper_api::parent::{Failure, Start};
use rustix::fs::FlockOperation;
use store::{Store, StoreError};
use tokio::net::UnixListener;

use crate::keeper::Keeper;
use crate::{admin, domain, tls};

/// The database's name within the data directory.
const DATABASE: &str = "vivavoce.db";
/// Held by the server that has the directory.
const LOCK: &str = "lock";

/// What a keeper holds as long as it runs.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) keeper: Keeper,
    pub(crate) admin: UnixListener,
    pub(crate) lock: Lock,
}

/// The data directory is this server's. Unlocks when it is dropped, or when the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

pub(crate) async fn open(start: &Start) -> Result<Opened, Failure> {
    let keys = start.tls.as_ref().map(tls::read).transpose()?;
    directory(&start.data).map_err(|_| Failure::DataDirectory)?;
    let lock = lock(&start.data)?;
    let store = Store::open(&start.data.join(DATABASE)).await.map_err(|error| why(&error))?;
    let admin = admin::listen(&start.data).map_err(|_| Failure::AdminSocket)?;
    let keeper = Keeper::new(store, domain::passkeys(&start.public_url), keys);
    Ok(Opened { keeper, admin, lock })
}

fn directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
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

fn why(error: &StoreError) -> Failure {
    match error {
        StoreError::Newer { .. } => Failure::DataTooNew,
        StoreError::Copy(_) => Failure::DataNotWritten,
        _ => Failure::DataDamaged,
    }
}
