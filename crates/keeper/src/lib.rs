//! The process with a disk: members, passkeys, sessions, invitations. It never hears of rooms.

use std::os::fd::OwnedFd;
use std::process::ExitCode;

use keeper_api::parent::{FromKeeper, Start, ToKeeper};

/// What the parent gave this process.
#[derive(Debug)]
pub struct Given {
    pub start: Start,
    pub to_parent: line::Sender<FromKeeper>,
    pub from_parent: line::Receiver<ToKeeper>,
    /// A blocking stream socket; `live` begins with its hello.
    pub live: OwnedFd,
}

/// Runs until the parent says stop, or is gone.
pub fn run(given: Given) -> ExitCode {
    drop(given);
    ExitCode::FAILURE
}
