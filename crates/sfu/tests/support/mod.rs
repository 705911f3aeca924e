//! A server on real sockets, and clients that are somebody else's WebRTC stack, each with its own socket and thread.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use media::sdp::Offer;
use media::{ChannelKey, Event, Incarnation, PeerKey, Talker, Voice};
use sfu::{Config, Handle};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite, SeqNo};
use str0m::{Candidate, Input, Output, Rtc};

/// Longer than anything here takes; only a failure waits for so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    pub(crate) handle: Handle,
    events: Receiver<Event>,
    seen: Vec<Event>,
    candidates: Vec<SocketAddr>,
}

impl Server {
    /// Bound to this address, and reachable at these.
    pub(crate) fn start(bind: &str, shards: usize, reachable: &[&str]) -> Self {
        let sockets = sfu::bind(bind.parse().unwrap(), shards).unwrap();
        let port = sockets[0].local_addr().unwrap().port();
        let (post, events) = channel();
        let address = |ip: &&str| SocketAddr::new(ip.parse().unwrap(), port);
        let candidates: Vec<SocketAddr> = reachable.iter().map(address).collect();
        let config = Config {
            sockets,
            candidates: candidates.clone(),
            incarnation: Incarnation(0x5ea5_0001),
            seed: 42,
            on_broken: Box::new(|shard| panic!("{shard:?} is broken")),
        };
        // Events after the end of a test are nobody's business.
        let handle = sfu::start(config, move |event| {
            let _ = post.send(event);
        })
        .unwrap();
        Self { handle, events, seen: Vec::new(), candidates }
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
        let client = self.admit(ip);
        self.wait_for(Event::Connected { peer: client.peer });
        client.knows_that_it_is_connected();
        client
    }

    pub(crate) fn admit(&self, ip: &str) -> Client {
        let ip: IpAddr = ip.parse().unwrap();
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        let local = socket.local_addr().unwrap();
        let mut rtc =
            Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).build(Instant::now());
        rtc.add_local_candidate(Candidate::host(local, "udp").unwrap());
        let mut changes = rtc.sdp_api();
        let mic = changes.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        for _ in 0..3 {
            changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = changes.apply().unwrap();
        let offer = Offer::parse(&offer.to_sdp_string()).unwrap();
        let admitted = self.handle.admit(&offer).unwrap();
        let answer = SdpAnswer::from_sdp_string(&admitted.answer).unwrap();
        rtc.sdp_api().accept_answer(pending, answer).unwrap();

        let (orders, to_do) = channel();
        let (tell, heard) = channel();
        let life = Life { rtc, socket, local, mic, to_do, tell, seq: 1000.into(), timestamp: 7 };
        let server = self.candidates.clone();
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
    Voice { talker: u32, byte: u8 },
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
    /// Say goodbye, and end.
    Leave,
    End,
}

impl Client {
    pub(crate) fn speak(&self, byte: u8) {
        self.orders.send(Order::Speak(byte)).unwrap();
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
            if let What::Voice { talker, byte: voice } = heard.what
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
    socket: UdpSocket,
    local: SocketAddr,
    mic: Mid,
    to_do: Receiver<Order>,
    tell: Sender<Heard>,
    seq: SeqNo,
    timestamp: u32,
}

impl Life {
    fn live(mut self, server: &[SocketAddr]) {
        let mut speaks = None;
        let mut next_word = Instant::now();
        let mut bytes = [0; 2048];
        loop {
            let timeout = self.drain();
            match self.to_do.try_recv() {
                Ok(Order::Speak(byte)) => (speaks, next_word) = (Some(byte), Instant::now()),
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
                next_word += Duration::from_millis(20);
                continue;
            }
            let wait = timeout.saturating_duration_since(Instant::now()).min(Duration::from_millis(2));
            self.socket.set_read_timeout(Some(wait.max(Duration::from_micros(500)))).unwrap();
            match self.socket.recv_from(&mut bytes) {
                Ok((len, source)) => {
                    assert!(server.contains(&source), "an answer from where nobody was asked");
                    let at = Instant::now();
                    // The test may have heard enough.
                    let _ = self.tell.send(Heard { at, what: What::Datagram });
                    let Ok(contents) = bytes[..len].try_into() else { continue };
                    let receive = Receive { proto: Protocol::Udp, source, destination: self.local, contents };
                    self.rtc.handle_input(Input::Receive(at, receive)).unwrap();
                }
                Err(_) => self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap(),
            }
        }
    }

    fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => return at,
                Output::Transmit(transmit) => {
                    if transmit.destination.is_ipv4() == self.local.is_ipv4() {
                        self.socket.send_to(&transmit.contents, transmit.destination).unwrap();
                    }
                }
                Output::Event(str0m::Event::RtpPacket(packet)) => {
                    let (talker, byte) = (packet.header.csrc[0], packet.payload[1]);
                    let _ = self.tell.send(Heard { at: Instant::now(), what: What::Voice { talker, byte } });
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
    server.handle.listen(client.peer, channel, Some(talker)).unwrap();
    server.handle.voice(client.peer, channel, talker, Voice::On).unwrap();
}
