//! What the clock does to events: who would like to come is forgotten when one begins, one that repeats moves on when it has
//! ended, and one that does not goes a day after that.

use protocol::Timestamp;
use protocol::event::Repeat;
use protocol::id::EventId;
use protocol::limits::EVENT_KEPT_PERIOD;
use protocol::text::{Handle, Zone};
use sqlx::Row as _;

use super::{MINUTE_MS, REPEATS, ms, timestamp, value_of};
use crate::db::Store;
use crate::error::StoreError;
use crate::rows;

/// An event that has ended and comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    pub id: EventId,
    pub start: Timestamp,
    pub first: Timestamp,
    pub zone: Zone,
    pub repeat: Repeat,
    pub minutes: u32,
}

impl Over {
    /// Whatever began by then has ended: one that goes on is not passed over.
    pub fn last_that_is_over(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0.saturating_sub(u64::from(self.minutes) * 60_000))
    }
}

impl Store {
    /// Those that have ended and come again, at a time that the caller knows to find.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn events_that_come_again(&self, now: Timestamp) -> Result<Vec<Over>, StoreError> {
        let found = sqlx::query(
            "SELECT id, start_ms, first_ms, zone, repeats, minutes FROM events \
             WHERE repeats <> 0 AND state = 0 AND start_ms + minutes * $2 <= $1",
        )
        .bind(ms(now))
        .bind(MINUTE_MS)
        .fetch_all(&self.pool)
        .await?;
        let read = |row: &rows::Row| {
            let zone: String = row.try_get("zone")?;
            Ok(Over {
                id: EventId(rows::id(row, "id")?),
                start: timestamp(row, "start_ms")?,
                first: timestamp(row, "first_ms")?,
                zone: Zone::parse(&zone).map_err(|_| StoreError::Unreadable("events.zone"))?,
                repeat: value_of(&REPEATS, row.try_get("repeats")?, "events.repeats")?,
                minutes: rows::number(row, "minutes")?,
            })
        };
        found.iter().map(read).collect()
    }

    /// Those that begin after the one moment and by the other, and who announced them.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn events_between(
        &self,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(EventId, Handle)>, StoreError> {
        let found = sqlx::query(
            "SELECT e.id, m.handle FROM events e JOIN members m ON m.id = e.host \
             WHERE e.state = 0 AND e.start_ms > $1 AND e.start_ms <= $2 ORDER BY e.start_ms, e.id",
        )
        .bind(ms(after))
        .bind(ms(until))
        .fetch_all(&self.pool)
        .await?;
        found.iter().map(|row| Ok((EventId(rows::id(row, "id")?), rows::handle(row, "handle")?))).collect()
    }

    /// Who announced it.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn event_host(&self, event: EventId) -> Result<Handle, StoreError> {
        let row =
            sqlx::query("SELECT m.handle FROM events e JOIN members m ON m.id = e.host WHERE e.id = $1")
                .bind(event.0.as_slice())
                .fetch_optional(&self.pool)
                .await?
                .ok_or(StoreError::NotThere)?;
        rows::handle(&row, "handle")
    }

    /// Moves one on, unless it was changed since.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn move_event(&self, over: &Over, next: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE events SET start_ms = $3 WHERE id = $1 AND start_ms = $2")
            .bind(over.id.0.as_slice())
            .bind(ms(over.start))
            .bind(ms(next))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets who would like to come to what has begun, and what ended a day ago. Writes nothing where there is nothing to
    /// forget. Gives whether there was anything.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn forget_events(&self, now: Timestamp) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT EXISTS(SELECT 1 FROM event_going g JOIN events e ON e.id = g.event WHERE e.start_ms <= $1) AS begun, \
             EXISTS(SELECT 1 FROM events WHERE (repeats = 0 OR state <> 0) AND start_ms + minutes * $2 + $3 <= $1) AS ended",
        )
        .bind(ms(now))
        .bind(MINUTE_MS)
        .bind(kept_ms())
        .fetch_one(&self.pool)
        .await?;
        let (begun, ended): (bool, bool) = (row.try_get("begun")?, row.try_get("ended")?);
        if begun {
            sqlx::query(
                "DELETE FROM event_going WHERE event IN (SELECT id FROM events WHERE start_ms <= $1)",
            )
            .bind(ms(now))
            .execute(&self.pool)
            .await?;
        }
        if ended {
            sqlx::query(
                "DELETE FROM events WHERE (repeats = 0 OR state <> 0) AND start_ms + minutes * $2 + $3 <= $1",
            )
            .bind(ms(now))
            .bind(MINUTE_MS)
            .bind(kept_ms())
            .execute(&self.pool)
            .await?;
        }
        Ok(begun || ended)
    }
}

fn kept_ms() -> i64 {
    i64::try_from(EVENT_KEPT_PERIOD.as_millis()).unwrap_or(i64::MAX)
}
