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
    /// The copy before a migration could not be made.
    #[error("no copy of the database could be made before migrating")]
    Copy(#[source] std::io::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

impl StoreError {
    /// The unique constraint of this column was met.
    pub(crate) fn is_taken(error: &sqlx::Error, column: &str) -> bool {
        error
            .as_database_error()
            .is_some_and(|database| database.is_unique_violation() && database.message().contains(column))
    }
}
