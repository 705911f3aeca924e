//! A server on real sockets, and clients that are somebody else's WebRTC stack, each with its own socket and thread.
#![allow(dead_code, reason = "every test file is a program of its own and uses what it needs")]

mod door;
pub(crate) mod wire;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use media::channel::SILENCE;
use media::sdp::{Candidates, Offer};
use media::{ChannelKey, Ear, Event, Incarnation, PackingRules, PeerKey, Talker, Voice};
use sfu::{Config, Handle};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::rtp::{ExtensionValues, RtpWrite, SeqNo};
use str0m::{Input, Output, Rtc};
use wire::Wire;

/// Longer than anything here takes; only a failure waits for so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// No channel is there, so whoever comes near it is spread over the shards.
const NOWHERE: ChannelKey = ChannelKey { index: u32::MAX, generation: 0 };

pub(crate) const INCARNATION: Incarnation = Incarnation(0x5ea5_0001);

pub(crate) struct Server {
    pub(crate) handle: Handle,
    events: Receiver<Event>,
    seen: Vec<Event>,
    candidates: Vec<SocketAddr>,
    /// Where connections come in.
    pub(crate) door: SocketAddr,
    /// Connections that were accepted and are not closed yet.
    pub(crate) places: Arc<()>,
}

/// What the network of a client lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    Udp,
    TcpOnly,
}

impl Server {
    /// Bound to this address, and reachable at these.
    pub(crate) fn start(bind: &str, shards: usize, reachable: &[&str]) -> Self {
        let sockets = sfu::bind(bind.parse().unwrap(), shards).unwrap();
        let address = sockets[0].local_addr().unwrap();
        let port = address.port();
        let listener = TcpListener::bind((address.ip(), 0)).unwrap();
        let door = listener.local_addr().unwrap();
        let (post, events) = channel();
        let address = |ip: &&str| SocketAddr::new(ip.parse().unwrap(), port);
        let candidates: Vec<SocketAddr> = reachable.iter().map(address).collect();
        let config = Config {
            sockets,
            candidates: Candidates { udp: candidates.clone(), tcp: vec![door] },
            incarnation: INCARNATION,
            seed: 42,
            packing: PackingRules::default(),
            on_broken: Box::new(|shard| panic!("{shard:?} is broken")),
        };
        // Events after the end of a test are nobody's business.
        let handle = sfu::start(config, move |event| {
            let _ = post.send(event);
        })
        .unwrap();
        let places = Arc::new(());
        door::open(listener, &handle, &places);
        Self { handle, events, seen: Vec::new(), candidates, door, places }
    }

    /// Of the UDP port.
    pub(crate) fn address(&self) -> SocketAddr {
        self.candidates[0]
    }

    /// Waits until this has happened, now or before.
    pub(crate) fn wait_for(&mut self, wanted: Event) {
        let until = Instant::now() + PATIENCE;
        while !self.seen.contains(&wanted) {
            let left = until.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(event) => self.seen.push(event),
                Err(_) => panic!("no {wanted:?} among {:?}; {:?}", self.seen, self.handle.stats()),
            }
        }
    }

    /// A client on this address that has connected.
    pub(crate) fn join(&mut self, ip: &str) -> Client {
        self.join_by(ip, Network::Udp)
    }

    pub(crate) fn join_by(&mut self, ip: &str, network: Network) -> Client {
        let client = self.admit_by(ip, network);
        self.wait_for(Event::Connected { peer: client.peer });
        client.knows_that_it_is_connected();
        client
    }

    pub(crate) fn admit(&self, ip: &str) -> Client {
        self.admit_by(ip, Network::Udp)
    }

    fn admit_by(&self, ip: &str, network: Network) -> Client {
        let ip: IpAddr = ip.parse().unwrap();
        let (wire, candidate) = match network {
            Network::Udp => Wire::udp(ip),
            Network::TcpOnly => Wire::tcp(self.door),
        };
        let mut rtc =
            Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).build(Instant::now());
        rtc.add_local_candidate(candidate);
        let mut changes = rtc.sdp_api();
        let mic = changes.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        for _ in 0..3 {
            changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = changes.apply().unwrap();
        let offer = Offer::parse(&offer.to_sdp_string()).unwrap();
        let admitted = self.handle.admit(&offer, NOWHERE).unwrap();
        let answer = SdpAnswer::from_sdp_string(&admitted.answer).unwrap();
        rtc.sdp_api().accept_answer(pending, answer).unwrap();

        let (orders, to_do) = channel();
        let (tell, heard) = channel();
        let life = Life { rtc, wire, mic, to_do, tell, seq: 1000.into(), timestamp: 7, words: 0, copies: 1 };
        let server = [&self.candidates[..], &[self.door]].concat();
        let thread = std::thread::spawn(move || life.live(&server));
        Client { peer: admitted.peer, orders, heard, thread: Some(thread) }
    }
}

