//! Many media connections on one thread: the audience on one, or on a few if it is very large; the stage on another.
//!
//! Every person has a connection of their own, with a real handshake. Whoever is in the sample gives all they hear to it
//! and checks what comes out; the others look at headers only, and their connections get the rest: checks, handshakes,
//! reports. Sockets are looked at in rounds ([`crate::limits::SWEEP_PERIOD`]), connections when they ask for it.

mod ear;
mod mouth;

use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use client::peer::{Event, Kind, Peer, Poll, kind};

use crate::histogram::Histogram;
use crate::limits::{JOINING_SWEEP_PERIOD, SWEEP_PERIOD, TIMER_PERIOD};
use crate::score::{Score, Tally};
use crate::sent::{Sent, Window};
use crate::sys::{Received, thread_cpu, wall};
use crate::timers::Timers;
use crate::wires::Wires;

use ear::Ear;
pub(crate) use ear::{Checked, Listens};
use mouth::Mouth;

/// Somebody whose answer has come.
pub(crate) struct Newcomer {
    /// Among the people of this crowd.
    pub(crate) seat: u32,
    pub(crate) room: u32,
    pub(crate) peer: Peer,
    pub(crate) listens: Listens,
    /// The number of a speaker.
    pub(crate) speaks: Option<u32>,
}

/// What the crowd is told.
pub(crate) enum Order {
    Take(Box<Newcomer>),
    /// All speakers begin.
    Speak,
    Stop,
}

/// What the crowd tells. Once each for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Connected,
    /// The first voice packet came.
    Hears,
    /// The connection ended, which nobody asked for.
    Lost,
}

/// What somebody's connection has come to, and when (nanoseconds since 1970).
#[derive(Debug, Clone, Copy)]
pub(crate) struct News {
    pub(crate) seat: u32,
    pub(crate) word: Word,
    pub(crate) at: i64,
}

/// What a crowd needs to know.
pub(crate) struct Settings {
    pub(crate) wires: Wires,
    /// The seat of the first, as others count.
    pub(crate) first: u32,
    pub(crate) seats: usize,
    pub(crate) rooms: usize,
    pub(crate) sent: Arc<Sent>,
    pub(crate) window: Arc<Window>,
    /// Lets one packet in so many fall under the table unseen: a control for whoever doubts the figures.
    pub(crate) lose_one_in: Option<u32>,
    pub(crate) news: tokio::sync::mpsc::Sender<News>,
}

/// What a crowd has seen when it ends.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) tally: Tally,
    /// Frames of the window, by seat.
    pub(crate) frames: Vec<u32>,
    pub(crate) checked: Checked,
    /// Packets that came twice, at any time.
    pub(crate) twice: u64,
    /// Checks and reports that these connections sent within the window.
    pub(crate) checks: u64,
    pub(crate) reports: u64,
    /// Frames that speakers sent within the window, by number of the speaker.
    pub(crate) said: Vec<u32>,
    /// How late speakers were.
    pub(crate) lateness: Histogram,
    /// How long one look at all sockets took, within the window.
    pub(crate) sweeps: Histogram,
    /// How long a socket waited for the next look, within the window.
    pub(crate) waits: Histogram,
    /// CPU of this thread within the window.
    pub(crate) busy: Duration,
    /// Datagrams that the generator itself lost.
    pub(crate) dropped: u64,
    pub(crate) buffer_per_seat: usize,
}

impl Outcome {
    /// Of threads that listened for one audience, in the order of their seats.
    pub(crate) fn merge(&mut self, other: Self) {
        // All of them heard the same frames.
        let forwarded = self.tally.forwarded.max(other.tally.forwarded);
        self.tally.merge(&other.tally);
        self.tally.forwarded = forwarded;
        self.frames.extend(other.frames);
        self.checked.merge(&other.checked);
        self.twice += other.twice;
        self.checks += other.checks;
        self.reports += other.reports;
        self.said.resize(self.said.len().max(other.said.len()), 0);
        self.said.iter_mut().zip(other.said).for_each(|(said, more)| *said += more);
        self.lateness.merge(&other.lateness);
        self.sweeps.merge(&other.sweeps);
        self.waits.merge(&other.waits);
        // What has no time left is the busiest.
        self.busy = self.busy.max(other.busy);
        self.dropped += other.dropped;
        self.buffer_per_seat = match self.buffer_per_seat {
            0 => other.buffer_per_seat,
            least => least.min(other.buffer_per_seat),
        };
    }
}

