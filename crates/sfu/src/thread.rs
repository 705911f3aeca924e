//! One media thread: waits, moves datagrams and messages between the outside and its engine, and decides nothing else
//! than what comes first.
//!
//! **Order of a turn.** Commands before every single input, because a command may be a cut; then messages from other
//! shards, datagrams, timers, and last a few handshakes, so that a thousand people who join do not disturb the
//! conversation.
//!
//! **Panics.** One room's bug must not end another room, so every single input is handled behind `catch_unwind`: the
//! input that panicked is given up, everything else on the shard goes on. What a half-handled input leaves behind is
//! memory-safe by the language and nonce-safe by the engine's rule that a packet index is used up before anything is
//! sealed with it. Replacing the shard instead would disconnect thousands for one bad packet, and a packet that panics
//! once would come again. Only when [`PANICS_IN_A_ROW`] inputs in a row panic is the state beyond hope; then whoever
//! started the threads is told once, and is expected to restart the process, which rebuilds its rooms.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use media::egress::SendBatch;
use media::{
    Command, ConnectionId, Egress, Event, Load, Pacing, PeerKey, Recipient, ShardIndex, ShardMessage,
};

use crate::connections::{Came, NewConnection};
use crate::egress::{Segmentation, SocketEgress};
use crate::engine::Engine;
use crate::framing::{Frames, TooLong};
use crate::lanes::Neighbours;
use crate::limits::{
    HANDSHAKES_PER_TURN, MAIL_ROUND, NEWS_RETRY, PANICS_IN_A_ROW, RECEIVE_BATCH, RECEIVE_ROUNDS,
    SOCKETS_PER_SHARD, STREAM_BYTES, STREAM_ROUND, WIPE_AFTER,
};
use crate::mailbox::{Inbox, Waker};
use crate::meter::Meter;
use crate::pace::Pace;
use crate::residue;
use crate::rest::{Next, Rest, Steering};
use crate::stats::ShardStats;
use crate::sys::{self, Incoming, Poller, Ready, Received};

/// What the control side asks of one shard.
pub(crate) enum Request {
    Command(Command),
    Connection(Box<NewConnection>),
    /// Answered at once, unless the asking side has given up.
    Report(SyncSender<ShardStats>),
}

/// Whom a thread tells what happened. Called on the media thread: has to return at once.
pub(crate) struct Listeners {
    pub(crate) on_event: Box<dyn Fn(Event) + Send + Sync>,
    pub(crate) on_broken: Box<dyn Fn(ShardIndex) + Send + Sync>,
}

/// The thread's ends of everything that connects it to others.
pub(crate) struct Links {
    pub(crate) requests: Inbox<Request>,
    pub(crate) voice: Inbox<ShardMessage>,
    pub(crate) news: Inbox<ShardMessage>,
    pub(crate) neighbours: Neighbours,
    /// Peers that are no more, once each: never more than peers can exist, so it is never full.
    pub(crate) freed: SyncSender<PeerKey>,
    pub(crate) waker: Waker,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) listeners: Arc<Listeners>,
}

/// Both on the same port.
pub(crate) struct Sockets {
    /// What is sent leaves here, too.
    pub(crate) voice: UdpSocket,
    pub(crate) checks: UdpSocket,
    pub(crate) steering: Steering,
    /// Bytes that each was granted.
    pub(crate) receive_buffer: usize,
}

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Voice,
    Checks,
}

pub(crate) struct Thread<E> {
    me: ShardIndex,
    engine: E,
    links: Links,
    socket: Arc<UdpSocket>,
    checks: UdpSocket,
    rest: Rest,
    egress: SocketEgress<Arc<UdpSocket>>,
    poller: Poller,
    /// Taken out while it is being read from.
    incoming: Option<Incoming>,
    /// What is read of a connection.
    stream: Box<[u8]>,
    /// Generations of the peers that exist, by index.
    peers: Vec<Option<u32>>,
    /// After a timer that panicked.
    timers_rest_until: Option<Instant>,
    /// Somebody has gone, or a channel: what is left of them is overwritten then.
    wipe_at: Option<Instant>,
    panics_in_a_row: u32,
    meter: Meter,
    pace: Pace,
    counters: Counters,
}

/// Out of the thread: to the peers, and to the other shards.
struct Ways<'a> {
    egress: &'a mut SocketEgress<Arc<UdpSocket>>,
    neighbours: &'a mut Neighbours,
}

impl Egress for Ways<'_> {
    fn send(&mut self, batch: &mut SendBatch) {
        self.egress.send(batch);
    }

    fn close(&mut self, connection: ConnectionId) {
        self.egress.close(connection);
    }

    fn tell(&mut self, messages: &mut VecDeque<(Recipient, ShardMessage)>) {
        while let Some((recipient, message)) = messages.pop_front() {
            self.neighbours.send(recipient, message);
        }
    }
}

