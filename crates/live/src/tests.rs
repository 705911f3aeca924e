//! The whole process with somebody else on each side: a keeper and a parent of these tests, clients with their own
//! WebSocket and WebRTC stacks.

mod client;
mod clubs;
mod company;
mod crowd;
mod events;
mod guests;
mod house;
mod http;
mod keeper;
mod kept;
mod pictures;
mod pinged;
mod places;
mod programs;
mod push;
mod recovery;
mod rooms;
mod routes;
mod socket;
mod voice;
mod voices;
// What packets travel on, as in the tests of the media threads.
#[path = "../../sfu/tests/support/wire.rs"]
mod wire;
