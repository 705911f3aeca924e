//! Nothing is left: an evening in which everything that people bring along is marked, and a look at the memory of the
//! server after it.
//!
//! This binary is two things: the tests; and, where they ask for the control, the server itself under the ordinary
//! allocator (`serve`, `keeper` and `live`), which has to fail.
//!
//! Some evenings are decided by chance: `VIVAVOCE_SEED` asks for others, `VIVAVOCE_CANARY_SECONDS` for the long form, which
//! goes on for so long and waits for what is forgotten after ten minutes.
//!
//! Reading another process' memory is root's: `live` lets nobody else.

#[path = "../support/asks.rs"]
#[expect(dead_code, reason = "others ask as pages with passkeys do, too")]
mod asks;
#[path = "../support/server.rs"]
mod binary;
mod controls;
mod drawn;
mod encrypted;
mod evening;
mod events;
#[path = "../support/grammar.rs"]
mod grammar;
mod kept;
mod keys;
mod marks;
mod memory;
#[path = "../support/native.rs"]
mod native;
#[path = "../support/needs.rs"]
#[expect(dead_code, reason = "other tests need programs, too")]
mod needs;
mod order;
mod people;
mod program;
#[path = "../support/random.rs"]
mod random;
mod server;
mod spoke;
mod still;
#[path = "../support/wall.rs"]
mod wall;
mod watch;
mod written;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    if let Some("serve" | "keeper" | "live" | "outbound" | "admin") = std::env::args().nth(1).as_deref() {
        return cli::run();
    }
    if let Some(how) = std::env::args().nth(1).as_deref().and_then(controls::How::parse) {
        return how.run();
    }
    let stories = if evening::span().is_some() { evening::LONG } else { evening::ALL };
    let trials = stories.iter().map(|(name, story)| {
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
