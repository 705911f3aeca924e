//! The few calls to the operating system that the standard library does not have. All `unsafe` of this crate is here;
//! nothing here decides anything. No call opens a file.
#![expect(unsafe_code, reason = "system calls without a wrapper in the standard library")]

mod bind;
mod datagrams;
mod registers;
mod steer;
mod streams;

use std::ffi::c_int;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use crate::rest::Steering;

pub use bind::bind;
pub(crate) use datagrams::{Family, Incoming, Outgoing, Received};
pub(crate) use registers::wipe_registers;
pub(crate) use steer::steer;
#[cfg(test)]
pub(crate) use streams::unsent;
pub(crate) use streams::{Watch, ask_for_short_queues, send_at_once};

/// A byte of this thread's own stack, whoever has left it there. For tests that ask what was left.
#[cfg(test)]
pub(crate) fn peek(at: *const u8, offset: usize) -> u8 {
    // SAFETY: memory of this thread's stack, mapped since something lay there; read as it comes, once, by nobody but us.
    unsafe { std::ptr::read_volatile(at.wrapping_add(offset)) }
}

/// What [`Poller::wait`] saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) socket: bool,
    pub(crate) checks: bool,
    pub(crate) mail: bool,
    pub(crate) connections: bool,
}

/// Waits for sockets, a [`Bell`] and a [`Watch`] (epoll, level-triggered).
pub(crate) struct Poller {
    epoll: OwnedFd,
}

const SOCKET: u64 = 0;
const MAIL: u64 = 1;
const CONNECTIONS: u64 = 2;
const CHECKS: u64 = 3;

const INPUT: u32 = libc::EPOLLIN.cast_unsigned();
const INPUT_ONCE: u32 = (libc::EPOLLIN | libc::EPOLLONESHOT).cast_unsigned();

impl Poller {
    pub(crate) fn new(socket: BorrowedFd<'_>, bell: &Bell) -> io::Result<Self> {
        // SAFETY: no pointers; the result is checked before it is owned.
        let epoll = unsafe { owned(libc::epoll_create1(libc::EPOLL_CLOEXEC)) }?;
        let poller = Self { epoll };
        poller.add(socket, SOCKET)?;
        poller.add(bell.fd.as_fd(), MAIL)?;
        Ok(poller)
    }

    pub(crate) fn add_watch(&self, watch: &Watch) -> io::Result<()> {
        self.add(watch.as_fd(), CONNECTIONS)
    }

    /// A socket that wakes once, or always.
    pub(crate) fn add_checks(&self, socket: BorrowedFd<'_>, steering: Steering) -> io::Result<()> {
        let events = match steering {
            Steering::ByKind => INPUT_ONCE,
            Steering::ByHash => INPUT,
        };
        control(self.epoll.as_fd(), libc::EPOLL_CTL_ADD, socket, events, CHECKS)
    }

    /// It may wake once more.
    pub(crate) fn watch_checks(&self, socket: BorrowedFd<'_>) -> io::Result<()> {
        control(self.epoll.as_fd(), libc::EPOLL_CTL_MOD, socket, INPUT_ONCE, CHECKS)
    }

    fn add(&self, fd: BorrowedFd<'_>, token: u64) -> io::Result<()> {
        watch_for_input(self.epoll.as_fd(), fd, token)
    }

    /// Waits until something is ready, or for `timeout`, rounded up to milliseconds so that a timer never spins.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> io::Result<Ready> {
        let timeout = timeout.map_or(-1, milliseconds_up);
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 4];
        let count = wait_for_events(self.epoll.as_fd(), &mut events, timeout)?;
        // The structure is packed: fields are copied out, never borrowed.
        let saw = |token| events.iter().take(count).any(|event| { event.u64 } == token);
        Ok(Ready { socket: saw(SOCKET), checks: saw(CHECKS), mail: saw(MAIL), connections: saw(CONNECTIONS) })
    }
}

