//! Sixty-four datagrams a call, each with its moment, its destination and what was lost before it.

use std::io;
use std::mem::zeroed;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::ptr;

use super::clocks::nanoseconds;
use super::control::{Control, space};
use super::{check, size};
use crate::limits::{DATAGRAM, RECEIVE_BATCH};

/// Room for the datagrams of one call, used again for ever.
pub(crate) struct Inbox {
    bytes: Box<[[u8; DATAGRAM]]>,
    details: [Details; RECEIVE_BATCH],
}

#[derive(Clone, Copy)]
struct Details {
    from: SocketAddrV4,
    to: Ipv4Addr,
    at: i64,
    len: usize,
    dropped: u32,
}

/// One datagram as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Received<'a> {
    pub(crate) from: SocketAddrV4,
    /// The address it was sent to.
    pub(crate) to: Ipv4Addr,
    /// When the kernel received it: nanoseconds since 1970; 0 when it did not say.
    pub(crate) at: i64,
    /// Cut off at [`DATAGRAM`].
    pub(crate) bytes: &'a [u8],
    /// Datagrams that this socket has lost since it was made because nobody fetched them in time.
    pub(crate) dropped: u32,
}

const CONTROL: usize = 12;

const NOTHING: Details = Details {
    from: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0),
    to: Ipv4Addr::UNSPECIFIED,
    at: 0,
    len: 0,
    dropped: 0,
};

impl Inbox {
    pub(crate) fn new() -> Self {
        let bytes = vec![[0; DATAGRAM]; RECEIVE_BATCH].into_boxed_slice();
        Self { bytes, details: [NOTHING; RECEIVE_BATCH] }
    }

    /// Holds nothing: stands where another was taken out.
    pub(crate) fn empty() -> Self {
        Self { bytes: Box::default(), details: [NOTHING; RECEIVE_BATCH] }
    }

    /// Fetches what is there, without waiting; 0 when there is nothing.
    pub(crate) fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        const {
            let needed = space::<libc::in_pktinfo>() + space::<libc::timespec>() + space::<u32>();
            assert!(CONTROL * 8 >= needed);
        }
        // SAFETY: all of these are plain integers, arrays and pointers, for which zero is a value.
        let (mut names, mut vectors, mut heads) = unsafe {
            (
                zeroed::<[libc::sockaddr_in; RECEIVE_BATCH]>(),
                zeroed::<[libc::iovec; RECEIVE_BATCH]>(),
                zeroed::<[libc::mmsghdr; RECEIVE_BATCH]>(),
            )
        };
        let mut controls: [Control<CONTROL>; RECEIVE_BATCH] = [[0; CONTROL]; RECEIVE_BATCH];
        let buffers = self.bytes.iter_mut().zip(&mut names).zip(&mut vectors).zip(&mut controls);
        for ((((bytes, name), vector), control), head) in buffers.zip(&mut heads) {
            *vector = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
            let head = &mut head.msg_hdr;
            head.msg_name = ptr::from_mut(name).cast();
            head.msg_namelen = size::<libc::sockaddr_in>();
            head.msg_iov = vector;
            head.msg_iovlen = 1;
            head.msg_control = control.as_mut_ptr().cast();
            head.msg_controllen = size_of_val(control) as _;
        }
        let (most, flags) = (u32::try_from(RECEIVE_BATCH).unwrap_or(0), libc::MSG_DONTWAIT as _);
        // SAFETY: every head points to buffers of the stated sizes that live until the end of this function.
        let result = check(unsafe {
            libc::recvmmsg(socket.as_raw_fd(), heads.as_mut_ptr(), most, flags, ptr::null_mut())
        });
        let count = match result {
            Ok(count) => usize::try_from(count).unwrap_or(0).min(RECEIVE_BATCH),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => 0,
            Err(error) => return Err(error),
        };
        for ((details, head), name) in self.details.iter_mut().zip(&heads).zip(&names).take(count) {
            *details = details_of(head, name);
        }
        Ok(count)
    }

    /// The `i`th datagram of the last call.
    pub(crate) fn get(&self, i: usize) -> Option<Received<'_>> {
        let Details { from, to, at, len, dropped } = *self.details.get(i)?;
        let bytes = self.bytes.get(i)?;
        Some(Received { from, to, at, bytes: bytes.get(..len).unwrap_or(bytes), dropped })
    }
}

