//! The parent: binds the sockets, starts the keeper and `live`, and keeps the rooms' sealed blobs while it is at it.
//!
//! One thread, one `poll(2)`. It never waits for a child, parses nothing from the network, and has no key.
//! [`supervisor`] decides; the rest here carries out.

pub(crate) mod addresses;
mod child;
pub(crate) mod descriptors;
mod greeting;
pub mod log_pipe;
mod parent;
mod signals;
pub(crate) mod sockets;
pub mod supervisor;

use std::process::ExitCode;

use crate::config::Config;
use crate::memory::{self, Verdict};
use crate::say;

/// How long a server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// A signal says so.
    Told,
    /// The same, or whoever holds the other end of our standard input lets go of it, be it by dying.
    StdinCloses,
}

/// Runs the server until it is told to stop.
pub fn run(config: &Config, until: Until) -> ExitCode {
    descriptors::keep_to_ourselves();
    match memory::judge(&memory::swap_areas(), memory::lock(), config.swap) {
        Verdict::Fine => {}
        Verdict::Warning(complaint) => say::err(&complaint.to_string()),
        Verdict::Refusal(complaint) => {
            say::err(&complaint.to_string());
            return ExitCode::FAILURE;
        }
    }
    let sockets = match sockets::bind(config) {
        Ok(sockets) => sockets,
        Err(sentence) => {
            say::err(&sentence.to_string());
            return ExitCode::FAILURE;
        }
    };
    if let Some(warning) = descriptors::raise() {
        say::err(&warning);
    }
    let signals = signals::listen(until);
    match signals.and_then(|signals| parent::Parent::new(config, sockets, signals)) {
        Ok(parent) => parent.run(),
        Err(error) => {
            say::err(&format!("The server cannot start: {error}."));
            ExitCode::FAILURE
        }
    }
}
