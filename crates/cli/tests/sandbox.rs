//! The sandbox, tried from the inside by every kind of thread of `live`.

use std::process::{Command, Output};

/// The binary as people run it. Its output is a pipe, as a child's is, so that it holds no file.
fn self_test(flags: &[&str]) -> (Output, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_vivavoce"))
        .arg("live-self-test")
        .args(flags)
        .current_dir(folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("started");
    let text = String::from_utf8(output.stdout.clone()).expect("text");
    (output, text)
}

/// Every kind that `live` has.
const THREADS: [&str; 5] = ["Main", "AsyncWorker", "Blocking", "Fresh", "MediaShard"];

/// What either lock refuses by itself.
const FILES_AND_PROGRAMS: [&str; 10] = [
    "read /etc/passwd",
    "read /proc/self/maps",
    "read /dev/null",
    "write in /tmp",
    "write in .",
    "make a folder in .",
    "make a socket in .",
    "list .",
    "write to /dev/null",
    "start a program",
];
/// What the second lock does not know.
const FIRST_LOCK_ONLY: [&str; 4] = ["memfd_create", "ptrace", "map memory that runs", "open a UDP socket"];
/// More that works where nothing forbids it.
const OTHER_WAYS: [&str; 13] = [
    "connect out",
    "openat",
    "mkdirat",
    "execve",
    "clone a process",
    "process_vm_readv",
    "kill",
    "unshare",
    "become dumpable",
    "make memory run",
    "a datagram pair",
    "bind",
    "connect",
];

fn outcomes<'a>(text: &'a str, outcome: &'a str) -> Vec<&'a str> {
    text.lines().filter(|line| line.starts_with(outcome)).collect()
}

fn assert_shut(flags: &[&str]) -> String {
    let (output, text) = self_test(flags);
    assert_eq!(outcomes(&text, "OPEN"), [""; 0], "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    for thread in THREADS {
        let refused = outcomes(&text, "refused").into_iter().filter(|line| line.contains(thread)).count();
        assert!(refused > 90, "{thread} tried only {refused} ways");
    }
    text
}

#[test]
fn no_thread_of_live_gets_out_of_the_sandbox() {
    let text = assert_shut(&[]);
    assert!(text.starts_with(&format!("Report {{ seccomp: Holds, landlock: {} }}", second(&text))), "{text}");
}

/// The second lock as it must be here: it holds wherever the kernel has it.
fn second(text: &str) -> &'static str {
    let known = text.lines().find_map(|line| line.strip_prefix("the kernel has Landlock: "));
    if known == Some("true") { "Holds" } else { "Missing" }
}

#[test]
fn the_second_lock_by_itself_keeps_every_thread_from_files_programs_and_connections() {
    let (_, text) = self_test(&["--landlock-alone"]);
    let holds = second(&text);
    assert!(text.starts_with(&format!("Report {{ seccomp: Off, landlock: {holds} }}")), "{text}");
    let outcome = if holds == "Holds" { "refused" } else { "OPEN" };
    for thread in THREADS {
        // Who may open one's own memory without any lock depends on the user, so the control below does not ask.
        for what in FILES_AND_PROGRAMS.iter().chain(&["read /proc/self/mem"]) {
            let line = format!("{outcome}\t{thread}\t{what}");
            assert!(text.lines().any(|is| is == line), "{line} is missing in\n{text}");
        }
        // What only the first lock forbids: so much was tried without it.
        for what in FIRST_LOCK_ONLY {
            let line = format!("OPEN\t{thread}\t{what}");
            assert!(text.lines().any(|is| is == line), "{line} is missing in\n{text}");
        }
    }
}

#[test]
fn the_first_lock_holds_without_the_second() {
    let text = assert_shut(&["--no-landlock"]);
    assert!(text.contains("seccomp: Holds, landlock: Off"), "{text}");
}

/// The control: what the other two count as refused does work where nothing forbids it.
#[test]
fn without_the_sandbox_the_same_ways_are_open() {
    let (output, text) = self_test(&["--without-sandbox"]);
    assert!(!output.status.success());
    assert!(text.starts_with("Report { seccomp: Off, landlock: Off }"), "{text}");
    for thread in THREADS {
        for what in FILES_AND_PROGRAMS.iter().chain(&FIRST_LOCK_ONLY).chain(&OTHER_WAYS) {
            let line = format!("OPEN\t{thread}\t{what}");
            assert!(text.lines().any(|is| is == line), "{line} is missing in\n{text}");
        }
    }
}

/// The other control: a thread that is there before the sandbox is free, whatever that reports.
#[test]
fn a_sandbox_that_comes_late_leaves_the_thread_that_was_there_free() {
    let (output, text) = self_test(&["--late"]);
    assert!(!output.status.success());
    assert!(text.starts_with("Report { seccomp: Holds"), "{text}");
    for what in FILES_AND_PROGRAMS.iter().chain(&FIRST_LOCK_ONLY).chain(&OTHER_WAYS) {
        let line = format!("OPEN\tEarly\t{what}");
        assert!(text.lines().any(|is| is == line), "{line} is missing in\n{text}");
    }
}
