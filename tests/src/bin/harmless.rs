//! Whether what a server says is of the form that cannot carry what anybody said or is called: `harmless URL` reads everything
//! that the server at this address has said, and writes the lines that are not.
//!
//! The same form as for programs that come as people do (`crates/cli/tests/canary`).

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal of a test")]

#[path = "../../../crates/cli/tests/support/grammar.rs"]
mod grammar;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("usage: harmless URL < SAID");
        return ExitCode::from(2);
    };
    let Ok(said) = std::io::read_to_string(std::io::stdin()) else {
        eprintln!("what was said is no text");
        return ExitCode::from(2);
    };
    for line in said.lines().filter(|line| !grammar::is_harmless(line, &url)) {
        println!("{line}");
    }
    ExitCode::SUCCESS
}
