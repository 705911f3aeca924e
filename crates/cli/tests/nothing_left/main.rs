//! What the server leaves behind while it works, when memory is short, and when it crashes: nothing.

#[path = "../support/server.rs"]
mod binary;
mod calls;
mod crash;
mod doctor;
#[path = "../support/needs.rs"]
mod needs;
#[path = "../join/people.rs"]
#[expect(dead_code, reason = "shared with the tests of `join`, which need more of it")]
mod people;
mod status;
mod swap;
