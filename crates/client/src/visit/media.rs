//! The sound of a visit: a task that owns sockets, connection, voice and ears, and keeps the time of 20 ms.
//!
//! Files are read and written here, too: less than 100 kB a second, from and to the system's cache.

use protocol::id::ParticipantId;
use protocol::room::MyMic;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::wires::Wires;
use super::{Ears, Link};
use crate::limits::{DATAGRAM_BYTES_MAX, FRAME_PERIOD, LEVELS_FRAMES, MEDIA_CONNECT_PERIOD, TICKS_LATE_MAX};
use crate::peer::{Event, Level, Peer, Poll, Spurt, Voice};
use crate::sound::codec::CodecError;
use crate::sound::{FRAME_TICKS, Listener, Outlet, Player, Said};

/// When this is the last word, the connection says goodbye.
pub(super) enum Order {
    /// Instead of the one before.
    Connect(Box<Peer>, Wires),
    Mic(MyMic),
}

/// What is true of it. The latest is what counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) link: Link,
    /// Connections that broke, so far.
    pub(super) broken: u32,
    pub(super) levels: Vec<(ParticipantId, Level)>,
    pub(super) my_level: Option<Level>,
    /// Times that everything was said.
    pub(super) played_out: u32,
    /// What cannot be read or written any more.
    pub(super) trouble: Option<String>,
}

impl Status {
    pub(super) const FIRST: Self = Self {
        link: Link::Connecting,
        broken: 0,
        levels: Vec::new(),
        my_level: None,
        played_out: 0,
        trouble: None,
    };
}

pub(super) struct Media {
    line: Option<Line>,
    voice: Option<Player>,
    ears: Option<(Listener, Outlet)>,
    mic: MyMic,
    /// Of what is said: goes on through silence (RFC 3550 section 5.1).
    timestamp: u32,
    spurt: Spurt,
    levels: Vec<(ParticipantId, Level)>,
    my_level: Option<Level>,
    frames: u32,
    next_tick: Instant,
    status: watch::Sender<Status>,
}

struct Line {
    peer: Box<Peer>,
    wires: Wires,
    /// When the connection wants to be called.
    wakes: Instant,
    /// By when it must stand; none once it does.
    patience: Option<Instant>,
}

impl Media {
    pub(super) fn new(
        voice: Option<Player>,
        ears: Ears,
        status: watch::Sender<Status>,
    ) -> Result<Self, CodecError> {
        let ears = match ears {
            Ears::Closed => None,
            Ears::Open(outlet) => Some((Listener::new()?, outlet)),
        };
        Ok(Self {
            line: None,
            voice,
            ears,
            mic: MyMic::Muted,
            timestamp: 0,
            spurt: Spurt::Begins,
            levels: Vec::new(),
            my_level: None,
            frames: 0,
            next_tick: Instant::now(),
            status,
        })
    }

