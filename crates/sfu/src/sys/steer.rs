//! Which socket of a port takes a datagram.
//!
//! **Checks and reports have sockets of their own**, since nobody waits for them and waking a thread costs more than they
//! do (see `rest.rs`). A check goes to the shard that it names: left to itself the kernel chooses by a hash of both
//! addresses, so that half of what comes for a listener on one of two shards comes in at the other. Everything else is
//! spread by its source, so that one sender's datagrams stay in order.
//!
//! A small program in the kernel decides (classic BPF, `SO_ATTACH_REUSEPORT_CBPF`, Linux 4.6).

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use media::ShardIndex;
use media::ice::Ufrag;

use super::check;
use crate::limits::SOCKETS_PER_SHARD;

/// Attaches the program to all sockets of the port: `sockets` are all of them, in the order they were bound in, the
/// shards' sockets for voice before those for checks.
///
/// # Errors
/// The kernel does not know it, or has forbidden it. Then anything may come in anywhere.
pub(crate) fn steer(sockets: &[UdpSocket]) -> io::Result<()> {
    let Some(first) = sockets.first() else { return Ok(()) };
    let program = program(sockets.len() / SOCKETS_PER_SHARD);
    let filter = libc::sock_fprog {
        len: libc::c_ushort::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?,
        // The kernel copies it and never writes.
        filter: program.as_ptr().cast_mut(),
    };
    let size = libc::socklen_t::try_from(size_of::<libc::sock_fprog>()).unwrap_or(0);
    // SAFETY: a valid structure of the given size, whose pointer and length are those of `program`, for the call.
    check(unsafe {
        let value = (&raw const filter).cast();
        libc::setsockopt(first.as_raw_fd(), libc::SOL_SOCKET, libc::SO_ATTACH_REUSEPORT_CBPF, value, size)
    })?;
    Ok(())
}

/// The first byte of the last STUN message, and of media (RFC 7983).
const STUN_LAST: u32 = 3;
const MEDIA: std::ops::RangeInclusive<u32> = 128..=191;

/// The second byte of RTCP, where RTP has its payload type (RFC 5761 section 4).
const REPORTS: std::ops::RangeInclusive<u32> = 192..=223;

/// Where the type of a message's first attribute is, behind the header (RFC 8489 section 5), and what it holds.
const FIRST_ATTRIBUTE: u32 = 20;
const FIRST_VALUE: u32 = 24;

/// RFC 8489 section 14.3. Browsers put it first; elsewhere it is not looked for.
const USERNAME: u32 = 0x0006;

/// Offsets from here on begin at the IP header (`SKF_NET_OFF`).
const IP: u32 = libc::SKF_NET_OFF.cast_unsigned();

/// The last two bytes of the source address, and the source port behind a header without options (RFC 791 section 3.1,
/// RFC 8200 section 3). Behind one with options it is something else that is the same in all of a sender's datagrams.
const SOURCE_V4: (u32, u32) = (IP + 14, IP + 20);
const SOURCE_V6: (u32, u32) = (IP + 22, IP + 40);

const LOAD_BYTE: u32 = libc::BPF_LD | libc::BPF_B | libc::BPF_ABS;
const LOAD_PAIR: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_ABS;
const LOAD_MEMORY: u32 = libc::BPF_LD | libc::BPF_MEM;
const STORE: u32 = libc::BPF_ST;
const INTO_X: u32 = libc::BPF_MISC | libc::BPF_TAX;
const ADD_X: u32 = libc::BPF_ALU | libc::BPF_ADD | libc::BPF_X;
const ADD: u32 = libc::BPF_ALU | libc::BPF_ADD | libc::BPF_K;
const MODULO: u32 = libc::BPF_ALU | libc::BPF_MOD | libc::BPF_K;
const SHIFT_RIGHT: u32 = libc::BPF_ALU | libc::BPF_RSH | libc::BPF_K;
const JUMP: u32 = libc::BPF_JMP | libc::BPF_JA;
const IF_ABOVE: u32 = libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K;
const IF_AT_LEAST: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;
const IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
const RETURN_A: u32 = libc::BPF_RET | libc::BPF_A;

/// Place in the program's memory of the shard that the source chooses.
const CHOSEN: u32 = 0;

