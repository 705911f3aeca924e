//! What survives, and what a start finds.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

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
        house
            .live
            .ask(Request::Resolve { asker: house.owner.me.id, handles: vec![handle("ann"), handle("mo")] })
            .expect("read");
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
    assert_eq!(mode_of(&house.data()), 0o700);
    for name in ["vivavoce.db", "admin.sock", "lock"] {
        assert_eq!(mode_of(&house.data().join(name)) & 0o077, 0, "{name}");
    }
    house.server.stop();
}

fn mode_of(path: &Path) -> u32 {
    std::fs::metadata(path).expect("there").permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("set");
}

#[test]
fn a_folder_that_others_can_open_and_that_is_not_ours_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    for mode in [0o755, 0o750, 0o711] {
        set_mode(folder.path(), mode);
        let given = start(folder.path());
        assert_eq!(Server::run(given.clone()).word(), FromKeeper::Failed(Failure::DataShared), "{mode:o}");
        assert!(Failure::DataShared.sentence(&given).contains("--data"));
        assert_eq!(mode_of(folder.path()), mode);
        assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 0, "nothing was put into it");
    }
    set_mode(folder.path(), 0o700);
    let mut server = Server::run(start(folder.path()));
    assert!(server.ready().is_some(), "closed, it will do");
    server.stop();
}

#[test]
fn our_own_folder_that_was_opened_to_others_is_taken_with_a_word_and_its_files_are_closed() {
    let house = House::of("ann");
    let data = house.data();
    house.server.stop();
    set_mode(&data, 0o755);
    std::fs::write(data.join("vivavoce.db.schema-1"), "a copy").expect("written");
    for name in ["vivavoce.db", "vivavoce.db.schema-1"] {
        set_mode(&data.join(name), 0o644);
    }
    let mut server = Server::run(start(&data));
    assert_eq!(server.ready(), None, "it has its owner");
    assert_eq!(server.note(), KeeperNote::DataShared);
    assert_eq!(mode_of(&data), 0o755, "somebody may have had a reason");
    for name in ["vivavoce.db", "vivavoce.db.schema-1"] {
        assert_eq!(mode_of(&data.join(name)), 0o600, "{name}");
    }
    server.stop();
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
    set_mode(&damaged, 0o700);
    std::fs::write(damaged.join("vivavoce.db"), "not a database at all, but long enough".repeat(100))
        .expect("written");
    assert_eq!(failed(&damaged), FromKeeper::Failed(Failure::DataDamaged));
    let deep = folder.path().join("a-very-long-name-for-a-folder".repeat(5));
    assert_eq!(failed(&deep), FromKeeper::Failed(Failure::AdminSocket));
    let _: Start = start(&deep);
}
