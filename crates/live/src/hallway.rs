//! The hallway: everybody who is connected, and the cards of the rooms that are there for each of them.
//!
//! One task. Whether a room is there for somebody, and how it looks to them, is the room's own word
//! (`rooms::Listing`), which its owner hangs up whenever it differs: nobody is asked. The hallway takes down what is new
//! a few times a second ([`board`]), goes from viewer to viewer, and tells each what differs from what they were shown
//! ([`shown`]). Viewers who see the same get the same bytes, and where very many have something to hear, they hear it
//! one after the other.

mod board;
mod frames;
mod pinged;
mod shown;
mod talks;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use protocol::ErrorCode;
use protocol::id::{MemberId, RoomId, SessionId};
use protocol::socket::{Looking, ServerMessage};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval};
use tungstenite::Utf8Bytes;

use crate::clock;
use crate::company::Company;
use crate::limits::{
    HALLWAY_FRAMES_TOGETHER, HALLWAY_MAILBOX, HALLWAY_MOVES_TOGETHER, HALLWAY_PEOPLE_TOGETHER, HALLWAY_PERIOD,
};
use crate::log::{Record, log};
use crate::pings::Pings;
use crate::socket::ConnectionId;
use crate::socket::outbox::{Close, Farewell, Outbox, encode};
pub(crate) use board::Hung;
use board::{Board, Edition};
use frames::Frames;
use pinged::Ping;
pub(crate) use pinged::Reach;
use shown::{Change, Shown};
pub(crate) use talks::Talks;

/// A cheap handle.
#[derive(Clone)]
pub(crate) struct Hallway(mpsc::Sender<Box<ToHallway>>);

/// Somebody at a socket.
pub(crate) struct Viewer {
    pub(crate) connection: ConnectionId,
    pub(crate) member: MemberId,
    pub(crate) session: SessionId,
    pub(crate) outbox: Outbox,
    pub(crate) recheck: Recheck,
}

/// Word to the session at a socket that it is to ask the keeper who it is. Said twice before it is heard, it is said once.
#[derive(Clone, Default)]
pub(crate) struct Recheck(Arc<Notify>);

impl Recheck {
    fn ask(&self) {
        self.0.notify_one();
    }

    /// Waits for it. Nothing is lost when this is dropped half-way.
    pub(crate) async fn asked(&self) {
        self.0.notified().await;
    }
}

/// The hallway's own end.
///
/// What is said comes in boxes, which are wiped: a mailbox leaves what was in it lying in its places (decision 0029).
pub(crate) struct Mailbox(mpsc::Receiver<Box<ToHallway>>);

enum ToHallway {
    Register(Viewer),
    Unregister(ConnectionId),
    Welcome { connection: ConnectionId, follows: BTreeSet<MemberId>, welcome: Box<ServerMessage> },
    Opened { room: RoomId, hung: Hung },
    Closed { room: RoomId },
    Follows { member: MemberId, follows: BTreeSet<MemberId> },
    AccountsChanged(BTreeSet<MemberId>),
    SessionEnded(SessionId),
    Viewers(oneshot::Sender<Vec<(MemberId, SessionId)>>),
    Talks { word: Box<Talks>, reply: oneshot::Sender<talks::Answer> },
    Ping { ping: Box<Ping>, reply: oneshot::Sender<Result<Reach, ErrorCode>> },
    Everyone(Utf8Bytes),
    CloseAll,
    Looking { connection: ConnectionId, now: Looking },
    WhoIsTold { members: BTreeSet<MemberId>, of: Of, reply: oneshot::Sender<Told> },
}

/// What somebody is to be told of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    /// A room that somebody started whose bell they rang.
    Bell { room: RoomId, host: MemberId },
    /// One that they are asked into.
    Ask { room: RoomId },
    /// An event: whom it is there for the keeper knows.
    Event,
}

/// Who is to be told of something elsewhere than on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Those(BTreeSet<MemberId>),
    /// The room is over.
    Over,
}

impl Hallway {
    pub(crate) fn new() -> (Self, Mailbox) {
        let (sender, mailbox) = mpsc::channel(HALLWAY_MAILBOX);
        (Self(sender), Mailbox(mailbox))
    }

    /// From now on this socket hears of sessions that end and of the server going down.
    pub(crate) async fn register(&self, viewer: Viewer) {
        self.say(ToHallway::Register(viewer)).await;
    }

