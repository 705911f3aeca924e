//! A room's people on this machine: one task with their seats, sockets and media connections.
//!
//! It carries out what the owner publishes and tells the owner what becomes of connections. It decides nothing about
//! people. Whoever comes in gets the owner's snapshot, and then every event after it: events up to the snapshot are
//! carried out before the newcomer is seated.

mod entrance;
mod paths;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use cluster::bus::{Cursor, Events, Heard, Position, RequestError, Seen};
use futures_util::FutureExt;
use media::Event;
use media::sdp::Offer;
use protocol::ErrorCode;
use protocol::id::{ParticipantId, SeatToken, SessionId};
use protocol::room::LeftReason;
use protocol::socket::ServerMessage;
use std::sync::Arc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::effects::{Floor, Goes};
use super::media::MediaRoutes;
use super::message::{Answer, Batch, Caller, RoomBus, Snapshot, ToOwner};
use super::registry::envelope;
use super::seat::{Line, Seat, Seated};
use crate::clock::now;
use crate::fresh;
use crate::limits::{BUSY_RETRY_PERIOD, CUT_PERIOD};
use crate::log::{Record, log};
use crate::socket::ConnectionId;
use crate::socket::outbox::encode;

/// How long an idle edge waits before it says again what the media engine was too busy to hear.
const ENGINE_RETRY: Duration = Duration::from_millis(5);
/// Messages taken from the mailbox at once.
const ROUND: usize = 64;
/// Views asked of the owner at once, after events were lost.
const VIEWS: usize = 500;

/// To a room's people on this machine.
pub(crate) enum ToEdge {
    /// Somebody comes in or back. The screen is told here; the session gets its seat.
    Enter { enter: Box<Enter>, reply: oneshot::Sender<Result<Seated, ErrorCode>> },
    /// A fresh media connection.
    Media { connection: ConnectionId, request: u32, offer: Box<Offer> },
    /// Gone quietly, and for good.
    Leave { connection: ConnectionId },
    /// The page goes and says so; whoever loads it anew comes back within seconds.
    Away { connection: ConnectionId },
    /// The socket is gone, the person may come back.
    Lost { connection: ConnectionId },
    /// The client missed something.
    Resync { connection: ConnectionId },
    /// Bytes for others that nobody here can read.
    Relay { connection: ConnectionId, to: BTreeSet<ParticipantId>, sealed: String },
    /// From the media engine, in order.
    Happened { events: Vec<Event> },
    /// A device was signed out; `done` is dropped once it hears nothing.
    SessionEnded { session: SessionId, done: mpsc::Sender<()> },
}

/// A device was signed out: tells all these at once, and returns when it hears nothing in any of them. One that is too
/// busy to be told is told as soon as it can be, and keeps nobody waiting for longer than [`CUT_PERIOD`].
pub(crate) async fn cut_session(edges: impl Iterator<Item = mpsc::Sender<ToEdge>>, session: SessionId) {
    let (done, mut all_done) = mpsc::channel(1);
    for edge in edges {
        match edge.try_send(ToEdge::SessionEnded { session, done: done.clone() }) {
            Err(TrySendError::Full(message)) => {
                fresh::spawn(move || async move { edge.send(message).await });
            }
            // Told; or the room is over, and nobody hears anything there.
            Ok(()) | Err(TrySendError::Closed(_)) => {}
        }
    }
    drop(done);
    let _ = timeout(CUT_PERIOD, all_done.recv()).await;
}

/// What it takes to come in.
pub(crate) struct Enter {
    pub(crate) request: u32,
    pub(crate) caller: Caller,
    pub(crate) offer: Option<Offer>,
    pub(crate) seat: Option<SeatToken>,
}

/// What an edge is given.
pub(crate) struct Edge {
    pub(crate) floor: Floor,
    pub(crate) bus: RoomBus,
    pub(crate) events: Events<Arc<Batch>>,
    pub(crate) mailbox: mpsc::Receiver<ToEdge>,
    /// Of that mailbox, for those who have to find it.
    pub(crate) me: mpsc::Sender<ToEdge>,
    pub(crate) routes: MediaRoutes,
    /// How far events have been carried out.
    pub(crate) cursor: Cursor,
}

/// The room is over, or its owner is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Over;

/// Runs until the room is over. A fault here ends the room for the people of this machine.
pub(crate) async fn run(edge: Edge) {
    let mut running = Running { edge, touched: BTreeSet::new(), leaving: Vec::new() };
    for channel in running.edge.floor.commands.keys() {
        running.edge.routes.channel(channel, running.edge.me.clone()).await;
    }
    let ended = AssertUnwindSafe(running.run()).catch_unwind().await;
    if ended.is_err() {
        log(Record::EdgeFailed);
        let _ = running.owner(ToOwner::Abandon).await;
    }
    running.close().await;
}

