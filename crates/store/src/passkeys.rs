//! Passkeys: public keys, stored as they were made and never written again.

use protocol::account::{DeviceLabel, Passkey, PasskeyWorks};
use protocol::id::{MemberId, PasskeyId};
use protocol::limits::PASSKEYS_MAX;
use sqlx::{Row as _, SqliteConnection};

use crate::db::Store;
use crate::error::StoreError;
use crate::limits::CREDENTIAL_BYTES_MAX;
use crate::rows;
use crate::types::Day;

/// A passkey to be.
#[derive(Debug, Clone)]
pub struct NewPasskey {
    pub id: PasskeyId,
    /// What the authenticator calls it.
    pub credential_id: Vec<u8>,
    /// The verifier's own form, as JSON text.
    pub credential: String,
    pub device: DeviceLabel,
    pub day: Day,
}

impl Store {
    /// # Errors
    /// [`StoreError::Full`] with [`PASSKEYS_MAX`] already; [`StoreError::NotAllowed`] for a credential that is known.
    pub async fn add_passkey(&self, member: MemberId, passkey: &NewPasskey) -> Result<Passkey, StoreError> {
        if passkey.credential.len() > CREDENTIAL_BYTES_MAX {
            return Err(StoreError::Full);
        }
        let mut tx = self.write().await?;
        let count: i64 = sqlx::query("SELECT COUNT(*) AS count FROM passkeys WHERE member = $1")
            .bind(member.0.as_slice())
            .fetch_one(&mut *tx)
            .await?
            .try_get("count")?;
        if usize::try_from(count).is_ok_and(|count| count >= PASSKEYS_MAX) {
            return Err(StoreError::Full);
        }
        let done = sqlx::query(
            "INSERT INTO passkeys (id, member, credential_id, credential, device, day, domain) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(passkey.id.0.as_slice())
        .bind(member.0.as_slice())
        .bind(passkey.credential_id.as_slice())
        .bind(passkey.credential.as_str())
        .bind(rows::device_sql(passkey.device))
        .bind(passkey.day.sql())
        .bind(&*self.domain)
        .execute(&mut *tx)
        .await;
        match done {
            Ok(_) => tx.commit().await?,
            Err(error) if StoreError::is_taken(&error, "credential_id") => {
                return Err(StoreError::NotAllowed);
            }
            Err(error) => return Err(error.into()),
        }
        let works = PasskeyWorks::Here;
        Ok(Passkey { id: passkey.id, device: passkey.device, day: passkey.day.0, works })
    }

    /// The oldest first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn passkeys_of(&self, member: MemberId) -> Result<Vec<Passkey>, StoreError> {
        let found =
            sqlx::query("SELECT id, device, day, domain FROM passkeys WHERE member = $1 ORDER BY day, id")
                .bind(member.0.as_slice())
                .fetch_all(&self.pool)
                .await?;
        let read = |row: &rows::Row| {
            Ok(Passkey {
                id: PasskeyId(rows::id(row, "id")?),
                device: rows::device(row, "device")?,
                day: rows::number(row, "day")?,
                works: match row.try_get::<&str, _>("domain")? == &*self.domain {
                    true => PasskeyWorks::Here,
                    false => PasskeyWorks::Elsewhere,
                },
            })
        };
        found.iter().map(read).collect()
    }

    /// What the authenticators of this member call theirs.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn credential_ids_of(&self, member: MemberId) -> Result<Vec<Vec<u8>>, StoreError> {
        let found = sqlx::query("SELECT credential_id FROM passkeys WHERE member = $1")
            .bind(member.0.as_slice())
            .fetch_all(&self.pool)
            .await?;
        found.iter().map(|row| Ok(row.try_get("credential_id")?)).collect()
    }

    /// Whose credential this is, and its stored form. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn credential(&self, credential_id: &[u8]) -> Result<(MemberId, String), StoreError> {
        let row = sqlx::query("SELECT member, credential FROM passkeys WHERE credential_id = $1")
            .bind(credential_id)
            .fetch_optional(&self.pool)
            .await?
            .ok_or(StoreError::NotThere)?;
        Ok((MemberId(rows::id(&row, "member")?), row.try_get("credential")?))
    }

    /// How many members have passkeys, and none that works at this server's present domain.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn cut_off(&self) -> Result<u32, StoreError> {
        cut_off(&mut *self.pool.acquire().await?, &self.domain).await
    }

    /// # Errors
    /// [`StoreError::NotThere`] for one that is not theirs.
    pub async fn remove_passkey(&self, member: MemberId, passkey: PasskeyId) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM passkeys WHERE id = $1 AND member = $2")
            .bind(passkey.0.as_slice())
            .bind(member.0.as_slice())
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 { Err(StoreError::NotThere) } else { Ok(()) }
    }
}

pub(crate) async fn cut_off(connection: &mut SqliteConnection, domain: &str) -> Result<u32, StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS count FROM (SELECT member FROM passkeys GROUP BY member \
         HAVING MAX(CASE WHEN domain = $1 THEN 1 ELSE 0 END) = 0) AS away",
    )
    .bind(domain)
    .fetch_one(connection)
    .await?;
    rows::number(&row, "count")
}
