//! The process with a disk: members, passkeys, sessions, invitations. It never hears of rooms.
//!
//! [`keeper`] answers requests; [`live_line`] carries them, [`admin`] carries those of the administrator's shell, and
//! [`serve`] listens to the parent. Everything runs on one thread; the database has threads of its own.

mod admin;
mod ceremonies;
pub mod certificate;
mod domain;
mod error;
mod keeper;
mod limits;
mod live_line;
mod open;
mod push_key;
mod rates;
mod remembered;
mod repeat;
mod secrets;
mod serve;
mod tls;
mod trust;
pub mod webauthn;

pub use open::is_ours;

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

/// What the database may hold, as `table.column`: the published list.
pub fn published_columns() -> impl Iterator<Item = String> {
    store::kept::COLUMNS.iter().map(|column| format!("{}.{}", column.table, column.name))
}

/// Runs until the parent says stop, or is gone.
///
/// From here on whatever this process makes on the disk is its user's alone (umask 077).
pub fn run(given: Given) -> ExitCode {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(_) => return ExitCode::FAILURE,
    };
    tokio::task::LocalSet::new().block_on(&runtime, serve::serve(given))
}
