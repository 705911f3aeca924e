//! A tap on the loopback interface: which local UDP ports receive media from the server, and when last. It sees what
//! really leaves, so that "nobody who is gone hears anything" does not rest on what either side says of itself.
//!
//! `tap PORT` prints one JSON line every [`PERIOD`]: `{"at":<ms since the epoch>,"to":{"<port>":<ms of the last media
//! packet>},"from":{…},"packets":{"to":{"<port>":<how many until now>},"from":{…}}}`, where `to` is from the server's PORT
//! to a client's port, and `from` the other way. Only media counts: a first byte of 128–191 that is not RTCP (RFC 5761,
//! RFC 7983). Needs root (a packet socket).

#![expect(clippy::print_stderr, reason = "a program for the terminal of a test")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::mem::MaybeUninit;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use socket2::{Domain, Protocol, Socket, Type};

/// Between two lines: a fifth of the shortest time that a test measures with it.
const PERIOD: Duration = Duration::from_millis(20);
/// `ETH_P_ALL` of linux/if_ether.h in network byte order: IPv4 and IPv6 alike.
const ETH_P_ALL: i32 = 0x0003_u16.to_be() as i32;
/// UDP in the IP header's protocol field.
const UDP: u8 = 17;

/// What has passed to or from one port.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Passed {
    /// Milliseconds since the epoch.
    last: u128,
    /// Each twice: the loopback interface sends it and receives it.
    packets: u64,
}

/// By the client's port.
type Ports = BTreeMap<u16, Passed>;

fn main() -> ExitCode {
    let Some(server) = std::env::args().nth(1).and_then(|port| port.parse::<u16>().ok()) else {
        eprintln!("usage: tap PORT");
        return ExitCode::from(2);
    };
    match watch(server) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the tap needs root: {error}");
            ExitCode::FAILURE
        }
    }
}

fn watch(server: u16) -> std::io::Result<()> {
    let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(Protocol::from(ETH_P_ALL)))?;
    socket.set_recv_buffer_size(8 << 20)?;
    socket.set_read_timeout(Some(PERIOD))?;
    let (mut to, mut from) = (Ports::new(), Ports::new());
    let mut buffer = vec![0; 65_536];
    let mut told = Instant::now();
    let mut output = std::io::stdout().lock();
    loop {
        // A line says what had passed until its time, so what waits is counted first, however far behind this is. A
        // packet's own time is that of counting it: never before it passed.
        socket.set_nonblocking(true)?;
        let mut until = epoch_ms();
        while let Ok(length) = (&socket).read(&mut buffer) {
            until = epoch_ms();
            let passed = match buffer.get(..length).and_then(media) {
                Some((source, target)) if source == server => to.entry(target).or_default(),
                Some((source, target)) if target == server => from.entry(source).or_default(),
                _ => continue,
            };
            *passed = Passed { last: until, packets: passed.packets + 1 };
        }
        if told.elapsed() >= PERIOD {
            told = Instant::now();
            // A closed pipe is the test's way of saying that it has seen enough.
            if writeln!(output, "{}", line(until, &to, &from)).and_then(|()| output.flush()).is_err() {
                return Ok(());
            }
        }
        socket.set_nonblocking(false)?;
        // Waits for the next packet, which stays where it is.
        let _ = socket.peek(&mut [MaybeUninit::uninit()]);
    }
}

/// Source and target port of an RTP packet, from the bytes of its IP packet.
fn media(packet: &[u8]) -> Option<(u16, u16)> {
    let udp = match packet.first()? >> 4 {
        4 if *packet.get(9)? == UDP => packet.get(usize::from(packet.first()? & 15) * 4..)?,
        6 if *packet.get(6)? == UDP => packet.get(40..)?,
        _ => return None,
    };
    let port = |at: usize| Some(u16::from_be_bytes([*udp.get(at)?, *udp.get(at + 1)?]));
    let rtp = (128..192).contains(udp.get(8)?) && !(192..=223).contains(udp.get(9)?);
    if rtp { Some((port(0)?, port(2)?)) } else { None }
}

fn line(until: u128, to: &Ports, from: &Ports) -> String {
    let object = |ports: &Ports, field: fn(&Passed) -> u128| {
        let fields: Vec<String> =
            ports.iter().map(|(port, passed)| format!("\"{port}\":{}", field(passed))).collect();
        format!("{{{}}}", fields.join(","))
    };
    let both = |field| format!("\"to\":{},\"from\":{}", object(to, field), object(from, field));
    format!(
        "{{\"at\":{until},{},\"packets\":{{{}}}}}",
        both(|passed| passed.last),
        // Seen as it goes out, and as it comes in.
        both(|passed| u128::from(passed.packets / 2))
    )
}

fn epoch_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis())
}

#[cfg(test)]
mod tests {
    use super::{Passed, Ports, line, media};

    fn ipv4(first: u8, second: u8) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1];
        packet.extend([0x1f, 0x90, 0x27, 0x10, 0, 0, 0, 0, first, second]);
        packet
    }

    #[test]
    fn a_line_says_when_and_how_many() {
        let to = Ports::from([(9, Passed { last: 70, packets: 6 })]);
        let from = Ports::from([(7, Passed { last: 60, packets: 9 })]);
        assert_eq!(
            line(80, &to, &from),
            r#"{"at":80,"to":{"9":70},"from":{"7":60},"packets":{"to":{"9":3},"from":{"7":4}}}"#
        );
    }

    #[test]
    fn media_is_told_from_everything_else_on_the_same_port() {
        assert_eq!(media(&ipv4(0x80, 111)), Some((8080, 10000)));
        assert_eq!(media(&ipv4(0x80, 200)), None, "RTCP");
        assert_eq!(media(&ipv4(0x00, 1)), None, "STUN");
        assert_eq!(media(&ipv4(22, 254)), None, "DTLS");
        assert_eq!(media(&[0x45]), None, "cut short");
    }
}
