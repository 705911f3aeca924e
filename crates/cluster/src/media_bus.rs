//! `MediaBus`: opaque frames of one channel of a room, between the machines that have people there.
//!
//! On one machine there is nobody to send to: shards hand packets to each other inside `sfu`, and [`MediaBus::Local`]
//! says so. With NATS a frame goes out once for every machine that listens to its channel, by its own connection,
//! oldest dropped first; a machine subscribes while somebody on it is in the room. What is fixed already is what that
//! needs: the address of a frame is (room, channel), its payload is opaque, and the sender never waits.

use protocol::id::RoomId;

use crate::limits::MAX_MEDIA_FRAME;

/// One channel of one room. Only the floor exists; interpreters will have channels of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    Floor,
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Nobody elsewhere listens.
    NobodyElsewhere,
    /// Longer than a frame may be; dropped.
    TooLong,
}

/// The way to other machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaBus {
    Local,
}

impl MediaBus {
    /// Whether a machine other than this one listens to the channel. The shard asks once a control change, not once
    /// a packet.
    pub fn is_wanted_elsewhere(self, _room: RoomId, _channel: Channel) -> bool {
        match self {
            Self::Local => false,
        }
    }

    /// Sends one opaque frame to whoever listens elsewhere. Never waits.
    pub fn send(self, _room: RoomId, _channel: Channel, frame: &[u8]) -> Sent {
        match self {
            Self::Local if frame.len() > MAX_MEDIA_FRAME => Sent::TooLong,
            Self::Local => Sent::NobodyElsewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_one_machine_no_frame_leaves_it() {
        let room = RoomId([1; 16]);
        assert!(!MediaBus::Local.is_wanted_elsewhere(room, Channel::Floor));
        assert_eq!(MediaBus::Local.send(room, Channel::Floor, b"frame"), Sent::NobodyElsewhere);
        assert_eq!(MediaBus::Local.send(room, Channel::Floor, &[0; MAX_MEDIA_FRAME + 1]), Sent::TooLong);
    }
}
