//! Memory stays memory.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::needs::{is_root, not_run};
use crate::people::Server;
use crate::status::kib;

const BINARY: &str = env!("CARGO_BIN_EXE_vivavoce");

/// Leaves the server no right to lock memory.
const LOOSE: &str = "ulimit -l 64; [ $(id -u) = 0 ] && set -- setpriv --bounding-set -sys_resource,-ipc_lock \
                     --inh-caps -sys_resource,-ipc_lock \"$@\"";

fn shell(script: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("{script}\nexec \"$@\""), "sh", BINARY]);
    shell
}

#[test]
fn all_memory_of_all_three_processes_is_locked_where_the_system_lets_them() {
    if !is_root() {
        return not_run("memory_is_locked", "it needs root");
    }
    let server = Server::start();
    server.says("memory_locked=1");
    for process in [server.parent(), server.process("vivavoce-keeper"), server.live()] {
        let (locked, resident) = (kib(process, "VmLck"), kib(process, "VmRSS"));
        assert!(locked >= resident && resident > 0, "{locked} KiB of {resident}");
    }
}

#[test]
fn without_the_right_to_lock_memory_the_server_runs_and_says_so() {
    let server = Server::start_by(shell(LOOSE));
    server.says("memory_locked=0");
    assert_eq!(kib(server.live(), "VmLck"), 0);
}

/// A machine with swap, for one command alone.
struct Swap {
    table: PathBuf,
    _folder: tempfile::TempDir,
}

impl Swap {
    fn on(area: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let table = folder.path().join("swaps");
        let text = format!("Filename Type Size Used Priority\n{area} partition 8388604 0 -2\n");
        std::fs::write(&table, text).expect("written");
        Self { table, _folder: folder }
    }

    /// With a mount of its own over what the kernel says.
    fn seen_by(&self, script: &str) -> Command {
        let mut unshare = Command::new("unshare");
        let table = self.table.display();
        let script = format!("mount --bind {table} /proc/swaps || exit 9\n{script}\nexec \"$@\"");
        unshare.args(["--mount", "/bin/sh", "-c", &script, "sh", BINARY]);
        // Whoever runs the tests has settings of their own, perhaps.
        unshare.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        unshare
    }
}

#[test]
fn where_there_is_swap_the_server_warns_or_does_not_start_as_it_is_told() {
    if !is_root() {
        return not_run("swap_is_told", "it needs root");
    }
    let swap = Swap::on("/dev/sda2");
    let data = tempfile::tempdir().expect("a folder");
    for script in ["", LOOSE] {
        let mut refused = swap.seen_by(script);
        refused
            .args(["serve", "--swap=refuse", "--listen=127.0.0.1:0", "--data"])
            .arg(data.path().join("data"));
        let refused = refused.stdin(Stdio::null()).output().expect("started");
        let said = String::from_utf8(refused.stderr).expect("text");
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(
            said.starts_with("Swap is on (/dev/sda2), and the server is to start only without"),
            "{said}"
        );
        assert_eq!((said.lines().count(), refused.stdout.len()), (1, 0), "{said}");
    }
    assert!(!data.path().join("data").exists(), "nothing was begun");

    let warned = Server::start_by(swap.seen_by(LOOSE)).says("memory_locked=0");
    assert!(warned.contains("Swap is on (/dev/sda2), and the server may not lock its memory"), "{warned}");
    let locked = Server::start_by(swap.seen_by("")).says("memory_locked=1");
    assert!(!locked.contains("Swap is on"), "nothing of it can go there: {locked}");
    let compressed = Swap::on("/dev/zram0");
    let compressed = Server::start_by(compressed.seen_by(LOOSE)).says("memory_locked=0");
    assert!(!compressed.contains("Swap is on"), "{compressed}");
}
