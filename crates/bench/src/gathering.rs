//! A crowd's threads, from the outside: who is connected, and what they say at their end.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::timeout_at;

use crate::crowd::{self, News, Order, Outcome, Settings, Word};
use crate::error::BenchError;
use crate::house::{Door, Hall};
use crate::limits::{SEATS_PER_HALL, SEATS_PER_WIRE};
use crate::sent::{Sent, Window};
use crate::wires::{Here, Wires};

/// Runs until it is stopped.
pub(crate) struct Gathering {
    pub(crate) door: Door,
    news: mpsc::Receiver<News>,
    threads: Vec<JoinHandle<std::io::Result<Outcome>>>,
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
        // Three words of each, at most.
        let (tell, news) = mpsc::channel(3 * seats + 8);
        let (mut halls, mut threads, mut addresses) = (Vec::new(), Vec::new(), Vec::with_capacity(seats));
        for Range { start, end } in self::halls(size.rooms, size.seats) {
            let count = end - start;
            let wires = Wires::open(size.here, size.first + start, count)?;
            addresses.extend((0..count).filter_map(|seat| wires.address(seat)));
            let (orders, taken) = sync_channel(count as usize + 8);
            let settings = Settings {
                wires,
                first: start,
                seats: count as usize,
                rooms: size.rooms,
                sent: Arc::clone(sent),
                window: Arc::clone(window),
                lose_one_in,
                news: tell.clone(),
            };
            let speakers = size.speakers;
            threads.push(thread::spawn(move || crowd::run(settings, speakers, &taken)));
            halls.push(Hall { first: start, orders });
        }
        let door = Door { halls: halls.into(), addresses: addresses.into() };
        let nobody = vec![None; seats];
        Ok(Self { door, news, threads, connected: nobody.clone(), hears: nobody, lost: 0 })
    }

    pub(crate) fn speak(&self) -> Result<(), BenchError> {
        self.door.order(|| Order::Speak)
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
        self.door.order(|| Order::Stop)?;
        let mut outcome = Outcome::default();
        for thread in self.threads {
            outcome.merge(thread.join().map_err(|_| BenchError::Internal("a crowd's thread"))??);
        }
        Ok(Ended { outcome, connected: self.connected, hears: self.hears, lost: self.lost })
    }
}

/// Which seats each thread has: all of one room's sockets full but the last of each, and rooms never divided, since whoever
/// is in a room's sample explains its packets to their own thread.
pub(crate) fn halls(rooms: usize, seats: u32) -> Vec<Range<u32>> {
    if rooms > 1 || seats <= SEATS_PER_HALL {
        return Vec::from_iter(std::iter::once(0..seats));
    }
    let wire = u32::try_from(SEATS_PER_WIRE).unwrap_or(1);
    let each = seats.div_ceil(seats.div_ceil(SEATS_PER_HALL)).next_multiple_of(wire);
    (0..seats.div_ceil(each)).map(|hall| hall * each..seats.min((hall + 1) * each)).collect()
}

/// What is left of it.
#[derive(Default)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) connected: Vec<Option<i64>>,
    pub(crate) hears: Vec<Option<i64>>,
    pub(crate) lost: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_seat_in_one_hall_and_no_room_is_divided_among_many() {
        let alone = |seats: u32| Vec::from_iter(std::iter::once(0..seats));
        assert_eq!(halls(1_000, 50_000), alone(50_000));
        assert_eq!(halls(1, 10_240), alone(10_240));
        assert_eq!(halls(1, 0), alone(0));
        assert_eq!(halls(1, 12_000), [0..6_016, 6_016..12_000]);
        for seats in [10_241, 19_500, 20_481, 100_000] {
            let halls = halls(1, seats);
            assert!(halls.len() > 1 && halls.iter().all(|hall| hall.len() <= SEATS_PER_HALL as usize + 128));
            let all: Vec<u32> = halls.into_iter().flatten().collect();
            assert_eq!(all, (0..seats).collect::<Vec<_>>());
        }
    }
}
