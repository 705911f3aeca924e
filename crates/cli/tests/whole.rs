//! The binary with its real two children: it comes up, stays up, and says what is wrong.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

const PATIENCE: Duration = Duration::from_secs(30);

struct Server {
    child: Child,
    address: SocketAddr,
    owner_link: Option<String>,
    /// Kept open, or the server's own words would have nowhere to go.
    _stdout: BufReader<std::process::ChildStdout>,
}

fn vivavoce(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vivavoce"));
    command.arg("--data").arg(data);
    overheard(&mut command);
    command
}

fn overheard(command: &mut Command) {
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
}

impl Server {
    fn start(data: &Path, flags: &[&str]) -> Self {
        Self::start_by(vivavoce(data), flags)
    }

    /// By a command that ends as the server.
    fn start_by(mut command: Command, flags: &[&str]) -> Self {
        overheard(&mut command);
        let mut child = command.args(["--listen", "127.0.0.1:0"]).args(flags).spawn().expect("started");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (mut address, mut owner_link, mut line) = (None, None, String::new());
        while address.is_none() || owner_link.is_none() {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).expect("text"), 0, "it ended");
            if let Some(rest) = line.trim().strip_prefix("Listens") {
                address = rest.trim().split(',').next().and_then(|address| address.parse().ok());
            }
            if line.contains("/o#") {
                owner_link = Some(line.trim_matches(['│', ' ', '\n']).to_owned());
            }
        }
        Self { child, address: address.expect("said"), owner_link, _stdout: stdout }
    }

    /// The status line of an answer, from whichever `live` answers.
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("the parent keeps the socket open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address)
            .expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer.lines().next().unwrap_or_default().to_owned()
    }

    fn children(&self) -> Vec<(String, Pid)> {
        let parent = self.child.id();
        let list =
            std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).expect("readable");
        let name = |id: &str| {
            std::fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default().trim().to_owned()
        };
        let pid = |id: &str| id.parse().ok().and_then(Pid::from_raw).expect("a process id");
        list.split_whitespace().map(|id| (name(id), pid(id))).collect()
    }

    fn child(&self, name: &str) -> Pid {
        let children = self.children();
        children
            .iter()
            .find(|(is, _)| is == name)
            .unwrap_or_else(|| panic!("{name} is not among {children:?}"))
            .1
    }

    fn kill(process: Pid) {
        let gone = pidfd_open(process, PidfdFlags::empty()).expect("it runs");
        kill_process(process, Signal::KILL).expect("it runs");
        wait_for(&gone);
    }

    fn stop(mut self) -> Option<i32> {
        let process = Pid::from_child(&self.child);
        let gone = pidfd_open(process, PidfdFlags::empty()).expect("it runs");
        kill_process(process, Signal::TERM).expect("it runs");
        wait_for(&gone);
        self.child.wait().expect("ended").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_for(gone: &rustix::fd::OwnedFd) {
    let patience = Timespec::try_from(PATIENCE).expect("fits");
    let ended = poll(&mut [PollFd::new(gone, PollFlags::IN)], Some(&patience)).expect("polled");
    assert_eq!(ended, 1, "the process is still there");
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
    let server = Server::start(data.path(), &[]);
    assert_eq!(server.get("/healthz"), "HTTP/1.1 200 OK");
    assert_eq!(server.get("/"), "HTTP/1.1 200 OK", "the page");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn either_child_may_be_killed_and_the_server_answers_again() {
    let data = folder();
    let server = Server::start(data.path(), &[]);
    for name in ["vivavoce-live", "vivavoce-keeper"] {
        let before = server.child(name);
        Server::kill(before);
        assert_eq!(server.get("/healthz"), "HTTP/1.1 200 OK");
    }
    // `live` waits for the keeper's answer here, whichever keeper gives it.
    assert_eq!(server.get("/api/v1/server"), "HTTP/1.1 200 OK");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn every_thread_of_live_is_shut_in_and_it_holds_no_file() {
    let data = folder();
    let server = Server::start(data.path(), &["--media-threads", "2"]);
    assert_eq!(server.get("/healthz"), "HTTP/1.1 200 OK");
    let live = server.child("vivavoce-live");
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
    for entry in std::fs::read_dir(format!("/proc/{}/fd", live.as_raw_nonzero())).expect("readable") {
        let link = std::fs::read_link(entry.expect("an entry").path()).unwrap_or_default();
        let link = link.to_string_lossy();
        let known =
            ["socket:", "pipe:", "anon_inode:", "/dev/null"].iter().any(|kind| link.starts_with(kind));
        assert!(known || link.is_empty(), "{link}");
    }
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
    shell.arg(env!("CARGO_BIN_EXE_vivavoce")).arg("--data").arg(data);
    shell
}

#[test]
fn as_many_connections_are_asked_for_as_the_system_allows() {
    let data = folder();
    let server = Server::start_by(limited("-Sn 256", data.path()), &[]);
    let (soft, hard) = open_files(server.child("vivavoce-live"));
    assert!(hard > 256, "this machine allows no more than the test");
    assert_eq!(soft, hard);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_system_that_allows_few_connections_is_named_with_what_to_do() {
    let data = folder();
    let mut server = Server::start_by(limited("-n 1024", data.path()), &[]);
    assert_eq!(open_files(server.child("vivavoce-live")), (1_024, 1_024));
    let mut stderr = server.child.stderr.take().expect("a pipe");
    assert_eq!(server.stop(), Some(0));
    let mut said = String::new();
    stderr.read_to_string(&mut said).expect("text");
    assert!(said.contains("only 1024 files, enough for about 448 people"), "{said}");
    assert!(said.contains("`ulimit -n`, or LimitNOFILE="), "{said}");
}

#[test]
fn no_process_of_the_server_may_leave_a_core() {
    let data = folder();
    let server = Server::start(data.path(), &[]);
    let mut all = server.children();
    all.push(("parent".to_owned(), Pid::from_child(&server.child)));
    assert_eq!(all.len(), 3);
    for (name, process) in all {
        let limits = proc(process, "limits");
        let core: Vec<&str> = limits.lines().filter(|line| line.starts_with("Max core file size")).collect();
        assert_eq!(core[0].split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{name}");
    }
}

#[test]
fn the_administrator_is_answered_with_the_servers_own_address() {
    let data = folder();
    let server = Server::start(data.path(), &["--public-url", "http://rooms.localhost:9999"]);
    assert!(
        server.owner_link.as_ref().is_some_and(|link| link.starts_with("http://rooms.localhost:9999/o#"))
    );
    let list = vivavoce(data.path()).args(["admin", "member", "list"]).output().expect("ran");
    assert_eq!(String::from_utf8_lossy(&list.stdout), "Handle  Name  Role  Since  Invited by\n");
    let invite = vivavoce(data.path()).args(["admin", "invite", "--uses", "2"]).output().expect("ran");
    let said = String::from_utf8_lossy(&invite.stdout);
    assert!(said.starts_with("http://rooms.localhost:9999/o#"), "no owner yet, so a new owner link: {said}");
    assert!(said.contains("--uses is for invitations and does not count here."), "{said}");
    let until = said.lines().find_map(|line| line.strip_prefix("Good until ")).expect("how long");
    assert!(until.ends_with(" (UTC).") && until.contains(':'), "to the minute: {until}");
    let nobody = vivavoce(data.path()).args(["admin", "signin-link", "nobody"]).output().expect("ran");
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
    let _server = Server::start(used.path(), &[]);
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
        vivavoce(data).args(["--listen", "127.0.0.1:0"]).args(flags).output().expect("ran");
    let said = String::from_utf8(stderr).expect("text");
    assert_eq!(status.code(), Some(1), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    said
}

#[test]
fn without_the_sandbox_it_runs_and_says_so() {
    let data = folder();
    let mut server = Server::start(data.path(), &["--unsandboxed"]);
    assert!(proc(server.child("vivavoce-live"), "status").contains("\nSeccomp:\t0\n"));
    let mut stderr = BufReader::new(server.child.stderr.take().expect("a pipe"));
    let mut said = String::new();
    while !said.contains("The sandbox is OFF") {
        assert_ne!(stderr.read_line(&mut said).expect("text"), 0, "{said}");
    }
}
