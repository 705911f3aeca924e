//! The same for the sockets alone.

use super::{BUILD, by_thread, delay, processors};
use crate::meter::Worked;
use crate::plan::Plan;
use crate::play::titles::Heard;
use crate::process::sum;
use crate::report::SignallingReport;

pub(crate) fn titles(plan: &Plan, heard: &Heard) -> SignallingReport {
    let seconds = heard.worked.took.as_secs_f64().max(1e-9);
    let each = |server: f64| (heard.messages > 0).then(|| server * 1e6 / heard.messages as f64);
    let all = heard.worked.server.map(|server| server.as_secs_f64());
    let beyond = all.zip(heard.still.cores()).map(|(all, still)| (all - still * seconds).max(0.0));
    let expected = heard.expected_in_rooms;
    let percent = |worked: &Worked| worked.cores().map(|cores| cores * 100.0);
    let generator_cores = heard.worked.generator.as_secs_f64() / seconds;
    let more = sum(&heard.with_sockets).saturating_sub(sum(&heard.before)) as f64 / 1_024.0;
    let mut bottlenecks = Vec::new();
    if generator_cores > BUSY {
        bottlenecks.push(format!("Reading kept {generator_cores:.2} processors busy."));
    }
    SignallingReport {
        version: env!("CARGO_PKG_VERSION"),
        build: BUILD,
        processors: processors(),
        rooms: plan.rooms,
        listeners: plan.listeners,
        viewers: plan.viewers(),
        sockets: heard.sockets,
        sockets_ended: heard.ended,
        connected: heard.connected,
        first_failure: heard.first_failure.clone(),
        duration_seconds: seconds,
        titles: heard.actions,
        messages_delivered: heard.messages,
        messages_per_second: heard.messages as f64 / seconds,
        bytes_per_second: heard.bytes as f64 / seconds,
        server_cores: heard.worked.cores(),
        server_cores_by_thread: by_thread(&heard.worked),
        server_cpu_us_per_message: all.and_then(each),
        server_cpu_us_per_message_beyond_still: beyond.and_then(each),
        delay_in_rooms: delay(&heard.in_rooms),
        delay_in_the_hallway: delay(&heard.in_the_hallway),
        sampled_sockets: heard.sampled,
        titles_heard_ratio_in_rooms: (expected > 0).then(|| heard.in_rooms.count() as f64 / expected as f64),
        kib_per_idle_socket: (!heard.before.is_empty()).then(|| more / heard.sockets.max(1) as f64),
        percent_of_core_with_idle_sockets: percent(&heard.idle),
        percent_of_core_in_still_rooms: percent(&heard.still),
        generator_cores,
        bottlenecks,
    }
}

/// One thread reads for thousands, another for the sample.
const BUSY: f64 = 0.9;
