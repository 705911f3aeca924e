//! What the caller can do about a failure.

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The link, code or invitation is not known, was used, taken back or has lapsed.
    #[error("spent")]
    Spent,
    /// Somebody has this handle, or one that looks the same.
    #[error("the handle is taken")]
    HandleTaken,
    /// A club has this name, or one that looks the same.
    #[error("the name is taken")]
    NameTaken,
    /// It does not fit what is there by now.
    #[error("not now")]
    NotNow,
    /// No such row, or not the asker's.
    #[error("not there")]
    NotThere,
    /// The asker may not do this.
    #[error("not allowed")]
    NotAllowed,
    /// A bound is reached.
    #[error("full")]
    Full,
    /// The allowance is used up for now.
    #[error("no invitation left")]
    NoInviteLeft,
    /// The administrators have paused the branch that the inviter is part of.
    #[error("invitations are paused")]
    Paused,
    /// The administrators have suspended the account.
    #[error("suspended")]
    Suspended,
    /// The database was written by a newer release.
    #[error(
        "the database has schema {found}, this release knows {known} and older: \
         start the newer release, or put back the copy that it made before migrating"
    )]
    Newer { found: i64, known: i64 },
    /// A row holds something that this release did not write.
    #[error("the database holds something unreadable in {0}")]
    Unreadable(&'static str),
    /// The copy before a migration could not be made, or an old one not be removed.
    #[error("the copy of the database from before a migration could not be made, or not be removed")]
    Copy(#[source] std::io::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

/// What whoever runs the server can do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Another program holds the database: end it.
    Locked,
    /// What was to be written was not: make space.
    NotWritten,
    /// The file cannot be opened, or not for writing: look at its rights.
    NoAccess,
    /// It cannot be read: put a copy back.
    Damaged,
}

impl StoreError {
    /// For errors that are nobody's refusal.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Copy(_) => Trouble::NotWritten,
            Self::Database(error) => trouble_of(error),
            _ => Trouble::Damaged,
        }
    }

    /// The unique constraint of this column was met.
    pub(crate) fn is_taken(error: &sqlx::Error, column: &str) -> bool {
        error
            .as_database_error()
            .is_some_and(|database| database.is_unique_violation() && database.message().contains(column))
    }
}

/// By the result codes of SQLite, of which the lowest byte is the kind (<https://www.sqlite.org/rescode.html>).
fn trouble_of(error: &sqlx::Error) -> Trouble {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const READONLY: u32 = 8;
    const IOERR: u32 = 10;
    const IOERR_READ: u32 = IOERR | 1 << 8;
    const IOERR_SHORT_READ: u32 = IOERR | 2 << 8;
    const FULL: u32 = 13;
    const CANTOPEN: u32 = 14;
    let code = match error {
        // Everybody waits for one who waits for the lock.
        sqlx::Error::PoolTimedOut => Some(BUSY),
        error => error.as_database_error().and_then(|found| found.code()?.parse().ok()),
    };
    match code.map(|code: u32| (code, code & 0xff)) {
        Some((_, BUSY | LOCKED)) => Trouble::Locked,
        Some((IOERR_READ | IOERR_SHORT_READ, _)) | None => Trouble::Damaged,
        Some((_, IOERR | FULL)) => Trouble::NotWritten,
        Some((_, READONLY | CANTOPEN)) => Trouble::NoAccess,
        Some(_) => Trouble::Damaged,
    }
}
