//! What a siege costs: what the two who talk lose by it, and what `live` holds and works more.

use std::time::{Duration, Instant};

use rustix::process::Pid;

use crate::others::{Others, Wait};
use crate::pair::{Lost, Pair};

/// Without anybody who attacks: some twenty comings and goings.
const QUIET: Duration = Duration::from_secs(4);
/// Of `live`, beyond what it held before: not quite twice the most that was measured (17.4 MiB), since how much of what was
/// given back is kept for later is the system's.
const GROWN_MAX: u64 = 32 << 20;
/// Processors that `live` may be busy on, of two: three times the most that was measured (0.27), since a slower machine works
/// longer for the same.
const BUSY_MAX: f64 = 0.8;
/// How long nine in ten may wait to be in a room: whoever pressed something begins to doubt it after a second. Those who attack
/// share the processors with them and with the server.
const JOIN_MAX: Duration = Duration::from_secs(1);
/// How long nine in ten raised hands may take to the screen of whoever keeps order: to people that is at once.
const HAND_MAX: Duration = Duration::from_millis(200);
/// What a wait may be more, on the middle, than in quiet: whoever attacks costs others some turns of their processors and no
/// more. Of hands a turn is a millisecond, so some are given in any case.
const SLOWER_MAX: u32 = 20;
const SOME_TURNS: Duration = Duration::from_millis(20);

pub(crate) struct Toll {
    quiet: Seen,
    besieged: Seen,
    grown: u64,
    busy: f64,
}

/// What others notice in one span of time.
struct Seen {
    lost: Lost,
    joins: Wait,
    hands: Wait,
}

impl Seen {
    async fn of(pair: &Pair, others: &Others, meanwhile: impl Future<Output = ()>) -> Self {
        let mut waits = None;
        let waiting = async { waits = Some(others.waits_while(meanwhile).await) };
        let lost = pair.lost_while(waiting).await;
        let waits = waits.expect("over");
        Self { lost, joins: Wait::of(waits.joins), hands: Wait::of(waits.hands) }
    }
}

impl Toll {
    /// Of all that happens in the siege, in which two talk and two come and go.
    pub(crate) async fn of<T>(
        live: Pid,
        pair: &Pair,
        others: &Others,
        siege: impl Future<Output = T>,
    ) -> (T, Self) {
        // The floor: nobody attacks.
        let quiet = Seen::of(pair, others, tokio::time::sleep(QUIET)).await;
        let (held, did, begun) = (holds(live), worked(live), Instant::now());
        let (mut came, mut most) = (None, held);
        let besieged = async {
            tokio::pin!(siege);
            loop {
                tokio::select! {
                    all = &mut siege => return came = Some(all),
                    () = tokio::time::sleep(Duration::from_millis(50)) => most = most.max(holds(live)),
                }
            }
        };
        let besieged = Seen::of(pair, others, besieged).await;
        let busy = (worked(live) - did).as_secs_f64() / begun.elapsed().as_secs_f64();
        (came.expect("over"), Self { quiet, besieged, grown: most - held, busy })
    }

    pub(crate) fn tell(&self) {
        let Self { quiet, besieged, grown, busy } = self;
        let (before, during) = (&quiet.lost, &besieged.lost);
        println!(
            "measured: of {} packets {} were lost in quiet, of {} {} while attacked",
            before.expected, before.lost, during.expected, during.lost
        );
        for (what, quiet, besieged) in [
            ("somebody came in", quiet.joins, besieged.joins),
            ("a raised hand was seen", quiet.hands, besieged.hands),
        ] {
            println!(
                "measured: {what} after {:?} in the middle, {:?} for nine in ten, {:?} at most of {}, in quiet; after {:?}, {:?}, {:?} of {}, while attacked",
                quiet.middle,
                quiet.most,
                quiet.longest,
                quiet.times,
                besieged.middle,
                besieged.most,
                besieged.longest,
                besieged.times
            );
        }
        println!(
            "measured: live held {} KiB more at most, and worked {:.0} % of a processor",
            grown >> 10,
            busy * 100.0
        );
    }

    pub(crate) fn is_bounded(&self) {
        let Lost { expected, lost } = self.besieged.lost;
        assert!(expected > 400, "they talked");
        assert!(lost <= self.quiet.lost.lost, "{lost} of {expected} packets were lost");
        for (what, quiet, besieged, most) in [
            ("to come in", self.quiet.joins, self.besieged.joins, JOIN_MAX),
            ("for a raised hand", self.quiet.hands, self.besieged.hands, HAND_MAX),
        ] {
            assert!(quiet.times > 5 && besieged.times > 10, "nobody came: {quiet:?} {besieged:?}");
            assert!(besieged.most < most, "they wait {what} for {besieged:?}");
            let slower = quiet.middle * SLOWER_MAX + SOME_TURNS;
            assert!(besieged.middle < slower, "they wait {what} for {besieged:?}, in quiet for {quiet:?}");
        }
        assert!(self.grown < GROWN_MAX, "live holds {} bytes more", self.grown);
        assert!(self.busy < BUSY_MAX, "live works {} processors", self.busy);
    }
}

/// Bytes in memory.
fn holds(process: Pid) -> u64 {
    let id = process.as_raw_nonzero();
    let pages = std::fs::read_to_string(format!("/proc/{id}/statm")).expect("it runs");
    let pages: u64 = pages.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("a number");
    pages * rustix::param::page_size() as u64
}

fn worked(process: Pid) -> Duration {
    let id = process.as_raw_nonzero();
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("it runs");
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    let ticks = behind.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 1_000 / rustix::param::clock_ticks_per_second())
}
