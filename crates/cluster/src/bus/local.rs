//! The bus of one process: a directory of mailboxes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, PoisonError, RwLock};

use protocol::id::RoomId;
use tokio::sync::{broadcast, mpsc, oneshot};

use super::{AlreadyOwned, Committed, Envelope, RequestError};
use crate::limits::{COMMAND_MAILBOX, EVENT_MAILBOX};

/// By ids in boxes: a table leaves what was removed lying in its places, a box is wiped.
type Directory<C, A, E> = Arc<RwLock<HashMap<Box<RoomId>, Line<C, A, E>>>>;

/// Rooms owned in this process. The lock guards only the directory, at human rate: a clone of a mailbox is taken out
/// and the guard is gone before anything waits.
#[derive(Debug)]
pub struct Local<C, A, E> {
    directory: Directory<C, A, E>,
}

#[derive(Debug)]
struct Line<C, A, E> {
    /// In boxes: a mailbox leaves what was in it lying in its places, a box is wiped.
    commands: mpsc::Sender<Box<Request<C, A>>>,
    events: broadcast::Sender<Committed<E>>,
}

/// A command, and where its answer goes.
#[derive(Debug)]
pub struct Request<C, A> {
    pub envelope: Envelope<C>,
    answer: oneshot::Sender<A>,
}

impl<C, A> Request<C, A> {
    /// Answers, once what the command did is committed. Whoever asked may be gone; that changes nothing.
    pub fn answer(self, answer: A) {
        let _ = self.answer.send(answer);
    }

    /// The command by itself, and the answering half.
    pub fn split(self) -> (Envelope<C>, impl FnOnce(A)) {
        let Self { envelope, answer } = self;
        (envelope, move |value| {
            let _ = answer.send(value);
        })
    }
}

/// The owner's end of one room.
#[derive(Debug)]
pub struct OwnedRoom<C, A, E> {
    room: RoomId,
    commands: mpsc::Receiver<Box<Request<C, A>>>,
    events: broadcast::Sender<Committed<E>>,
    directory: Directory<C, A, E>,
}

/// A subscriber's end of one room.
#[derive(Debug)]
pub struct Events<E> {
    receiver: broadcast::Receiver<Committed<E>>,
}

/// What a subscriber hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard<E> {
    Events(Committed<E>),
    /// Some were lost on the way here: fetch a snapshot.
    Reset,
    /// The owner is gone, with the room or by itself.
    End,
}

impl<C, A, E> Clone for Local<C, A, E> {
    fn clone(&self) -> Self {
        Self { directory: Arc::clone(&self.directory) }
    }
}

impl<C, A, E: Clone> Local<C, A, E> {
    pub(super) fn new() -> Self {
        Self { directory: Arc::default() }
    }

    pub(super) fn own(&self, room: RoomId) -> Result<OwnedRoom<C, A, E>, AlreadyOwned> {
        let (commands, mailbox) = mpsc::channel(COMMAND_MAILBOX);
        let (events, _) = broadcast::channel(EVENT_MAILBOX);
        // A panic while the guard is held leaves a whole directory: every change is one call.
        let mut directory = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        match directory.entry(Box::new(room)) {
            Entry::Occupied(_) => Err(AlreadyOwned),
            Entry::Vacant(vacant) => {
                vacant.insert(Line { commands, events: events.clone() });
                let directory = Arc::clone(&self.directory);
                Ok(OwnedRoom { room, commands: mailbox, events, directory })
            }
        }
    }

    pub(super) async fn request(&self, envelope: Envelope<C>) -> Result<A, RequestError> {
        let commands = self.with_line(envelope.room, |line| line.commands.clone())?;
        let (answer, answered) = oneshot::channel();
        commands.try_send(Box::new(Request { envelope, answer })).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => RequestError::Busy,
            mpsc::error::TrySendError::Closed(_) => RequestError::NoOwner,
        })?;
        answered.await.map_err(|_| RequestError::Unanswered)
    }

    pub(super) fn subscribe(&self, room: RoomId) -> Result<Events<E>, RequestError> {
        self.with_line(room, |line| Events { receiver: line.events.subscribe() })
    }

    fn with_line<T>(&self, room: RoomId, take: impl FnOnce(&Line<C, A, E>) -> T) -> Result<T, RequestError> {
        let directory = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        directory.get(&room).map(take).ok_or(RequestError::NoOwner)
    }
}

impl<C, A, E: Clone> OwnedRoom<C, A, E> {
    /// The next command. Waits for ever in an idle room; `None` never comes while the room is owned.
    pub async fn next(&mut self) -> Option<Request<C, A>> {
        self.commands.recv().await.map(|request| *request)
    }

