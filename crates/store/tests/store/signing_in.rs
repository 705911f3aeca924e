//! What signing in writes down.

use std::collections::BTreeMap;
use std::path::Path;

use crate::common::{Bench, TODAY, session};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};

/// Every row of every table, as text.
async fn dump(path: &Path) -> BTreeMap<String, Vec<String>> {
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.expect("opens");
    let tables = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    let tables = tables.fetch_all(&pool).await.expect("read");
    let mut all = BTreeMap::new();
    for table in tables {
        let table: String = table.get(0);
        let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("SELECT * FROM {table}")));
        let rows = rows.fetch_all(&pool).await.expect("read");
        let mut rows: Vec<String> = rows.iter().map(text).collect();
        rows.sort();
        all.insert(table, rows);
    }
    pool.close().await;
    all
}

fn text(row: &sqlx::sqlite::SqliteRow) -> String {
    let column = |column: &sqlx::sqlite::SqliteColumn| {
        let at = column.ordinal();
        let value = row.try_get_raw(at).expect("there");
        let value = match &*value.type_info().name().to_owned() {
            "INTEGER" => row.get_unchecked::<i64, _>(at).to_string(),
            "NULL" => "nothing".to_owned(),
            _ => format!("{:02x?}", row.get_unchecked::<Vec<u8>, _>(at)).replace(", ", ""),
        };
        format!("{}={value}", column.name())
    };
    row.columns().iter().map(column).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn signing_in_adds_one_session_and_changes_nothing_else() {
    let (bench, ann) = Bench::with_owner("ann").await;
    bench.join(ann, "ben").await;
    bench.store.checkpoint().await.expect("written out");
    let path = bench.folder.path().join("vivavoce.db");
    let before = dump(&path).await;
    let phone = session();
    bench.store.sign_in(ann, &phone).await.expect("signed in");
    bench.store.checkpoint().await.expect("written out");
    let mut after = dump(&path).await;

    let sessions = after.get_mut("sessions").expect("a table");
    let new: Vec<String> = sessions.extract_if(.., |row| !before["sessions"].contains(row)).collect();
    assert_eq!(after, before, "all else is as it was");
    let [new] = new.as_slice() else { panic!("{new:?}") };
    let words: Vec<&str> = new.split(' ').map(|word| word.split('=').next().expect("a name")).collect();
    assert!(new.contains(&format!("day={} ", TODAY.0)), "to the day: {new}");
    for column in ["id", "token_hash", "member", "device", "day", "expires_day"] {
        assert!(words.contains(&column), "{column} in {new}");
    }
}
