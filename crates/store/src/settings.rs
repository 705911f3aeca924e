//! What the server remembers about itself.

use protocol::text::ServerName;
use sqlx::Row as _;

use crate::db::Store;
use crate::error::StoreError;

/// What it is called. Set when it gets its owner.
pub(crate) const SERVER_NAME: &str = "server_name";

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
}

pub(crate) const SET: &str = "INSERT INTO settings (name, value) VALUES ($1, $2) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value";
