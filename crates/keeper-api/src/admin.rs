//! What the administrator's shell asks of the keeper, on a socket that only the server's own user can open.
//!
//! `admin.sock` in the data directory (mode 0600). One connection, one [`AdminRequest`], one [`AdminAnswer`], each a
//! [`crate::frame`].

use protocol::account::{LinkKind, Role};
use protocol::text::{DisplayName, Handle};
use protocol::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::secret::LinkSecret;
use crate::typed::ServerAddress;

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
}
