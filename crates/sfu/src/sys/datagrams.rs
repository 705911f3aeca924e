//! Many datagrams per system call, each with the local address it came to or leaves from.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use media::egress::Message;
use media::limits::BATCH;

use super::check;
use crate::limits::{RECEIVE_BATCH, RECEIVE_BYTES};

/// Of a socket. `V6` also carries IPv4 (dual stack): mapped addresses are this module's affair alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

impl Family {
    pub(crate) fn of(address: SocketAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

/// Room for the datagrams of one call, used again for ever.
pub(crate) struct Incoming {
    bytes: Box<[[u8; RECEIVE_BYTES]]>,
    details: Box<[Details]>,
    heads: Box<Heads<RECEIVE_BATCH, CONTROL_IN>>,
}

/// What the kernel reads and writes beside the bytes themselves. Kept from call to call: clearing it costs more than
/// a datagram that comes alone. Its pointers are set anew before each call, so it may be moved in between.
struct Heads<const BATCH: usize, const CONTROL: usize> {
    names: [Name; BATCH],
    vectors: [libc::iovec; BATCH],
    controls: [Control<CONTROL>; BATCH],
    heads: [libc::mmsghdr; BATCH],
}

// SAFETY: the pointers within are followed during a call only, and point to what the caller holds then.
unsafe impl<const BATCH: usize, const CONTROL: usize> Send for Heads<BATCH, CONTROL> {}

impl<const BATCH: usize, const CONTROL: usize> Heads<BATCH, CONTROL> {
    fn new() -> Box<Self> {
        // SAFETY: all of it is plain integers, arrays and pointers, for which zero is a value.
        unsafe { Box::new_zeroed().assume_init() }
    }

    /// As new.
    fn wipe(&mut self) {
        // SAFETY: as in `new`; what is overwritten needs no dropping.
        unsafe { ptr::from_mut(self).write_bytes(0, 1) };
    }
}

#[derive(Clone, Copy)]
struct Details {
    source: SocketAddr,
    local: IpAddr,
    len: usize,
    whole: bool,
    dropped: Option<u32>,
}

/// One datagram as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Received<'a> {
    pub(crate) source: SocketAddr,
    /// The address it was sent to; unspecified when the kernel did not say.
    pub(crate) local: IpAddr,
    /// `None` when it was longer than anything that is looked at.
    pub(crate) bytes: Option<&'a [u8]>,
    /// Datagrams that this socket has lost since its start because nobody fetched them in time, when the kernel says.
    pub(crate) dropped: Option<u32>,
}

/// Room for the control messages of one datagram: addresses of both families and a counter, aligned.
type Control<const WORDS: usize> = [u64; WORDS];

const CONTROL_IN: usize = 16;
const CONTROL_OUT: usize = 8;

const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

const NOTHING: Details =
    Details { source: NOWHERE, local: NOWHERE.ip(), len: 0, whole: false, dropped: None };

impl Incoming {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![[0; RECEIVE_BYTES]; RECEIVE_BATCH].into_boxed_slice(),
            details: vec![NOTHING; RECEIVE_BATCH].into_boxed_slice(),
            heads: Heads::new(),
        }
    }

    /// Overwrites who sent what last.
    pub(crate) fn wipe(&mut self) {
        self.bytes.as_flattened_mut().fill(0);
        // Byte by byte would not do: an address of the shorter kind leaves the rest of the longer in its place.
        self.details = vec![NOTHING; RECEIVE_BATCH].into_boxed_slice();
        self.heads.wipe();
    }

    /// Fetches what is there, without waiting; 0 when there is nothing.
    pub(crate) fn receive(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        let Heads { names, vectors, controls, heads } = &mut *self.heads;
        let buffers = self.bytes.iter_mut().zip(names.iter_mut()).zip(vectors).zip(controls);
        for ((((bytes, name), vector), control), head) in buffers.zip(heads.iter_mut()) {
            *vector = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
            let head = &mut head.msg_hdr;
            head.msg_name = ptr::from_mut(name).cast();
            head.msg_namelen = socklen::<Name>();
            head.msg_iov = vector;
            head.msg_iovlen = 1;
            head.msg_control = control.as_mut_ptr().cast();
            head.msg_controllen = size_of_val(control) as _;
        }
        let most = u32::try_from(self.bytes.len().min(RECEIVE_BATCH)).unwrap_or(0);
        // SAFETY: every head points to buffers of the stated sizes that are held for longer than this call.
        let result = check(unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                heads.as_mut_ptr(),
                most,
                libc::MSG_DONTWAIT as _,
                ptr::null_mut(),
            )
        });
        let count = match result {
            Ok(count) => usize::try_from(count).unwrap_or(0).min(RECEIVE_BATCH),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => 0,
            Err(error) => return Err(error),
        };
        for ((details, head), name) in self.details.iter_mut().zip(&*heads).zip(&*names).take(count) {
            // SAFETY: zero at first, then written by the kernel: all of it is plain integers.
            *details = details_of(head, unsafe { &name.v6 });
        }
        Ok(count)
    }

    /// The `i`th datagram of the last call.
    pub(crate) fn get(&self, i: usize) -> Option<Received<'_>> {
        let details = self.details.get(i)?;
        let bytes = self.bytes.get(i)?.get(..details.len).filter(|_| details.whole);
        Some(Received { source: details.source, local: details.local, bytes, dropped: details.dropped })
    }
}

