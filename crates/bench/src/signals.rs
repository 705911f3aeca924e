//! The sockets alone: what a message costs that everybody gets, and how late the last of them hears it.
//!
//! The owner of every room gives it a new title again and again; a title is told to everybody in the room and, on the
//! room's card, to everybody in the hallway. Titles are numbered, so a socket in the sample knows when the one it reads
//! was asked for. The sample is read on a thread of its own: thousands of others are read by one that is busy.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client::api::{ApiError, Socket};
use protocol::id::CommandId;
use protocol::room::RoomCommand;
use protocol::socket::ClientMessage;
use protocol::text::RoomTitle;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use crate::error::BenchError;
use crate::histogram::Histogram;
use crate::house::{Curtain, leave};
use crate::sent::Window;
use crate::sys::wall;

/// What is acted, and what is heard of it.
pub(crate) struct Signals {
    pub(crate) acting: AtomicBool,
    /// Between two titles of one room.
    pub(crate) period: Duration,
    pub(crate) window: Arc<Window>,
    /// When which title was asked for, by room and number.
    asked: Mutex<HashMap<Title, i64>>,
    heard_in_rooms: Mutex<Histogram>,
    heard_in_the_hallway: Mutex<Histogram>,
    pub(crate) actions: AtomicU64,
    /// Messages and bytes that came to anybody within the window.
    pub(crate) messages: AtomicU64,
    pub(crate) bytes: AtomicU64,
}

/// A numbered title: `bench 0007 000042`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Title {
    room: u32,
    number: u32,
}

impl Title {
    fn written(self) -> String {
        format!("{MARK}{:04} {:06}", self.room, self.number)
    }

    /// Every one in a message, wherever it stands.
    fn all_in(text: &str) -> impl Iterator<Item = Self> {
        text.split(MARK).skip(1).filter_map(|rest| {
            let room = rest.get(..4)?.parse().ok()?;
            let number = rest.get(5..11)?.parse().ok()?;
            Some(Self { room, number })
        })
    }
}

const MARK: &str = "bench ";

impl Signals {
    pub(crate) fn new(window: Arc<Window>, period: Duration) -> Self {
        Self {
            acting: AtomicBool::new(false),
            period,
            window,
            asked: Mutex::default(),
            heard_in_rooms: Mutex::default(),
            heard_in_the_hallway: Mutex::default(),
            actions: AtomicU64::new(0),
            messages: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// How late titles were at those in the sample who are there.
    pub(crate) fn delay(&self, reads: Reads) -> Histogram {
        self.heard(reads).map(|heard| lock(heard).clone()).unwrap_or_default()
    }

    fn heard(&self, reads: Reads) -> Option<&Mutex<Histogram>> {
        match reads {
            Reads::InARoom(_) => Some(&self.heard_in_rooms),
            Reads::InTheHallway => Some(&self.heard_in_the_hallway),
            Reads::Nothing => None,
        }
    }

    fn count(&self, text: &str) {
        if self.window.contains(wall()) {
            self.messages.fetch_add(1, Ordering::Relaxed);
            self.bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
        }
    }

    /// How many titles this sample (so many in each room) should be told of.
    pub(crate) fn expected(&self, sampled: &HashMap<u32, u64>) -> u64 {
        let asked = lock(&self.asked);
        let counting = asked.iter().filter(|(_, at)| self.window.contains(**at));
        counting.filter_map(|(title, _)| sampled.get(&title.room)).sum()
    }

    fn look(&self, text: &str, reads: Reads, last: &mut HashMap<u32, u32>) {
        let Some(heard) = self.heard(reads) else { return };
        let now = wall();
        let counts = |title: &Title| match reads {
            Reads::InARoom(room) => title.room == room,
            Reads::InTheHallway | Reads::Nothing => true,
        };
        for title in Title::all_in(text).filter(counts) {
            // A card is sent again for other reasons, with a title that is known.
            let known = last.entry(title.room).or_default();
            if title.number <= *known {
                continue;
            }
            *known = title.number;
            let asked = lock(&self.asked).get(&title).copied();
            if let Some(asked) = asked.filter(|asked| self.window.contains(*asked)) {
                lock(heard).add(u64::try_from(now - asked).unwrap_or(0));
            }
        }
    }
}

/// How closely a socket is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Titles of this room. Those of others come too, by their cards.
    InARoom(u32),
    InTheHallway,
    /// Counts, as most do.
    Nothing,
}

/// Nothing panics while it is held.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads on, until the socket ends.
pub(crate) async fn read(signals: &Signals, socket: &mut Socket, reads: Reads) -> ApiError {
    let mut last = HashMap::new();
    loop {
        match socket.next_text().await {
            Ok(text) => {
                signals.count(&text);
                signals.look(&text, reads, &mut last);
            }
            Err(error) => return error,
        }
    }
}

/// Reads on until the time for something else has come.
pub(crate) async fn read_until(
    signals: &Signals,
    socket: &mut Socket,
    reads: Reads,
    then: impl Future<Output = ()>,
) -> Result<(), BenchError> {
    tokio::select! {
        () = then => Ok(()),
        error = read(signals, socket, reads) => Err(error.into()),
    }
}

/// Gives a room a title every [`Signals::period`] while there is acting, beginning after `offset`, until the curtain falls.
pub(crate) async fn act(
    signals: Arc<Signals>,
    mut socket: Socket,
    room: u32,
    offset: Duration,
    mut curtain: Curtain,
) -> Result<(), BenchError> {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + offset, signals.period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut number = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                if signals.acting.load(Ordering::Acquire) {
                    number += 1;
                    say(&signals, &mut socket, Title { room, number }).await?;
                }
            }
            text = socket.next_text() => signals.count(&text?),
            () = curtain.falls() => {
                leave(socket).await;
                return Ok(());
            }
        }
    }
}

