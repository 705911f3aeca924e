//! How people get into rooms and onto stages: by the same messages as everybody.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use client::api::Socket;
use client::peer::{Identity, Offering, candidates};
use protocol::id::{ParticipantId, RoomId};
use protocol::media::Sdp;
use protocol::room::{Confidentiality, HandPolicy, MyMic, RoomCommand, RoomKind};
use protocol::socket::NewRoom;
use tokio::sync::watch;

use crate::crowd::{Listens, Newcomer, Order};
use crate::error::BenchError;
use crate::people::Account;
use crate::plan::Via;
use crate::sys::wall;

/// A crowd, from the outside.
#[derive(Clone)]
pub(crate) struct Door {
    /// In the order of their seats.
    pub(crate) halls: Arc<[Hall]>,
    /// By seat.
    pub(crate) addresses: Arc<[SocketAddrV4]>,
}

/// One thread of a crowd.
pub(crate) struct Hall {
    pub(crate) first: u32,
    pub(crate) orders: SyncSender<Order>,
}

impl Door {
    /// To every thread.
    pub(crate) fn order(&self, order: impl Fn() -> Order) -> Result<(), BenchError> {
        self.halls.iter().try_for_each(|hall| hall.obey(order()))
    }

    /// To the thread that has their seat.
    fn take(&self, newcomer: Newcomer) -> Result<(), BenchError> {
        let halls = self.halls.iter().rev();
        let hall = halls.into_iter().find(|hall| hall.first <= newcomer.seat);
        let hall = hall.ok_or(BenchError::Internal("a seat"))?;
        hall.obey(Order::Take(Box::new(Newcomer { seat: newcomer.seat - hall.first, ..newcomer })))
    }
}

impl Hall {
    fn obey(&self, order: Order) -> Result<(), BenchError> {
        self.orders.send(order).map_err(|_| BenchError::Internal("a crowd"))
    }
}

/// What everybody needs on their way in.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) identity: Identity,
    pub(crate) stage: Door,
    pub(crate) audience: Door,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) via: Via,
    pub(crate) curtain: Curtain,
}

/// When it falls, everybody leaves. Whoever let it fall knows that the last has gone when nobody holds one any more.
#[derive(Clone)]
pub(crate) struct Curtain(watch::Receiver<bool>);

impl Curtain {
    pub(crate) fn up() -> (watch::Sender<bool>, Self) {
        let (fall, falls) = watch::channel(false);
        (fall, Self(falls))
    }

    pub(crate) fn is_down(&self) -> bool {
        *self.0.borrow()
    }

    pub(crate) async fn falls(&mut self) {
        // Whoever could let it fall has gone: the play is over.
        let _ = self.0.wait_for(|down| *down).await;
    }
}

/// What the server said on all sockets together.
#[derive(Default)]
pub(crate) struct Traffic {
    pub(crate) messages: AtomicU64,
    pub(crate) bytes: AtomicU64,
    /// Sockets that ended although nobody closed them.
    pub(crate) ended: AtomicU64,
}

/// Where somebody is to sit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) seat: u32,
    /// The number of the room in this run.
    pub(crate) room: u32,
    pub(crate) listens: Listens,
    pub(crate) speaks: Option<u32>,
}

impl House {
    /// Starts a room, with its owner on its stage and their microphone open. Seats and speakers have the same numbers.
    pub(crate) async fn open_room(
        &self,
        account: Account,
        place: Place,
    ) -> Result<(RoomId, Socket), BenchError> {
        let mut socket = account.server.open(&account.token).await?;
        socket.hello().await?;
        let offering = Offering::new(&self.identity, Instant::now())?;
        let room = NewRoom {
            title: None,
            kind: RoomKind::Open,
            hands: HandPolicy::Everyone,
            confidentiality: Confidentiality::Relayed,
            language: None,
            club: None,
            ask: Vec::new(),
            moderators: Vec::new(),
        };
        let entered = socket.start_room(room, offering.sdp().clone()).await?;
        let room = entered.view.room;
        seat(&self.stage, offering, entered.answer, place)?;
        socket.command(RoomCommand::SetMic { mic: MyMic::Open }).await?;
        Ok((room, socket))
    }

    /// Brings somebody onto the stage of a room: hand, invitation, yes, microphone.
    pub(crate) async fn bring_up(
        &self,
        account: Account,
        room: RoomId,
        owner: &mut Socket,
        place: Place,
    ) -> Result<Socket, BenchError> {
        let mut socket = account.server.open(&account.token).await?;
        socket.hello().await?;
        let (who, _) = self.enter(&mut socket, room, &self.stage, place).await?;
        socket.command(RoomCommand::RaiseHand).await?;
        owner.command(RoomCommand::InviteToStage { who }).await?;
        socket.command(RoomCommand::AcceptInvitation).await?;
        socket.command(RoomCommand::SetMic { mic: MyMic::Open }).await?;
        Ok(socket)
    }

