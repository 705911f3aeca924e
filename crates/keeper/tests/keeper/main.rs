//! A real keeper, with a test as its parent and as its `live`.

mod admin;
mod at_rest;
mod authenticator;
mod bench;
mod clubs;
mod events;
mod kept;
mod line;
mod members;
mod order;
mod owner;
mod passkeys;
mod remembered;
mod restart;
mod tls;
