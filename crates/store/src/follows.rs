//! Who follows whom, and nothing about when.

use protocol::account::Profile;
use protocol::id::MemberId;
use protocol::limits::FOLLOWING_MAX;
use protocol::text::Handle;
use sqlx::Row as _;

use crate::db::Store;
use crate::error::StoreError;
use crate::{members, profiles, rows};

/// What came of following or unfollowing somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Whom.
    pub member: MemberId,
    /// As the follower sees them now.
    pub profile: Profile,
    pub change: Change,
}

/// Whether anything is different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Changed,
    AsBefore,
}

impl Store {
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] for oneself; [`StoreError::Full`].
    pub async fn follow(&self, follower: MemberId, handle: &Handle) -> Result<Followed, StoreError> {
        let mut tx = self.write().await?;
        let followed = members::id_seen_by(&mut tx, follower, handle).await?;
        if followed == follower {
            return Err(StoreError::NotAllowed);
        }
        let count: i64 = sqlx::query("SELECT COUNT(*) AS count FROM follows WHERE follower = $1")
            .bind(follower.0.as_slice())
            .fetch_one(&mut *tx)
            .await?
            .try_get("count")?;
        let before = profiles::profile_of(&mut tx, follower, handle).await?;
        // Whom I block I follow as little as they follow me.
        if before.blocked {
            return Err(StoreError::NotAllowed);
        }
        if before.followed {
            return Ok(Followed { member: followed, profile: before, change: Change::AsBefore });
        }
        if usize::try_from(count).is_ok_and(|count| count >= FOLLOWING_MAX) {
            return Err(StoreError::Full);
        }
        sqlx::query("INSERT INTO follows (follower, followed) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(follower.0.as_slice())
            .bind(followed.0.as_slice())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        let profile = Profile { followed: true, ..before };
        Ok(Followed { member: followed, profile, change: Change::Changed })
    }

    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn unfollow(&self, follower: MemberId, handle: &Handle) -> Result<Followed, StoreError> {
        let mut tx = self.write().await?;
        let followed = members::id_seen_by(&mut tx, follower, handle).await?;
        let done = sqlx::query("DELETE FROM follows WHERE follower = $1 AND followed = $2")
            .bind(follower.0.as_slice())
            .bind(followed.0.as_slice())
            .execute(&mut *tx)
            .await?;
        let profile = profiles::profile_of(&mut tx, follower, handle).await?;
        tx.commit().await?;
        let change = if done.rows_affected() == 0 { Change::AsBefore } else { Change::Changed };
        Ok(Followed { member: followed, profile, change })
    }

    /// Whom this member follows. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn following(&self, follower: MemberId) -> Result<Vec<MemberId>, StoreError> {
        let found = sqlx::query("SELECT followed FROM follows WHERE follower = $1")
            .bind(follower.0.as_slice())
            .fetch_all(&self.pool)
            .await?;
        found.iter().map(|row| Ok(MemberId(rows::id(row, "followed")?))).collect()
    }
}
