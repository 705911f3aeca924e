//! Connections of people whose network lets no UDP through (RFC 6544): their frames in, and out whatever fits at once.
//!
//! Voice is never queued. What the kernel does not take is dropped, as a full queue on the way of a datagram would drop
//! it; only the rest of a message that was taken in part is kept, because the stream would be unreadable without it. So a
//! slow or dead listener costs one failed call a message and a few kilobytes, and nobody else anything.
//!
//! Nobody is believed before the media engine has answered a check of theirs, and nobody whom it answers no more is kept:
//! both are seen from what it writes.

use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use media::ConnectionId;
use media::egress::Message;

use crate::framing::{self, FRAMED_MESSAGE};
use crate::limits::{
    CONNECTION_LOOK, CONNECTIONS_PER_SHARD, QUIET_LOOKS, UNANSWERED_BYTES, UNANSWERED_LOOKS,
};
use crate::sys::{self, Watch};

/// A connection that somebody has recognised, on its way to its shard.
pub(crate) struct NewConnection {
    pub(crate) stream: TcpStream,
    pub(crate) client: SocketAddr,
    /// The check that came first, without its length.
    pub(crate) first: Box<[u8]>,
    /// Dropped with the connection: whoever counts connections learns of its end.
    pub(crate) place: Box<dyn Send>,
}

pub(crate) struct Connections {
    watch: Watch,
    places: Vec<Place>,
    free: Vec<u16>,
    open: usize,
    /// Frames on their way out, put together.
    out: Box<[u8; FRAMED_MESSAGE]>,
    look_at: Option<Instant>,
    behind: u64,
}

struct Place {
    generation: u32,
    connection: Option<Box<Connection>>,
}

struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    /// The beginning of a frame that is not whole yet.
    partial: Vec<u8>,
    /// What is left of a message that the kernel took in part.
    owed: Vec<u8>,
    standing: Standing,
    /// Looks since the engine last wrote something.
    quiet: u32,
    _place: Box<dyn Send>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The engine has answered nothing yet; so much was read.
    Unknown {
        bytes: usize,
    },
    Answered,
}

/// Bytes at the front of the reader's buffer, and whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) id: ConnectionId,
    pub(crate) source: SocketAddr,
    pub(crate) bytes: usize,
}

