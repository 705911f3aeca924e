//! The process that calls out: it takes sealed letters to `https` addresses that browsers gave, and says what came of them.
//!
//! It knows an address, some headers and bytes that it cannot open: no room, no person, no database. It has no disk
//! ([`sandbox`]); what it needs of one, the name servers and the hosts of this machine, it reads before it is shut in
//! ([`look_around`]). It says nothing in the log. Whom it may call is decided in [`whither`] and [`public`], what an answer means
//! in [`verdict`]; [`carry`] does it.

mod carry;
mod limits;
mod public;
mod serve;
#[cfg(test)]
mod tests;
mod verdict;
mod way;
mod whither;

use std::process::ExitCode;

use outbound_api::parent::{FromOutbound, Start, ToOutbound};

pub use way::{Surroundings, look_around};

/// What the parent gave this process.
#[derive(Debug)]
pub struct Given {
    pub start: Start,
    pub surroundings: Surroundings,
    pub to_parent: line::Sender<FromOutbound>,
    pub from_parent: line::Receiver<ToOutbound>,
}

/// Runs until the parent is gone. Called on the only thread of a process that is shut in already.
#[must_use]
pub fn run(given: Given) -> ExitCode {
    serve::run(given)
}