/// What reached a client, and when.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// The client's side of the handshake is done.
    Connected,
    /// Any datagram at all.
    Datagram,
    /// A voice packet that authenticated.
    Voice { talker: u32, byte: u8, number: u32 },
}

pub(crate) struct Client {
    pub(crate) peer: PeerKey,
    orders: Sender<Order>,
    heard: Receiver<Heard>,
    thread: Option<JoinHandle<()>>,
}

enum Order {
    /// Speech every 20 ms from now on; the byte says whose.
    Speak(u8),
    /// The same, fifty times as often.
    Flood(u8),
    /// From now on every datagram leaves so many times.
    Repeat(usize),
    /// Reads and sends nothing more; the socket stays.
    Freeze,
    /// Say goodbye, and end.
    Leave,
    End,
}

impl Client {
    pub(crate) fn speak(&self, byte: u8) {
        self.orders.send(Order::Speak(byte)).unwrap();
    }

    pub(crate) fn flood(&self, byte: u8) {
        self.orders.send(Order::Flood(byte)).unwrap();
    }

    pub(crate) fn repeat(&self, times: usize) {
        self.orders.send(Order::Repeat(times)).unwrap();
    }

    pub(crate) fn freeze(&self) {
        self.orders.send(Order::Freeze).unwrap();
    }

    /// Waits until so many packets with this voice have come one after the other, and fails when one is missing.
    pub(crate) fn hears_all(&self, byte: u8, count: usize) {
        let until = Instant::now() + PATIENCE;
        let mut numbers: Vec<u32> = Vec::new();
        while numbers.len() < count {
            let left = until.saturating_duration_since(Instant::now());
            let heard = self.heard.recv_timeout(left).unwrap_or_else(|_| panic!("nothing of {byte}"));
            if let What::Voice { byte: voice, number, .. } = heard.what
                && voice == byte
            {
                numbers.push(number);
            }
        }
        let missing: Vec<_> = numbers.windows(2).filter(|pair| pair[1] != pair[0] + 1).collect();
        assert!(missing.is_empty(), "lost or disordered: {missing:?}");
    }

    fn knows_that_it_is_connected(&self) {
        let until = Instant::now() + PATIENCE;
        let left = || until.saturating_duration_since(Instant::now());
        let mut heard = std::iter::from_fn(|| self.heard.recv_timeout(left()).ok());
        assert!(heard.any(|heard| heard.what == What::Connected), "the server says so, the client does not");
    }

    pub(crate) fn leave(self) {
        self.orders.send(Order::Leave).unwrap();
    }

    /// Waits until so many packets with this voice have come, and gives the talkers they named.
    pub(crate) fn hears(&self, byte: u8, count: usize) -> Vec<u32> {
        let until = Instant::now() + PATIENCE;
        let mut talkers = Vec::new();
        while talkers.len() < count {
            let left = until.saturating_duration_since(Instant::now());
            let heard = self.heard.recv_timeout(left).unwrap_or_else(|_| panic!("nothing of {byte}"));
            if let What::Voice { talker, byte: voice, .. } = heard.what
                && voice == byte
            {
                talkers.push(talker);
            }
        }
        talkers
    }

    /// All that comes within `span`.
    pub(crate) fn listen(&self, span: Duration) -> Vec<Heard> {
        let until = Instant::now() + span;
        let left = || until.saturating_duration_since(Instant::now());
        std::iter::from_fn(|| self.heard.recv_timeout(left()).ok()).collect()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::End);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("a client has failed");
        }
    }
}

