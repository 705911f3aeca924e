//! What the database can hold: as it should be, and as it is.

use sqlx::Row as _;

use crate::db::Store;
use crate::error::StoreError;

/// Every column that exists, by table. A new one is a promise to every member.
pub const PUBLISHED: &[(&str, &str)] = &[
    ("counts", "name value"),
    ("follows", "followed follower"),
    ("invites", "allowance day expires_day id inviter note revoked token_hash used uses"),
    ("links", "code_hash expires_ms kind member token_hash"),
    (
        "members",
        "allowance allowance_day day handle handle_looks id invite invited_by name name_folded paused role \
         suspended",
    ),
    ("passkeys", "credential credential_id day device domain id member"),
    ("recovery_codes", "code_hash member"),
    ("report_signatures", "member report"),
    ("reports", "day forget_day number outcome reason reported reporter"),
    ("schema", "version"),
    ("sessions", "day device expires_day id member token_hash"),
    ("settings", "name value"),
];

impl Store {
    /// Every column of every table, as `table.column`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn columns(&self) -> Result<Vec<String>, StoreError> {
        let columns = sqlx::query(
            "SELECT s.name || '.' || c.name AS name FROM sqlite_schema AS s JOIN pragma_table_info(s.name) AS c \
             WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.name, c.cid",
        );
        let rows = columns.fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(row.try_get("name")?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[tokio::test]
    async fn a_new_database_has_the_columns_of_the_list_and_a_table_that_somebody_adds_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("vivavoce.db")).await.expect("opens");
        let listed = PUBLISHED
            .iter()
            .flat_map(|(table, columns)| columns.split(' ').map(move |column| format!("{table}.{column}")));
        let listed: BTreeSet<String> = listed.collect();
        let seen = |columns: Vec<String>| columns.into_iter().collect::<BTreeSet<_>>();
        assert_eq!(seen(store.columns().await.expect("read")), listed);
        sqlx::query("CREATE TABLE rooms (title TEXT)").execute(&store.pool).await.expect("made");
        let more = seen(store.columns().await.expect("read"));
        assert_eq!(more.difference(&listed).collect::<Vec<_>>(), ["rooms.title"]);
    }
}
