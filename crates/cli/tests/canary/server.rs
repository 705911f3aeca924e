//! One real server, with its processes.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use client::api::{Link, Origin};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// What it runs as, and on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As everybody runs it.
    Usual,
    /// The control: with the system's own allocator.
    OrdinaryAllocator,
    /// On a file system of its own, the image `disk` in its folder, and every other one for reading only.
    OwnDisk,
}

/// Where a server keeps what it keeps, from one run to the next.
pub(crate) struct Home {
    kind: Kind,
    folder: tempfile::TempDir,
}

pub(crate) struct Server {
    child: Child,
    pub(crate) home: Home,
    pub(crate) origin: Origin,
    said: Arc<Mutex<String>>,
}

/// Bytes of a disk of a server's own: ext4 wants some for itself.
const DISK_BYTES: u64 = 48 << 20;

/// Mounts the image where the second argument says, makes everything else that could be written to read-only, all for
/// itself alone, and becomes the rest of them.
const ON_ITS_OWN_DISK: &str = "set -e; mount --make-rprivate /; mount -o loop \"$1\" \"$2\"; shift 2; \
    for other in /* /dev/shm; do case $other in /proc|/sys|/dev) ;; *) [ ! -d $other ] || \
    { mount --rbind $other $other; mount -o remount,bind,ro $other; } ;; esac; done; exec \"$@\"";

impl Home {
    pub(crate) fn new(kind: Kind) -> Self {
        let home = Self { kind, folder: tempfile::tempdir().expect("a folder") };
        if kind == Kind::OwnDisk {
            std::fs::create_dir(home.mount()).expect("a folder");
            let disk = std::fs::File::create(home.disk()).expect("a file");
            disk.set_len(DISK_BYTES).expect("sparse");
            let made = Command::new("mkfs.ext4").arg("-q").arg(home.disk()).status();
            assert!(made.expect("it is installed").success(), "a file system");
        }
        home
    }

    /// The raw image.
    pub(crate) fn disk(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    fn mount(&self) -> PathBuf {
        self.folder.path().join("mounted")
    }

    pub(crate) fn data(&self) -> PathBuf {
        let at = if self.kind == Kind::OwnDisk { self.mount() } else { self.folder.path().to_owned() };
        at.join("data")
    }

    /// This binary is the same server, but for the allocator.
    fn program(&self) -> PathBuf {
        match self.kind {
            Kind::Usual | Kind::OwnDisk => PathBuf::from(env!("CARGO_BIN_EXE_vivavoce")),
            Kind::OrdinaryAllocator => std::env::current_exe().expect("this test"),
        }
    }

    /// The first start: with the link that makes its owner.
    pub(crate) fn start_first(self) -> (Server, Link) {
        let mut owner = None;
        let server = self.start_until(|line| {
            if line.contains("/o#") {
                owner = Link::parse(line.trim_matches(['│', ' '])).ok();
            }
            owner.is_some()
        });
        (server, owner.expect("said"))
    }

    pub(crate) fn start(self) -> Server {
        self.start_until(|line| line.trim_start().starts_with("Stop "))
    }

    fn start_until(self, mut all_said: impl FnMut(&str) -> bool) -> Server {
        let program = self.program();
        let mut command = match self.kind {
            Kind::Usual | Kind::OrdinaryAllocator => Command::new(&program),
            Kind::OwnDisk => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-c", ON_ITS_OWN_DISK, "sh"]);
                command.arg(self.disk()).arg(self.mount()).arg(&program);
                command
            }
        };
        command.args(["serve", "--listen", "127.0.0.1:0", "--drain-seconds", "0"]);
        let mut child = with_data(command, &self.data()).spawn().expect("started");
        let said = Arc::new(Mutex::new(String::new()));
        drop(overheard(child.stderr.take().expect("a pipe"), &said));
        let words = overheard(child.stdout.take().expect("a pipe"), &said);
        let mut origin = None;
        for line in words {
            if let Some(rest) = line.trim().strip_prefix("Listens") {
                let address = rest.trim().split(',').next().unwrap_or_default();
                origin = format!("http://{address}").parse().ok();
            }
            if all_said(&line) {
                break;
            }
        }
        let origin = origin.unwrap_or_else(|| panic!("it ended: {}", said.lock().expect("text")));
        Server { child, home: self, origin, said }
    }
}

impl Server {
    /// By the administrator: a link for so many.
    pub(crate) fn invitation(&self, uses: usize) -> Link {
        let mut command = match self.home.kind {
            Kind::Usual | Kind::OrdinaryAllocator => Command::new(self.home.program()),
            // Nobody else sees its disk.
            Kind::OwnDisk => {
                let mut command = Command::new("nsenter");
                command.args(["--mount", "--target", &self.child.id().to_string()]).arg(self.home.program());
                command
            }
        };
        command.args(["admin", "invite", "--uses", &uses.to_string()]);
        let output = with_data(command, &self.home.data()).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.lines().find_map(|line| Link::parse(line.trim()).ok()).unwrap_or_else(|| panic!("{output:?}"))
    }

    pub(crate) fn parent(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// The process that has the network.
    pub(crate) fn live(&self) -> Pid {
        let parent = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        let children = children.expect("it runs");
        let is_live = |id: &&str| {
            std::fs::read_to_string(format!("/proc/{id}/comm"))
                .is_ok_and(|name| name.trim() == "vivavoce-live")
        };
        let live = children.split_whitespace().find(is_live).and_then(|id| id.parse().ok());
        live.and_then(Pid::from_raw).expect("it runs")
    }

    /// Without a chance to clear anything away.
    pub(crate) fn crash_live(&self) {
        end(self.live(), Signal::KILL);
    }

    /// As it is told to end. Gives everything back that it has said.
    pub(crate) fn stop(mut self) -> (Home, String) {
        end(self.parent(), Signal::TERM);
        let status = self.child.wait().expect("ended");
        let said = self.said.lock().expect("text").clone();
        assert!(status.success(), "{status}: {said}");
        let home = std::mem::replace(
            &mut self.home,
            Home { kind: Kind::Usual, folder: tempfile::tempdir().expect("a folder") },
        );
        (home, said)
    }
}

fn end(process: Pid, signal: Signal) {
    let gone = pidfd_open(process, PidfdFlags::empty()).expect("it runs");
    kill_process(process, signal).expect("it runs");
    poll(&mut [PollFd::new(&gone, PollFlags::IN)], None).expect("ended");
}

fn with_data(mut command: Command, data: &Path) -> Command {
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    command.env("VIVAVOCE_DATA", data);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Line by line, as long as somebody listens; all of it is kept.
fn overheard(stream: impl Read + Send + 'static, said: &Arc<Mutex<String>>) -> Receiver<String> {
    let (tell, told) = channel();
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut said = said.lock().expect("text");
            said.push_str(&line);
            said.push('\n');
            drop(said);
            let _ = tell.send(line);
        }
    });
    told
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
