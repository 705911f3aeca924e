//! What processes hold at one moment: `holds PID…` reads marks, a line each, what it is called and its bytes in hex with a
//! tab between them, and writes a line for each place where one of them is: of which process, what, and where.
//!
//! The same search as that of `crates/cli/tests/canary`: all of them stand still while their memory and the registers of their
//! threads are copied, and what is looked for is looked for in the copies.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal of a test")]

#[path = "../../../crates/cli/tests/canary/marks.rs"]
#[allow(dead_code, reason = "people of the tests have addresses and texts, too")]
mod marks;
#[path = "../../../crates/cli/tests/canary/memory.rs"]
#[allow(dead_code, reason = "keys are looked for there as well")]
mod memory;
#[path = "../../../crates/cli/tests/canary/still.rs"]
mod still;

use std::io::Read as _;
use std::process::ExitCode;

use marks::Marks;
use rustix::process::Pid;

fn main() -> ExitCode {
    let processes: Option<Vec<Pid>> =
        std::env::args().skip(1).map(|word| word.parse().ok().and_then(Pid::from_raw)).collect();
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text).is_ok();
    let marks: Option<Vec<_>> = text.lines().map(mark).collect();
    let (Some([live, parent]), Some(marks), true) = (processes.as_deref(), marks, read) else {
        eprintln!("usage: holds PID PID < MARKS");
        return ExitCode::from(2);
    };
    let mut all = Marks::default();
    for (what, bytes) in marks {
        all.bytes(what, bytes);
    }
    let copies = memory::copies([*live, *parent]);
    for (copy, process) in copies.all.iter().zip([live, parent]) {
        for place in copy.find(&all) {
            println!("{}\t{place}", process.as_raw_nonzero());
        }
    }
    ExitCode::SUCCESS
}

fn mark(line: &str) -> Option<(String, Vec<u8>)> {
    let (what, hex) = line.split_once('\t')?;
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(byte).collect();
    Some((what.to_owned(), bytes?))
}
