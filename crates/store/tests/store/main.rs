//! The store from outside: what every database has to do, and what the file holds.

mod about;
mod blocks;
mod clubs;
mod common;
mod contract;
mod events;
mod kept;
mod order;
mod pings;
mod profiles;
mod push;
mod signing_in;