fn details_of(head: &libc::mmsghdr, name: &libc::sockaddr_in) -> Details {
    let ip = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
    let from = SocketAddrV4::new(ip, u16::from_be(name.sin_port));
    let mut details = Details { from, len: usize::try_from(head.msg_len).unwrap_or(0), ..NOTHING };
    let message = &head.msg_hdr;
    // SAFETY: the kernel has filled the control buffer that `message` still points to, up to msg_controllen; the CMSG_
    // functions stay within it, and each payload is read unaligned and only as the type its level and type promise.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(message);
        while let Some(found) = control.as_ref() {
            let data = libc::CMSG_DATA(control);
            match (found.cmsg_level, found.cmsg_type) {
                (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                    let info: libc::in_pktinfo = ptr::read_unaligned(data.cast());
                    details.to = Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr));
                }
                (libc::SOL_SOCKET, libc::SO_TIMESTAMPNS) => {
                    details.at = nanoseconds(ptr::read_unaligned(data.cast()));
                }
                (libc::SOL_SOCKET, libc::SO_RXQ_OVFL) => details.dropped = ptr::read_unaligned(data.cast()),
                _ => {}
            }
            control = libc::CMSG_NXTHDR(message, control);
        }
    }
    details
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::sys::{drop_everything, open, send_from, wall};

    /// Loopback delivers within the call that sends; the loop is for a kernel that is busy elsewhere.
    fn received(inbox: &mut Inbox, socket: &UdpSocket) -> usize {
        let patience = Instant::now() + Duration::from_secs(5);
        loop {
            let count = inbox.receive(socket).expect("it works");
            if count > 0 || Instant::now() > patience {
                return count;
            }
        }
    }

    #[test]
    fn a_datagram_says_whom_it_was_for_and_when_it_came() {
        let (socket, _) = open(1 << 20).expect("a socket");
        let port = socket.local_addr().expect("bound").port();
        let (ann, ben) = (Ipv4Addr::new(127, 9, 0, 1), Ipv4Addr::new(127, 9, 0, 2));
        let before = wall();
        send_from(&socket, ben, SocketAddrV4::new(ann, port), b"hello").expect("sent");
        let mut inbox = Inbox::new();
        assert_eq!(received(&mut inbox, &socket), 1);
        let got = inbox.get(0).expect("one");
        assert_eq!((got.to, *got.from.ip(), got.bytes, got.dropped), (ann, ben, &b"hello"[..], 0));
        assert!((before..=wall()).contains(&got.at), "the kernel's own clock, and the same");
    }

    #[test]
    fn what_nobody_fetched_in_time_is_counted() {
        let (socket, granted) = open(4_096).expect("a socket");
        let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, socket.local_addr().expect("bound").port());
        let sent = 2 * granted / 512;
        for _ in 0..sent {
            send_from(&socket, Ipv4Addr::LOCALHOST, to, &[1; 200]).expect("sent");
        }
        let (mut inbox, mut got) = (Inbox::new(), 0);
        while let Ok(count @ 1..) = inbox.receive(&socket) {
            got += count;
        }
        assert!(got < sent, "more was sent than there is room for");
        send_from(&socket, Ipv4Addr::LOCALHOST, to, b"after").expect("sent");
        assert_eq!(received(&mut inbox, &socket), 1);
        assert_eq!(usize::try_from(inbox.get(0).expect("one").dropped), Ok(sent - got));
    }

    #[test]
    fn a_socket_that_drops_everything_hears_nothing() {
        let (deaf, _) = open(1 << 20).expect("a socket");
        let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, deaf.local_addr().expect("bound").port());
        drop_everything(&deaf).expect("a filter");
        let (ear, _) = open(1 << 20).expect("a socket");
        let also = SocketAddrV4::new(Ipv4Addr::LOCALHOST, ear.local_addr().expect("bound").port());
        send_from(&ear, Ipv4Addr::LOCALHOST, to, b"into nothing").expect("sent");
        send_from(&ear, Ipv4Addr::LOCALHOST, also, b"to me").expect("sent");
        let mut inbox = Inbox::new();
        assert_eq!(received(&mut inbox, &ear), 1, "what was sent later has arrived");
        assert_eq!(inbox.receive(&deaf).expect("it works"), 0);
    }
}
