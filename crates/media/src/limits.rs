//! Every bound of the media engine, with its unit and its reason.

use std::time::Duration;

/// Shards in one process: one per core, and the subscriber set of a channel is one `u64`.
pub const SHARDS: usize = 64;

/// Peers of one shard. Four times what one core can feed; the index must fit the 24 bits the ufrag has for it.
pub const PEERS_PER_SHARD: u32 = 65_536;

/// Channels of one process: rooms on one machine, with a margin for interpretation channels.
pub const CHANNELS: u32 = 16_384;

/// Bytes of one voice payload. Opus at 128 kbit/s in 40 ms is 640; a 20 ms frame never needs more, and an encrypted
/// frame adds less than 40.
pub const VOICE_PAYLOAD: usize = 960;

/// Bytes of a datagram that is looked at; longer ones are refused unread. One Ethernet frame without IP and UDP.
pub const DATAGRAM: usize = 1_472;

/// Datagrams of one send batch; measured: nothing is gained above 64.
pub const BATCH: usize = 64;

/// Bytes of one message of a send batch: three segments of an ordinary voice packet, or one datagram.
pub const MESSAGE: usize = 2_048;

/// Without an authenticated packet for this long a peer is sent no more media: nobody is flooded who did not ask.
pub const SILENT_AFTER: Duration = Duration::from_secs(15);

/// Without an authenticated packet for this long a peer is gone.
pub const GONE_AFTER: Duration = Duration::from_secs(30);

/// Bytes of an offer. Four audio lines are 6 kB in Chromium; a client that also offers video is read and refused
/// line by line.
pub const OFFER_BYTES: usize = 65_536;

/// Lines of an offer, and formats of one media section; the largest browser offer seen has 600.
pub const OFFER_LINES: usize = 2_000;

/// Media sections of an offer: each is answered.
pub const OFFER_MEDIA: usize = 32;

/// Bytes of a word of an offer that is repeated in the answer (mid, media, format).
pub const OFFER_TOKEN: usize = 64;

/// The canonical name in our sender descriptions (RFC 3550 section 6.5.1): the same for everybody, it names no one.
pub const CNAME: &str = "vivavoce";
