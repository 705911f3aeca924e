//! What a siege costs: what the two who talk lose by it, and what `live` holds and works more.

use std::time::{Duration, Instant};

use rustix::process::Pid;

use crate::pair::{Lost, Pair};

/// Of `live`, beyond what it held before: some hundred connections at most at the bounds of what each may make it hold, a
/// member's queues, and what the allocator keeps for later.
const GROWN_MAX: u64 = 64 << 20;
/// Processors that `live` may be busy on, of two: the rest is for those who attack, and are on the same machine.
const BUSY_MAX: f64 = 1.5;

pub(crate) struct Toll {
    quiet: Lost,
    lost: Lost,
    grown: u64,
    busy: f64,
}

impl Toll {
    /// Of all that happens in the siege, in which two talk.
    pub(crate) async fn of<T>(live: Pid, pair: &Pair, siege: impl Future<Output = T>) -> (T, Self) {
        // The floor: nobody attacks.
        let quiet = pair.lost_while(tokio::time::sleep(Duration::from_secs(2))).await;
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
        let lost = pair.lost_while(besieged).await;
        let busy = (worked(live) - did).as_secs_f64() / begun.elapsed().as_secs_f64();
        (came.expect("over"), Self { quiet, lost, grown: most - held, busy })
    }

    pub(crate) fn tell(&self) {
        let Self { quiet, lost, grown, busy } = self;
        println!(
            "measured: of {} packets {} were lost in quiet, of {} {} while attacked",
            quiet.expected, quiet.lost, lost.expected, lost.lost
        );
        println!(
            "measured: live held {} KiB more at most, and worked {:.0} % of a processor",
            grown >> 10,
            busy * 100.0
        );
    }

    pub(crate) fn is_bounded(&self) {
        assert!(self.lost.expected > 400, "they talked");
        assert!(
            self.lost.lost <= self.quiet.lost,
            "{} of {} packets were lost",
            self.lost.lost,
            self.lost.expected
        );
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
