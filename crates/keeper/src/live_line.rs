//! The line to `live`: requests in, answers and pushes out.

use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::rc::Rc;
use std::sync::Arc;

use keeper_api::limits::ASKS_IN_FLIGHT_MAX;
use keeper_api::{AskNumber, Decoder, Hello, Push, Reply, ToKeeper, ToLive, encode};
use protocol::ErrorCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{
    Notify, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock, Semaphore, mpsc,
};
use tokio::task::spawn_local;

use crate::keeper::{self, Keeper, Outcome, Turn};
use crate::limits::{OUTBOX_MAX, READ_CHUNK, WRITTEN_TOGETHER};
use crate::serve::{Parent, now};

/// The `live` of now, for whoever has something to say to it without being asked.
#[derive(Debug, Default)]
pub(crate) struct Ears(RefCell<Option<mpsc::UnboundedSender<Push>>>);

impl Ears {
    pub(crate) fn are(&self, pushes: Option<mpsc::UnboundedSender<Push>>) {
        self.0.replace(pushes);
    }

    /// Where there is none, the next one asks what it missed.
    pub(crate) fn say(&self, push: Push) {
        if let Some(pushes) = &*self.0.borrow() {
            let _ = pushes.send(push);
        }
    }
}

/// Requests that end or change something are answered alone, so that the line says things in the order in which they
/// came true: a session whose check was answered is ended by a push that comes after that answer, never before it.
#[derive(Debug, Default)]
pub(crate) struct Order(Arc<RwLock<()>>);

