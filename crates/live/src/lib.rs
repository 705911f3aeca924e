//! The process with the network: HTTP, sockets, rooms, media. It has no disk.
//!
//! [`process`] puts it together; [`http`] has every route on one page; [`socket`] is one client's line; [`room`] runs
//! rooms (an owner each, and an edge for the people connected here); [`hallway`] knows everybody and every card;
//! [`keeper`] asks the process with a disk, and [`pushes`] carries out what that says by itself.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use cluster::Blob;
use cluster::parent::{FromLive, Start, ToLive};

mod calendar;
mod clock;
mod company;
mod drain;
pub mod forwarded;
mod fresh;
mod hallway;
mod http;
mod keeper;
mod limits;
mod log;
mod metrics;
mod often;
mod outbound;
mod pictures;
mod pings;
mod places;
mod process;
mod program;
mod push;
mod pushes;
mod reach;
mod room;
pub mod selftest;
mod serve;
mod socket;
pub mod talk;
#[cfg(test)]
mod tests;
mod tls;

pub use sfu::{LEANING, Machine, SOCKETS_PER_SHARD, Segmentation, probe};

/// What the parent gave this process.
#[derive(Debug)]
pub struct Given {
    pub start: Start,
    /// What an earlier run committed. They open with the key that the keeper's welcome brings.
    pub blobs: Vec<Blob>,
    pub to_parent: line::Sender<FromLive>,
    pub from_parent: line::Receiver<ToLive>,
    /// This process begins with its hello.
    pub keeper: UnixStream,
    pub http: Vec<TcpListener>,
    /// Where metrics are read: one at most.
    pub metrics: Vec<TcpListener>,
    /// [`SOCKETS_PER_SHARD`] for each media shard, all on the port of `start.config.media_port`.
    pub media: Vec<UdpSocket>,
    /// What holds this process in, as far as the kernel allows; every client is told.
    pub sandbox: sandbox::Report,
    pub memory: Memory,
}

/// Whether the system could move what a process remembers to a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// It stays where it is.
    Locked,
    /// It goes where the system has swap.
    Loose,
}

/// Runs until the parent says stop, or is gone. Called on the only thread of a process that is sandboxed already.
pub fn run(given: Given) -> ExitCode {
    process::run(given)
}
