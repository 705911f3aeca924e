//! The sealed blobs of a room.

/// One separately committed piece of a room's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The room itself, everyone on stage and everyone waiting.
    Core,
    /// A share of the audience.
    Audience(u8),
}

/// Why a room could not be rebuilt. It ends, and people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// Written by another version.
    #[error("unknown version")]
    UnknownVersion,
    /// There is no core.
    #[error("no core")]
    NoCore,
    /// Not what this version writes.
    #[error("malformed")]
    Malformed,
}
