//! Moves voice packets, and decides nothing about people.
//!
//! Sans-IO: datagrams, commands and time go in by `handle_*`, datagrams go out through [`Egress`], messages and
//! events come out by `poll_*`. A [`Shard`](shard::Shard) owns its peers (ICE-lite, DTLS, SRTP) and the rows that name
//! what each of them hears; a channel lives on one home shard, picks the loudest talkers into slots, and its frames
//! travel once to every shard that has rows.

mod bundle;
mod class;
mod demux;
pub mod dtls;
pub mod egress;
pub mod ice;
pub mod key;
pub mod limits;
mod loss;
pub mod message;
pub mod packet;
mod peer;
mod phase;
mod reception;
mod red;
mod rows;
pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod shard;
pub mod srtp;
pub mod stun;
pub mod tcp;

// --- the room side (levels, slot choice, channels) ---
mod bucket;
pub mod channel;
mod clock;
mod intake;
pub mod level;
pub mod log;
mod select;

pub use channel::{Channel, TooManyVoices};
pub use egress::{Egress, SendBatch};
pub use key::{ChannelKey, Incarnation, PeerKey, ShardIndex, Talker};
pub use log::RoomLog;
pub use loss::Losses;
pub use message::{Admission, Command, Event, GoneReason, Recipient, ShardMessage};
pub use packet::{Frame, Level, Payload, SLOT_SSRC, SLOTS, Slots, Voice, VoicePacket};
pub use phase::Pacing;
pub use shard::{Shard, ShardConfig, Stats};
pub use tcp::ConnectionId;
