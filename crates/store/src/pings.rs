//! Who may ping whom into a room: those who follow the other, and did not ask them to stop.

use protocol::account::Profile;
use protocol::id::MemberId;
use protocol::limits::MUTED_PINGS_MAX;
use protocol::text::Handle;
use sqlx::Row as _;

use crate::db::Store;
use crate::error::StoreError;
use crate::{members, profiles, rows};

/// Whether somebody can be pinged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ping {
    /// They can.
    Reaches(MemberId),
    /// They do not want to hear of it, which nobody but they know.
    Muted(MemberId),
}

impl Store {
    /// Whether a ping of this member reaches somebody. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] where they do not follow whoever pings.
    pub async fn may_ping(&self, by: MemberId, handle: &Handle) -> Result<Ping, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT m.id, EXISTS(SELECT 1 FROM follows f WHERE f.follower = m.id AND f.followed = $1) AS follows, \
             EXISTS(SELECT 1 FROM muted_pings p WHERE p.muter = m.id AND p.muted = $1) AS muted \
             FROM members m WHERE m.handle = $2 AND ",
            crate::profiles::seen!()
        ))
        .bind(by.0.as_slice())
        .bind(handle.as_str())
        .fetch_optional(&self.pool)
        .await?
        .ok_or(StoreError::NotThere)?;
        if !row.try_get::<bool, _>("follows")? {
            return Err(StoreError::NotAllowed);
        }
        let member = MemberId(rows::id(&row, "id")?);
        Ok(if row.try_get("muted")? { Ping::Muted(member) } else { Ping::Reaches(member) })
    }

    /// No pings of theirs from now on. Twice is once. They are not told.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] for oneself; [`StoreError::Full`].
    pub async fn mute_pings(&self, muter: MemberId, handle: &Handle) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let member = members::id_seen_by(&mut tx, muter, handle).await?;
        if member == muter {
            return Err(StoreError::NotAllowed);
        }
        let others: i64 =
            sqlx::query("SELECT COUNT(*) AS others FROM muted_pings WHERE muter = $1 AND muted <> $2")
                .bind(muter.0.as_slice())
                .bind(member.0.as_slice())
                .fetch_one(&mut *tx)
                .await?
                .try_get("others")?;
        if usize::try_from(others).is_ok_and(|others| others >= MUTED_PINGS_MAX) {
            return Err(StoreError::Full);
        }
        sqlx::query("INSERT INTO muted_pings (muter, muted) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(muter.0.as_slice())
            .bind(member.0.as_slice())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Their pings are heard again. Of somebody who blocks this member, too, and then they are not there.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn hear_pings(&self, muter: MemberId, handle: &Handle) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let member = members::id_of(&mut tx, handle).await?;
        sqlx::query("DELETE FROM muted_pings WHERE muter = $1 AND muted = $2")
            .bind(muter.0.as_slice())
            .bind(member.0.as_slice())
            .execute(&mut *tx)
            .await?;
        let seen = members::id_seen_by(&mut tx, muter, handle).await;
        tx.commit().await?;
        seen.map(drop)
    }

    /// Whose pings this member does not want, by handle: for their own eyes. Those who block them included, and not to be told
    /// from others.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn muted_pings_of(&self, muter: MemberId) -> Result<Vec<Profile>, StoreError> {
        profiles::pings_muted_by(&self.pool, muter).await
    }
}
