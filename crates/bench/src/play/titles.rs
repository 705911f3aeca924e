//! The play without voice: everybody opens a socket, some go into rooms, titles change.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use client::api::Socket;
use tokio::sync::{mpsc, watch};

use super::{Play, u32_of};
use crate::crowd::Listens;
use crate::error::BenchError;
use crate::histogram::Histogram;
use crate::house::{House, Place, leave};
use crate::limits::{
    CONNECT_PERIOD, HALLWAY_ACTIONS, ROOM_PERIOD, SAMPLE_EVERY, SAMPLE_MAX, SAMPLE_MIN, WARM_UP,
};
use crate::meter::Worked;
use crate::people::Account;
use crate::process::Resident;
use crate::signals::{Reads, Sampler, Signals, read, read_until};

/// All that such a run leaves behind.
pub(crate) struct Heard {
    pub(crate) sockets: usize,
    pub(crate) connected: usize,
    pub(crate) sampled: usize,
    /// Titles that the sample in rooms should have been told of.
    pub(crate) expected_in_rooms: u64,
    pub(crate) before: Vec<Resident>,
    pub(crate) with_sockets: Vec<Resident>,
    /// Nobody is in a room yet.
    pub(crate) idle: Worked,
    /// Everybody is where they belong, and nothing happens.
    pub(crate) still: Worked,
    pub(crate) worked: Worked,
    pub(crate) actions: u64,
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    pub(crate) in_rooms: Histogram,
    pub(crate) in_the_hallway: Histogram,
    pub(crate) ended: u64,
    pub(crate) first_failure: Option<String>,
}

/// One of those who open a socket.
struct Member {
    account: Account,
    house: House,
    signals: Arc<Signals>,
    reads: Reads,
    /// None for somebody who stays in the hallway.
    goes_to: Option<(protocol::id::RoomId, Place)>,
    /// After the bell.
    goes_after: Duration,
    /// Kept until they have left.
    _sampler: Arc<Sampler>,
}

impl Play<'_> {
    pub(crate) async fn change_titles(mut self) -> Result<Heard, BenchError> {
        let rooms = u32_of(self.plan.rooms);
        // A few titles a second in one room; in many, as many as a busy hallway has.
        let period = (Duration::from_secs(1) * rooms / HALLWAY_ACTIONS).max(ROOM_PERIOD);
        let signals = Arc::new(Signals::new(Arc::clone(&self.window), period));
        self.signals = Some(Arc::clone(&signals));
        self.open_rooms().await?;
        let before = self.resident()?;

        let sampler = Arc::new(Sampler::start()?);
        let (bell, ring) = watch::channel(false);
        let people = self.plan.all_listeners() + self.plan.viewers();
        let opened = self.open_sockets(&signals, &sampler, &ring).await?;
        let idle = self.settle().await?;
        let with_sockets = self.resident()?;
        self.progress.step("Those who go into rooms do");
        // Whoever waits for it has gone if this fails, and is missed below.
        let _ = bell.send(true);
        let inside = self.plan.all_listeners();
        let patience = self.plan.ramp() + CONNECT_PERIOD;
        let connected = self.audience.wait_for(inside, patience).await;
        let still = self.settle().await?;
        self.progress.step(&format!("Titles change for {:?}", self.plan.duration));
        signals.acting.store(true, Ordering::Release);
        tokio::time::sleep(WARM_UP).await;
        let worked = self.watch(self.plan.duration).await?;
        signals.acting.store(false, Ordering::Release);
        let sampled = (0..people).filter(|n| is_sampled(*n, people));
        let mut in_rooms = HashMap::new();
        for n in sampled.clone().filter(|n| *n < inside) {
            *in_rooms.entry(u32_of(n % self.plan.rooms)).or_default() += 1;
        }
        let expected_in_rooms = signals.expected(&in_rooms);
        // A late one is late, not missed; how late is what is asked.
        let until = Instant::now() + CONNECT_PERIOD;
        while signals.delay(Reads::InARoom(0)).count() < expected_in_rooms && Instant::now() < until {
            tokio::time::sleep(LOOK_PERIOD).await;
        }
        let count = |number: &std::sync::atomic::AtomicU64| number.load(Ordering::Relaxed);
        Ok(Heard {
            sockets: opened,
            connected,
            sampled: sampled.count(),
            expected_in_rooms,
            before,
            with_sockets,
            idle,
            still,
            worked,
            actions: count(&signals.actions),
            messages: count(&signals.messages),
            bytes: count(&signals.bytes),
            in_rooms: signals.delay(Reads::InARoom(0)),
            in_the_hallway: signals.delay(Reads::InTheHallway),
            ended: count(&self.house.traffic.ended),
            first_failure: self.first_failure,
        })
    }

    /// Everybody says hello and is in the hallway; how many are.
    async fn open_sockets(
        &mut self,
        signals: &Arc<Signals>,
        sampler: &Arc<Sampler>,
        ring: &watch::Receiver<bool>,
    ) -> Result<usize, BenchError> {
        let people = self.plan.all_listeners() + self.plan.viewers();
        let over = Duration::from_millis(2) * u32_of(people);
        self.progress.step(&format!("{people} sockets open within {:.1} s", over.as_secs_f64()));
        let (told, mut tells) = mpsc::channel(people);
        let begin = Instant::now();
        for n in 0..people {
            tokio::time::sleep_until((begin + over * u32_of(n) / u32_of(people)).into()).await;
            let Some(member) = self.member(n, signals, sampler) else { continue };
            let (told, ring) = (told.clone(), ring.clone());
            if member.reads == Reads::Nothing {
                tokio::spawn(member.live(told, ring));
            } else {
                sampler.handle.spawn(member.live(told, ring));
            }
        }
        drop(told);
        let (mut heard_of, mut opened) = (0, 0);
        while heard_of < people {
            match tells.recv().await {
                Some(Ok(())) => opened += 1,
                Some(Err(why)) => drop(self.first_failure.get_or_insert(why)),
                None => break,
            }
            heard_of += 1;
            self.progress.count("Sockets", heard_of, people);
        }
        Ok(opened)
    }

    /// Listeners of all rooms first, then viewers.
    fn member(&self, n: usize, signals: &Arc<Signals>, sampler: &Arc<Sampler>) -> Option<Member> {
        let account = self.accounts.get(self.plan.all_speakers() + n)?.clone();
        let inside = self.plan.all_listeners();
        let (rooms, people) = (self.plan.rooms, inside + self.plan.viewers());
        let goes_to = (n < inside).then(|| {
            let room = n % rooms;
            let place =
                Place { seat: u32_of(n), room: u32_of(room), listens: Listens::Cheaply, speaks: None };
            self.rooms.get(room).map(|id| (*id, place))
        });
        let reads = match (is_sampled(n, people), n < inside) {
            (false, _) => Reads::Nothing,
            (true, true) => Reads::InARoom(u32_of(n % rooms)),
            (true, false) => Reads::InTheHallway,
        };
        let goes_after = self.plan.ramp() * u32_of(n) / u32_of(inside.max(1));
        let (house, signals) = (self.house.clone(), Arc::clone(signals));
        let (goes_to, _sampler) = (goes_to.flatten(), Arc::clone(sampler));
        Some(Member { account, house, signals, reads, goes_to, goes_after, _sampler })
    }
}

