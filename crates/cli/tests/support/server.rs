//! The binary with its real two children, in a folder of its own.
#![allow(dead_code, reason = "each test binary needs some of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, kill_process, pidfd_open, waitpid};

/// Longer than anything here takes, on a busy machine too: whoever waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    stdout: mpsc::Receiver<Said>,
    stderr: mpsc::Receiver<Said>,
    /// Every line of both.
    all: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

/// A line, and when it was read.
type Said = (Instant, String);

/// The command, with these flags; nothing of our environment.
pub(crate) fn vivavoce(data: &Path, flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vivavoce"));
    command.args(flags).arg("--data").arg(data);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Server {
    /// Waits until it says that it runs.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_by(vivavoce(data, &["--listen", "127.0.0.1:0", "--drain-seconds", "0"]))
    }

    /// By a command that becomes the server.
    pub(crate) fn start_by(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("started");
        let all = Arc::default();
        let (stdout, out) = lines(child.stdout.take().expect("a pipe"), &all);
        let (stderr, err) = lines(child.stderr.take().expect("a pipe"), &all);
        let address = loop {
            let Ok((_, line)) = stdout.recv_timeout(PATIENCE) else {
                panic!("it did not come up: {:?}", stderr.try_iter().collect::<Vec<_>>())
            };
            if let Some(rest) = line.trim().strip_prefix("Listens") {
                break rest.trim().split(',').next().and_then(|a| a.parse().ok()).expect("an address");
            }
        };
        Self { child, address, stdout, stderr, all, readers: vec![out, err] }
    }

    /// What stands behind this word in the greeting.
    pub(crate) fn tells(&self, word: &str) -> String {
        loop {
            let (_, line) = self.stdout.recv_timeout(PATIENCE).expect("it greets");
            if let Some(rest) = line.trim().strip_prefix(word) {
                return rest.trim().to_owned();
            }
        }
    }

    /// Of a server that waits for its owner.
    pub(crate) fn owner_link(&self) -> String {
        loop {
            let (_, line) = self.stdout.recv_timeout(PATIENCE).expect("it says the link");
            if line.contains("/o#") {
                return line.trim_matches(['│', ' ']).to_owned();
            }
        }
    }

    /// What it said on its standard error since this was asked the last time.
    pub(crate) fn said(&self) -> Vec<String> {
        self.stderr.try_iter().map(|(_, line)| line).collect()
    }

    /// Waits for a line on its standard error that has this in it; gives all until then.
    pub(crate) fn says(&self, part: &str) -> Vec<String> {
        self.hears(part).into_iter().map(|(_, line)| line).collect()
    }

    /// The same, and gives when it was said.
    pub(crate) fn says_when(&self, part: &str) -> Instant {
        self.hears(part).last().expect("the line itself").0
    }

    /// What it has said that nobody waited for, each with how long after (or before) this moment.
    pub(crate) fn said_since(&self, moment: Instant) -> Vec<String> {
        let since = |at: Instant| match at.checked_duration_since(moment) {
            Some(after) => format!("{after:?} after"),
            None => format!("{:?} before", moment.duration_since(at)),
        };
        self.stderr.try_iter().map(|(at, line)| format!("{}: {line}", since(at))).collect()
    }

    fn hears(&self, part: &str) -> Vec<Said> {
        let mut heard: Vec<Said> = Vec::new();
        while !heard.last().is_some_and(|(_, line)| line.contains(part)) {
            match self.stderr.recv_timeout(PATIENCE) {
                Ok(said) => heard.push(said),
                Err(_) => panic!("waited for {part:?} and heard {heard:#?}"),
            }
        }
        heard
    }

    /// The status line of an answer, from whichever `live` answers.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("the parent keeps the socket open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address)
            .expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer.lines().next().unwrap_or_default().to_owned()
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// A child by its name in lists of processes.
    pub(crate) fn process(&self, name: &str) -> Pid {
        self.find(name).unwrap_or_else(|| panic!("{name} is not among the children"))
    }

    fn find(&self, name: &str) -> Option<Pid> {
        let parent = self.child.id();
        let list =
            std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).expect("readable");
        let is_called = |id: &&str| {
            std::fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|comm| comm.trim() == name)
        };
        let id = list.split_whitespace().find(is_called).and_then(|id| id.parse().ok());
        id.and_then(Pid::from_raw)
    }

    pub(crate) fn live(&self) -> Pid {
        self.process("vivavoce-live")
    }

    pub(crate) fn keeper(&self) -> Pid {
        self.process("vivavoce-keeper")
    }

    /// The process that calls out, once it is there: nobody waits for it.
    pub(crate) fn outbound(&self) -> Pid {
        let begun = Instant::now();
        loop {
            match self.find("vivavoce-out") {
                Some(process) => return process,
                None if begun.elapsed() > PATIENCE => panic!("it does not come up"),
                None => std::thread::sleep(std::time::Duration::from_millis(10)),
            }
        }
    }

    /// Another one than this, which is no more.
    pub(crate) fn outbound_after(&self, before: Pid) -> Pid {
        let begun = Instant::now();
        loop {
            match self.find("vivavoce-out") {
                Some(process) if process != before => return process,
                _ if begun.elapsed() > PATIENCE => panic!("no other comes up"),
                _ => std::thread::sleep(std::time::Duration::from_millis(10)),
            }
        }
    }

    /// The parent does nothing any more until it is told to go on.
    pub(crate) fn hold_still(parent: Pid) {
        kill_process(parent, Signal::STOP).expect("it runs");
        let stopped = waitpid(Some(parent), WaitOptions::UNTRACED).expect("our child");
        assert!(stopped.is_some_and(|(_, status)| status.stopped()), "it ended");
    }

    pub(crate) fn go_on(parent: Pid) {
        kill_process(parent, Signal::CONT).expect("it runs");
    }

    /// Tells it to stop, and waits for its end.
    pub(crate) fn stop(self) -> ExitStatus {
        self.stop_and_tell().0
    }

    /// The same, and all that it ever said.
    pub(crate) fn stop_and_tell(self) -> (ExitStatus, String) {
        kill_process(self.pid(), Signal::TERM).expect("it runs");
        self.ended()
    }

    /// Waits until it ends by itself; all that it ever said.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        wait_for(&watch(self.pid()));
        let status = self.child.wait().expect("ended");
        for reader in self.readers.drain(..) {
            reader.join().expect("read to the end");
        }
        (status, self.all.lock().expect("whole").clone())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// To see its end, whoever its parent is.
pub(crate) fn watch(process: Pid) -> OwnedFd {
    pidfd_open(process, PidfdFlags::empty()).expect("it runs")
}

pub(crate) fn wait_for(gone: &OwnedFd) {
    let patience = Timespec::try_from(PATIENCE).expect("fits");
    let ended = poll(&mut [PollFd::new(gone, PollFlags::IN)], Some(&patience)).expect("polled");
    assert_eq!(ended, 1, "the process is still there");
}

/// Line by line, for whoever listens; all of it is kept.
fn lines(
    stream: impl Read + Send + 'static,
    all: &Arc<Mutex<String>>,
) -> (mpsc::Receiver<Said>, JoinHandle<()>) {
    let (sender, receiver) = mpsc::channel();
    let all = Arc::clone(all);
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut all = all.lock().expect("whole");
            all.push_str(&line);
            all.push('\n');
            drop(all);
            let _ = sender.send((Instant::now(), line));
        }
    });
    (receiver, reader)
}
