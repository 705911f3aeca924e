//! The keeper's life: it opens, answers, listens to the parent, and closes.

use std::cell::RefCell;
use std::os::fd::OwnedFd;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use keeper_api::ServerAddress;
use keeper_api::parent::{Failure, FromKeeper, KeeperNote, Start, ToKeeper};
use protocol::Timestamp;
use store::{Day, Trouble};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, spawn_local};
use tokio::time::Instant;

use crate::keeper::{Health, Keeper, owner_link};
use crate::limits::{COUNTERS_PERIOD, EVENTS_PERIOD, FAILURE_NOTE_PERIOD, SWEEP_PERIOD};
use crate::live_line::{Ears, LiveLine, Order};
use crate::open::{self, Opened};
use crate::trust::{Clock, Trust};
use crate::{Given, admin, tls};

/// Runs until the parent says stop, or is gone.
pub(crate) async fn serve(given: Given) -> ExitCode {
    let Given { start, to_parent, from_parent, live } = given;
    let parent = Rc::new(Parent::new(to_parent));
    let order = Rc::new(Order::default());
    let ears = Rc::new(Ears::default());
    match begin(&start, &parent, &order, &ears).await {
        Ok((keeper, _lock)) => {
            attend(&start, &keeper, &parent, &order, &ears, from_parent, live).await;
            keeper.store.close().await;
            ExitCode::SUCCESS
        }
        Err(failure) => {
            parent.say(&FromKeeper::Failed(failure));
            ExitCode::FAILURE
        }
    }
}

/// Opens everything and says so.
async fn begin(
    start: &Start,
    parent: &Rc<Parent>,
    order: &Rc<Order>,
    ears: &Rc<Ears>,
) -> Result<(Rc<Keeper>, open::Lock), Failure> {
    let Opened { keeper, admin, lock, no_certificate, note } = open::open(start).await?;
    let keeper = Rc::new(keeper);
    let why = |error| open::why(&error);
    let newest = keeper.store.newest_day().await.map_err(why)?;
    keeper.store.sweep(now()).await.map_err(why)?;
    let owner = owner_link(&keeper.store, now()).await.map_err(why)?;
    let cut_off = keeper.store.cut_off().await.map_err(why)?;
    parent.say(&FromKeeper::Ready { owner });
    if let Some(failure) = no_certificate {
        parent.say(&FromKeeper::Reloaded(Err(failure)));
    }
    if let Some(note) = note {
        parent.say(&FromKeeper::Note(note));
    }
    if newest > Day::of(now()) {
        parent.say(&FromKeeper::Note(KeeperNote::ClockBehind));
    }
    if cut_off > 0 {
        parent.say(&FromKeeper::Note(KeeperNote::PasskeysElsewhere { members: cut_off }));
    }
    if !keeper.has_passkey_domain() {
        parent.say(&FromKeeper::Note(KeeperNote::NoPasskeysHere));
    }
    // The parent has parsed it: a name that is too long came from nowhere.
    if let Ok(server) = ServerAddress::new(start.public_url.as_str()) {
        let desk = admin::Desk {
            server,
            keeper: Rc::clone(&keeper),
            parent: Rc::clone(parent),
            order: Rc::clone(order),
            ears: Rc::clone(ears),
        };
        spawn_local(desk.serve(admin));
    }
    spawn_local(sweep(Rc::clone(&keeper), Rc::clone(parent)));
    spawn_local(forget_counted(Rc::clone(&keeper)));
    spawn_local(mind_events(Rc::clone(&keeper), Rc::clone(parent), Rc::clone(ears)));
    Ok((keeper, lock))
}

/// Does what the parent says.
async fn attend(
    start: &Start,
    keeper: &Rc<Keeper>,
    parent: &Rc<Parent>,
    order: &Rc<Order>,
    ears: &Ears,
    from_parent: line::Receiver<ToKeeper>,
    live: OwnedFd,
) {
    let connect = |socket| {
        let line = connect(socket, keeper, parent, order);
        ears.are(line.as_ref().map(|line| line.pushes.clone()));
        line
    };
    let mut current = connect(live);
    let mut words = listen(from_parent);
    while let Some(line::Received { message, mut descriptors }) = words.recv().await {
        match message {
            ToKeeper::NewLive => {
                if let Some(socket) = descriptors.pop() {
                    // The one before is dead, or about to be: one `live` at a time.
                    if let Some(line) = current.take() {
                        line.task.abort();
                    }
                    current = connect(socket);
                }
            }
            ToKeeper::Reload => {
                let read = start.tls.as_ref().map(tls::read).transpose();
                if let Ok(Some(keys)) = &read {
                    ears.say(keeper.renew(keys.clone()));
                }
                parent.say(&FromKeeper::Reloaded(read.map(|_| ())));
            }
            ToKeeper::Stop | ToKeeper::Start(_) => break,
        }
    }
    // What is being written is finished; what was not begun is not begun any more.
    if let Some(line) = current.take() {
        line.task.abort();
    }
    order.finish().await;
}

