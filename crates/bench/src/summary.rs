//! From what was seen to what is reported.

pub(crate) mod titles;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use protocol::media::SLOTS;

use crate::crowd::{Checked, nanoseconds};
use crate::error::BenchError;
use crate::floor::Floor;
use crate::gathering::Ended;
use crate::histogram::Histogram;
use crate::house::Traffic;
use crate::meter::Worked;
use crate::plan::{Plan, Via};
use crate::process::{Resident, sum};
use crate::report::{Delay, FloorReport, Generator, Idle, Joins, Memory, Report, Sample, Signalling};
use crate::run::Alone;
use crate::score::Tally;

/// All that a run leaves behind.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) stage: Option<Ended>,
    pub(crate) audience: Option<Ended>,
    /// By seat of the audience, nanoseconds since 1970.
    pub(crate) asked: Vec<Option<i64>>,
    /// Those of each room who came in the ramp, and how many that is in all rooms.
    pub(crate) coming: std::ops::Range<usize>,
    pub(crate) joined: usize,
    pub(crate) first_failure: Option<String>,
    pub(crate) worked: Option<Worked>,
    pub(crate) joining: Option<Joining>,
    pub(crate) with_listeners: Option<f64>,
    pub(crate) before: Vec<Resident>,
    pub(crate) after: Vec<Resident>,
    pub(crate) sample: usize,
    pub(crate) traffic: Arc<Traffic>,
}

/// The server while people came, and just before.
pub(crate) struct Joining {
    pub(crate) worked: Worked,
    pub(crate) baseline: Worked,
}

/// # Errors
/// `Silence` when nothing was heard.
pub(crate) fn report(
    plan: &Plan,
    seen: &Seen,
    alone: &Alone,
    floors: Option<(Floor, Floor)>,
) -> Result<Report, BenchError> {
    let (Some(stage), Some(audience), Some(worked)) = (&seen.stage, &seen.audience, &seen.worked) else {
        return Err(BenchError::Internal("the end of the run"));
    };
    let mut tally = stage.outcome.tally.clone();
    tally.merge(&audience.outcome.tally);
    if tally.packets == 0 {
        return Err(BenchError::Silence);
    }
    let voices = Voices::of(plan, stage, audience);
    let seconds = worked.took.as_secs_f64().max(1e-9);
    // Nanoseconds of the server, for one of these.
    let each = |count: u64| {
        let server = worked.server?.as_secs_f64() * 1e9;
        (count > 0).then(|| server / count as f64)
    };
    let floor = floors.map(floor_report);
    let per_packet = each(tally.packets);
    let over = |floor: Option<f64>| Some(per_packet? / floor?);
    let said: u64 = voices.said;
    let loss_ratio = ratio(voices.lost(), voices.expected);
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        build: BUILD,
        processors: processors(),
        speakers: plan.speakers,
        listeners: plan.listeners,
        rooms: plan.rooms,
        via: match plan.via {
            Via::Socket => "socket",
            Via::Whep => "whep",
        },
        duration_seconds: seconds,
        server_cpu_ns_per_packet: per_packet,
        server_cpu_ns_per_frame: each(tally.frames),
        server_cpu_ns_per_packet_in_and_out: each(tally.packets + said),
        server_cpu_us_per_listener_second: each(audience.connected.iter().flatten().count() as u64)
            .map(|ns| ns / 1e3 / seconds),
        server_cores: worked.cores(),
        server_cores_by_thread: by_thread(worked),
        cpu_over_floor_ratio: over(floor.as_ref().map(|floor| floor.paced_ns)),
        cpu_over_flat_floor_ratio: over(floor.as_ref().map(|floor| floor.flat_ns)),
        packets_received: tally.packets,
        packets_per_second: tally.packets as f64 / seconds,
        bytes_per_second: tally.bytes as f64 / seconds,
        packets_sent_by_speakers: said,
        frames_expected: voices.expected,
        frames_received: voices.received,
        frames_lost: voices.lost(),
        loss_ratio,
        loss_beyond_floor_ratio: floor.as_ref().map(|floor| (loss_ratio - floor.paced_loss_ratio).max(0.0)),
        frames_not_forwarded: voices.not_forwarded,
        packets_twice: stage.outcome.twice + audience.outcome.twice,
        packets_unmatched: tally.unmatched,
        packed_packets_ratio: ratio(tally.packed_packets, tally.packed_packets + tally.delay.count()),
        added_delay: delay(&tally.delay),
        packed_delay: delay(&tally.packed_delay),
        jitter_p99_ms: milliseconds(tally.jitter.quantile(990_000)),
        longest_gap_ms: milliseconds(Some(tally.longest_gap).filter(|gap| *gap > 0)),
        gaps_over_60_ms: tally.long_gaps,
        joins: joins(plan, seen, audience),
        memory: memory(plan, seen, alone),
        idle: alone.cores.map(|alone| Idle {
            alone_percent_of_core: alone * 100.0,
            with_listeners_percent_of_core: seen.with_listeners.map(|cores| cores * 100.0),
        }),
        sample: sample(seen, stage, audience),
        signalling: signalling(seen),
        generator: generator(&tally, worked, stage, audience),
        floor,
    })
}

