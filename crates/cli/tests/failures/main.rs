//! When the machine gives out: what is said, with which code the server ends, and that nothing is lost that anybody was told.

mod house;
#[path = "../support/ledger.rs"]
mod ledger;
#[path = "../support/server.rs"]
mod server;
mod start;
mod while_it_runs;
