//! Which socket of a port takes a datagram: for a check, that of the shard it names.
//!
//! Left to itself the kernel chooses by a hash of both addresses, so that half of what comes for a listener on one of two
//! shards comes in at the other, and waking that one to hand it over costs more than the datagram itself. A check says
//! whose it is, and listeners send little else; a small program (classic BPF, `SO_ATTACH_REUSEPORT_CBPF`, Linux 4.6)
//! reads it. What it does not know goes where the hash says, as before.

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use media::ShardIndex;
use media::ice::Ufrag;

use super::check;

/// Attaches the program to all sockets of the port: `sockets` are all of them, in the order they were bound in.
///
/// # Errors
/// The kernel does not know it, or has forbidden it. Everything works as well, and slower.
pub(crate) fn steer_checks(sockets: &[UdpSocket]) -> io::Result<()> {
    let Some(first) = sockets.first() else { return Ok(()) };
    let program = program(sockets.len());
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

/// More sockets than there can be: the hash decides.
const BY_HASH: u32 = u32::MAX;

/// The first byte of the last STUN message (RFC 7983); what begins higher is something else.
const STUN_LAST: u32 = 3;

/// Where the type of a message's first attribute is, behind the header (RFC 8489 section 5), and what it holds.
const FIRST_ATTRIBUTE: u32 = 20;
const FIRST_VALUE: u32 = 24;

/// RFC 8489 section 14.3. Browsers put it first; elsewhere it is not looked for.
const USERNAME: u32 = 0x0006;

const LOAD_BYTE: u32 = libc::BPF_LD | libc::BPF_B | libc::BPF_ABS;
const LOAD_PAIR: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_ABS;
const IF_ABOVE: u32 = libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K;
const IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;

/// The names of all shards are compared one after the other: at most 64 of them (`media::limits::SHARDS`). A load beyond
/// the end of a datagram ends the program with 0, the first socket: such a check is malformed.
fn program(shards: usize) -> Vec<libc::sock_filter> {
    let mut program = vec![
        step(LOAD_BYTE, 0, 0, 0),
        step(IF_ABOVE, 2, 0, STUN_LAST),
        step(LOAD_PAIR, 0, 0, FIRST_ATTRIBUTE),
        step(IF_EQUAL, 1, 0, USERNAME),
        step(RETURN, 0, 0, BY_HASH),
        step(LOAD_PAIR, 0, 0, FIRST_VALUE),
    ];
    for shard in (0..=u8::MAX).take(shards) {
        let name = u16::from_be_bytes(Ufrag::begins_with(ShardIndex(shard)));
        program.push(step(IF_EQUAL, 0, 1, u32::from(name)));
        program.push(step(RETURN, 0, 0, u32::from(shard)));
    }
    program.push(step(RETURN, 0, 0, BY_HASH));
    program
}

fn step(code: u32, if_so: u8, if_not: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: u16::try_from(code).unwrap_or(0), jt: if_so, jf: if_not, k }
}

#[cfg(test)]
mod tests {
    use super::*;
    use media::{Incarnation, PeerKey};
    use std::time::Duration;

    /// How many of these datagrams came in at each of three sockets, each sent from a port of its own.
    fn came_in(datagrams: impl Iterator<Item = Vec<u8>>) -> [usize; 3] {
        let sockets = super::super::bind("127.0.0.1:0".parse().expect("an address"), 3).expect("free");
        steer_checks(&sockets).expect("the kernel knows it");
        let port = sockets[0].local_addr().expect("bound");
        let mut sent = 0;
        // Open until all have been sent: no two may share a port.
        let mut clients = Vec::new();
        for datagram in datagrams {
            let client = UdpSocket::bind("127.0.0.1:0").expect("free");
            client.send_to(&datagram, port).expect("sent");
            clients.push(client);
            sent += 1;
        }
        let counts = [0, 1, 2].map(|i: usize| {
            let socket = &sockets[i];
            socket.set_read_timeout(Some(Duration::from_millis(200))).expect("set");
            let mut bytes = [0; 100];
            std::iter::from_fn(|| socket.recv(&mut bytes).ok()).count()
        });
        assert_eq!(counts.iter().sum::<usize>(), sent, "none is lost: {counts:?}");
        counts
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

    #[test]
    fn a_check_comes_in_where_the_listener_is_whatever_their_port() {
        for (shard, all) in [(0, [40, 0, 0]), (1, [0, 40, 0]), (2, [0, 0, 40])] {
            assert_eq!(came_in((0..40).map(|_| check_for(shard, 6))), all);
        }
    }

    #[test]
    fn what_names_no_shard_is_spread_as_ever() {
        let spread = |counts: [usize; 3]| assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
        spread(came_in((0..60).map(|_| check_for(3, 6))));
        spread(came_in((0..60).map(|_| check_for(0, 0x8022))));
        spread(came_in((0..60).map(|_| vec![0x80, 111, 0, 0])));
        spread(came_in((0..60).map(|_| vec![22, 254, 253])));
    }

    #[test]
    fn what_ends_too_early_comes_in_somewhere() {
        came_in((0..30).map(|length| check_for(1, 6)[..length].to_vec()));
    }
}
