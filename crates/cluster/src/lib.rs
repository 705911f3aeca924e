//! The seams between one room's owner, its edges, and what outlives a process.
//!
//! - [`coord`]: the room's state, committed by compare-and-set before anything is announced ([`Coord`]);
//! - [`bus`]: commands to the room's one writer, committed events from it ([`Bus`]);
//! - [`media_bus`]: opaque frames between machines ([`MediaBus`]);
//! - [`seal`]: what is committed is sealed first, so that whoever keeps it cannot read it;
//! - [`store`] and [`parent`]: the local form of `Coord`, where the parent process keeps the blobs.
//!
//! Each seam is an enum with one variant today, `Local`. The second will be NATS; two known
//! backends need no trait. Ordering rules ([`bus::Cursor`], [`bus::Numbering`]) and compare-and-set
//! ([`coord::Ledger`]) hold for both and are plain values without IO.

pub mod blob;
pub mod bus;
pub mod coord;
pub mod limits;
pub mod media_bus;
pub mod parent;
pub mod seal;
pub mod store;

pub use blob::{Blob, Commit, Sealed, Tag, Version};
pub use bus::{Bus, Envelope, Epoch, Position, Sequence};
pub use coord::{Change, CommitError, Coord, Put};
pub use media_bus::MediaBus;
pub use seal::{Format, Sealer, SealingKey, UnsealError};