    /// Until nobody gives orders any more.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        self.next_tick = Instant::now();
        let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
        loop {
            let wakes = self.line.as_ref().map_or(self.next_tick, |line| line.wakes.min(self.next_tick));
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => return self.end(),
                },
                arrival = receive(self.line.as_ref(), &mut buffer) => {
                    if let Some(line) = &mut self.line {
                        let bytes = buffer.get(..arrival.bytes).unwrap_or_default();
                        line.peer.handle_datagram(now(), arrival.from, arrival.to, bytes);
                    }
                }
                () = sleep_until(wakes) => {}
            }
            self.keep_time();
            self.turn();
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Connect(peer, wires) => {
                if let Some((listener, _)) = &mut self.ears {
                    listener.forget();
                }
                let now = Instant::now();
                let patience = Some(now + MEDIA_CONNECT_PERIOD);
                self.line = Some(Line { peer, wires, wakes: now, patience });
                self.status.send_modify(|status| status.link = Link::Connecting);
            }
            Order::Mic(mic) => {
                if mic == MyMic::Open && self.mic == MyMic::Muted {
                    self.spurt = Spurt::Begins;
                    if let Some(voice) = &mut self.voice {
                        voice.begin();
                    }
                }
                self.mic = mic;
            }
        }
    }

    /// Every 20 ms that have passed. After a long sleep the rest is not caught up with.
    fn keep_time(&mut self) {
        let late = Instant::now().saturating_duration_since(self.next_tick);
        if late > FRAME_PERIOD * TICKS_LATE_MAX {
            let skipped = u32::try_from(late.as_millis() / FRAME_PERIOD.as_millis()).unwrap_or(0);
            self.timestamp = self.timestamp.wrapping_add(FRAME_TICKS.wrapping_mul(skipped));
            self.next_tick = Instant::now();
        }
        while self.next_tick <= Instant::now() {
            self.next_tick += FRAME_PERIOD;
            self.timestamp = self.timestamp.wrapping_add(FRAME_TICKS);
            self.speak();
            self.listen();
            self.frames = self.frames.wrapping_add(1);
            if self.frames.is_multiple_of(LEVELS_FRAMES) {
                self.tell_levels();
            }
        }
    }

    fn speak(&mut self) {
        let (Some(line), Some(voice), MyMic::Open) = (&mut self.line, &mut self.voice, self.mic) else {
            return;
        };
        if !line.peer.is_connected() {
            return;
        }
        match voice.say() {
            Ok(Said::Packet { payload, level }) => {
                let (timestamp, spurt) = (self.timestamp, self.spurt);
                line.peer.send_voice(now(), Voice { payload, timestamp, level, spurt });
                line.wakes = Instant::now();
                self.spurt = Spurt::GoesOn;
                self.my_level = self.my_level.min(Some(level)).or(Some(level));
            }
            Ok(Said::Nothing) => self.spurt = Spurt::Begins,
            Ok(Said::End) => {
                // At once; the server says so later.
                self.mic = MyMic::Muted;
                self.status.send_modify(|status| status.played_out += 1);
            }
            Err(error) => {
                self.voice = None;
                self.trouble(format!("What is played cannot be read any more: {error}."));
            }
        }
    }

    fn listen(&mut self) {
        let Some((listener, outlet)) = &mut self.ears else { return };
        let heard = listener.pull();
        for (who, level) in heard.talkers.into_iter().flatten() {
            match self.levels.iter_mut().find(|(known, _)| *known == who) {
                Some((_, loudest)) => *loudest = level.min(*loudest),
                None => self.levels.push((who, level)),
            }
        }
        if let Err(error) = outlet.write(&heard.samples) {
            *outlet = Outlet::Nowhere;
            self.trouble(format!("What is heard cannot be written any more: {error}."));
        }
    }

    fn tell_levels(&mut self) {
        let (levels, my_level) = (std::mem::take(&mut self.levels), self.my_level.take());
        self.status.send_if_modified(|status| {
            let changed = (&status.levels, status.my_level) != (&levels, my_level);
            (status.levels, status.my_level) = (levels, my_level);
            changed
        });
    }

    fn trouble(&self, sentence: String) {
        self.status.send_modify(|status| status.trouble = Some(sentence));
    }

    /// Does what the connection wants until it wants nothing more.
    fn turn(&mut self) {
        let Some(line) = &mut self.line else { return };
        let at = Instant::now();
        if at >= line.wakes {
            line.peer.handle_timeout(at.into_std());
        }
        loop {
            match line.peer.poll(at.into_std()) {
                Poll::Transmit(transmit) => line.wires.send(&transmit),
                Poll::Event(Event::Connected) => {
                    line.patience = None;
                    self.status.send_modify(|status| status.link = Link::Stands);
                }
                Poll::Event(Event::Packet(packet)) => {
                    if let Some((listener, _)) = &mut self.ears {
                        listener.hear(&packet);
                    }
                }
                Poll::Event(Event::Disconnected | Event::Closed) => return self.broken(),
                Poll::Timeout(wakes) => {
                    line.wakes = wakes.into();
                    break;
                }
            }
        }
        if line.patience.is_some_and(|until| until <= at) {
            self.broken();
        }
    }

    fn broken(&mut self) {
        self.line = None;
        self.status.send_modify(|status| {
            status.link = Link::Connecting;
            status.broken += 1;
        });
    }

    fn end(mut self) {
        if let Some(line) = &mut self.line {
            line.peer.close();
            while let Poll::Transmit(transmit) = line.peer.poll(now()) {
                line.wires.send(&transmit);
            }
        }
        if let Some((_, outlet)) = &mut self.ears
            && let Err(error) = outlet.finish()
        {
            self.trouble(format!("What was heard could not be written to its end: {error}."));
        }
    }
}

/// Never, without a connection.
async fn receive(line: Option<&Line>, buffer: &mut [u8]) -> super::wires::Arrival {
    match line {
        Some(line) => line.wires.receive(buffer).await,
        None => std::future::pending().await,
    }
}

fn now() -> std::time::Instant {
    std::time::Instant::now()
}
