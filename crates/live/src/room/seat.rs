//! Who is connected to a room here: connection ↔ participant ↔ media peer.
//!
//! A participant has one seat and a seat has one device (`docs/decisions/0004-one-seat-one-device.md`). Its socket and
//! its media come and go apart from each other: a lost socket does not silence anybody, and fresh media replaces the
//! old only once it works.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Weak};

use media::PeerKey;
use protocol::Timestamp;
use protocol::id::{ParticipantId, RoomId, SessionId};
use rooms::{Connection, Voice, Who};
use tokio::sync::mpsc;

use super::concerns::{Concern, Concerns};
use super::edge::ToEdge;
use crate::socket::ConnectionId;
use crate::socket::outbox::Outbox;
use crate::talk::Place;

/// One participant, as connected here.
pub(crate) struct Seat {
    pub(crate) who: Who,
    pub(crate) session: SessionId,
    pub(crate) line: Line,
    pub(crate) media: Media,
    /// Whether their packets are forwarded; said again for every fresh peer.
    pub(crate) voice: Voice,
    /// The number of the last message of events they were sent.
    pub(crate) sequence: u64,
    /// What the room was last told about them.
    pub(crate) told: Told,
}

/// The socket of a seat.
pub(crate) enum Line {
    Up { connection: ConnectionId, outbox: Outbox, hold: Hold },
    Down { since: Timestamp },
}

/// The media connection of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// None; the last one was heard from at this time.
    Gone { since: Timestamp },
    /// The only one.
    One { peer: PeerKey, path: Path },
    /// A fresh one is being made while the old one, if it works, goes on.
    Swapping { old: PeerKey, path: Path, fresh: PeerKey },
}

/// How a media path does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// Connecting or working.
    Open,
    /// Nothing has been heard since then.
    Silent { since: Timestamp },
}

/// What the room believes of a seat's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Up,
    Down,
}

/// The room's end of what it shares with the session at the socket: as long as it is held, the session may act for the seat.
///
/// What it takes to act lies in a box, which is wiped when the hold is let go: a session goes on for long after the rooms
/// that it was in (decision 0029).
pub(crate) struct Hold(Option<Arc<Held>>);

/// The session's end of its seat.
pub(crate) struct Seated(Weak<Held>);

struct Held(Box<Way>);

/// To a seat.
pub(crate) struct Way {
    pub(crate) room: RoomId,
    pub(crate) id: ParticipantId,
    pub(crate) edge: mpsc::Sender<ToEdge>,
}

impl Hold {
    pub(crate) fn new(way: Way) -> Self {
        Self(Some(Arc::new(Held(Box::new(way)))))
    }

    /// For the session.
    pub(crate) fn seated(&self) -> Seated {
        Seated(self.0.as_ref().map(Arc::downgrade).unwrap_or_default())
    }

    fn let_go(&mut self) {
        self.0 = None;
    }
}

impl crate::talk::Seat for Seated {
    fn place(&self) -> Option<Place> {
        self.0.upgrade().map(|held| Place { room: held.0.room, who: held.0.id })
    }
}

impl Seated {
    /// Tells the room something, unless it is over or the seat is somebody else's by now.
    pub(crate) async fn tell(&self, message: ToEdge) {
        let edge = self.0.upgrade().map(|held| held.0.edge.clone());
        if let Some(edge) = edge {
            let _ = edge.send(message).await;
        }
    }
}

impl Media {
    pub(crate) fn peers(self) -> impl Iterator<Item = PeerKey> {
        let (one, two) = match self {
            Self::Gone { .. } => (None, None),
            Self::One { peer, .. } => (Some(peer), None),
            Self::Swapping { old, fresh, .. } => (Some(old), Some(fresh)),
        };
        one.into_iter().chain(two)
    }

    /// Since when nothing is heard, if nothing is.
    fn down_since(self) -> Option<Timestamp> {
        match self {
            Self::Gone { since } => Some(since),
            Self::One { path: Path::Silent { since }, .. }
            | Self::Swapping { path: Path::Silent { since }, .. } => Some(since),
            Self::One { path: Path::Open, .. } | Self::Swapping { path: Path::Open, .. } => None,
        }
    }
}

impl Seat {
    pub(crate) fn outbox(&self) -> Option<&Outbox> {
        match &self.line {
            Line::Up { outbox, .. } => Some(outbox),
            Line::Down { .. } => None,
        }
    }

