//! From what went wrong here to what the asker may know of it.

use protocol::ErrorCode;
use store::StoreError;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The asker is told this.
    #[error("{0:?}")]
    Code(ErrorCode),
    /// The asker is told nothing; whoever runs the server is told that the database failed.
    #[error("the database failed")]
    Store(#[source] StoreError),
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self::Code(code)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Code(match error {
            StoreError::Spent => ErrorCode::LinkSpent,
            StoreError::HandleTaken => ErrorCode::HandleTaken,
            StoreError::NameTaken => ErrorCode::NameTaken,
            StoreError::NotNow => ErrorCode::NotNow,
            StoreError::NotThere => ErrorCode::NotThere,
            StoreError::NotAllowed => ErrorCode::NotAllowed,
            StoreError::Full => ErrorCode::Full,
            StoreError::NoInviteLeft => ErrorCode::NoInviteLeft,
            StoreError::Paused => ErrorCode::InvitesPaused,
            StoreError::Suspended => ErrorCode::Suspended,
            broken @ (StoreError::Newer { .. }
            | StoreError::Unreadable(_)
            | StoreError::Copy(_)
            | StoreError::Database(_)) => return Self::Store(broken),
        })
    }
}

impl Refusal {
    /// The same failure under another name, where the plain one would say too much or too little.
    pub(crate) fn instead(self, of: ErrorCode, say: ErrorCode) -> Self {
        match self {
            Self::Code(code) if code == of => Self::Code(say),
            other => other,
        }
    }
}
