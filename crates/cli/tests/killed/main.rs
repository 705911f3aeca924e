//! Whatever dies, and whenever: no account is lost, no invitation is used twice, no row is half written, what was answered
//! is kept and what was not is kept whole or not at all, who is erased is nowhere, and a room that is rebuilt is as people
//! were last told.
//!
//! Thirty evenings, each with three deaths; `VIVAVOCE_EVENINGS` asks for more, `VIVAVOCE_SEED` for others. What is drawn is
//! the same for the same seed; where in the server's work a death falls is not, so each run tries other moments.

#![expect(clippy::print_stdout, reason = "seeds and figures are for people")]

mod accounts;
#[path = "../support/asks.rs"]
mod asks;
#[path = "../../../keeper/tests/keeper/authenticator.rs"]
#[allow(dead_code, reason = "the keeper's own tests need more of it")]
mod authenticator;
mod evening;
mod kept;
#[path = "../support/ledger.rs"]
mod ledger;
mod model;
#[path = "../support/native.rs"]
mod native;
#[path = "../support/new_room.rs"]
mod new_room;
mod nowhere;
#[path = "../support/random.rs"]
mod random;
mod rooms;
mod rush;
#[path = "../support/server.rs"]
mod server;
mod strike;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use evening::Evening;
use strike::Victim;

/// Evenings in an ordinary run.
const EVENINGS: u64 = 30;
/// Rushes in an ordinary run, of four deaths each.
const RUSHES: u64 = 3;
/// At a time: each is a server of two processes, and somebody waits in most of it.
const AT_A_TIME: usize = 2;

fn asked(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn whatever_dies_whenever_nothing_is_lost_that_anybody_was_told() {
    let first = asked("VIVAVOCE_SEED").unwrap_or(1);
    let evenings = asked("VIVAVOCE_EVENINGS").unwrap_or(EVENINGS);
    let next = AtomicU64::new(first);
    let back: Vec<(Victim, Duration)> = std::thread::scope(|scope| {
        let threads = [(); AT_A_TIME].map(|()| {
            scope.spawn(|| {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                let mut back = Vec::new();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + evenings {
                        return back;
                    }
                    println!("evening with VIVAVOCE_SEED={seed}");
                    back.extend(runtime.block_on(Evening::spend(seed)));
                }
            })
        });
        threads.into_iter().flat_map(|thread| thread.join().expect("a good evening")).collect()
    });
    for victim in [Victim::Live, Victim::Keeper, Victim::BothAtOnce] {
        let mut away: Vec<Duration> =
            back.iter().filter(|(who, _)| *who == victim).map(|(_, away)| *away).collect();
        away.sort_unstable();
        if let (Some(middle), Some(longest)) = (away.get(away.len() / 2), away.last()) {
            println!(
                "measured: {victim:?} killed {} times: away for {middle:?}, {longest:?} at most",
                away.len()
            );
        }
    }
}

#[test]
fn who_presses_an_invitation_while_the_keeper_dies_is_in_or_may_press_it_again() {
    let first = asked("VIVAVOCE_SEED").unwrap_or(1);
    let rushes = asked("VIVAVOCE_EVENINGS").map_or(RUSHES, |evenings| evenings.div_ceil(4));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for seed in first..first + rushes {
        println!("rush with VIVAVOCE_SEED={seed}");
        runtime.block_on(rush::spend(seed));
    }
}
