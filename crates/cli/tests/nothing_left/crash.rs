//! A crash leaves no core, and no word of what was in memory.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Resource, Rlimit, Signal, kill_process, pidfd_open, prlimit};

use crate::needs::{is_root, not_run};
use crate::people::{Guest, PATIENCE, Server, text};
use crate::status::kib;

const CORE_PATTERN: &str = "/proc/sys/kernel/core_pattern";
const NO_CORES: &str = "cores go into a program here, and only root may change that (core_pattern)";

/// Where cores of this machine lie, for as long as this lives. One at a time: the machine has one pattern.
struct Cores {
    /// Up to the first of its place holders.
    pattern: String,
    /// What it was before, where it was another.
    before: Option<String>,
    _turn: MutexGuard<'static, ()>,
}

static TURN: Mutex<()> = Mutex::new(());

impl Cores {
    /// `None` where they go into a program, and we may not change that.
    fn seen() -> Option<Self> {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let found = std::fs::read_to_string(CORE_PATTERN).expect("readable");
        let mut before = None;
        let mut pattern = found.trim().to_owned();
        if pattern.starts_with('|') {
            std::fs::write(CORE_PATTERN, "core").ok().filter(|()| is_root())?;
            (pattern, before) = ("core".to_owned(), Some(found));
        }
        let pattern = pattern.split('%').next().unwrap_or_default().to_owned();
        Some(Self { pattern, before, _turn: turn })
    }

    /// Of processes that ran in one of these folders.
    fn of(&self, folders: &[&Path]) -> BTreeSet<PathBuf> {
        let everywhere = folders.iter().map(|folder| folder.join(&self.pattern));
        let mut found = BTreeSet::new();
        for core in everywhere {
            let name = core.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let entries = std::fs::read_dir(core.parent().expect("a folder")).expect("readable");
            let paths = entries.map(|entry| entry.expect("an entry").path());
            found.extend(paths.filter(|path| {
                path.is_file() && path.file_name().is_some_and(|is| is.to_string_lossy().starts_with(&name))
            }));
        }
        found
    }

    /// Of whichever process of this server.
    fn of_all(&self, evening: &Evening) -> BTreeSet<PathBuf> {
        // Children have the root of the system as their folder.
        let folder = evening.server.path("");
        self.of(&[folder.as_path(), &folder.join("data"), Path::new("/")])
    }

    fn none_since(&self, before: &BTreeSet<PathBuf>, evening: &Evening) {
        let after = self.of_all(evening);
        assert_eq!(after.difference(before).count(), 0, "{after:?}, of which {before:?} is old");
    }

    /// The control: what leaves a core is seen here. Whoever runs out of memory ends as by the second signal.
    fn would_be_seen(&self) {
        let control = tempfile::tempdir().expect("a folder");
        for signal in ["SEGV", "ABRT"] {
            let mut shell = Command::new("/bin/sh");
            shell
                .args(["-c", &format!("ulimit -c unlimited; kill -{signal} $$")])
                .current_dir(control.path());
            let other = self.of(&[control.path()]);
            shell.status().expect("started");
            let left: Vec<PathBuf> = self.of(&[control.path()]).difference(&other).cloned().collect();
            assert!(!left.is_empty(), "nothing leaves a core here, so nothing is proved");
            left.iter().for_each(|core| std::fs::remove_file(core).expect("removed"));
        }
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = std::fs::write(CORE_PATTERN, before);
        }
    }
}

/// People who knock and say half of what they want, in 28 KB each: together more than all that the process has.
const CROWD: usize = 800;

/// A shell that lets whatever crashes leave a core of any size.
fn careless() -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "ulimit -c unlimited; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_vivavoce")]);
    shell
}

/// A room with a title and two people in it, and every word by which it could be known again.
struct Evening {
    server: Server,
    room: String,
    words: Vec<String>,
    _people: [Guest; 2],
}

