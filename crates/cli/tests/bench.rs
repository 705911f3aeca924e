//! `vivavoce bench` against the real server: small, whole, and honest.

use std::process::{Command, Output};

use serde_json::Value;

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vivavoce"))
        .arg("bench")
        .args(arguments)
        .env_clear()
        .output()
        .expect("it runs")
}

fn figures(arguments: &[&str]) -> Value {
    let output = bench(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn number(figures: &Value, path: &str) -> f64 {
    figures.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("no {path} in {figures:#}"))
}

/// Nothing is missing but what the listeners' own sockets lost: on a busy machine they are not read in time.
fn expect_all_heard(figures: &Value) {
    // Each such datagram held three frames at most (`media::limits`).
    let excused = 3.0 * number(figures, "/generator/datagrams_lost_here");
    let lost = number(figures, "/frames_lost");
    assert!(lost <= excused, "{lost} frames lost, {excused} excused: {figures:#}");
    assert_eq!(number(figures, "/frames_received") + lost, number(figures, "/frames_expected"));
    assert!(number(figures, "/sample/gaps") <= excused, "{figures:#}");
    for wrong in ["garbled", "misplaced", "miscounted"] {
        assert_eq!(number(figures, &format!("/sample/{wrong}")), 0.0, "{figures:#}");
    }
}

const SMALL: &[&str] =
    &["--duration", "3s", "--ramp", "1s", "--settle", "1s", "--json", "--media-threads", "2"];

#[test]
fn a_small_bench_hears_everything_and_says_what_it_cost() {
    let folder = tempfile::tempdir().expect("a folder");
    let plot = folder.path().join("plot.svg");
    let plot = plot.to_str().expect("a path");
    let shape = ["--rooms", "2", "--speakers", "2", "--listeners", "20", "--plot", plot];
    let figures = figures(&[&shape, SMALL].concat());

    assert_eq!(number(&figures, "/joins/connected"), 40.0, "{figures:#}");
    // Two speakers in each room, 50 packets a second, a listener hears both.
    let expected = number(&figures, "/frames_expected");
    assert!((11_000.0..=12_400.0).contains(&expected), "{expected}");
    expect_all_heard(&figures);
    assert_eq!(number(&figures, "/frames_not_forwarded"), 0.0);
    assert_eq!(number(&figures, "/packets_unmatched"), 0.0);
    assert_eq!(number(&figures, "/packets_twice"), 0.0);
    assert!(number(&figures, "/sample/frames") > 1_000.0, "somebody decrypted");

    for positive in [
        "/server_cpu_ns_per_packet",
        "/cpu_over_floor_ratio",
        "/cpu_over_flat_floor_ratio",
        "/added_delay/p50_ms",
        "/added_delay/p99_9_ms",
        "/jitter_p99_ms",
        "/joins/p95_ms",
        "/joins/server_cpu_us_per_join",
        "/memory/kib_per_listener",
        "/floor/paced_before_ns",
        "/floor/flat_after_ns",
    ] {
        assert!(number(&figures, positive) > 0.0, "{positive} in {figures:#}");
    }
    assert!(number(&figures, "/added_delay/p50_ms") <= number(&figures, "/added_delay/p99_ms"));
    let drawn = std::fs::read_to_string(plot).expect("a picture");
    assert!(drawn.starts_with("<svg") && drawn.trim_end().ends_with("</svg>"));
}

#[test]
fn the_same_load_by_the_standards_endpoint_gives_the_same_figures() {
    let shape = ["--speakers", "2", "--listeners", "20", "--via", "whep", "--without-floor"];
    let figures = figures(&[&shape, SMALL].concat());
    assert_eq!(figures["via"], "whep");
    assert_eq!(number(&figures, "/joins/connected"), 20.0, "{figures:#}");
    let expected = number(&figures, "/frames_expected");
    assert!(
        (5_500.0..=6_200.0).contains(&expected),
        "two speakers, fifty a second, twenty who hear both: {expected}"
    );
    expect_all_heard(&figures);
    for positive in
        ["/server_cpu_ns_per_packet", "/added_delay/p99_ms", "/joins/p95_ms", "/memory/kib_per_listener"]
    {
        assert!(number(&figures, positive) > 0.0, "{positive} in {figures:#}");
    }
}

#[test]
fn packets_that_are_lost_on_purpose_are_missed() {
    let figures = figures(&[&["--listeners", "8", "--without-floor", "--lose-one-in", "10"], SMALL].concat());
    let loss = number(&figures, "/loss_ratio");
    assert!((0.08..0.12).contains(&loss), "one in ten: {loss}");
    assert!(number(&figures, "/sample/gaps") > 0.0, "the sample missed them too");
    assert_eq!(figures["cpu_over_floor_ratio"], Value::Null);
}

#[test]
fn titles_reach_everybody_in_rooms_and_in_the_hallway() {
    let shape = ["--rooms", "2", "--listeners", "10", "--signalling-only", "--viewers", "10"];
    let figures = figures(&[&shape, SMALL].concat());
    assert_eq!(number(&figures, "/sockets"), 30.0, "{figures:#}");
    assert_eq!(number(&figures, "/connected"), 20.0);
    assert_eq!(number(&figures, "/sockets_ended"), 0.0);
    assert!(number(&figures, "/titles") >= 4.0, "each room changes its title several times a second");
    assert_eq!(number(&figures, "/titles_heard_ratio_in_rooms"), 1.0, "{figures:#}");
    // Ten listeners hear each, and the viewers some.
    assert!(number(&figures, "/messages_delivered") >= 10.0 * number(&figures, "/titles"));
    for positive in ["/delay_in_rooms/p99_ms", "/delay_in_the_hallway/p99_ms", "/server_cpu_us_per_message"] {
        assert!(number(&figures, positive) > 0.0, "{positive} in {figures:#}");
    }
}

#[test]
fn what_cannot_be_measured_is_a_sentence_and_nothing_is_started() {
    for (arguments, word) in [
        (&["--listeners", "30000"][..], "at most"),
        (&["--speakers", "0"], "speakers"),
        (&["--rooms", "0"], "rooms"),
        (&["--duration", "1h"], "TIME"),
        (&["--duration", "10ms"], "second"),
        (&["--listen", "127.0.0.1:1"], "decides"),
        (&["--pid", "1"], "--url"),
        (&["--listeners", "0"], "listen"),
        (&["--listeners", "0", "--signalling-only"], "Nobody"),
        (&["--viewers", "5"], "--signalling-only"),
        (&["--url", "http://127.0.0.1:1"], "--link"),
        (&["--url", "127.0.0.1", "--link", "x"], "address"),
    ] {
        let output = bench(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}
