//! One server under test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, kill_process, pidfd_open, waitpid};

/// Longer than anything here takes: a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    child: Child,
    pub address: SocketAddr,
    pub data: tempfile::TempDir,
    stderr: mpsc::Receiver<String>,
    stdout: mpsc::Receiver<String>,
}

/// What a server said that did not come up, or has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub status: ExitStatus,
    pub stderr: String,
}

fn command(data: &Path, flags: &[&str]) -> Command {
    // A careless shell: it leaves a file open for whatever it starts.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "exec 9>>\"$0\"; exec \"$@\""]).arg(data.join("left-open"));
    command.arg(std::env::current_exe().expect("this test"));
    command.arg("fake-serve").arg("--data").arg(data).args(flags);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn lines(stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(stream).lines().map_while(Result::ok).try_for_each(|l| sender.send(l))
    });
    receiver
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_with(&[], |_| {})
    }

    /// Waits until it says that it runs.
    pub(crate) fn start_with(flags: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        prepare(data.path());
        let mut child =
            command(data.path(), &[&["--listen", "127.0.0.1:0"], flags].concat()).spawn().expect("started");
        let stdout = lines(child.stdout.take().expect("a pipe"));
        let stderr = lines(child.stderr.take().expect("a pipe"));
        let address = loop {
            let line = stdout.recv_timeout(PATIENCE).expect("it says where it listens");
            if let Some(rest) = line.trim().strip_prefix("Listens") {
                break rest.trim().split(',').next().and_then(|a| a.parse().ok()).expect("an address");
            }
        };
        Self { child, address, data, stderr, stdout }
    }

    /// One that must not come up.
    pub(crate) fn fails(flags: &[&str], prepare: impl FnOnce(&Path)) -> Ended {
        let data = tempfile::tempdir().expect("a folder");
        prepare(data.path());
        let output = command(data.path(), flags).output().expect("started");
        Ended { status: output.status, stderr: String::from_utf8(output.stderr).expect("text") }
    }

    /// Asks `live`; one that is being replaced answers when it is there.
    pub(crate) fn ask(&self, question: &str) -> String {
        self.try_ask(question).expect("an answer")
    }

    /// `None` where it died instead of answering.
    pub(crate) fn try_ask(&self, question: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).expect("the parent keeps the socket open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        writeln!(stream, "{question}").expect("asked");
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).ok()?;
        answer.strip_suffix('\n').map(str::to_owned)
    }

    pub(crate) fn live(&self) -> Pid {
        pid(&self.ask("pid"))
    }

    pub(crate) fn keeper(&self) -> Pid {
        pid(&self.ask("keeper"))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// Until it is told to go on; returns when it does nothing any more.
    pub(crate) fn hold_still(&self) {
        self.signal(Signal::STOP);
        let stopped = waitpid(Some(Pid::from_child(&self.child)), WaitOptions::UNTRACED).expect("our child");
        assert!(stopped.is_some_and(|(_, status)| status.stopped()), "it ended");
    }

    /// What its standard input comes from ends.
    pub(crate) fn let_go(&mut self) {
        self.child.stdin = None;
    }

    /// Kills a child and waits until it is gone.
    pub(crate) fn kill(child: Pid) {
        let gone = Gone::watch(child);
        kill_process(child, Signal::KILL).expect("it runs");
        gone.wait();
    }

    /// Waits for a line on the standard error; returns all until then.
    pub(crate) fn hears(&self, part: &str) -> String {
        wait_for(&self.stderr, part)
    }

    /// Waits for a line on the standard output.
    pub(crate) fn reads(&self, part: &str) {
        wait_for(&self.stdout, part);
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> ExitStatus {
        Gone::watch(Pid::from_child(&self.child)).wait();
        self.child.wait().expect("it has ended")
    }

    pub(crate) fn has(&self, file: &str) -> bool {
        self.data.path().join(file).exists()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_for(lines: &mpsc::Receiver<String>, part: &str) -> String {
    let mut heard = Vec::new();
    while !heard.last().is_some_and(|line: &String| line.contains(part)) {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => heard.push(line),
            Err(_) => panic!("waited for {part:?} and heard {heard:#?}"),
        }
    }
    heard.join("\n")
}

fn pid(text: &str) -> Pid {
    text.parse().ok().and_then(Pid::from_raw).expect("a process id")
}

/// Tells when a process has ended, whoever its parent is.
pub(crate) struct Gone(rustix::fd::OwnedFd);

impl Gone {
    pub(crate) fn watch(process: Pid) -> Self {
        Self(pidfd_open(process, PidfdFlags::empty()).expect("it runs"))
    }

    pub(crate) fn wait(self) {
        let patience = Timespec::try_from(PATIENCE).expect("fits");
        let ended = poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&patience)).expect("polled");
        assert_eq!(ended, 1, "the process is still there");
    }
}
