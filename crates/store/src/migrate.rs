//! From any older schema to this release's, forwards only.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use protocol::Timestamp;
use sqlx::Row as _;

use crate::db::Store;
use crate::error::StoreError;
use crate::limits::COPY_KEPT_DAYS;
use crate::types::Day;

/// In order, never changed once released; the position is the version, from 1.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_members.sql"),
    include_str!("../migrations/0002_passkey_domain.sql"),
    include_str!("../migrations/0003_order.sql"),
    include_str!("../migrations/0004_blocks.sql"),
    include_str!("../migrations/0005_profiles.sql"),
    include_str!("../migrations/0006_protected.sql"),
    include_str!("../migrations/0007_pictures.sql"),
    include_str!("../migrations/0008_events.sql"),
    include_str!("../migrations/0009_push.sql"),
    include_str!("../migrations/0010_clubs.sql"),
    include_str!("../migrations/0011_pings.sql"),
    include_str!("../migrations/0012_event_notices.sql"),
];

pub(crate) async fn run(store: &Store) -> Result<(), StoreError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = version(store).await?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        copy(store, found).await?;
    }
    let pending = MIGRATIONS.iter().zip(1i64..).filter(|(_, number)| *number > found);
    for (text, number) in pending {
        let mut tx = store.write().await?;
        sqlx::raw_sql(*text).execute(&mut *tx).await?;
        sqlx::query("UPDATE schema SET version = $1").bind(number).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Zero for a database that was made just now.
async fn version(store: &Store) -> Result<i64, StoreError> {
    let mut tx = store.write().await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS schema (version BIGINT NOT NULL)").execute(&mut *tx).await?;
    let row = sqlx::query("SELECT version FROM schema").fetch_optional(&mut *tx).await?;
    let version = match row {
        Some(row) => row.try_get("version")?,
        None => {
            sqlx::query("INSERT INTO schema (version) VALUES (0)").execute(&mut *tx).await?;
            0
        }
    };
    tx.commit().await?;
    Ok(version)
}

/// A whole copy beside the database, named after the schema it has. Only the newest copy stays: an account that was
/// erased must not live on in old ones.
async fn copy(store: &Store, found: i64) -> Result<(), StoreError> {
    let target = beside(&store.path, found);
    for old in copies(&store.path).map_err(StoreError::Copy)? {
        std::fs::remove_file(old).map_err(StoreError::Copy)?;
    }
    let name = target.to_str().ok_or_else(|| StoreError::Copy(io::ErrorKind::InvalidInput.into()))?;
    sqlx::query("VACUUM INTO $1").bind(name).execute(&store.pool).await?;
    Ok(())
}

/// Lets copies go whose time is over. One from the future was made by a clock that was wrong: its time begins now.
pub(crate) fn clear_copies(path: &Path, now: Timestamp) -> io::Result<()> {
    for copy in copies(path)? {
        if made(&copy)? > now {
            File::options()
                .write(true)
                .open(&copy)?
                .set_modified(UNIX_EPOCH + Duration::from_millis(now.0))?;
        }
        if last_day(&copy)? < Day::of(now) {
            std::fs::remove_file(copy)?;
        }
    }
    Ok(())
}

/// The last day on which there is a copy, if there is one.
pub(crate) fn copies_until(path: &Path) -> io::Result<Option<Day>> {
    Ok(copies(path)?.iter().map(|copy| last_day(copy)).collect::<io::Result<Vec<_>>>()?.into_iter().max())
}

fn last_day(copy: &Path) -> io::Result<Day> {
    Ok(Day(Day::of(made(copy)?).0.saturating_add(COPY_KEPT_DAYS)))
}

fn made(copy: &Path) -> io::Result<Timestamp> {
    let modified = std::fs::metadata(copy)?.modified()?;
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Ok(Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)))
}

fn beside(path: &Path, version: i64) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".schema-{version}"));
    path.with_file_name(name)
}

fn copies(path: &Path) -> io::Result<Vec<PathBuf>> {
    let prefix = format!("{}.schema-", path.file_name().unwrap_or_default().to_string_lossy());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let found = entries.into_iter().filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
    Ok(found.map(|entry| entry.path()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_older_database_is_copied_before_it_is_migrated_and_only_the_newest_copy_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        let store = Store::open(&path).await.expect("opens");
        std::fs::write(beside(&path, 0), "an older copy").expect("written");
        copy(&store, 1).await.expect("copied");
        assert_eq!(copies(&path).expect("listed"), vec![beside(&path, 1)]);
        store.close().await;
        let copied = Store::open(&beside(&path, 1)).await.expect("the copy is a database");
        assert_eq!(version(&copied).await.expect("read"), i64::try_from(MIGRATIONS.len()).expect("few"));
    }

    #[test]
    fn a_copy_goes_after_thirty_days_and_one_from_the_future_after_thirty_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        let noon = |day: u32| Timestamp(Day(day).begins().0 + 12 * 3_600_000);
        let copied = |day: u32| {
            let copy = File::create(beside(&path, 1)).expect("written");
            copy.set_modified(UNIX_EPOCH + Duration::from_millis(noon(day).0)).expect("dated");
        };
        let there = |day: u32| {
            clear_copies(&path, noon(day)).expect("looked after");
            copies_until(&path).expect("listed").map(|day| day.0)
        };
        assert_eq!(there(20_000), None);
        copied(20_000);
        assert_eq!([20_000, 20_030, 20_031].map(there), [Some(20_030), Some(20_030), None]);
        copied(30_000);
        assert_eq!([20_000, 20_030, 20_031].map(there), [Some(20_030), Some(20_030), None]);
    }

    #[tokio::test]
    async fn a_database_of_a_newer_release_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        let store = Store::open(&path).await.expect("opens");
        sqlx::query("UPDATE schema SET version = 99").execute(&store.pool).await.expect("written");
        store.close().await;
        let refused = Store::open(&path).await.expect_err("refused");
        assert!(matches!(refused, StoreError::Newer { found: 99, .. }));
        assert!(refused.to_string().contains("schema 99"), "{refused}");
        assert_eq!(copies(&path).expect("listed"), Vec::<PathBuf>::new());
    }
}