async fn say(signals: &Signals, socket: &mut Socket, title: Title) -> Result<(), BenchError> {
    let mut id = [0; 16];
    aws_lc_rs::rand::fill(&mut id).map_err(|_| BenchError::Internal("randomness"))?;
    let written = RoomTitle::parse(&title.written()).map_err(|_| BenchError::Internal("a title"))?;
    let command = RoomCommand::SetTitle { title: Some(written) };
    let message = ClientMessage::Command { id: CommandId(id), command };
    let now = wall();
    lock(&signals.asked).insert(title, now);
    if signals.window.contains(now) {
        signals.actions.fetch_add(1, Ordering::Relaxed);
    }
    Ok(socket.send(&message).await?)
}

/// A thread for those who are read closely, for as long as anybody has this value.
pub(crate) struct Sampler {
    pub(crate) handle: tokio::runtime::Handle,
    stop: Arc<Notify>,
}

impl Sampler {
    pub(crate) fn start() -> Result<Self, BenchError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (handle, stop) = (runtime.handle().clone(), Arc::new(Notify::new()));
        let stopped = Arc::clone(&stop);
        std::thread::spawn(move || runtime.block_on(stopped.notified()));
        Ok(Self { handle, stop })
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.stop.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_titles_are_found_in_a_message_wherever_they_stand() {
        let (one, other) = (Title { room: 7, number: 42 }, Title { room: 999, number: 1 });
        let text = format!(r#"{{"title":"{}","x":[{{"title":"{}"}}]}}"#, one.written(), other.written());
        assert_eq!(Title::all_in(&text).collect::<Vec<_>>(), [one, other]);
        for nothing in ["", "bench ", "bench 00", "bench é0000000000", "a bench of wood, for two"] {
            assert_eq!(Title::all_in(nothing).count(), 0, "{nothing}");
        }
        assert!(RoomTitle::parse(&one.written()).is_ok());
    }

    #[test]
    fn a_title_that_is_told_twice_is_heard_once() {
        let window = Arc::new(Window::default());
        window.set(0, i64::MAX);
        let signals = Signals::new(window, Duration::from_secs(1));
        let title = Title { room: 0, number: 1 };
        lock(&signals.asked).insert(title, wall() - 5_000_000);
        let elsewhere = Title { room: 1, ..title };
        lock(&signals.asked).insert(elsewhere, wall());
        let mut last = HashMap::new();
        for text in [title.written(), title.written(), elsewhere.written()] {
            signals.look(&text, Reads::InARoom(0), &mut last);
        }
        let delay = signals.delay(Reads::InARoom(0));
        assert_eq!((delay.count(), signals.expected(&HashMap::from([(0, 3)]))), (1, 3));
        assert!(delay.largest().expect("one") >= 5_000_000);
    }
}
