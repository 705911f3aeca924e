//! Keeping order without evidence: reports. Nothing is recorded for them, and nobody writes anything: a reason from a
//! list, who, whom, the day, and who heard it too.

use serde::{Deserialize, Serialize};

use crate::id::ReportNumber;
use crate::text::Handle;

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

/// A report of mine. `GET /api/v1/reports` (a list), and `DELETE /api/v1/reports/NUMBER` once I have read what became of
/// it: from then on nothing says that it was mine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct MyReport {
    /// Which.
    pub number: ReportNumber,
    /// Whom I reported; none for a guest.
    pub reported: Option<Handle>,
    /// Why.
    pub reason: ReportReason,
    /// The day, as days since the Unix epoch.
    pub day: u32,
    /// What became of it.
    pub outcome: ReportOutcome,
}
