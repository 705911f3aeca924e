//! Many TCP connections of one shard.

use std::ffi::c_int;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use super::{check, owned, set, wait_for_events, watch_for_input};
use crate::limits::{STREAM_RECEIVE_BUFFER, STREAM_ROUND, STREAM_SEND_BUFFER, STREAM_UNSENT};

/// Which of many connections have something to read (an epoll of their own, so that there is one thing to wait for).
pub(crate) struct Watch {
    epoll: OwnedFd,
}

impl Watch {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: no pointers; the result is checked before it is owned.
        let epoll = unsafe { owned(libc::epoll_create1(libc::EPOLL_CLOEXEC)) }?;
        Ok(Self { epoll })
    }

    /// Until it is closed.
    pub(crate) fn add(&self, connection: BorrowedFd<'_>, token: u64) -> io::Result<()> {
        watch_for_input(self.epoll.as_fd(), connection, token)
    }

    /// The tokens of those that can be read, without waiting; they take turns when there are more than fit.
    pub(crate) fn ready(&self, tokens: &mut [u64; STREAM_ROUND]) -> io::Result<usize> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; STREAM_ROUND];
        let count = wait_for_events(self.epoll.as_fd(), &mut events, 0)?;
        for (token, event) in tokens.iter_mut().zip(&events).take(count) {
            *token = event.u64;
        }
        Ok(count)
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}

/// Small buffers, packets that wait for nothing, and an end that leaves nothing behind in the kernel.
pub(crate) fn ask_for_short_queues(connection: BorrowedFd<'_>) -> io::Result<()> {
    let bytes = |bytes: usize| c_int::try_from(bytes).unwrap_or(c_int::MAX);
    set(connection, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1)?;
    set(connection, libc::SOL_SOCKET, libc::SO_SNDBUF, bytes(STREAM_SEND_BUFFER))?;
    set(connection, libc::SOL_SOCKET, libc::SO_RCVBUF, bytes(STREAM_RECEIVE_BUFFER))?;
    set(connection, libc::IPPROTO_TCP, libc::TCP_NOTSENT_LOWAT, bytes(STREAM_UNSENT))?;
    let at_once = libc::linger { l_onoff: 1, l_linger: 0 };
    let size = libc::socklen_t::try_from(size_of::<libc::linger>()).unwrap_or(8);
    // SAFETY: the option's value is a `linger`, valid for the call.
    check(unsafe {
        let value = (&raw const at_once).cast();
        libc::setsockopt(connection.as_raw_fd(), libc::SOL_SOCKET, libc::SO_LINGER, value, size)
    })?;
    Ok(())
}

/// Sends what there is room for now. Nothing is put behind these bytes into one piece (MSG_EOR): into a piece that waits
/// already the kernel would take 64 KiB more, whatever [`STREAM_UNSENT`] says.
pub(crate) fn send_at_once(connection: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL | libc::MSG_EOR;
    // SAFETY: `bytes` is readable for its length.
    let sent = unsafe { libc::send(connection.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Bytes that wait without having left, as the kernel counts them (SIOCOUTQNSD).
#[cfg(test)]
pub(crate) fn unsent(connection: BorrowedFd<'_>) -> io::Result<usize> {
    const SIOCOUTQNSD: libc::Ioctl = 0x894b;
    let mut bytes: c_int = 0;
    // SAFETY: the request writes one int.
    check(unsafe { libc::ioctl(connection.as_raw_fd(), SIOCOUTQNSD, &raw mut bytes) })?;
    Ok(usize::try_from(bytes).unwrap_or(0))
}