    pub(crate) async fn unregister(&self, connection: ConnectionId) {
        self.say(ToHallway::Unregister(connection)).await;
    }

    /// Fills the welcome with what is going on, sends it, and keeps the socket up to date afterwards.
    pub(crate) async fn welcome(
        &self,
        connection: ConnectionId,
        follows: BTreeSet<MemberId>,
        welcome: ServerMessage,
    ) {
        self.say(ToHallway::Welcome { connection, follows, welcome: Box::new(welcome) }).await;
    }

    /// A room is there; its card follows from what it hangs up.
    pub(crate) async fn opened(&self, room: RoomId, hung: Hung) {
        self.say(ToHallway::Opened { room, hung }).await;
    }

    pub(crate) async fn closed(&self, room: RoomId) {
        self.say(ToHallway::Closed { room }).await;
    }

    /// Whom a member follows, now.
    pub(crate) async fn follows(&self, member: MemberId, follows: BTreeSet<MemberId>) {
        self.say(ToHallway::Follows { member, follows }).await;
    }

    /// The members' own sockets are to say who they are.
    pub(crate) async fn accounts_changed(&self, members: BTreeSet<MemberId>) {
        self.say(ToHallway::AccountsChanged(members)).await;
    }

    /// The session's sockets end now.
    pub(crate) async fn session_ended(&self, session: SessionId) {
        self.say(ToHallway::SessionEnded(session)).await;
    }

    /// Everybody at a socket.
    pub(crate) async fn viewers(&self) -> Vec<(MemberId, SessionId)> {
        let (reply, answer) = oneshot::channel();
        self.say(ToHallway::Viewers(reply)).await;
        answer.await.unwrap_or_default()
    }

    /// Whether somebody looks at this socket's page.
    pub(crate) async fn looking(&self, connection: ConnectionId, now: Looking) {
        self.say(ToHallway::Looking { connection, now }).await;
    }

    /// Of these, those who look at no page now; where it is of a room of somebody whom they follow, those for whom it is there
    /// and who were not asked into it, which they are told of apart.
    pub(crate) async fn who_is_told(&self, members: BTreeSet<MemberId>, of: Of) -> Told {
        let (reply, answer) = oneshot::channel();
        self.say(ToHallway::WhoIsTold { members, of, reply }).await;
        answer.await.unwrap_or(Told::Over)
    }

    /// Tells everybody the same.
    pub(crate) async fn everyone(&self, message: &ServerMessage) {
        self.say(ToHallway::Everyone(encode(message))).await;
    }

    /// Closes every socket: come back later.
    pub(crate) async fn close_all(&self) {
        self.say(ToHallway::CloseAll).await;
    }

    async fn say(&self, message: ToHallway) {
        // The hallway ends with the process only.
        let _ = self.0.send(Box::new(message)).await;
    }
}

/// Runs for as long as anybody holds a handle.
pub(crate) async fn run(mailbox: Mailbox) {
    let mut running = Running::new();
    let Mailbox(mut mailbox) = mailbox;
    let mut ticks = interval(HALLWAY_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            message = mailbox.recv() => match message {
                Some(message) => running.handle(*message),
                None => return,
            },
            _ = ticks.tick() => running.go_round(),
        }
    }
}

struct Running {
    board: Board,
    company: Company,
    pings: Pings,
    /// In boxes, as what is said.
    viewers: BTreeMap<ConnectionId, Box<Shown>>,
    /// Those who do not wait for their turn: something changed for them and for few others.
    first: BTreeSet<ConnectionId>,
    /// Of what somebody did.
    changes: Way,
    /// Of what moved by itself.
    moves: Way,
    /// Everybody has been told all that there is up to this edition.
    settled: Option<Edition>,
}

impl Running {
    fn new() -> Self {
        Self {
            board: Board::new(),
            company: Company::default(),
            pings: Pings::new(keyed::Key::from_random(clock::random())),
            viewers: BTreeMap::new(),
            first: BTreeSet::new(),
            changes: Way::default(),
            moves: Way::default(),
            settled: None,
        }
    }

