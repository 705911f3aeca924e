//! A line between two of our own processes: typed messages over a stream socket pair, with descriptors.
//!
//! One frame is a length, a number of descriptors, and the postcard form of one message ([`codec`]). Descriptors
//! travel as SCM_RIGHTS with the first byte of their frame. Both ends are blocking ([`Sender`], [`Receiver`]); a
//! process that must never wait for the other uses [`Outbox`] and [`Inbox`] with `poll(2)`.

mod blocking;
mod codec;
pub mod limits;
mod polled;
mod socket;

pub use blocking::{Receiver, Sender, pair};
pub use codec::{Decoder, Frame, LineError, Received};
pub use polled::{Flushed, Inbox, Outbox};
