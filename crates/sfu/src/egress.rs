//! A shard's datagrams on their way into its socket, or into the connections of those who have no UDP.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use arrayvec::ArrayVec;
use media::ConnectionId;
use media::egress::{Egress, Message, SendBatch};
use media::limits::BATCH;

use crate::connections::Connections;
use crate::limits::{SEND_BLOCKED, SEND_WAIT};
use crate::sys::{self, Family, Outgoing};

/// Sends batches with `sendmmsg`, several datagrams to one listener as one message where the kernel and the network card
/// can cut it (UDP_SEGMENT), one by one where they cannot.
pub(crate) struct SocketEgress<S> {
    socket: S,
    family: Family,
    outgoing: Outgoing,
    segmentation: Segmentation,
    connections: Connections,
    /// The way out is blocked; until then nothing waits for it.
    blocked_until: Option<Instant>,
    sent: u64,
    refused: u64,
}

/// Who cuts a message of several datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segmentation {
    /// The kernel or the network card.
    Offloaded,
    /// We do: the kernel does not know UDP_SEGMENT, or the network card refused it.
    Own,
}

impl<S: AsFd> SocketEgress<S> {
    pub(crate) fn new(socket: S, family: Family) -> io::Result<Self> {
        let connections = Connections::new()?;
        let able = sys::can_segment(socket.as_fd());
        let segmentation = if able { Segmentation::Offloaded } else { Segmentation::Own };
        Ok(Self {
            socket,
            family,
            outgoing: Outgoing::new(),
            segmentation,
            connections,
            blocked_until: None,
            sent: 0,
            refused: 0,
        })
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }

    pub(crate) fn connections_mut(&mut self) -> &mut Connections {
        &mut self.connections
    }

    pub(crate) fn segmentation(&self) -> Segmentation {
        self.segmentation
    }

    /// Overwrites whom was sent to last, and what.
    pub(crate) fn wipe(&mut self) {
        self.outgoing.wipe();
        self.connections.wipe();
    }

    /// Messages handed to the kernel.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Messages that the kernel did not take.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    fn send_all(&mut self, mut messages: &[Message<'_>]) {
        let mut waited = false;
        while let Some((first, rest)) = messages.split_first() {
            match self.outgoing.send(self.socket.as_fd(), self.family, messages) {
                Ok(sent) => {
                    self.sent += sent as u64;
                    messages = messages.get(sent..).unwrap_or_default();
                }
                Err(error) => match Refusal::of(&error, first) {
                    Refusal::Again => {}
                    Refusal::Full if !waited && self.wait() => waited = true,
                    Refusal::Full => {
                        self.refused += messages.len() as u64;
                        return;
                    }
                    Refusal::NoSegments { for_ever } => {
                        if for_ever == ForEver::Yes {
                            self.segmentation = Segmentation::Own;
                        }
                        self.send_split(first);
                        messages = rest;
                    }
                    Refusal::This => {
                        self.refused += 1;
                        messages = rest;
                    }
                },
            }
        }
    }

    /// Waits for room in the send buffer. A way out that stays blocked is not waited for again at once: a sweep has many
    /// batches, and a cut must not wait for all of them.
    fn wait(&mut self) -> bool {
        let now = Instant::now();
        if self.blocked_until.is_some_and(|until| now < until) {
            return false;
        }
        let room = sys::wait_writable(self.socket.as_fd(), SEND_WAIT);
        self.blocked_until = (!room).then(|| now + SEND_BLOCKED);
        room
    }

    fn send_split(&mut self, message: &Message<'_>) {
        for bytes in message.datagrams() {
            self.send_all(&[Message { bytes, segment: None, ..*message }]);
        }
    }
}

impl<S: AsFd> Egress for SocketEgress<S> {
    fn send(&mut self, batch: &mut SendBatch) {
        let mut ready = ArrayVec::<_, BATCH>::new();
        for message in batch.iter() {
            if let Some(connection) = ConnectionId::of(message.to) {
                self.connections.write(connection, &message);
            } else if message.segment.is_some() && self.segmentation == Segmentation::Own {
                self.send_all(&ready);
                ready.clear();
                self.send_split(&message);
            } else {
                ready.push(message);
            }
        }
        self.send_all(&ready);
        drop(ready);
        batch.clear();
    }