/// What a look at a socket or at messages has shown.
#[derive(Debug, Clone, Copy, Default)]
struct Read {
    found: usize,
    more: bool,
}

/// What a turn has done.
struct Turn {
    /// There is more to do at once.
    more: bool,
    /// Datagrams and messages that somebody waits for.
    inputs: usize,
}

#[derive(Default)]
struct Counters {
    wake_ups: u64,
    load: Load,
    received: u64,
    too_long: u64,
    /// By socket, since each counts its own.
    missed: [u32; SOCKETS_PER_SHARD],
    panics: u64,
    receive_buffer: usize,
}

impl<E: Engine> Thread<E> {
    pub(crate) fn new(me: ShardIndex, engine: E, sockets: Sockets, links: Links) -> std::io::Result<Self> {
        let Sockets { voice, checks, steering, receive_buffer } = sockets;
        let family = sys::Family::of(voice.local_addr()?);
        let poller = Poller::new(voice.as_fd(), links.waker.bell())?;
        poller.add_checks(checks.as_fd(), steering)?;
        let socket = Arc::new(voice);
        let egress = SocketEgress::new(Arc::clone(&socket), family)?;
        poller.add_watch(egress.connections().watch())?;
        Ok(Self {
            me,
            engine,
            egress,
            socket,
            checks,
            rest: Rest::new(steering),
            links,
            poller,
            incoming: Some(Incoming::new()),
            stream: vec![0; STREAM_BYTES].into_boxed_slice(),
            peers: Vec::new(),
            timers_rest_until: None,
            wipe_at: None,
            panics_in_a_row: 0,
            meter: Meter::new(Instant::now()),
            pace: Pace::new(Instant::now()),
            counters: Counters { receive_buffer, ..Counters::default() },
        })
    }

    /// Until told to stop, or until the system refuses to wait, which is as good as broken.
    pub(crate) fn run(mut self) {
        // Without permission the thread wanders between processors, and takes its turn among others: slower, not wrong.
        let _ = sys::stay_on_processor(usize::from(self.me.0));
        let _ = sys::come_first();
        let mut done = Turn { more: false, inputs: 0 };
        while !self.links.stop.load(Ordering::Acquire) {
            let from = Instant::now();
            let rest = self.pace.turned(from, done.inputs);
            if !done.more && !rest.is_zero() {
                std::thread::sleep(rest);
            }
            let wait = if done.more { Some(Duration::ZERO) } else { self.may_wait() };
            let Ok(ready) = self.poller.wait(wait) else {
                (self.links.listeners.on_broken)(self.me);
                return;
            };
            if let Some(load) = self.meter.waited(from, Instant::now()) {
                self.counters.load = load;
                self.engine.set_load(load);
            }
            self.counters.wake_ups += 1;
            // The network card may refuse segments long after the kernel took them.
            self.engine.set_pacing(match self.egress.segmentation() {
                Segmentation::Offloaded => Pacing::Phases,
                Segmentation::Own => Pacing::AtOnce,
            });
            done = self.turn(ready);
            if self.wipe_at.is_some_and(|at| at <= Instant::now()) {
                self.wipe();
                residue::wipe();
            }
        }
    }

    /// How long there is nothing to do unless something comes; `None` is for ever.
    fn may_wait(&mut self) -> Option<Duration> {
        let news = self.links.neighbours.retry().then_some(NEWS_RETRY);
        let timer = self.engine.poll_timeout().map(|at| {
            let at = self.timers_rest_until.map_or(at, |rest| at.max(rest));
            at.saturating_duration_since(Instant::now())
        });
        let connections = self.egress.connections().poll_timeout();
        let connections = connections.map(|at| at.saturating_duration_since(Instant::now()));
        let checks = self.rest.poll_timeout().map(|at| at.saturating_duration_since(Instant::now()));
        let wipe = self.wipe_at.map(|at| at.saturating_duration_since(Instant::now()));
        news.into_iter().chain(timer).chain(connections).chain(checks).chain(wipe).min()
    }

    /// In frames of its own: what it keeps in the one of [`Self::run`] would lie above all that is overwritten.
    #[inline(never)]
    fn turn(&mut self, ready: Ready) -> Turn {
        if ready.mail {
            self.links.waker.look();
        }
        let mail = self.read_mail();
        let voice = if ready.socket { self.read_socket(Kind::Voice) } else { Read::default() };
        let checks =
            if ready.checks || self.rest.is_resting() { self.read_checks() } else { Read::default() };
        if ready.connections {
            self.read_connections();
        }
        self.requests();
        self.timers();
        let handshakes = self.handshakes();
        let waited_for = match self.rest.steering() {
            Steering::ByKind => voice.found,
            Steering::ByHash => voice.found + checks.found,
        };
        Turn { more: mail.more || voice.more || checks.more || handshakes, inputs: mail.found + waited_for }
    }