struct Running {
    edge: Edge,
    /// Seats whose connection may have changed in this round.
    touched: BTreeSet<ParticipantId>,
    /// Who is gone, for the owner to hear.
    leaving: Vec<(ParticipantId, LeftReason)>,
}

impl Running {
    async fn run(&mut self) -> Over {
        loop {
            // With every turn: in a busy room the pause below never comes to its end.
            self.edge.floor.commands.retry();
            let owes = self.edge.floor.commands.owes();
            // In boxes, which are wiped: this task goes on for as long as the room, and would keep whoever came in last in the
            // places where that was done.
            let over = tokio::select! {
                biased;
                heard = self.edge.events.next() => Box::pin(self.hear(heard)).await,
                Some(message) = self.edge.mailbox.recv() => Box::pin(self.round(message)).await,
                () = tokio::time::sleep(ENGINE_RETRY), if owes => Ok(()),
            };
            let over = match over {
                Ok(()) => Box::pin(self.report()).await,
                over => over,
            };
            if over.is_err() {
                return Over;
            }
        }
    }

    /// One message and whatever waits behind it; people who come in together are asked for together.
    async fn round(&mut self, first: ToEdge) -> Result<(), Over> {
        let mut entering = Vec::new();
        let mut next = Some(first);
        for _ in 0..ROUND {
            let Some(message) = next.take() else { break };
            match message {
                ToEdge::Enter { enter, reply } => entering.push((*enter, reply)),
                other => {
                    self.enter_all(std::mem::take(&mut entering)).await?;
                    self.handle(other).await?;
                }
            }
            next = self.edge.mailbox.try_recv().ok();
        }
        if let Some(ToEdge::Enter { enter, reply }) = next {
            entering.push((*enter, reply));
            next = None;
        }
        self.enter_all(entering).await?;
        match next {
            Some(message) => self.handle(message).await,
            None => Ok(()),
        }
    }

    async fn handle(&mut self, message: ToEdge) -> Result<(), Over> {
        match message {
            ToEdge::Enter { .. } => Ok(()),
            ToEdge::Media { connection, request, offer } => {
                self.renew_media(connection, request, &offer).await;
                Ok(())
            }
            ToEdge::Leave { connection } => {
                if let Some(id) = self.edge.floor.seats.of_connection(connection) {
                    self.take_out(id, LeftReason::Left);
                }
                Ok(())
            }
            ToEdge::Away { connection } => {
                if let Some(id) = self.edge.floor.seats.of_connection(connection) {
                    self.went_away(id);
                }
                Ok(())
            }
            ToEdge::Lost { connection } => {
                if let Some(id) = self.edge.floor.seats.of_connection(connection) {
                    self.edge.floor.seats.set_line(id, Line::Down { since: now() });
                    self.touched.insert(id);
                }
                Ok(())
            }
            ToEdge::Resync { connection } => self.resync(connection).await,
            ToEdge::Relay { connection, to, sealed } => {
                self.relay(connection, &to, sealed);
                Ok(())
            }
            ToEdge::Happened { events } => self.happened(events).await,
            ToEdge::SessionEnded { session, done } => {
                for id in self.edge.floor.seats.of_session(session) {
                    self.take_out(id, LeftReason::SignedOut);
                }
                drop(done);
                Ok(())
            }
        }
    }

    async fn hear(&mut self, heard: Heard<Arc<Batch>>) -> Result<(), Over> {
        match heard {
            Heard::Events(committed) => match self.edge.cursor.observe(committed.at) {
                Seen::Next => {
                    let (goes, slow) = self.edge.floor.carry_out(&committed.events);
                    for id in slow {
                        self.take_out(id, LeftReason::TooSlow);
                    }
                    if goes == Goes::Ended { Err(Over) } else { Ok(()) }
                }
                Seen::Old => Ok(()),
                Seen::Gap => self.catch_up().await,
            },
            Heard::Reset => self.catch_up().await,
            Heard::End => Err(Over),
        }
    }

    /// Cuts somebody off at once, tells their screen, and remembers to tell the owner.
    fn take_out(&mut self, id: ParticipantId, reason: LeftReason) {
        if let Some(seat) = self.edge.floor.cut(id) {
            self.edge.floor.say_left(&seat, reason);
            self.leaving.push((id, reason));
        }
    }

    /// Tells the owner what became of connections in this round.
    async fn report(&mut self) -> Result<(), Over> {
        for (id, reason) in std::mem::take(&mut self.leaving) {
            self.owner(ToOwner::Leave { id, reason }).await?;
        }
        let touched = std::mem::take(&mut self.touched);
        let seats = &mut self.edge.floor.seats;
        let lines: Vec<_> =
            touched.into_iter().filter_map(|id| Some((id, seats.get_mut(id)?.news()?))).collect();
        if !lines.is_empty() {
            self.owner(ToOwner::Lines { lines }).await?;
        }
        Ok(())
    }

