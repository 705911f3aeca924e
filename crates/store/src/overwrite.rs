//! What SQLite gives back to the file system is overwritten before. Of a log that is cut short and of a file that shrinks the
//! blocks would stay on the disk as they are, with whoever was erased in them.
//!
//! All of it is done by writing, as everybody writes: a crash at any moment leaves a whole database.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use crate::db::Store;
use crate::error::StoreError;
use crate::settings;

/// SQLite's file format, section 4.1: the header of the log, and what stands before each page in it.
const LOG_HEADER_BYTES: u64 = 32;
const FRAME_HEADER_BYTES: u64 = 24;
/// Writes that are asked for at once.
const WRITES_AT_ONCE: u64 = 256;
/// Writes the first page once more, as it is, and changes nothing: one page in the log.
const WRITES_A_PAGE: &str = "PRAGMA user_version = 0;";
/// SQLite takes no more bytes at once; a file that shrinks by more is overwritten as far as this goes.
const FILLED_MAX: i64 = 900 << 20;

/// Whether the file itself is looked at too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The log beside it alone.
    Log,
    /// And, where an account was erased since, the whole file: what moves from page to page while tables change leaves
    /// copies behind that no deletion overwrites.
    FileIfOwed,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Whole,
    /// Somebody reads what would be overwritten; the next time.
    NotYet,
}

impl Store {
    /// Moves everything into the one file, overwrites the log beside it and empties it.
    ///
    /// # Errors
    /// [`StoreError::Database`]; what is owed is then done the next time.
    pub(crate) async fn settle(&self, extent: Extent) -> Result<(), StoreError> {
        // Out of the pool for good: nobody else gets one that does not wait for the disk.
        let mut connection = self.pool.acquire().await?.detach();
        let done = settle(&mut connection, &self.path, extent).await;
        let closed = connection.close().await;
        done?;
        Ok(closed?)
    }
}

async fn settle(connection: &mut SqliteConnection, file: &Path, extent: Extent) -> Result<(), StoreError> {
    // A checkpoint between two of these steps would give back what is not overwritten yet.
    sqlx::query("PRAGMA wal_autocheckpoint = 0").execute(&mut *connection).await?;
    let is_owed = extent == Extent::FileIfOwed && owed(connection).await?;
    if is_owed && rewrite(connection).await? == Done::NotYet {
        return Ok(());
    }
    if overwrite_log(connection, file).await? == Done::Whole {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(connection).await?;
    }
    Ok(())
}

async fn owed(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT EXISTS(SELECT 1 FROM settings WHERE name = $1) AS owed")
        .bind(settings::OWED)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("owed")?)
}

/// The whole file anew, twice: first as it is, with zeros in the place of what became free at its end, and when those have
/// reached the disk, without them.
async fn rewrite(connection: &mut SqliteConnection) -> Result<Done, StoreError> {
    let before = number(connection, "PRAGMA page_count").await?;
    sqlx::query("VACUUM").execute(&mut *connection).await?;
    let free = before - number(connection, "PRAGMA page_count").await?;
    let bytes = free.max(0).saturating_mul(page_bytes(connection).await?).min(FILLED_MAX);
    sqlx::query("UPDATE settings SET value = zeroblob($2) WHERE name = $1")
        .bind(settings::OWED)
        .bind(bytes)
        .execute(&mut *connection)
        .await?;
    if restart_log(connection).await? == Done::NotYet {
        return Ok(Done::NotYet);
    }
    sqlx::query("DELETE FROM settings WHERE name = $1")
        .bind(settings::OWED)
        .execute(&mut *connection)
        .await?;
    sqlx::query("VACUUM").execute(&mut *connection).await?;
    Ok(Done::Whole)
}

/// As many pages as the log has, from its beginning. They need not reach the disk one by one: the database is whole without
/// them.
async fn overwrite_log(connection: &mut SqliteConnection, file: &Path) -> Result<Done, StoreError> {
    let frame = u64::try_from(page_bytes(connection).await?).unwrap_or(0) + FRAME_HEADER_BYTES;
    let bytes = std::fs::metadata(log(file)).map_or(0, |log| log.len());
    let mut frames = bytes.saturating_sub(LOG_HEADER_BYTES).div_ceil(frame);
    if frames == 0 {
        return Ok(Done::Whole);
    }
    if restart_log(connection).await? == Done::NotYet {
        return Ok(Done::NotYet);
    }
    sqlx::query("PRAGMA synchronous = OFF").execute(&mut *connection).await?;
    while frames > 0 {
        let writes = frames.min(WRITES_AT_ONCE);
        let sql = WRITES_A_PAGE.repeat(usize::try_from(writes).unwrap_or_default());
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
        frames -= writes;
    }
    sqlx::query("PRAGMA synchronous = FULL").execute(connection).await?;
    Ok(Done::Whole)
}