/// Watches a descriptor for input (level-triggered) until it is closed.
fn watch_for_input(epoll: BorrowedFd<'_>, fd: BorrowedFd<'_>, token: u64) -> io::Result<()> {
    control(epoll, libc::EPOLL_CTL_ADD, fd, INPUT, token)
}

fn control(
    epoll: BorrowedFd<'_>,
    what: c_int,
    fd: BorrowedFd<'_>,
    events: u32,
    token: u64,
) -> io::Result<()> {
    let mut event = libc::epoll_event { events, u64: token };
    // SAFETY: `event` is valid for the call; both descriptors are open because they are borrowed.
    check(unsafe { libc::epoll_ctl(epoll.as_raw_fd(), what, fd.as_raw_fd(), &raw mut event) })?;
    Ok(())
}

fn wait_for_events(
    epoll: BorrowedFd<'_>,
    events: &mut [libc::epoll_event],
    timeout: c_int,
) -> io::Result<usize> {
    let most = c_int::try_from(events.len()).unwrap_or(c_int::MAX);
    // SAFETY: `events` has room for as many events as are asked for.
    let count = check(unsafe { libc::epoll_wait(epoll.as_raw_fd(), events.as_mut_ptr(), most, timeout) });
    match count {
        Ok(count) => Ok(usize::try_from(count).unwrap_or(0)),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
        Err(error) => Err(error),
    }
}

/// Wakes a thread that waits in [`Poller::wait`] (eventfd).
pub(crate) struct Bell {
    fd: OwnedFd,
}

impl Bell {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: no pointers; the result is checked before it is owned.
        let fd = unsafe { owned(libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK)) }?;
        Ok(Self { fd })
    }

    pub(crate) fn ring(&self) {
        let one = 1u64.to_ne_bytes();
        // SAFETY: eight readable bytes, as an eventfd wants. The only failure is a counter at its maximum, and then the
        // bell rings already.
        unsafe { libc::write(self.fd.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    pub(crate) fn silence(&self) {
        let mut count = [0u8; 8];
        // SAFETY: eight writable bytes, as an eventfd wants. Not ringing (EAGAIN) is as good as silenced.
        unsafe { libc::read(self.fd.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
    }
}

/// Waits until a send buffer has room again.
pub(crate) fn wait_writable(socket: BorrowedFd<'_>, timeout: Duration) -> bool {
    let mut poll = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
    // SAFETY: one valid pollfd.
    let ready = unsafe { libc::poll(&raw mut poll, 1, milliseconds_up(timeout)) };
    ready == 1 && poll.revents & libc::POLLOUT != 0
}

/// Asks for local addresses of received packets (`IP_PKTINFO`), and how many the kernel dropped.
pub(crate) fn ask_for_details(socket: BorrowedFd<'_>, family: Family) -> io::Result<()> {
    if family == Family::V6 {
        set(socket, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, 1)?;
    } else {
        set(socket, libc::IPPROTO_IP, libc::IP_PKTINFO, 1)?;
    }
    set(socket, libc::SOL_SOCKET, libc::SO_RXQ_OVFL, 1)
}

/// Asks for IPv4 packets that no router cuts, and that may be as long as the way out takes. Nothing of ours is longer than
/// any path carries, and a packet that is never cut needs no identification: the kernel takes those from counters that
/// all threads share (7 % of the time of a room's shards, measured). IPv6 never cuts.
pub(crate) fn ask_for_whole_packets(socket: BorrowedFd<'_>) -> io::Result<()> {
    set(socket, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, libc::IP_PMTUDISC_PROBE)
}

/// The sizes of a socket's buffers in bytes, as the kernel counts them (twice what was asked for).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Buffers {
    pub(crate) receive: usize,
    pub(crate) send: usize,
}

/// Asks for large buffers, beyond the system's limit where that is allowed, and says what was granted.
pub(crate) fn ask_for_buffers(socket: BorrowedFd<'_>, receive: usize, send: usize) -> io::Result<Buffers> {
    let bytes = |bytes: usize| c_int::try_from(bytes).unwrap_or(c_int::MAX);
    for (force, ask, size) in [
        (libc::SO_RCVBUFFORCE, libc::SO_RCVBUF, bytes(receive)),
        (libc::SO_SNDBUFFORCE, libc::SO_SNDBUF, bytes(send)),
    ] {
        set(socket, libc::SOL_SOCKET, force, size).or_else(|_| set(socket, libc::SOL_SOCKET, ask, size))?;
    }
    let granted = |option| Ok::<_, io::Error>(usize::try_from(get(socket, option)?).unwrap_or(0));
    Ok(Buffers { receive: granted(libc::SO_RCVBUF)?, send: granted(libc::SO_SNDBUF)? })
}

/// Whether the kernel knows UDP segmentation (Linux 4.18). The network card may still refuse a packet with EIO.
pub(crate) fn can_segment(socket: BorrowedFd<'_>) -> bool {
    set(socket, libc::SOL_UDP, libc::UDP_SEGMENT, 0).is_ok()
}

/// Keeps the calling thread on one of the processors it may use: the `n`th, counted round. Containers and sandboxes may
/// forbid it; a thread that wanders is slower, not wrong.
pub(crate) fn stay_on_processor(n: usize) -> io::Result<()> {
    // SAFETY: cpu_set_t is plain bits, for which zero is a value.
    let mut allowed: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: a valid set of the given size; 0 is the calling thread.
    check(unsafe { libc::sched_getaffinity(0, size, &raw mut allowed) })?;
    let most = usize::try_from(libc::CPU_SETSIZE).unwrap_or(0);
    // SAFETY: below CPU_SETSIZE, so within the set.
    let processors = (0..most).filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, &allowed) });
    let count = processors.clone().count().max(1);
    let Some(mine) = processors.into_iter().nth(n % count) else { return Ok(()) };
    // SAFETY: as above, and `mine` was found within the set.
    unsafe {
        let mut only: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(mine, &mut only);
        check(libc::sched_setaffinity(0, size, &raw const only))?;
    }
    Ok(())
}

