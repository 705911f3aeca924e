//! Recovery codes: hashes of them, one row each, gone once used.

use protocol::id::MemberId;
use protocol::text::Handle;

use crate::db::Store;
use crate::error::StoreError;
use crate::rows;
use crate::sessions::{self, Signed};
use crate::types::{NewSession, SecretHash};

impl Store {
    /// Replaces all codes of this member.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn put_recovery_codes(&self, member: MemberId, codes: &[SecretHash]) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query("DELETE FROM recovery_codes WHERE member = $1")
            .bind(member.0.as_slice())
            .execute(&mut *tx)
            .await?;
        for code in codes {
            sqlx::query("INSERT INTO recovery_codes (member, code_hash) VALUES ($1, $2)")
                .bind(member.0.as_slice())
                .bind(code.0.as_slice())
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Uses a code up and signs its member in. One statement decides, so that a wrong code and an unknown handle cost
    /// the same.
    ///
    /// # Errors
    /// [`StoreError::Spent`].
    pub async fn use_recovery_code(
        &self,
        handle: &Handle,
        code: SecretHash,
        session: &NewSession,
    ) -> Result<Signed, StoreError> {
        let mut tx = self.write().await?;
        let row = sqlx::query(
            "DELETE FROM recovery_codes WHERE member = (SELECT id FROM members WHERE handle = $1) \
             AND code_hash = $2 RETURNING member",
        )
        .bind(handle.as_str())
        .bind(code.0.as_slice())
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(StoreError::Spent)?;
        let signed =
            sessions::add(&mut tx, &self.domain, MemberId(rows::id(&row, "member")?), session).await?;
        tx.commit().await?;
        Ok(signed)
    }
}