/// One connection to a `live`.
struct Current {
    task: AbortHandle,
    pushes: mpsc::UnboundedSender<keeper_api::Push>,
}

fn connect(socket: OwnedFd, keeper: &Rc<Keeper>, parent: &Rc<Parent>, order: &Rc<Order>) -> Option<Current> {
    // A socket that cannot be used is one whose other end is dead; the parent brings another.
    let (line, pushes) =
        LiveLine::new(socket, Rc::clone(keeper), Rc::clone(parent), Rc::clone(order)).ok()?;
    Some(Current { task: spawn_local(line.run()).abort_handle(), pushes })
}

/// The parent's words, read by a thread that has nothing else to do. Few and rare, so the queue needs no bound.
fn listen(mut from_parent: line::Receiver<ToKeeper>) -> mpsc::UnboundedReceiver<line::Received<ToKeeper>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        while let Ok(received) = from_parent.receive() {
            if sender.send(received).is_err() {
                break;
            }
        }
    });
    receiver
}

async fn sweep(keeper: Rc<Keeper>, parent: Rc<Parent>) {
    let mut rounds = tokio::time::interval(SWEEP_PERIOD);
    rounds.tick().await;
    loop {
        rounds.tick().await;
        if let Err(error) = keeper.sweep(now()).await {
            parent.health(Health::Failed(error.trouble()));
        }
    }
}

/// By both clocks: an event that was deleted does not come back when somebody puts the clock right.
async fn mind_events(keeper: Rc<Keeper>, parent: Rc<Parent>, ears: Rc<Ears>) {
    let mut rounds = tokio::time::interval(EVENTS_PERIOD);
    let mut trust = Trust::default();
    let mut looked = now();
    loop {
        rounds.tick().await;
        let now = now();
        if trust.look(now, Instant::now()) == Clock::Doubted {
            continue;
        }
        match keeper.events_soon(looked, now).await {
            Ok(near) => {
                looked = now;
                near.into_iter().for_each(|push| ears.say(push));
            }
            Err(error) => parent.health(Health::Failed(error.trouble())),
        }
        match keeper.mind_events(now).await {
            Ok(push) => push.into_iter().for_each(|push| ears.say(push)),
            Err(error) => parent.health(Health::Failed(error.trouble())),
        }
    }
}

async fn forget_counted(keeper: Rc<Keeper>) {
    let mut rounds = tokio::time::interval(COUNTERS_PERIOD);
    loop {
        rounds.tick().await;
        keeper.forget_counted(now());
    }
}

/// The line to the parent. It reads all the time, so a word never waits.
#[derive(Debug)]
pub(crate) struct Parent {
    line: RefCell<line::Sender<FromKeeper>>,
    failure_said: RefCell<Option<Instant>>,
}

impl Parent {
    fn new(line: line::Sender<FromKeeper>) -> Self {
        Self { line: RefCell::new(line), failure_said: RefCell::new(None) }
    }

    pub(crate) fn say(&self, word: &FromKeeper) {
        // A parent that is gone ends this process through the other direction.
        let _ = self.line.borrow_mut().send(word);
    }

    /// Tells whoever runs the server that the database failed, once in a while.
    pub(crate) fn health(&self, health: Health) {
        let Health::Failed(trouble) = health else { return };
        let mut said = self.failure_said.borrow_mut();
        if said.is_none_or(|at| at.elapsed() >= FAILURE_NOTE_PERIOD) {
            *said = Some(Instant::now());
            self.say(&FromKeeper::Note(match trouble {
                Trouble::Locked => KeeperNote::DataLocked,
                Trouble::NotWritten | Trouble::NoAccess | Trouble::Damaged => KeeperNote::DataFailed,
            }));
        }
    }
}

/// This moment, to the millisecond.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
