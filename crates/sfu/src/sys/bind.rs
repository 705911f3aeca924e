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
///
/// To whoever shares its port the kernel may give one that others of the same user share already (`udp_lib_get_port`), and
/// half of what comes would be theirs. So a free one is found by a socket that does not share.
pub fn bind(address: SocketAddr, shards: usize) -> io::Result<Vec<UdpSocket>> {
    let count = SOCKETS_PER_SHARD * shards;
    let mut sockets = Vec::with_capacity(count);
    let mut address = address;
    if address.port() == 0 {
        address.set_port(bind_one(address, Sharing::Alone)?.local_addr()?.port());
    }
    for _ in 0..count {
        sockets.push(bind_one(address, Sharing::AmongShards)?);
    }
    Ok(sockets)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Alone,
    AmongShards,
}

fn bind_one(address: SocketAddr, sharing: Sharing) -> io::Result<UdpSocket> {
    let family = Family::of(address);
    let domain = if family == Family::V4 { libc::AF_INET } else { libc::AF_INET6 };
    // SAFETY: no pointers; the result is checked before it is owned.
    let socket: OwnedFd = unsafe { owned(libc::socket(domain, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0)) }?;
    if sharing == Sharing::AmongShards {
        set(socket.as_fd(), libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?;
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// So many that two would meet on one of some 28,000 ports in 16 of 17 runs, if they could; with two sockets each, fewer than a
    /// program may have open anywhere.
    const SERVERS: usize = 400;

    #[test]
    fn two_servers_that_ask_for_any_port_are_never_given_the_same() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let servers: Vec<_> = (0..SERVERS).map(|_| bind(any, 1).expect("free ports")).collect();
        let port = |sockets: &Vec<UdpSocket>| sockets[0].local_addr().expect("bound").port();
        let ports: BTreeSet<u16> = servers.iter().map(port).collect();
        assert_eq!(ports.len(), SERVERS);
        for sockets in &servers {
            assert!(sockets.iter().all(|socket| socket.local_addr().expect("bound").port() == port(sockets)));
        }
    }
}