/// A load beyond the end of a datagram ends the program with 0, a socket for voice: such a datagram is malformed.
fn program(shards: usize) -> Vec<libc::sock_filter> {
    let count = u32::try_from(shards).unwrap_or(1).max(1);
    [by_source(count), by_kind(count), by_name(shards, count)].concat()
}

/// The shard that the source chooses, for whatever does not name one.
fn by_source(count: u32) -> Vec<libc::sock_filter> {
    let ((address_v4, port_v4), (address_v6, port_v6)) = (SOURCE_V4, SOURCE_V6);
    vec![
        step(LOAD_BYTE, 0, 0, IP),
        step(SHIFT_RIGHT, 0, 0, 4),
        step(IF_EQUAL, 0, 4, 4),
        step(LOAD_PAIR, 0, 0, address_v4),
        step(INTO_X, 0, 0, 0),
        step(LOAD_PAIR, 0, 0, port_v4),
        step(JUMP, 0, 0, 3),
        step(LOAD_PAIR, 0, 0, address_v6),
        step(INTO_X, 0, 0, 0),
        step(LOAD_PAIR, 0, 0, port_v6),
        step(ADD_X, 0, 0, 0),
        step(MODULO, 0, 0, count),
        step(STORE, 0, 0, CHOSEN),
    ]
}

/// Checks go on to [`by_name`]. Reports go to the chosen shard's second socket, voice and handshakes to its first.
fn by_kind(count: u32) -> Vec<libc::sock_filter> {
    let kinds = [
        step(LOAD_BYTE, 0, 0, 0),
        step(IF_ABOVE, 0, 10, STUN_LAST),
        step(IF_AT_LEAST, 0, 7, *MEDIA.start()),
        step(IF_ABOVE, 6, 0, *MEDIA.end()),
        step(LOAD_BYTE, 0, 0, 1),
        step(IF_AT_LEAST, 0, 4, *REPORTS.start()),
        step(IF_ABOVE, 3, 0, *REPORTS.end()),
    ];
    let voice = [step(LOAD_MEMORY, 0, 0, CHOSEN), step(RETURN_A, 0, 0, 0)];
    [&kinds[..], &to_the_second(count), &voice].concat()
}

/// The names of all shards are compared one after the other: at most 64 of them (`media::limits::SHARDS`).
fn by_name(shards: usize, count: u32) -> Vec<libc::sock_filter> {
    let unnamed = to_the_second(count);
    let mut steps = vec![step(LOAD_PAIR, 0, 0, FIRST_ATTRIBUTE), step(IF_EQUAL, 3, 0, USERNAME)];
    steps.extend(unnamed);
    steps.push(step(LOAD_PAIR, 0, 0, FIRST_VALUE));
    for shard in (0..=u8::MAX).take(shards) {
        let name = u16::from_be_bytes(Ufrag::begins_with(ShardIndex(shard)));
        steps.push(step(IF_EQUAL, 0, 1, u32::from(name)));
        steps.push(step(RETURN, 0, 0, count + u32::from(shard)));
    }
    steps.extend(unnamed);
    steps
}

/// The chosen shard's socket for checks.
fn to_the_second(count: u32) -> [libc::sock_filter; 3] {
    [step(LOAD_MEMORY, 0, 0, CHOSEN), step(ADD, 0, 0, count), step(RETURN_A, 0, 0, 0)]
}

fn step(code: u32, if_so: u8, if_not: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: u16::try_from(code).unwrap_or(0), jt: if_so, jf: if_not, k }
}

#[cfg(test)]
mod tests {
    use super::*;
    use media::{Incarnation, PeerKey};
    use std::time::{Duration, Instant};

    /// Of three shards, the sockets for voice and those for checks: how many of these datagrams came in at each.
    type CameIn = ([usize; 3], [usize; 3]);

