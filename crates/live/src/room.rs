//! Rooms, as this process runs them.
//!
//! Each room has one owner ([`actor`]): the only one who touches `rooms::Room`. It takes commands from the bus, commits
//! what changed, and publishes what is to be done about it. Each room has one edge on this machine ([`edge`]): the
//! people who are connected here, with their sockets and their media connections. The edge carries out what the owner
//! publishes ([`effects`]) and knows no rule. Between the two is only the bus, so that with many machines a room keeps
//! one owner and gets an edge wherever somebody is.

mod actor;
mod clubs;
mod commit;
mod concerns;
mod edge;
mod effects;
mod guests;
mod insurance;
mod landing;
mod media;
mod message;
mod registry;
mod reports;
mod seat;

pub(crate) use commit::FORMAT;
pub(crate) use edge::{Enter, ToEdge};
pub(crate) use landing::Landing;
pub(crate) use media::{MediaRoutes, router};
pub(crate) use message::{Answer, Caller, ToOwner, as_code};
pub(crate) use registry::{Rebuilt, Rooms, Wiring, envelope};
pub(crate) use seat::Seated;
