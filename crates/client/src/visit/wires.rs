//! UDP sockets, one for each address of this machine from which the server can be reached.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::Poll;

use protocol::media::Sdp;
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

use crate::limits::WIRES_MAX;
use crate::peer::{Transmit, candidates};

pub(super) struct Wires {
    sockets: Vec<(SocketAddr, UdpSocket)>,
}

/// Where a datagram came from, and to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) bytes: usize,
}

impl Wires {
    /// From where the way to each of the server's candidates leads.
    ///
    /// # Errors
    /// When there is no such address.
    pub(super) fn to(answer: &Sdp) -> io::Result<Self> {
        let mut sockets: Vec<(SocketAddr, UdpSocket)> = Vec::new();
        let mut last = io::Error::from(io::ErrorKind::NetworkUnreachable);
        for candidate in candidates(answer) {
            let made = way_to(candidate).and_then(|ip| {
                if sockets.len() == WIRES_MAX || sockets.iter().any(|(local, _)| local.ip() == ip) {
                    return Ok(None);
                }
                bound(SocketAddr::new(ip, 0)).map(Some)
            });
            match made {
                Ok(made) => sockets.extend(made),
                Err(error) => last = error,
            }
        }
        if sockets.is_empty() { Err(last) } else { Ok(Self { sockets }) }
    }

    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().map(|(local, _)| *local).collect()
    }

    /// Voice that a socket does not take at once is late already: it is dropped, as a network would.
    pub(super) fn send(&self, transmit: &Transmit) {
        if let Some((_, socket)) = self.sockets.iter().find(|(local, _)| *local == transmit.from) {
            let _ = socket.try_send_to(&transmit.contents, transmit.to);
        }
    }

    /// The next datagram that comes to any of them. Nothing is lost when this is dropped half-way.
    pub(super) async fn receive(&self, buffer: &mut [u8]) -> Arrival {
        poll_fn(|cx| {
            for (to, socket) in &self.sockets {
                loop {
                    let mut place = ReadBuf::new(buffer);
                    match socket.poll_recv_from(cx, &mut place) {
                        Poll::Ready(Ok(from)) => {
                            return Poll::Ready(Arrival { from, to: *to, bytes: place.filled().len() });
                        }
                        // Word of an address that does not answer: others may.
                        Poll::Ready(Err(_)) => {}
                        Poll::Pending => break,
                    }
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Which of our addresses the system would use. Nothing is sent.
fn way_to(candidate: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr =
        if candidate.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let probe = std::net::UdpSocket::bind((any, 0))?;
    probe.connect(candidate)?;
    Ok(probe.local_addr()?.ip())
}

fn bound(address: SocketAddr) -> io::Result<(SocketAddr, UdpSocket)> {
    let socket = std::net::UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok((socket.local_addr()?, UdpSocket::from_std(socket)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_of_this_machine_is_reached_from_this_machine() {
        let answer = |lines: &str| Sdp(format!("v=0\r\nm=audio 9 X 111\r\n{lines}"));
        let two = "a=candidate:1 1 udp 7 127.0.0.1 3478 typ host\r\na=candidate:2 1 udp 7 127.0.0.1 3479 typ host\r\n";
        let wires = Wires::to(&answer(two)).expect("loopback");
        let addresses = wires.addresses();
        assert_eq!(addresses.len(), 1, "{addresses:?}");
        assert_eq!(addresses[0].ip(), Ipv4Addr::LOCALHOST);
        assert!(Wires::to(&answer("")).is_err(), "a server without an address cannot be reached");

        let other = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        other.send_to(b"hello", addresses[0]).expect("sent");
        let mut buffer = [0; 100];
        let arrival = wires.receive(&mut buffer).await;
        assert_eq!(arrival.from, other.local_addr().expect("bound"));
        assert_eq!((arrival.to, &buffer[..arrival.bytes]), (addresses[0], &b"hello"[..]));
    }
}
