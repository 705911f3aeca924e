//! Going down politely.

/// Whether the server is about to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Draining {
    /// It is not.
    No,
    /// No new rooms; sockets were told and stay open for now.
    Told { seconds: u16 },
    /// Sockets close.
    Closing,
}