    fn handle(&mut self, message: ToHallway) {
        match message {
            ToHallway::Register(viewer) => {
                self.company.came(viewer.member);
                self.viewers.insert(viewer.connection, Box::new(Shown::new(viewer)));
            }
            ToHallway::Unregister(connection) => {
                self.first.remove(&connection);
                if let Some(gone) = self.viewers.remove(&connection) {
                    self.page_gone(gone.viewer.member);
                }
            }
            ToHallway::Welcome { connection, follows, welcome } => {
                self.welcome(connection, follows, &welcome)
            }
            ToHallway::Opened { room, hung } => self.board.open(room, hung),
            ToHallway::Closed { room } => self.board.close(room),
            ToHallway::Follows { member, follows } => {
                let follows = Arc::new(follows);
                self.company.follows(clock::now(), member, &follows);
                for shown in self.viewers.values_mut().filter(|shown| shown.viewer.member == member) {
                    shown.follow(Arc::clone(&follows));
                    self.first.insert(shown.viewer.connection);
                }
            }
            ToHallway::AccountsChanged(members) => {
                for shown in self.viewers.values().filter(|shown| members.contains(&shown.viewer.member)) {
                    shown.viewer.recheck.ask();
                }
            }
            ToHallway::SessionEnded(session) => {
                self.device_gone(|shown| shown.viewer.session == session);
                for shown in self.viewers.values().filter(|shown| shown.viewer.session == session) {
                    shown.viewer.outbox.dismiss(Farewell { last: None, close: Close::SignedOut });
                }
            }
            ToHallway::Talks { word, reply } => {
                let _ = reply.send(self.hear_of_talks(*word));
                self.pass_on();
            }
            ToHallway::Ping { ping, reply } => {
                let Ping { by, to, room } = *ping;
                let reached = self.take_ping(&by, to, room);
                // Answered before anybody is told: whoever pings cannot tell by the clock who hears of it.
                let _ = reply.send(reached);
                if let Ok(Reach::There(to)) = reached {
                    self.ping(&by, to, room);
                }
            }
            ToHallway::Viewers(reply) => {
                let all =
                    self.viewers.values().map(|shown| (shown.viewer.member, shown.viewer.session)).collect();
                let _ = reply.send(all);
            }
            ToHallway::Everyone(frame) => {
                self.viewers.values().for_each(|shown| send(&shown.viewer.outbox, frame.clone()));
            }
            ToHallway::Looking { connection, now } => {
                if let Some(shown) = self.viewers.get_mut(&connection) {
                    shown.looking = now;
                }
            }
            ToHallway::WhoIsTold { members, of, reply } => {
                let _ = reply.send(self.who_is_told(members, of));
            }
            ToHallway::CloseAll => {
                for shown in self.viewers.values() {
                    shown.viewer.outbox.dismiss(Farewell { last: None, close: Close::GoingAway });
                }
            }
        }
    }

    fn who_is_told(&mut self, members: BTreeSet<MemberId>, of: Of) -> Told {
        self.look();
        let here = |shown: &Shown| shown.looking == Looking::Here && members.contains(&shown.viewer.member);
        let look = self.viewers.values().filter(|shown| here(shown));
        let look: BTreeSet<MemberId> = look.map(|shown| shown.viewer.member).collect();
        let mut told: BTreeSet<MemberId> = members.difference(&look).copied().collect();
        let room = match of {
            Of::Bell { room, .. } | Of::Ask { room } => room,
            Of::Event => return Told::Those(told),
        };
        let Some(listing) = self.board.listing_of(room) else { return Told::Over };
        match of {
            Of::Bell { host, .. } => {
                // Whatever else they follow: that they follow this one, they were found by.
                let follows = BTreeSet::from([host]);
                told.retain(|member| listing.look(*member, &follows).is_some_and(|look| !look.is_asked()));
            }
            // Of a room that is not there for them nobody hears, whoever asks.
            Of::Ask { .. } | Of::Event => {
                told.retain(|member| listing.look(*member, &BTreeSet::new()).is_some())
            }
        }
        Told::Those(told)
    }

    fn welcome(&mut self, connection: ConnectionId, follows: BTreeSet<MemberId>, welcome: &ServerMessage) {
        self.look();
        let Some(shown) = self.viewers.get_mut(&connection) else { return };
        shown.welcome(follows);
        let cards = shown.catch_up(&mut self.board);
        frames::welcome(welcome, &cards).into_iter().for_each(|frame| send(&shown.viewer.outbox, frame));
        let member = shown.viewer.member;
        self.company.wait(BTreeSet::from([Box::new(member)]));
    }

