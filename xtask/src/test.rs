//! `cargo xtask test`: runs the plan, says what happens while it happens, and ends with one line of counts.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use crate::count::{Count, NotRun};
use crate::plan::{Kind, STEPS, Step};
use crate::process;
use crate::root;
use crate::steps::{Context, Outcome};

/// What was asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) extent: Extent,
    pub(crate) only: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Full,
    Quick,
}

pub(crate) fn parse(options: &[&str]) -> Result<Wish, String> {
    let mut wish = Wish { extent: Extent::Full, only: Vec::new() };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match *option {
            "--quick" => wish.extent = Extent::Quick,
            "--only" => {
                let name = options.next().copied().unwrap_or_default();
                if !STEPS.iter().any(|step| step.name == name) {
                    let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
                    return Err(format!("--only takes one of: {}", names.join(", ")));
                }
                wish.only.push(name.to_owned());
            }
            other => return Err(format!("unknown option {other:?}; there are --quick and --only STEP")),
        }
    }
    Ok(wish)
}

pub(crate) fn run(wish: &Wish) -> Result<ExitCode, String> {
    let root = root();
    let logs = root.join("target/xtask");
    fs::create_dir_all(&logs).map_err(|e| format!("cannot create {}: {e}", logs.display()))?;

    let begun = Instant::now();
    let mut sum = Count::default();
    let mut troubles: BTreeMap<&str, String> = BTreeMap::new();
    let mut left_out = Vec::new();
    let mut not_run = Vec::new();
    for step in STEPS {
        if !asked_for(step, wish) {
            left_out.push(step.name);
            continue;
        }
        let outcome = match step.needs.iter().find(|need| troubles.contains_key(*need)) {
            Some(need) => Outcome::failed(format!("not run, because \"{need}\" failed")),
            None => perform(step, &Context { root: &root, logs: &logs, extent: wish.extent, step }),
        };
        sum += outcome.count;
        not_run.extend(outcome.not_run);
        if outcome.count.failed > 0 {
            troubles.insert(step.name, outcome.trouble.unwrap_or_default());
        }
    }
    conclude(&troubles, &left_out, begun);
    println!("{}", totals(sum, &not_run));
    let needed = needed(std::env::var_os("CI").as_deref());
    Ok(if holds(sum, &not_run, needed) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether a test may be left out that the machine does not give what it needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    /// Where `.ci/run` runs, and wherever else `CI` is set: nobody reads what was not run there.
    All,
    /// On the machine of somebody who reads it.
    Some,
}

fn needed(ci: Option<&OsStr>) -> Needed {
    let set = ci.is_some_and(|ci| !ci.is_empty() && ci != "false" && ci != "0");
    if set { Needed::All } else { Needed::Some }
}

fn holds(sum: Count, not_run: &[NotRun], needed: Needed) -> bool {
    sum.failed == 0 && (needed == Needed::Some || not_run.is_empty())
}

/// The last line.
fn totals(sum: Count, not_run: &[NotRun]) -> String {
    let names: Vec<String> = not_run.iter().map(ToString::to_string).collect();
    if names.is_empty() {
        return sum.to_string();
    }
    format!("{sum}, {} not run: {}", names.len(), names.join("; "))
}

fn asked_for(step: &Step, wish: &Wish) -> bool {
    if wish.only.is_empty() {
        return match step.kind {
            Kind::Quick => true,
            Kind::Slow => wish.extent == Extent::Full,
            Kind::Asked => false,
        };
    }
    wish.only.iter().any(|name| name == step.name)
}

fn perform(step: &Step, context: &Context<'_>) -> Outcome {
    println!("{:<13} …", step.name);
    let begun = Instant::now();
    let mut outcome = (step.run)(context);
    for name in process::end_leftovers(step.name) {
        println!("{:<13} left {name} running; ended it", step.name);
    }
    if outcome.count.failed > 0 {
        let trouble = outcome.trouble.get_or_insert_default();
        println!("{}", trouble.trim_end());
    }
    let totals = totals(outcome.count, &outcome.not_run);
    println!("{:<13} {:>5.1} s  {totals}", step.name, begun.elapsed().as_secs_f32());
    outcome
}

fn conclude(troubles: &BTreeMap<&str, String>, left_out: &[&str], begun: Instant) {
    println!();
    if !left_out.is_empty() {
        println!("not run, as asked: {}", left_out.join(", "));
    }
    for (name, trouble) in troubles {
        println!("failed: {name}: {}", trouble.lines().next().unwrap_or_default());
    }
    println!("{} s in all; what each step said is in target/xtask/", begun.elapsed().as_secs());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_can_be_asked_for_alone_even_a_slow_one() {
        let wish = parse(&["--quick", "--only", "firefox"]).expect("both are known");
        let names: Vec<_> =
            STEPS.iter().filter(|step| asked_for(step, &wish)).map(|step| step.name).collect();
        assert_eq!(names, ["firefox"]);
    }

    #[test]
    fn quick_leaves_out_the_browsers_and_full_leaves_out_only_what_has_to_be_asked_for() {
        let quick = parse(&["--quick"]).expect("known");
        assert!(STEPS.iter().all(|step| asked_for(step, &quick) == (step.kind == Kind::Quick)));
        let full = parse(&[]).expect("known");
        assert!(STEPS.iter().all(|step| asked_for(step, &full) == (step.kind != Kind::Asked)));
    }

    #[test]
    fn what_was_not_run_stands_in_the_last_line_and_fails_where_nobody_reads_it() {
        let count = |passed, failed| Count { passed, failed };
        let one = [NotRun { name: "system_calls".to_owned(), reason: "it needs strace".to_owned() }];
        assert_eq!(totals(count(7, 0), &[]), "7 passed, 0 failed");
        assert_eq!(
            totals(count(7, 0), &one),
            "7 passed, 0 failed, 1 not run: system_calls (it needs strace)"
        );
        assert!(holds(count(7, 0), &one, Needed::Some) && !holds(count(7, 0), &one, Needed::All));
        assert!(holds(count(7, 0), &[], Needed::All) && !holds(count(7, 1), &[], Needed::Some));
        assert!(["true", "1"].iter().all(|ci| needed(Some(OsStr::new(ci))) == Needed::All));
        assert!(["false", "0", ""].iter().all(|ci| needed(Some(OsStr::new(ci))) == Needed::Some));
        assert!(needed(None) == Needed::Some);
    }

    #[test]
    fn an_unknown_step_or_option_is_refused() {
        assert!(parse(&["--only", "everything"]).is_err_and(|sentence| sentence.contains("firefox")));
        assert!(parse(&["--only"]).is_err());
        assert!(parse(&["--fast"]).is_err());
    }

    #[test]
    fn every_step_needs_only_steps_before_it() {
        for (at, step) in STEPS.iter().enumerate() {
            for need in step.needs {
                assert!(STEPS[..at].iter().any(|before| before.name == *need), "{} needs {need}", step.name);
            }
        }
    }
}
