//! The hallway: everybody who is connected, and the cards of the rooms that are there for each of them.
//!
//! One task. Whether a room is there for somebody is the room's own answer (`rooms::Room::card`): the hallway asks the
//! room's owner for the cards of its viewers, remembers what each was shown, and sends what differs, a few times a
//! second at most. Viewers who see the same get the same bytes. It never waits for a room: what a round of questions
//! brings is one more thing that comes in.

mod asking;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::ws::Utf8Bytes;
use protocol::hallway::{HallwayChange, RoomCard};
use protocol::id::{MemberId, RoomId, SessionId};
use protocol::limits::HALLWAY_CARDS_MAX;
use protocol::socket::ServerMessage;
use rooms::Who;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::limits::{HALLWAY_MAILBOX, HALLWAY_PERIOD, WELCOME_PERIOD};
use crate::log::{Record, log};
use crate::room::RoomBus;
use crate::socket::ConnectionId;
use crate::socket::outbox::{Close, Farewell, Outbox, encode};
use asking::{Answers, Purpose, Question, Round};

/// A cheap handle.
#[derive(Clone)]
pub(crate) struct Hallway(mpsc::Sender<ToHallway>);

/// Somebody at a socket.
pub(crate) struct Viewer {
    pub(crate) connection: ConnectionId,
    pub(crate) member: MemberId,
    pub(crate) session: SessionId,
    pub(crate) outbox: Outbox,
    pub(crate) control: mpsc::Sender<Control>,
}

/// To the session at a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    /// Ask the keeper who you are.
    AccountChanged,
}

/// The hallway's own end.
pub(crate) struct Mailbox(mpsc::Receiver<ToHallway>);

enum ToHallway {
    Register(Viewer),
    Unregister(ConnectionId),
    Welcome { connection: ConnectionId, follows: BTreeSet<MemberId>, welcome: Box<ServerMessage> },
    Opened { room: RoomId, changed: Arc<AtomicBool> },
    Closed { room: RoomId },
    Follows { member: MemberId, follows: BTreeSet<MemberId> },
    AccountChanged(MemberId),
    SessionEnded(SessionId),
    Viewers(oneshot::Sender<Vec<(MemberId, SessionId)>>),
    Everyone(Utf8Bytes),
    CloseAll,
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

    /// A room is there; `changed` is set whenever its card may look different.
    pub(crate) async fn opened(&self, room: RoomId, changed: Arc<AtomicBool>) {
        self.say(ToHallway::Opened { room, changed }).await;
    }

    pub(crate) async fn closed(&self, room: RoomId) {
        self.say(ToHallway::Closed { room }).await;
    }

    /// Whom a member follows, now.
    pub(crate) async fn follows(&self, member: MemberId, follows: BTreeSet<MemberId>) {
        self.say(ToHallway::Follows { member, follows }).await;
    }

    /// The member's own sockets are to say who they are.
    pub(crate) async fn account_changed(&self, member: MemberId) {
        self.say(ToHallway::AccountChanged(member)).await;
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
        let _ = self.0.send(message).await;
    }
}

