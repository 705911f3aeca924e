//! The parent, tested with small processes in place of its children.
//!
//! This binary is three things: the tests; the server under test (`fake-serve`), which is the real parent; and, started
//! by it as `keeper`, `live` and `outbound`, the small processes. `live` is asked over the listening socket that it inherits,
//! so a question that arrives while it is being replaced waits for the next one: no test sleeps.

mod fake;
mod server;
mod stories;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("fake-serve") => fake::serve(arguments.get(2..).unwrap_or_default()),
        Some("fake-panic") => fake::panic(arguments.get(2..).unwrap_or_default()),
        Some("keeper") if arguments.len() == 2 => fake::keeper(),
        Some("live") if arguments.len() == 2 => fake::live(),
        Some("outbound") if arguments.len() == 2 => fake::outbound(),
        _ => {
            let trials = stories::ALL
                .iter()
                .map(|(name, story)| {
                    Trial::test(*name, || {
                        story();
                        Ok(())
                    })
                })
                .collect();
            libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
        }
    }
}
