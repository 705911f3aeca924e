//! What a client's packets travel on.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use str0m::Candidate;
use str0m::net::{Protocol, Receive, TcpType, Transmit};

pub(crate) enum Wire {
    Udp { socket: UdpSocket, local: SocketAddr },
    Tcp { stream: TcpStream, local: SocketAddr, server: SocketAddr, came: Vec<u8> },
}

impl Wire {
    pub(crate) fn udp(ip: IpAddr) -> (Self, Candidate) {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        let local = socket.local_addr().unwrap();
        (Self::Udp { socket, local }, Candidate::host(local, "udp").unwrap())
    }

    pub(crate) fn tcp(server: SocketAddr) -> (Self, Candidate) {
        Self::over(TcpStream::connect(server).unwrap(), server)
    }

    pub(crate) fn over(stream: TcpStream, server: SocketAddr) -> (Self, Candidate) {
        stream.set_nodelay(true).unwrap();
        let local = stream.local_addr().unwrap();
        let candidate = Candidate::builder().tcp().host(local).tcptype(TcpType::Active).build().unwrap();
        (Self::Tcp { stream, local, server, came: Vec::new() }, candidate)
    }

    pub(crate) fn send(&mut self, transmit: &Transmit) {
        match self {
            Self::Udp { socket, local } => {
                if transmit.proto == Protocol::Udp && transmit.destination.is_ipv4() == local.is_ipv4() {
                    socket.send_to(&transmit.contents, transmit.destination).unwrap();
                }
            }
            Self::Tcp { stream, server, .. } => {
                if transmit.proto == Protocol::Tcp && transmit.destination == *server {
                    // A server that has closed the connection is what some tests are about.
                    let _ = stream.write_all(&framed(&transmit.contents));
                }
            }
        }
    }

    /// Waits for something for a while, and says whether anything came.
    pub(crate) fn receive(&mut self, wait: Duration, take: impl FnOnce(Receive<'_>)) -> bool {
        let mut bytes = [0; 4096];
        match self {
            Self::Udp { socket, local } => {
                socket.set_read_timeout(Some(wait)).unwrap();
                let Ok((length, source)) = socket.recv_from(&mut bytes) else { return false };
                let Ok(contents) = bytes[..length].try_into() else { return false };
                take(Receive { proto: Protocol::Udp, source, destination: *local, contents });
            }
            Self::Tcp { stream, local, server, came } => {
                // One at a time: what comes of each is to be fetched before the next.
                let frame = unframed(came).or_else(|| {
                    stream.set_read_timeout(Some(wait)).unwrap();
                    match stream.read(&mut bytes) {
                        Ok(length) if length > 0 => came.extend_from_slice(&bytes[..length]),
                        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                        }
                        // It has ended; so will the test.
                        _ => std::thread::sleep(wait),
                    }
                    unframed(came)
                });
                let Some(frame) = frame else { return false };
                let Ok(contents) = frame.as_slice().try_into() else { return false };
                take(Receive { proto: Protocol::Tcp, source: *server, destination: *local, contents });
            }
        }
        true
    }
}

/// With its length before it (RFC 4571).
pub(crate) fn framed(datagram: &[u8]) -> Vec<u8> {
    let length = u16::try_from(datagram.len()).unwrap();
    [&length.to_be_bytes()[..], datagram].concat()
}

fn unframed(came: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = usize::from(u16::from_be_bytes(*came.first_chunk()?));
    let frame = came.get(2..2 + length)?.to_vec();
    came.drain(..2 + length);
    Some(frame)
}
