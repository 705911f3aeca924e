//! Shards and clients, joined by a network in memory, in virtual time.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use is::stun::{StunMessage, TransId};
use media::channel::SILENCE;
use media::dtls::Identity;
use media::ice::{Credentials, Pwd};
use media::sdp::{AnswerParams, Candidates, Fingerprint, Hears, MicLine, Offer, answer};
use media::{
    Admission, ChannelKey, Command, Ear, Egress, Event, Form, Incarnation, PackingRules, PeerKey, Recipient,
    SendBatch, Shard, ShardConfig, ShardIndex, Talker, Voice,
};
use str0m::net::{Protocol, Receive};
use str0m::{Input, Output};

use crate::client::{Client, Heard, Offering, Stack, home_address};
use crate::network::Way;

pub const INCARNATION: Incarnation = Incarnation(0x1ace_0f5e);
pub const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 3478);

/// Every datagram that left a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub to: SocketAddr,
    pub from: IpAddr,
    pub bytes: Vec<u8>,
    /// Datagrams of the message that this one was part of.
    pub together: usize,
}

#[derive(Default)]
struct Wire(Vec<Sent>);

impl Egress for Wire {
    fn send(&mut self, batch: &mut SendBatch) {
        for message in batch.iter() {
            let (to, from) = (message.to, message.from);
            let together = message.datagrams().count();
            let sent = |bytes: &[u8]| Sent { to, from, bytes: bytes.to_vec(), together };
            self.0.extend(message.datagrams().map(sent));
        }
        batch.clear();
    }
}

pub struct World {
    pub now: Instant,
    pub shards: Vec<Shard>,
    pub clients: Vec<Client>,
    pub events: Vec<Event>,
    /// Datagrams from the server, if `recording`.
    pub sent: Vec<Sent>,
    /// Datagrams to the server, if `recording`.
    pub received: Vec<(usize, SocketAddr, Vec<u8>)>,
    pub recording: bool,
    /// So many handshake datagrams, in either direction, are still to be lost.
    pub handshakes_to_lose: usize,
    identity: Identity,
    packing: PackingRules,
    incarnation: Incarnation,
    indices: Vec<u32>,
}

fn shard(
    index: u8,
    incarnation: Incarnation,
    identity: &Identity,
    packing: PackingRules,
    now: Instant,
) -> Shard {
    let identity = identity.clone();
    let seed = u64::from(index) + 7;
    Shard::new(ShardConfig { shard: ShardIndex(index), incarnation, identity, seed, packing }, now)
}

impl World {
    pub fn new(shards: u8) -> Self {
        Self::packing(shards, PackingRules::default())
    }

    /// A world whose audiences are packed by these rules.
    pub fn packing(shards: u8, packing: PackingRules) -> Self {
        let identity = Identity::generate().unwrap();
        let now = Instant::now();
        Self {
            now,
            shards: (0..shards).map(|index| shard(index, INCARNATION, &identity, packing, now)).collect(),
            clients: Vec::new(),
            events: Vec::new(),
            sent: Vec::new(),
            received: Vec::new(),
            recording: false,
            handshakes_to_lose: 0,
            identity,
            packing,
            incarnation: INCARNATION,
            indices: vec![0; usize::from(shards)],
        }
    }

    /// The process ends without a word, and another one begins on the same port. It knows nobody.
    pub fn restart(&mut self) {
        self.incarnation = Incarnation(self.incarnation.0 + 1);
        let count = self.shards.len() as u8;
        let fresh = |index| shard(index, self.incarnation, &self.identity, self.packing, self.now);
        self.shards = (0..count).map(fresh).collect();
        self.events.clear();
    }

    /// A client makes a fresh connection, as one does whose path is dead; the old one is forgotten.
    pub fn renew(&mut self, client: usize) {
        let peer = self.next_peer(self.clients[client].peer.shard);
        let fresh = self.invite(self.clients[client].stack, client, peer);
        let before = std::mem::replace(&mut self.clients[client], fresh);
        self.clients[client].takes_over(before);
        self.wait_for(client);
    }

    pub fn open_channel(&mut self, index: u32, home: u8) -> ChannelKey {
        self.open_channel_of(Form::Opus, index, home)
    }

