use std::collections::BTreeMap;

use super::*;
use crate::crowd::Outcome;
use crate::report::Figures;

const SECOND: i64 = 1_000_000_000;

fn floor(paced: f64) -> Floor {
    Floor { flat: 1_000.0, paced, paced_sent: 10_000, paced_lost: 100 }
}

fn plan() -> Plan {
    Plan { listeners: 2, duration: Duration::from_secs(10), ..Plan::default() }
}

/// Two listeners, one of whom missed a tenth of 500 frames, and a server that worked a second in ten.
fn seen() -> Seen {
    let mut heard = Tally { packets: 950, bytes: 950 * 112, frames: 950, forwarded: 499, ..Tally::default() };
    (1..=950).for_each(|n| heard.delay.add(n * 10_000));
    let audience = Ended {
        outcome: Outcome { tally: heard, frames: vec![500, 450], ..Outcome::default() },
        connected: vec![Some(SECOND + 30_000_000), Some(2 * SECOND + 10_000_000)],
        hears: vec![None; 2],
        lost: 0,
    };
    let stage = Ended { outcome: Outcome { said: vec![500], ..Outcome::default() }, ..Ended::default() };
    let worked = |server: u64, took: u64| Worked {
        server: Some(Duration::from_millis(server)),
        threads: BTreeMap::new(),
        generator: Duration::from_millis(500),
        took: Duration::from_secs(took),
    };
    let resident = |kib: u64| vec![Resident { name: "live".to_owned(), bytes: kib << 10 }];
    Seen {
        stage: Some(stage),
        audience: Some(audience),
        asked: vec![Some(SECOND), Some(2 * SECOND)],
        coming: 0..2,
        joined: 2,
        worked: Some(worked(1_000, 10)),
        joining: Some(Joining { worked: worked(30, 5), baseline: worked(2, 1) }),
        before: resident(1_000),
        after: resident(1_040),
        ..Seen::default()
    }
}

fn report_of(seen: &Seen, floors: Option<(Floor, Floor)>) -> Report {
    report(&plan(), seen, &Alone::default(), floors).expect("it was heard")
}

fn near(value: Option<f64>, expected: f64) {
    let value = value.expect("known");
    assert!((value - expected).abs() < expected * 0.01 + 1e-9, "{value} is not {expected}");
}

#[test]
fn what_was_worked_is_shared_among_what_was_heard_and_set_against_the_floor() {
    let report = report_of(&seen(), Some((floor(2_000.0), floor(3_000.0))));
    near(report.server_cpu_ns_per_packet, 1e9 / 950.0);
    near(report.server_cpu_ns_per_packet_in_and_out, 1e9 / 1_450.0);
    near(report.cpu_over_floor_ratio, 1e9 / 950.0 / 2_500.0);
    near(report.cpu_over_flat_floor_ratio, 1e9 / 950.0 / 1_000.0);
    near(report.floor.map(|floor| floor.paced_drift_ratio), 0.4);
    near(report.server_cpu_us_per_listener_second, 50_000.0);
}

#[test]
fn what_was_missed_is_lost_and_the_floors_share_of_it_is_taken_off() {
    let report = report_of(&seen(), Some((floor(2_000.0), floor(2_000.0))));
    assert_eq!((report.frames_expected, report.frames_lost), (1_000, 50));
    near(Some(report.loss_ratio), 0.05);
    near(report.loss_beyond_floor_ratio, 0.04);
    assert_eq!(report.frames_not_forwarded, Some(1));
}

#[test]
fn joins_and_memory_are_told_without_what_was_there_before() {
    let report = report_of(&seen(), None);
    near(report.joins.p50_ms, 10.0);
    near(report.joins.slowest_ms, 30.0);
    // 30 ms in five seconds, of which 2 ms a second without anybody.
    near(report.joins.server_cpu_us_per_join, 10_000.0);
    near(report.memory.map(|memory| memory.kib_per_listener), 20.0);
    assert_eq!(report.cpu_over_floor_ratio, None);
}

#[test]
fn those_who_came_while_it_was_measured_are_not_missed() {
    let plan = Plan { already_there: 1, ..plan() };
    let seen = Seen { coming: 1..2, joined: 1, joining: None, ..seen() };
    let report = report(&plan, &seen, &Alone::default(), None).expect("it was heard");
    assert_eq!((report.frames_expected, report.frames_lost), (500, 0));
    assert_eq!(report.joins.connected, 1);
}

#[test]
fn a_bench_that_was_the_bottleneck_says_so_to_people_too() {
    let mut seen = seen();
    let honest = crate::words::in_words(&Figures::Voice(Box::new(report_of(&seen, None))));
    assert!(!honest.contains("BOTTLENECK"), "{honest}");
    if let Some(audience) = &mut seen.audience {
        audience.outcome.dropped = 7;
        audience.outcome.busy = Duration::from_secs(10);
    }
    let report = report_of(&seen, None);
    assert_eq!(report.generator.bottlenecks.len(), 2, "{:?}", report.generator.bottlenecks);
    assert!(crate::words::in_words(&Figures::Voice(Box::new(report))).contains("BOTTLENECK. 7 datagrams"));
}

#[test]
fn silence_is_no_figure() {
    let mut seen = seen();
    if let Some(audience) = &mut seen.audience {
        audience.outcome.tally.packets = 0;
    }
    assert!(matches!(report(&plan(), &seen, &Alone::default(), None), Err(BenchError::Silence)));
}
