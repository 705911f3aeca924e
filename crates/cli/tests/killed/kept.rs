//! What the server keeps of people, as simply as it can be written down; and as it stands in the database.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};

/// Everything by handle. Sessions and invitations are not here: those are tried, and counted by [`crate::ledger`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) accounts: BTreeMap<String, Account>,
    /// Who follows whom.
    pub(crate) follows: BTreeSet<(String, String)>,
    /// Who blocks whom.
    pub(crate) blocks: BTreeSet<(String, String)>,
    /// In order.
    pub(crate) reports: Vec<Report>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// None for the owner, and for whoever came by somebody who is erased.
    pub(crate) invited_by: Option<String>,
    pub(crate) standing: Standing,
    /// By their ids.
    pub(crate) passkeys: BTreeSet<Vec<u8>>,
    /// Recovery codes that are not used, as they lie there.
    pub(crate) codes: BTreeSet<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    #[default]
    Good,
    Suspended,
}

/// One that nobody has decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Report {
    pub(crate) by: Option<String>,
    pub(crate) about: Option<String>,
    pub(crate) heard: BTreeSet<String>,
}

/// What one request makes of it.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Follow(String, String),
    Unfollow(String, String),
    Block(String, String),
    Unblock(String, String),
    Suspend(String),
    Lift(String),
    Erase(String),
    /// Under an id that only the answer tells.
    AddPasskey(String),
    RemovePasskey(String, Vec<u8>),
    /// All new; only the answer tells them.
    MakeCodes(String),
    UseCode(String, Vec<u8>),
}

impl Change {
    /// Whether it leads from what was kept to what is found: all of it.
    pub(crate) fn leads(&self, before: &Kept, found: &Kept) -> bool {
        match self {
            Self::AddPasskey(who) => {
                let new = new_passkeys(before, found, who);
                let mut after = before.clone();
                after.account(who).passkeys.extend(new.iter().cloned());
                new.len() == 1 && after == *found
            }
            Self::MakeCodes(who) => {
                let mut after = before.clone();
                let old = std::mem::take(&mut after.account(who).codes);
                let new = found.accounts.get(who).map(|account| account.codes.clone()).unwrap_or_default();
                let fresh = new.is_disjoint(&old) && new.len() == protocol::limits::RECOVERY_CODES;
                after.account(who).codes = new;
                fresh && after == *found
            }
            _ => self.done(before.clone()) == *found,
        }
    }

    fn done(&self, mut kept: Kept) -> Kept {
        let pair = |one: &String, other: &String| (one.clone(), other.clone());
        match self {
            Self::Follow(by, to) => drop(kept.follows.insert(pair(by, to))),
            Self::Unfollow(by, to) => drop(kept.follows.remove(&pair(by, to))),
            Self::Block(by, to) => {
                kept.blocks.insert(pair(by, to));
                kept.follows.remove(&pair(by, to));
                kept.follows.remove(&pair(to, by));
            }
            Self::Unblock(by, to) => drop(kept.blocks.remove(&pair(by, to))),
            Self::Suspend(who) => kept.account(who).standing = Standing::Suspended,
            Self::Lift(who) => kept.account(who).standing = Standing::Good,
            Self::Erase(who) => kept.erase(who),
            Self::RemovePasskey(who, id) => drop(kept.account(who).passkeys.remove(id)),
            Self::UseCode(who, code) => drop(kept.account(who).codes.remove(code)),
            Self::AddPasskey(_) | Self::MakeCodes(_) => {}
        }
        kept
    }
}

/// Of this member, those that were not there before.
pub(crate) fn new_passkeys(before: &Kept, found: &Kept, who: &str) -> Vec<Vec<u8>> {
    let of = |kept: &Kept| kept.accounts.get(who).map(|account| account.passkeys.clone()).unwrap_or_default();
    of(found).difference(&of(before)).cloned().collect()
}

impl Kept {
    pub(crate) fn account(&mut self, handle: &str) -> &mut Account {
        self.accounts.entry(handle.to_owned()).or_default()
    }

    pub(crate) fn is_there(&self, handle: &str) -> bool {
        self.accounts.contains_key(handle)
    }

    /// There, and not suspended.
    pub(crate) fn stands(&self, handle: &str) -> bool {
        self.accounts.get(handle).is_some_and(|account| account.standing == Standing::Good)
    }

