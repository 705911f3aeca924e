//! Keeping order without evidence: reports. Nothing is recorded for them, and nobody writes anything: a reason from a
//! list, who, whom, the day, and who heard it too.

use serde::{Deserialize, Serialize};

use crate::id::ReportNumber;
use crate::text::{DisplayName, Handle};

/// Why somebody is reported. A list and no text: what was said is nobody's to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ReportReason {
    /// Insults, or somebody who does not leave others alone.
    Harassment,
    /// Against people for what they are.
    Hate,
    /// Of violence, or of making private things known.
    Threats,
    /// Sexual content that nobody asked for.
    Sexual,
    /// Advertising, or noise to drown others.
    Spam,
    /// Pretends to be somebody else.
    Impersonation,
    /// Something that is on no list.
    Other,
}

impl ReportReason {
    /// Every reason, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Harassment,
        Self::Hate,
        Self::Threats,
        Self::Sexual,
        Self::Spam,
        Self::Impersonation,
        Self::Other,
    ];
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ReportOutcome {
    /// Nobody has decided yet.
    Open,
    /// Looked at, and something was done.
    ActedOn,
    /// Looked at, and nothing was done.
    NothingDone,
}

/// What I had to do with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ReportPart {
    /// I made it.
    Made,
    /// I heard it too: somebody else was quicker, or asked.
    Heard,
}

/// A report that I made or signed. `GET /api/v1/reports` (a list), and `DELETE /api/v1/reports/NUMBER` once I have read what
/// became of it: from then on nothing says that I had to do with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct MyReport {
    /// Which.
    pub number: ReportNumber,
    /// Whether I made it or signed it.
    pub part: ReportPart,
    /// Who was reported; none for a guest.
    pub reported: Option<Handle>,
    /// Why.
    pub reason: ReportReason,
    /// The day, as days since the Unix epoch.
    pub day: u32,
    /// What became of it.
    pub outcome: ReportOutcome,
}

/// Order, for whoever runs the server and nobody else. `GET /api/v1/order`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct OrderPage {
    /// What is kept.
    #[serde(flatten)]
    pub kept: OrderView,
    /// How often somebody was put out of a room since the server last started: in tens, and kept nowhere. What is kept says of
    /// no room that it took place.
    pub put_out: u64,
}

/// What is kept of order.
///
/// Of each list at most so many ([`crate::limits::ORDER_REPORTS_MAX`], [`crate::limits::ORDER_PEOPLE_MAX`]) come at a time;
/// how many there are stands in the counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct OrderView {
    /// Reports that nobody has decided, those that wait longest first.
    pub reports: Vec<OpenReport>,
    /// Whoever is suspended, by handle. `PUT` and `DELETE /api/v1/order/suspended/HANDLE`, which answer nothing.
    pub suspended: Vec<OrderPerson>,
    /// For whom invitations are paused, and for whoever came by them, by handle. `PUT` and `DELETE
    /// /api/v1/order/paused/HANDLE`.
    pub paused: Vec<OrderPerson>,
    /// Whose blocks reach further ([`BlockReach::Room`]), by handle. `PUT` and `DELETE /api/v1/order/protected/HANDLE`.
    pub protected: Vec<OrderPerson>,
    /// How often, and how many.
    pub counts: OrderCounts,
}

/// A report that waits to be decided. Nothing says in which room it was, or what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct OpenReport {
    /// Which.
    pub number: ReportNumber,
    /// None for a guest.
    pub reporter: Option<Handle>,
    /// None for a guest.
    pub reported: Option<Handle>,
    /// Why.
    pub reason: ReportReason,
    /// The day, as days since the Unix epoch.
    pub day: u32,
    /// Who heard it too.
    pub heard: Vec<Handle>,
}

/// Somebody about whom something was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct OrderPerson {
    /// Their handle.
    pub handle: Handle,
    /// What they are called.
    pub name: DisplayName,
}

/// How often something was done since the server began, and how many there are now. Nothing of whom or where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
pub struct OrderCounts {
    /// Reports that were made.
    pub reports: u64,
    /// Of these, something was done about.
    pub acted_on: u64,
    /// And nothing about these.
    pub nothing_done: u64,
    /// Accounts that were suspended.
    pub suspensions: u64,
    /// Branches that were paused.
    pub pauses: u64,
    /// Reports that nobody has decided yet.
    pub open: u64,
    /// Members who are suspended.
    pub suspended: u64,
    /// Branches that are paused.
    pub paused: u64,
    /// Members who are protected.
    pub protected: u64,
}

/// How far a safety block goes where whoever made it is on stage and does not keep order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub enum BlockReach {
    /// Whom they block listens, and does not come up beside them.
    #[default]
    Stage,
    /// Whom they block does not find the room, as if they kept order there. The administrators decide for whom.
    Room,
}

/// What is done about a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Nothing: [`ReportOutcome::NothingDone`].
    Dismiss,
    /// Something that nothing here knows of, such as a word with them: [`ReportOutcome::ActedOn`], as the two below.
    SettleOtherwise,
    /// Whoever was reported is suspended.
    Suspend,
    /// Neither they nor whoever came by them invite for now.
    PauseBranch,
}

/// `POST /api/v1/order/reports/NUMBER`: decides a report, once. Whoever made or signed it hears of the outcome. Answers nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Decide {
    /// What is done.
    pub measure: Measure,
}
