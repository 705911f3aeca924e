//! The hallway: everybody who is connected, and the cards of the rooms that are there for each of them.
//!
//! One task. Whether a room is there for somebody is the room's own answer (`rooms::Room::card`): the hallway asks the
//! room's owner for the cards of its viewers, remembers what each was shown, and sends what differs, a few times a
//! second at most. Viewers who see the same get the same bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use futures_util::future::join_all;
use protocol::hallway::{HallwayChange, RoomCard};
use protocol::id::{MemberId, RoomId, SessionId};
use protocol::limits::HALLWAY_CARDS_MAX;
use protocol::socket::ServerMessage;
use rooms::Who;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use crate::limits::{HALLWAY_MAILBOX, HALLWAY_PERIOD, VIEWERS_PER_QUESTION, WELCOME_PERIOD};
use crate::log::{Record, log};
use crate::room::{Answer, RoomBus, ToOwner, envelope};
use crate::socket::ConnectionId;
use crate::socket::outbox::{Close, Farewell, Outbox, encode};

/// How long a room has to answer; one that takes longer is asked again with the next round.
const ANSWER_PERIOD: Duration = Duration::from_secs(1);

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
        stale: BTreeSet::new(),
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
            () = until(welcome_at) => {
                welcome_at = None;
                // Whoever came at the same moment is in the mailbox by now.
                while let Ok(message) = mailbox.try_recv() {
                    running.handle(message);
                }
                running.welcome_all().await;
            }
            _ = ticks.tick() => running.update().await,
        }
    }
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

struct Running {
    bus: RoomBus,
    rooms: BTreeMap<RoomId, Arc<AtomicBool>>,
    viewers: HashMap<ConnectionId, Shown>,
    newcomers: Vec<(ConnectionId, ServerMessage)>,
    /// Viewers whose follows changed: every room may look different to them.
    stale: BTreeSet<ConnectionId>,
}

/// A viewer and what they were shown.
struct Shown {
    viewer: Viewer,
    /// None until they were welcomed.
    follows: Option<Arc<BTreeSet<MemberId>>>,
    cards: HashMap<RoomId, Arc<str>>,
}