/// The client's thread.
struct Life {
    rtc: Rtc,
    wire: Wire,
    mic: Mid,
    to_do: Receiver<Order>,
    tell: Sender<Heard>,
    seq: SeqNo,
    timestamp: u32,
    /// Said so far; each word has its number.
    words: u32,
    /// How often each datagram leaves.
    copies: usize,
}

/// What one packet lasts.
const WORD: Duration = Duration::from_millis(20);

impl Life {
    fn live(mut self, server: &[SocketAddr]) {
        let (mut speaks, mut pace) = (None, WORD);
        let mut next_word = Instant::now();
        loop {
            let timeout = self.drain();
            match self.to_do.try_recv() {
                Ok(Order::Speak(byte)) => (speaks, next_word) = (Some(byte), Instant::now()),
                Ok(Order::Flood(byte)) => {
                    (speaks, next_word, pace) = (Some(byte), Instant::now(), WORD / 50);
                }
                Ok(Order::Repeat(times)) => self.copies = times,
                // Until the test drops its end.
                Ok(Order::Freeze) => {
                    while !matches!(self.to_do.recv(), Ok(Order::End) | Err(_)) {}
                    return;
                }
                Ok(Order::Leave) => {
                    self.rtc.close().unwrap();
                    while self.rtc.is_alive() {
                        self.drain();
                        self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
                    }
                    return;
                }
                Ok(Order::End) => return,
                Err(_) => {}
            }
            if let Some(byte) = speaks
                && Instant::now() >= next_word
            {
                self.word(byte);
                next_word += pace;
                continue;
            }
            let wait = timeout.saturating_duration_since(Instant::now()).min(Duration::from_millis(2));
            let Life { rtc, wire, tell, .. } = &mut self;
            let came = wire.receive(wait.max(Duration::from_micros(500)), |receive| {
                assert!(server.contains(&receive.source), "an answer from where nobody was asked");
                let at = Instant::now();
                // The test may have heard enough.
                let _ = tell.send(Heard { at, what: What::Datagram });
                rtc.handle_input(Input::Receive(at, receive)).unwrap();
            });
            if !came {
                self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
            }
        }
    }

    fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => return at,
                Output::Transmit(transmit) => (0..self.copies).for_each(|_| self.wire.send(&transmit)),
                Output::Event(str0m::Event::RtpPacket(packet)) => {
                    // Somebody else was cut off.
                    if *packet.payload == SILENCE {
                        continue;
                    }
                    let (talker, byte) = (packet.header.csrc[0], packet.payload[1]);
                    let number = u32::from_be_bytes(*packet.payload[2..].first_chunk().unwrap());
                    let what = What::Voice { talker, byte, number };
                    let _ = self.tell.send(Heard { at: Instant::now(), what });
                }
                Output::Event(str0m::Event::Connected) => {
                    let _ = self.tell.send(Heard { at: Instant::now(), what: What::Connected });
                }
                Output::Event(_) => {}
            }
        }
    }

    fn word(&mut self, byte: u8) {
        let mut payload = vec![byte; 80];
        payload[0] = 0x78;
        self.words += 1;
        payload[2..6].copy_from_slice(&self.words.to_be_bytes());
        let exts =
            ExtensionValues { audio_level: Some(-30), voice_activity: Some(true), ..Default::default() };
        let now = Instant::now();
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(self.mic, None).expect("a microphone");
        stream.write_rtp(RtpWrite::new(111.into(), self.seq, self.timestamp, now, payload).ext_vals(exts));
        self.seq.inc();
        self.timestamp = self.timestamp.wrapping_add(960);
    }
}

/// Both hear the channel, and each speaks in it with this name and byte.
pub(crate) fn on_stage(server: &Server, channel: ChannelKey, client: &Client, talker: u32) {
    let talker = Talker(talker);
    server.handle.listen(client.peer, channel, Some(talker), Ear::Audience).unwrap();
    server.handle.voice(client.peer, channel, talker, Voice::On).unwrap();
}
