//! Commands of the control side and messages of other shards.

use std::time::Instant;

use crate::demux::Owner;
use crate::egress::{Egress, Outbox};
use crate::key::{ChannelKey, PeerKey, ShardIndex};
use crate::message::{Command, Event, ShardMessage};
use crate::pack::Form;
use crate::packet::Voice;
use crate::peer::{Grant, Listening};
use crate::tcp::ConnectionId;

use super::Core;
use super::peers::Mood;

impl Core {
    pub(super) fn handle_command(
        &mut self,
        now: Instant,
        command: Command,
        out: &mut Outbox<'_, impl Egress>,
    ) {
        match command {
            Command::OpenChannel { channel, home, seed, form } => {
                self.open_channel(channel, home, seed, form);
            }
            Command::CloseChannel { channel } => self.close_channel(channel),
            Command::Admit(admission) => self.admit(now, *admission),
            Command::Listen { peer, channel, talker, ear } => {
                self.listen(peer, Listening { channel, own: talker, ear, row: None }, out);
            }
            Command::Unlisten { peer } => {
                if self.peers.get(peer).is_some() {
                    self.unlink(peer.index);
                    if let Some(known) = self.peers.get(peer) {
                        known.listening = None;
                    }
                }
            }
            Command::Voice { peer, channel, talker, voice } => {
                self.set_grant(peer, Grant { channel, talker }, voice);
                if self.peers.get(peer).is_some() {
                    self.classify(peer.index, out);
                }
            }
            Command::Cut { peer } => self.cut(peer, out),
        }
    }

    pub(super) fn handle_message(
        &mut self,
        now: Instant,
        message: ShardMessage,
        out: &mut Outbox<'_, impl Egress>,
    ) {
        match message {
            ShardMessage::Stray { source, local, bytes } => {
                self.handle_stray(now, source, local, &bytes, out);
            }
            ShardMessage::Address { address, owner } => self.addresses.set(address, Owner::There(owner)),
            ShardMessage::AddressGone { address, owner } => {
                self.addresses.remove(address, Owner::There(owner));
            }
            ShardMessage::Voice { channel, peer, talker, packet } => {
                self.hear(now, channel, peer, talker, packet.borrow(), out);
            }
            ShardMessage::Grant { channel, peer, talker, voice } => {
                self.set_voice(channel, peer, talker, voice);
            }
            // Before the command that opens the channel, too: mailboxes are not ordered among each other.
            ShardMessage::Subscribe { channel, shard, losses, share } => {
                if let Some(route) = self.channels.open(channel) {
                    route.room.subscribe(shard, share);
                    self.note_losses(now, channel, shard, losses);
                    self.climb(now, channel, out);
                }
            }
            ShardMessage::Unsubscribe { channel, shard } => {
                if let Some(route) = self.channels.get(channel) {
                    route.room.unsubscribe(shard);
                }
            }
            ShardMessage::Frame { channel, frame } => self.relay(now, channel, &frame, out),
            ShardMessage::Losing { channel, floor } => self.note_losing(now, channel, floor),
            ShardMessage::Packing { channel, packing } => {
                if let Some(route) = self.channels.get(channel) {
                    route.rows.pack(now, packing, out);
                }
            }
        }
    }

    fn listen(&mut self, peer: PeerKey, wish: Listening, out: &mut Outbox<'_, impl Egress>) {
        let Some(known) = self.peers.get(peer) else { return };
        let same = known.listening.as_mut().filter(|was| was.channel == wish.channel && was.own == wish.own);
        if let Some(listening) = same {
            listening.ear = wish.ear;
            self.classify(peer.index, out);
        } else {
            self.unlink(peer.index);
            if let Some(known) = self.peers.get(peer) {
                known.listening = Some(wish);
            }
        }
        self.link(peer.index);
    }

    fn open_channel(&mut self, channel: ChannelKey, home: ShardIndex, seed: u64, form: Form) {
        let shard = self.config.shard;
        let Some(route) = self.channels.open(channel) else { return };
        if route.home.is_none() {
            route.home = Some(home);
            route.form = form;
            if home == shard {
                route.room.open(seed, form);
            }
        }
    }

    fn close_channel(&mut self, channel: ChannelKey) {
        while let Some(index) = self.channels.get(channel).and_then(|route| route.rows.any_peer()) {
            self.unlink(index);
            if let Some(peer) = self.peers.at(index) {
                peer.listening = None;
            }
        }
        self.channels.close(channel);
    }

    fn set_grant(&mut self, peer: PeerKey, grant: Grant, voice: Voice) {
        let Some(known) = self.peers.get(peer) else { return };
        match voice {
            Voice::On if known.grant == Some(grant) => {}
            Voice::On => {
                match known.grant.replace(grant) {
                    Some(before) => self.tell_home(peer, before, Voice::Off),
                    None => self.speakers.push(peer.index),
                }
                self.peers.set_mood(peer.index, Mood::Restless);
                self.tell_home(peer, grant, Voice::On);
            }
            Voice::Off if known.grant == Some(grant) => self.revoke(peer.index),
            Voice::Off => {}
        }
    }

    fn cut(&mut self, peer: PeerKey, out: &mut Outbox<'_, impl Egress>) {
        if self.peers.get(peer).is_some()
            && let Some(mut gone) = self.remove(peer.index)
        {
            let goodbye = gone.take_goodbye();
            if let (Some(path), Some(goodbye)) = (gone.path, goodbye) {
                out.copy(path.remote, path.local, &goodbye);
            }
            // Voice that waits in the kernel would go on to somebody who is gone.
            for connection in gone.addresses().iter().copied().filter_map(ConnectionId::of) {
                out.close(connection);
            }
        }
        self.events.push_back(Event::Cut { peer });
    }
}