/// Runs for as long as anybody holds a handle.
pub(crate) async fn run(mailbox: Mailbox, bus: RoomBus) {
    let mut running = Running {
        bus,
        rooms: BTreeMap::new(),
        viewers: HashMap::new(),
        newcomers: Vec::new(),
        welcoming: HashSet::new(),
        stale: BTreeSet::new(),
        round: None,
    };
    let Mailbox(mut mailbox) = mailbox;
    let mut ticks = interval(HALLWAY_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Kept from turn to turn: while many come and go, a pause that began anew with each would never end.
    let mut welcome_at: Option<Instant> = None;
    loop {
        if !running.newcomers.is_empty() {
            welcome_at.get_or_insert_with(|| Instant::now() + WELCOME_PERIOD);
        }
        tokio::select! {
            message = mailbox.recv() => match message {
                Some(message) => running.handle(message),
                None => return,
            },
            (purpose, answers) = answered(&mut running.round) => running.finish(purpose, answers),
            () = until(welcome_at), if running.round.is_none() => {
                welcome_at = None;
                // Whoever came at the same moment is in the mailbox by now.
                while let Ok(message) = mailbox.try_recv() {
                    running.handle(message);
                }
                running.begin_welcome();
            }
            _ = ticks.tick(), if running.round.is_none() => running.begin_update(),
        }
    }
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// The answers of the round, which is over then; never while there is none.
async fn answered(round: &mut Option<Round>) -> (Purpose, Answers) {
    let answers = match round {
        Some(round) => round.await,
        None => std::future::pending().await,
    };
    *round = None;
    answers
}

struct Running {
    bus: RoomBus,
    rooms: BTreeMap<RoomId, Arc<AtomicBool>>,
    viewers: HashMap<ConnectionId, Shown>,
    newcomers: Vec<(ConnectionId, ServerMessage)>,
    /// Those for whom a round asks before their welcome.
    welcoming: HashSet<ConnectionId>,
    /// Viewers whose follows changed: every room may look different to them.
    stale: BTreeSet<ConnectionId>,
    /// One at a time, so that no answer overtakes a later one.
    round: Option<Round>,
}

/// A viewer and what they were shown.
struct Shown {
    viewer: Viewer,
    /// None until they were welcomed.
    follows: Option<Arc<BTreeSet<MemberId>>>,
    cards: HashMap<RoomId, Arc<str>>,
}

impl Running {
    fn handle(&mut self, message: ToHallway) {
        match message {
            ToHallway::Register(viewer) => {
                let shown = Shown { viewer, follows: None, cards: HashMap::new() };
                self.viewers.insert(shown.viewer.connection, shown);
            }
            ToHallway::Unregister(connection) => {
                self.viewers.remove(&connection);
                self.stale.remove(&connection);
                self.newcomers.retain(|(newcomer, _)| *newcomer != connection);
            }
            ToHallway::Welcome { connection, follows, welcome } => {
                if let Some(shown) = self.viewers.get_mut(&connection) {
                    // What was pushed since is newer than what was asked for before.
                    shown.follows.get_or_insert_with(|| Arc::new(follows));
                    self.newcomers.push((connection, *welcome));
                }
            }
            ToHallway::Opened { room, changed } => drop(self.rooms.insert(room, changed)),
            ToHallway::Closed { room } => {
                self.rooms.remove(&room);
                self.gone(room);
            }
            ToHallway::Follows { member, follows } => {
                let follows = Arc::new(follows);
                for shown in self.viewers.values_mut().filter(|shown| shown.viewer.member == member) {
                    shown.follows = Some(Arc::clone(&follows));
                    self.stale.insert(shown.viewer.connection);
                }
            }
            ToHallway::AccountChanged(member) => {
                for shown in self.viewers.values().filter(|shown| shown.viewer.member == member) {
                    // A full one has the same word waiting already.
                    let _ = shown.viewer.control.try_send(Control::AccountChanged);
                }
            }
            ToHallway::SessionEnded(session) => {
                for shown in self.viewers.values().filter(|shown| shown.viewer.session == session) {
                    shown.viewer.outbox.dismiss(Farewell { last: None, close: Close::SignedOut });
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
            ToHallway::CloseAll => {
                for shown in self.viewers.values() {
                    shown.viewer.outbox.dismiss(Farewell { last: None, close: Close::GoingAway });
                }
            }
        }
    }

    /// Asks all rooms for all newcomers.
    fn begin_welcome(&mut self) {
        let newcomers = std::mem::take(&mut self.newcomers);
        let ids: HashSet<ConnectionId> = newcomers.iter().map(|(connection, _)| *connection).collect();
        let questions = self.questions(|connection| ids.contains(&connection));
        let rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        self.welcoming = ids;
        self.round =
            Some(asking::begin(self.bus.clone(), Purpose::Welcome(newcomers), vec![(rooms, questions)]));
    }

    /// Asks the rooms that changed for everybody, and all rooms for those whose follows changed.
    fn begin_update(&mut self) {
        let changed = self.rooms.iter().filter(|(_, changed)| changed.swap(false, Ordering::AcqRel));
        let dirty: Vec<RoomId> = changed.map(|(room, _)| *room).collect();
        let stale = std::mem::take(&mut self.stale);
        let mut questions = Vec::new();
        if !dirty.is_empty() {
            questions.push((dirty.clone(), self.questions(|_| true)));
        }
        if !stale.is_empty() {
            let others = self.rooms.keys().filter(|room| !dirty.contains(room)).copied().collect();
            questions.push((others, self.questions(|connection| stale.contains(&connection))));
        }
        questions.retain(|(_, viewers)| !viewers.is_empty());
        if !questions.is_empty() {
            self.round = Some(asking::begin(self.bus.clone(), Purpose::Update, questions));
        }
    }

    fn finish(&mut self, purpose: Purpose, mut answers: Answers) {
        // What ended meanwhile was said to be gone already.
        answers.retain(|(room, _)| self.rooms.contains_key(room));
        match purpose {
            Purpose::Welcome(newcomers) => self.welcome(newcomers, answers),
            Purpose::Update => self.update(answers),
        }
    }

    fn welcome(&mut self, newcomers: Vec<(ConnectionId, ServerMessage)>, answers: Answers) {
        self.welcoming.clear();
        let mut cards: HashMap<ConnectionId, Vec<RoomCard>> = HashMap::new();
        for (connection, card) in answers.into_iter().filter_map(|(_, answered)| answered).flatten() {
            if let Some(card) = card {
                cards.entry(connection).or_default().push(card);
            }
        }
        for (connection, mut welcome) in newcomers {
            let Some(shown) = self.viewers.get_mut(&connection) else { continue };
            let mut mine = cards.remove(&connection).unwrap_or_default();
            mine.sort_by_key(|card| {
                std::cmp::Reverse((card.followed_on_stage, card.asked_by.is_some(), card.on_stage))
            });
            mine.truncate(HALLWAY_CARDS_MAX);
            shown.cards = mine.iter().map(|card| (card.room, change(card))).collect();
            if let ServerMessage::Welcome { hallway, .. } = &mut welcome {
                *hallway = mine;
            }
            send(&shown.viewer.outbox, encode(&welcome));
        }
    }

    /// Sends what differs from what each was shown.
    fn update(&mut self, answers: Answers) {
        let mut written = Written::default();
        let mut changes: BTreeMap<ConnectionId, Vec<Arc<str>>> = BTreeMap::new();
        for (room, answered) in answers {
            let Some(answered) = answered else {
                // It did not answer: once more with the next round.
                if let Some(changed) = self.rooms.get(&room) {
                    changed.store(true, Ordering::Release);
                }
                continue;
            };
            for (connection, card) in answered {
                let Some(shown) = self.viewers.get_mut(&connection) else { continue };
                let had_room = shown.has_room();
                if let Some(change) = shown.note(room, card.map(|card| written.card(&card))) {
                    changes.entry(connection).or_default().push(change);
                }
                if !had_room && shown.has_room() {
                    self.stale.insert(connection);
                }
            }
        }
        self.send_changes(&changes);
    }

    fn gone(&mut self, room: RoomId) {
        let mut changes = BTreeMap::new();
        for shown in self.viewers.values_mut() {
            let had_room = shown.has_room();
            let Some(change) = shown.note(room, None) else { continue };
            changes.insert(shown.viewer.connection, vec![change]);
            if !had_room {
                self.stale.insert(shown.viewer.connection);
            }
        }
        self.send_changes(&changes);
    }

    fn send_changes(&self, changes: &BTreeMap<ConnectionId, Vec<Arc<str>>>) {
        let mut frames: HashMap<&[Arc<str>], Utf8Bytes> = HashMap::new();
        for (connection, changes) in changes {
            let Some(shown) = self.viewers.get(connection) else { continue };
            let frame = frames.entry(changes).or_insert_with(|| frame(changes)).clone();
            send(&shown.viewer.outbox, frame);
        }
    }

    fn questions(&self, wanted: impl Fn(ConnectionId) -> bool) -> Vec<Question> {
        let mut newcomers: HashSet<ConnectionId> =
            self.newcomers.iter().map(|(newcomer, _)| *newcomer).collect();
        newcomers.extend(&self.welcoming);
        self.viewers
            .values()
            .filter(|shown| wanted(shown.viewer.connection) && !newcomers.contains(&shown.viewer.connection))
            .filter_map(|shown| {
                let follows = Arc::clone(shown.follows.as_ref()?);
                Some((shown.viewer.connection, Who::Member(shown.viewer.member), follows))
            })
            .collect()
    }
}

impl Shown {
    /// Another room can be shown to them.
    fn has_room(&self) -> bool {
        self.cards.len() < HALLWAY_CARDS_MAX
    }

    /// Remembers what they see now; what to tell them, if it differs. Beyond [`HALLWAY_CARDS_MAX`] cards the next is
    /// shown when one of them goes.
    fn note(&mut self, room: RoomId, card: Option<Arc<str>>) -> Option<Arc<str>> {
        match card {
            Some(card) if self.cards.get(&room) == Some(&card) => None,
            Some(_) if !self.has_room() && !self.cards.contains_key(&room) => None,
            Some(card) => {
                self.cards.insert(room, Arc::clone(&card));
                Some(card)
            }
            None => self.cards.remove(&room).map(|_| write(&HallwayChange::Gone { room })),
        }
    }
}

/// Cards of one round, each written once.
#[derive(Default)]
struct Written(Vec<(RoomCard, Arc<str>)>);

impl Written {
    fn card(&mut self, card: &RoomCard) -> Arc<str> {
        // Viewers come in the same order for each room, and most see what the one before them saw.
        if let Some((_, text)) = self.0.iter().rev().take(8).find(|(known, _)| known == card) {
            return Arc::clone(text);
        }
        let text = change(card);
        self.0.push((card.clone(), Arc::clone(&text)));
        text
    }
}

fn change(card: &RoomCard) -> Arc<str> {
    write(&HallwayChange::Card { card: card.clone() })
}

fn write(change: &HallwayChange) -> Arc<str> {
    serde_json::to_string(change).unwrap_or_default().into()
}

/// [`ServerMessage::Hallway`], put together from changes that were written before.
fn frame(changes: &[Arc<str>]) -> Utf8Bytes {
    format!(r#"{{"type":"hallway","changes":[{}]}}"#, changes.join(",")).into()
}

fn send(outbox: &Outbox, frame: Utf8Bytes) {
    if outbox.send(frame).is_err() {
        log(Record::SlowClient);
        outbox.dismiss(Farewell { last: None, close: Close::TooSlow });
    }
}

#[cfg(test)]
mod tests;
