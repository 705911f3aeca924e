//! The binary with its real children: it comes up, stays up, and says what is wrong.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use server::{Server, vivavoce, wait_for, watch};

#[path = "support/server.rs"]
mod server;

/// On a port that is free.
fn start(data: &Path, flags: &[&str]) -> Server {
    Server::start_by(vivavoce(data, &[&["--listen", "127.0.0.1:0"], flags].concat()))
}

fn folder() -> tempfile::TempDir {
    folder_with(0o700)
}

fn folder_with(mode: u32) -> tempfile::TempDir {
    let permissions = Permissions::from_mode(mode);
    tempfile::Builder::new().permissions(permissions).tempdir().expect("a folder")
}

fn proc(process: Pid, file: &str) -> String {
    std::fs::read_to_string(format!("/proc/{}/{file}", process.as_raw_nonzero())).expect("readable")
}

#[test]
fn one_command_serves_and_ends_well() {
    let data = folder();
    let server = start(data.path(), &[]);
    assert_eq!(server.get("/healthz"), "HTTP/1.1 200 OK");
    assert_eq!(server.get("/"), "HTTP/1.1 200 OK", "the page");
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn either_child_may_be_killed_and_the_server_answers_again() {
    let data = folder();
    let server = start(data.path(), &[]);
    for name in ["vivavoce-live", "vivavoce-keeper"] {
        let process = server.process(name);
        let gone = watch(process);
        kill_process(process, Signal::KILL).expect("it runs");
        wait_for(&gone);
        assert_eq!(server.get("/healthz"), "HTTP/1.1 200 OK");
    }
    // `live` waits for the keeper's answer here, whichever keeper gives it.
    assert_eq!(server.get("/api/v1/server"), "HTTP/1.1 200 OK");
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn the_process_that_calls_out_may_be_killed_and_another_takes_its_place() {
    let data = folder();
    let server = start(data.path(), &[]);
    let first = server.outbound();
    let gone = watch(first);
    kill_process(first, Signal::KILL).expect("it runs");
    wait_for(&gone);
    assert_eq!(server.get("/healthz"), "HTTP/1.1 200 OK");
    // Until its parent has looked at it, whoever was killed is listed.
    server.outbound_after(first);
    let (status, said) = server.stop_and_tell();
    assert_eq!(status.code(), Some(0));
    assert!(said.contains("The process that sends notifications ended by signal 9"), "{said}");
}

#[test]
fn certificates_for_push_services_that_cannot_be_read_keep_nobody_from_anything_else() {
    let data = folder();
    let file = data.path().with_extension("pem");
    std::fs::write(&file, "no certificate").expect("written");
    let server = start(data.path(), &["--push-ca", file.to_str().expect("text")]);
    server.says("The certificates of push_ca cannot be read");
    assert_eq!(server.get("/healthz"), "HTTP/1.1 200 OK");
    assert_eq!(server.stop().code(), Some(0));
    std::fs::remove_file(file).expect("removed");
}

#[test]
fn every_thread_of_who_calls_out_is_shut_in_and_it_holds_no_file() {
    let data = folder();
    let server = start(data.path(), &[]);
    let outbound = server.outbound();
    // It is named before it is shut in, and has its second thread after that.
    let tasks = || std::fs::read_dir(format!("/proc/{}/task", outbound.as_raw_nonzero())).expect("readable");
    let begun = std::time::Instant::now();
    while tasks().count() < 2 {
        assert!(begun.elapsed() < server::PATIENCE, "it does not come up");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    for task in tasks() {
        let status =
            std::fs::read_to_string(task.expect("a thread").path().join("status")).expect("readable");
        assert!(status.contains("\nSeccomp:\t2\n") && status.contains("\nNoNewPrivs:\t1\n"), "{status}");
        assert!(status.contains("\nSeccomp_filters:\t2\n"), "{status}");
    }
    assert_no_file(outbound);
}

fn assert_no_file(process: Pid) {
    for entry in std::fs::read_dir(format!("/proc/{}/fd", process.as_raw_nonzero())).expect("readable") {
        let link = std::fs::read_link(entry.expect("an entry").path()).unwrap_or_default();
        let link = link.to_string_lossy();
        let known =
            ["socket:", "pipe:", "anon_inode:", "/dev/null"].iter().any(|kind| link.starts_with(kind));
        assert!(known || link.is_empty(), "{link}");
    }
}

#[test]
fn every_thread_of_live_is_shut_in_and_it_holds_no_file() {
    let data = folder();
    let server = start(data.path(), &["--media-threads", "2"]);
    assert_eq!(server.get("/healthz"), "HTTP/1.1 200 OK");
    let live = server.process("vivavoce-live");
    let mut names = BTreeSet::new();
    for task in std::fs::read_dir(format!("/proc/{}/task", live.as_raw_nonzero())).expect("readable") {
        let task = task.expect("a thread").path();
        let status = std::fs::read_to_string(task.join("status")).expect("readable");
        names.insert(std::fs::read_to_string(task.join("comm")).expect("readable").trim().to_owned());
        assert!(status.contains("\nSeccomp:\t2\n") && status.contains("\nNoNewPrivs:\t1\n"), "{status}");
        assert!(status.contains("\nSeccomp_filters:\t2\n"), "{status}");
    }
    for kind in ["live", "media-0", "media-1"] {
        assert!(names.contains(kind), "the runtime's and the shards': {names:?}");
    }
    assert_no_file(live);
}

/// The soft and the hard limit of open files.
fn open_files(process: Pid) -> (u64, u64) {
    let limits = proc(process, "limits");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("a limit");
    let mut numbers = line.split_whitespace().filter_map(|word| word.parse().ok());
    (numbers.next().expect("soft"), numbers.next().expect("hard"))
}

/// The binary, started with other limits; without the right to raise them, which root may have.
fn limited(ulimit: &str, data: &Path) -> Command {
    let drop =
        "[ $(id -u) = 0 ] && set -- setpriv --bounding-set -sys_resource --inh-caps -sys_resource \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit {ulimit}; {drop}; exec \"$@\""), "sh"]);
    shell.arg(env!("CARGO_BIN_EXE_vivavoce")).args(["--listen", "127.0.0.1:0"]).arg("--data").arg(data);
    shell.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell
}

