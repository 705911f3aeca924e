//! Sockets as the listeners of a bench need them.

use std::ffi::c_int;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;

use super::{check, size};

/// A socket on a free port of every address, and how many bytes its queue may hold as the kernel counts them. Received
/// datagrams say which address they came to, when, and how many before them were lost for want of room.
pub(crate) fn open(receive_buffer: usize) -> io::Result<(UdpSocket, usize)> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_nonblocking(true)?;
    set(&socket, libc::IPPROTO_IP, libc::IP_PKTINFO, 1)?;
    set(&socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
    set(&socket, libc::SOL_SOCKET, libc::SO_RXQ_OVFL, 1)?;
    let wanted = c_int::try_from(receive_buffer).unwrap_or(c_int::MAX);
    // Beyond the system's limit where that is allowed.
    set(&socket, libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, wanted)
        .or_else(|_| set(&socket, libc::SOL_SOCKET, libc::SO_RCVBUF, wanted))?;
    let granted = usize::try_from(get(&socket, libc::SO_RCVBUF)?).unwrap_or(0);
    Ok((socket, granted))
}

/// Lets the kernel throw away whatever comes: a classic filter of one instruction, "keep 0 bytes".
pub(crate) fn drop_everything(socket: &UdpSocket) -> io::Result<()> {
    let mut keep_nothing = libc::sock_filter { code: 0x06, jt: 0, jf: 0, k: 0 };
    let program = libc::sock_fprog { len: 1, filter: &raw mut keep_nothing };
    // SAFETY: the option's value is a program of one instruction, which the kernel copies within the call.
    check(unsafe {
        let value = (&raw const program).cast();
        let size = size::<libc::sock_fprog>();
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, value, size)
    })?;
    Ok(())
}

/// Packets that no router cuts, as the server asks for its own.
pub(crate) fn whole_packets(socket: &UdpSocket) -> io::Result<()> {
    set(socket, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, libc::IP_PMTUDISC_PROBE)
}

fn set(socket: &UdpSocket, level: c_int, option: c_int, value: c_int) -> io::Result<()> {
    // SAFETY: the option's value is an int, valid for the call.
    check(unsafe {
        let value = (&raw const value).cast();
        libc::setsockopt(socket.as_raw_fd(), level, option, value, size::<c_int>())
    })?;
    Ok(())
}

fn get(socket: &UdpSocket, option: c_int) -> io::Result<c_int> {
    let (mut value, mut size): (c_int, libc::socklen_t) = (0, size::<c_int>());
    // SAFETY: room for an int, and its size.
    check(unsafe {
        let value = (&raw mut value).cast();
        libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, option, value, &raw mut size)
    })?;
    Ok(value)
}
