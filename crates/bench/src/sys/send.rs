//! Sending: one datagram from a chosen address, or a full batch to many.

use std::io;
use std::mem::zeroed;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::ptr;

use super::control::{Control, put, space};
use super::{check, size};

/// Datagrams of one `sendmmsg`: nothing is gained above it (measured), and the server's batches are as large.
const BATCH: usize = 64;

/// Bytes of a datagram in a [`Batch`].
const PIECE: usize = 512;

/// Sends one datagram without waiting, from an address of this machine; the unspecified one leaves the choice to the
/// system.
pub(crate) fn send_from(
    socket: &UdpSocket,
    from: Ipv4Addr,
    to: SocketAddrV4,
    bytes: &[u8],
) -> io::Result<()> {
    const CONTROL: usize = 4;
    const { assert!(CONTROL * 8 >= space::<libc::in_pktinfo>()) };
    let mut name = name_of(to);
    // The kernel only reads from it.
    let mut vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    let mut control: Control<CONTROL> = [0; CONTROL];
    // SAFETY: plain integers and pointers, for which zero is a value.
    let mut head: libc::msghdr = unsafe { zeroed() };
    head.msg_name = (&raw mut name).cast();
    head.msg_namelen = size::<libc::sockaddr_in>();
    head.msg_iov = &raw mut vector;
    head.msg_iovlen = 1;
    if !from.is_unspecified() {
        head.msg_control = control.as_mut_ptr().cast();
        head.msg_controllen = space::<libc::in_pktinfo>() as _;
        let info = libc::in_pktinfo {
            ipi_ifindex: 0,
            ipi_spec_dst: libc::in_addr { s_addr: u32::from(from).to_be() },
            ipi_addr: libc::in_addr { s_addr: 0 },
        };
        // SAFETY: the control buffer is aligned, zeroed, and has room for this one message.
        unsafe { put(libc::CMSG_FIRSTHDR(&raw const head), libc::IPPROTO_IP, libc::IP_PKTINFO, info) };
    }
    // SAFETY: the head points to buffers of the stated sizes that live until the end of this function.
    let sent = unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const head, libc::MSG_DONTWAIT) };
    if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Datagrams on their way out together.
pub(crate) struct Batch {
    bytes: Box<[[u8; PIECE]; BATCH]>,
    lens: [usize; BATCH],
    names: [libc::sockaddr_in; BATCH],
    count: usize,
}

impl Batch {
    pub(crate) fn new() -> Self {
        let nowhere = name_of(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));
        Self { bytes: Box::new([[0; PIECE]; BATCH]), lens: [0; BATCH], names: [nowhere; BATCH], count: 0 }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.count == BATCH
    }

    /// One more, written in place; nothing when the batch is full or `write` has nothing.
    #[inline]
    pub(crate) fn push(&mut self, to: SocketAddrV4, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        let (Some(bytes), Some(len), Some(name)) =
            (self.bytes.get_mut(self.count), self.lens.get_mut(self.count), self.names.get_mut(self.count))
        else {
            return;
        };
        if let Some(written) = write(bytes) {
            *len = written.min(PIECE);
            *name = name_of(to);
            self.count += 1;
        }
    }

    /// Sends all, waiting for room where there is none, and says how many the kernel took.
    pub(crate) fn send(&mut self, socket: &UdpSocket) -> usize {
        // SAFETY: plain integers and pointers, for which zero is a value.
        let (mut vectors, mut heads) =
            unsafe { (zeroed::<[libc::iovec; BATCH]>(), zeroed::<[libc::mmsghdr; BATCH]>()) };
        let pieces = self.bytes.iter_mut().zip(&self.lens).zip(&mut self.names).take(self.count);
        for (((bytes, len), name), (vector, head)) in pieces.zip(vectors.iter_mut().zip(&mut heads)) {
            *vector = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: *len };
            let head = &mut head.msg_hdr;
            head.msg_name = ptr::from_mut(name).cast();
            head.msg_namelen = size::<libc::sockaddr_in>();
            head.msg_iov = vector;
            head.msg_iovlen = 1;
        }
        let (mut done, mut sent) = (0, 0);
        while done < self.count {
            let Some(rest) = heads.get_mut(done..self.count) else { break };
            let count = u32::try_from(rest.len()).unwrap_or(0);
            // SAFETY: every head up to `count` points to buffers of the stated sizes that live until the end of this
            // function.
            match check(unsafe { libc::sendmmsg(socket.as_raw_fd(), rest.as_mut_ptr(), count, 0) }) {
                Ok(taken) => {
                    let taken = usize::try_from(taken).unwrap_or(0);
                    sent += taken;
                    done += taken;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // An error is about the first.
                Err(_) => done += 1,
            }
        }
        self.count = 0;
        sent
    }
}

fn name_of(address: SocketAddrV4) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::sa_family_t::try_from(libc::AF_INET).unwrap_or(0),
        sin_port: address.port().to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(*address.ip()).to_be() },
        sin_zero: [0; 8],
    }
}