impl Connections {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            watch: Watch::new()?,
            places: Vec::new(),
            free: Vec::new(),
            open: 0,
            out: Box::new([0; FRAMED_MESSAGE]),
            look_at: None,
            behind: 0,
        })
    }

    /// Readable when one of the connections is.
    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    pub(crate) fn open(&self) -> usize {
        self.open
    }

    /// Overwrites the last message that was put together.
    pub(crate) fn wipe(&mut self) {
        self.out.fill(0);
    }

    /// Messages that were dropped because their connection had not taken the earlier ones yet.
    pub(crate) fn behind(&self) -> u64 {
        self.behind
    }

    /// Takes a connection in and says how the engine knows it; dropped when there are too many or it is dead already.
    pub(crate) fn add(&mut self, now: Instant, new: NewConnection) -> Option<(SocketAddr, Box<[u8]>)> {
        let NewConnection { stream, client, first, place } = new;
        sys::ask_for_short_queues(stream.as_fd()).ok()?;
        stream.set_nonblocking(true).ok()?;
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.places.len() < CONNECTIONS_PER_SHARD => {
                self.places.push(Place { generation: 0, connection: None });
                u16::try_from(self.places.len() - 1).ok()?
            }
            None => return None,
        };
        let entry = self.places.get_mut(usize::from(index))?;
        if self.watch.add(stream.as_fd(), u64::from(index)).is_err() {
            self.free.push(index);
            return None;
        }
        let address = ConnectionId { index, generation: entry.generation }.address(client);
        entry.connection = Some(Box::new(Connection {
            stream,
            address,
            partial: Vec::new(),
            owed: Vec::new(),
            standing: Standing::Unknown { bytes: 0 },
            quiet: 0,
            _place: place,
        }));
        self.open += 1;
        self.look_at.get_or_insert(now + CONNECTION_LOOK);
        Some((address, first))
    }

    /// Reads what has come of one connection behind the beginning that was kept. `None` when there is nothing, or when
    /// that was its end.
    pub(crate) fn read(&mut self, index: u16, buffer: &mut [u8]) -> Option<Came> {
        let place = self.places.get_mut(usize::from(index))?;
        let connection = place.connection.as_mut()?;
        let kept = connection.partial.len();
        buffer.get_mut(..kept)?.copy_from_slice(&connection.partial);
        let read = match connection.stream.read(buffer.get_mut(kept..)?) {
            Ok(0) => None,
            Ok(read) => Some(read),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                return None;
            }
            Err(_) => None,
        };
        let enough = read.is_some_and(|read| connection.standing.takes(read));
        let came = Came {
            id: ConnectionId { index, generation: place.generation },
            source: connection.address,
            bytes: kept + read.unwrap_or(0),
        };
        if !enough {
            self.close(came.id);
            return None;
        }
        Some(came)
    }

    /// The beginning of the next frame, for the next [`Self::read`].
    pub(crate) fn keep(&mut self, id: ConnectionId, partial: &[u8]) {
        if let Some(connection) = self.get(id) {
            connection.partial.clear();
            connection.partial.extend_from_slice(partial);
        }
    }

    /// Sends all datagrams of a message in one call, or drops them.
    pub(crate) fn write(&mut self, id: ConnectionId, message: &Message<'_>) {
        let Some(place) = self.places.get_mut(usize::from(id.index)) else { return };
        let Some(connection) = place.connection.as_mut().filter(|_| place.generation == id.generation) else {
            return;
        };
        connection.standing = Standing::Answered;
        connection.quiet = 0;
        let Some(length) = framing::write(message.datagrams(), &mut self.out[..]) else { return };
        let sent = connection.send_owed().and_then(|()| {
            if connection.owed.is_empty() {
                sys::send_at_once(connection.stream.as_fd(), &self.out[..length])
            } else {
                Ok(0)
            }
        });
        match sent {
            Ok(0) => self.behind += 1,
            Ok(sent) => connection.owed.extend_from_slice(self.out.get(sent..length).unwrap_or_default()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                self.behind += 1;
            }
            Err(_) => self.close(id),
        }
    }

    /// At once and for good: what the kernel has not sent yet is thrown away with it.
    pub(crate) fn close(&mut self, id: ConnectionId) {
        let Some(place) = self.places.get_mut(usize::from(id.index)) else { return };
        if place.generation == id.generation && place.connection.take().is_some() {
            place.generation = place.generation.wrapping_add(1);
            self.free.push(id.index);
            self.open -= 1;
        }
    }

    /// When to call [`Self::handle_timeout`]; `None` while there are none.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.look_at
    }

    /// Closes those that have not shown who they are, and those that nobody writes to any more.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.look_at.is_none_or(|at| now < at) {
            return;
        }
        for index in 0..self.places.len() {
            let Some(place) = self.places.get_mut(index) else { continue };
            let Some(connection) = &mut place.connection else { continue };
            connection.quiet += 1;
            let most = match connection.standing {
                Standing::Unknown { .. } => UNANSWERED_LOOKS,
                Standing::Answered => QUIET_LOOKS,
            };
            if connection.quiet > most
                && let Some(id) = ConnectionId::of(connection.address)
            {
                self.close(id);
            }
        }
        self.look_at = (self.open > 0).then(|| now + CONNECTION_LOOK);
    }

    fn get(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        let place = self.places.get_mut(usize::from(id.index))?;
        place.connection.as_deref_mut().filter(|_| place.generation == id.generation)
    }
}

impl Connection {
    fn send_owed(&mut self) -> io::Result<()> {
        if !self.owed.is_empty() {
            let sent = sys::send_at_once(self.stream.as_fd(), &self.owed)?;
            self.owed.drain(..sent);
        }
        Ok(())
    }
}

impl Standing {
    /// Counts what was read; `false` when a stranger has sent more than a stranger has to say.
    fn takes(&mut self, read: usize) -> bool {
        match self {
            Self::Answered => true,
            Self::Unknown { bytes } => {
                *bytes += read;
                *bytes <= UNANSWERED_BYTES
            }
        }
    }
}

