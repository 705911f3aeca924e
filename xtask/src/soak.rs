//! `cargo xtask soak`: the tests that find more the longer they look, for hours. Each is one of the ordinary tests, told by
//! its environment to go on; what it finds it writes down, and that becomes a test.

use std::fs;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::process::{self, End};
use crate::root;

/// One of the ordinary tests.
struct Long {
    name: &'static str,
    package: &'static str,
    test: &'static str,
    /// Of every hundred parts of the time.
    share: u32,
    /// What makes it go on for about so long, from this seed.
    asks: fn(seed: u64, span: Duration) -> Vec<(&'static str, String)>,
}

/// Evenings, with three deaths each.
const EVENINGS_MIN: u64 = 1_000;
/// What one takes on two cores, two at a time, in milliseconds.
const EVENING_MS: u64 = 1_200;
/// Cases of the model of a room in a second on one core.
const CASES_PER_SECOND: u64 = 60;
/// Targets that are tried on one core each: an upper bound, so that the rest of the time is not overrun by much.
const TARGETS: u64 = 32;

const LONG: [Long; 4] = [
    Long {
        name: "deaths",
        package: "cli",
        test: "killed",
        share: 35,
        asks: |seed, span| {
            let evenings = (millis(span) / EVENING_MS).max(EVENINGS_MIN);
            vec![("VIVAVOCE_EVENINGS", evenings.to_string()), ("VIVAVOCE_SEED", seed.to_string())]
        },
    },
    Long {
        name: "fuzz",
        package: "fuzz",
        test: "targets",
        share: 45,
        asks: |seed, span| {
            let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
            let each = (span.as_secs() * cores / TARGETS).max(1);
            vec![("VIVAVOCE_FUZZ_SECONDS", each.to_string()), ("VIVAVOCE_SEED", seed.to_string())]
        },
    },
    Long {
        name: "model",
        package: "rooms",
        test: "model",
        share: 10,
        asks: |seed, span| {
            let cases = (span.as_secs() * CASES_PER_SECOND).max(1);
            vec![("PROPTEST_CASES", cases.to_string()), ("PROPTEST_RNG_SEED", seed.to_string())]
        },
    },
    // However short its share is, it waits for what is forgotten after ten minutes.
    Long {
        name: "canary",
        package: "cli",
        test: "canary",
        share: 10,
        asks: |seed, span| {
            let seconds = span.as_secs().to_string();
            vec![("VIVAVOCE_CANARY_SECONDS", seconds), ("VIVAVOCE_SEED", seed.to_string())]
        },
    },
];

/// The time of one round of all of them: what is found early is told early.
const ROUND_MAX: Duration = Duration::from_secs(2 * 3600);
/// Beyond its share, before something counts as hung.
const SLACK: Duration = Duration::from_secs(3600);

/// Hours, as they stand on the command line.
pub(crate) fn parse(options: &[&str]) -> Result<Duration, String> {
    let hours = match options {
        [] => Some(1.0),
        ["--hours", hours] => hours.parse().ok().filter(|hours: &f64| *hours > 0.0 && *hours <= 1_000.0),
        _ => None,
    };
    let hours = hours.ok_or("soak takes --hours N, a number up to 1000")?;
    Ok(Duration::from_secs_f64(hours * 3600.0))
}

/// Round after round until the time is over; stops at the first thing that is found.
pub(crate) fn run(span: Duration) -> Result<ExitCode, String> {
    let logs = root().join("target/xtask");
    fs::create_dir_all(&logs).map_err(|e| format!("cannot create {}: {e}", logs.display()))?;
    let begun = Instant::now();
    let mut seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
    let mut found = false;
    while begun.elapsed() < span && !found {
        let round = (span - begun.elapsed()).min(ROUND_MAX);
        for long in LONG {
            seed += 1_000_000;
            let share = round * long.share / 100;
            println!("{:<8} seed {seed}, for about {} min", long.name, share.as_secs().div_ceil(60));
            let log = logs.join(format!("soak-{}.log", long.name));
            let _ = fs::remove_file(&log);
            let mut cargo = Command::new("cargo");
            cargo.args(["test", "--package", long.package, "--test", long.test, "--", "--nocapture"]);
            cargo.current_dir(root()).env("VIVAVOCE_WEB", "skip").envs((long.asks)(seed, share));
            let end = process::run(&mut cargo, long.name, &log, share + SLACK)?;
            let said = fs::read_to_string(&log).unwrap_or_default();
            let told = |line: &&str| line.starts_with("measured:") || line.starts_with("not run:");
            said.lines().filter(told).for_each(|line| println!("  {line}"));
            // Hours in which part of it did not run are no hours of it.
            let whole = !said.lines().any(|line| line.starts_with("not run:"));
            if !whole || !matches!(end, End::Exit(status) if status.success()) {
                println!(
                    "{}\nfound by {}; all of it is in {}",
                    process::last(&said, 40),
                    long.name,
                    log.display()
                );
                found = true;
                break;
            }
        }
    }
    println!(
        "soaked for {:.2} hours of {:.2}",
        begun.elapsed().as_secs_f64() / 3600.0,
        span.as_secs_f64() / 3600.0
    );
    Ok(if found { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_share_of_the_time() {
        let listed = include_str!("../../fuzz/src/targets.rs").matches("Target {").count() as u64;
        assert!((24..=TARGETS).contains(&listed), "{listed}");
    }

    #[test]
    fn hours_are_a_number_and_one_where_nothing_is_said() {
        assert_eq!(parse(&[]), Ok(Duration::from_secs(3600)));
        assert_eq!(parse(&["--hours", "0.5"]), Ok(Duration::from_secs(1800)));
        for wrong in [&["--hours"][..], &["--hours", "0"], &["--hours", "many"], &["2"], &["--hours", "-1"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_shares_are_the_whole_and_a_thousand_die_however_short_it_is() {
        assert_eq!(LONG.iter().map(|long| long.share).sum::<u32>(), 100);
        let asked = (LONG[0].asks)(1, Duration::from_secs(60));
        let evenings: u64 = asked[0].1.parse().expect("a number");
        assert!(evenings * 3 >= 1_000, "{evenings}");
    }
}
