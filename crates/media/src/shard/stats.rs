//! What a shard counts. Numbers only: nothing here names anybody.

/// Counters since the start of the shard, and two gauges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Gauge: peers of this shard.
    pub peers: u64,
    /// Gauge: rows, that is listeners who are sent media.
    pub rows: u64,
    /// Messages handed to the socket; one may hold several datagrams.
    pub messages_out: u64,
    /// Frames that were sent to the rows of this shard.
    pub frames: u64,
    /// Voice packets opened, whether anybody hears them or not.
    pub voice_in: u64,
    /// Connectivity checks answered.
    pub checks: u64,
    /// Datagrams handed to the shard that owns their peer.
    pub strays: u64,
    /// Opened voice packets of peers that may not be heard now.
    pub not_granted: u64,
    /// Datagrams longer than [`crate::limits::DATAGRAM`], voice longer than [`crate::limits::VOICE_PAYLOAD`].
    pub oversized: u64,
    /// Datagrams that are nothing we speak.
    pub malformed: u64,
    /// Datagrams from an address that nobody has authenticated.
    pub unknown: u64,
    /// Checks for an earlier process or an earlier peer.
    pub stale: u64,
    /// Packets that fail their authentication.
    pub forged: u64,
    pub replayed: u64,
    /// Authenticated packets of another source or format than was negotiated.
    pub foreign: u64,
    /// DTLS datagrams dropped: the queue is full, there is no handshake any more, or more would have left than may for an
    /// address that has not shown that it hears us.
    pub handshake_dropped: u64,
    pub handshakes_done: u64,
    pub handshakes_failed: u64,
    /// Voices refused because a channel has too many already.
    pub voices_refused: u64,
}
