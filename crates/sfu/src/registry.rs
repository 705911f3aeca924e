//! Which peers and channels exist, and where: indices, generations, and the shard that is near enough and not too full.

use std::collections::VecDeque;

use media::limits::{CHANNELS, PEERS_PER_SHARD};
use media::{ChannelKey, PeerKey, ShardIndex};

use crate::limits::{LEANING, RESTING};

/// Written by the control side only; shards tell it by value which peers are no more.
pub(crate) struct Registry {
    shards: Vec<Places>,
    channels: Places,
    /// By channel index.
    homes: Vec<ShardIndex>,
    /// Channels by home shard.
    homed: Vec<u32>,
}

/// Indices below `most`, and the generation each of them is in.
struct Places {
    most: u32,
    generations: Vec<Generation>,
    /// Freed longest ago first: an index rests as long as possible before it is used again.
    free: VecDeque<u32>,
    used: u32,
}

#[derive(Clone, Copy)]
struct Generation {
    number: u32,
    used: bool,
}

impl Registry {
    pub(crate) fn new(shards: usize) -> Self {
        let places = (0..shards).map(|_| Places::new(PEERS_PER_SHARD)).collect();
        Self { shards: places, channels: Places::new(CHANNELS), homes: Vec::new(), homed: vec![0; shards] }
    }

    /// A place where the channel is at home, unless that shard has [`LEANING`] peers more than the emptiest: then there.
    /// What is said in a small room crosses to no other shard, and a large one is spread. `None` when all are full.
    pub(crate) fn add_peer(&mut self, near: ChannelKey) -> Option<PeerKey> {
        let (emptiest, fewest) = self
            .shards
            .iter()
            .enumerate()
            .map(|(shard, places)| (shard, places.used))
            .min_by_key(|at| at.1)?;
        let home = self.homes.get(near.index as usize).map(|home| usize::from(home.0));
        let leans =
            |home: &usize| self.shards.get(*home).is_some_and(|places| places.used < fewest + LEANING);
        let shard = home.filter(leans).unwrap_or(emptiest);
        let (index, generation) = self.shards.get_mut(shard)?.take()?;
        Some(PeerKey { shard: ShardIndex(u8::try_from(shard).ok()?), index, generation })
    }

    /// Repeated, or for a key of an earlier generation, it changes nothing.
    pub(crate) fn remove_peer(&mut self, peer: PeerKey) {
        if let Some(places) = self.shards.get_mut(usize::from(peer.shard.0)) {
            places.give_back(peer.index, peer.generation);
        }
    }

    /// A channel, and the shard with the fewest of them as its home; `None` when there are too many.
    pub(crate) fn add_channel(&mut self) -> Option<(ChannelKey, ShardIndex)> {
        let (home, count) = self.homed.iter_mut().enumerate().min_by_key(|(_, count)| **count)?;
        let home = ShardIndex(u8::try_from(home).ok()?);
        let (index, generation) = self.channels.take()?;
        *count += 1;
        if self.homes.len() <= index as usize {
            self.homes.resize(index as usize + 1, home);
        }
        self.homes[index as usize] = home;
        Some((ChannelKey { index, generation }, home))
    }

    /// Repeated, or for a key of an earlier generation, it changes nothing.
    pub(crate) fn remove_channel(&mut self, channel: ChannelKey) {
        if self.channels.give_back(channel.index, channel.generation)
            && let Some(home) = self.homes.get(channel.index as usize)
            && let Some(count) = self.homed.get_mut(usize::from(home.0))
        {
            *count = count.saturating_sub(1);
        }
    }
}

impl Places {
    fn new(most: u32) -> Self {
        Self { most, generations: Vec::new(), free: VecDeque::new(), used: 0 }
    }

    fn take(&mut self) -> Option<(u32, u32)> {
        let next = u32::try_from(self.generations.len()).ok()?;
        let rested = self.free.len() > RESTING || next == self.most;
        let index = if rested {
            self.free.pop_front()?
        } else {
            self.generations.push(Generation { number: 0, used: false });
            next
        };
        let generation = self.generations.get_mut(index as usize)?;
        generation.used = true;
        self.used += 1;
        Some((index, generation.number))
    }

    fn give_back(&mut self, index: u32, number: u32) -> bool {
        let Some(generation) = self.generations.get_mut(index as usize) else { return false };
        if !generation.used || generation.number != number {
            return false;
        }
        *generation = Generation { number: number.wrapping_add(1), used: false };
        self.used -= 1;
        self.free.push_back(index);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_small_room_is_on_one_shard_and_the_next_room_on_another() {
        let mut registry = Registry::new(3);
        for _ in 0..3 {
            let (room, home) = registry.add_channel().unwrap();
            let people = (0..LEANING).map(|_| registry.add_peer(room).unwrap());
            assert!(people.into_iter().all(|peer| peer.shard == home));
        }
        assert!(registry.shards.iter().all(|places| places.used == LEANING));
    }

    #[test]
    fn a_large_room_is_spread_evenly_but_for_a_few_and_fills_what_was_left_empty() {
        let mut registry = Registry::new(3);
        let (room, _) = registry.add_channel().unwrap();
        let peers: Vec<PeerKey> = (0..9 * LEANING).map(|_| registry.add_peer(room).unwrap()).collect();
        for shard in 0..3 {
            let here = peers.iter().filter(|peer| peer.shard.0 == shard).count();
            assert!(here.abs_diff(3 * LEANING as usize) <= LEANING as usize, "{here}");
        }
        for peer in peers.iter().filter(|peer| peer.shard.0 == 1) {
            registry.remove_peer(*peer);
        }
        assert_eq!(registry.add_peer(room).unwrap().shard, ShardIndex(1), "the emptiest");
    }

    #[test]
    fn a_key_never_comes_back_though_its_index_does() {
        let mut registry = Registry::new(1);
        let (room, _) = registry.add_channel().unwrap();
        let mut seen = HashSet::new();
        let mut highest = 0;
        for _ in 0..1000 {
            let peer = registry.add_peer(room).unwrap();
            assert!(seen.insert(peer));
            highest = highest.max(peer.index);
            registry.remove_peer(peer);
            registry.remove_peer(peer);
        }
        assert!(highest as usize <= RESTING + 1, "indices stay dense: {highest}");
    }

    #[test]
    fn a_full_server_says_so_and_takes_people_again_when_somebody_leaves() {
        let mut registry = Registry::new(1);
        let (room, _) = registry.add_channel().unwrap();
        let first = registry.add_peer(room).unwrap();
        let others = (1..PEERS_PER_SHARD).map_while(|_| registry.add_peer(room)).count();
        assert_eq!(others, PEERS_PER_SHARD as usize - 1);
        assert_eq!(registry.add_peer(room), None);
        registry.remove_peer(first);
        assert_eq!(registry.add_peer(room), Some(PeerKey { generation: 1, ..first }));
    }

    #[test]
    fn an_old_key_of_a_channel_closes_nothing() {
        let mut registry = Registry::new(2);
        let (first, home) = registry.add_channel().unwrap();
        let (_, other) = registry.add_channel().unwrap();
        assert_ne!(home, other);
        registry.remove_channel(first);
        assert_eq!(registry.homed, [0, 1]);
        registry.remove_channel(first);
        assert_eq!(registry.homed, [0, 1]);
    }
}
