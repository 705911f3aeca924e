//! What the file holds, seen from outside.

use std::collections::BTreeSet;
use std::path::Path;

use crate::common::{Bench, NOW, TODAY, handle, hash, invite, member, name, session};
use protocol::Timestamp;
use protocol::account::DeviceLabel;
use protocol::id::{MemberId, PasskeyId, PictureId, SessionId};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use store::kept::COLUMNS;
use store::{Allowance, LinkProof, NewInvite, NewLink, NewMember, NewPasskey, SecretHash, Store};

#[tokio::test]
async fn nothing_is_kept_but_what_the_list_says() {
    let bench = Bench::new().await;
    let columns = columns(&bench.folder.path().join("vivavoce.db")).await;
    assert_eq!(
        columns,
        listed(),
        "write down in crates/store/src/kept/columns.rs what it is for, until when, and who sees it"
    );
}

/// Numbers above this can be a moment: seconds since the Unix epoch passed it in 1973, and days will in the year 275,000.
const CAN_BE_A_MOMENT: i64 = 100_000_000;

#[tokio::test]
async fn no_number_says_when_something_happened_more_finely_than_the_day() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let store = &bench.store;
    store.follow(ann, &handle("ben")).await.expect("followed");
    store.block(ben, &handle("ann")).await.expect("blocked");
    store.create_invite(ben, &invite(1), Allowance::Counted).await.expect("made");
    store.put_recovery_codes(ben, &[hash()]).await.expect("made");
    let link = NewLink { token: hash(), expires: Timestamp(NOW.0 + 60_000) };
    store.put_device_link(ben, link, hash()).await.expect("made");
    store.protect(&handle("ben")).await.expect("protected");
    store.checkpoint().await.expect("written out");
    let options =
        SqliteConnectOptions::new().filename(bench.folder.path().join("vivavoce.db")).read_only(true);
    let pool = SqlitePool::connect_with(options).await.expect("opens");
    let (mut numbers, mut moments) = (0, BTreeSet::new());
    for (table, column) in columns(&bench.folder.path().join("vivavoce.db")).await {
        let sql = format!("SELECT {column} AS it FROM {table} WHERE typeof({column}) IN ('integer', 'real')");
        for row in sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await.expect("read") {
            numbers += 1;
            if row.try_get::<i64, _>("it").expect("whole").abs() > CAN_BE_A_MOMENT {
                moments.insert(format!("{table}.{column}"));
            }
        }
    }
    assert!(numbers > 30, "there is something to look at: {numbers}");
    // Until when a link opens something, which is minutes.
    assert_eq!(moments, BTreeSet::from(["links.expires_ms".to_owned()]));
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
        bench.store.resolve(ann, &[handle("ben")]).await.expect("read");
        bench.store.ended(&[phone.id, SessionId([7; 16])], TODAY).await.expect("read");
        bench.store.find(ann, "b", store::Among::Everybody).await.expect("read");
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
    let picture = b"Marked Canary Picture".repeat(2_000);
    bench.store.put_picture(ann, PictureId([1; 16]), &picture).await.expect("put up");
    bench.store.checkpoint().await.expect("written out");
    let token = marked.token.0.to_vec();
    assert!(anywhere(bench.folder.path(), &token) && anywhere(bench.folder.path(), b"Marked Canary Name"));
    assert!(anywhere(bench.folder.path(), b"Marked Canary Picture"));

    bench.store.end_session(ann, marked.id).await.expect("ended");
    bench.store.rename(ann, &name("Ann")).await.expect("renamed");
    bench.store.put_picture(ann, PictureId([2; 16]), b"another").await.expect("in its place");
    bench.store.checkpoint().await.expect("written out");
    assert!(!anywhere(bench.folder.path(), &token), "the session's hash");
    assert!(!anywhere(bench.folder.path(), b"Marked Canary Name"), "the old name");
    assert!(!anywhere(bench.folder.path(), b"marked canary name"), "and its folded form");
    assert!(!anywhere(bench.folder.path(), b"Marked Canary Picture"), "the picture that was there before");
}

/// Bytes that are found nowhere by chance.
fn mark<const N: usize>(number: usize, kind: u8) -> [u8; N] {
    let text = format!("canary{kind}{number:0>width$}", width = N - 7);
    text.into_bytes().try_into().expect("as long as it is")
}

