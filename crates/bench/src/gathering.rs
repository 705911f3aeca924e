//! A crowd's thread, from the outside: who is connected, and what it says at its end.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::timeout_at;

use crate::crowd::{self, News, Order, Outcome, Settings, Word};
use crate::error::BenchError;
use crate::house::Door;
use crate::sent::{Sent, Window};
use crate::wires::{Here, Wires};

/// Runs until it is stopped.
pub(crate) struct Gathering {
    pub(crate) door: Door,
    orders: SyncSender<Order>,
    news: mpsc::Receiver<News>,
    thread: JoinHandle<std::io::Result<Outcome>>,
    /// By seat, nanoseconds since 1970.
    pub(crate) connected: Vec<Option<i64>>,
    pub(crate) hears: Vec<Option<i64>>,
    pub(crate) lost: usize,
}

/// How many, from where, in how many rooms.
pub(crate) struct Size {
    pub(crate) here: Here,
    pub(crate) first: u32,
    pub(crate) seats: u32,
    pub(crate) rooms: usize,
    pub(crate) speakers: usize,
}

impl Gathering {
    pub(crate) fn start(
        size: &Size,
        sent: &Arc<Sent>,
        window: &Arc<Window>,
        lose_one_in: Option<u32>,
    ) -> Result<Self, BenchError> {
        let seats = size.seats as usize;
        let wires = Wires::open(size.here, size.first, size.seats)?;
        let addresses = (0..size.seats).filter_map(|seat| wires.address(seat)).collect();
        let (orders, taken) = sync_channel(seats + 8);
        // Three words of each, at most.
        let (tell, news) = mpsc::channel(3 * seats + 8);
        let settings = Settings {
            wires,
            seats,
            rooms: size.rooms,
            sent: Arc::clone(sent),
            window: Arc::clone(window),
            lose_one_in,
            news: tell,
        };
        let speakers = size.speakers;
        let thread = thread::spawn(move || crowd::run(settings, speakers, &taken));
        let door = Door { orders: orders.clone(), addresses };
        let nobody = vec![None; seats];
        Ok(Self { door, orders, news, thread, connected: nobody.clone(), hears: nobody, lost: 0 })
    }

    pub(crate) fn speak(&self) -> Result<(), BenchError> {
        self.orders.send(Order::Speak).map_err(|_| BenchError::Internal("a crowd"))
    }

    /// Until so many are connected, or the patience ends; how many are.
    pub(crate) async fn wait_for(&mut self, count: usize, patience: Duration) -> usize {
        let until = (Instant::now() + patience).into();
        while self.count() < count {
            match timeout_at(until, self.news.recv()).await {
                Ok(Some(news)) => self.note(news),
                Ok(None) | Err(_) => break,
            }
        }
        self.listen();
        self.count()
    }

    pub(crate) fn count(&self) -> usize {
        self.connected.iter().flatten().count()
    }

    /// Takes note of all that has been told.
    pub(crate) fn listen(&mut self) {
        while let Ok(news) = self.news.try_recv() {
            self.note(news);
        }
    }

    fn note(&mut self, news: News) {
        let seat = news.seat as usize;
        let place = match news.word {
            Word::Connected => self.connected.get_mut(seat),
            Word::Hears => self.hears.get_mut(seat),
            Word::Lost => {
                self.lost += 1;
                return;
            }
        };
        if let Some(place) = place {
            *place = Some(news.at);
        }
    }

    /// Ends it; everybody's connection goes without a goodbye.
    pub(crate) fn stop(mut self) -> Result<Ended, BenchError> {
        self.listen();
        self.orders.send(Order::Stop).map_err(|_| BenchError::Internal("a crowd"))?;
        let outcome = self.thread.join().map_err(|_| BenchError::Internal("a crowd's thread"))??;
        Ok(Ended { outcome, connected: self.connected, hears: self.hears, lost: self.lost })
    }
}

/// What is left of it.
#[derive(Default)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) connected: Vec<Option<i64>>,
    pub(crate) hears: Vec<Option<i64>>,
    pub(crate) lost: usize,
}
