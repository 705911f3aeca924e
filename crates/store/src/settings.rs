//! What the server remembers about itself.

use protocol::text::ServerName;
use sqlx::Row as _;

use crate::db::Store;
use crate::error::StoreError;
use crate::rows;
use crate::types::Day;

/// What it is called. Set when it gets its owner.
pub(crate) const SERVER_NAME: &str = "server_name";

/// An account was erased, and the file is to be written anew. Gone once that is done, which is at once unless the disk fails.
pub(crate) const OWED: &str = "erased";

impl Store {
    /// None until the server has an owner.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn server_name(&self) -> Result<Option<ServerName>, StoreError> {
        let row = sqlx::query("SELECT value FROM settings WHERE name = $1")
            .bind(SERVER_NAME)
            .fetch_optional(&self.pool)
            .await?;
        let text: Option<String> = row.map(|row| row.try_get("value")).transpose()?;
        text.map(|text| ServerName::parse(&text).map_err(|_| StoreError::Unreadable("settings"))).transpose()
    }

    /// The last day on which anything was written that is still there; the first of all where nothing is.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn newest_day(&self) -> Result<Day, StoreError> {
        let row = sqlx::query(
            "SELECT COALESCE(MAX(day), 0) AS day FROM (SELECT day FROM members UNION ALL SELECT day FROM sessions \
             UNION ALL SELECT day FROM invites UNION ALL SELECT day FROM passkeys) AS days",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Day(rows::number(&row, "day")?))
    }
}

pub(crate) const SET: &str = "INSERT INTO settings (name, value) VALUES ($1, $2) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value";
