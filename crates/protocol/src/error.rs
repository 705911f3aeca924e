//! Stable names for what went wrong: programs match them, the client turns them into sentences.

use serde::{Deserialize, Serialize};

/// What the caller can act on. Never reveals a block, a ban's author, or that a closed room exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The message or body could not be read.
    Malformed,
    /// Larger than its limit.
    TooLarge,
    /// Sent where it has no meaning, such as a command before entering.
    OutOfOrder,
    /// Asked too often; try again later.
    TooMany,
    /// Nobody is signed in, or the session was revoked or has expired.
    SignedOut,
    /// The request did not come from this server's own pages.
    WrongOrigin,
    /// There is nothing here; the same words for what does not exist and what is closed to the asker.
    NotThere,
    /// This person may not do this.
    NotAllowed,
    /// The person it concerns is not here any more.
    PersonGone,
    /// It does not fit the present state, for example accepting an invitation that was taken back.
    NotNow,
    /// A limit of the room is reached: people, stage, hands, moderators.
    Full,
    /// The room is locked for now.
    Locked,
    /// They were sent out of the room for a time that is not over.
    NotYet,
    /// The link or code is not known, was used, was taken back or has expired; the same words for all.
    LinkSpent,
    /// The handle is taken.
    HandleTaken,
    /// A club here is called that, or something that looks the same.
    NameTaken,
    /// The name is empty, too long or holds characters that cannot be used.
    BadName,
    /// The handle is too short, too long, mixes scripts or holds characters that cannot be used.
    BadHandle,
    /// The title is empty, too long or holds characters that cannot be used.
    BadTitle,
    /// The picture is none, or is broken: neither JPEG nor PNG that can be read.
    BadPicture,
    /// What is said of an event is too long, has too many lines or holds characters that cannot be used.
    BadDescription,
    /// There is no time zone of that name.
    BadZone,
    /// The event would begin in the past.
    StartPast,
    /// The event would begin further ahead than events are announced.
    StartFar,
    /// This member, or everybody together, has announced as many events as there can be.
    EventsFull,
    /// No invitation is left for now.
    NoInviteLeft,
    /// The administrators have paused invitations for this member, or for whoever invited them.
    InvitesPaused,
    /// The proof was right, and the administrators have suspended the account.
    Suspended,
    /// The passkey did not fit, or was cancelled.
    PasskeyRefused,
    /// Nobody here has this passkey, or not any more: whoever keeps it may forget it.
    PasskeyUnknown,
    /// Passkeys cannot work on this address.
    PasskeysUnavailable,
    /// The audio offer could not be answered.
    BadOffer,
    /// The server waits for its owner.
    NoOwnerYet,
    /// Whoever runs the server cannot be erased while they do: somebody else becomes its owner first.
    OwnerStays,
    /// The server has no capacity left for this now.
    Busy,
    /// The server is going down and takes nothing new.
    Draining,
    /// The client speaks a version that is no longer understood; reload.
    OldClient,
    /// Something broke on the server. Nothing about it is sent.
    Internal,
}

/// The body of every HTTP error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorCode,
}
