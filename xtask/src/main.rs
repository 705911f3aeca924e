//! `cargo xtask`: what is done in this repository besides building it. Needs nothing but the standard library.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to a terminal")]

mod clean_clone;
mod count;
mod machine;
mod plan;
mod process;
mod soak;
mod steps;
mod test;

#[path = "../../web/npm.rs"]
mod npm;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
cargo xtask test [--quick] [--only STEP]   everything that must hold; --quick leaves out the browsers
cargo xtask soak [--hours N]               what finds more the longer it looks: deaths, mangled bytes, rooms' rules, memory
cargo xtask types                          write web/src/protocol/*.ts and docs/what-is-kept.md from the crates
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["test", options @ ..] => test::parse(options).and_then(|wish| test::run(&wish)),
        ["soak", options @ ..] => soak::parse(options).and_then(soak::run),
        ["types"] => types(),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(USAGE.trim_end().to_owned()),
    };
    outcome.unwrap_or_else(|sentence| {
        eprintln!("{sentence}");
        ExitCode::from(2)
    })
}

/// The tests that compare what is generated from Rust are also what writes it.
const GENERATED: [(&str, &str); 3] =
    [("protocol", "types_are_fresh"), ("rooms", "authorisation"), ("store", "what_is_kept")];

fn types() -> Result<ExitCode, String> {
    for (package, test) in GENERATED {
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--quiet", "--package", package, "--test", test]);
        let status = cargo.env("VIVAVOCE_WRITE_TYPES", "1").current_dir(root()).status();
        if !status.map_err(|e| format!("cargo cannot be run: {e}"))?.success() {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The repository's first folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}