fn by_thread(worked: &Worked) -> BTreeMap<String, f64> {
    let seconds = worked.took.as_secs_f64().max(1e-9);
    worked.threads.iter().map(|(kind, worked)| (kind.clone(), worked.as_secs_f64() / seconds)).collect()
}

/// Frames that should have come, and those that did.
struct Voices {
    said: u64,
    expected: u64,
    received: u64,
    not_forwarded: Option<u64>,
}

impl Voices {
    fn of(plan: &Plan, stage: &Ended, audience: &Ended) -> Self {
        let said: u64 = stage.outcome.said.iter().map(|said| u64::from(*said)).sum();
        // Whoever comes while it is measured cannot have heard all of it.
        let whole_time = if plan.already_there > 0 { 0..plan.already_there } else { 0..plan.listeners };
        let listeners = whole_time.len() as u64;
        let forwarded = audience.outcome.tally.forwarded;
        // With more speakers than are heard at a time, what the sample saw is what there was.
        let all_are_heard = plan.speakers <= SLOTS;
        let expected = listeners * if all_are_heard { said } else { forwarded };
        let frames = audience.outcome.frames.chunks(plan.listeners.max(1));
        let heard = frames.flat_map(|room| room.get(whole_time.clone()).unwrap_or_default());
        let received = heard.map(|frames| u64::from(*frames)).sum();
        let not_forwarded = all_are_heard.then(|| said.saturating_sub(forwarded));
        Self { said, expected, received, not_forwarded }
    }

    fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.received)
    }
}

fn delay(histogram: &Histogram) -> Delay {
    Delay {
        packets: histogram.count(),
        p50_ms: milliseconds(histogram.quantile(500_000)),
        p99_ms: milliseconds(histogram.quantile(990_000)),
        p99_9_ms: milliseconds(histogram.quantile(999_000)),
        max_ms: milliseconds(histogram.largest()),
        distribution: histogram.filled().map(|(edge, count)| (edge as f64 / 1e6, count)).collect(),
    }
}

fn floor_report((before, after): (Floor, Floor)) -> FloorReport {
    let mean = |one: f64, other: f64| f64::midpoint(one, other);
    let drift = |before: f64, after: f64| (after - before).abs() / mean(before, after).max(1e-9);
    FloorReport {
        flat_before_ns: before.flat,
        flat_after_ns: after.flat,
        paced_before_ns: before.paced,
        paced_after_ns: after.paced,
        flat_ns: mean(before.flat, after.flat),
        paced_ns: mean(before.paced, after.paced),
        flat_drift_ratio: drift(before.flat, after.flat),
        paced_drift_ratio: drift(before.paced, after.paced),
        paced_loss_ratio: ratio(before.paced_lost + after.paced_lost, before.paced_sent + after.paced_sent),
    }
}

fn joins(plan: &Plan, seen: &Seen, audience: &Ended) -> Joins {
    let in_ramp = |seat: &usize| seen.coming.contains(&(seat % plan.listeners.max(1)));
    let since_asking = |moments: &[Option<i64>]| {
        let mut histogram = Histogram::default();
        let seats = (0..seen.asked.len()).filter(in_ramp);
        for (asked, then) in seats.filter_map(|seat| (*seen.asked.get(seat)?).zip(*moments.get(seat)?)) {
            histogram.add(u64::try_from(then - asked).unwrap_or(0));
        }
        histogram
    };
    let connected = since_asking(&audience.connected);
    let to_sound = if plan.already_there > 0 { since_asking(&audience.hears) } else { Histogram::default() };
    let per_join = seen.joining.as_ref().and_then(|Joining { worked, baseline }| {
        let without = baseline.cores()? * worked.took.as_secs_f64();
        let all = worked.server?.as_secs_f64() - without;
        (connected.count() > 0).then(|| all * 1e6 / connected.count() as f64)
    });
    Joins {
        asked: seen.joined,
        connected: usize::try_from(connected.count()).unwrap_or(usize::MAX),
        lost: audience.lost,
        ramp_seconds: plan.ramp().as_secs_f64(),
        p50_ms: milliseconds(connected.quantile(500_000)),
        p95_ms: milliseconds(connected.quantile(950_000)),
        slowest_ms: milliseconds(connected.largest()),
        to_sound_p50_ms: milliseconds(to_sound.quantile(500_000)),
        to_sound_p95_ms: milliseconds(to_sound.quantile(950_000)),
        server_cpu_us_per_join: per_join,
        first_failure: seen.first_failure.clone(),
    }
}

