//! Signals as something to poll.

use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::Until;

/// What somebody outside asks of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Stop,
    Reload,
}

/// Each signal writes a byte into its own pipe.
#[derive(Debug)]
pub(super) struct Signals {
    stop: UnixStream,
    reload: UnixStream,
    /// Our standard input, as long as its end is to be noticed.
    stdin: Option<OwnedFd>,
}

/// SIGTERM and SIGINT stop, SIGHUP reloads.
pub(super) fn listen(until: Until) -> io::Result<Signals> {
    let (stop, stop_writer) = UnixStream::pair()?;
    let (reload, reload_writer) = UnixStream::pair()?;
    signal_hook::low_level::pipe::register(libc::SIGTERM, stop_writer.try_clone()?)?;
    signal_hook::low_level::pipe::register(libc::SIGINT, stop_writer)?;
    signal_hook::low_level::pipe::register(libc::SIGHUP, reload_writer)?;
    stop.set_nonblocking(true)?;
    reload.set_nonblocking(true)?;
    let stdin = match until {
        Until::Told => None,
        Until::StdinCloses => Some(io::stdin().as_fd().try_clone_to_owned()?),
    };
    Ok(Signals { stop, reload, stdin })
}

impl Signals {
    pub(super) fn poll_on<'a>(&'a self, set: &mut Vec<PollFd<'a>>) {
        set.extend([&self.stop, &self.reload].map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        set.extend(self.stdin.as_ref().map(end_of));
    }

    /// One request for each signal that came since; several of one kind that came together may count as one.
    pub(super) fn take(&mut self) -> Vec<Asked> {
        let mut asked = Vec::new();
        for (pipe, what) in [(&mut self.stop, Asked::Stop), (&mut self.reload, Asked::Reload)] {
            let mut bytes = [0; 16];
            if pipe.read(&mut bytes).is_ok_and(|count| count > 0) {
                asked.push(what);
            }
        }
        if self.stdin.take_if(|stdin| has_closed(stdin)).is_some() {
            asked.push(Asked::Stop);
        }
        asked
    }
}

/// Wakes at its end and for nothing else: the system tells of a hang-up unasked, and nobody reads what may come before.
fn end_of(stdin: &OwnedFd) -> PollFd<'_> {
    PollFd::new(stdin, PollFlags::empty())
}

fn has_closed(stdin: &OwnedFd) -> bool {
    poll(&mut [end_of(stdin)], Some(&Timespec::default())).is_ok_and(|ended| ended > 0)
}
