//! Moves voice packets, and decides nothing about people.
//!
//! Sans-IO: datagrams, commands and time go in by `handle_*`, datagrams go out through [`Egress`], messages and
//! events come out by `poll_*`. A [`Shard`](shard::Shard) owns its peers (ICE-lite, DTLS, SRTP) and the rows that name
//! what each of them hears; a channel lives on one home shard, picks the loudest talkers into slots, and its frames
//! travel once to every shard that has rows. Large audiences are sent several frames in one packet ([`pack`]) when the
//! load or a setting asks for it.

mod bundle;
mod class;
mod demux;
pub mod dtls;
pub mod egress;
pub mod ice;
pub mod key;
mod ladder;
pub mod limits;
mod load;
mod loss;
pub mod message;
mod pace;
pub mod pack;
pub mod packet;
mod peer;
mod phase;
mod reception;
pub mod red;
pub mod residue;
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
mod credit;
mod intake;
pub mod level;
mod select;
mod solo;

pub use channel::{Channel, TooManyVoices};
pub use clock::Stamp;
pub use egress::{Egress, SendBatch};
pub use key::{ChannelKey, Incarnation, PeerKey, ShardIndex, Talker};
pub use ladder::{PackingRules, UnderLoad};
pub use load::Load;
pub use loss::Losses;
pub use message::{Admission, Command, Ear, Event, GoneReason, Recipient, ShardMessage, Share};
pub use pack::{Form, Packing};
pub use packet::{Frame, Level, Payload, SLOT_SSRC, SLOTS, Slots, Voice, VoicePacket};
pub use phase::Pacing;
pub use shard::{Shard, ShardConfig, Stats};
pub use tcp::ConnectionId;