    /// Publishes what was committed. Waits for nobody: a subscriber that is too far behind hears [`Heard::Reset`].
    pub fn publish(&self, committed: Committed<E>) {
        // An error says that nobody listens, which is fine.
        let _ = self.events.send(committed);
    }
}

impl<C, A, E> Drop for OwnedRoom<C, A, E> {
    fn drop(&mut self) {
        self.directory.write().unwrap_or_else(PoisonError::into_inner).remove(&self.room);
    }
}

impl<E: Clone> Events<E> {
    /// The next events.
    pub async fn next(&mut self) -> Heard<E> {
        match self.receiver.recv().await {
            Ok(committed) => Heard::Events(committed),
            Err(broadcast::error::RecvError::Lagged(_)) => Heard::Reset,
            Err(broadcast::error::RecvError::Closed) => Heard::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bus, Epoch, Position, Sequence};
    use super::*;
    use protocol::id::CommandId;
    use std::task::{Context, Waker};

    const ROOM: RoomId = RoomId([5; 16]);

    fn raise_hand() -> Envelope<&'static str> {
        Envelope { id: CommandId([1; 16]), room: ROOM, command: "raise hand" }
    }

    fn event(sequence: u64) -> Committed<&'static str> {
        let at = Position { epoch: Epoch(1), sequence: Sequence(sequence) };
        Committed { room: ROOM, at, events: "hand raised" }
    }

    type Talk = Bus<&'static str, &'static str, &'static str>;

    #[tokio::test]
    async fn a_command_reaches_the_one_owner_and_its_event_everybody() {
        let bus = Talk::local();
        let mut owner = bus.own(ROOM).expect("free");
        assert_eq!(bus.own(ROOM).err(), Some(AlreadyOwned));
        let (mut ann, mut ben) = (bus.subscribe(ROOM).expect("owned"), bus.subscribe(ROOM).expect("owned"));
        let room = async {
            let request = owner.next().await.expect("a command");
            assert_eq!(request.envelope, raise_hand());
            owner.publish(event(1));
            request.answer("done");
        };
        let (answer, ()) = tokio::join!(bus.request(raise_hand()), room);
        assert_eq!(answer, Ok("done"));
        assert_eq!(ann.next().await, Heard::Events(event(1)));
        assert_eq!(ben.next().await, Heard::Events(event(1)));
    }

    #[tokio::test]
    async fn without_an_owner_a_command_is_refused_at_once() {
        let bus = Talk::local();
        assert_eq!(bus.request(raise_hand()).await, Err(RequestError::NoOwner));
        let owner = bus.own(ROOM).expect("free");
        let mut ann = bus.subscribe(ROOM).expect("owned");
        drop(owner);
        assert_eq!(bus.request(raise_hand()).await, Err(RequestError::NoOwner));
        assert_eq!(ann.next().await, Heard::End);
        assert!(bus.own(ROOM).is_ok(), "the next owner may come");
    }

    #[tokio::test]
    async fn an_owner_that_goes_away_leaves_the_command_unanswered() {
        let bus = Talk::local();
        let mut owner = bus.own(ROOM).expect("free");
        let room = async {
            let _taken = owner.next().await;
            drop(owner);
        };
        let (answer, ()) = tokio::join!(bus.request(raise_hand()), room);
        assert_eq!(answer, Err(RequestError::Unanswered));
    }

    #[tokio::test]
    async fn a_subscriber_that_is_too_far_behind_is_told_to_start_afresh() {
        let bus = Talk::local();
        let owner = bus.own(ROOM).expect("free");
        let mut slow = bus.subscribe(ROOM).expect("owned");
        for sequence in 0..=EVENT_MAILBOX as u64 {
            owner.publish(event(sequence));
        }
        assert_eq!(slow.next().await, Heard::Reset);
        assert!(matches!(slow.next().await, Heard::Events(_)));
    }

    #[tokio::test]
    async fn a_room_that_is_too_far_behind_says_so() {
        let bus = Talk::local();
        let _owner = bus.own(ROOM).expect("free");
        let mut nobody = Context::from_waker(Waker::noop());
        let mut waiting = Vec::new();
        for _ in 0..COMMAND_MAILBOX {
            let mut request = Box::pin(bus.request(raise_hand()));
            assert!(request.as_mut().poll(&mut nobody).is_pending());
            waiting.push(request);
        }
        assert_eq!(bus.request(raise_hand()).await, Err(RequestError::Busy));
    }
}