    /// Here means: a socket to be told by, and media that works or is on its way. Otherwise since when not.
    pub(crate) fn connection(&self) -> Connection {
        let socket = match self.line {
            Line::Up { .. } => None,
            Line::Down { since } => Some(since),
        };
        match socket.into_iter().chain(self.media.down_since()).min() {
            Some(since) => Connection::Down { since },
            None => Connection::Up,
        }
    }

    /// What to tell the room, if it believes something else.
    pub(crate) fn news(&mut self) -> Option<Connection> {
        let connection = self.connection();
        let now = match connection {
            Connection::Up => Told::Up,
            Connection::Down { .. } => Told::Down,
        };
        (std::mem::replace(&mut self.told, now) != now).then_some(connection)
    }
}

/// All seats of one room here. Who sits in them is in boxes, which are wiped: a tree does not overwrite what is taken out.
pub(crate) struct Seats {
    room: RoomId,
    seated: Concerns,
    by_id: BTreeMap<ParticipantId, Box<Seat>>,
    by_connection: HashMap<ConnectionId, ParticipantId>,
    by_peer: HashMap<PeerKey, ParticipantId>,
    by_who: BTreeMap<Box<Who>, (ParticipantId, Concern)>,
}

impl Seats {
    /// None yet; whoever gets one is noted among those who are seated.
    pub(crate) fn new(room: RoomId, seated: Concerns) -> Self {
        Self {
            room,
            seated,
            by_id: BTreeMap::new(),
            by_connection: HashMap::new(),
            by_peer: HashMap::new(),
            by_who: BTreeMap::new(),
        }
    }

    pub(crate) fn get(&self, id: ParticipantId) -> Option<&Seat> {
        self.by_id.get(&id).map(Box::as_ref)
    }

