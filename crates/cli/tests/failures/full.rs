//! A disk without a block left: not a bound that somebody set, but the kernel's own no.

use std::path::Path;
use std::process::{Command, Stdio};

use client::api::ApiError;
use protocol::ErrorCode;
use protocol::room::RoomCommand;
use rustix::process::Pid;

use crate::house::{House, database, folder, offer};
use crate::ledger::{self, Erased};
use crate::needs::{is_root, not_run};
use crate::new_room::open_room;
use crate::server::Server;

/// ext4 wants some for itself.
const DISK_BYTES: u64 = 8 << 20;
/// For itself alone: mounts the first where the second says, and becomes the rest.
const ON_A_DISK: &str = "set -e; mount --make-rprivate /; mount -o loop \"$1\" \"$2\"; shift 2; exec \"$@\"";
/// Takes all there is, and gives back room for a few people.
const FILLS: &str = "dd if=/dev/zero of=\"$1\" bs=4k 2>/dev/null; truncate -s -300K \"$1\"";
/// A file system gives blocks away again when it has written down that they are free.
const MAKES_ROOM: &str = "rm \"$1\"; sync";
/// More people than have room there.
const TOO_MANY: usize = 40;
/// At least as many as the server has to its database.
const CONNECTIONS: usize = 5;

/// Somebody with the server's view of the disks.
fn beside(parent: Pid, words: &[&str], file: &Path) {
    let mut command = Command::new("nsenter");
    command.args(["--mount", "--target", &parent.as_raw_nonzero().to_string()]).args(words).arg(file);
    let status = command.stdin(Stdio::null()).status().expect("it is installed");
    assert!(status.success(), "{words:?}: {status}");
}

#[tokio::test]
async fn who_comes_to_a_full_disk_used_nothing_up_and_comes_in_as_soon_as_there_is_room() {
    if !is_root() {
        return not_run("full_disk", "a disk of a server's own needs root");
    }
    let home = folder();
    let (image, mount) = (home.path().join("image"), home.path().join("disk"));
    std::fs::create_dir(&mount).expect("a folder");
    std::fs::File::create(&image).and_then(|file| file.set_len(DISK_BYTES)).expect("sparse");
    let made = Command::new("mkfs.ext4").args(["-q", "-m", "0"]).arg(&image).status();
    assert!(made.expect("it is installed").success(), "a file system");
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", ON_A_DISK, "sh"]).arg(&image).arg(&mount);
    command.arg(env!("CARGO_BIN_EXE_vivavoce")).args(["--listen", "127.0.0.1:0", "--drain-seconds", "0"]);
    command.arg("--data").arg(mount.join("data"));
    // Whoever runs the tests has variables of their own, which a server takes for slips.
    command.env_clear();

    let house = House::new(Server::start_by(command)).await;
    let (parent, ballast) = (house.server.pid(), mount.join("ballast"));
    let link = house.api().invite(&house.owner, 50).await.expect("a link");
    let mut ann = house.socket(&house.owner).await;
    ann.start_room(open_room(None), offer()).await.expect("started");
    beside(parent, &["sh", "-c", FILLS, "sh"], &ballast);

    let mut tokens = Vec::new();
    let refusal = loop {
        match house.comes(&link.secret, u32::try_from(tokens.len()).expect("few")).await {
            Ok(token) => tokens.push(token),
            Err(refusal) => break refusal,
        }
        assert!(tokens.len() < TOO_MANY, "the disk never filled up");
    };
    assert!(matches!(refusal, ApiError::Refused(ErrorCode::Internal)), "{refusal:?}");
    house.server.says("The database could not be read or written. Is the disk full?");
    ann.command(RoomCommand::StepDown).await.expect("a room needs no disk");
    for token in &tokens {
        house.api().me(token).await.expect("whoever was let in is in");
    }

    beside(parent, &["sh", "-c", MAKES_ROOM, "sh"], &ballast);
    // Whichever connection to the database serves them: the one that met the full disk too.
    let first = tokens.len();
    for number in first..first + CONNECTIONS {
        let token = house.comes(&link.secret, u32::try_from(number).expect("few")).await;
        tokens.push(token.expect("without another start"));
    }
    // Nobody else sees its disk.
    let (data, copied) = (mount.join("data"), home.path().join("copied"));
    std::fs::create_dir(&copied).expect("a folder");
    beside(
        parent,
        &["sh", "-c", "cp \"$1\"/vivavoce.db* \"$2\"", "sh", data.to_str().expect("text")],
        &copied,
    );
    assert_eq!(ledger::check(&database(&copied), Erased::Nobody).await.len(), tokens.len() + 1);
    assert!(house.server.stop().success());
}