    pub fn open_channel_of(&mut self, form: Form, index: u32, home: u8) -> ChannelKey {
        let channel = ChannelKey { index, generation: 1 };
        for shard in 0..self.shards.len() {
            let home = ShardIndex(home);
            self.command_at(shard, Command::OpenChannel { channel, home, seed: u64::from(index) + 99, form });
        }
        channel
    }

    pub fn close_channel(&mut self, channel: ChannelKey) {
        for shard in 0..self.shards.len() {
            self.command_at(shard, Command::CloseChannel { channel });
        }
    }

    /// The next channel of the same index.
    pub fn open_again(&mut self, before: ChannelKey) -> ChannelKey {
        let channel = ChannelKey { generation: before.generation + 1, ..before };
        for shard in 0..self.shards.len() {
            self.command_at(
                shard,
                Command::OpenChannel { channel, home: ShardIndex(0), seed: 5, form: Form::Opus },
            );
        }
        channel
    }

    /// An admission that nobody will come for.
    pub fn admission(&self, peer: PeerKey) -> Admission {
        let line = MicLine {
            payload_type: 111,
            redundant: None,
            level_extension: None,
            mid_extension: None,
            mid: "0".to_owned(),
            hears: Hears::Everybody,
        };
        Admission { peer, pwd: Pwd::from_random([0; 18]), fingerprint: Fingerprint([0; 32]), line }
    }

    /// A client that has posted its offer and got its answer; nothing is connected yet.
    pub fn admit(&mut self, shard: u8) -> usize {
        self.admit_as(Stack::Packets, shard)
    }

    fn admit_as(&mut self, stack: Stack, shard: u8) -> usize {
        let number = self.clients.len();
        let peer = self.next_peer(ShardIndex(shard));
        let client = self.invite(stack, number, peer);
        self.clients.push(client);
        number
    }

    fn next_peer(&mut self, shard: ShardIndex) -> PeerKey {
        let next = &mut self.indices[usize::from(shard.0)];
        *next += 1;
        PeerKey { shard, index: *next - 1, generation: 1 }
    }

    fn invite(&mut self, stack: Stack, number: usize, peer: PeerKey) -> Client {
        let offering = Offering::new(number, stack, self.now);
        let offer = Offer::parse(&offering.offer).unwrap();
        assert_eq!(offer.slots(), stack.slots());
        let random = [u8::try_from(number).unwrap() + 1; 18];
        let credentials = Credentials::new(peer, self.incarnation, random);
        let admission = Admission {
            peer,
            pwd: credentials.pwd.clone(),
            fingerprint: offer.fingerprint,
            line: offer.mic.clone(),
        };
        let params = AnswerParams {
            credentials: &credentials,
            fingerprint: self.identity.fingerprint(),
            candidates: &Candidates { udp: vec![SERVER], tcp: Vec::new() },
        };
        self.command(peer, Command::Admit(Box::new(admission)));
        Client::new(number, peer, offering, &answer(&offer, &params))
    }

    /// A client that is connected.
    pub fn join(&mut self, shard: u8) -> usize {
        self.join_as(Stack::Packets, shard)
    }

    pub fn join_as(&mut self, stack: Stack, shard: u8) -> usize {
        let client = self.admit_as(stack, shard);
        self.wait_for(client);
        client
    }

    fn wait_for(&mut self, client: usize) {
        let connected = Event::Connected { peer: self.clients[client].peer };
        for _ in 0..400 {
            if self.events.contains(&connected) && self.clients[client].rtc.is_connected() {
                return;
            }
            self.step();
        }
        panic!("never connected: {:?}", self.events);
    }

    pub fn listen(&mut self, client: usize, channel: ChannelKey, own: Option<u32>) {
        let peer = self.clients[client].peer;
        let talker = own.map(Talker);
        self.command(peer, Command::Listen { peer, channel, talker, ear: Ear::Audience });
    }

    /// A member of the stage, or again of the audience.
    pub fn seat(&mut self, client: usize, channel: ChannelKey, own: u32, ear: Ear) {
        let peer = self.clients[client].peer;
        self.command(peer, Command::Listen { peer, channel, talker: Some(Talker(own)), ear });
    }