    /// Each is sent from a port of its own.
    fn came_in(to: &str, datagrams: impl Iterator<Item = Vec<u8>>) -> CameIn {
        let sockets = super::super::bind(to.parse().expect("an address"), 3).expect("free");
        steer(&sockets).expect("the kernel knows it");
        let port = sockets[0].local_addr().expect("bound");
        let mut sent = 0;
        // Open until all have been sent: no two may share a port.
        let mut clients = Vec::new();
        for datagram in datagrams {
            let client = UdpSocket::bind((port.ip(), 0)).expect("free");
            client.send_to(&datagram, port).expect("sent");
            clients.push(client);
            sent += 1;
        }
        let mut counts = [0; 6];
        let until = Instant::now() + Duration::from_secs(10);
        while counts.iter().sum::<usize>() < sent {
            assert!(Instant::now() < until, "some are lost: {counts:?} of {sent}");
            for (count, socket) in counts.iter_mut().zip(&sockets) {
                socket.set_nonblocking(true).expect("set");
                let mut bytes = [0; 100];
                *count += std::iter::from_fn(|| socket.recv(&mut bytes).ok()).count();
            }
        }
        let [a, b, c, d, e, f] = counts;
        ([a, b, c], [d, e, f])
    }

    /// As browsers send it: the name is the first attribute.
    fn check_for(shard: u8, attribute: u16) -> Vec<u8> {
        let peer = PeerKey { shard: ShardIndex(shard), index: 65_535, generation: 7 };
        let name = format!("{}:abcd", Ufrag { peer, incarnation: Incarnation(9) });
        let mut bytes = vec![0, 1, 0, 24, 0x21, 0x12, 0xa4, 0x42];
        bytes.extend([5; 12]);
        bytes.extend(attribute.to_be_bytes());
        bytes.extend(u16::try_from(name.len()).expect("short").to_be_bytes());
        bytes.extend(name.as_bytes());
        bytes
    }

    const FAMILIES: [&str; 2] = ["127.0.0.1:0", "[::1]:0"];

    #[test]
    fn a_check_comes_in_where_the_listener_is_whatever_their_port() {
        for to in FAMILIES {
            for (shard, all) in [(0, [40, 0, 0]), (1, [0, 40, 0]), (2, [0, 0, 40])] {
                assert_eq!(came_in(to, (0..40).map(|_| check_for(shard, 6))), ([0; 3], all));
            }
        }
    }

    #[test]
    fn checks_that_name_no_shard_and_reports_are_spread_over_the_sockets_for_checks() {
        for to in FAMILIES {
            for datagram in [check_for(3, 6), check_for(0, 0x8022), vec![0x80, 201, 0, 1], vec![0xbf, 223, 0]]
            {
                let (voice, checks) = came_in(to, (0..60).map(|_| datagram.clone()));
                assert_eq!(voice, [0; 3], "{datagram:?}");
                assert!(checks.iter().all(|count| *count > 0), "{checks:?}");
            }
        }
    }

    #[test]
    fn voice_and_handshakes_are_spread_over_the_sockets_for_voice() {
        for to in FAMILIES {
            let kinds = [
                [0x80, 111, 0, 0],
                [0x90, 191, 0, 0],
                [0x80, 224, 0, 0],
                [22, 254, 253, 0],
                [192, 200, 0, 0],
            ];
            for datagram in kinds {
                let (voice, checks) = came_in(to, (0..60).map(|_| datagram.to_vec()));
                assert_eq!(checks, [0; 3], "{datagram:?}");
                assert!(voice.iter().all(|count| *count > 0), "{voice:?}");
            }
        }
    }

    #[test]
    fn what_one_sender_sends_comes_in_at_one_socket() {
        let sockets = super::super::bind("127.0.0.1:0".parse().expect("an address"), 3).expect("free");
        steer(&sockets).expect("the kernel knows it");
        let client = UdpSocket::bind("127.0.0.1:0").expect("free");
        for number in 0..20 {
            let to = sockets[0].local_addr().expect("bound");
            client.send_to(&[0x80, 111, 0, number], to).expect("sent");
        }
        let all: Vec<Vec<u8>> = sockets[..3]
            .iter()
            .map(|socket| {
                socket.set_read_timeout(Some(Duration::from_millis(200))).expect("set");
                let mut bytes = [0; 4];
                std::iter::from_fn(|| socket.recv(&mut bytes).ok().map(|_| bytes[3])).collect()
            })
            .filter(|numbers: &Vec<u8>| !numbers.is_empty())
            .collect();
        assert_eq!(all, [(0..20).collect::<Vec<u8>>()]);
    }

    #[test]
    fn what_ends_too_early_comes_in_somewhere() {
        came_in(FAMILIES[0], (0..30).map(|length| check_for(1, 6)[..length].to_vec()));
    }
}
