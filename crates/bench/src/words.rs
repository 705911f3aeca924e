//! The report for people: what was measured, then what it cost, what was heard, and what can be believed of it.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::report::{Delay, Figures, FloorReport, Report, SignallingReport};

/// Some lines of text.
pub fn in_words(figures: &Figures) -> String {
    match figures {
        Figures::Voice(report) => voice(report),
        Figures::Signalling(report) => signalling(report),
    }
}

fn signalling(report: &SignallingReport) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "\n{} sockets, {} in each of {} rooms and {} in the hallway, {:.0} s, on {} processors\n",
        report.sockets,
        report.listeners,
        report.rooms,
        report.viewers,
        report.duration_seconds,
        report.processors,
    );
    let told = format!("{} titles, {:.0} messages a second", report.titles, report.messages_per_second);
    line(&mut text, "everybody was told of", &told);
    if let (Some(all), Some(beyond)) =
        (report.server_cpu_us_per_message, report.server_cpu_us_per_message_beyond_still)
    {
        let cost = format!("{all:.2} µs, {beyond:.2} µs of it for being told");
        line(&mut text, "server CPU for each message", &cost);
    }
    threads(&mut text, &report.server_cores_by_thread);
    delay(&mut text, "from command to message, in rooms", &report.delay_in_rooms);
    delay(&mut text, "from command to message, in the hallway", &report.delay_in_the_hallway);
    if let Some(ratio) = report.titles_heard_ratio_in_rooms {
        line(&mut text, "heard by the sample in rooms", &format!("{:.2} %", ratio * 100.0));
    }
    if let Some(kib) = report.kib_per_idle_socket {
        line(&mut text, "memory for each socket", &format!("{kib:.1} KiB"));
    }
    if let (Some(idle), Some(still)) =
        (report.percent_of_core_with_idle_sockets, report.percent_of_core_in_still_rooms)
    {
        let percent = format!("{idle:.1} % of a processor in the hallway, {still:.1} % in rooms");
        line(&mut text, "CPU while nothing happens", &percent);
    }
    line(&mut text, "sockets that ended by themselves", &report.sockets_ended.to_string());
    if let Some(why) = &report.first_failure {
        line(&mut text, "the first that did not open", why);
    }
    line(&mut text, "the bench itself kept busy", &format!("{:.2} processors", report.generator_cores));
    warn(&mut text, &report.bottlenecks, report.build);
    text.push('\n');
    text
}

fn threads(text: &mut String, threads: &BTreeMap<String, f64>) {
    let mut threads: Vec<_> = threads.iter().filter(|(_, cores)| **cores > 0.001).collect();
    threads.sort_by(|one, other| other.1.total_cmp(one.1));
    if !threads.is_empty() {
        let threads: Vec<String> = threads.iter().map(|(kind, cores)| format!("{kind} {cores:.3}")).collect();
        line(text, "processors, by kind of thread", &threads.join(", "));
    }
}

fn warn(text: &mut String, bottlenecks: &[String], build: &str) {
    for sentence in bottlenecks {
        let _ = writeln!(text, "  THE BENCH WAS THE BOTTLENECK. {sentence}");
    }
    if build == "debug" {
        let _ = writeln!(text, "  This is a debug build: its figures say nothing about the product.");
    }
}

fn voice(report: &Report) -> String {
    let mut text = String::new();
    title(&mut text, report);
    cost(&mut text, report);
    heard(&mut text, report);
    arrived(&mut text, report);
    held(&mut text, report);
    believed(&mut text, report);
    text
}

fn title(text: &mut String, report: &Report) {
    let rooms = if report.rooms == 1 { "One room".to_owned() } else { format!("{} rooms", report.rooms) };
    let _ = writeln!(
        text,
        "\n{rooms}, {} talking, {} listening{}{}, {:.0} s, on {} processors\n",
        report.speakers,
        report.listeners,
        if report.rooms == 1 { "" } else { " in each" },
        if report.via == "whep" { " by WHEP" } else { "" },
        report.duration_seconds,
        report.processors,
    );
}

fn cost(text: &mut String, report: &Report) {
    let _ = writeln!(text, "What it costs");
    match report.server_cpu_ns_per_packet {
        Some(ns) => {
            line(text, "server CPU for each packet that was heard", &microseconds(ns));
            if report.packed_packets_ratio > 0.0
                && let Some(ns) = report.server_cpu_ns_per_frame
            {
                line(text, "for each 20 ms that were heard", &microseconds(ns));
            }
        }
        None => line(text, "server CPU", "not known: the server is elsewhere"),
    }
    if let Some(floor) = &report.floor {
        floors(text, report, floor);
    }
    if let Some(cores) = report.server_cores {
        line(text, "processors kept busy by the server", &format!("{cores:.2}"));
    }
    threads(text, &report.server_cores_by_thread);
    if let Some(us) = report.server_cpu_us_per_listener_second {
        line(text, "server CPU for each listener", &format!("{us:.0} µs a second"));
    }
    line(text, "packets heard", &format!("{:.0} a second", report.packets_per_second));
}

fn floors(text: &mut String, report: &Report, floor: &FloorReport) {
    let of = |ns: f64, drift: f64, ratio: Option<f64>| {
        let ratio =
            ratio.map(|ratio| format!(", the server costs {ratio:.2} times that")).unwrap_or_default();
        format!("{} (± {:.0} % in this run){ratio}", microseconds(ns), drift * 50.0)
    };
    let paced = of(floor.paced_ns, floor.paced_drift_ratio, report.cpu_over_floor_ratio);
    let flat = of(floor.flat_ns, floor.flat_drift_ratio, report.cpu_over_flat_floor_ratio);
    line(text, "the floor in the same rhythm", &paced);
    line(text, "the floor flat out", &flat);
}

