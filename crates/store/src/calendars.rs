//! The address at which a member's calendar program reads their events: one each, or none.

use protocol::id::MemberId;

use crate::db::Store;
use crate::error::StoreError;
use crate::rows;
use crate::types::SecretHash;

impl Store {
    /// In the place of the one they had.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn set_calendar(&self, member: MemberId, token: SecretHash) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO calendars (member, token_hash) SELECT m.id, $2 FROM members m WHERE m.id = $1 \
             ON CONFLICT (member) DO UPDATE SET token_hash = excluded.token_hash",
        )
        .bind(member.0.as_slice())
        .bind(token.0.as_slice())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether they had one or not.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn drop_calendar(&self, member: MemberId) -> Result<(), StoreError> {
        let gone = sqlx::query("DELETE FROM calendars WHERE member = $1").bind(member.0.as_slice());
        gone.execute(&self.pool).await?;
        Ok(())
    }

    /// Whether they have one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn has_calendar(&self, member: MemberId) -> Result<bool, StoreError> {
        let found = sqlx::query("SELECT 1 FROM calendars WHERE member = $1").bind(member.0.as_slice());
        Ok(found.fetch_optional(&self.pool).await?.is_some())
    }

    /// Whose it is. Of whoever is suspended there is none.
    ///
    /// # Errors
    /// [`StoreError::Spent`].
    pub async fn calendar_of(&self, token: SecretHash) -> Result<MemberId, StoreError> {
        let row = sqlx::query(
            "SELECT m.id FROM calendars c JOIN members m ON m.id = c.member WHERE c.token_hash = $1 AND m.suspended = 0",
        )
        .bind(token.0.as_slice())
        .fetch_optional(&self.pool)
        .await?
        .ok_or(StoreError::Spent)?;
        Ok(MemberId(rows::id(&row, "id")?))
    }
}