/// Until it is dropped, which is after what was asked has been answered.
#[derive(Debug)]
pub(crate) enum Taken {
    Shared(#[expect(dead_code, reason = "only held")] OwnedRwLockReadGuard<()>),
    Alone(#[expect(dead_code, reason = "only held")] OwnedRwLockWriteGuard<()>),
}

impl Order {
    /// In the order in which they are asked for.
    pub(crate) async fn take(&self, turn: Turn) -> Taken {
        let lock = Arc::clone(&self.0);
        match turn {
            Turn::Shared => Taken::Shared(lock.read_owned().await),
            Turn::Alone => Taken::Alone(lock.write_owned().await),
        }
    }

    /// Waits for whatever is being changed, and lets nothing more begin.
    pub(crate) async fn finish(&self) {
        std::mem::forget(self.0.write().await);
    }
}

/// One connection, from its hello to its end.
pub(crate) struct LiveLine {
    socket: UnixStream,
    pushes: mpsc::UnboundedReceiver<Push>,
    keeper: Rc<Keeper>,
    parent: Rc<Parent>,
    order: Rc<Order>,
}

impl LiveLine {
    pub(crate) fn new(
        socket: OwnedFd,
        keeper: Rc<Keeper>,
        parent: Rc<Parent>,
        order: Rc<Order>,
    ) -> io::Result<(Self, mpsc::UnboundedSender<Push>)> {
        let socket = StdUnixStream::from(socket);
        socket.set_nonblocking(true)?;
        let (sender, pushes) = mpsc::unbounded_channel();
        Ok((Self { socket: UnixStream::from_std(socket)?, pushes, keeper, parent, order }, sender))
    }

    /// Ends when `live` is gone or says what cannot be understood. Then the parent makes a new line.
    pub(crate) async fn run(self) {
        let Self { socket, mut pushes, keeper, parent, order } = self;
        let (mut read, write) = socket.into_split();
        let mut inbox = Inbox { decoder: Decoder::new(), buffer: vec![0; READ_CHUNK] };
        let Some(ToKeeper::Hello(hello)) = inbox.next(&mut read).await else { return };
        let (outbox, waiting) = mpsc::channel(OUTBOX_MAX);
        // What the `live` before this one asked and died over has come true by then, or never will: whoever got no answer
        // and asks the next one is told how it is.
        drop(order.take(Turn::Alone).await);
        if greet(&keeper, hello, &outbox).await.is_none() {
            return;
        }
        let slots = Arc::new(Semaphore::new(ASKS_IN_FLIGHT_MAX));
        let desk = Rc::new(Desk { keeper, parent, order, outbox, slots, overflow: Notify::new() });
        tokio::select! {
            () = deliver(write, waiting) => {}
            () = take_in(&mut inbox, &mut read, &desk) => {}
            () = desk.overflow.notified() => {}
            () = async {
                while let Some(push) = pushes.recv().await {
                    desk.send(ToLive::Push(push), None);
                }
            } => {}
        }
    }
}

async fn greet(keeper: &Keeper, hello: Hello, outbox: &mpsc::Sender<Outgoing>) -> Option<()> {
    let welcome = keeper.welcome(hello).await.ok()?;
    outbox.try_send(Outgoing { message: ToLive::Welcome(welcome), slot: None }).ok()
}

/// A message on its way out.
struct Outgoing {
    message: ToLive,
    /// Free again once the answer is in the socket: a `live` that does not read is not read from.
    slot: Option<OwnedSemaphorePermit>,
}

/// What the answering tasks of one line share.
struct Desk {
    keeper: Rc<Keeper>,
    parent: Rc<Parent>,
    order: Rc<Order>,
    outbox: mpsc::Sender<Outgoing>,
    slots: Arc<Semaphore>,
    /// Something could not be said: the line is given up, for a push that is lost would let a session live on.
    overflow: Notify,
}

impl Desk {
    fn say(&self, number: AskNumber, outcome: Outcome, slot: OwnedSemaphorePermit) {
        self.parent.health(outcome.health);
        if let Some(word) = outcome.word {
            self.parent.say(&word);
        }
        for push in outcome.pushes {
            self.send(ToLive::Push(push), None);
        }
        self.answer(number, outcome.answer, slot);
    }

    fn answer(&self, number: AskNumber, answer: Result<Reply, ErrorCode>, slot: OwnedSemaphorePermit) {
        self.send(ToLive::Answer { number, answer }, Some(slot));
    }

    fn send(&self, message: ToLive, slot: Option<OwnedSemaphorePermit>) {
        if self.outbox.try_send(Outgoing { message, slot }).is_err() {
            self.overflow.notify_one();
        }
    }
}

/// Reads requests, so many at a time. What is remembered is answered at once, everything else in a task of its own.
async fn take_in(inbox: &mut Inbox, read: &mut OwnedReadHalf, desk: &Rc<Desk>) {
    while let Some(ToKeeper::Ask { number, request }) = inbox.next(read).await {
        let Ok(slot) = Arc::clone(&desk.slots).acquire_owned().await else { return };
        let turn = desk.order.take(keeper::turn(&request)).await;
        if let Some(reply) = desk.keeper.recall(&request, now()) {
            desk.answer(number, Ok(reply), slot);
            continue;
        }
        let desk = Rc::clone(desk);
        spawn_local(async move {
            desk.say(number, desk.keeper.answer(request, now()).await, slot);
            drop(turn);
        });
    }
}

/// What waits leaves together: each write wakes the other process.
async fn deliver(mut write: OwnedWriteHalf, mut waiting: mpsc::Receiver<Outgoing>) {
    let (mut some, mut bytes, mut slots) = (Vec::new(), Vec::new(), Vec::new());
    while waiting.recv_many(&mut some, WRITTEN_TOGETHER).await > 0 {
        for Outgoing { message, slot } in some.drain(..) {
            let Ok(frame) = encode(&message) else { return };
            bytes.extend(frame);
            slots.extend(slot);
        }
        if write.write_all(&bytes).await.is_err() {
            return;
        }
        slots.clear();
        bytes.clear();
        bytes.shrink_to(READ_CHUNK);
    }
}

struct Inbox {
    decoder: Decoder<ToKeeper>,
    buffer: Vec<u8>,
}

impl Inbox {
    /// None at the end of the line, and where it cannot be understood.
    async fn next(&mut self, read: &mut OwnedReadHalf) -> Option<ToKeeper> {
        loop {
            if let Some(message) = self.decoder.pop().ok()? {
                return Some(message);
            }
            match read.read(&mut self.buffer).await {
                Ok(bytes @ 1..) => self.decoder.push(self.buffer.get(..bytes)?),
                _ => return None,
            }
        }
    }
}