    pub fn voice(&mut self, client: usize, channel: ChannelKey, talker: u32, voice: Voice) {
        let peer = self.clients[client].peer;
        self.command(peer, Command::Voice { peer, channel, talker: Talker(talker), voice });
    }

    pub fn cut(&mut self, client: usize) {
        let peer = self.clients[client].peer;
        self.command(peer, Command::Cut { peer });
    }

    pub fn command(&mut self, peer: PeerKey, command: Command) {
        self.command_at(usize::from(peer.shard.0), command);
    }

    fn command_at(&mut self, shard: usize, command: Command) {
        let mut wire = Wire::default();
        self.shards[shard].handle_command(self.now, command, &mut wire);
        self.carry(wire);
    }

    /// The client speaks 20 ms, loudly. Padded to what speech is: a few bytes are comfort noise.
    pub fn speak(&mut self, client: usize, payload: &[u8]) {
        let mut payload = payload.to_vec();
        payload.resize(payload.len().max(40), 0);
        self.clients[client].speak(self.now, payload, 960);
    }

    /// The client sends this very payload, which lasts for so many ticks of the 48 kHz clock.
    pub fn say(&mut self, client: usize, payload: Vec<u8>, ticks: u32) {
        self.clients[client].speak(self.now, payload, ticks);
    }

    /// The client sends nothing for so many ticks (DTX).
    pub fn pause(&mut self, client: usize, ticks: u32) {
        self.clients[client].pause(ticks);
    }

    /// `count` packets of a talker, 20 ms apart; the payload says who and which.
    pub fn talk(&mut self, client: usize, count: u32) -> Vec<Vec<u8>> {
        (0..count)
            .map(|i| {
                let mut payload = vec![0x78; 80];
                payload[1..5].copy_from_slice(&i.to_be_bytes());
                payload[5] = u8::try_from(client).unwrap();
                self.speak(client, &payload);
                self.run(Duration::from_millis(20));
                payload
            })
            .collect()
    }

    pub fn run(&mut self, span: Duration) {
        let until = self.now + span;
        while self.now < until {
            self.step();
        }
    }

    /// 5 ms.
    pub fn step(&mut self) {
        self.now += Duration::from_millis(5);
        for client in 0..self.clients.len() {
            while let Some((way, bytes)) = self.clients[client].fault.arrived(self.now) {
                match way {
                    Way::Down => self.arrive(client, &bytes),
                    Way::Up => self.reach(client, &bytes),
                }
            }
            if self.clients[client].rtc.is_alive() {
                self.clients[client].rtc.handle_input(Input::Timeout(self.now)).unwrap();
                self.drain(client);
            }
        }
        for shard in 0..self.shards.len() {
            let mut wire = Wire::default();
            let due = self.shards[shard].poll_timeout().is_some_and(|at| at <= self.now);
            if due {
                self.shards[shard].handle_timeout(self.now, &mut wire);
            }
            while self.shards[shard].handle_handshakes(self.now, 8, &mut wire) > 0 {}
            self.carry(wire);
        }
    }

    /// A datagram from anywhere, straight to a shard's socket.
    pub fn inject(&mut self, shard: usize, source: SocketAddr, bytes: &[u8]) {
        let mut wire = Wire::default();
        self.shards[shard].handle_datagram(self.now, source, SERVER.ip(), bytes, &mut wire);
        self.shards[shard].flush(&mut wire);
        self.carry(wire);
    }

    /// Every peer of the server that heard `talker`.
    pub fn heard_by(&self, client: usize, talker: u32) -> Vec<&Heard> {
        self.from(client, talker).filter(|heard| heard.payload != SILENCE).collect()
    }

    /// How often a client was told that `talker` is cut off: by silence.
    pub fn ends_heard_by(&self, client: usize, talker: u32) -> usize {
        self.from(client, talker).filter(|heard| heard.payload == SILENCE).count()
    }

    fn from(&self, client: usize, talker: u32) -> impl Iterator<Item = &Heard> {
        self.clients[client].heard.iter().filter(move |heard| heard.talker == talker)
    }

