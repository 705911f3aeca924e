//! What a channel's listeners lose, on its way to its speakers: summed once a second on every shard that has rows, summed
//! again at home, told to the shards that have the speakers' connections.

use std::time::Instant;

use crate::class::Class;
use crate::key::{ChannelKey, ShardIndex};
use crate::limits::LOSSES_BELIEVED;
use crate::loss::{LossMeter, Losses};
use crate::message::{Recipient, ShardMessage};

use super::Core;

/// One channel, as one shard knows it.
#[derive(Default)]
pub(super) struct Losing {
    /// Of the rows here, those that lose, counted in the second that is passing.
    counting: Losses,
    /// The floor that is valid here, and since when.
    told: Option<(u8, Instant)>,
}

impl Losing {
    /// A listener of the channel who loses; once a second each.
    pub(super) fn count(&mut self, meter: &LossMeter, class: Class) {
        self.counting.add(meter, class);
    }

    /// The loss of 256 that the channel's speakers are told at least.
    pub(super) fn floor(&self, now: Instant) -> u8 {
        let believed = |at| now.saturating_duration_since(at) <= LOSSES_BELIEVED;
        self.told.filter(|(_, at)| believed(*at)).map_or(0, |(floor, _)| floor)
    }
}

impl Core {
    /// Once a second: every listener here who loses has been counted.
    pub(super) fn sum_losses(&mut self, now: Instant) {
        let shard = self.config.shard;
        let keys: Vec<_> = self.channels.keys().collect();
        for channel in keys {
            let Some(route) = self.channels.get(channel) else { continue };
            let losses = std::mem::take(&mut route.losing.counting).among(route.rows.len());
            if route.rows.is_empty() {
                continue;
            }
            let share = route.share(self.load);
            match route.home {
                Some(home) if home == shard => self.note_losses(now, channel, shard, losses),
                Some(home) => {
                    let message = ShardMessage::Subscribe { channel, shard, losses, share };
                    self.tell(Recipient::One(home), message);
                }
                None => {}
            }
        }
    }

    /// At home: what the listeners of one shard lose. When that is much of all, the speakers' shards are told.
    pub(super) fn note_losses(
        &mut self,
        now: Instant,
        channel: ChannelKey,
        shard: ShardIndex,
        losses: Losses,
    ) {
        let Some(route) = self.channels.get(channel) else { return };
        route.room.losses.set(shard, losses);
        let floor = route.room.losses.floor();
        if floor > 0 {
            route.losing.told = Some((floor, now));
            let home = self.config.shard;
            let elsewhere = route.room.speakers().filter(|speaker| *speaker != home);
            let message = ShardMessage::Losing { channel, floor };
            self.messages.extend(elsewhere.map(|speaker| (Recipient::One(speaker), message.clone())));
        }
    }

    /// From the channel's home.
    pub(super) fn note_losing(&mut self, now: Instant, channel: ChannelKey, floor: u8) {
        if let Some(route) = self.channels.get(channel) {
            route.losing.told = Some((floor, now));
        }
    }
}

/// What each shard said last.
#[derive(Default)]
pub(super) struct LossesByShard(Vec<(ShardIndex, Losses)>);

impl LossesByShard {
    pub(super) fn set(&mut self, shard: ShardIndex, losses: Losses) {
        match self.0.iter_mut().find(|(known, _)| *known == shard) {
            Some((_, known)) => *known = losses,
            None => self.0.push((shard, losses)),
        }
    }

    pub(super) fn forget(&mut self, shard: ShardIndex) {
        self.0.retain(|(known, _)| *known != shard);
    }

    pub(super) fn floor(&self) -> u8 {
        self.0.iter().fold(Losses::default(), |sum, (_, losses)| sum.merge(*losses)).floor()
    }
}
