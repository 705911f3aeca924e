//! What the server remembers about itself.

use protocol::text::ServerName;
use sqlx::Row as _;

use crate::db::Store;
use crate::error::StoreError;

/// One fact about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// What it is called. Set when it gets its owner.
    ServerName,
    /// The domain that passkeys were bound to at the first start.
    PasskeyDomain,
}

impl Setting {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::ServerName => "server_name",
            Self::PasskeyDomain => "passkey_domain",
        }
    }
}

impl Store {
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn setting(&self, setting: Setting) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT value FROM settings WHERE name = $1")
            .bind(setting.key())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get("value")).transpose()?)
    }

    /// # Errors
    /// [`StoreError::Database`].
    pub async fn set(&self, setting: Setting, value: &str) -> Result<(), StoreError> {
        sqlx::query(SET).bind(setting.key()).bind(value).execute(&self.pool).await?;
        Ok(())
    }

    /// None until the server has an owner.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn server_name(&self) -> Result<Option<ServerName>, StoreError> {
        let text = self.setting(Setting::ServerName).await?;
        text.map(|text| ServerName::parse(&text).map_err(|_| StoreError::Unreadable("settings"))).transpose()
    }
}

pub(crate) const SET: &str = "INSERT INTO settings (name, value) VALUES ($1, $2) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value";