    /// Whether one of the two blocks the other.
    pub(crate) fn apart(&self, one: &str, other: &str) -> bool {
        self.blocks.iter().any(|(by, to)| (by == one && to == other) || (by == other && to == one))
    }

    /// Gone everywhere; whom they invited stays.
    fn erase(&mut self, who: &str) {
        self.accounts.remove(who);
        for account in self.accounts.values_mut() {
            account.invited_by.take_if(|by| by == who);
        }
        for pairs in [&mut self.follows, &mut self.blocks] {
            pairs.retain(|(by, to)| by != who && to != who);
        }
        self.reports.retain(|report| report.about.as_deref() != Some(who));
        for report in &mut self.reports {
            report.by.take_if(|by| by == who);
            report.heard.remove(who);
        }
        self.reports.sort();
    }

    /// A room has filed it. Whoever has no account any more is left out, and of somebody who was reported and has none
    /// nothing is kept.
    pub(crate) fn file(&mut self, by: &str, about: &str, heard: impl Iterator<Item = String>) {
        if !self.is_there(about) {
            return;
        }
        let there = |who: &str| self.is_there(who).then(|| who.to_owned());
        let report = Report {
            by: there(by),
            about: there(about),
            heard: heard.filter(|who| self.is_there(who)).collect(),
        };
        self.reports.push(report);
        self.reports.sort();
    }
}

/// From the file.
pub(crate) async fn read(database: &Path) -> Kept {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    let mut database = options.connect().await.expect("the database is there");
    let mut kept = Kept::default();
    let members = "SELECT m.handle, i.handle AS invited_by, m.suspended FROM members m \
                   LEFT JOIN members i ON i.id = m.invited_by";
    for row in rows(&mut database, members).await {
        let standing = if row.get::<i64, _>("suspended") == 0 { Standing::Good } else { Standing::Suspended };
        let account = Account { invited_by: row.get("invited_by"), standing, ..Account::default() };
        kept.accounts.insert(row.get("handle"), account);
    }
    let passkeys = "SELECT m.handle, p.id AS thing FROM passkeys p JOIN members m ON m.id = p.member";
    for row in rows(&mut database, passkeys).await {
        kept.account(row.get("handle")).passkeys.insert(row.get("thing"));
    }
    let codes =
        "SELECT m.handle, c.code_hash AS thing FROM recovery_codes c JOIN members m ON m.id = c.member";
    for row in rows(&mut database, codes).await {
        kept.account(row.get("handle")).codes.insert(row.get("thing"));
    }
    let follows = "SELECT a.handle AS one, b.handle AS other FROM follows f \
                   JOIN members a ON a.id = f.follower JOIN members b ON b.id = f.followed";
    kept.follows = rows(&mut database, follows).await.iter().map(pair).collect();
    let blocks = "SELECT a.handle AS one, b.handle AS other FROM blocks x \
                  JOIN members a ON a.id = x.blocker JOIN members b ON b.id = x.blocked";
    kept.blocks = rows(&mut database, blocks).await.iter().map(pair).collect();
    kept.reports = reports(&mut database).await;
    kept
}

async fn reports(database: &mut SqliteConnection) -> Vec<Report> {
    let mut heard: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    let signed = "SELECT s.report, m.handle FROM report_signatures s JOIN members m ON m.id = s.member";
    for row in rows(database, signed).await {
        heard.entry(row.get("report")).or_default().insert(row.get("handle"));
    }
    let all = "SELECT r.number, b.handle AS by, m.handle AS about FROM reports r \
               LEFT JOIN members b ON b.id = r.reporter LEFT JOIN members m ON m.id = r.reported";
    let read = |row: &SqliteRow| Report {
        by: row.get("by"),
        about: row.get("about"),
        heard: heard.get(&row.get("number")).cloned().unwrap_or_default(),
    };
    let mut reports: Vec<Report> = rows(database, all).await.iter().map(read).collect();
    reports.sort();
    reports
}

async fn rows(database: &mut SqliteConnection, query: &'static str) -> Vec<SqliteRow> {
    sqlx::query(query).fetch_all(database).await.expect("read")
}

fn pair(row: &SqliteRow) -> (String, String) {
    (row.get("one"), row.get("other"))
}