#[tokio::test]
async fn what_was_erased_is_gone_from_the_files() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let store = &bench.store;
    let mut people: Vec<(MemberId, (String, [SecretHash; 3]))> = Vec::new();
    for number in 0..120 {
        let inviter = people.last().map_or(ann, |(id, _)| *id);
        let who = format!("canary{number}");
        let brought = invite(1);
        store.create_invite(inviter, &brought, Allowance::Free).await.expect("made");
        let id = MemberId(mark(number, 0));
        let newcomer = NewMember { id, ..member(&who) };
        store.accept(brought.token, &newcomer, &session()).await.expect("accepted");
        store.rename(id, &name(&format!("Canary Name {number}."))).await.expect("renamed");
        let marks = [1, 2, 3].map(|kind| SecretHash(mark(number, kind)));
        store.put_recovery_codes(id, &marks[..1]).await.expect("made");
        let link = NewLink { token: marks[1], expires: Timestamp(NOW.0 + 60_000) };
        store.put_device_link(id, link, hash()).await.expect("made");
        let note = Some(name(&format!("Canary Note {number}.")));
        let open = NewInvite { token: marks[2], note, ..invite(1) };
        store.create_invite(id, &open, Allowance::Free).await.expect("made");
        let jpeg = format!("Canary Picture {number}. {}", "x".repeat(300 * number));
        store.put_picture(id, PictureId(mark(number, 4)), jpeg.as_bytes()).await.expect("put up");
        let credential = format!("Canary Credential {number}. {}", "x".repeat(500 + number * 7));
        let passkey = NewPasskey {
            id: PasskeyId(id.0),
            credential_id: id.0.to_vec(),
            credential,
            device: DeviceLabel::Mac,
            day: TODAY,
        };
        store.add_passkey(id, &passkey).await.expect("added");
        if let Some((_, (before, _))) = people.last() {
            store.follow(id, &handle(before)).await.expect("followed");
        }
        people.push((id, (who, marks)));
    }
    store.checkpoint().await.expect("written out");
    // In no order, so that pages are torn apart and put together.
    for at in (0..40).map(|step| step * 53 % 120) {
        let (id, (who, marks)) = &people[at];
        let texts =
            ["Name", "Note", "Credential", "Picture"].map(|what| format!("Canary {what} {at}.").into_bytes());
        let mut needles = vec![id.0.to_vec(), format!("canary name {at}.").into_bytes()];
        needles.push(mark::<16>(at, 4).to_vec());
        needles.extend(texts.into_iter().chain(marks.iter().map(|mark| mark.0.to_vec())));
        for needle in &needles {
            assert!(anywhere(bench.folder.path(), needle), "{who} is there at first");
        }
        store.erase(*id, 9).await.expect("erased");
        for needle in &needles {
            assert!(!anywhere(bench.folder.path(), needle), "{who}: {needle:?}");
        }
    }
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
        let people = store.resolve(MemberId([0; 16]), &[handle("ann"), handle("ben")]).await.expect("read");
        assert_eq!(people.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Ann", "Ben"]);
        assert_eq!(store.following(people[1].id).await.expect("read"), [people[0].id]);
        assert_eq!(
            store.server_name().await.expect("read").map(String::from).as_deref(),
            Some("The Kitchen")
        );
        let (held, _) = store.session(SecretHash([0x5e; 32]), store::Day(20_000)).await.expect("stands");
        assert_eq!((held.me.id, held.me.passkeys, held.me.recovery_codes), (people[1].id, 1, 1));
        let moved = store.clone().with_passkeys_at("voice.example");
        assert_eq!(moved.cut_off().await.expect("counted"), 1, "the passkey was made for localhost");
        let invites = store.invites_of(people[0].id, store::Day(20_000)).await.expect("read");
        assert_eq!(invites[0].accepted_by, [handle("ben")]);
        store.close().await;
        assert_eq!(columns(&path).await, listed());
    }
}

/// The published list.
fn listed() -> BTreeSet<(String, String)> {
    let listed: BTreeSet<_> =
        COLUMNS.iter().map(|column| (column.table.to_owned(), column.name.to_owned())).collect();
    assert_eq!(listed.len(), COLUMNS.len(), "each once");
    listed
}

async fn columns(path: &Path) -> BTreeSet<(String, String)> {
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.expect("opens");
    let rows = sqlx::query(
        "SELECT t.name AS tab, c.name AS col FROM sqlite_master t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table'",
    )
    .fetch_all(&pool)
    .await
    .expect("read");
    rows.iter().map(|row| (row.get("tab"), row.get("col"))).collect()
}

fn anywhere(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).expect("a folder").any(|entry| {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}
