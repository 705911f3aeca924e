//! A child process with a log, a time limit, and no survivors.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Stands in the environment of everything a step starts, however far down, so that it can be found again.
const MARK: &str = "VIVAVOCE_XTASK_STEP";

/// How often a child is looked at. A step takes seconds at least.
const LOOK: Duration = Duration::from_millis(50);

/// How often somebody waiting is told that it is still going on.
const REASSURE: Duration = Duration::from_secs(30);

/// Between asking and forcing: browsers close their windows, servers tell their rooms.
const GRACE: Duration = Duration::from_secs(8);

/// How a child ended.
pub(crate) enum End {
    Exit(ExitStatus),
    /// It was ended after its time was over.
    Hung,
}

/// Runs `command` to its end or the limit, both outputs in `log`.
pub(crate) fn run(command: &mut Command, step: &str, log: &Path, limit: Duration) -> Result<End, String> {
    let file = File::options().create(true).append(true).open(log);
    let file = file.map_err(|e| format!("cannot write {}: {e}", log.display()))?;
    let other = file.try_clone().map_err(|e| format!("cannot write {}: {e}", log.display()))?;
    command.env(MARK, mark(step)).env("NO_COLOR", "1").stdin(Stdio::null()).stdout(file).stderr(other);
    for (name, _) in std::env::vars_os() {
        if is_cargo_run(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command.spawn().map_err(|e| format!("{name} cannot be run: {e}"))?;
    watch(child, step, log, limit).map_err(|e| format!("{name}: {e}"))
}

fn watch(mut child: Child, step: &str, log: &Path, limit: Duration) -> std::io::Result<End> {
    let begun = Instant::now();
    let mut reassured = begun;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(End::Exit(status));
        }
        if begun.elapsed() > limit {
            end(step);
            child.wait()?;
            return Ok(End::Hung);
        }
        if reassured.elapsed() > REASSURE {
            reassured = Instant::now();
            println!("{step:<13} {:>5} s  {}", begun.elapsed().as_secs(), last_line(log));
        }
        sleep(LOOK);
    }
}

/// Ends what a finished step has left behind; their names.
pub(crate) fn end_leftovers(step: &str) -> Vec<String> {
    // A browser's helpers go a moment after it.
    let patience = Instant::now();
    while !marked(step).is_empty() && patience.elapsed() < GRACE {
        sleep(LOOK);
    }
    let names = marked(step).iter().map(|pid| name_of(*pid)).collect();
    end(step);
    names
}

/// The last lines of a log, for people.
pub(crate) fn tail(log: &Path, lines: usize) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    last(&String::from_utf8_lossy(&bytes), lines)
}

/// The last lines of a text.
pub(crate) fn last(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

fn last_line(log: &Path) -> String {
    tail(log, 1).chars().take(90).collect()
}

fn end(step: &str) {
    signal("-TERM", &marked(step));
    let asked = Instant::now();
    while !marked(step).is_empty() {
        if asked.elapsed() > GRACE {
            signal("-KILL", &marked(step));
            return;
        }
        sleep(LOOK);
    }
}

fn signal(which: &str, pids: &BTreeSet<u32>) {
    if !pids.is_empty() {
        let pids = pids.iter().map(u32::to_string);
        let _ = Command::new("kill").arg(which).args(pids).stderr(Stdio::null()).status();
    }
}

/// Living processes with the mark, and their descendants (a browser overwrites the environment of its helpers).
fn marked(step: &str) -> BTreeSet<u32> {
    let wanted = format!("{MARK}={}", mark(step));
    let Ok(entries) = fs::read_dir("/proc") else { return BTreeSet::new() };
    let all: Vec<u32> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| !is_zombie(*pid))
        .collect();
    let has_mark = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|pair| pair == wanted.as_bytes())
    };
    let mut found: BTreeSet<u32> = all.iter().copied().filter(has_mark).collect();
    loop {
        let children =
            all.iter().copied().filter(|pid| parent_of(*pid).is_some_and(|parent| found.contains(&parent)));
        let before = found.len();
        found = children.chain(found.iter().copied()).collect();
        if found.len() == before {
            return found;
        }
    }
}

/// Two runs at once each see their own.
fn mark(step: &str) -> String {
    format!("{}-{step}", std::process::id())
}

/// `/proc/PID/stat` after the name, which may contain anything: state, parent, …
fn stat(pid: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

fn is_zombie(pid: u32) -> bool {
    stat(pid).is_none_or(|(state, _)| state == "Z" || state == "X")
}

fn parent_of(pid: u32) -> Option<u32> {
    stat(pid).map(|(_, parent)| parent)
}

fn name_of(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    format!("{} ({pid})", name.trim())
}

/// What `cargo run` adds for this program only. Left in, it would make build scripts run again.
fn is_cargo_run(name: &str) -> bool {
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_PRIMARY_PACKAGE"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log that is gone with the test.
    struct Log(std::path::PathBuf);

    impl Log {
        fn new(name: &str) -> Self {
            Self(std::env::temp_dir().join(format!("vivavoce-xtask-{}-{name}", std::process::id())))
        }
    }

    impl Drop for Log {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    #[test]
    fn a_hanging_step_is_ended_with_everything_it_started() {
        let mut command = Command::new("sh");
        command.args(["-c", "sh -c 'sleep 600 & wait' & sleep 600"]);
        let end = run(&mut command, "hang", &Log::new("hang").0, Duration::from_millis(300)).unwrap();
        assert!(matches!(end, End::Hung));
        assert!(marked("hang").is_empty());
    }

    #[test]
    fn what_a_step_leaves_behind_is_found_though_its_parent_is_gone() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & exit 3"]);
        let end = run(&mut command, "orphan", &Log::new("orphan").0, Duration::from_secs(60)).unwrap();
        assert!(matches!(end, End::Exit(status) if status.code() == Some(3)));
        assert_eq!(marked("orphan").len(), 1);
        super::end("orphan");
        assert!(marked("orphan").is_empty());
    }

    #[test]
    fn both_outputs_are_kept() {
        let log = Log::new("outputs");
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2"]);
        run(&mut command, "outputs", &log.0, Duration::from_secs(60)).unwrap();
        assert_eq!(tail(&log.0, 5), "one\ntwo");
        assert_eq!(tail(&log.0, 1), "two");
    }
}
