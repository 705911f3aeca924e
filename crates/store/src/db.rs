//! The database file: how it is opened, and how it is left.

use std::path::Path;
use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::Mutex;

use crate::error::StoreError;
use crate::limits::{BUSY_TIMEOUT, CONNECTIONS};
use crate::migrate;
use crate::overwrite::Extent;

pub(crate) type Tx = Transaction<'static, Sqlite>;

/// What is kept. Cheap to clone; all clones share one pool.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: SqlitePool,
    /// Out of the pool once it was needed, and out of it for good, for the question that is asked most: taken out and given
    /// back each time, a connection is asked whether it still lives, which costs as much as the question. Gone after an
    /// error.
    pub(crate) desk: Arc<Mutex<Option<SqliteConnection>>>,
    /// Where passkeys work now; empty where they work nowhere.
    pub(crate) domain: Arc<str>,
    /// The file; copies of it lie beside it.
    pub(crate) path: Arc<Path>,
}

impl Store {
    /// Opens the database, makes it if there is none, and brings an older one up to this release after copying it.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where a newer release wrote it; `Copy` and `Database` where the disk fails.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A revoked session must not come back after a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            // Deleted is overwritten, not only forgotten.
            .pragma("secure_delete", "ON")
            // Nothing is put down beside the database while something is sorted or written anew.
            .pragma("temp_store", "MEMORY");
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            // It is asked whether it lives when it is given back; on the same machine that is enough.
            .test_before_acquire(false)
            // SQLite ends a transaction by itself when the disk is full, and then there is none to be ended: such a
            // connection counts as inside one for ever, and begins no other.
            .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
            .connect_with(options)
            .await?;
        let store = Self { pool, desk: Arc::default(), domain: Arc::default(), path: path.into() };
        migrate::run(&store).await?;
        store.checkpoint().await?;
        Ok(store)
    }

    /// The same store on a server whose passkeys work at this domain, and nowhere else.
    #[must_use]
    pub fn with_passkeys_at(self, domain: &str) -> Self {
        Self { domain: domain.into(), ..self }
    }

    /// Moves everything into the one file, overwrites the log beside it and empties it, so that nothing deleted lingers
    /// there or where it was.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        self.settle(Extent::Log).await
    }

    /// The same, and before it the whole file anew where an account was erased since.
    ///
    /// # Errors
    /// [`StoreError::Database`]; what is owed is then done the next time.
    pub(crate) async fn leave_no_trace(&self) -> Result<(), StoreError> {
        self.settle(Extent::FileIfOwed).await
    }

    /// Finishes what runs, and closes the file.
    pub async fn close(&self) {
        if let Some(connection) = self.desk.lock().await.take() {
            let _ = connection.close().await;
        }
        // A checkpoint that fails is made at the next start.
        let _ = self.checkpoint().await;
        self.pool.close().await;
    }

    /// A transaction that writes. It waits for its turn at its beginning: one that reads first and writes later could
    /// find its snapshot outdated.
    pub(crate) async fn write(&self) -> Result<Tx, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}
