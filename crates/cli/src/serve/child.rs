//! One child process: the same binary in another mode, with a line to us as its standard input, a pipe to us as its
//! standard error, and nothing else of ours.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use line::{Frame, Inbox, Outbox};
use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, PidfdFlags, Signal};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::log_pipe::{LogPipe, Shown};
use super::supervisor::Who;

/// A running child that says `In`.
#[derive(Debug)]
pub(super) struct Process<In> {
    child: std::process::Child,
    /// Readable once the process has ended.
    ended: OwnedFd,
    /// `None` once the line is at its end, or of no use.
    inbox: Option<Inbox<In>>,
    outbox: Outbox,
    log: Option<LogPipe>,
}

/// What a look at the line brought.
#[derive(Debug)]
pub(super) enum Said<In> {
    Message(In),
    /// Nothing for now, or nothing ever.
    Nothing,
    /// The line has just come to its end or broke its rules.
    LineLost,
}

impl<In: DeserializeOwned> Process<In> {
    pub(super) fn spawn(who: Who) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let (log, their_log) = io::pipe()?;
        let mode = match who {
            Who::Keeper => "keeper",
            Who::Live => "live",
            Who::Outbound => "outbound",
        };
        let child = Command::new("/proc/self/exe")
            .arg0("vivavoce")
            .arg(mode)
            .env_clear()
            .current_dir("/")
            // Out of the terminal's foreground group: Ctrl-C is for the parent, which tells people first.
            .process_group(0)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::from(OwnedFd::from(their_log)))
            .spawn()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self {
            // Not reaped yet, so the number still means this process.
            ended: rustix::process::pidfd_open(pid, PidfdFlags::empty())?,
            child,
            inbox: Some(Inbox::new(ours.try_clone()?).map_err(io::Error::other)?),
            outbox: Outbox::new(ours).map_err(io::Error::other)?,
            log: Some(LogPipe::new(log)?),
        })
    }

    /// Queues a message. One that is too long is a fault of ours, and nothing that came from outside makes it so.
    pub(super) fn send<Out: Serialize>(&mut self, message: &Out, descriptors: Vec<OwnedFd>) {
        if let Ok(frame) = Frame::new(message, descriptors) {
            self.outbox.push(frame);
        }
    }

    /// Bytes the child has not taken yet.
    pub(super) fn unsent(&self) -> usize {
        self.outbox.waiting_bytes()
    }

    /// Writes what the child takes. A lost line shows when reading.
    pub(super) fn flush(&mut self) {
        let _ = self.outbox.flush();
    }

    /// The next message.
    pub(super) fn hear(&mut self) -> Said<In> {
        match self.inbox.as_mut().map(Inbox::receive) {
            Some(Ok(Some(received))) => Said::Message(received.message),
            Some(Err(_)) => {
                self.inbox = None;
                Said::LineLost
            }
            Some(Ok(None)) | None => Said::Nothing,
        }
    }

    /// Listens no more: what else it says does not count.
    pub(super) fn stop_hearing(&mut self) {
        self.inbox = None;
    }

    pub(super) fn read_log(&mut self, now: Instant) -> Vec<Shown> {
        match self.log.as_mut().map(|log| log.read(now)) {
            Some(Ok(shown)) => shown,
            Some(Err(last)) => {
                self.log = None;
                last
            }
            None => Vec::new(),
        }
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    pub(super) fn kill(&self) {
        let _ = rustix::process::pidfd_send_signal(&self.ended, Signal::KILL);
    }

    /// Everything whose change should wake the parent.
    pub(super) fn poll_on<'a>(&'a self, set: &mut Vec<PollFd<'a>>) {
        set.push(PollFd::new(&self.ended, PollFlags::IN));
        if let Some(inbox) = &self.inbox {
            set.push(PollFd::new(inbox, PollFlags::IN));
            if self.outbox.waiting_bytes() > 0 {
                set.push(PollFd::new(&self.outbox, PollFlags::OUT));
            }
        }
        if let Some(log) = &self.log {
            set.push(PollFd::new(log, PollFlags::IN));
        }
    }
}
