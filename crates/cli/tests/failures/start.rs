//! What keeps a server from starting is one sentence with what to do, and the data stays as it is.

use std::collections::BTreeMap;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use client::api::{ApiError, Link};
use protocol::ErrorCode;
use sqlx::{Connection as _, Executor as _};

use crate::house::{House, after, database, folder, open, plainly, refused};
use crate::ledger::{self, Erased};
use crate::server::{Server, vivavoce};

/// Ann's server, and nobody runs it.
async fn left_behind(data: &Path) -> House {
    let house = House::new(Server::start(data)).await;
    house.again(|| Server::start(data))
}

async fn stopped(data: &Path) {
    assert!(left_behind(data).await.server.stop().success());
}

/// Every file with its contents. The lock is taken by whoever looks; it holds nothing.
fn contents(data: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(data).expect("a folder").map(|entry| entry.expect("readable"));
    let name = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    files
        .filter(|entry| name(entry).starts_with("vivavoce.db"))
        .map(|entry| (name(&entry), std::fs::read(entry.path()).expect("readable")))
        .collect()
}

#[tokio::test]
async fn data_of_a_newer_release_is_left_as_it_is() {
    let data = folder();
    stopped(data.path()).await;
    let mut newer = open(data.path()).await;
    newer.execute("UPDATE schema SET version = 99; PRAGMA wal_checkpoint(TRUNCATE)").await.expect("written");
    newer.close().await.expect("closed");
    let before = contents(data.path());
    let said = refused(plainly(data.path()));
    assert!(said.contains("belongs to a newer release of Vivavoce. Run that release, or newer."), "{said}");
    assert_eq!(contents(data.path())["vivavoce.db"], before["vivavoce.db"]);
}

#[tokio::test]
async fn a_database_that_is_none_is_left_as_it_is() {
    let data = folder();
    stopped(data.path()).await;
    let garbage = vec![7; 40_000];
    std::fs::write(database(data.path()), &garbage).expect("written");
    let said = refused(plainly(data.path()));
    assert!(said.contains("cannot be read. Restore it from a copy."), "{said}");
    assert_eq!(std::fs::read(database(data.path())).expect("there"), garbage);
}

#[tokio::test]
async fn a_database_that_another_program_holds_is_called_that_and_not_damaged() {
    let data = folder();
    stopped(data.path()).await;
    let mut other = open(data.path()).await;
    other.execute("BEGIN EXCLUSIVE").await.expect("held");
    let said = refused(plainly(data.path()));
    assert!(said.starts_with("Another program holds the database in "), "{said}");
    assert!(said.contains("nothing is wrong with the data"), "{said}");
    other.execute("ROLLBACK").await.expect("let go");
    other.close().await.expect("closed");
    assert_eq!(Server::start(data.path()).get("/healthz"), "HTTP/1.1 200 OK");
}

#[test]
fn a_disk_on_which_nothing_can_be_written_is_asked_after() {
    let data = folder();
    let said = refused(after(data.path(), "ulimit -f 0"));
    assert!(said.starts_with("Writing to ") && said.contains("Is the disk full?"), "{said}");
}

/// For root, rights are nothing: the server is started without that power.
const OBEYS_RIGHTS: &str = "[ $(id -u) = 0 ] && set -- setpriv --bounding-set -dac_override,-dac_read_search \
                            --inh-caps -dac_override,-dac_read_search \"$@\"";

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named_empty_or_with_data_in_it() {
    let empty = folder();
    let used = folder();
    stopped(used.path()).await;
    let before = contents(used.path());
    for data in [empty.path(), used.path()] {
        let mode =
            |mode| std::fs::set_permissions(data, std::fs::Permissions::from_mode(mode)).expect("ours");
        mode(0o500);
        let said = refused(after(data, OBEYS_RIGHTS));
        mode(0o700);
        assert!(said.contains("cannot be written. Choose another with --data."), "{said}");
    }
    assert_eq!(contents(used.path()), before);
}

#[test]
fn a_port_that_is_taken_is_named_for_the_web_and_for_audio() {
    let data = folder();
    let web = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = web.local_addr().expect("bound").to_string();
    let said = refused(vivavoce(data.path(), &["--listen", &address]));
    assert!(said.starts_with(&format!("{address} is taken: another program listens there.")), "{said}");
    let audio = UdpSocket::bind("0.0.0.0:0").expect("a port");
    let port = audio.local_addr().expect("bound").port().to_string();
    let said = refused(vivavoce(data.path(), &["--listen", "127.0.0.1:0", "--media-port", &port]));
    assert!(said.starts_with(&format!("UDP port {port} is taken: another program uses it.")), "{said}");
    assert!(contents(data.path()).is_empty(), "nothing was begun");
}

/// As if so many days had passed, or the clock had been set back by so many.
async fn days_pass(data: &Path, days: i64) {
    let mut database = open(data).await;
    for (table, columns) in [
        ("members", ["day", "allowance_day"].as_slice()),
        ("sessions", &["day", "expires_day"]),
        ("invites", &["day", "expires_day"]),
    ] {
        for column in columns {
            let sql = format!("UPDATE {table} SET {column} = {column} - {days}");
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut database).await.expect("written");
        }
    }
    database.close().await.expect("closed");
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_ends_sessions_and_invitations_and_no_account() {
    let data = folder();
    let house = House::new(Server::start(data.path())).await;
    let link = house.api().invite(&house.owner, 2).await.expect("a link");
    house.comes(&link.secret, 1).await.expect("came");
    let house = {
        let House { server, owner } = house;
        assert!(server.stop().success());
        days_pass(data.path(), 200).await;
        House { server: Server::start(data.path()), owner }
    };
    let signed_out = house.api().me(&house.owner).await;
    assert!(matches!(signed_out, Err(ApiError::Refused(ErrorCode::SignedOut))), "{signed_out:?}");
    let late = house.comes(&link.secret, 2).await.map(drop);
    assert!(matches!(late, Err(ApiError::Refused(ErrorCode::LinkSpent))), "{late:?}");
    for handle in ["ann", "guest1"] {
        let output = vivavoce(data.path(), &["admin", "signin-link", handle]).output().expect("ran");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let link = Link::parse(said.lines().next().unwrap_or_default()).expect("a link");
        let token = house.api().sign_in(&link.secret).await.expect("nobody is lost");
        assert_eq!(house.api().me(&token).await.expect("in").handle.as_str(), handle);
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_told_and_everything_stands() {
    let data = folder();
    let house = House::new(Server::start(data.path())).await;
    let link = house.api().invite(&house.owner, 2).await.expect("a link");
    let ben = house.comes(&link.secret, 1).await.expect("came");
    let mut given = Vec::new();
    while let Ok(link) = house.api().invite(&ben, 1).await {
        given.push(link);
    }
    assert_eq!(given.len(), 5, "an allowance");
    let House { server, owner } = house;
    assert!(server.stop().success());
    days_pass(data.path(), -200).await;
    let house = House { server: Server::start(data.path()), owner };
    house.server.says("The clock of this machine is behind: the database has entries of a later day.");
    for token in [&house.owner, &ben] {
        house.api().me(token).await.expect("still signed in");
    }
    house.comes(&link.secret, 2).await.expect("the invitation stands");
    let more = house.api().invite(&ben, 1).await.map(drop);
    assert!(
        matches!(more, Err(ApiError::Refused(ErrorCode::NoInviteLeft))),
        "no allowance out of nothing: {more:?}"
    );
    drop(house);
    assert_eq!(ledger::check(&database(data.path()), Erased::Nobody).await.len(), 3);
}
