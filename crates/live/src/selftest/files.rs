//! What ordinary code would do to leave a trace: files, programs, sockets.

use std::fs;
use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::process::Command;

use super::{Outcome, outcome_of};

/// Places where something could be left or found.
const FOLDERS: [&str; 6] = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/var/log", "."];
const READABLE: [&str; 6] =
    ["/etc/passwd", "/etc/resolv.conf", "/proc/self/maps", "/proc/self/mem", "/dev/null", "/dev/urandom"];

#[expect(clippy::disallowed_methods, reason = "trying what the sandbox must refuse is what this is for")]
pub(super) fn attempts() -> Vec<(String, Outcome)> {
    let mut all = Vec::new();
    for path in READABLE {
        // Opening is what counts: some of these have no end.
        all.push((format!("read {path}"), outcome_of(fs::File::open(path))));
    }
    for folder in FOLDERS {
        let file = Path::new(folder).join(format!("vivavoce-self-test-{}", std::process::id()));
        let written = fs::File::create_new(&file).and_then(|mut open| open.write_all(b"trace"));
        all.push((format!("write in {folder}"), outcome_of(written)));
        let _ = fs::remove_file(&file);
        all.push((format!("make a folder in {folder}"), outcome_of(fs::create_dir(&file))));
        let _ = fs::remove_dir(&file);
        all.push((format!("make a socket in {folder}"), outcome_of(UnixListener::bind(&file))));
        let _ = fs::remove_file(&file);
        all.push((format!("list {folder}"), outcome_of(fs::read_dir(folder))));
    }
    all.push((
        "write to /dev/null".to_owned(),
        outcome_of(fs::OpenOptions::new().write(true).open("/dev/null")),
    ));
    all.push(("start a program".to_owned(), outcome_of(Command::new("/bin/true").status())));
    all.push(("send to the journal".to_owned(), outcome_of(journal())));
    all.push(("open a UDP socket".to_owned(), outcome_of(UdpSocket::bind("127.0.0.1:0"))));
    all.push(("connect out".to_owned(), outcome_of(TcpStream::connect("127.0.0.1:1"))));
    all
}

fn journal() -> std::io::Result<usize> {
    UnixDatagram::unbound()?.send_to(b"MESSAGE=trace", "/run/systemd/journal/socket")
}