impl Member {
    /// Opens a socket, says so, goes into the room after the bell if there is one, and reads until the curtain falls.
    async fn live(self, told: mpsc::Sender<Result<(), String>>, ring: watch::Receiver<bool>) {
        let mut curtain = self.house.curtain.clone();
        let Some(mut socket) = self.open(told).await else { return };
        tokio::select! {
            () = curtain.falls() => leave(socket).await,
            () = self.stay(&mut socket, ring) => drop(self.house.traffic.ended.fetch_add(1, Ordering::Relaxed)),
        }
    }

    async fn open(&self, told: mpsc::Sender<Result<(), String>>) -> Option<Socket> {
        let opened = async {
            let mut socket = self.account.server.open(&self.account.token).await?;
            socket.hello().await?;
            Ok::<_, BenchError>(socket)
        };
        let opened = opened.await;
        let _ = told.try_send(opened.as_ref().map(drop).map_err(ToString::to_string));
        opened.ok()
    }

    /// For ever, or as long as the socket.
    async fn stay(&self, socket: &mut Socket, mut ring: watch::Receiver<bool>) {
        if let Some((room, place)) = self.goes_to {
            let then = async {
                // The bell's end is as good as its ring.
                let _ = ring.wait_for(|rung| *rung).await;
                tokio::time::sleep(self.goes_after).await;
            };
            let waited = read_until(&self.signals, socket, self.reads, then).await;
            let entered = self.house.enter(socket, room, &self.house.audience, place);
            if waited.is_err() || entered.await.is_err() {
                return;
            }
        }
        read(&self.signals, socket, self.reads).await;
    }
}

/// Between two looks whether all have been told.
const LOOK_PERIOD: Duration = Duration::from_millis(100);

/// Spread over everybody.
fn is_sampled(n: usize, people: usize) -> bool {
    let size = (people / SAMPLE_EVERY).clamp(SAMPLE_MIN, SAMPLE_MAX).min(people);
    n * size / people != (n + 1) * size / people
}