    /// Goes in to listen. Also says when the question went out (nanoseconds since 1970).
    pub(crate) async fn come_in(
        &self,
        account: Account,
        room: RoomId,
        place: Place,
    ) -> Result<(Option<Socket>, i64), BenchError> {
        if self.via == Via::Whep {
            let offering = Offering::new(&self.identity, Instant::now())?;
            let asked = wall();
            let answer = account.server.listen(&account.token, room, offering.sdp()).await?;
            seat(&self.audience, offering, Some(answer), place)?;
            return Ok((None, asked));
        }
        let mut socket = account.server.open(&account.token).await?;
        socket.hello().await?;
        let (_, asked) = self.enter(&mut socket, room, &self.audience, place).await?;
        Ok((Some(socket), asked))
    }

    pub(crate) async fn enter(
        &self,
        socket: &mut Socket,
        room: RoomId,
        door: &Door,
        place: Place,
    ) -> Result<(ParticipantId, i64), BenchError> {
        let offering = Offering::new(&self.identity, Instant::now())?;
        let offer = offering.sdp().clone();
        let asked = wall();
        let entered = socket.enter_room(room, Some(offer), None).await?;
        let me = entered.view.you.id;
        seat(door, offering, entered.answer, place)?;
        Ok((me, asked))
    }

    /// Reads whatever the server says, for as long as the run goes on: an unread socket is a slow one.
    pub(crate) async fn keep(mut self, mut socket: Socket) {
        let read = async {
            while let Ok(text) = socket.next_text().await {
                self.traffic.messages.fetch_add(1, Ordering::Relaxed);
                self.traffic.bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
            }
        };
        tokio::select! {
            () = self.curtain.falls() => leave(socket).await,
            () = read => drop(self.traffic.ended.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

/// A socket that only ends keeps its seat for half a minute, in case the line was lost.
pub(crate) async fn leave(mut socket: Socket) {
    // Whoever cannot say so has no seat, or none for long.
    let _ = socket.leave().await;
    socket.close().await;
}

fn seat(door: &Door, offering: Offering, answer: Option<Sdp>, place: Place) -> Result<(), BenchError> {
    let answer = answer.ok_or(BenchError::NoWayIn)?;
    let local = door.addresses.get(place.seat as usize).ok_or(BenchError::Internal("a seat"))?;
    let server = best_candidate(&answer, *local.ip()).ok_or(BenchError::NoWayIn)?;
    let peer = offering.accept(&only(&answer, server), &[SocketAddr::V4(*local)])?;
    let Place { seat, room, listens, speaks } = place;
    door.take(Newcomer { seat, room, peer, listens, speaks })
}

/// The server's address that fits ours: loopback for loopback.
fn best_candidate(answer: &Sdp, local: Ipv4Addr) -> Option<SocketAddr> {
    let fits = |address: &SocketAddr| match address.ip() {
        IpAddr::V4(v4) => v4.is_loopback() == local.is_loopback(),
        IpAddr::V6(_) => false,
    };
    candidates(answer).into_iter().find(fits)
}

/// The answer with that one candidate: a client chooses which it tries, and thousands that try all of them measure their
/// own checks.
fn only(answer: &Sdp, server: SocketAddr) -> Sdp {
    let (ip, port) = (server.ip().to_string(), server.port().to_string());
    let keeps = |line: &str| {
        let Some(candidate) = line.strip_prefix("a=candidate:") else { return true };
        let words: Vec<&str> = candidate.split_ascii_whitespace().collect();
        matches!(words.as_slice(), [_, _, transport, _, address, at, ..]
            if transport.eq_ignore_ascii_case("udp") && **address == ip && **at == port)
    };
    Sdp(answer.0.split_inclusive('\n').filter(|line| keeps(line)).collect())
}

/// The address of this machine that packets to a server leave from.
pub(crate) fn address_towards(server: SocketAddr) -> std::io::Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(server)?;
    match socket.local_addr()?.ip() {
        IpAddr::V4(v4) => Ok(v4),
        IpAddr::V6(_) => Err(std::io::ErrorKind::AddrNotAvailable.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_way_in_is_taken_and_the_others_are_left_out() {
        let answer = Sdp(
            "v=0\r\na=candidate:1 1 udp 9 192.0.2.1 5 typ host\r\na=candidate:2 1 udp 8 127.0.0.1 5 typ \
            host\r\na=candidate:3 1 tcp 7 127.0.0.1 5 typ host tcptype passive\r\na=end\r\n"
                .to_owned(),
        );
        let found = best_candidate(&answer, Ipv4Addr::new(127, 1, 0, 1)).expect("there is one");
        assert_eq!(found, "127.0.0.1:5".parse().expect("an address"));
        let elsewhere = best_candidate(&answer, Ipv4Addr::new(198, 51, 100, 1)).expect("there is one");
        assert_eq!(elsewhere, "192.0.2.1:5".parse().expect("an address"));
        let text = "v=0\r\na=candidate:2 1 udp 8 127.0.0.1 5 typ host\r\na=end\r\n";
        assert_eq!(only(&answer, found), Sdp(text.to_owned()));
    }
}