struct Seat {
    peer: Peer,
    local: SocketAddr,
    connected: bool,
}

struct Crowd {
    first: u32,
    seats: Vec<Option<Seat>>,
    ears: Vec<Ear>,
    mouths: Vec<Mouth>,
    /// Which mouth a seat has.
    mouth_of: Vec<Option<u32>>,
    timers: Timers,
    /// Of mouths.
    speech: Timers,
    score: Score,
    checked: Checked,
    twice: u64,
    checks: u64,
    reports: u64,
    connecting: usize,
    lose: Lose,
    sent: Arc<Sent>,
    window: Arc<Window>,
    said: Vec<u32>,
    lateness: Histogram,
    news: tokio::sync::mpsc::Sender<News>,
}

/// Runs until it is told to stop.
///
/// # Errors
/// When a socket is broken.
pub(crate) fn run(settings: Settings, speakers: usize, orders: &Receiver<Order>) -> io::Result<Outcome> {
    let (mut crowd, mut wires) = Crowd::new(settings, speakers);
    let mut rounds = Rounds::new();
    loop {
        if crowd.obey(&wires, orders) == Goes::Home {
            // What waits in the sockets has come in time, and the second round explains it.
            crowd.round(&mut wires)?;
            crowd.round(&mut wires)?;
            return Ok(crowd.end(&wires, rounds));
        }
        crowd.speak(&wires);
        let period = if crowd.connecting > 0 { JOINING_SWEEP_PERIOD } else { SWEEP_PERIOD };
        let now = Instant::now();
        if now >= rounds.last + period {
            let counts = crowd.window.contains(wall());
            let waited = now - rounds.last;
            rounds.last = now;
            crowd.round(&mut wires)?;
            if counts {
                rounds.note(waited, now.elapsed());
            }
        }
        let sweep = rounds.last + period;
        let next = crowd.speech.next().map_or(sweep, |at| at.min(sweep));
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

#[derive(PartialEq, Eq)]
enum Goes {
    On,
    Home,
}

/// How the rounds went within the window.
struct Rounds {
    last: Instant,
    sweeps: Histogram,
    waits: Histogram,
    /// CPU of this thread at the first and at the last of them.
    busy: Option<(Duration, Duration)>,
}

impl Rounds {
    fn new() -> Self {
        Self { last: Instant::now(), sweeps: Histogram::default(), waits: Histogram::default(), busy: None }
    }

    fn note(&mut self, waited: Duration, took: Duration) {
        self.waits.add(nanoseconds(waited));
        self.sweeps.add(nanoseconds(took));
        let now = thread_cpu();
        self.busy = Some((self.busy.map_or(now, |(first, _)| first), now));
    }
}

impl Crowd {
    fn new(settings: Settings, speakers: usize) -> (Self, Wires) {
        let Settings { wires, first, seats, rooms, sent, window, lose_one_in, news } = settings;
        let crowd = Self {
            first,
            seats: (0..seats).map(|_| None).collect(),
            ears: vec![Ear::default(); seats],
            mouths: Vec::new(),
            mouth_of: vec![None; seats],
            timers: Timers::new(seats),
            speech: Timers::new(seats),
            score: Score::new(Arc::clone(&sent), Arc::clone(&window), rooms, seats),
            checked: Checked::default(),
            twice: 0,
            checks: 0,
            reports: 0,
            connecting: 0,
            lose: Lose { one_in: lose_one_in, seen: 0 },
            sent,
            window,
            said: vec![0; speakers],
            lateness: Histogram::default(),
            news,
        };
        (crowd, wires)
    }

    fn obey(&mut self, wires: &Wires, orders: &Receiver<Order>) -> Goes {
        loop {
            match orders.try_recv() {
                Ok(Order::Take(newcomer)) => self.take(wires, *newcomer),
                Ok(Order::Speak) => self.begin(),
                Ok(Order::Stop) | Err(TryRecvError::Disconnected) => return Goes::Home,
                Err(TryRecvError::Empty) => return Goes::On,
            }
        }
    }

    /// Everything that has come, and everybody who asked to be called.
    fn round(&mut self, wires: &mut Wires) -> io::Result<()> {
        let settled = self.score.waiting();
        wires.sweep(|wires, seat, received| self.received(wires, seat, received))?;
        self.score.settle(settled, wall());
        self.call(wires);
        Ok(())
    }

    fn end(self, wires: &Wires, rounds: Rounds) -> Outcome {
        let (tally, frames) = self.score.finish(wall());
        let Rounds { sweeps, waits, busy, .. } = rounds;
        Outcome {
            tally,
            frames,
            checked: self.checked,
            twice: self.twice,
            checks: self.checks,
            reports: self.reports,
            said: self.said,
            lateness: self.lateness,
            sweeps,
            waits,
            busy: busy.map_or(Duration::ZERO, |(first, last)| last - first),
            dropped: wires.dropped(),
            buffer_per_seat: wires.buffer_per_seat(),
        }
    }

    fn take(&mut self, wires: &Wires, newcomer: Newcomer) {
        let Newcomer { seat, room, peer, listens, speaks } = newcomer;
        let i = seat as usize;
        let (Some(local), Some(place), Some(ear)) =
            (wires.address(seat), self.seats.get_mut(i), self.ears.get_mut(i))
        else {
            return;
        };
        *ear = Ear::new(&peer, listens, room);
        *place = Some(Seat { peer, local: local.into(), connected: false });
        self.score.place(seat, room);
        if let (Some(speaker), Some(mouth_of)) = (speaks, self.mouth_of.get_mut(i)) {
            *mouth_of = u32::try_from(self.mouths.len()).ok();
            self.mouths.push(Mouth::new(seat, speaker));
        }
        self.connecting += 1;
        self.turn(wires, seat, Instant::now());
    }

    fn received(&mut self, wires: &Wires, seat: u32, received: &Received<'_>) {
        if kind(received.bytes) == Kind::Rtp && (self.lose.this_one() || !self.hear(seat, received)) {
            return;
        }
        let Some(Some(Seat { peer, local, .. })) = self.seats.get_mut(seat as usize) else { return };
        let now = Instant::now();
        peer.handle_datagram(now, SocketAddr::V4(received.from), *local, received.bytes);
        self.turn(wires, seat, now);
    }

    /// Whoever asked to be called, is.
    fn call(&mut self, wires: &Wires) {
        let now = Instant::now();
        while let Some(seat) = self.timers.pop(now) {
            if let Some(Some(Seat { peer, .. })) = self.seats.get_mut(seat as usize) {
                peer.handle_timeout(now);
                self.turn(wires, seat, now);
            }
        }
    }

    /// Does what a connection wants until it wants nothing more.
    fn turn(&mut self, wires: &Wires, seat: u32, now: Instant) {
        loop {
            let Some(Some(Seat { peer, connected, .. })) = self.seats.get_mut(seat as usize) else { return };
            match peer.poll(now) {
                Poll::Transmit(transmit) => {
                    if let SocketAddr::V4(to) = transmit.to {
                        self.transmit(wires, seat, to, &transmit.contents);
                    }
                }
                Poll::Event(Event::Connected) if !*connected => {
                    *connected = true;
                    self.connecting = self.connecting.saturating_sub(1);
                    self.tell(seat, Word::Connected, wall());
                }
                Poll::Event(Event::Packet(packet)) => self.check(seat, &packet),
                Poll::Event(Event::Disconnected | Event::Closed) => {
                    if !*connected {
                        self.connecting = self.connecting.saturating_sub(1);
                    }
                    if let Some(place) = self.seats.get_mut(seat as usize) {
                        *place = None;
                    }
                    self.tell(seat, Word::Lost, wall());
                    return;
                }
                Poll::Event(Event::Connected) => {}
                Poll::Timeout(at) => {
                    let at = if *connected { at.max(now + TIMER_PERIOD) } else { at };
                    self.timers.ask(seat, at);
                    return;
                }
            }
        }
    }

    fn transmit(&mut self, wires: &Wires, seat: u32, to: SocketAddrV4, bytes: &[u8]) {
        match kind(bytes) {
            Kind::Rtp => self.says(seat),
            Kind::Stun => self.checks += u64::from(self.window.contains(wall())),
            Kind::Rtcp => self.reports += u64::from(self.window.contains(wall())),
            Kind::Dtls | Kind::Unknown => {}
        }
        wires.send(seat, to, bytes);
    }

    fn tell(&self, seat: u32, word: Word, at: i64) {
        // There is room for all that can be told.
        let _ = self.news.try_send(News { seat: self.first + seat, word, at });
    }
}

struct Lose {
    one_in: Option<u32>,
    seen: u32,
}

impl Lose {
    fn this_one(&mut self) -> bool {
        let Some(one_in) = self.one_in else { return false };
        self.seen += 1;
        let this = self.seen >= one_in;
        if this {
            self.seen = 0;
        }
        this
    }
}

pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
