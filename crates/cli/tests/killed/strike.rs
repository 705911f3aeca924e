//! Processes that die in the middle of something.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::random::Random;
use crate::server::{Server, wait_for, watch};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    Live,
    Keeper,
    /// The parent sees neither end before the other.
    BothAtOnce,
    /// The parent may have begun to replace the first.
    BothInTurn,
}

/// What will happen, and how long after the next thing has begun.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strike {
    pub(crate) victim: Victim,
    after: Duration,
    /// Between the two.
    apart: Duration,
    first: Victim,
}

/// Longer than anything that people do here takes, so that some strikes come between two things.
const WITHIN_US: usize = 15_000;

impl Strike {
    pub(crate) fn draw(victim: Victim, random: &mut Random) -> Self {
        let micros = |random: &mut Random, end| Duration::from_micros(random.below(end) as u64);
        let first = if random.below(2) == 0 { Victim::Live } else { Victim::Keeper };
        Self { victim, after: micros(random, WITHIN_US), apart: micros(random, 2 * WITHIN_US), first }
    }

    /// In the background; gives when the last of them was dead.
    pub(crate) fn begin(self, server: &Server) -> JoinHandle<Instant> {
        let (parent, live, keeper) = (server.pid(), server.live(), server.keeper());
        thread::spawn(move || {
            thread::sleep(self.after);
            match self.victim {
                Victim::Live => kill(live),
                Victim::Keeper => kill(keeper),
                Victim::BothAtOnce => {
                    Server::hold_still(parent);
                    kill(live);
                    kill(keeper);
                    Server::go_on(parent);
                }
                Victim::BothInTurn => {
                    let (first, second) =
                        if self.first == Victim::Live { (live, keeper) } else { (keeper, live) };
                    kill(first);
                    thread::sleep(self.apart);
                    kill(second);
                }
            }
            Instant::now()
        })
    }
}

pub(crate) fn kill(process: Pid) {
    let gone = watch(process);
    kill_process(process, Signal::KILL).expect("it runs");
    wait_for(&gone);
}