/// Somebody to ask a room for.
type Question = (ConnectionId, Who, Arc<BTreeSet<MemberId>>);

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

    /// Asks all rooms for all newcomers, and welcomes them.
    async fn welcome_all(&mut self) {
        let newcomers = std::mem::take(&mut self.newcomers);
        let ids: BTreeSet<ConnectionId> = newcomers.iter().map(|(connection, _)| *connection).collect();
        let questions = self.questions(|connection| ids.contains(&connection));
        let rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        let mut cards: HashMap<ConnectionId, Vec<RoomCard>> = HashMap::new();
        for (_, answered) in self.ask(&rooms, &questions).await {
            for (connection, card) in answered.into_iter().flatten() {
                if let Some(card) = card {
                    cards.entry(connection).or_default().push(card);
                }
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

    /// Asks the rooms that changed for everybody, and all rooms for those whose follows changed; sends what differs.
    async fn update(&mut self) {
        let dirty: Vec<RoomId> = self
            .rooms
            .iter()
            .filter(|(_, changed)| changed.swap(false, Ordering::AcqRel))
            .map(|(room, _)| *room)
            .collect();
        let stale = std::mem::take(&mut self.stale);
        if dirty.is_empty() && stale.is_empty() {
            return;
        }
        let everybody = self.questions(|_| true);
        let mut answers = self.ask(&dirty, &everybody).await;
        if !stale.is_empty() {
            let others: Vec<RoomId> =
                self.rooms.keys().filter(|room| !dirty.contains(room)).copied().collect();
            let some = self.questions(|connection| stale.contains(&connection));
            answers.extend(self.ask(&others, &some).await);
        }
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
                if let Some(change) = shown.note(room, card.map(|card| written.card(&card))) {
                    changes.entry(connection).or_default().push(change);
                }
            }
        }
        self.send_changes(&changes);
    }

    fn gone(&mut self, room: RoomId) {
        let changes = self
            .viewers
            .values_mut()
            .filter_map(|shown| Some((shown.viewer.connection, vec![shown.note(room, None)?])))
            .collect();
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
        let newcomers: HashSet<ConnectionId> = self.newcomers.iter().map(|(newcomer, _)| *newcomer).collect();
        self.viewers
            .values()
            .filter(|shown| wanted(shown.viewer.connection) && !newcomers.contains(&shown.viewer.connection))
            .filter_map(|shown| {
                let follows = Arc::clone(shown.follows.as_ref()?);
                Some((shown.viewer.connection, Who::Member(shown.viewer.member), follows))
            })
            .collect()
    }

    /// The cards of these rooms for these viewers. `None` for a room that did not answer; a room that is over has no
    /// card for anybody.
    async fn ask(&self, rooms: &[RoomId], questions: &[Question]) -> Vec<(RoomId, Option<Cards>)> {
        if questions.is_empty() {
            return Vec::new();
        }
        let asked = rooms.iter().map(|room| async move { (*room, self.ask_one(*room, questions).await) });
        join_all(asked).await
    }

    async fn ask_one(&self, room: RoomId, questions: &[Question]) -> Option<Cards> {
        let mut all = Vec::with_capacity(questions.len());
        for some in questions.chunks(VIEWERS_PER_QUESTION) {
            let viewers = some.iter().map(|(_, who, follows)| (*who, Arc::clone(follows))).collect();
            let asked = self.bus.request(envelope(room, ToOwner::Cards { viewers }));
            match timeout(ANSWER_PERIOD, asked).await {
                Ok(Ok(Answer::Cards { cards, which })) => {
                    let card = |at: Option<usize>| at.and_then(|at| cards.get(at)).cloned();
                    all.extend(some.iter().zip(which).map(|((connection, ..), at)| (*connection, card(at))));
                }
                Ok(Err(cluster::bus::RequestError::NoOwner)) => {
                    all.extend(some.iter().map(|(connection, ..)| (*connection, None)));
                }
                _ => return None,
            }
        }
        Some(all)
    }
}

type Cards = Vec<(ConnectionId, Option<RoomCard>)>;

impl Shown {
    /// Remembers what they see now; what to tell them, if it differs.
    fn note(&mut self, room: RoomId, card: Option<Arc<str>>) -> Option<Arc<str>> {
        match card {
            Some(card) if self.cards.get(&room) == Some(&card) => None,
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
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_newcomer_is_welcomed_while_others_keep_coming() {
        let (hallway, mailbox) = Hallway::new();
        tokio::spawn(run(mailbox, RoomBus::local()));
        let (outbox, mut mail) = Outbox::new();
        let (control, _controlled) = mpsc::channel(1);
        let connection = ConnectionId(1);
        let (member, session) = (MemberId([1; 16]), SessionId([1; 16]));
        hallway.register(Viewer { connection, member, session, outbox, control }).await;
        hallway.welcome(connection, BTreeSet::new(), ServerMessage::Pong).await;
        let storm = async {
            loop {
                tokio::time::sleep(WELCOME_PERIOD / 2).await;
                hallway.unregister(ConnectionId(2)).await;
            }
        };
        tokio::select! {
            biased;
            welcomed = mail.next() => assert!(welcomed.is_some()),
            () = storm => {}
            () = tokio::time::sleep(20 * WELCOME_PERIOD) => panic!("not welcomed"),
        }
    }

    #[test]
    fn a_message_put_together_by_hand_is_the_message_of_the_contract() {
        let changes =
            [HallwayChange::Gone { room: RoomId([1; 16]) }, HallwayChange::Gone { room: RoomId([2; 16]) }];
        let message = ServerMessage::Hallway { changes: changes.to_vec() };
        let frame = frame(&[write(&changes[0]), write(&changes[1])]);
        assert_eq!(frame.as_str(), serde_json::to_string(&message).expect("written"));
    }
}
