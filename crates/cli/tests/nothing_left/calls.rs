//! What `live` asks the kernel for while people talk: it opens nothing, and writes to sockets, wake-ups and its log alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::needs::{is_root, not_run, program};
use crate::people::{Guest, Server};

/// What may be open, by how the kernel names it.
const KINDS: [&str; 5] =
    ["socket", "anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:[timerfd]", "/dev/null"];

/// How many of each kind are open, and which pipes.
struct Census {
    kinds: BTreeMap<String, usize>,
    pipes: BTreeSet<String>,
}

impl Census {
    fn of(process: Pid) -> Self {
        let mut census = Self { kinds: BTreeMap::new(), pipes: BTreeSet::new() };
        let folder = format!("/proc/{}/fd", process.as_raw_nonzero());
        for entry in std::fs::read_dir(folder).expect("readable") {
            // One that was closed meanwhile is none.
            let Ok(link) = std::fs::read_link(entry.expect("an entry").path()) else { continue };
            let link = link.to_string_lossy().into_owned();
            if link.starts_with("pipe:") {
                census.pipes.insert(link);
            } else {
                let kind = link
                    .split_once(":[")
                    .map_or(&*link, |(kind, _)| if kind == "socket" { kind } else { &link });
                *census.kinds.entry(kind.to_owned()).or_default() += 1;
            }
        }
        census
    }

    /// Returns how many sockets there are.
    fn holds_nothing_but_lines(&self) -> usize {
        for kind in self.kinds.keys() {
            assert!(KINDS.contains(&kind.as_str()), "{kind} among {:?}", self.kinds);
        }
        assert_eq!(self.pipes.len(), 1, "its log alone: {:?}", self.pipes);
        self.kinds.get("socket").copied().unwrap_or_default()
    }
}

#[test]
fn live_holds_nothing_but_sockets_wake_ups_and_its_log_before_during_and_after_an_evening() {
    if !is_root() {
        return not_run("descriptors_of_live", "it needs root: nobody else may look into it");
    }
    let server = Server::start();
    server.says("live: started");
    let live = server.live();
    let before = Census::of(live).holds_nothing_but_lines();
    let evening = Evening::begin(&server);
    let during = Census::of(live).holds_nothing_but_lines();
    assert!(during >= before + 3, "{before} sockets before, {during} with three people");
    evening.ends();
    Census::of(live).holds_nothing_but_lines();
}

/// Three people, one of whom talks; hands, mutes, somebody who goes and somebody who breaks off.
struct Evening {
    people: [Guest; 3],
}

impl Evening {
    fn begin(server: &Server) -> Self {
        let (mut ann, room) = server.ann("tone:500");
        let mut ben = server.ben(&room, &server.path("heard.wav"));
        // Each is a second at least, fifty packets in and as many out.
        for _ in 0..3 {
            ben.waits_for("Heard: Ann −");
        }
        let invitation = server.link(&["invite"]);
        let mut cleo = Guest::join(&[&invitation, "--name=Cleo", "--handle=cleo", "--room", &room]);
        cleo.waits_for("You listen.");
        ben.presses("h\n");
        ben.waits_for("Your hand is up, number 1 in the queue.");
        ann.waits_for("1 on stage, 2 listening, one hand up.");
        Self { people: [ann, ben, cleo] }
    }

    fn ends(self) {
        let [mut ann, mut ben, cleo] = self.people;
        // Without a word: the room waits for half a minute whether she comes back, and we do not.
        cleo.gets(Signal::KILL);
        cleo.ends();
        ben.presses("h\n");
        ben.waits_for("You listen.");
        ann.presses("m");
        ann.waits_for("You are on stage, muted.");
        ann.presses("q");
        ben.presses("q");
        assert_eq!((ann.ends(), ben.ends()), (Some(0), Some(0)));
    }
}

/// Calls that change what is on a disk, or run something, and return no descriptor.
const CHANGERS: [&str; 37] = [
    "execve",
    "execveat",
    "mkdir",
    "mkdirat",
    "mknod",
    "mknodat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "truncate",
    "truncate64",
    "unlink",
    "unlinkat",
    "rmdir",
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "lchown",
    "fchown",
    "fchownat",
    "utime",
    "utimes",
    "futimesat",
    "utimensat",
    "setxattr",
    "lsetxattr",
    "fsetxattr",
    "removexattr",
    "lremovexattr",
    "fremovexattr",
    "io_uring_setup",
];
/// Calls that put bytes somewhere.
const WRITERS: [&str; 15] = [
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "sendfile",
    "splice",
    "vmsplice",
    "tee",
    "copy_file_range",
    "fallocate",
    "ftruncate",
];
/// More that is looked at: whatever has a name, and whatever makes descriptors. And the end of the way into the sandbox.
const OTHERS: [&str; 12] = [
    "%file",
    "%network",
    "dup",
    "dup2",
    "dup3",
    "fcntl",
    "eventfd2",
    "epoll_create1",
    "memfd_create",
    "memfd_secret",
    "open_by_handle_at",
    "seccomp",
];
/// What strace calls the descriptors that `live` may have and make.
const LINES: [&str; 6] = ["UDP", "TCP", "UNIX", "socket:", "anon_inode:[eventfd", "anon_inode:[eventpoll"];