fn details_of(head: &libc::mmsghdr, name: &libc::sockaddr_in6) -> Details {
    let mut local = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let mut dropped = None;
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
                    // The destination of the packet, not the address of the interface.
                    local = IpAddr::V4(Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr)));
                }
                (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                    let info: libc::in6_pktinfo = ptr::read_unaligned(data.cast());
                    local = IpAddr::V6(Ipv6Addr::from(info.ipi6_addr.s6_addr)).to_canonical();
                }
                (libc::SOL_SOCKET, libc::SO_RXQ_OVFL) => dropped = Some(ptr::read_unaligned(data.cast())),
                _ => {}
            }
            control = libc::CMSG_NXTHDR(message, control);
        }
    }
    Details {
        source: socket_address(name),
        local,
        len: usize::try_from(head.msg_len).unwrap_or(0),
        whole: message.msg_flags & libc::MSG_TRUNC == 0,
        dropped,
    }
}

/// Room for what one call sends, used again for ever.
pub(crate) struct Outgoing(Box<Heads<BATCH, CONTROL_OUT>>);

impl Outgoing {
    pub(crate) fn new() -> Self {
        Self(Heads::new())
    }

    /// Overwrites whom was sent to last.
    pub(crate) fn wipe(&mut self) {
        self.0.wipe();
    }

    /// Sends at most [`BATCH`] messages and says how many went out. An error is about the first; the rest were not
    /// tried.
    pub(crate) fn send(
        &mut self,
        socket: BorrowedFd<'_>,
        family: Family,
        messages: &[Message<'_>],
    ) -> io::Result<usize> {
        let Heads { names, vectors, controls, heads } = &mut *self.0;
        let buffers = messages.iter().zip(names).zip(vectors).zip(controls);
        for ((((message, name), vector), control), head) in buffers.zip(heads.iter_mut()) {
            // The kernel only reads from it.
            let base = message.bytes.as_ptr().cast_mut().cast();
            *vector = libc::iovec { iov_base: base, iov_len: message.bytes.len() };
            *control = [0; CONTROL_OUT];
            let head = &mut head.msg_hdr;
            head.msg_namelen = name.write(family, message.to);
            head.msg_name = ptr::from_mut(name).cast();
            head.msg_iov = vector;
            head.msg_iovlen = 1;
            head.msg_control = control.as_mut_ptr().cast();
            head.msg_controllen = size_of_val(control) as _;
            write_controls(head, family, message);
        }
        let count = u32::try_from(messages.len().min(BATCH)).unwrap_or(0);
        // SAFETY: every head up to `count` points to buffers of the stated sizes that are held for longer than this call.
        let sent = check(unsafe {
            libc::sendmmsg(socket.as_raw_fd(), heads.as_mut_ptr(), count, libc::MSG_DONTWAIT as _)
        })?;
        Ok(usize::try_from(sent).unwrap_or(0))
    }
}

/// An address of either family, as the socket's family wants it.
#[repr(C)]
pub(super) union Name {
    v4: libc::sockaddr_in,
    v6: libc::sockaddr_in6,
}

impl Name {
    /// Returns the length; an IPv6 address on an IPv4 socket keeps its own family, which the kernel refuses.
    pub(super) fn write(&mut self, family: Family, address: SocketAddr) -> libc::socklen_t {
        if let (Family::V4, SocketAddr::V4(address)) = (family, address) {
            self.v4 = libc::sockaddr_in {
                sin_family: family_number(libc::AF_INET),
                sin_port: address.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from(*address.ip()).to_be() },
                sin_zero: [0; 8],
            };
            return socklen::<libc::sockaddr_in>();
        }
        let scope = if let SocketAddr::V6(address) = address { address.scope_id() } else { 0 };
        self.v6 = libc::sockaddr_in6 {
            sin6_family: family_number(libc::AF_INET6),
            sin6_port: address.port().to_be(),
            sin6_flowinfo: 0,
            sin6_addr: libc::in6_addr { s6_addr: mapped(address.ip()).octets() },
            sin6_scope_id: scope,
        };
        socklen::<libc::sockaddr_in6>()
    }
}

