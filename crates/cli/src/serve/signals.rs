//! Signals as something to poll.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

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
}

/// SIGTERM and SIGINT stop, SIGHUP reloads.
pub(super) fn listen() -> io::Result<Signals> {
    let (stop, stop_writer) = UnixStream::pair()?;
    let (reload, reload_writer) = UnixStream::pair()?;
    signal_hook::low_level::pipe::register(libc::SIGTERM, stop_writer.try_clone()?)?;
    signal_hook::low_level::pipe::register(libc::SIGINT, stop_writer)?;
    signal_hook::low_level::pipe::register(libc::SIGHUP, reload_writer)?;
    stop.set_nonblocking(true)?;
    reload.set_nonblocking(true)?;
    Ok(Signals { stop, reload })
}

impl Signals {
    pub(super) fn descriptors(&self) -> [BorrowedFd<'_>; 2] {
        [self.stop.as_fd(), self.reload.as_fd()]
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
        asked
    }
}
