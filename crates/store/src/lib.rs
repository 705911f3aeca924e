//! What is kept, and nothing else: members, passkeys, sessions, recovery codes, invitations, one-time links, follows,
//! and a handful of settings. `migrations/` is the published list, column by column; `tests/store/kept.rs` holds it.
//!
//! SQLite today, one SQL text for PostgreSQL tomorrow: `$1`, ids made by the caller, days and milliseconds as integers.
//! Every method is one transaction. Time, ids and hashes are arguments; nothing here reads a clock, draws a random
//! number or sees a secret.

mod db;
mod error;
mod follows;
mod invites;
pub mod limits;
mod links;
mod looks;
mod members;
mod migrate;
mod passkeys;
mod recovery;
mod rows;
mod sessions;
mod settings;
mod types;

pub use db::Store;
pub use error::StoreError;
pub use follows::{Change, Followed};
pub use invites::{Allowance, NewInvite};
pub use links::{LinkProof, NewLink};
pub use members::{Listed, SignedUp};
pub use passkeys::NewPasskey;
pub use sessions::{Held, Signed};
pub use types::{Day, NewMember, NewSession, Person, SecretHash};