/// How long a look takes, for the limits that count in looks.
pub(crate) const fn looks(span: Duration) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "of seconds")]
    let looks = (span.as_millis() / CONNECTION_LOOK.as_millis()) as u32;
    looks
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr, TcpListener};
    use std::sync::Arc;

    /// The other end of a connection that was taken in.
    fn connect(connections: &mut Connections, place: &Arc<()>) -> (TcpStream, ConnectionId) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, address) = listener.accept().unwrap();
        let place = Box::new(Arc::clone(place));
        let new = NewConnection { stream, client: address, first: Box::default(), place };
        let (address, _) = connections.add(Instant::now(), new).unwrap();
        (client, ConnectionId::of(address).unwrap())
    }

    fn message(bytes: &[u8]) -> Message<'_> {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        Message { to: nowhere, from: IpAddr::V4(Ipv4Addr::UNSPECIFIED), bytes, segment: None }
    }

    #[test]
    fn voice_for_somebody_who_does_not_read_is_dropped_and_what_they_read_later_is_whole() {
        let (mut connections, place) = (Connections::new().unwrap(), Arc::new(()));
        let (mut dead, id) = connect(&mut connections, &place);
        let total = 100_000u32;
        let mut bytes = [7; 120];
        for number in 0..total {
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            connections.write(id, &message(&bytes));
        }
        assert!(connections.get(id).unwrap().owed.len() <= FRAMED_MESSAGE);
        let taken = u64::from(total) - connections.behind();
        println!("{taken} of {total} messages taken by the kernel");
        assert!(connections.behind() > 0, "a connection has an end");

        // Everything that was taken, and the first that is written when there is room again.
        dead.set_nonblocking(true).unwrap();
        let (mut came, mut buffer) = (Vec::new(), [0; 65_536]);
        let mut numbers: Vec<u32> = Vec::new();
        let until = Instant::now() + Duration::from_secs(20);
        while numbers.last() != Some(&total) {
            assert!(Instant::now() < until, "{:?}", numbers.last());
            if let Ok(read) = dead.read(&mut buffer) {
                came.extend_from_slice(&buffer[..read]);
            }
            let mut frames = framing::Frames::new(&came);
            while let Some(frame) = frames.pop().unwrap() {
                assert_eq!(frame.len(), bytes.len());
                numbers.push(u32::from_be_bytes(*frame.first_chunk().unwrap()));
            }
            came = frames.rest().to_vec();
            bytes[..4].copy_from_slice(&total.to_be_bytes());
            connections.write(id, &message(&bytes));
        }
        assert!(numbers.is_sorted());
        assert!(numbers.iter().filter(|number| **number < total).count() as u64 == taken);
    }

    #[test]
    fn old_voice_does_not_wait_in_the_kernel_for_a_connection_that_moves_slowly() {
        let (mut connections, place) = (Connections::new().unwrap(), Arc::new(()));
        let (dead, id) = connect(&mut connections, &place);
        for _ in 0..100_000 {
            connections.write(id, &message(&[7; 120]));
        }
        let unsent = sys::unsent(connections.get(id).unwrap().stream.as_fd()).unwrap();
        println!("{unsent} bytes wait to be sent");
        assert!(unsent <= 2 * crate::limits::STREAM_UNSENT, "{unsent}");
        drop(dead);
    }

    #[test]
    fn what_still_waits_when_a_connection_is_closed_is_never_sent() {
        let (mut connections, place) = (Connections::new().unwrap(), Arc::new(()));
        let (mut slow, id) = connect(&mut connections, &place);
        let total = 100_000;
        for _ in 0..total {
            connections.write(id, &message(&[7; 120]));
        }
        let taken = usize::try_from(total - connections.behind()).unwrap() * (framing::LENGTH + 120);
        connections.close(id);
        let mut came = Vec::new();
        let end = slow.read_to_end(&mut came).unwrap_err();
        assert_eq!(end.kind(), ErrorKind::ConnectionReset);
        println!("{} bytes of {taken} came", came.len());
        assert!(came.len() < taken);
    }

    #[test]
    fn who_is_answered_nothing_is_closed_after_five_looks_and_who_is_answered_after_thirty() {
        let (mut connections, place) = (Connections::new().unwrap(), Arc::new(()));
        let (_stranger, _) = connect(&mut connections, &place);
        let (_friend, friend) = connect(&mut connections, &place);
        connections.write(friend, &message(b"an answer"));
        let mut looks = Vec::new();
        let mut now = Instant::now();
        while let Some(at) = connections.poll_timeout() {
            now = now.max(at);
            connections.handle_timeout(now);
            looks.push(connections.open());
        }
        assert_eq!(looks.iter().filter(|open| **open == 2).count(), 5);
        assert_eq!(looks.len(), 31);
        assert_eq!(Arc::strong_count(&place), 1, "places are given back");
    }

    #[test]
    fn a_stranger_who_talks_too_much_is_closed_and_a_late_packet_reaches_nobody_else() {
        let (mut connections, place) = (Connections::new().unwrap(), Arc::new(()));
        let (mut stranger, id) = connect(&mut connections, &place);
        io::Write::write_all(&mut stranger, &[0; UNANSWERED_BYTES + 1]).unwrap();
        let mut ready = [0; crate::limits::STREAM_ROUND];
        while connections.watch().ready(&mut ready).unwrap() == 0 {}
        let mut buffer = [0; crate::limits::STREAM_BYTES];
        while connections.open() > 0 {
            assert_eq!(
                connections.read(id.index, &mut buffer).filter(|came| came.bytes > UNANSWERED_BYTES),
                None
            );
        }
        let (mut next, their_id) = connect(&mut connections, &place);
        assert_eq!((their_id.index, their_id.generation), (id.index, id.generation + 1));
        connections.write(id, &message(b"for the one before"));
        connections.write(their_id, &message(b"for this one"));
        let mut came = [0; 14];
        next.read_exact(&mut came).unwrap();
        assert_eq!(&came[2..], b"for this one");
    }
}
