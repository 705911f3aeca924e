//! `MediaBus`: opaque frames of one channel of a room, between the machines that have people there.
//!
//! A machine listens to a channel while somebody on it is in the room, and can send only into a channel it listens to:
//! the address of a frame, (room, channel), is fixed when the channel is joined. On one machine there is nobody to send
//! to: shards hand packets to each other inside `sfu`, and [`MediaBus::Local`] says so. With NATS a frame goes out once
//! for every machine that listens to its channel, by its own connection, oldest dropped first. What is fixed already is
//! what that needs: the address, an opaque payload, and a sender that never waits. Until there are several machines,
//! rooms only listen; [`Listening::send`] and [`Listening::is_wanted_elsewhere`] are the shape of what comes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::media::ChannelId;

use crate::limits::MAX_MEDIA_FRAME;

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Nobody elsewhere listens.
    NobodyElsewhere,
    /// Longer than a frame may be; dropped.
    TooLong,
}

/// This machine listens to the channel already: two that do would hear everything twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this machine listens to the channel already")]
pub struct Taken;

/// The way to other machines.
#[derive(Debug, Clone)]
pub enum MediaBus {
    Local(Local),
}

/// What this machine listens to. The lock is held for one look-up, when a channel comes or goes. Ids in boxes, which are wiped when
/// they are removed.
#[derive(Debug, Clone, Default)]
pub struct Local(Arc<Mutex<BTreeSet<Box<ChannelId>>>>);

/// This machine listens to one channel, until this is dropped.
#[derive(Debug)]
pub struct Listening {
    bus: MediaBus,
    channel: ChannelId,
}

impl MediaBus {
    pub fn local() -> Self {
        Self::Local(Local::default())
    }

    /// Somebody on this machine is in the channel from now on.
    ///
    /// # Errors
    /// [`Taken`].
    pub fn listen(&self, channel: ChannelId) -> Result<Listening, Taken> {
        match self {
            Self::Local(local) if local.lock().insert(Box::new(channel)) => {
                Ok(Listening { bus: self.clone(), channel })
            }
            Self::Local(_) => Err(Taken),
        }
    }

    /// Whether somebody on this machine is in the channel.
    pub fn listens(&self, channel: ChannelId) -> bool {
        match self {
            Self::Local(local) => local.lock().contains(&channel),
        }
    }
}

impl Local {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<Box<ChannelId>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listening {
    /// Which one.
    pub fn channel(&self) -> ChannelId {
        self.channel
    }

    /// Whether a machine other than this one listens to the channel. To be asked once a control change, not once a
    /// packet.
    pub fn is_wanted_elsewhere(&self) -> bool {
        match self.bus {
            MediaBus::Local(_) => false,
        }
    }

    /// Sends one opaque frame to whoever listens elsewhere. Never waits.
    pub fn send(&self, frame: &[u8]) -> Sent {
        match self.bus {
            MediaBus::Local(_) if frame.len() > MAX_MEDIA_FRAME => Sent::TooLong,
            MediaBus::Local(_) => Sent::NobodyElsewhere,
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        match &self.bus {
            MediaBus::Local(local) => local.lock().remove(&self.channel),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::id::RoomId;
    use protocol::media::Channel;

    fn floor(room: u8) -> ChannelId {
        ChannelId { room: RoomId([room; 16]), channel: Channel::Floor }
    }

    #[test]
    fn on_one_machine_no_frame_leaves_it() {
        let bus = MediaBus::local();
        let listening = bus.listen(floor(1)).expect("free");
        assert!(!listening.is_wanted_elsewhere());
        assert_eq!(listening.send(b"frame"), Sent::NobodyElsewhere);
        assert_eq!(listening.send(&[0; MAX_MEDIA_FRAME + 1]), Sent::TooLong);
    }

    #[test]
    fn a_channel_is_listened_to_once_and_by_its_room_alone_until_nobody_is_there() {
        let bus = MediaBus::local();
        let one = bus.listen(floor(1)).expect("free");
        let other = bus.listen(floor(2)).expect("another room's floor is another channel");
        assert_eq!(bus.clone().listen(floor(1)).err(), Some(Taken), "wherever on this machine");
        assert_eq!((one.channel(), other.channel()), (floor(1), floor(2)));
        drop(one);
        assert_eq!((bus.listens(floor(1)), bus.listens(floor(2))), (false, true));
        assert!(bus.listen(floor(1)).is_ok(), "a room of the same name may begin again");
    }
}
