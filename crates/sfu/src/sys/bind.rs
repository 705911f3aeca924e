//! Several sockets on one port.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use super::datagrams::{Family, Name, socklen};
use super::{check, owned, set};
use crate::limits::SOCKETS_PER_SHARD;

/// [`SOCKETS_PER_SHARD`] UDP sockets for each shard that share one port (SO_REUSEPORT), in the order that
/// [`crate::Config::sockets`] wants. Port 0 takes a free one, the same for all. An unspecified IPv6 address takes IPv4 as
/// well.
pub fn bind(address: SocketAddr, shards: usize) -> io::Result<Vec<UdpSocket>> {
    let count = SOCKETS_PER_SHARD * shards;
    let mut sockets = Vec::with_capacity(count);
    let mut address = address;
    for _ in 0..count {
        let socket = bind_one(address)?;
        address.set_port(socket.local_addr()?.port());
        sockets.push(socket);
    }
    Ok(sockets)
}

fn bind_one(address: SocketAddr) -> io::Result<UdpSocket> {
    let family = Family::of(address);
    let domain = if family == Family::V4 { libc::AF_INET } else { libc::AF_INET6 };
    // SAFETY: no pointers; the result is checked before it is owned.
    let socket: OwnedFd = unsafe { owned(libc::socket(domain, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0)) }?;
    set(socket.as_fd(), libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?;
    if family == Family::V6 {
        let only = i32::from(!address.ip().is_unspecified());
        set(socket.as_fd(), libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, only)?;
    }
    // SAFETY: a union of plain integers, for which zero is a value.
    let mut name: Name = unsafe { std::mem::zeroed() };
    let length = name.write(family, address).min(socklen::<Name>());
    // SAFETY: `name` holds an address of `length` bytes.
    check(unsafe { libc::bind(socket.as_raw_fd(), (&raw const name).cast(), length) })?;
    Ok(UdpSocket::from(socket))
}
