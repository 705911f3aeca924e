//! Nothing is left: an evening in which everything that people bring along is marked, and a look at the memory of the
//! server after it.
//!
//! This binary is two things: the tests; and, where they ask for the control, the server itself under the ordinary
//! allocator (`serve`, `keeper` and `live`), which has to fail.
//!
//! Reading another process' memory is root's: `live` lets nobody else.

mod evening;
mod kept;
mod marks;
mod memory;
#[path = "../support/needs.rs"]
#[expect(dead_code, reason = "other tests need programs, too")]
mod needs;
mod people;
mod server;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    if let Some("serve" | "keeper" | "live" | "admin") = std::env::args().nth(1).as_deref() {
        return cli::run();
    }
    let trials = evening::ALL.iter().map(|(name, story)| {
        Trial::test(*name, || {
            if needs::is_root() {
                story();
            } else {
                needs::not_run(name, "reading a server's memory and giving it a disk of its own is root's");
            }
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