    fn requests(&mut self) {
        while self.links.requests.is_waiting()
            && let Some(request) = self.links.requests.take()
        {
            match request {
                Request::Command(command) => {
                    match &command {
                        Command::Admit(admission) => self.expect(admission.peer),
                        Command::CloseChannel { .. } => self.wipe_soon(),
                        _ => {}
                    }
                    self.guarded(|engine, out| engine.handle_command(Instant::now(), command, out));
                }
                Request::Connection(new) => self.connect(*new),
                Request::Report(reply) => {
                    let _ = reply.try_send(self.report());
                }
            }
        }
    }

    fn read_mail(&mut self) -> Read {
        self.requests();
        for found in 0..MAIL_ROUND {
            // News first: a grant has to be known before the voice it grants.
            let Some(message) = self.links.news.take().or_else(|| self.links.voice.take()) else {
                return Read { found, more: false };
            };
            // Its peer was another shard's; the address was ours to know.
            if matches!(message, ShardMessage::AddressGone { .. }) {
                self.wipe_soon();
            }
            self.guarded(|engine, out| engine.handle_message(Instant::now(), message, out));
            self.requests();
        }
        Read { found: MAIL_ROUND, more: true }
    }

    fn read_checks(&mut self) -> Read {
        let read = self.read_socket(Kind::Checks);
        let now = Instant::now();
        if self.rest.looked(now, read.found) == Next::Watch
            && self.poller.watch_checks(self.checks.as_fd()).is_err()
        {
            self.rest.goes_on(now);
        }
        read
    }

    fn read_socket(&mut self, kind: Kind) -> Read {
        let Some(mut incoming) = self.incoming.take() else { return Read::default() };
        let read = self.read_rounds(kind, &mut incoming);
        self.incoming = Some(incoming);
        read
    }

    fn read_rounds(&mut self, kind: Kind, incoming: &mut Incoming) -> Read {
        let mut read = Read::default();
        for _ in 0..RECEIVE_ROUNDS {
            let socket = match kind {
                Kind::Voice => self.socket.as_fd(),
                Kind::Checks => self.checks.as_fd(),
            };
            // An error belongs to some earlier datagram (ICMP), or says that there is nothing.
            let count = incoming.receive(socket).unwrap_or(0);
            for received in (0..count).filter_map(|i| incoming.get(i)) {
                self.requests();
                self.datagram(kind, received);
            }
            self.flush();
            read.found += count;
            if count < RECEIVE_BATCH {
                return read;
            }
        }
        Read { more: true, ..read }
    }

    /// What it makes leaves with that of the other datagrams that came together.
    fn datagram(&mut self, kind: Kind, received: Received<'_>) {
        let Received { source, local, bytes, dropped } = received;
        self.counters.received += 1;
        if let (Some(dropped), Some(missed)) = (dropped, self.counters.missed.get_mut(kind as usize)) {
            *missed = dropped;
        }
        let Some(bytes) = bytes else {
            self.counters.too_long += 1;
            return;
        };
        self.guarded(|engine, out| engine.handle_datagram(Instant::now(), source, local, bytes, out));
    }

    fn connect(&mut self, new: NewConnection) {
        let now = Instant::now();
        if let Some((source, first)) = self.egress.connections_mut().add(now, new) {
            self.frame(source, &first);
            self.flush();
        }
    }

    /// One read of each that has something; what is left is ready again in the next turn.
    fn read_connections(&mut self) {
        let mut ready = [0; STREAM_ROUND];
        let count = self.egress.connections().watch().ready(&mut ready).unwrap_or(0);
        for index in ready.iter().take(count).filter_map(|index| u16::try_from(*index).ok()) {
            // Out of the way, so that a frame can be read while the rest of the thread is used.
            let mut stream = std::mem::take(&mut self.stream);
            if let Some(came) = self.egress.connections_mut().read(index, &mut stream) {
                self.frames(came, stream.get(..came.bytes).unwrap_or_default());
            }
            self.stream = stream;
        }
        self.flush();
    }

    fn frames(&mut self, came: Came, bytes: &[u8]) {
        let mut frames = Frames::new(bytes);
        loop {
            match frames.pop() {
                Ok(Some(frame)) => self.frame(came.source, frame),
                Ok(None) => return self.egress.connections_mut().keep(came.id, frames.rest()),
                Err(TooLong) => return self.egress.connections_mut().close(came.id),
            }
        }
    }

