//! How often something was done: the only thing that is known of it for good.

use protocol::order::OrderCounts;
use sqlx::Row as _;

use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::reports;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Reports,
    ActedOn,
    NothingDone,
    Suspensions,
    Pauses,
}

impl Count {
    const fn name(self) -> &'static str {
        match self {
            Self::Reports => "reports",
            Self::ActedOn => "acted_on",
            Self::NothingDone => "nothing_done",
            Self::Suspensions => "suspensions",
            Self::Pauses => "pauses",
        }
    }
}

impl Store {
    /// Without reports about the owner, who reads this, too.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn counts(&self) -> Result<OrderCounts, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM members WHERE suspended = 1) AS suspended, \
             (SELECT COUNT(*) FROM members WHERE paused = 1) AS paused, \
             (SELECT COUNT(*) FROM members WHERE protected = 1) AS protected, \
             (SELECT value FROM counts WHERE name = $1) AS reports, \
             (SELECT value FROM counts WHERE name = $2) AS acted_on, \
             (SELECT value FROM counts WHERE name = $3) AS nothing_done, \
             (SELECT value FROM counts WHERE name = $4) AS suspensions, \
             (SELECT value FROM counts WHERE name = $5) AS pauses",
        )
        .bind(Count::Reports.name())
        .bind(Count::ActedOn.name())
        .bind(Count::NothingDone.name())
        .bind(Count::Suspensions.name())
        .bind(Count::Pauses.name())
        .fetch_one(&mut *connection)
        .await?;
        let number = |column: &'static str| -> Result<u64, StoreError> {
            let value: Option<i64> = row.try_get(column)?;
            u64::try_from(value.unwrap_or(0)).map_err(|_| StoreError::Unreadable(column))
        };
        Ok(OrderCounts {
            reports: number("reports")?,
            acted_on: number("acted_on")?,
            nothing_done: number("nothing_done")?,
            suspensions: number("suspensions")?,
            pauses: number("pauses")?,
            open: u64::from(reports::open(&mut connection).await?),
            suspended: number("suspended")?,
            paused: number("paused")?,
            protected: number("protected")?,
        })
    }
}

/// One more.
pub(crate) async fn add(tx: &mut Tx, count: Count) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO counts (name, value) VALUES ($1, 1) \
         ON CONFLICT (name) DO UPDATE SET value = counts.value + 1",
    )
    .bind(count.name())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
