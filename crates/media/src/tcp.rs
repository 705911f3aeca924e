//! Media over TCP (RFC 6544), for networks that let no UDP through: as much of it as the engine has to know.
//!
//! A connection is written as an address: the client's own, with the connection's index where IPv6 has its flow label
//! and its generation where it has its scope. Addresses of datagrams have no flow label here (`sfu` never copies one),
//! so the two are never mistaken for each other. Rows and tables thus hold one plain kind of address, and the packet path
//! asks nothing; whoever owns the connections picks their messages out of a batch.

use std::net::{SocketAddr, SocketAddrV6};

/// A connection of one shard: place in its table, and the generation that tells a reused place from its former owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionId {
    pub index: u16,
    pub generation: u32,
}

impl ConnectionId {
    /// The connection with this client, as an address.
    pub fn address(self, client: SocketAddr) -> SocketAddr {
        let ip = match client.ip() {
            std::net::IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            std::net::IpAddr::V6(v6) => v6,
        };
        let label = u32::from(self.index) + 1;
        SocketAddr::V6(SocketAddrV6::new(ip, client.port(), label, self.generation))
    }

    /// `None` for the address of a datagram.
    #[inline]
    pub fn of(address: SocketAddr) -> Option<Self> {
        let SocketAddr::V6(address) = address else { return None };
        let index = address.flowinfo().checked_sub(1)?;
        Some(Self { index: u16::try_from(index).ok()?, generation: address.scope_id() })
    }
}

/// The client's own address, of either kind.
pub(crate) fn client(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_never_taken_for_a_datagram_and_the_other_way_round() {
        for text in ["192.0.2.7:5000", "[2001:db8::1]:5000", "[::ffff:192.0.2.7]:5000"] {
            let datagram: SocketAddr = text.parse().expect("an address");
            assert_eq!(ConnectionId::of(datagram), None);
            for id in [(0, 0), (7, 3), (u16::MAX, u32::MAX)] {
                let id = ConnectionId { index: id.0, generation: id.1 };
                let address = id.address(datagram);
                assert_eq!(ConnectionId::of(address), Some(id));
                assert_eq!(client(address), client(datagram));
            }
        }
        let link_local = SocketAddr::V6(SocketAddrV6::new("fe80::1".parse().expect("an address"), 9, 0, 4));
        assert_eq!(ConnectionId::of(link_local), None);
    }
}
