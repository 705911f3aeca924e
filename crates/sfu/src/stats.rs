//! What the threads have counted, copied out as values. Nothing in here is about a person.

use media::Load;

use crate::egress::Segmentation;

/// All shards, in order; `None` for one that did not answer in time or has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    pub shards: Vec<Option<ShardStats>>,
}

/// One shard: counters since its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardStats {
    /// Counted by the media engine.
    pub media: media::Stats,
    /// Times the thread woke up.
    pub wake_ups: u64,
    /// Gauge: how busy the thread was in its last second.
    pub load: Load,
    /// Datagrams fetched from the socket.
    pub received: u64,
    /// Of these, longer than anything that is looked at.
    pub too_long: u64,
    /// Datagrams the kernel dropped because they were not fetched in time: the machine is too slow, or the buffer was
    /// not granted.
    pub missed: u64,
    /// Messages handed to the kernel; with segmentation one message is several datagrams.
    pub sent: u64,
    /// Messages the kernel did not take.
    pub refused: u64,
    /// Messages for connections (media over TCP) that were dropped because these had not taken the earlier ones.
    pub behind: u64,
    /// Gauge: connections.
    pub connections: usize,
    /// Messages for other shards that were dropped because these were too far behind.
    pub undelivered: u64,
    /// Inputs whose handling panicked and was given up.
    pub panics: u64,
    /// Bytes of the socket's receive buffer as granted; the kernel counts about 1 KiB for a small packet.
    pub receive_buffer: usize,
    pub segmentation: Segmentation,
}
