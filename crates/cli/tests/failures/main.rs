//! When the machine gives out: what is said, with which code the server ends, and that nothing is lost that anybody was told.

mod clock;
mod full;
mod house;
#[path = "../support/ledger.rs"]
mod ledger;
#[path = "../support/native.rs"]
mod native;
#[path = "../support/needs.rs"]
#[expect(dead_code, reason = "other tests need programs, too")]
mod needs;
#[path = "../support/new_room.rs"]
mod new_room;
#[path = "../support/server.rs"]
mod server;
mod start;
mod wall;
mod while_it_runs;