/// Moves everything into the file, so that whoever writes next begins at the log's beginning.
async fn restart_log(connection: &mut SqliteConnection) -> Result<Done, StoreError> {
    let busy = number(connection, "PRAGMA wal_checkpoint(RESTART)").await?;
    Ok(if busy == 0 { Done::Whole } else { Done::NotYet })
}

async fn page_bytes(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    number(connection, "PRAGMA page_size").await
}

/// The first column of the only row.
async fn number(connection: &mut SqliteConnection, sql: &'static str) -> Result<i64, StoreError> {
    Ok(sqlx::query(sql).fetch_one(connection).await?.try_get(0)?)
}

fn log(file: &Path) -> PathBuf {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKER: &str = "gl8f2kq-marker-7dh3";

    fn holds(file: &Path) -> bool {
        let bytes = std::fs::read(file).expect("readable");
        bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes())
    }

    async fn run(store: &Store, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&store.pool).await.expect("done");
    }

    /// A thousand rows that say it, and none any more.
    async fn said_and_deleted(store: &Store) {
        run(store, "CREATE TABLE said (number INTEGER PRIMARY KEY, words TEXT)").await;
        for _ in 0..1_000 {
            sqlx::query("INSERT INTO said (words) VALUES ($1)")
                .bind(MARKER)
                .execute(&store.pool)
                .await
                .expect("written");
        }
        run(store, "DELETE FROM said").await;
    }

    #[tokio::test]
    async fn what_the_log_gives_back_to_the_disk_says_nothing_of_whoever_was_in_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        let store = Store::open(&path).await.expect("opens");
        said_and_deleted(&store).await;
        assert!(holds(&log(&path)), "the log holds what was deleted");
        let mut connection = store.pool.acquire().await.expect("one").detach();
        assert_eq!(overwrite_log(&mut connection, &path).await.expect("done"), Done::Whole);
        let length = std::fs::metadata(log(&path)).expect("there").len();
        assert!(length > 100 * 4_096, "as long as before: {length}");
        assert!(!holds(&log(&path)));
        connection.close().await.expect("closed");
        store.checkpoint().await.expect("done");
        assert_eq!(std::fs::metadata(log(&path)).expect("there").len(), 0);
        assert!(!holds(&path));
    }

    #[tokio::test]
    async fn what_a_file_that_shrinks_gives_back_to_the_disk_is_zeros() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        let store = Store::open(&path).await.expect("opens");
        // Not overwritten, as what moves from page to page is not.
        let mut careless = store.pool.acquire().await.expect("one").detach();
        sqlx::raw_sql("PRAGMA secure_delete = OFF").execute(&mut careless).await.expect("done");
        run(&store, "CREATE TABLE said (number INTEGER PRIMARY KEY, words TEXT)").await;
        let rows = format!("INSERT INTO said (words) VALUES ('{MARKER}');").repeat(10_000);
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {rows} COMMIT; DROP TABLE said;")))
            .execute(&mut careless)
            .await
            .expect("done");
        careless.close().await.expect("closed");
        sqlx::query(settings::SET).bind(settings::OWED).bind("").execute(&store.pool).await.expect("owed");
        store.checkpoint().await.expect("written out");
        let before = std::fs::metadata(&path).expect("there").len();
        assert!(holds(&path), "in pages that are free");

        // Only what is cut off at its end goes back to the disk; so it is looked at before.
        let mut connection = store.pool.acquire().await.expect("one").detach();
        sqlx::raw_sql("PRAGMA wal_autocheckpoint = 0").execute(&mut connection).await.expect("done");
        assert_eq!(rewrite(&mut connection).await.expect("done"), Done::Whole);
        assert!(std::fs::metadata(&path).expect("there").len() >= before, "not cut yet");
        assert!(!holds(&path));
        connection.close().await.expect("closed");
        store.settle(Extent::FileIfOwed).await.expect("done");
        assert!(std::fs::metadata(&path).expect("there").len() < before / 2);
        assert!(!holds(&path));
        assert!(!owed(&mut store.pool.acquire().await.expect("one")).await.expect("read"));
    }
}