/// A call as `strace -f -yy` writes it: `PID name(FD<what it is>, …) = result`.
struct Call<'a> {
    name: &'a str,
    /// The first argument.
    first: &'a str,
    /// `None` for a call that did not end on this line, or failed.
    result: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// One that is interrupted by others on the paper has its target where it begins and its result where it ends.
    fn read(line: &'a str) -> Option<Self> {
        let call = line.split_once(' ')?.1.trim_start();
        let result = call.rsplit_once(" = ").map(|(_, result)| result.trim());
        let result =
            result.filter(|result| !result.starts_with(['-', '?']) && !call.ends_with("<unfinished ...>"));
        let (name, first) = match call.strip_prefix("<... ") {
            Some(rest) => (rest.split_once(" resumed>")?.0, ""),
            None => {
                let (name, arguments) = call.split_once('(')?;
                (name, arguments.split([',', ')']).next()?)
            }
        };
        Some(Self { name, first, result })
    }
}

/// What a descriptor is: of `9<UDP:[1.2.3.4:5]>`, `UDP:[1.2.3.4:5]`.
fn target(descriptor: &str) -> Option<&str> {
    descriptor.split_once('<').map(|(_, target)| target)
}

/// The lines of a trace that must not be in it, and how often bytes went where. `log` is the one pipe that may be written.
fn judge<'a>(trace: &'a str, log: &str) -> (Vec<&'a str>, BTreeMap<&'static str, usize>) {
    let (mut wrong, mut targets) = (Vec::new(), BTreeMap::new());
    let line_of = |target: &str| LINES.iter().find(|kind| target.starts_with(**kind)).copied();
    for line in trace.lines() {
        let Some(call) = Call::read(line) else { continue };
        let changed = call.result.is_some() && CHANGERS.contains(&call.name);
        let opened = call.result.and_then(target).is_some_and(|opened| line_of(opened).is_none());
        let written = WRITERS.contains(&call.name).then(|| target(call.first)).flatten();
        let to = written.map(|to| if to.starts_with(log) { Some("log") } else { line_of(to) });
        match to {
            _ if changed || opened => wrong.push(line),
            Some(Some(kind)) => *targets.entry(kind).or_default() += 1,
            Some(None) => wrong.push(line),
            None => {}
        }
    }
    (wrong, targets)
}

fn strace(program: &Path, file: &Path) -> Command {
    let calls = [&CHANGERS[..], &WRITERS, &OTHERS].concat();
    // The ? passes over those that another machine has.
    let calls =
        calls.iter().map(|call| if call.starts_with('%') { (*call).to_owned() } else { format!("?{call}") });
    let calls = calls.collect::<Vec<_>>().join(",");
    let mut strace = Command::new(program);
    strace.args(["-f", "-yy", "-s", "0", "-e", &format!("trace={calls}"), "-o"]).arg(file);
    strace.stdin(Stdio::null()).stderr(Stdio::piped());
    strace
}

/// `None` says that it does not run, and why.
fn tracer(name: &str) -> Option<PathBuf> {
    let found = program("strace", "VIVAVOCE_STRACE");
    match (is_root(), found) {
        (true, Some(strace)) => return Some(strace),
        (false, _) => not_run(name, "it needs root: nobody else may look into the process"),
        (true, None) => not_run(name, "it needs strace"),
    }
    None
}

#[test]
fn during_an_evening_live_opens_nothing_and_writes_to_sockets_wake_ups_and_its_log_alone() {
    let Some(program) = tracer("system_calls_of_live") else { return };
    let server = Server::start();
    server.says("live: started");
    let live = server.live();
    let log = std::fs::read_link(format!("/proc/{}/fd/2", live.as_raw_nonzero())).expect("its log");
    let file = server.path("trace");
    let mut strace =
        strace(&program, &file).arg("-p").arg(live.as_raw_nonzero().to_string()).spawn().expect("started");
    let mut words = BufReader::new(strace.stderr.take().expect("a pipe"));
    let mut line = String::new();
    words.read_line(&mut line).expect("text");
    assert!(line.contains(" attached with "), "all its threads: {line}");
    Evening::begin(&server).ends();
    kill_process(Pid::from_child(&strace), Signal::INT).expect("it runs");
    strace.wait().expect("ended");

    let trace = std::fs::read_to_string(&file).expect("text");
    let (wrong, targets) = judge(&trace, &log.to_string_lossy());
    assert!(wrong.is_empty(), "{wrong:#?}");
    let count = |kind: &str| targets.get(kind).copied().unwrap_or_default();
    // A tone of seconds to one who listens, screens, the keeper and the parent.
    assert!(count("UDP") > 100 && count("TCP") > 10 && count("UNIX") > 5, "{targets:?}");
    assert!(count("anon_inode:[eventfd") > 0, "{targets:?}");
}