    fn close(&mut self, connection: ConnectionId) {
        self.connections.close(connection);
    }
}

/// What an error of `sendmmsg` says about the first message.
enum Refusal {
    Again,
    /// The send buffer is full.
    Full,
    /// It cannot be cut into segments; alone its datagrams may pass.
    NoSegments {
        for_ever: ForEver,
    },
    /// It cannot be sent at all: no route, address gone, forbidden.
    This,
}

#[derive(PartialEq, Eq)]
enum ForEver {
    Yes,
    No,
}

impl Refusal {
    fn of(error: &io::Error, message: &Message<'_>) -> Self {
        match error.raw_os_error() {
            Some(libc::EINTR) => Self::Again,
            Some(libc::EAGAIN | libc::ENOBUFS) => Self::Full,
            // EIO: the way out has no checksum offload. The others: this message, on this path.
            Some(libc::EIO) if message.segment.is_some() => Self::NoSegments { for_ever: ForEver::Yes },
            Some(libc::EINVAL | libc::EMSGSIZE | libc::EOPNOTSUPP) if message.segment.is_some() => {
                Self::NoSegments { for_ever: ForEver::No }
            }
            _ => Self::This,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{SocketAddr, UdpSocket};
    use std::time::Duration;

    /// A socket that waits for a datagram for a while, and fails loudly.
    fn listener(address: &str) -> UdpSocket {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        socket
    }

    fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
        let mut bytes = [0; 2048];
        let (len, from) = socket.recv_from(&mut bytes).unwrap();
        (bytes[..len].to_vec(), from)
    }

    fn egress(address: &str) -> SocketEgress<UdpSocket> {
        let socket = sys::bind(address.parse().unwrap(), 1).unwrap().remove(0);
        let family = Family::of(socket.local_addr().unwrap());
        SocketEgress::new(socket, family).unwrap()
    }

    fn to<'a>(socket: &UdpSocket, from: &str, bytes: &'a [u8]) -> Message<'a> {
        Message { to: socket.local_addr().unwrap(), from: from.parse().unwrap(), bytes, segment: None }
    }

    #[test]
    fn packets_leave_from_the_address_that_the_peer_talks_to() {
        let mut egress = egress("0.0.0.0:0");
        let peer = listener("127.0.0.1:0");
        egress.send_all(&[to(&peer, "127.0.0.2", b"a"), to(&peer, "127.0.0.3", b"b")]);
        assert_eq!(receive(&peer).1.ip().to_string(), "127.0.0.2");
        assert_eq!(receive(&peer).1.ip().to_string(), "127.0.0.3");
        assert_eq!((egress.sent(), egress.refused()), (2, 0));
    }

    #[test]
    fn one_socket_reaches_both_families_and_knows_where_packets_came_to() {
        let mut egress = egress("[::]:0");
        let (old, new) = (listener("127.0.0.1:0"), listener("[::1]:0"));
        egress.send_all(&[to(&old, "127.0.0.4", b"old"), to(&new, "::1", b"new")]);
        assert_eq!(receive(&old), (b"old".to_vec(), server(&egress, "127.0.0.4")));
        assert_eq!(receive(&new), (b"new".to_vec(), server(&egress, "::1")));

        sys::ask_for_details(egress.socket.as_fd(), Family::V6).unwrap();
        old.send_to(b"back", server(&egress, "127.0.0.4")).unwrap();
        new.send_to(b"back", server(&egress, "::1")).unwrap();
        let mut incoming = sys::Incoming::new();
        let mut came = Vec::new();
        while came.len() < 2 {
            let count = incoming.receive(egress.socket.as_fd()).unwrap();
            came.extend((0..count).map(|i| {
                let received = incoming.get(i).unwrap();
                (received.source, received.local.to_string(), received.bytes.unwrap().to_vec())
            }));
        }
        assert_eq!(
            came,
            [
                (old.local_addr().unwrap(), "127.0.0.4".to_owned(), b"back".to_vec()),
                (new.local_addr().unwrap(), "::1".to_owned(), b"back".to_vec()),
            ]
        );
    }

    fn server(egress: &SocketEgress<UdpSocket>, ip: &str) -> SocketAddr {
        SocketAddr::new(ip.parse().unwrap(), egress.socket.local_addr().unwrap().port())
    }

    #[test]
    fn a_message_of_three_packets_arrives_as_three_packets_whoever_cuts_it() {
        let peer = listener("127.0.0.1:0");
        let bytes: Vec<u8> = (0..250).collect();
        for segmentation in [Segmentation::Offloaded, Segmentation::Own] {
            let mut egress = egress("0.0.0.0:0");
            assert_eq!(egress.segmentation(), Segmentation::Offloaded, "Linux knows how since 4.18");
            egress.segmentation = segmentation;
            let three = Message { segment: Some(100), ..to(&peer, "127.0.0.1", &bytes) };
            match segmentation {
                Segmentation::Offloaded => egress.send_all(&[three, to(&peer, "127.0.0.1", b"next")]),
                Segmentation::Own => {
                    egress.send_split(&three);
                    egress.send_all(&[to(&peer, "127.0.0.1", b"next")]);
                }
            }
            let arrived: Vec<Vec<u8>> = (0..4).map(|_| receive(&peer).0).collect();
            assert_eq!(arrived, [&bytes[..100], &bytes[100..200], &bytes[200..], b"next"]);
        }
    }

    #[test]
    fn segments_larger_than_the_path_allows_fall_back_to_packets() {
        let peer = listener("127.0.0.1:0");
        let mut egress = egress("0.0.0.0:0");
        // 0 is no segment size at all to the kernel, 65,535 more than any path takes: both are refused.
        let bytes = vec![7; 2000];
        let odd = Message { segment: Some(65_535), ..to(&peer, "127.0.0.1", &bytes) };
        egress.send_all(&[odd]);
        assert_eq!(receive(&peer).0.len(), 2000);
        assert_eq!(egress.refused(), 0);
    }

    #[test]
    fn a_peer_that_cannot_be_reached_costs_only_its_own_packets() {
        let peer = listener("127.0.0.1:0");
        let mut egress = egress("0.0.0.0:0");
        let unreachable = Message { to: "[2001:db8::1]:9".parse().unwrap(), ..to(&peer, "127.0.0.1", b"x") };
        let foreign = to(&peer, "203.0.113.77", b"from an address that is not ours");
        egress.send_all(&[to(&peer, "127.0.0.1", b"1"), unreachable, foreign, to(&peer, "127.0.0.1", b"2")]);
        assert_eq!((receive(&peer).0, receive(&peer).0), (b"1".to_vec(), b"2".to_vec()));
        assert_eq!((egress.sent(), egress.refused()), (2, 2));
    }

    #[test]
    fn more_than_one_batch_of_datagrams_is_read_to_the_end() {
        let server = sys::bind("127.0.0.1:0".parse().unwrap(), 1).unwrap().remove(0);
        sys::ask_for_details(server.as_fd(), Family::V4).unwrap();
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        for i in 0..100u8 {
            client.send_to(&[i], server.local_addr().unwrap()).unwrap();
        }
        client.send_to(&[0; 3000], server.local_addr().unwrap()).unwrap();
        let mut incoming = sys::Incoming::new();
        let mut came = Vec::new();
        let mut cut_off = 0;
        while came.len() + cut_off < 101 {
            for i in 0..incoming.receive(server.as_fd()).unwrap() {
                match incoming.get(i).unwrap().bytes {
                    Some(bytes) => came.extend_from_slice(bytes),
                    None => cut_off += 1,
                }
            }
        }
        assert_eq!(came, (0..100).collect::<Vec<u8>>());
        assert_eq!(cut_off, 1, "longer than anything we read");
        assert_eq!(incoming.receive(server.as_fd()).unwrap(), 0, "nothing left, and no waiting");
    }
}