    pub fn drain(&mut self, client: usize) {
        loop {
            match self.clients[client].rtc.poll_output() {
                Ok(Output::Timeout(_)) => return,
                Ok(Output::Transmit(transmit)) => {
                    let bytes = transmit.contents.to_vec();
                    if self.clients[client].unplugged || transmit.destination != SERVER || self.loses(&bytes)
                    {
                        continue;
                    }
                    if let Some(bytes) = self.clients[client].fault.carry(self.now, Way::Up, bytes) {
                        self.reach(client, &bytes);
                    }
                }
                Ok(Output::Event(event)) => self.clients[client].note(self.now, event),
                // Nobody is told anything in a tunnel: the handshake times out.
                Err(_) if self.clients[client].unplugged => return self.clients[client].rtc.disconnect(),
                Err(error) => panic!("client {client}: {error}"),
            }
        }
    }

    /// Delivers what left a shard, and what the shards have to tell each other.
    fn carry(&mut self, wire: Wire) {
        let mut wires = VecDeque::from([wire]);
        loop {
            while let Some(wire) = wires.pop_front() {
                for sent in wire.0 {
                    self.deliver(sent);
                }
            }
            for from in 0..self.shards.len() {
                while let Some(event) = self.shards[from].poll_event() {
                    self.events.push(event);
                }
                while let Some((recipient, message)) = self.shards[from].poll_message() {
                    for to in 0..self.shards.len() {
                        let meant = match recipient {
                            Recipient::One(shard) => usize::from(shard.0) == to,
                            Recipient::Others => to != from,
                        };
                        if meant {
                            let mut wire = Wire::default();
                            self.shards[to].handle_message(self.now, message.clone(), &mut wire);
                            wires.push_back(wire);
                        }
                    }
                }
            }
            if wires.is_empty() {
                return;
            }
        }
    }

    fn loses(&mut self, bytes: &[u8]) -> bool {
        let lost = self.handshakes_to_lose > 0 && (20..64).contains(&bytes[0]);
        self.handshakes_to_lose -= usize::from(lost);
        lost
    }

    fn deliver(&mut self, sent: Sent) {
        if self.loses(&sent.bytes) {
            return;
        }
        assert_eq!(sent.from, SERVER.ip());
        if let Some(number) = self.clients.iter().position(|client| client.address == sent.to)
            && !self.clients[number].unplugged
        {
            let passed = self.clients[number].fault.carry(self.now, Way::Down, sent.bytes.clone());
            if let Some(bytes) = passed {
                self.arrive(number, &bytes);
            }
        }
        if self.recording {
            self.sent.push(sent);
        }
    }

    /// A datagram has come to a client.
    fn arrive(&mut self, number: usize, bytes: &[u8]) {
        let Ok(contents) = bytes.try_into() else { return };
        let (proto, destination) = (Protocol::Udp, home_address(number));
        let receive = Receive { proto, source: SERVER, destination, contents };
        self.clients[number].rtc.handle_input(Input::Receive(self.now, receive)).unwrap();
        self.drain(number);
    }

    /// A datagram of a client has come to the server. One that has moved still thinks of itself as where it was: its NAT
    /// has changed.
    fn reach(&mut self, client: usize, bytes: &[u8]) {
        let Client { address, entry, intercepted, .. } = self.clients[client];
        if self.recording {
            self.received.push((entry, address, bytes.to_vec()));
        }
        if !intercepted {
            self.inject(entry, address, bytes);
        }
    }
}

/// A connectivity check from whoever holds these credentials.
pub fn check(credentials: &Credentials) -> Vec<u8> {
    let username = format!("{}:them", credentials.ufrag);
    let message = StunMessage::binding_request(&username, TransId::new(), true, 9, 7, true);
    let mut bytes = vec![0; 512];
    let length = message.to_bytes(Some(credentials.pwd.as_bytes()), &mut bytes, hmac_sha1).unwrap();
    bytes.truncate(length);
    bytes
}

fn hmac_sha1(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let mut context = hmac::Context::with_key(&key);
    parts.iter().for_each(|part| context.update(part));
    context.sign().as_ref().try_into().unwrap()
}