/// What is wrong with the calls of a self-test after the last word of its sandbox, with these locks.
fn self_test(tracer: &Path, locks: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("trace");
    let mut process = strace(tracer, &file);
    process.arg(env!("CARGO_BIN_EXE_vivavoce")).arg("live-self-test").args(locks).current_dir(folder.path());
    let output = process.output().expect("started");
    let trace = std::fs::read_to_string(&file).expect("text");
    // Two filters; what comes after them is the self-test's own.
    let at = trace.match_indices(" seccomp(").nth(1).unwrap_or_else(|| panic!("{output:?}")).0;
    // Its report and its errors go to us.
    judge(&trace[at..], "pipe:").0.into_iter().map(str::to_owned).collect()
}

#[test]
fn a_sandbox_that_comes_after_the_first_thread_would_be_seen_to_open_and_to_write() {
    let Some(program) = tracer("system_calls_of_a_late_sandbox") else { return };
    assert_eq!(self_test(&program, &[]), [""; 0]);
    let late = self_test(&program, &["--late"]);
    for what in ["/etc/passwd", "/tmp/vivavoce-self-test", "memfd", "execve("] {
        assert!(late.iter().any(|line| line.contains(what)), "{what} is missing in {late:#?}");
    }
}

#[test]
fn a_trace_is_judged_by_what_was_opened_and_where_bytes_went() {
    let trace = "\
        7 write(2<pipe:[5]>, \"\"..., 20) = 20\n\
        8 sendmmsg(9<UDPv6:[[::]:80]>, [{msg_hdr=...}], 1, 0) = 1\n\
        7 openat(AT_FDCWD<socket:[1]>, \"x\", O_RDONLY) = -1 EPERM (Operation not permitted)\n\
        7 writev(12<TCP:[127.0.0.1:1->127.0.0.1:2]>, [{iov_base=\"\"...}], 1 <unfinished ...>\n\
        8 eventfd2(0, EFD_CLOEXEC) = 7<anon_inode:[eventfd]>\n\
        7 <... writev resumed>) = 3\n\
        7 fcntl(9<UDPv6:[[::]:80]>, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)\n\
        8 +++ exited with 0 +++\n";
    let (wrong, targets) = judge(trace, "pipe:[5]");
    assert_eq!(wrong, [""; 0]);
    assert_eq!(targets, BTreeMap::from([("log", 1), ("UDP", 1), ("TCP", 1)]));
    for line in [
        "7 openat(AT_FDCWD</>, \"x\", O_RDONLY) = 3</x>",
        "7 <... openat resumed>) = 3</x>",
        "7 memfd_create(\"x\", 0) = 3</memfd:x (deleted)>",
        "7 write(2<pipe:[6]>, \"\"..., 20) = 20",
        "7 write(3</x>, \"\"..., 20) = -1 EPERM (Operation not permitted)",
        "7 sendfile(3</x>, 9<UDP:[1]>, NULL, 5 <unfinished ...>",
        "7 execve(\"/bin/true\", [], []) = 0",
        "7 mkdirat(AT_FDCWD</>, \"x\", 0777) = 0",
        "7 unlink(\"x\") = 0",
        "7 unlinkat(AT_FDCWD</>, \"x\", 0) = 0",
        "7 rmdir(\"x\") = 0",
        "7 fchmod(3</x>, 0600) = 0",
        "7 fchownat(AT_FDCWD</>, \"x\", 0, 0, 0) = 0",
        "7 utimensat(3</x>, NULL, NULL, 0) = 0",
        "7 setxattr(\"x\", \"user.x\", \"\"..., 1, 0) = 0",
        "7 truncate(\"x\", 0) = 0",
        "7 mknodat(AT_FDCWD</>, \"x\", S_IFREG|0600) = 0",
        "7 symlinkat(\"x\", AT_FDCWD</>, \"y\") = 0",
        "7 linkat(AT_FDCWD</>, \"x\", AT_FDCWD</>, \"y\", 0) = 0",
    ] {
        assert_eq!(judge(line, "pipe:[5]").0, [line]);
    }
}