#[test]
fn as_many_connections_are_asked_for_as_the_system_allows() {
    let data = folder();
    let server = Server::start_by(limited("-Sn 256", data.path()));
    let (soft, hard) = open_files(server.process("vivavoce-live"));
    assert!(hard > 256, "this machine allows no more than the test");
    assert_eq!(soft, hard);
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn a_system_that_allows_few_connections_is_named_with_what_to_do() {
    let data = folder();
    let server = Server::start_by(limited("-n 1024", data.path()));
    assert_eq!(open_files(server.process("vivavoce-live")), (1_024, 1_024));
    let said = server.says("LimitNOFILE=").concat();
    assert_eq!(server.stop().code(), Some(0));
    assert!(said.contains("only 1024 files, enough for about 448 people"), "{said}");
    assert!(said.contains("`ulimit -n`, or LimitNOFILE="), "{said}");
}

#[test]
fn no_process_of_the_server_may_leave_a_core() {
    let data = folder();
    let server = start(data.path(), &[]);
    let all = [
        ("parent", server.pid()),
        ("live", server.live()),
        ("keeper", server.keeper()),
        ("outbound", server.outbound()),
    ];
    for (name, process) in all {
        let limits = proc(process, "limits");
        let core: Vec<&str> = limits.lines().filter(|line| line.starts_with("Max core file size")).collect();
        assert_eq!(core[0].split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{name}");
    }
}

#[test]
fn the_administrator_is_answered_with_the_servers_own_address() {
    let data = folder();
    let server = start(data.path(), &["--public-url", "http://rooms.localhost:9999"]);
    assert!(server.owner_link().starts_with("http://rooms.localhost:9999/o#"));
    let list = vivavoce(data.path(), &["admin", "member", "list"]).output().expect("ran");
    assert_eq!(String::from_utf8_lossy(&list.stdout), "Handle  Name  Role  Since  Invited by\n");
    let invite = vivavoce(data.path(), &["admin", "invite", "--uses", "2"]).output().expect("ran");
    let said = String::from_utf8_lossy(&invite.stdout);
    assert!(said.starts_with("http://rooms.localhost:9999/o#"), "no owner yet, so a new owner link: {said}");
    assert!(said.contains("--uses is for invitations and does not count here."), "{said}");
    let until = said.lines().find_map(|line| line.strip_prefix("Good until ")).expect("how long");
    assert!(until.ends_with(" (UTC).") && until.contains(':'), "to the minute: {until}");
    let nobody = vivavoce(data.path(), &["admin", "signin-link", "nobody"]).output().expect("ran");
    assert_eq!(nobody.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&nobody.stderr), "There is no member with that handle.\n");
}

#[test]
fn what_is_wrong_with_the_data_directory_is_one_sentence() {
    let data = folder();
    let file = data.path().join("file");
    std::fs::write(&file, "").expect("written");
    let said = refused(&file.join("data"), &[]);
    assert!(said.contains("cannot be written. Choose another with --data."), "{said}");

    let said = refused(folder_with(0o755).path(), &[]);
    assert!(said.starts_with("Other users of this machine can open the folder"), "{said}");

    let used = folder();
    let _server = start(used.path(), &[]);
    let said = refused(used.path(), &[]);
    assert!(said.starts_with("Another server is using the data directory"), "{said}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let data = folder();
    let said = refused(data.path(), &["--tls-cert", "/nowhere/c.pem", "--tls-key", "/nowhere/k.pem"]);
    assert!(said.contains("/nowhere/c.pem"), "{said}");
}

/// What a server says that must not come up.
fn refused(data: &Path, flags: &[&str]) -> String {
    let Output { status, stderr, .. } =
        vivavoce(data, &[&["--listen", "127.0.0.1:0"], flags].concat()).output().expect("ran");
    let said = String::from_utf8(stderr).expect("text");
    assert_eq!(status.code(), Some(1), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    said
}

#[test]
fn without_the_sandbox_it_runs_and_says_so() {
    let data = folder();
    let server = start(data.path(), &["--unsandboxed"]);
    assert!(proc(server.process("vivavoce-live"), "status").contains("\nSeccomp:\t0\n"));
    server.says("The sandbox is OFF");
}
