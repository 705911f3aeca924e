//! Dense handles: an index into an array plus the generation that tells a reused index from its former owner.

use protocol::id::ParticipantId;

/// The person whose voice a packet carries; on the wire the CSRC (RFC 3550 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Talker(pub u32);

impl From<ParticipantId> for Talker {
    fn from(id: ParticipantId) -> Self {
        Self(id.0)
    }
}

impl From<Talker> for ParticipantId {
    fn from(talker: Talker) -> Self {
        Self(talker.0)
    }
}

/// One media shard of this process: one thread, one socket, its own arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardIndex(pub u8);

/// Tells packets of this process from those that belong to an earlier one on the same port. Random at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Incarnation(pub u32);

/// One connection. Whoever admits chooses shard and index, below [`crate::limits::PEERS_PER_SHARD`], and raises the
/// generation whenever an index is used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerKey {
    pub shard: ShardIndex,
    pub index: u32,
    pub generation: u32,
}

/// What one (room, channel) is called here; the index is below [`crate::limits::CHANNELS`] and the same on all
/// shards, the generation is raised whenever an index is used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelKey {
    pub index: u32,
    pub generation: u32,
}
