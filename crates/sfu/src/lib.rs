//! Threads and sockets around [`media::Shard`].
//!
//! One thread per core, each with its own socket of the same port, its own shard, and nothing shared: commands come in
//! and messages pass between shards by value, through bounded mailboxes. No async runtime, no file, no name of anybody.
//!
//! [`start`] gives a [`Handle`]; events come back by the callback given to it.

mod connections;
mod egress;
mod engine;
pub mod framing;
mod handle;
mod lanes;
mod limits;
mod mailbox;
mod meter;
mod pace;
mod probe;
mod registry;
pub mod residue;
mod rest;
mod ring;
mod start;
mod stats;
mod sys;
mod thread;

#[cfg(test)]
mod tests;

pub use egress::Segmentation;
pub use handle::{AdmitError, Admitted, Busy, Handle, NotTaken, OpenError};
pub use limits::{LEANING, SOCKETS_PER_SHARD};
pub use probe::{Machine, probe};
pub use start::{Config, StartError, start};
pub use stats::{ShardStats, Stats};
pub use sys::bind;
