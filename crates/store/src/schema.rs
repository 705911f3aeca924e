//! What the database can hold, as it is; as it should be, [`crate::kept`] says.

use sqlx::Row as _;

use crate::db::Store;
use crate::error::StoreError;

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
    use crate::kept::COLUMNS;
    use std::collections::BTreeSet;

    #[tokio::test]
    async fn no_table_remembers_in_which_order_its_rows_came() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("vivavoce.db")).await.expect("opens");
        let numbered = async || {
            let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND wr = 0 \
                       AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
            sqlx::query_scalar::<_, String>(sql).fetch_all(&store.pool).await.expect("read")
        };
        assert_eq!(numbered().await, ["schema"], "which has one row");
        sqlx::query("CREATE TABLE seen (who BYTEA)").execute(&store.pool).await.expect("made");
        assert_eq!(numbered().await, ["schema", "seen"]);
    }

    #[tokio::test]
    async fn a_new_database_has_the_columns_of_the_list_and_a_table_that_somebody_adds_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("vivavoce.db")).await.expect("opens");
        let listed: BTreeSet<String> =
            COLUMNS.iter().map(|column| format!("{}.{}", column.table, column.name)).collect();
        let seen = |columns: Vec<String>| columns.into_iter().collect::<BTreeSet<_>>();
        assert_eq!(seen(store.columns().await.expect("read")), listed);
        sqlx::query("CREATE TABLE rooms (title TEXT)").execute(&store.pool).await.expect("made");
        let more = seen(store.columns().await.expect("read"));
        assert_eq!(more.difference(&listed).collect::<Vec<_>>(), ["rooms.title"]);
    }
}
