//! What a network does to datagrams on their way between one client and the server.

use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use crate::random::Random;

/// One direction of a client's line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Share of datagrams that are lost, each for itself.
    pub lost: f64,
    /// Share that arrive twice.
    pub repeated: f64,
    pub delay: Duration,
    /// Up to so much more, evenly: more than what lies between two datagrams, and they overtake each other.
    pub jitter: Duration,
}

impl Line {
    pub const PERFECT: Self =
        Self { lost: 0.0, repeated: 0.0, delay: Duration::ZERO, jitter: Duration::ZERO };

    /// Loses, and delays like an ordinary line.
    pub const fn losing(lost: f64) -> Self {
        Self { lost, repeated: 0.0, delay: Duration::from_millis(20), jitter: Duration::from_millis(5) }
    }
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the client.
    Down,
    /// To the server.
    Up,
}

/// Both directions of a client's line, and what is on its way.
pub struct Fault {
    pub down: Line,
    pub up: Line,
    /// Nothing passes until then.
    pub dark_until: Option<Instant>,
    random: Random,
    flying: BinaryHeap<Flying>,
    count: u64,
}

/// A datagram on its way; ordered so that the heap gives the next to arrive.
struct Flying {
    arrives: Instant,
    number: u64,
    way: Way,
    bytes: Vec<u8>,
}

impl Fault {
    pub(crate) fn none(seed: u64) -> Self {
        Self {
            down: Line::PERFECT,
            up: Line::PERFECT,
            dark_until: None,
            random: Random::new(seed),
            flying: BinaryHeap::new(),
            count: 0,
        }
    }

    /// Takes a datagram; gives it back when it arrives at once, as it does on a perfect line.
    pub(crate) fn carry(&mut self, now: Instant, way: Way, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let line = match way {
            Way::Down => self.down,
            Way::Up => self.up,
        };
        if self.dark_until.is_some_and(|until| now < until) || self.random.share() < line.lost {
            return None;
        }
        if line == Line::PERFECT {
            return Some(bytes);
        }
        let copies = if self.random.share() < line.repeated { 2 } else { 1 };
        for _ in 0..copies {
            let arrives = now + line.delay + line.jitter.mul_f64(self.random.share());
            self.count += 1;
            self.flying.push(Flying { arrives, number: self.count, way, bytes: bytes.clone() });
        }
        None
    }

    /// The next datagram that has arrived by now.
    pub(crate) fn arrived(&mut self, now: Instant) -> Option<(Way, Vec<u8>)> {
        if self.flying.peek()?.arrives > now {
            return None;
        }
        self.flying.pop().map(|flying| (flying.way, flying.bytes))
    }
}

impl PartialEq for Flying {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Flying {}

impl PartialOrd for Flying {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Flying {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.arrives, other.number).cmp(&(self.arrives, self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(fault: &mut Fault, count: u32) -> Vec<u32> {
        let mut now = Instant::now();
        let mut arrived = Vec::new();
        for number in 0..count + 100 {
            if number < count {
                arrived.extend(fault.carry(now, Way::Down, number.to_be_bytes().to_vec()));
            }
            now += Duration::from_millis(20);
            arrived.extend(std::iter::from_fn(|| fault.arrived(now)).map(|(_, bytes)| bytes));
        }
        arrived.into_iter().map(|bytes| u32::from_be_bytes(bytes.try_into().unwrap())).collect()
    }

    #[test]
    fn a_perfect_line_passes_everything_at_once() {
        assert_eq!(passed(&mut Fault::none(1), 100), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn a_line_loses_about_what_it_says_and_the_same_again_for_the_same_seed() {
        let lossy = |seed| {
            let mut fault = Fault::none(seed);
            fault.down = Line::losing(0.1);
            passed(&mut fault, 10_000)
        };
        let arrived = lossy(7);
        assert!((8_850..=9_150).contains(&arrived.len()), "{}", arrived.len());
        assert_eq!(arrived, lossy(7));
        assert_ne!(arrived, lossy(8));
    }

    #[test]
    fn much_jitter_makes_datagrams_overtake_each_other_and_some_come_twice() {
        let mut fault = Fault::none(3);
        fault.down = Line { repeated: 0.1, jitter: Duration::from_millis(60), ..Line::losing(0.0) };
        let arrived = passed(&mut fault, 1_000);
        assert!(!arrived.is_sorted());
        assert!((1_050..1_150).contains(&arrived.len()), "{}", arrived.len());
    }

    #[test]
    fn nothing_passes_a_dark_line() {
        let mut fault = Fault::none(3);
        fault.dark_until = Some(Instant::now() + Duration::from_millis(200));
        let arrived = passed(&mut fault, 100);
        assert!((85..=91).contains(&arrived.len()), "{}", arrived.len());
    }
}
