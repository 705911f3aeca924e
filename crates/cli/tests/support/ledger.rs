//! What must be true of the database after any crash, whoever reads it.
#![allow(dead_code, reason = "each test binary needs some of it")]

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};

/// A sentence, and the rows for which it is not so.
const RULES: [(&str, &str); 11] = [
    ("there is one owner", "SELECT COUNT(*) FROM members WHERE role = 0 HAVING COUNT(*) <> 1"),
    (
        "the server has its name with its owner",
        "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM settings WHERE name = 'server_name')",
    ),
    (
        "every member came by somebody's invitation, or by somebody's who is gone",
        "SELECT handle FROM members WHERE role = 1 AND (invited_by IS NULL) <> (invite IS NULL)",
    ),
    (
        "every member has what one is found by",
        "SELECT handle FROM members WHERE handle = '' OR handle_looks = '' OR name = '' OR name_folded = ''",
    ),
    (
        "every member was signed in when they came, and nobody is who is suspended",
        "SELECT handle FROM members m WHERE suspended = EXISTS (SELECT 1 FROM sessions s WHERE s.member = m.id)",
    ),
    (
        "every use of an invitation is somebody, or was",
        "SELECT id FROM invites i WHERE used < (SELECT COUNT(*) FROM members m WHERE m.invite = i.id)",
    ),
    (
        "every invitation that somebody came by is there",
        "SELECT handle FROM members m WHERE invite IS NOT NULL AND NOT EXISTS (SELECT 1 FROM invites i WHERE i.id = m.invite)",
    ),
    (
        "whoever is named as the inviter gave the invitation",
        "SELECT m.handle FROM members m JOIN invites i ON i.id = m.invite WHERE i.inviter <> m.invited_by",
    ),
    ("no invitation is used too often", "SELECT id FROM invites WHERE used > uses"),
    (
        "what was given away is gone from the purse",
        "SELECT handle FROM members m WHERE role = 1 AND allowance + \
         (SELECT COALESCE(SUM(uses), 0) FROM invites i WHERE i.inviter = m.id AND i.allowance = 1) <> 5",
    ),
    (
        "what is owed to whoever was erased is done before anything else",
        "SELECT 1 FROM settings WHERE name = 'erased'",
    ),
];

/// And where nobody was erased.
const NOBODY_ERASED: [(&str, &str); 2] = [
    ("every inviter is there", "SELECT handle FROM members WHERE role = 1 AND invited_by IS NULL"),
    (
        "every use of an invitation is somebody",
        "SELECT id FROM invites i WHERE used <> (SELECT COUNT(*) FROM members m WHERE m.invite = i.id)",
    ),
];

/// Whether somebody was erased since the server began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Erased {
    Nobody,
    Somebody,
}

/// Reads the file and holds it against every rule; gives who has an account.
pub(crate) async fn check(database: &Path, erased: Erased) -> BTreeSet<String> {
    let mut connection = SqliteConnectOptions::new()
        .filename(database)
        .read_only(true)
        .connect()
        .await
        .expect("the database is there");
    assert_eq!(texts(&mut connection, "PRAGMA integrity_check").await, ["ok"]);
    let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.expect("read");
    assert!(dangling.is_empty(), "{} rows point nowhere", dangling.len());
    let strict = if erased == Erased::Nobody { &NOBODY_ERASED[..] } else { &[] };
    for (rule, exceptions) in RULES.iter().chain(strict) {
        let found = sqlx::query(*exceptions).fetch_all(&mut connection).await.expect("read");
        assert!(found.is_empty(), "it is not so that {rule}: {} exceptions", found.len());
    }
    texts(&mut connection, "SELECT handle FROM members").await.into_iter().collect()
}

async fn texts(connection: &mut SqliteConnection, query: &'static str) -> Vec<String> {
    let rows = sqlx::query(query).fetch_all(connection).await.expect("read");
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}
