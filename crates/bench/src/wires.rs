//! The sockets of many listeners, few sockets for many people: each has an address of their own (127.0.0.0/8 is all
//! this machine's), and where a datagram was sent to says whose it is. Towards a server elsewhere everybody has the one
//! address of this machine and a socket of their own.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};

use crate::limits::{RECEIVE_BUFFER, SEATS_PER_WIRE};
use crate::sys::{Inbox, Received, drop_everything, open, send_from};

/// Where the people of a bench connect from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Here {
    /// An address each, on a server of this machine.
    Loopback,
    /// One address for all.
    One(Ipv4Addr),
}

/// Somebody of the bench, from 0.
pub(crate) type Person = u32;

impl Here {
    /// The address that somebody connects from: the same for their socket, their requests and their media.
    pub(crate) fn address(self, person: Person) -> Ipv4Addr {
        match self {
            Self::Loopback => Ipv4Addr::from(FIRST + person),
            Self::One(address) => address,
        }
    }
}

/// 127.1.0.1: nobody else on this machine is likely to be there.
const FIRST: u32 = u32::from_be_bytes([127, 1, 0, 1]);

/// The sockets of consecutive people.
pub(crate) struct Wires {
    here: Here,
    first: Person,
    count: u32,
    sockets: Vec<Wire>,
    inbox: Inbox,
    smallest_buffer: usize,
}

struct Wire {
    socket: UdpSocket,
    port: u16,
    dropped: u32,
}

impl Wires {
    /// Binds what is needed for people `first`, `first + 1`, and so on.
    pub(crate) fn open(here: Here, first: Person, count: u32) -> io::Result<Self> {
        let each = match here {
            Here::Loopback => SEATS_PER_WIRE,
            Here::One(_) => 1,
        };
        let (mut sockets, mut smallest_buffer) = (Vec::new(), usize::MAX);
        for _ in 0..(count as usize).div_ceil(each) {
            let (socket, granted) = open(RECEIVE_BUFFER * each / SEATS_PER_WIRE)?;
            let port = socket.local_addr()?.port();
            smallest_buffer = smallest_buffer.min(granted / each);
            sockets.push(Wire { socket, port, dropped: 0 });
        }
        Ok(Self { here, first, count, sockets, inbox: Inbox::new(), smallest_buffer })
    }

    /// Where somebody's media comes to; by their number among these people.
    pub(crate) fn address(&self, seat: u32) -> Option<SocketAddrV4> {
        let wire = self.sockets.get(self.wire_of(seat))?;
        Some(SocketAddrV4::new(self.here.address(self.first + seat), wire.port))
    }

    /// Sends as somebody. An error in sending to one address is no end: others may be tried.
    pub(crate) fn send(&self, seat: u32, to: SocketAddrV4, bytes: &[u8]) {
        if let Some(wire) = self.sockets.get(self.wire_of(seat)) {
            let from = match self.here {
                Here::Loopback => self.here.address(self.first + seat),
                Here::One(_) => Ipv4Addr::UNSPECIFIED,
            };
            let _ = send_from(&wire.socket, from, to, bytes);
        }
    }

    /// Lets the kernel throw away whatever comes.
    pub(crate) fn drop_everything(&self) -> io::Result<()> {
        self.sockets.iter().try_for_each(|wire| drop_everything(&wire.socket))
    }

    /// Fetches everything that has come, and hands out each with the number of whose it is.
    ///
    /// # Errors
    /// When a socket is broken.
    pub(crate) fn sweep(&mut self, mut take: impl FnMut(&mut Self, u32, &Received<'_>)) -> io::Result<()> {
        // Taken out meanwhile, so that whoever takes a datagram can answer it.
        let mut inbox = std::mem::replace(&mut self.inbox, Inbox::empty());
        for i in 0..self.sockets.len() {
            while let Some(wire) = self.sockets.get_mut(i) {
                let count = inbox.receive(&wire.socket)?;
                for received in (0..count).filter_map(|n| inbox.get(n)) {
                    if let Some(wire) = self.sockets.get_mut(i) {
                        wire.dropped = wire.dropped.max(received.dropped);
                    }
                    if let Some(seat) = self.whose(i, received.to) {
                        take(self, seat, &received);
                    }
                }
                if count < crate::limits::RECEIVE_BATCH {
                    break;
                }
            }
        }
        self.inbox = inbox;
        Ok(())
    }

    /// Datagrams that came and found no room, because nobody fetched the ones before them.
    pub(crate) fn dropped(&self) -> u64 {
        self.sockets.iter().map(|wire| u64::from(wire.dropped)).sum()
    }

    /// Bytes of a queue for each person, as granted: the smallest.
    pub(crate) fn buffer_per_seat(&self) -> usize {
        self.smallest_buffer
    }

    fn wire_of(&self, seat: u32) -> usize {
        match self.here {
            Here::Loopback => seat as usize / SEATS_PER_WIRE,
            Here::One(_) => seat as usize,
        }
    }

    fn whose(&self, wire: usize, to: Ipv4Addr) -> Option<u32> {
        let seat = match self.here {
            Here::Loopback => u32::from(to).checked_sub(FIRST + self.first)?,
            Here::One(_) => u32::try_from(wire).ok()?,
        };
        (seat < self.count && self.wire_of(seat) == wire).then_some(seat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_gets_what_was_sent_to_them_and_answers_from_their_own_address() {
        let (sender, _) = open(1 << 20).expect("a socket");
        let mut wires = Wires::open(Here::Loopback, 70_000, 300).expect("sockets");
        assert_eq!(wires.sockets.len(), 3);
        for seat in 0..300 {
            let to = wires.address(seat).expect("an address");
            send_from(&sender, Ipv4Addr::LOCALHOST, to, &seat.to_be_bytes()).expect("sent");
        }
        let mut heard = Vec::new();
        wires
            .sweep(|wires, seat, received| {
                assert_eq!(received.bytes, seat.to_be_bytes());
                wires.send(seat, received.from, b"thanks");
                heard.push(seat);
            })
            .expect("it works");
        heard.sort_unstable();
        assert_eq!(heard, (0..300).collect::<Vec<_>>());
        let mut inbox = Inbox::new();
        assert!(inbox.receive(&sender).expect("it works") > 0);
        let answer = inbox.get(0).expect("one");
        assert_eq!(*answer.from.ip(), Here::Loopback.address(70_000));
    }

    #[test]
    fn with_one_address_the_socket_says_whose_it_is() {
        let (sender, _) = open(1 << 20).expect("a socket");
        let mut wires = Wires::open(Here::One(Ipv4Addr::LOCALHOST), 5, 3).expect("sockets");
        let to = wires.address(2).expect("an address");
        send_from(&sender, Ipv4Addr::LOCALHOST, to, b"x").expect("sent");
        let mut heard = Vec::new();
        wires.sweep(|_, seat, _| heard.push(seat)).expect("it works");
        assert_eq!(heard, [2]);
    }
}
