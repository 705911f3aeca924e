//! The control for registers: a process that holds a mark in one of them, and ends when it has been found.

use std::io::{Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use rustix::process::Pid;

use crate::marks::Marks;
use crate::memory;
use crate::people::PATIENCE;

/// What this binary is asked for to be that process.
pub(crate) const HOLDS: &str = "holds";

/// Never comes back, but where nobody says what to hold.
pub(crate) fn hold() -> ExitCode {
    let mut mark = [0; 16];
    match std::io::stdin().read_exact(&mut mark) {
        Ok(()) => memory::holds(&mark),
        Err(_) => ExitCode::FAILURE,
    }
}

pub(crate) fn are_searched() {
    let mut mark = [0; 16];
    rustix::rand::getrandom(&mut mark, rustix::rand::GetRandomFlags::empty()).expect("randomness");
    let mut marks = Marks::default();
    marks.bytes("a mark", mark.to_vec());
    let program = std::env::current_exe().expect("this test");
    let mut child = Command::new(program).arg(HOLDS).stdin(Stdio::piped()).spawn().expect("started");
    child.stdin.take().expect("a pipe").write_all(&mark).expect("it reads");
    let (process, begun) = (Pid::from_child(&child), Instant::now());
    let mut found = false;
    while !found && begun.elapsed() < PATIENCE {
        found = memory::look(process, &marks).iter().any(|place| place.contains("in a register"));
    }
    child.kill().expect("it runs");
    child.wait().expect("ended");
    assert!(found, "then the others prove nothing of registers");
}
