//! The whole process with somebody else on each side: a keeper and a parent of these tests, clients with their own
//! WebSocket and WebRTC stacks.

mod client;
mod house;
mod http;
mod keeper;
mod recovery;
mod rooms;
mod socket;
mod voice;
mod voices;
