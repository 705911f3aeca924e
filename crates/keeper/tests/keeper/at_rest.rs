//! What lies on the disk of everything that opens a door.

use std::fs;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use keeper_api::admin::{AdminReply, AdminRequest};
use keeper_api::{MemberRequest, RecoveryCode, Reply};

use crate::admin::ask;
use crate::bench::{House, Server, handle, start};

/// A secret as programs have it, and as people do.
struct Secret {
    what: &'static str,
    bytes: Vec<u8>,
    revealed: String,
}

fn secret(what: &'static str, bytes: &[u8], revealed: String) -> Secret {
    Secret { what, bytes: bytes.to_vec(), revealed }
}

/// All that any file below a folder holds.
fn everything_in(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            all.extend(everything_in(&entry.path()));
        } else if kind.is_file() {
            all.extend(fs::read(entry.path()).expect("read"));
        }
    }
    all
}

fn holds(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

#[test]
fn whoever_steals_the_disk_can_open_no_door_with_it() {
    let mut house = House::of("ann");
    let session = house.owner.session.clone();
    let ben = house.join("ben");
    let mut secrets = vec![
        secret("a session", session.as_bytes(), session.reveal()),
        secret("a member's session", ben.session.as_bytes(), ben.session.reveal()),
    ];
    let invite = house.live.invite(&session).secret;
    secrets.push(secret("an invitation", invite.as_bytes(), invite.reveal()));
    let device = house.live.link(&session, MemberRequest::CreateDeviceLink);
    secrets.push(secret("a device's link", device.secret.as_bytes(), device.secret.reveal()));
    let code = device.code.expect("a code");
    secrets.push(secret("a device's code", code.as_bytes(), code.reveal()));
    let Ok(Reply::RecoveryCodes(made)) = house.live.ask_for(&session, MemberRequest::MakeRecoveryCodes)
    else {
        panic!("no codes")
    };
    for code in made.codes {
        let parsed = RecoveryCode::parse(&code).expect("a code");
        secrets.push(secret("a recovery code", parsed.as_bytes(), code));
    }
    match ask(&house.data(), &AdminRequest::SigninLink { handle: handle("ben") }) {
        AdminReply::Link { secret: link, .. } => {
            secrets.push(secret("a link of the administrator's", link.as_bytes(), link.reveal()));
        }
        other => panic!("{other:?}"),
    }
    let data = house.data();
    let while_it_runs = everything_in(&data);
    house.server.stop();
    let afterwards = everything_in(&data);
    for Secret { what, bytes, revealed } in secrets {
        for all in [&while_it_runs, &afterwards] {
            assert!(!holds(all, &bytes), "{what}, as it is");
            let spellings = [revealed.clone(), revealed.replace('-', ""), revealed.to_lowercase()];
            assert!(spellings.iter().all(|text| !holds(all, text.as_bytes())), "{what}, as it is read");
        }
        // Else nothing would have been looked for where it is.
        assert!(holds(&afterwards, digest(&SHA256, &bytes).as_ref()), "{what} is not there at all");
    }
}

#[test]
fn whoever_steals_the_disk_of_a_server_that_waits_for_its_owner_cannot_become_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut server = Server::run(start(&data));
    let link = server.ready().expect("a link to print");
    server.stop();
    let all = everything_in(&data);
    assert!(!holds(&all, link.as_bytes()) && !holds(&all, link.reveal().as_bytes()));
    assert!(holds(&all, digest(&SHA256, link.as_bytes()).as_ref()));
}
