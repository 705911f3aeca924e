//! A question to the UDP port of audio, at an address that clients are told.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::facts::Reached;

/// A server on this machine answers in well under a millisecond.
const PATIENCE: Duration = Duration::from_millis(400);
/// Questions, should one be lost.
const TRIES: u8 = 2;

/// Asks as STUN clients do (RFC 8489 section 3), which a running server answers to its own machine.
pub(super) fn ask(server: SocketAddr) -> Reached {
    let id = *b"vivadoctor??";
    let question = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &id].concat();
    exchange(server, &question, |answer| answer.starts_with(&[1, 1]) && answer.get(8..20) == Some(&id))
}

/// Sends `question` until an answer is good.
fn exchange(server: SocketAddr, question: &[u8], good: impl Fn(&[u8]) -> bool) -> Reached {
    let here: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let asked = UdpSocket::bind((here, 0)).and_then(|socket| {
        // Connected, the socket hears that nobody listens.
        socket.connect(server)?;
        Ok(socket)
    });
    let Ok(socket) = asked else { return Reached::Silence };
    for _ in 0..TRIES {
        let until = Instant::now() + PATIENCE;
        if refused(&socket.send(question)) {
            return Reached::Refused;
        }
        let mut answer = [0; 256];
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            let _ = socket.set_read_timeout(Some(left));
            match socket.recv(&mut answer) {
                Ok(length) if good(&answer[..length]) => return Reached::Yes,
                Ok(_) => {}
                other if refused(&other) => return Reached::Refused,
                Err(_) => break,
            }
        }
    }
    Reached::Silence
}

fn refused(result: &std::io::Result<usize>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

/// Whether a datagram to this address arrives at a socket that we have bound ourselves, where no server runs.
pub(super) fn arrives(ours: &UdpSocket, address: IpAddr) -> Reached {
    let question = *b"doctor";
    let Ok(port) = ours.local_addr().map(|local| local.port()) else { return Reached::NotAsked };
    let here: IpAddr =
        if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let sent = UdpSocket::bind((here, 0)).and_then(|socket| socket.send_to(&question, (address, port)));
    let mut came = [0; 64];
    let until = Instant::now() + PATIENCE;
    while sent.is_ok()
        && let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    {
        let _ = ours.set_read_timeout(Some(left));
        match ours.recv(&mut came) {
            Ok(length) if came[..length] == question => return Reached::Yes,
            Ok(_) => {}
            Err(_) => break,
        }
    }
    Reached::Silence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_answers_one_that_is_closed_and_one_that_says_nothing_are_told_apart() {
        let server = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let address = server.local_addr().expect("bound");
        assert_eq!(arrives(&server, address.ip()), Reached::Yes);
        assert_eq!(ask(address), Reached::Silence);
        server.set_read_timeout(None).expect("none");
        let answering = std::thread::spawn(move || {
            let mut bytes = [0; 64];
            loop {
                let Ok((length, from)) = server.recv_from(&mut bytes) else { return };
                if length < 20 {
                    return;
                }
                bytes[0] = 1;
                let _ = server.send_to(&bytes[..length], from);
            }
        });
        assert_eq!(ask(address), Reached::Yes);
        let other = UdpSocket::bind("127.0.0.1:0").expect("a port");
        other.send_to(b"enough", address).expect("sent");
        answering.join().expect("ended, and the port with it");
        assert_eq!(ask(address), Reached::Refused);
    }
}
