//! One real server, with its processes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use client::api::{Link, Origin};
use rustix::process::{Pid, Signal, kill_process};

use crate::binary;
pub(crate) use crate::binary::PATIENCE;
use crate::marks::Tag;
use crate::wall::Wall;

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
    /// What its servers look at for the time, where it is not the machine's.
    pub(crate) wall: Option<Wall>,
}

pub(crate) struct Server {
    running: binary::Server,
    pub(crate) home: Home,
    pub(crate) origin: Origin,
    /// Of what people bring along to it.
    pub(crate) tag: Tag,
}

/// Bytes of a disk of a server's own: ext4 wants some for itself.
const DISK_BYTES: u64 = 48 << 20;

/// Mounts the image where the second argument says, and over `/etc` what the third says, if anything; makes everything else that could be written to read-only, all for
/// itself alone, and becomes the rest of them.
const ON_ITS_OWN_DISK: &str = "set -e; mount --make-rprivate /; mount -o loop \"$1\" \"$2\"; \
    [ -z \"$3\" ] || mount --bind \"$3\" /etc; shift 3; \
    for other in /* /dev/shm; do case $other in /proc|/sys|/dev) ;; *) [ ! -d $other ] || \
    { mount --rbind $other $other; mount -o remount,bind,ro $other; } ;; esac; done; exec \"$@\"";

impl Home {
    pub(crate) fn new(kind: Kind) -> Self {
        let home = Self { kind, folder: tempfile::tempdir().expect("a folder"), wall: None };
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
        let server = self.start();
        let owner = Link::parse(&server.running.owner_link()).expect("a link");
        (server, owner)
    }

    pub(crate) fn start(self) -> Server {
        let mut command = match self.kind {
            Kind::Usual | Kind::OrdinaryAllocator => Command::new(self.program()),
            Kind::OwnDisk => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-c", ON_ITS_OWN_DISK, "sh"]);
                let etc = self.wall.as_ref().map_or(Path::new(""), Wall::etc);
                command.arg(self.disk()).arg(self.mount()).arg(etc).arg(self.program());
                command
            }
        };
        command.args(["serve", "--listen", "127.0.0.1:0", "--drain-seconds", "0"]);
        let running = binary::Server::start_by(with_data(command, &self.data()));
        let origin = format!("http://{}", running.address).parse().expect("an address");
        Server { running, home: self, origin, tag: Tag::draw() }
    }
}

impl Server {
    /// By the administrator: a link for so many.
    pub(crate) fn invitation(&self, uses: usize) -> Link {
        let said = self.admin(&["invite", "--uses", &uses.to_string()]);
        said.lines().find_map(|line| Link::parse(line.trim()).ok()).unwrap_or_else(|| panic!("{said}"))
    }

    /// As the administrator reads them.
    pub(crate) fn reports(&self) -> String {
        self.admin(&["report", "list"])
    }

    fn admin(&self, words: &[&str]) -> String {
        let mut command = match self.home.kind {
            Kind::Usual | Kind::OrdinaryAllocator => Command::new(self.home.program()),
            // Nobody else sees its disk.
            Kind::OwnDisk => {
                let mut command = Command::new("nsenter");
                command
                    .args(["--mount", "--target", &self.parent().as_raw_nonzero().to_string()])
                    .arg(self.home.program());
                command
            }
        };
        command.arg("admin").args(words);
        let output = with_data(command, &self.home.data()).output().expect("it runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.address
    }

    pub(crate) fn parent(&self) -> Pid {
        self.running.pid()
    }

    /// The process that has the network.
    pub(crate) fn live(&self) -> Pid {
        self.running.live()
    }

    /// The process that has the disk.
    pub(crate) fn keeper(&self) -> Pid {
        self.running.keeper()
    }

    /// The process that calls out.
    pub(crate) fn outbound(&self) -> Pid {
        self.running.outbound()
    }

    /// Without a chance to clear anything away.
    pub(crate) fn crash_live(&self) {
        crash(self.live());
    }

    /// The same.
    pub(crate) fn crash_keeper(&self) {
        crash(self.keeper());
    }

    /// It is there and does nothing, until it is told to go on or dies.
    pub(crate) fn hold_keeper_still(&self) {
        kill_process(self.keeper(), Signal::STOP).expect("it runs");
    }

    pub(crate) fn keeper_goes_on(&self) {
        kill_process(self.keeper(), Signal::CONT).expect("it runs");
    }

    /// As it is told to end. Gives everything back that it has said.
    pub(crate) fn stop(self) -> (Home, String) {
        let (status, said) = self.running.stop_and_tell();
        assert!(status.success(), "{status}: {said}");
        (self.home, said)
    }
}

fn crash(process: Pid) {
    let gone = binary::watch(process);
    kill_process(process, Signal::KILL).expect("it runs");
    binary::wait_for(&gone);
}

fn with_data(mut command: Command, data: &Path) -> Command {
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    command.env("VIVAVOCE_DATA", data);
    command
}