    /// Tells everybody what somebody did, then what moved by itself.
    fn go_round(&mut self) {
        let now = clock::now();
        self.tell_of_talks(now);
        self.pings.advance(now);
        self.look();
        // A thousand people who listen to one room are not gone to three times a second for nothing.
        if self.is_settled() {
            return;
        }
        let mut told = 0;
        let (board, mut frames) = (&mut self.board, Frames::default());
        for connection in std::mem::take(&mut self.first) {
            if let Some(shown) = self.viewers.get_mut(&connection) {
                let changes = shown.catch_up(board);
                told += tell(shown, &changes, &mut frames);
            }
        }
        self.changes.go(&mut self.viewers, Pace::CHANGES, |shown| {
            let changes = shown.catch_up(board);
            let frames = tell(shown, &changes, &mut frames);
            told += frames;
            frames
        });
        self.moves.go(&mut self.viewers, Pace::MOVES, |shown| {
            let changes = shown.keep_moving(board);
            let frames = tell(shown, &changes, &mut frames);
            told += frames;
            frames
        });
        let ends = self.changes.is_at_its_end() && self.moves.is_at_its_end();
        self.settled = (ends && told == 0).then(|| self.board.edition());
        let up_to = self.viewers.values().filter_map(|shown| shown.told()).min();
        self.board.told(up_to.unwrap_or(self.board.edition()));
    }

    /// Whoever was told something may have more of it waiting: only a round that told nobody anything is the last.
    fn is_settled(&self) -> bool {
        self.settled == Some(self.board.edition()) && self.first.is_empty()
    }

    fn look(&mut self) {
        let seen = self.board.look();
        if !seen.listeners.is_empty() {
            self.viewers.values_mut().for_each(|shown| shown.listeners_came(&seen.listeners));
        }
        let concerned = seen.concerned;
        if !concerned.is_empty() {
            let theirs = self.viewers.values().filter(|shown| concerned.contains(shown.viewer.member));
            self.first.extend(theirs.map(|shown| shown.viewer.connection));
        }
    }
}

/// A way from viewer to viewer.
#[derive(Default)]
struct Way {
    /// With whom it goes on; none where it begins anew.
    next: Option<ConnectionId>,
}

/// How much is said on a way before the rest waits for the next round.
#[derive(Clone, Copy)]
struct Pace {
    people: usize,
    frames: usize,
}

impl Pace {
    const CHANGES: Self = Self { people: HALLWAY_PEOPLE_TOGETHER, frames: HALLWAY_FRAMES_TOGETHER };
    const MOVES: Self = Self { people: HALLWAY_MOVES_TOGETHER, frames: HALLWAY_MOVES_TOGETHER };

    /// Somebody was told something, or nothing.
    fn told(&mut self, frames: usize) {
        self.people = self.people.saturating_sub(frames.min(1));
        self.frames = self.frames.saturating_sub(frames);
    }

    fn is_over(self) -> bool {
        self.people == 0 || self.frames == 0
    }
}

impl Way {
    fn is_at_its_end(&self) -> bool {
        self.next.is_none()
    }

    /// Goes on from where it last stopped, until everybody was told or so much was said that the rest waits.
    fn go(
        &mut self,
        viewers: &mut BTreeMap<ConnectionId, Box<Shown>>,
        mut left: Pace,
        mut tell: impl FnMut(&mut Shown) -> usize,
    ) {
        let (from, to) = match self.next.take() {
            Some(next) => (Bound::Included(next), Bound::Excluded(next)),
            // All of them lie after it, none before.
            None => (Bound::Unbounded, Bound::Excluded(ConnectionId(0))),
        };
        for ends in [(from, Bound::Unbounded), (Bound::Unbounded, to)] {
            for (connection, shown) in viewers.range_mut(ends) {
                if left.is_over() {
                    self.next = Some(*connection);
                    return;
                }
                left.told(tell(shown));
            }
        }
    }
}

/// Tells somebody what is new; gives the number of frames.
fn tell(shown: &Shown, changes: &[Change], frames: &mut Frames) -> usize {
    let frames = frames.of(changes);
    let count = frames.len();
    frames.into_iter().for_each(|frame| send(&shown.viewer.outbox, frame));
    count
}

fn send(outbox: &Outbox, frame: Utf8Bytes) {
    if outbox.send(frame).is_err() {
        log(Record::SlowClient);
        outbox.dismiss(Farewell { last: None, close: Close::TooSlow });
    }
}

#[cfg(test)]
mod tests;
