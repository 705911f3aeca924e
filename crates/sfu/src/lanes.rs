//! The way from one shard to the others.

use std::collections::VecDeque;

use media::{Recipient, ShardIndex, ShardMessage};

use crate::limits::NEWS_WAITING;
use crate::mailbox::Mailbox;

/// What may be lost when a recipient is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// Dropped: late voice is worthless, and strays are sent again by the peer.
    Voice,
    /// Kept until there is room.
    News,
}

impl Lane {
    fn of(message: &ShardMessage) -> Self {
        match message {
            ShardMessage::Voice { .. } | ShardMessage::Frame { .. } | ShardMessage::Stray { .. } => {
                Self::Voice
            }
            ShardMessage::Address { .. }
            | ShardMessage::AddressGone { .. }
            | ShardMessage::Grant { .. }
            | ShardMessage::Subscribe { .. }
            | ShardMessage::Losing { .. }
            | ShardMessage::Unsubscribe { .. }
            | ShardMessage::Packing { .. } => Self::News,
        }
    }
}

/// The mailboxes of one shard, for the others.
#[derive(Clone)]
pub(crate) struct Lanes {
    pub(crate) voice: Mailbox<ShardMessage>,
    pub(crate) news: Mailbox<ShardMessage>,
}

/// All other shards, as one of them sees them.
pub(crate) struct Neighbours {
    me: ShardIndex,
    /// By shard index; my own entry stays unused.
    all: Vec<Neighbour>,
    dropped: u64,
}

struct Neighbour {
    lanes: Lanes,
    /// News in order, when the lane is full.
    waiting: VecDeque<ShardMessage>,
}

impl Neighbours {
    pub(crate) fn new(me: ShardIndex, all: Vec<Lanes>) -> Self {
        let all = all.into_iter().map(|lanes| Neighbour { lanes, waiting: VecDeque::new() }).collect();
        Self { me, all, dropped: 0 }
    }

    /// Messages that nobody will see.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(crate) fn send(&mut self, recipient: Recipient, message: ShardMessage) {
        match recipient {
            Recipient::One(shard) => self.send_to(usize::from(shard.0), message),
            Recipient::Others => {
                let me = usize::from(self.me.0);
                for shard in (0..self.all.len()).filter(|shard| *shard != me) {
                    self.send_to(shard, message.clone());
                }
            }
        }
    }

    /// Tries full lanes again; `true` while something still waits.
    pub(crate) fn retry(&mut self) -> bool {
        let mut waits = false;
        for neighbour in &mut self.all {
            while let Some(message) = neighbour.waiting.pop_front() {
                if let Err(message) = neighbour.lanes.news.post(message) {
                    neighbour.waiting.push_front(message);
                    waits = true;
                    break;
                }
            }
        }
        waits
    }

    /// A queue leaves what was in it behind; with nothing in it there may be another.
    pub(crate) fn wipe(&mut self) {
        for neighbour in self.all.iter_mut().filter(|neighbour| neighbour.waiting.is_empty()) {
            neighbour.waiting = VecDeque::new();
        }
    }

    fn send_to(&mut self, shard: usize, message: ShardMessage) {
        let Some(neighbour) = self.all.get_mut(shard) else { return };
        let refused = match Lane::of(&message) {
            Lane::Voice => neighbour.lanes.voice.post(message).is_err(),
            Lane::News if neighbour.waiting.is_empty() => match neighbour.lanes.news.post(message) {
                Ok(()) => false,
                Err(message) => neighbour.wait(message),
            },
            Lane::News => neighbour.wait(message),
        };
        self.dropped += u64::from(refused);
    }
}

impl Neighbour {
    /// `true` when there is no room to wait either.
    fn wait(&mut self, message: ShardMessage) -> bool {
        let full = self.waiting.len() >= NEWS_WAITING;
        if !full {
            self.waiting.push_back(message);
        }
        full
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::{Inbox, Waker, mailbox};
    use media::{ChannelKey, Frame, Payload, Talker};

    const CHANNEL: ChannelKey = ChannelKey { index: 0, generation: 0 };

    fn lanes(room: usize) -> (Lanes, Inbox<ShardMessage>, Inbox<ShardMessage>) {
        let waker = Waker::new().unwrap();
        let (voice, voices) = mailbox(room, waker.clone());
        let (news, all_news) = mailbox(room, waker);
        (Lanes { voice, news }, voices, all_news)
    }

    fn news(index: u32) -> ShardMessage {
        let channel = ChannelKey { index, ..CHANNEL };
        ShardMessage::Unsubscribe { channel, shard: ShardIndex(1) }
    }

    fn numbers(inbox: &Inbox<ShardMessage>) -> Vec<u32> {
        std::iter::from_fn(|| inbox.take())
            .map(|message| match message {
                ShardMessage::Unsubscribe { channel, .. } => channel.index,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn news_is_never_lost_and_keeps_its_order() {
        let (lanes, _voices, inbox) = lanes(2);
        let mut neighbours = Neighbours::new(ShardIndex(1), vec![lanes]);
        (1..=5).for_each(|n| neighbours.send(Recipient::Others, news(n)));
        assert_eq!(numbers(&inbox), [1, 2]);
        assert!(neighbours.retry(), "one of three still waits");
        neighbours.send(Recipient::One(ShardIndex(0)), news(6));
        assert_eq!(numbers(&inbox), [3, 4]);
        assert!(!neighbours.retry());
        assert_eq!(numbers(&inbox), [5, 6]);
        assert_eq!(neighbours.dropped(), 0);
    }

    #[test]
    fn voice_for_a_shard_that_is_behind_is_dropped_and_counted() {
        let (lanes, voices, _news) = lanes(2);
        let mut neighbours = Neighbours::new(ShardIndex(1), vec![lanes]);
        let frame = Frame {
            slot: 0,
            timestamp: 0,
            marker: false,
            talker: Talker(1),
            ticks: 960,
            solo: None,
            payload: Payload::new(&[1; 80]).unwrap(),
        };
        for _ in 0..3 {
            let frame = frame.clone();
            neighbours.send(Recipient::Others, ShardMessage::Frame { channel: CHANNEL, frame });
        }
        assert_eq!(neighbours.dropped(), 1);
        assert_eq!(std::iter::from_fn(|| voices.take()).count(), 2);
    }
}