impl Evening {
    fn begin() -> Self {
        let server = Server::start_by(careless());
        let token = text(&server.path("token"));
        let mut owner = Guest::join(&[
            &server.owner_link,
            "--server-name=Brackwater",
            "--name=Quillon",
            "--handle=quillon",
            "--start=Obsidian teacups",
            "--open-mic",
            "--play=tone:500",
            "--token-file",
            &token,
        ]);
        let room = owner.waits_for("Others come in by ").replace("Others come in by ", "");
        owner.waits_for("You are on stage, microphone open.");
        let invitation = server.link(&["invite"]);
        let heard = text(&server.path("heard.wav"));
        let kept = text(&server.path("another"));
        let mut guest = Guest::join(&[
            &invitation,
            "--name=Vexmarr",
            "--handle=vexmarr",
            "--room",
            &room,
            "--listen",
            &heard,
            "--token-file",
            &kept,
        ]);
        guest.waits_for("Heard: Quillon");
        let secret = |link: &str| link.split_once('#').expect("a link").1.to_owned();
        let read = |path: &str| std::fs::read_to_string(path).expect("text").trim().to_owned();
        let mut words =
            ["Quillon", "quillon", "Vexmarr", "vexmarr", "Obsidian", "teacups"].map(str::to_owned).to_vec();
        words.extend([secret(&server.owner_link), secret(&invitation), read(&token), read(&kept)]);
        let id = room.rsplit('/').next().expect("an address").to_owned();
        words.push(id);
        Self { server, room, words, _people: [owner, guest] }
    }

    /// Until both children answer, whichever they are by now.
    fn goes_on(&self) {
        let mut stream = TcpStream::connect(self.server.address).expect("the parent keeps the socket open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        let asked = "GET /api/v1/server HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let mut answer = String::new();
        stream.write_all(asked.as_bytes()).expect("asked");
        stream.read_to_string(&mut answer).expect("answered");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Ends it.
    fn ends_without_a_word(self) {
        crash(self.server.parent(), Signal::KILL);
        self.has_ended_without_a_word();
    }

    fn has_ended_without_a_word(self) -> String {
        let said = self.server.ended();
        let leaked: Vec<&String> = self.words.iter().filter(|word| said.contains(word.as_str())).collect();
        assert!(leaked.is_empty(), "{leaked:?} in {said}");
        said
    }
}

fn watch(process: Pid) -> OwnedFd {
    pidfd_open(process, PidfdFlags::empty()).expect("it runs")
}

fn has_ended(watched: &OwnedFd, within: Duration) -> bool {
    let wait = Timespec::try_from(within).expect("fits");
    poll(&mut [PollFd::new(watched, PollFlags::IN)], Some(&wait)).expect("polled") == 1
}

/// The standard library's handler, which looks for overflows of the stack, takes the first SIGSEGV and lets the next one
/// through.
fn crash(process: Pid, signal: Signal) {
    let (watched, begun) = (watch(process), Instant::now());
    while !has_ended(&watched, Duration::from_millis(50)) {
        assert!(begun.elapsed() < PATIENCE, "it lives on");
        let _ = kill_process(process, signal);
    }
}

#[test]
fn whichever_process_crashes_leaves_no_core_and_no_word() {
    let Some(cores) = Cores::seen() else { return not_run("crash", NO_CORES) };
    cores.would_be_seen();
    for signal in [Signal::SEGV, Signal::ABORT] {
        let evening = Evening::begin();
        let before = cores.of_all(&evening);
        for name in ["vivavoce-live", "vivavoce-keeper"] {
            crash(evening.server.process(name), signal);
            evening.goes_on();
        }
        crash(evening.server.process("vivavoce-out"), signal);
        evening.goes_on();
        crash(evening.server.parent(), signal);
        cores.none_since(&before, &evening);
        let said = evening.has_ended_without_a_word();
        assert_eq!(said.matches("ended by signal").count(), 3, "{said}");
    }
}

#[test]
fn memory_that_runs_out_ends_live_without_a_core_or_a_word_and_the_next_one_takes_over() {
    let Some(cores) = Cores::seen() else { return not_run("crash_for_want_of_memory", NO_CORES) };
    cores.would_be_seen();
    let evening = Evening::begin();
    let before = cores.of_all(&evening);
    let live = evening.server.live();
    // Not of all that is mapped: the allocator has that long before it is used.
    let now = Some(kib(live, "VmData") << 10);
    prlimit(Some(live), Resource::Data, Rlimit { current: now, maximum: now }).expect("ours");
    let watched = watch(live);
    let head = format!("GET {} HTTP/1.1\r\nHost: x\r\nX-Name: {}", evening.room, "Quillon".repeat(4_000));
    let knock = || {
        let mut one = TcpStream::connect(evening.server.address).expect("the parent keeps the socket open");
        let _ = one.write_all(head.as_bytes());
        one
    };
    let crowd: Vec<TcpStream> = (0..CROWD).map(|_| knock()).collect();
    assert!(has_ended(&watched, PATIENCE), "so many people found memory");
    drop(crowd);
    evening.server.says("The live process ended");
    evening.goes_on();
    cores.none_since(&before, &evening);
    evening.ends_without_a_word();
}
