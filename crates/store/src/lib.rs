//! What is kept, and nothing else: members, their pictures, passkeys, sessions, recovery codes, invitations, one-time links, follows,
//! clubs, announced events, reports, what is told where (push), and a handful of settings and counts. [`kept`] is the list, column by column,
//! and `docs/what-is-kept.md` is
//! written from it.
//!
//! SQLite today, one SQL text for PostgreSQL tomorrow: `$1`, ids made by the caller, days and milliseconds as integers.
//! Every method is one transaction. Time, ids and hashes are arguments; nothing here reads a clock, draws a random
//! number or sees a secret.

mod about;
mod blocks;
mod calendars;
mod clubs;
mod counts;
mod db;
mod error;
mod events;
mod follows;
mod invites;
pub mod kept;
pub mod limits;
mod links;
mod looks;
mod members;
mod migrate;
mod overwrite;
mod passkeys;
mod pictures;
mod pings;
mod profiles;
mod push;
mod recovery;
mod reports;
mod rows;
mod schema;
mod sessions;
mod settings;
mod standing;
mod types;

pub use about::{Erased, Named};
pub use blocks::Blocked;
pub use clubs::Roll;
pub use db::Store;
pub use error::{StoreError, Trouble};
pub use events::{EventChange, EventNotice, ListedEvent, Over};
pub use follows::{Change, Followed};
pub use invites::{Allowance, NewInvite};
pub use links::{LinkProof, NewLink};
pub use members::{Branch, Listed, SignedUp, Standing};
pub use passkeys::NewPasskey;
pub use pictures::Picture;
pub use pings::Ping;
pub use profiles::{Along, Among};
pub use push::{PushDevice, Pushed};
pub use reports::{ListedReport, NewReport};
pub use sessions::{Held, Signed};
pub use standing::{BranchOf, Suspended};
pub use types::{Day, NewMember, NewSession, Person, SecretHash};
