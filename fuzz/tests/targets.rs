//! Every target is given its corpus, word for word and mangled.
//!
//! `VIVAVOCE_FUZZ_SECONDS` asks for longer than a moment for each, `VIVAVOCE_FUZZ_TARGETS` for some of them (names with commas
//! between them), `VIVAVOCE_SEED` for other changes; what is found is written
//! down beside the test's own output, to be put into the corpus.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fuzz::{Mangler, TARGETS, Target};

/// For each target in an ordinary run.
const MOMENT: Duration = Duration::from_millis(400);

fn asked(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

/// Those that are asked for: all of them, where nobody asks.
fn targets() -> Vec<&'static Target> {
    let Ok(names) = std::env::var("VIVAVOCE_FUZZ_TARGETS") else { return TARGETS.iter().collect() };
    names.split(',').map(|name| TARGETS.iter().find(|target| target.name == name).expect("a name")).collect()
}

/// Ends the test with the bytes that did it.
fn tried(target: &Target, bytes: &[u8], how: &str) {
    if catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).is_ok() {
        return;
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-found", target.name));
    std::fs::write(&file, bytes).expect("written");
    panic!("{} cannot bear {how}; it lies in {}:\n{}", target.name, file.display(), bytes.escape_ascii());
}

#[test]
fn what_was_sent_or_found_before_is_borne() {
    for target in targets() {
        let corpus = target.corpus();
        assert!(corpus.len() > 1, "{} has nothing to begin from", target.name);
        corpus.iter().for_each(|bytes| tried(target, bytes, "a file of its corpus"));
    }
}

#[test]
fn what_is_almost_right_is_borne() {
    let seed = asked("VIVAVOCE_SEED").unwrap_or(1);
    let span = asked("VIVAVOCE_FUZZ_SECONDS").map_or(MOMENT, Duration::from_secs);
    let (targets, next) = (targets(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        for thread in (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let (mut mangler, begun, mut tries) =
                            (Mangler::new(seed, target.corpus()), Instant::now(), 0u64);
                        while begun.elapsed() < span {
                            tries += 1;
                            let bytes = mangler.next_input();
                            tried(target, &bytes, &format!("input {tries} of VIVAVOCE_SEED={seed}"));
                        }
                        println!("measured: {} bore {tries} inputs", target.name);
                    }
                })
            })
            .collect::<Vec<_>>()
        {
            thread.join().expect("nothing was found");
        }
    });
}

#[test]
fn a_target_that_cannot_bear_something_is_told_with_the_bytes() {
    let fragile = Target { name: "fragile", run: |bytes| assert!(!bytes.contains(&0x80)), seeds: &[] };
    let mut mangler = Mangler::new(1, vec![b"hello".to_vec(), vec![7; 20]]);
    let found = (0..10_000)
        .map(|_| mangler.next_input())
        .find(|bytes| bytes.contains(&0x80))
        .expect("it changes bytes");
    let told = catch_unwind(|| tried(&fragile, &found, "this")).expect_err("told");
    let told = told.downcast_ref::<String>().expect("a sentence");
    assert!(told.contains("fragile cannot bear this") && told.contains("\\x80"), "{told}");
}

#[test]
fn the_same_seed_tries_the_same() {
    let inputs = |seed| {
        let mut mangler = Mangler::new(seed, Target::named("client_message").corpus());
        (0..50).map(|_| mangler.next_input()).collect::<Vec<_>>()
    };
    assert_eq!(inputs(3), inputs(3));
    assert_ne!(inputs(3), inputs(4));
}
