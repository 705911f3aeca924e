//! A server, and people in its rooms.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use crate::binary;
pub(crate) use crate::binary::PATIENCE;

pub(crate) fn vivavoce(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vivavoce"));
    overheard(command.args(arguments));
    command
}

fn overheard(command: &mut Command) -> &mut Command {
    command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped())
}

pub(crate) struct Server {
    running: binary::Server,
    pub(crate) address: SocketAddr,
    pub(crate) owner_link: String,
    folder: tempfile::TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_by(vivavoce(&[]))
    }

    /// By a command that ends as the server, in a folder of its own.
    pub(crate) fn start_by(mut command: Command) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        command.env_clear().current_dir(folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0", "--drain-seconds", "0", "--data"]);
        command.arg(folder.path().join("data"));
        let running = binary::Server::start_by(command);
        let (address, owner_link) = (running.address, running.owner_link());
        Self { running, address, owner_link, folder }
    }

    /// Until it has said this on its standard error; returns everything until then.
    pub(crate) fn says(&self, words: &str) -> String {
        self.running.says(words).join("\n")
    }

    /// Waits for its end; returns everything that it has said, but for the link that it greeted us with.
    pub(crate) fn ended(self) -> String {
        let (_, said) = self.running.ended();
        assert!(said.contains(&self.owner_link), "it greeted us: {said}");
        said.replacen(&self.owner_link, "the link", 1)
    }

    pub(crate) fn parent(&self) -> Pid {
        self.running.pid()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// By the administrator.
    pub(crate) fn link(&self, request: &[&str]) -> String {
        let output = vivavoce(&[&["admin"], request, &["--data"]].concat())
            .arg(self.path("data"))
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.lines().next().unwrap_or_else(|| panic!("no link: {output:?}")).to_owned()
    }

    /// Ann owns the server, starts a room, and says this in it.
    pub(crate) fn ann(&self, play: &str) -> (Guest, String) {
        let token = text(&self.path("ann.token"));
        let mut ann = Guest::join(&[
            &self.owner_link,
            "--server-name=Home",
            "--name=Ann",
            "--handle=ann",
            "--start=Tea",
            "--open-mic",
            "--play",
            play,
            "--token-file",
            &token,
        ]);
        let room = ann.waits_for("Others come in by ").replace("Others come in by ", "");
        ann.waits_for("You are on stage, microphone open.");
        (ann, room)
    }

    /// Ben comes by an invitation, listens in that room, and what he hears goes into a file.
    pub(crate) fn ben(&self, room: &str, file: &Path) -> Guest {
        let invitation = self.link(&["invite"]);
        Guest::join(&[&invitation, "--name=Ben", "--handle=ben", "--room", room, "--listen", &text(file)])
    }

    /// How many devices are signed in for whoever has this token.
    pub(crate) fn devices(&self, token: &str) -> usize {
        let token = std::fs::read_to_string(self.path(token)).expect("text");
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        let asked = format!(
            "GET /api/v1/sessions HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(asked.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("text");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.matches("\"current\"").count()
    }

    /// The process that has the network.
    pub(crate) fn live(&self) -> Pid {
        self.running.live()
    }

    /// One of the children, by its name.
    pub(crate) fn process(&self, wanted: &str) -> Pid {
        self.running.process(wanted)
    }
}

/// Somebody in a room.
pub(crate) struct Guest {
    child: Child,
    keys: ChildStdin,
    lines: Receiver<String>,
}

impl Guest {
    pub(crate) fn join(arguments: &[&str]) -> Self {
        let mut child =
            vivavoce(&["join"]).args(arguments).stderr(Stdio::inherit()).spawn().expect("started");
        let keys = child.stdin.take().expect("a pipe");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (told, lines) = sync_channel(1_000);
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| told.send(line)));
        Self { child, keys, lines }
    }

    /// Until a line that begins so.
    pub(crate) fn waits_for(&mut self, beginning: &str) -> String {
        let until = Instant::now() + PATIENCE;
        let mut passed = Vec::new();
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.starts_with(beginning) => return line,
                Ok(line) => passed.push(line),
                Err(error) => panic!("no line that begins with {beginning:?} ({error}) in {passed:#?}"),
            }
        }
    }

    pub(crate) fn presses(&mut self, key: &str) {
        self.keys.write_all(key.as_bytes()).expect("it reads");
    }

    pub(crate) fn gets(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    pub(crate) fn ends(mut self) -> Option<i32> {
        self.child.wait().expect("ended").code()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().expect("a path").to_owned()
}
