//! What a loudspeaker makes of what arrived: one frame every 20 ms, and what is not there in time is invented.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// 48 kHz ticks of a frame.
const FRAME: u32 = 960;
const FRAME_SPAN: Duration = Duration::from_millis(20);

/// One frame that was there at a moment, whichever packet brought it.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    pub at: Instant,
    pub timestamp: u32,
    /// Whether its own packet brought it: only then is there error correction in it for the frame before.
    pub own: bool,
}

/// Whether frames carry a coarse copy of the one before them (Opus in-band forward error correction).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correction {
    None,
    InBand,
    /// In frames that are there after this moment.
    InBandFrom(Instant),
}

/// What became of the frames from the first that was heard to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// In order: true where a frame had to be invented.
    pub invented: Vec<bool>,
}

impl Played {
    /// Plays every frame `delay` later than the quickest one could have been played.
    pub fn new(arrivals: &[Arrival], delay: Duration, correction: Correction) -> Self {
        let first =
            arrivals.iter().map(|arrival| arrival.timestamp).reduce(earlier).expect("something heard");
        // By number of the frame: when it was there, and when its own packet was.
        let mut there: BTreeMap<u32, Instant> = BTreeMap::new();
        let mut own: BTreeMap<u32, Instant> = BTreeMap::new();
        for arrival in arrivals {
            let number = arrival.timestamp.wrapping_sub(first) / FRAME;
            let soonest = |moment: &mut Instant| *moment = (*moment).min(arrival.at);
            there.entry(number).and_modify(soonest).or_insert(arrival.at);
            if arrival.own {
                own.entry(number).and_modify(soonest).or_insert(arrival.at);
            }
        }
        let begins =
            there.iter().map(|(number, at)| *at - FRAME_SPAN * *number).min().expect("something heard");
        let last = there.keys().next_back().copied().unwrap_or(0);
        let invented = (0..=last)
            .map(|number| {
                let due = begins + FRAME_SPAN * number + delay;
                let next = own.get(&(number + 1)).filter(|at| **at <= due);
                let corrected = next.is_some_and(|at| match correction {
                    Correction::None => false,
                    Correction::InBand => true,
                    Correction::InBandFrom(begins) => *at >= begins,
                });
                !(there.get(&number).is_some_and(|at| *at <= due) || corrected)
            })
            .collect();
        Self { invented }
    }

    /// Share of the frames that had to be invented.
    pub fn share(&self) -> f64 {
        share(&self.invented)
    }

    /// The same for every so many frames.
    pub fn shares(&self, frames: usize) -> Vec<f64> {
        self.invented.chunks_exact(frames).map(share).collect()
    }
}

fn share(invented: &[bool]) -> f64 {
    invented.iter().filter(|invented| **invented).count() as f64 / invented.len() as f64
}

fn earlier(a: u32, b: u32) -> u32 {
    if b.wrapping_sub(a).cast_signed() < 0 { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames by number, each so many milliseconds after it was said.
    fn played(frames: &[(u32, u64)], correction: Correction) -> Vec<bool> {
        let start = Instant::now() + Duration::from_secs(1);
        let arrivals: Vec<_> = frames
            .iter()
            .map(|(number, late)| Arrival {
                at: start + FRAME_SPAN * *number + Duration::from_millis(*late),
                timestamp: u32::MAX.wrapping_add(number * FRAME),
                own: true,
            })
            .collect();
        Played::new(&arrivals, Duration::from_millis(60), correction).invented
    }

    #[test]
    fn what_is_missing_or_late_is_invented() {
        let frames = [(0, 10), (1, 10), (3, 70), (4, 71), (5, 10)];
        assert_eq!(played(&frames, Correction::None), [false, false, true, false, true, false]);
    }

    #[test]
    fn the_next_frame_corrects_one_and_no_more() {
        let frames = [(0, 0), (2, 0), (5, 0), (6, 0)];
        assert_eq!(played(&frames, Correction::InBand), [false, false, false, true, false, false, false]);
    }
}