    fn relay(&self, connection: ConnectionId, to: &BTreeSet<ParticipantId>, sealed: String) {
        let seats = &self.edge.floor.seats;
        let Some(from) = seats.of_connection(connection) else { return };
        let frame = encode(&ServerMessage::Relayed { from, sealed });
        for outbox in to.iter().filter_map(|id| seats.get(*id)?.outbox()) {
            outbox.relay(frame.clone());
        }
    }

    async fn resync(&mut self, connection: ConnectionId) -> Result<(), Over> {
        let Some(id) = self.edge.floor.seats.of_connection(connection) else { return Ok(()) };
        let Answer::Views(mut views, at) = self.owner(ToOwner::Views { viewers: vec![id] }).await? else {
            return Ok(());
        };
        self.carry_out_up_to(at).await?;
        if let Some(Some(snapshot)) = views.pop() {
            self.show(id, snapshot);
        }
        Ok(())
    }

    /// Events were lost on their way here: the truth is asked for everybody.
    async fn catch_up(&mut self) -> Result<(), Over> {
        // Everybody has seen at least this much. Those who were asked for later hear some of it twice, which is
        // harmless; passed over, it would be lost to the others.
        let mut everybody_at: Option<Position> = None;
        let everybody = self.edge.floor.seats.ids();
        // Where nobody is, only the place among the events is asked for.
        let nobody = everybody.is_empty().then_some([].as_slice());
        for ids in everybody.chunks(VIEWS).chain(nobody) {
            let Answer::Views(views, at) = self.owner(ToOwner::Views { viewers: ids.to_vec() }).await? else {
                continue;
            };
            for (id, snapshot) in ids.iter().zip(views) {
                match snapshot {
                    Some(snapshot) => {
                        self.edge.floor.set_voice(*id, snapshot.voice);
                        self.show(*id, snapshot);
                    }
                    None => {
                        if let Some(seat) = self.edge.floor.cut(*id) {
                            self.edge.floor.say_left(&seat, LeftReason::Lost);
                        }
                    }
                }
            }
            everybody_at = Some(everybody_at.map_or(at, |least| least.min(at)));
        }
        if let Some(at) = everybody_at {
            self.edge.cursor.snapshot(at);
        }
        Ok(())
    }

    fn show(&self, id: ParticipantId, snapshot: Snapshot) {
        let Some(outbox) = self.edge.floor.seats.get(id).and_then(Seat::outbox).cloned() else { return };
        outbox.say(&ServerMessage::State { view: self.numbered(id, snapshot) });
    }

    /// A view under the numbers that this person's messages have here.
    fn numbered(&self, id: ParticipantId, snapshot: Snapshot) -> protocol::room::RoomView {
        let mut view = snapshot.view;
        view.epoch = self.edge.floor.epoch;
        view.sequence = self.edge.floor.seats.get(id).map_or(0, |seat| seat.sequence);
        view
    }

    async fn carry_out_up_to(&mut self, at: Position) -> Result<(), Over> {
        while self.edge.cursor.at() < Some(at) {
            let heard = self.edge.events.next().await;
            match heard {
                Heard::Reset => Box::pin(self.catch_up()).await?,
                heard => Box::pin(self.hear(heard)).await?,
            }
        }
        Ok(())
    }

    /// Asks the owner, as often as it takes.
    async fn owner(&self, command: ToOwner) -> Result<Answer, Over> {
        loop {
            match self.edge.bus.request(envelope(self.edge.floor.room, command.clone())).await {
                Ok(answer) => return Ok(answer),
                Err(RequestError::Busy) => tokio::time::sleep(BUSY_RETRY_PERIOD).await,
                Err(RequestError::NoOwner | RequestError::Unanswered) => return Err(Over),
            }
        }
    }

    /// The room is over here. Whoever was not told why is told that it is lost.
    async fn close(mut self) {
        // What the owner published before it went is still to be carried out.
        while let Some(Heard::Events(committed)) = self.edge.events.next().now_or_never() {
            self.edge.floor.carry_out(&committed.events);
        }
        let floor = &mut self.edge.floor;
        let left: Vec<Seat> = floor.seats.ids().into_iter().filter_map(|id| floor.cut(id)).collect();
        for seat in left {
            floor.say_left(&seat, LeftReason::Lost);
        }
        let channels = floor.commands.keys();
        floor.commands.close();
        self.edge.mailbox.close();
        while let Some(message) = self.edge.mailbox.recv().await {
            if let ToEdge::Enter { reply, .. } = message {
                let _ = reply.send(Err(ErrorCode::NotThere));
            }
        }
        for channel in channels {
            self.edge.routes.closed(channel).await;
        }
        while floor.commands.owes() {
            tokio::time::sleep(ENGINE_RETRY).await;
            floor.commands.retry();
        }
    }
}
