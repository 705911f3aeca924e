//! Everything that the server keeps: what for, until when, and who sees it. The one list: `docs/what-is-kept.md` is
//! written from it (`cargo xtask types`), and tests hold it against the schema of a fresh database. A column without a
//! line here does not pass.

mod beside;
mod columns;

use std::time::Duration;

use protocol::limits::{
    CEREMONY_PERIOD, DEVICE_LINK_PERIOD, INVITE_PERIOD, OWNER_LINK_PERIOD, SESSION_PERIOD, SESSIONS_MAX,
    SIGNIN_LINK_PERIOD,
};

pub use beside::{BESIDE, Beside, IN_MEMORY, ON_THE_DEVICE};
pub use columns::COLUMNS;

use crate::limits::{COPY_KEPT_DAYS, INVITE_KEPT_DAYS, INVITES_KEPT_MAX};

/// One column of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
    /// What it is for.
    pub why: &'static str,
    pub until: Until,
    pub seen_by: SeenBy,
}

/// When a value goes. Whoever erases their account takes all of theirs along, whatever stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// As long as the account it belongs to.
    Account,
    /// As long as the row it stands in, which its first line says.
    Row,
    /// In the words given.
    Words(&'static str),
}

/// Whom the server shows it to. Whoever runs the server can read the file that all of this stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenBy {
    /// Everybody with an account here.
    Members,
    /// The member it is about, and nobody else.
    Own,
    /// Nobody: it is compared, counted or looked up by, and never shown.
    Nobody,
    /// Whoever opens the server's address.
    Anyone,
    /// In the words given.
    Words(&'static str),
}

const fn column(
    table: &'static str,
    name: &'static str,
    why: &'static str,
    until: Until,
    seen_by: SeenBy,
) -> Column {
    Column { table, name, why, until, seen_by }
}

// What is said in words below.
const _: () = assert!(INVITE_KEPT_DAYS == 30 && INVITES_KEPT_MAX == 200 && COPY_KEPT_DAYS == 30);
const _: () = assert!(SESSIONS_MAX == 20 && days(SESSION_PERIOD) == 180 && days(INVITE_PERIOD) == 7);
const _: () = assert!(DEVICE_LINK_PERIOD.as_secs() == 120 && OWNER_LINK_PERIOD.as_secs() == 3_600);
const _: () = assert!(days(SIGNIN_LINK_PERIOD) == 1 && CEREMONY_PERIOD.as_secs() == 300);

const fn days(period: Duration) -> u64 {
    period.as_secs() / (24 * 3_600)
}

const INTERNAL: &str = "Ties rows together; random, and said to nobody else.";
const BLOCKS: &str = "Its member, their own. Nobody else, the person blocked least of all.";
const PINGS: &str = "Its member, their own. Nobody else, the person who pings least of all.";
const FOLLOWS: &str =
    "Everybody with an account here: a profile lists whom somebody follows, and who follows them.";
const SAID: &str = "Until they change it, or the account is erased.";

const ORDER: &str = "The member it is about, and the administrators.";
const REPORT: &str = "The administrators, and whoever made or signed the report.";

const EVENT: &str = "Whoever it is for: everybody with an account here, people whom a host follows, or those who are named with it. Not \
                     whom its host blocks.";
const GOING: &str = "The member it is about; the event's hosts, until it begins. Everybody who sees the event sees how many there are.";

const CLUB: &str = "Everybody with an account here, but for whoever is banned from it.";
const BANS: &str = "The member it is about, and those who keep order in the club.";
const TIE: &str = "Who runs a club: everybody with an account here. Who is in it: its members. Who asks or is invited: they, and those who \
                   keep order there. Who follows it: they themselves; others see how many.";