    fn frame(&mut self, source: SocketAddr, bytes: &[u8]) {
        self.requests();
        self.counters.received += 1;
        let local = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        self.guarded(|engine, out| engine.handle_datagram(Instant::now(), source, local, bytes, out));
    }

    fn timers(&mut self) {
        let now = Instant::now();
        self.egress.connections_mut().handle_timeout(now);
        let rests = self.timers_rest_until.is_some_and(|until| now < until);
        if !rests && self.engine.poll_timeout().is_some_and(|at| at <= now) {
            let done = self.guarded(|engine, out| engine.handle_timeout(now, out));
            // A timer that panics is due again at once: it must not spin.
            self.timers_rest_until = done.is_none().then(|| now + Duration::from_millis(20));
        }
    }

    fn handshakes(&mut self) -> bool {
        let left =
            self.as_ever(|engine, out| engine.handle_handshakes(Instant::now(), HANDSHAKES_PER_TURN, out));
        left.is_some_and(|left| left > 0)
    }

    fn flush(&mut self) {
        self.as_ever(|engine, out| engine.flush(out));
    }

    /// What is done in every turn, mostly with nothing to do: that it went well says nothing.
    fn as_ever<R>(&mut self, step: impl FnOnce(&mut E, &mut Ways<'_>) -> R) -> Option<R> {
        let before = self.panics_in_a_row;
        let done = self.guarded(step);
        self.panics_in_a_row = self.panics_in_a_row.max(before);
        done
    }

    /// One input, behind `catch_unwind`, and everything that follows from it.
    fn guarded<R>(&mut self, step: impl FnOnce(&mut E, &mut Ways<'_>) -> R) -> Option<R> {
        let engine = &mut self.engine;
        let mut ways = Ways { egress: &mut self.egress, neighbours: &mut self.links.neighbours };
        let done = catch_unwind(AssertUnwindSafe(|| step(engine, &mut ways)));
        let delivered = catch_unwind(AssertUnwindSafe(|| self.deliver()));
        if done.is_ok() && delivered.is_ok() {
            self.panics_in_a_row = 0;
        } else {
            self.counters.panics += 1;
            self.panics_in_a_row = self.panics_in_a_row.saturating_add(1);
            if self.panics_in_a_row == PANICS_IN_A_ROW {
                (self.links.listeners.on_broken)(self.me);
            }
        }
        done.ok()
    }

    fn deliver(&mut self) {
        while let Some((recipient, message)) = self.engine.poll_message() {
            self.links.neighbours.send(recipient, message);
        }
        while let Some(event) = self.engine.poll_event() {
            if let Event::Gone { peer, .. } | Event::Cut { peer } = event {
                self.forget(peer);
                self.wipe_soon();
            }
            (self.links.listeners.on_event)(event);
        }
    }

    fn expect(&mut self, peer: PeerKey) {
        let index = peer.index as usize;
        if self.peers.len() <= index {
            self.peers.resize(index + 1, None);
        }
        self.peers[index] = Some(peer.generation);
    }

    /// Gives the index back, once: a peer may be gone and then cut.
    fn forget(&mut self, peer: PeerKey) {
        if let Some(place) = self.peers.get_mut(peer.index as usize)
            && *place == Some(peer.generation)
        {
            *place = None;
            let _ = self.links.freed.try_send(peer);
        }
    }

    fn wipe_soon(&mut self) {
        self.wipe_at.get_or_insert_with(|| Instant::now() + WIPE_AFTER);
    }

    /// Everything that is used again for ever, and holds what was in it last.
    #[inline(never)]
    fn wipe(&mut self) {
        self.wipe_at = None;
        self.engine.wipe();
        self.egress.wipe();
        self.links.neighbours.wipe();
        self.stream.fill(0);
        if let Some(incoming) = &mut self.incoming {
            incoming.wipe();
        }
    }

    fn report(&self) -> ShardStats {
        let counters = &self.counters;
        ShardStats {
            media: self.engine.stats(),
            wake_ups: counters.wake_ups,
            load: counters.load,
            received: counters.received,
            too_long: counters.too_long,
            missed: counters.missed.iter().copied().map(u64::from).sum(),
            sent: self.egress.sent(),
            refused: self.egress.refused(),
            behind: self.egress.connections().behind(),
            connections: self.egress.connections().open(),
            undelivered: self.links.neighbours.dropped(),
            panics: counters.panics,
            receive_buffer: counters.receive_buffer,
            segmentation: self.egress.segmentation(),
        }
    }
}
