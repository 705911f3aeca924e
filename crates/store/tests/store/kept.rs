//! What the file holds, seen from outside.

use std::path::Path;

use crate::common::{Bench, NOW, TODAY, handle, hash, invite, name, session};
use protocol::id::SessionId;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use store::{Allowance, LinkProof, Store};

/// Every column that exists. A new one is a promise to every member: it belongs into the published list too.
const COLUMNS: &[(&str, &str)] = &[
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

#[tokio::test]
async fn nothing_is_kept_but_what_the_list_says() {
    let bench = Bench::new().await;
    assert_eq!(columns(&bench.folder.path().join("vivavoce.db")).await, listed());
}

#[tokio::test]
async fn looking_somebody_up_changes_no_byte_of_the_database() {
    let (bench, ann) = Bench::with_owner("ann").await;
    bench.join(ann, "ben").await;
    bench.store.follow(ann, &handle("ben")).await.expect("followed");
    let phone = session();
    bench.store.sign_in(ann, &phone).await.expect("signed in");
    let path = bench.folder.path().join("vivavoce.db");
    bench.store.checkpoint().await.expect("written out");
    let before = std::fs::read(&path).expect("a file");

    for _ in 0..20 {
        bench.store.session(phone.token, TODAY).await.expect("stands");
        bench.store.session(hash(), TODAY).await.expect_err("unknown");
        bench.store.following(ann).await.expect("read");
        bench.store.resolve(&[handle("ben")]).await.expect("read");
        bench.store.ended(&[phone.id, SessionId([7; 16])], TODAY).await.expect("read");
        bench.store.find(ann, "b").await.expect("read");
        bench.store.credential(&[7; 16]).await.expect_err("unknown");
        bench.store.preview_invite(hash(), TODAY).await.expect_err("unknown");
        bench.store.use_link(LinkProof::Token(hash()), &session(), NOW).await.expect_err("unknown");
    }

    let log = std::fs::read(bench.folder.path().join("vivavoce.db-wal")).unwrap_or_default();
    assert_eq!(log.len(), 0, "nothing waits in the log either");
    bench.store.checkpoint().await.expect("written out");
    assert!(std::fs::read(&path).expect("a file") == before, "byte for byte");

    bench.store.sign_in(ann, &session()).await.expect("signed in");
    bench.store.checkpoint().await.expect("written out");
    assert!(std::fs::read(&path).expect("a file") != before, "and a change would have been seen");
}

#[tokio::test]
async fn what_was_deleted_is_gone_from_the_files() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let marked = session();
    let open = invite(1);
    bench.store.create_invite(ann, &open, Allowance::Free).await.expect("an invitation");
    bench.store.rename(ann, &name("Marked Canary Name")).await.expect("renamed");
    bench.store.sign_in(ann, &marked).await.expect("signed in");
    bench.store.checkpoint().await.expect("written out");
    let token = marked.token.0.to_vec();
    assert!(anywhere(bench.folder.path(), &token) && anywhere(bench.folder.path(), b"Marked Canary Name"));

    bench.store.end_session(ann, marked.id).await.expect("ended");
    bench.store.rename(ann, &name("Ann")).await.expect("renamed");
    bench.store.checkpoint().await.expect("written out");
    assert!(!anywhere(bench.folder.path(), &token), "the session's hash");
    assert!(!anywhere(bench.folder.path(), b"Marked Canary Name"), "the old name");
    assert!(!anywhere(bench.folder.path(), b"marked canary name"), "and its folded form");
}

/// The first release's database, as it was written then; each later release adds the one before it.
#[tokio::test]
async fn a_database_of_every_earlier_release_opens_with_everything_in_it() {
    for release in [include_str!("../fixtures/schema-1.sql")] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vivavoce.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await.expect("made");
        sqlx::raw_sql(release).execute(&pool).await.expect("filled");
        pool.close().await;

        let store = Store::open(&path).await.expect("opens").with_passkeys_at("localhost");
        let people = store.resolve(&[handle("ann"), handle("ben")]).await.expect("read");
        assert_eq!(people.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Ann", "Ben"]);
        assert_eq!(store.following(people[1].id).await.expect("read"), [people[0].id]);
        assert_eq!(
            store.server_name().await.expect("read").map(String::from).as_deref(),
            Some("The Kitchen")
        );
        let (held, _) =
            store.session(store::SecretHash([0x5e; 32]), store::Day(20_000)).await.expect("stands");
        assert_eq!((held.me.id, held.me.passkeys, held.me.recovery_codes), (people[1].id, 1, 1));
        let moved = store.clone().with_passkeys_at("voice.example");
        assert_eq!(moved.cut_off().await.expect("counted"), 1, "the passkey was made for localhost");
        let invites = store.invites_of(people[0].id, store::Day(20_000)).await.expect("read");
        assert_eq!(invites[0].accepted_by, [handle("ben")]);
        store.close().await;
        assert_eq!(columns(&path).await, listed());
    }
}

fn listed() -> Vec<(String, String)> {
    COLUMNS.iter().map(|(table, columns)| ((*table).to_owned(), (*columns).to_owned())).collect()
}

async fn columns(path: &Path) -> Vec<(String, String)> {
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.expect("opens");
    let rows = sqlx::query(
        "SELECT t.name AS tab, c.name AS col FROM sqlite_master t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table' ORDER BY 1, 2",
    )
    .fetch_all(&pool)
    .await
    .expect("read");
    let mut tables: Vec<(String, String)> = Vec::new();
    for row in rows {
        let (table, column): (String, String) = (row.get("tab"), row.get("col"));
        match tables.last_mut() {
            Some((last, columns)) if *last == table => *columns = format!("{columns} {column}"),
            _ => tables.push((table, column)),
        }
    }
    tables
}

fn anywhere(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).expect("a folder").any(|entry| {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}
