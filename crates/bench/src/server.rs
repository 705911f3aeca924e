//! A server of the bench's own: the same binary, a temporary folder, a free port of this machine.

use std::collections::VecDeque;
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use client::api::{Link, Secret};
use rustix::process::{Pid, Signal, kill_process};

use crate::limits::{LOG_LINE, LOG_LINES, SERVER_PERIOD};

/// It does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("the server cannot be started: {0}")]
    NotStarted(#[from] std::io::Error),
    #[error("the server ended before it was ready{}", said(.0))]
    Ended(Vec<String>),
    #[error("the server was not ready in time{}", said(.0))]
    Late(Vec<String>),
}

/// Ends with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) owner: Secret,
    log: Log,
    _data: tempfile::TempDir,
}

impl Server {
    /// Starts this program as a server and waits until it says where it listens. `settings` are flags of `serve`.
    ///
    /// # Errors
    /// [`ServerError`].
    pub(crate) fn start(settings: &[String]) -> Result<Self, ServerError> {
        let data = folder()?;
        let mut child = Command::new(std::env::current_exe()?)
            .args([
                "serve",
                "--until-stdin-closes",
                "--listen",
                "127.0.0.1:0",
                "--drain-seconds",
                "0",
                "--data",
            ])
            .arg(data.path())
            .args(settings)
            .env_clear()
            // Out of the terminal's foreground group: Ctrl-C is for the bench.
            .process_group(0)
            // Closes with this process, however that ends.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = Log::default();
        let (words, greeting) = sync_channel(LOG_LINES);
        if let Some(stderr) = child.stderr.take() {
            let log = log.clone();
            thread::spawn(move || lines(stderr, |line| log.add(line)));
        }
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || lines(stdout, |line| drop(words.try_send(line))));
        }
        let ready = wait(&greeting);
        match ready {
            Ok((address, owner)) => Ok(Self { child, address, owner, log, _data: data }),
            Err(why) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(match why {
                    RecvTimeoutError::Timeout => ServerError::Late(log.last()),
                    RecvTimeoutError::Disconnected => ServerError::Ended(log.last()),
                })
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it last said.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.last()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let patience = Instant::now() + SERVER_PERIOD;
        while Instant::now() < patience {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(std::time::Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In memory where the system has such a place: thousands of accounts are thousands of writes that a disk would have to
/// confirm, and none of them is measured.
fn folder() -> std::io::Result<tempfile::TempDir> {
    let mut folder = tempfile::Builder::new();
    // A server takes no folder that others can open.
    folder.prefix("vivavoce-bench-").permissions(Permissions::from_mode(0o700));
    folder.tempdir_in("/dev/shm").or_else(|_| folder.tempdir())
}

/// Until both are said.
fn wait(greeting: &Receiver<String>) -> Result<(SocketAddr, Secret), RecvTimeoutError> {
    let until = Instant::now() + SERVER_PERIOD;
    let (mut address, mut owner) = (None, None);
    loop {
        let line = greeting.recv_timeout(until.saturating_duration_since(Instant::now()))?;
        let words = line.trim();
        if let Some(rest) = words.strip_prefix("Listens") {
            address = rest.trim().split(',').next().and_then(|address| address.parse().ok());
        }
        if let Ok(link) = Link::parse(words.trim_matches(['│', ' '])) {
            owner = Some(link.secret);
        }
        if let (Some(address), Some(owner)) = (address, owner.clone()) {
            return Ok((address, owner));
        }
    }
}

/// To the end, so that the other side never waits for somebody to read.
fn lines(from: impl Read, mut take: impl FnMut(String)) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        take(text.chars().take(LOG_LINE).collect::<String>().trim_end().to_owned());
        line.clear();
    }
}

/// The last lines.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    fn add(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn last(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

fn said(lines: &[String]) -> String {
    if lines.is_empty() { String::new() } else { format!("; it said:\n{}", lines.join("\n")) }
}
