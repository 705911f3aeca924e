//! `vivavoce bench`: how much a server carries on this machine, against what the machine could carry at all.
//!
//! Everybody in it is real: an account, a socket, a media connection with its own handshake and keys, on a WebRTC stack
//! that is not the server's. What is cheap is the listening: most listeners look at packets from outside ([`score`]).
//!
//! Read [`run`] for the order of things, `crowd.rs` for how thousands listen on one thread, `floor.rs` for what the
//! figures are compared with, `docs/bench.md` for what each figure means.

mod crowd;
mod error;
mod floor;
mod gathering;
mod histogram;
mod house;
mod limits;
mod meter;
mod people;
mod plan;
mod play;
mod plot;
mod process;
mod progress;
mod report;
mod rtp;
mod run;
mod score;
mod sent;
mod sequence;
mod server;
mod signals;
mod speech;
mod stop;
mod summary;
mod sys;
mod timers;
mod wires;
mod words;

pub use error::BenchError;
pub use plan::{Plan, PlanError, Target, Ticket, Via, What, WithFloor};
pub use plot::svg;
pub use progress::Progress;
pub use report::{Figures, Report, SignallingReport};
pub use run::run;
pub use server::ServerError;
pub use words::in_words;