fn heard(text: &mut String, report: &Report) {
    let _ = writeln!(text, "\nWhat was heard");
    let lost = format!(
        "{} of {} frames ({:.4} %){}",
        report.frames_lost,
        report.frames_expected,
        report.loss_ratio * 100.0,
        match report.loss_beyond_floor_ratio {
            Some(beyond) if report.frames_lost > 0 =>
                format!(", {:.4} % beyond what the floor loses", beyond * 100.0),
            _ => String::new(),
        }
    );
    line(text, "lost", &lost);
    if let Some(kept @ 1..) = report.frames_not_forwarded {
        line(text, "came from a speaker and went to nobody", &format!("{kept} frames"));
    }
    delay(text, "added delay", &report.added_delay);
    delay(text, "added delay, several frames in a packet", &report.packed_delay);
    if let (Some(jitter), Some(gap)) = (report.jitter_p99_ms, report.longest_gap_ms) {
        line(text, "jitter", &format!("p99 {jitter:.2} ms; longest gap {gap:.0} ms"));
    }
    let sample = &report.sample;
    let wrong = sample.garbled + sample.gaps + sample.misplaced + sample.miscounted;
    let verdict = if wrong == 0 {
        "all there, whole and in order".to_owned()
    } else {
        format!(
            "{} garbled, {} missing, {} out of order, {} miscounted",
            sample.garbled, sample.gaps, sample.misplaced, sample.miscounted
        )
    };
    let checked = format!("{} frames at {} listeners: {verdict}", sample.frames, sample.listeners);
    line(text, "decrypted and checked", &checked);
}

fn delay(text: &mut String, what: &str, delay: &Delay) {
    if let (Some(p50), Some(p99), Some(p99_9), Some(max)) =
        (delay.p50_ms, delay.p99_ms, delay.p99_9_ms, delay.max_ms)
    {
        let values = format!("p50 {p50:.2} ms, p99 {p99:.2} ms, p99.9 {p99_9:.2} ms, longest {max:.0} ms");
        line(text, what, &values);
    }
}

fn arrived(text: &mut String, report: &Report) {
    let joins = &report.joins;
    let _ = writeln!(text, "\nHow people came in");
    let connected = format!("{} of {} within {:.1} s", joins.connected, joins.asked, joins.ramp_seconds);
    line(text, "connected", &connected);
    if let (Some(p50), Some(p95), Some(slowest)) = (joins.p50_ms, joins.p95_ms, joins.slowest_ms) {
        let times = format!("p50 {p50:.0} ms, p95 {p95:.0} ms, slowest {slowest:.0} ms");
        line(text, "from asking to connected", &times);
    }
    if let (Some(p50), Some(p95)) = (joins.to_sound_p50_ms, joins.to_sound_p95_ms) {
        line(text, "from asking to the first sound", &format!("p50 {p50:.0} ms, p95 {p95:.0} ms"));
    }
    if let Some(us) = joins.server_cpu_us_per_join {
        line(text, "server CPU for each", &format!("{:.2} ms", us / 1e3));
    }
    if joins.lost > 0 {
        line(text, "lost later", &joins.lost.to_string());
    }
    if let Some(why) = &joins.first_failure {
        line(text, "the first who did not get in", why);
    }
}

fn held(text: &mut String, report: &Report) {
    let Some(memory) = &report.memory else { return };
    let _ = writeln!(text, "\nWhat the server holds");
    let each =
        format!("{:.1} KiB, {:.0} s after the last came", memory.kib_per_listener, memory.settled_seconds);
    line(text, "memory for each listener", &each);
    let mib = |kib: u64| format!("{:.1} MiB", kib as f64 / 1_024.0);
    let all = format!(
        "{} alone, {} before they came, {} with them",
        mib(memory.at_start_kib),
        mib(memory.before_joins_kib),
        mib(memory.after_joins_kib)
    );
    line(text, "memory in all", &all);
    if let Some(idle) = &report.idle {
        let with = idle.with_listeners_percent_of_core;
        let with = with.map(|percent| format!(", {percent:.1} % with everybody there")).unwrap_or_default();
        let percent = format!("{:.2} % of a processor alone{with}", idle.alone_percent_of_core);
        line(text, "CPU while nobody talks", &percent);
    }
}

fn believed(text: &mut String, report: &Report) {
    let generator = &report.generator;
    let _ = writeln!(text, "\nWhat to believe");
    let busy = format!(
        "{:.2} processors, of which the thread that listens {:.2}",
        generator.cores, generator.listening_thread_cores
    );
    line(text, "the bench itself kept busy", &busy);
    let by_itself = format!(
        "{:.2} checks and {:.2} reports a second",
        generator.checks_per_listener_second, generator.reports_per_listener_second
    );
    line(text, "each listener's connection sent", &by_itself);
    warn(text, &generator.bottlenecks, report.build);
    if let Some(floor) = &report.floor
        && floor.paced_drift_ratio > NOISY
    {
        let _ = writeln!(
            text,
            "  The floor moved by {:.0} % between before and after: this machine is busy with something else, repeat.",
            floor.paced_drift_ratio * 100.0
        );
    }
    text.push('\n');
}

/// Floors of a quiet machine differ by less.
const NOISY: f64 = 0.15;

fn line(text: &mut String, what: &str, value: &str) {
    let _ = writeln!(text, "  {what:<43}{value}");
}

fn microseconds(ns: f64) -> String {
    format!("{:.2} µs", ns / 1e3)
}