/// Puts the calling thread ahead of threads that can wait, where that is allowed: what comes first among equals is voice.
pub(crate) fn come_first() -> io::Result<()> {
    // SAFETY: no pointers; 0 is the calling thread.
    check(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, AHEAD) })?;
    Ok(())
}

/// As a sound server's.
const AHEAD: c_int = -11;

/// Randomness from the operating system, by system call: `/dev/urandom` could not be opened here.
pub(crate) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    let mut filled = 0;
    while filled < N {
        let rest = &mut bytes[filled..];
        // SAFETY: `rest` is writable for its length.
        let got = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match usize::try_from(got) {
            Ok(got) => filled += got,
            Err(_) if interrupted() => {}
            Err(_) => return Err(io::Error::last_os_error()),
        }
    }
    Ok(bytes)
}

fn set(socket: BorrowedFd<'_>, level: c_int, option: c_int, value: c_int) -> io::Result<()> {
    let size = libc::socklen_t::try_from(size_of::<c_int>()).unwrap_or(4);
    // SAFETY: the option's value is an int, valid for the call.
    check(unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const value).cast(), size) })?;
    Ok(())
}

fn get(socket: BorrowedFd<'_>, option: c_int) -> io::Result<c_int> {
    let mut value: c_int = 0;
    let mut size = libc::socklen_t::try_from(size_of::<c_int>()).unwrap_or(4);
    // SAFETY: room for an int, and its size.
    check(unsafe {
        let value = (&raw mut value).cast();
        libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, option, value, &raw mut size)
    })?;
    Ok(value)
}

fn milliseconds_up(duration: Duration) -> c_int {
    c_int::try_from(duration.as_micros().div_ceil(1000)).unwrap_or(c_int::MAX)
}

fn interrupted() -> bool {
    io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
}

fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// # Safety
/// `fd` is negative, or a descriptor that nobody else owns.
unsafe fn owned(fd: c_int) -> io::Result<OwnedFd> {
    let fd = check(fd)?;
    // SAFETY: not negative, and by the caller's word ours alone.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
