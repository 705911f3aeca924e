//! What the administrator's shell asks of the keeper, on a socket that only the server's own user can open.
//!
//! `admin.sock` in the data directory (mode 0600). One connection, one [`AdminRequest`], one [`AdminAnswer`], each a
//! [`crate::frame`].

use protocol::account::{LinkKind, Role};
use protocol::id::ReportNumber;
use protocol::order::{OrderCounts, ReportOutcome, ReportReason};
use protocol::text::{DisplayName, Handle};
use protocol::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::secret::LinkSecret;
use crate::typed::{ColumnName, ServerAddress};

/// The socket's name within the data directory.
pub const ADMIN_SOCKET: &str = "admin.sock";

/// `vivavoce admin …`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdminRequest {
    /// `admin invite`: an invitation from the owner, outside their allowance. On a server that waits for its owner:
    /// a new owner link, and the older ones are void. → [`AdminReply::Link`]
    Invite { uses: u32 },
    /// `admin member list`, by handle, after this one. → [`AdminReply::Members`]
    ListMembers { after: Option<Handle> },
    /// `admin signin-link HANDLE`: signs one device of that member in. → [`AdminReply::Link`], or `NotThere`
    SigninLink { handle: Handle },
    /// `admin member suspend HANDLE`: ends every session, and lets none begin. → [`AdminReply::Ended`], or `NotThere`,
    /// `NotAllowed` for the owner
    Suspend { handle: Handle },
    /// `admin member unsuspend HANDLE` → [`AdminReply::Done`], or `NotThere`
    Unsuspend { handle: Handle },
    /// `admin member protect HANDLE`: whom they block does not come into rooms where they are on stage. →
    /// [`AdminReply::Done`], or `NotThere`
    Protect { handle: Handle },
    /// `admin member unprotect HANDLE` → [`AdminReply::Done`], or `NotThere`
    Unprotect { handle: Handle },
    /// `admin branch pause HANDLE`: neither they nor whoever came by them invite for now. → [`AdminReply::Branch`], or
    /// `NotThere`
    PauseBranch { handle: Handle },
    /// `admin branch resume HANDLE` → [`AdminReply::Branch`], or `NotThere`
    ResumeBranch { handle: Handle },
    /// `admin report list`, by number, after this one. → [`AdminReply::Reports`]
    ListReports { after: Option<ReportNumber> },
    /// `admin report resolve NUMBER`: whoever reported hears of it. → [`AdminReply::Done`], or `NotThere`
    Resolve { report: ReportNumber, outcome: ReportOutcome },
    /// `admin counts` → [`AdminReply::Counts`]
    Counts,
    /// `doctor --no-records`: what the database can hold. → [`AdminReply::Columns`]
    Columns,
    /// `admin owner HANDLE`: that member runs the server from now on, in the place of whoever does. →
    /// [`AdminReply::Done`], or `NotThere`
    MakeOwner { handle: Handle },
}

/// What comes back, with where the server is: the shell may have been started with other settings than the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminAnswer {
    pub server: ServerAddress,
    pub reply: AdminReply,
}

/// What comes back to the question itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdminReply {
    /// The shell puts [`AdminAnswer::server`] in front.
    Link {
        kind: LinkKind,
        secret: LinkSecret,
        expires: Timestamp,
    },
    /// Up to [`crate::limits::ADMIN_PAGE`]; ask again after the last one until the page is empty.
    Members(Vec<AdminMember>),
    /// Up to [`crate::limits::REPORTS_PAGE`]; ask again after the last one until the page is empty.
    Reports(Vec<AdminReport>),
    /// So many sessions ended.
    Ended {
        sessions: u32,
    },
    /// So many members are part of the branch, the first included.
    Branch {
        members: u32,
    },
    Counts(OrderCounts),
    Done,
    /// Every column that it has, of every table.
    Columns(Vec<ColumnName>),
    Refused(ErrorCode),
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminMember {
    pub handle: Handle,
    pub name: DisplayName,
    pub role: Role,
    /// The day the account was made, as days since the Unix epoch.
    pub day: u32,
    pub invited_by: Option<Handle>,
    pub standing: Standing,
    pub branch: Branch,
}

/// Whether somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    Good,
    Suspended,
}

/// Whether somebody, and whoever came by them, invites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Branch {
    Open,
    Paused,
}

/// One report. Nothing says in which room it was, or what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminReport {
    pub number: ReportNumber,
    /// None for a guest, and once they have read what became of it.
    pub reporter: Option<Handle>,
    /// None for a guest.
    pub reported: Option<Handle>,
    pub reason: ReportReason,
    /// As days since the Unix epoch.
    pub day: u32,
    pub outcome: ReportOutcome,
    /// Who heard it too.
    pub heard: Vec<Handle>,
}
