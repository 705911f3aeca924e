//! What can go wrong on the way to a server, as sentences.

use std::fmt;

use protocol::ErrorCode;

/// Named after what the caller can do.
#[derive(Debug)]
pub enum ApiError {
    /// No connection: try again, or look at the address.
    Unreachable(std::io::Error),
    /// The server is not who it says, or nothing here can tell.
    Untrusted(String),
    /// The server said no, and why.
    Refused(ErrorCode),
    /// The other side does not speak our contract.
    NotUnderstood,
    /// No answer in time.
    Late,
    /// The socket ended, with the code of its last word.
    Ended(Option<u16>),
}

impl ApiError {
    /// Whether the same may work a little later without anybody doing anything.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Late | Self::Ended(_) => true,
            Self::Refused(code) => {
                matches!(
                    code,
                    ErrorCode::Busy | ErrorCode::Draining | ErrorCode::TooMany | ErrorCode::Internal
                )
            }
            Self::Untrusted(_) | Self::NotUnderstood => false,
        }
    }
}

impl std::error::Error for ApiError {}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => write!(f, "The server cannot be reached: {error}."),
            Self::Untrusted(why) => write!(f, "The server's certificate is not trusted: {why}."),
            Self::Refused(code) => f.write_str(sentence(*code)),
            Self::NotUnderstood => f.write_str(
                "What answered there is not a Vivavoce server of a version that this client knows.",
            ),
            Self::Late => f.write_str("The server did not answer in time."),
            Self::Ended(_) => f.write_str("The connection to the server ended."),
        }
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        Self::Unreachable(error)
    }
}

/// A refusal in words.
pub fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Malformed | ErrorCode::TooLarge | ErrorCode::OutOfOrder => {
            "The server did not understand this client."
        }
        ErrorCode::TooMany => "Asked too often; try again in a while.",
        ErrorCode::SignedOut => "Nobody is signed in with this token, or not any more.",
        ErrorCode::WrongOrigin => "The server takes requests from its own pages only.",
        ErrorCode::NotThere => "There is no such room, or it is closed to you.",
        ErrorCode::NotAllowed => "You may not do this.",
        ErrorCode::PersonGone => "This person is not here any more.",
        ErrorCode::NotNow => "This does not work now.",
        ErrorCode::Full => "It is full.",
        ErrorCode::Locked => "The door is locked for now.",
        ErrorCode::NotYet => {
            "You were sent out of this room for ten minutes. After that the door is open to you again."
        }
        ErrorCode::LinkSpent => {
            "This link does not work: it was used, was taken back, has lapsed or never was one."
        }
        ErrorCode::HandleTaken => "Somebody else has this handle.",
        ErrorCode::NameTaken => "A club here is called that.",
        ErrorCode::BadName => "This name is empty, too long or has characters that cannot be used.",
        ErrorCode::BadHandle => "This handle is too short, too long or has characters that cannot be used.",
        ErrorCode::BadTitle => "This title is too long or has characters that cannot be used.",
        ErrorCode::BadPicture => "This is no picture that the server can read.",
        ErrorCode::BadDescription => "This description is too long or has characters that cannot be used.",
        ErrorCode::BadZone => "There is no such time zone.",
        ErrorCode::StartPast => "An event cannot begin in the past.",
        ErrorCode::StartFar => "Events are not announced so far ahead.",
        ErrorCode::EventsFull => "That is as many events as can be announced at a time.",
        ErrorCode::NoInviteLeft => "No invitation is left for now.",
        ErrorCode::InvitesPaused => "Whoever runs this server has paused your invitations.",
        ErrorCode::Suspended => "Whoever runs this server has suspended this account.",
        ErrorCode::PasskeyRefused | ErrorCode::PasskeyUnknown | ErrorCode::PasskeysUnavailable => {
            "Passkeys do not work here."
        }
        ErrorCode::BadOffer => "The server could not answer this client's audio.",
        ErrorCode::NoOwnerYet => "The server waits for its owner.",
        ErrorCode::OwnerStays => {
            "Whoever runs the server cannot be erased; somebody else becomes its owner first."
        }
        ErrorCode::Busy => "The server is too busy; try again in a moment.",
        ErrorCode::Draining => "The server is going down and takes nothing new.",
        ErrorCode::OldClient => "This client is too old for the server.",
        ErrorCode::Internal => "Something broke on the server.",
    }
}
