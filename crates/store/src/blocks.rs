//! Who blocks whom. For whoever is blocked, the other is not there: not found, not seen, not followed, not asked in.

use protocol::account::Profile;
use protocol::id::MemberId;
use protocol::limits::BLOCKS_MAX;
use protocol::order::BlockReach;
use protocol::text::Handle;
use sqlx::Row as _;

use crate::db::Store;
use crate::error::StoreError;
use crate::{members, profiles, rows};

/// What came of blocking somebody or of not blocking them any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// As the blocker sees them now.
    pub profile: Profile,
    pub member: MemberId,
}

impl Store {
    /// Neither follows the other from now on. Twice is once.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] for oneself; [`StoreError::Full`].
    pub async fn block(&self, blocker: MemberId, handle: &Handle) -> Result<Blocked, StoreError> {
        let mut tx = self.write().await?;
        let member = members::id_seen_by(&mut tx, blocker, handle).await?;
        if member == blocker {
            return Err(StoreError::NotAllowed);
        }
        let others: i64 =
            sqlx::query("SELECT COUNT(*) AS others FROM blocks WHERE blocker = $1 AND blocked <> $2")
                .bind(blocker.0.as_slice())
                .bind(member.0.as_slice())
                .fetch_one(&mut *tx)
                .await?
                .try_get("others")?;
        if usize::try_from(others).is_ok_and(|others| others >= BLOCKS_MAX) {
            return Err(StoreError::Full);
        }
        sqlx::query("INSERT INTO blocks (blocker, blocked) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(blocker.0.as_slice())
            .bind(member.0.as_slice())
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "DELETE FROM follows WHERE (follower = $1 AND followed = $2) OR (follower = $2 AND followed = $1)",
        )
        .bind(blocker.0.as_slice())
        .bind(member.0.as_slice())
        .execute(&mut *tx)
        .await?;
        // Nor is either named with an event of the other's, or comes to one: they could not take that back.
        for sql in [
            "DELETE FROM event_people WHERE (member = $2 AND event IN (SELECT id FROM events WHERE host = $1)) \
             OR (member = $1 AND event IN (SELECT id FROM events WHERE host = $2))",
            "DELETE FROM event_going WHERE (member = $2 AND event IN (SELECT id FROM events WHERE host = $1)) \
             OR (member = $1 AND event IN (SELECT id FROM events WHERE host = $2))",
        ] {
            sqlx::query(sql).bind(blocker.0.as_slice()).bind(member.0.as_slice()).execute(&mut *tx).await?;
        }
        let profile = profiles::profile_of(&mut tx, blocker, handle).await?;
        tx.commit().await?;
        Ok(Blocked { profile, member })
    }

    /// Of somebody who blocks the blocker, too, the block is taken back, and then they are not there.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn unblock(&self, blocker: MemberId, handle: &Handle) -> Result<Blocked, StoreError> {
        let mut tx = self.write().await?;
        let member = members::id_of(&mut tx, handle).await?;
        sqlx::query("DELETE FROM blocks WHERE blocker = $1 AND blocked = $2")
            .bind(blocker.0.as_slice())
            .bind(member.0.as_slice())
            .execute(&mut *tx)
            .await?;
        let profile = profiles::profile_of(&mut tx, blocker, handle).await;
        tx.commit().await?;
        Ok(Blocked { profile: profile?, member })
    }

    /// Whom this member blocks, by handle: for their own eyes. Those who block them in turn included, or they could not be
    /// let go.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn blocks_of(&self, blocker: MemberId) -> Result<Vec<Profile>, StoreError> {
        profiles::blocked_profiles(&self.pool, blocker).await
    }

    /// The same as ids, for rooms, and how far it goes. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn blocked_by(&self, blocker: MemberId) -> Result<(Vec<MemberId>, BlockReach), StoreError> {
        let found = sqlx::query(
            "SELECT b.blocked, m.protected FROM blocks b JOIN members m ON m.id = b.blocker WHERE b.blocker = $1",
        )
        .bind(blocker.0.as_slice())
        .fetch_all(&self.pool)
        .await?;
        let mut reach = BlockReach::Stage;
        let mut people = Vec::with_capacity(found.len());
        for row in &found {
            people.push(MemberId(rows::id(row, "blocked")?));
            if rows::number(row, "protected")? != 0 {
                reach = BlockReach::Room;
            }
        }
        Ok((people, reach))
    }
}
