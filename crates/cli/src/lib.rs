//! The one binary: `serve` (the parent), its three children, the administrator's shell, and the configuration.
//!
//! `main` is one call of [`run`] under the wiping allocator. The parent ([`serve`]) binds the sockets, starts the
//! keeper, `live` and `outbound` ([`children`]) and keeps them running; it parses nothing that comes from the network and holds no
//! key.

mod admin;
mod args;
mod bench;
pub mod children;
pub mod config;
mod doctor;
pub mod harden;
mod join;
mod memory;
mod say;
pub mod serve;

use std::process::ExitCode;

pub use args::{Command, ask};

/// The command line did not make sense, or the configuration does not.
pub const EXIT_CONFIG: u8 = 2;

/// The whole program.
pub fn run() -> ExitCode {
    let command = match ask(std::env::args_os(), std::env::vars_os()) {
        Ok(command) => command,
        Err(args::Stop::Help(text)) => {
            say::out(&text);
            return ExitCode::SUCCESS;
        }
        Err(args::Stop::Wrong(sentence)) => {
            say::err(&sentence);
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    harden::this_process();
    match command {
        Command::Serve(config, until) => serve::run(&config, until),
        Command::Keeper => children::keeper(),
        Command::Live => children::live(),
        Command::Outbound => children::outbound(),
        Command::LiveSelfTest(locks) => children::live_self_test(locks),
        Command::Admin(config, request) => admin::run(&config, request),
        Command::Doctor(config, question, format) => doctor::run(&config, question, format),
        Command::Bench(asked) => bench::run(&asked),
        Command::Join(asked) => join::run(*asked),
        Command::ConfigPrint(text) => {
            say::out(&text);
            ExitCode::SUCCESS
        }
        Command::ConfigCheck => {
            say::out("The configuration is good.\n");
            ExitCode::SUCCESS
        }
    }
}
