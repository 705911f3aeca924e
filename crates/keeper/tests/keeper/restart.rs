//! What survives, and what a start finds.

use std::os::unix::fs::PermissionsExt as _;

use keeper_api::parent::{Failure, FromKeeper, KeeperNote, Start};
use keeper_api::{MemberRequest, Reply, Request, SignInSecret};
use protocol::account::{DeviceLabel, DoorState};
use protocol::id::SessionId;

use crate::bench::{House, Server, handle, start};

#[test]
fn accounts_and_sessions_survive_a_restart() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    house.live.ask_for(&ben.session, MemberRequest::Follow { handle: handle("ann") }).expect("followed");
    let mut house = house.restart(|_| ());
    assert!(matches!(house.live.check(&ben.session), Ok(Reply::Session(held)) if held.me == ben.me));
    assert!(matches!(house.live.ask(Request::Door), Ok(Reply::Door(door)) if door.state == DoorState::Open));
    assert_eq!(
        house.live.ask(Request::Following { member: ben.me.id }),
        Ok(Reply::Members(vec![house.owner.me.id]))
    );
    house.server.stop();
}

#[test]
fn the_owners_link_is_renewed_at_each_start_until_it_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut first = Server::run(start(&data));
    let old = first.ready().expect("a link");
    first.stop();
    let mut second = Server::run(start(&data));
    let new = second.ready().expect("a link");
    let mut live = second.live();
    live.greet(None);
    assert_eq!(live.claim(old, "ann"), Err(protocol::ErrorCode::LinkSpent));
    live.claim(new, "ann").expect("claimed");
    second.stop();
}

#[test]
fn an_evening_of_listening_changes_no_byte_on_the_disk() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let owner = house.owner.session.clone();
    let mut house = house.restart(|_| ());
    let database = house.data().join("vivavoce.db");
    let before = std::fs::read(&database).expect("a file");
    for _ in 0..20 {
        house.live.check(&ben.session).expect("signed in");
        house.live.check(&owner).expect("signed in");
        house.live.ask(Request::Following { member: ben.me.id }).expect("read");
        house.live.ask(Request::Resolve { handles: vec![handle("ann"), handle("mo")] }).expect("read");
        house.live.ask(Request::WhichEnded { sessions: vec![SessionId([1; 16])] }).expect("read");
        house.live.ask(Request::StartPasskeySignIn).expect("a challenge");
        house.live.ask_for(&ben.session, MemberRequest::ListSessions).expect("read");
        house.live.ask_for(&ben.session, MemberRequest::Profile { handle: handle("ann") }).expect("read");
        let guess = keeper_api::LinkSecret::from_random([4; 16]);
        let wrong = Request::SignInByLink { secret: SignInSecret::Link(guess), device: DeviceLabel::Mac };
        house.live.ask(wrong).expect_err("unknown");
    }
    let data = house.data();
    house.server.stop();
    assert!(std::fs::read(&database).expect("a file") == before, "byte for byte");
    let mut names: Vec<_> = std::fs::read_dir(&data)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("plain"))
        .collect();
    names.sort();
    assert_eq!(names, ["admin.sock", "lock", "vivavoce.db"], "and nothing beside it");
}

#[test]
fn a_moved_server_is_told_that_its_passkeys_stay_behind_only_where_there_are_some() {
    let house = House::at("https://old.example", "ann");
    let house = house.restart(|start| start.public_url = "https://new.example".to_owned());
    let mut house = house.restart(|start| start.public_url = "https://192.0.2.1".to_owned());
    assert_eq!(house.server.note(), KeeperNote::NoPasskeysHere, "nobody had a passkey to lose");
    house.server.stop();
}

#[test]
fn two_servers_cannot_share_a_data_directory() {
    let house = House::of("ann");
    let mut second = Server::run(start(&house.data()));
    assert_eq!(second.word(), FromKeeper::Failed(Failure::DataInUse));
    house.server.stop();
}

#[test]
fn the_data_directory_is_its_users_alone() {
    let house = House::of("ann");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&house.data()), 0o700);
    for name in ["vivavoce.db", "admin.sock", "lock"] {
        assert_eq!(mode(&house.data().join(name)) & 0o077, 0, "{name}");
    }
    house.server.stop();
}

#[test]
fn what_cannot_be_opened_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").expect("written");
    let failed = |data: &std::path::Path| Server::run(start(data)).word();
    assert_eq!(failed(&file.join("data")), FromKeeper::Failed(Failure::DataDirectory));
    let damaged = folder.path().join("damaged");
    std::fs::create_dir(&damaged).expect("made");
    std::fs::write(damaged.join("vivavoce.db"), "not a database at all, but long enough".repeat(100))
        .expect("written");
    assert_eq!(failed(&damaged), FromKeeper::Failed(Failure::DataDamaged));
    let deep = folder.path().join("a-very-long-name-for-a-folder".repeat(5));
    assert_eq!(failed(&deep), FromKeeper::Failed(Failure::AdminSocket));
    let _: Start = start(&deep);
}