    pub(crate) fn get_mut(&mut self, id: ParticipantId) -> Option<&mut Seat> {
        self.by_id.get_mut(&id).map(Box::as_mut)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ParticipantId, &Seat)> {
        self.by_id.iter().map(|(id, seat)| (*id, seat.as_ref()))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (ParticipantId, &mut Seat)> {
        self.by_id.iter_mut().map(|(id, seat)| (*id, seat.as_mut()))
    }

    pub(crate) fn ids(&self) -> Vec<ParticipantId> {
        self.by_id.keys().copied().collect()
    }

    pub(crate) fn of_connection(&self, connection: ConnectionId) -> Option<ParticipantId> {
        self.by_connection.get(&connection).copied()
    }

    pub(crate) fn of_peer(&self, peer: PeerKey) -> Option<ParticipantId> {
        self.by_peer.get(&peer).copied()
    }

    pub(crate) fn of_who(&self, who: Who) -> Option<ParticipantId> {
        self.by_who.get(&who).map(|(id, _)| *id)
    }

    pub(crate) fn of_session(&self, session: SessionId) -> Vec<ParticipantId> {
        self.iter().filter(|(_, seat)| seat.session == session).map(|(id, _)| id).collect()
    }

    /// Puts somebody in a seat; whoever had it must have been taken out before.
    pub(crate) fn insert(&mut self, id: ParticipantId, seat: Seat) {
        if let Line::Up { connection, .. } = seat.line {
            self.by_connection.insert(connection, id);
        }
        for peer in seat.media.peers() {
            self.by_peer.insert(peer, id);
        }
        self.by_who.insert(Box::new(seat.who), (id, self.seated.note(seat.who, self.room)));
        self.by_id.insert(id, Box::new(seat));
    }

    pub(crate) fn remove(&mut self, id: ParticipantId) -> Option<Seat> {
        let mut seat = self.by_id.remove(&id)?;
        if let Line::Up { connection, hold, .. } = &mut seat.line {
            self.by_connection.remove(connection);
            hold.let_go();
        }
        for peer in seat.media.peers() {
            self.by_peer.remove(&peer);
        }
        // A newer seat of the same person is found all the same.
        if self.of_who(seat.who) == Some(id) {
            self.by_who.remove(&seat.who);
        }
        Some(*seat)
    }

    /// Gives a seat another socket, or none; returns the one it had.
    pub(crate) fn set_line(&mut self, id: ParticipantId, line: Line) -> Option<Line> {
        let seat = self.by_id.get_mut(&id)?;
        if let Line::Up { connection, .. } = line {
            self.by_connection.insert(connection, id);
        }
        let mut old = std::mem::replace(&mut seat.line, line);
        if let Line::Up { connection, hold, .. } = &mut old {
            hold.let_go();
            if !matches!(&seat.line, Line::Up { connection: new, .. } if new == connection) {
                self.by_connection.remove(connection);
            }
        }
        Some(old)
    }

    /// Gives a seat other media; returns what it had. Peers that it had and has no more are to be cut by the caller.
    pub(crate) fn set_media(&mut self, id: ParticipantId, media: Media) -> Option<Media> {
        let seat = self.by_id.get_mut(&id)?;
        let old = std::mem::replace(&mut seat.media, media);
        for peer in old.peers() {
            self.by_peer.remove(&peer);
        }
        for peer in media.peers() {
            self.by_peer.insert(peer, id);
        }
        Some(old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::talk::Seat as _;
    use media::ShardIndex;

    fn seat(line: Line, media: Media) -> Seat {
        Seat {
            who: Who::Member(protocol::id::MemberId([1; 16])),
            session: SessionId([1; 16]),
            line,
            media,
            voice: Voice::Off,
            sequence: 0,
            told: Told::Up,
        }
    }

    fn up(connection: u64) -> Line {
        Line::Up { connection: ConnectionId(connection), outbox: Outbox::new().0, hold: hold() }
    }

    fn hold() -> Hold {
        Hold::new(Way { room: RoomId([1; 16]), id: ParticipantId(5), edge: mpsc::channel(1).0 })
    }

    fn peer(index: u32) -> PeerKey {
        PeerKey { shard: ShardIndex(0), index, generation: 0 }
    }

    #[test]
    fn somebody_is_here_only_with_a_socket_and_with_media() {
        let at = Timestamp;
        let open = Media::One { peer: peer(1), path: Path::Open };
        let silent = Media::One { peer: peer(1), path: Path::Silent { since: at(7) } };
        for (line, media, expected) in [
            (up(1), open, Connection::Up),
            (Line::Down { since: at(9) }, open, Connection::Down { since: at(9) }),
            (up(1), silent, Connection::Down { since: at(7) }),
            (Line::Down { since: at(9) }, silent, Connection::Down { since: at(7) }),
            (up(1), Media::Gone { since: at(3) }, Connection::Down { since: at(3) }),
            (up(1), Media::Swapping { old: peer(1), path: Path::Open, fresh: peer(2) }, Connection::Up),
        ] {
            assert_eq!(seat(line, media).connection(), expected);
        }
    }

    #[test]
    fn the_room_is_told_once() {
        let mut seat = seat(up(1), Media::One { peer: peer(1), path: Path::Open });
        assert_eq!(seat.news(), None);
        seat.line = Line::Down { since: Timestamp(9) };
        assert_eq!(seat.news(), Some(Connection::Down { since: Timestamp(9) }));
        assert_eq!(seat.news(), None);
    }

    #[test]
    fn a_seat_that_is_given_up_is_found_by_nothing() {
        let seated = Concerns::default();
        let mut seats = Seats::new(RoomId([1; 16]), seated.clone());
        let id = ParticipantId(5);
        let hold = hold();
        let session = hold.seated();
        let line = Line::Up { connection: ConnectionId(1), outbox: Outbox::new().0, hold };
        seats.insert(id, seat(line, Media::One { peer: peer(1), path: Path::Open }));
        assert_eq!(session.place(), Some(Place { room: RoomId([1; 16]), who: id }));
        seats.set_media(id, Media::Swapping { old: peer(1), path: Path::Open, fresh: peer(2) });
        seats.set_line(id, up(2));
        assert_eq!(session.place(), None, "the socket that was replaced acts for nobody, and knows no room");
        assert_eq!(seats.of_connection(ConnectionId(1)), None);
        assert_eq!(seats.of_connection(ConnectionId(2)), Some(id));
        assert_eq!(seats.of_peer(peer(2)), Some(id));
        let who = Who::Member(protocol::id::MemberId([1; 16]));
        assert_eq!(seats.of_who(who), Some(id));
        assert_eq!(seated.rooms(who), [RoomId([1; 16])]);
        seats.remove(id);
        assert_eq!(seats.of_who(who), None);
        assert_eq!(seated.rooms(who), []);
        assert_eq!(
            (seats.of_connection(ConnectionId(2)), seats.of_peer(peer(1)), seats.of_peer(peer(2))),
            (None, None, None)
        );
    }
}