/// Writes where the message leaves from, and its segmentation, into the control buffer of `head`.
fn write_controls(head: &mut libc::msghdr, family: Family, message: &Message<'_>) {
    let known = !message.from.is_unspecified();
    // A link-local source only means something together with its interface.
    let interface = if let SocketAddr::V6(to) = message.to { to.scope_id() } else { 0 };
    let mut used = 0;
    // SAFETY: the control buffer is aligned, zeroed, and has room for both messages: CMSG_SPACE of in6_pktinfo (40) and
    // of a u16 (24) are its 64 bytes. The CMSG_ functions stay within msg_controllen, which still is the whole buffer.
    unsafe {
        const { assert!(CONTROL_OUT * 8 >= space::<libc::in6_pktinfo>() + space::<u16>()) };
        let mut control = libc::CMSG_FIRSTHDR(head);
        match (family, message.from) {
            // On a socket of both families too: this one is short enough for the kernel to need no memory for it.
            (_, IpAddr::V4(from)) if known && message.to.is_ipv4() => {
                let source = libc::in_addr { s_addr: u32::from(from).to_be() };
                let info = libc::in_pktinfo {
                    ipi_ifindex: 0,
                    ipi_spec_dst: source,
                    ipi_addr: libc::in_addr { s_addr: 0 },
                };
                put(control, libc::IPPROTO_IP, libc::IP_PKTINFO, info);
                used += space::<libc::in_pktinfo>();
                control = libc::CMSG_NXTHDR(head, control);
            }
            (Family::V6, from) if known => {
                let info = libc::in6_pktinfo {
                    ipi6_addr: libc::in6_addr { s6_addr: mapped(from).octets() },
                    ipi6_ifindex: interface,
                };
                put(control, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, info);
                used += space::<libc::in6_pktinfo>();
                control = libc::CMSG_NXTHDR(head, control);
            }
            _ => {}
        }
        if let Some(segment) = message.segment
            && !control.is_null()
        {
            put(control, libc::SOL_UDP, libc::UDP_SEGMENT, segment);
            used += space::<u16>();
        }
    }
    head.msg_controllen = used as _;
    if used == 0 {
        head.msg_control = ptr::null_mut();
    }
}

/// # Safety
/// `control` points to a control message header with room for `T` behind it.
unsafe fn put<T>(control: *mut libc::cmsghdr, level: i32, kind: i32, value: T) {
    // SAFETY: by the caller's word; the payload is written unaligned.
    unsafe {
        (*control).cmsg_level = level;
        (*control).cmsg_type = kind;
        (*control).cmsg_len = libc::CMSG_LEN(size::<T>()) as _;
        ptr::write_unaligned(libc::CMSG_DATA(control).cast(), value);
    }
}

const fn space<T>() -> usize {
    // SAFETY: arithmetic only.
    unsafe { libc::CMSG_SPACE(size::<T>()) as usize }
}

pub(super) fn socklen<T>() -> libc::socklen_t {
    size::<T>()
}

/// In bytes, as the C interfaces count.
const fn size<T>() -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "of structures of a few dozen bytes")]
    let bytes = size_of::<T>() as u32;
    bytes
}

fn family_number(family: libc::c_int) -> libc::sa_family_t {
    libc::sa_family_t::try_from(family).unwrap_or(0)
}

fn mapped(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

fn socket_address(name: &libc::sockaddr_in6) -> SocketAddr {
    if i32::from(name.sin6_family) == libc::AF_INET {
        // SAFETY: the kernel wrote a sockaddr_in, which is shorter, where there was room for a sockaddr_in6.
        let v4: libc::sockaddr_in = unsafe { ptr::read_unaligned(ptr::from_ref(name).cast()) };
        let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
        return SocketAddr::from((ip, u16::from_be(v4.sin_port)));
    }
    let (ip, port) = (Ipv6Addr::from(name.sin6_addr.s6_addr), u16::from_be(name.sin6_port));
    match ip.to_ipv4_mapped() {
        Some(ip) => SocketAddr::from((ip, port)),
        None => SocketAddr::V6(SocketAddrV6::new(ip, port, 0, name.sin6_scope_id)),
    }
}