fn memory(plan: &Plan, seen: &Seen, alone: &Alone) -> Option<Memory> {
    let kib = |resident: &[Resident]| sum(resident) / 1_024;
    if seen.after.is_empty() {
        return None;
    }
    let more = sum(&seen.after).saturating_sub(sum(&seen.before)) as f64 / 1_024.0;
    Some(Memory {
        at_start_kib: kib(&alone.resident),
        before_joins_kib: kib(&seen.before),
        after_joins_kib: kib(&seen.after),
        kib_per_listener: more / seen.joined.max(1) as f64,
        settled_seconds: if plan.already_there > 0 { 0.0 } else { plan.settle.as_secs_f64() },
        by_process_kib: seen.after.iter().map(|one| (one.name.clone(), one.bytes / 1_024)).collect(),
    })
}

fn sample(seen: &Seen, stage: &Ended, audience: &Ended) -> Sample {
    let mut checked = stage.outcome.checked;
    checked.merge(&audience.outcome.checked);
    let Checked { packets, frames, garbled, gaps, misplaced, miscounted } = checked;
    Sample { listeners: seen.sample, packets, frames, garbled, gaps, misplaced, miscounted }
}

fn signalling(seen: &Seen) -> Signalling {
    Signalling {
        messages: seen.traffic.messages.load(Ordering::Relaxed),
        bytes: seen.traffic.bytes.load(Ordering::Relaxed),
        sockets_ended: seen.traffic.ended.load(Ordering::Relaxed),
    }
}

fn generator(tally: &Tally, worked: &Worked, stage: &Ended, audience: &Ended) -> Generator {
    let seconds = worked.took.as_secs_f64().max(1e-9);
    let cores = |busy: Duration| busy.as_secs_f64() / seconds;
    let listening = cores(audience.outcome.busy);
    let dropped = audience.outcome.dropped + stage.outcome.dropped;
    let sweep = audience.outcome.waits.quantile(990_000);
    let late = stage.outcome.lateness.quantile(990_000);
    let listeners = audience.connected.iter().flatten().count().max(1) as f64;
    let each = |datagrams: u64| datagrams as f64 / seconds / listeners;
    let mut bottlenecks = Vec::new();
    if dropped > 0 {
        bottlenecks.push(format!("{dropped} datagrams found no room in the bench's own sockets."));
    }
    if listening > BUSY {
        bottlenecks
            .push(format!("The thread that listens was busy for {:.0} % of the time.", listening * 100.0));
    }
    if late.is_some_and(|late| late > nanoseconds(LATE)) {
        bottlenecks.push("Speakers were late: their rhythm was not 20 ms.".to_owned());
    }
    if sweep.is_some_and(|wait| wait > nanoseconds(UNREAD)) {
        bottlenecks.push("Sockets waited long to be read.".to_owned());
    }
    if tally.unmatched * 1_000 > tally.packets {
        bottlenecks.push("More than one packet in a thousand could not be told apart.".to_owned());
    }
    Generator {
        bottlenecks,
        cores: cores(worked.generator),
        listening_thread_cores: listening,
        speaking_thread_cores: cores(stage.outcome.busy),
        checks_per_listener_second: each(audience.outcome.checks),
        reports_per_listener_second: each(audience.outcome.reports),
        datagrams_lost_here: dropped,
        receive_buffer_bytes_per_listener: audience.outcome.buffer_per_seat,
        sweep_p99_ms: milliseconds(audience.outcome.sweeps.quantile(990_000)),
        sweep_wait_p99_ms: milliseconds(sweep),
        speaker_lateness_p99_ms: milliseconds(late),
    }
}

const BUILD: &str = if cfg!(debug_assertions) { "debug" } else { "release" };

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A thread that has no time left to be late in.
const BUSY: f64 = 0.9;
const LATE: Duration = Duration::from_millis(10);
const UNREAD: Duration = Duration::from_millis(100);

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn milliseconds(nanoseconds: Option<u64>) -> Option<f64> {
    // Three decimals: more would be noise.
    nanoseconds.map(|ns| (ns as f64 / 1e3).round() / 1e3)
}

#[cfg(test)]
mod tests;
