//! Somebody who talks: another WebRTC stack, on a thread of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use protocol::media::Sdp;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::rtp::{ExtensionValues, RtpWrite, SeqNo};
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::net::TcpSocket;

use super::house::PATIENCE;
use super::wire::Wire;

impl Network {
    pub(super) const BOTH: [Self; 2] = [Self::Udp, Self::TcpOnly];
}

/// A connection that has made its offer.
pub(super) struct Offering {
    life: Life,
    pending: SdpPendingOffer,
    pub(super) offer: String,
}

/// A connection on its thread.
pub(super) struct Voice {
    orders: Sender<Order>,
    heard: Receiver<(Instant, u8)>,
}

enum Order {
    Speak(u8),
    /// Reads and sends nothing more.
    Stop(Sender<Wire>),
    End,
}

/// What the network of somebody lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    Udp,
    /// The port of the web is all there is.
    TcpOnly,
}

struct Life {
    rtc: Rtc,
    wire: Wire,
    mic: Option<Mid>,
    seq: SeqNo,
    timestamp: u32,
}

impl Offering {
    pub(super) fn new() -> Self {
        Self::over(Wire::udp(IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }

    pub(super) fn on(network: Network, web: SocketAddr) -> Self {
        match network {
            Network::Udp => Self::new(),
            Network::TcpOnly => Self::over(Wire::tcp(web)),
        }
    }

    /// Without UDP, and with next to no space for what comes: whoever does not read is behind at once.
    pub(super) async fn with_a_short_queue(web: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let stream = socket.connect(web).await.unwrap().into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        Self::over(Wire::over(stream, web))
    }

    /// What a program offers: a line to speak on, or lines to listen on, never both.
    pub(super) fn of_a_program(lines: &[Direction]) -> Self {
        Self::with_lines(Wire::udp(IpAddr::V4(Ipv4Addr::LOCALHOST)), lines)
    }

    fn over(wire: (Wire, Candidate)) -> Self {
        use Direction::{RecvOnly, SendOnly};
        Self::with_lines(wire, &[SendOnly, RecvOnly, RecvOnly, RecvOnly])
    }

    /// Whoever has no line to speak on says nothing.
    fn with_lines((wire, candidate): (Wire, Candidate), lines: &[Direction]) -> Self {
        let mut rtc =
            Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).build(Instant::now());
        rtc.add_local_candidate(candidate);
        let mut changes = rtc.sdp_api();
        let mut mic = None;
        for line in lines {
            let mid = changes.add_media(MediaKind::Audio, *line, None, None, None);
            if *line == Direction::SendOnly {
                mic = Some(mid);
            }
        }
        let (offer, pending) = changes.apply().unwrap();
        let life = Life { rtc, wire, mic, seq: 1000.into(), timestamp: 7 };
        Self { life, pending, offer: offer.to_sdp_string() }
    }

    /// Connects by the server's answer, and speaks nothing yet.
    pub(super) fn connect(self, answer: &Sdp) -> Voice {
        let Self { mut life, pending, .. } = self;
        let answer = SdpAnswer::from_sdp_string(&answer.0).unwrap();
        life.rtc.sdp_api().accept_answer(pending, answer).unwrap();
        let (orders, to_do) = channel();
        let (tell, heard) = channel();
        std::thread::spawn(move || life.live(&to_do, &tell));
        Voice { orders, heard }
    }
}

impl Voice {
    /// Speech every 20 ms from now on, whether anybody asked for it or not; the byte says whose.
    pub(super) fn speak(&self, byte: u8) {
        self.orders.send(Order::Speak(byte)).unwrap();
    }

    /// Stops reading, and gives the connection out of its hands.
    pub(super) fn stops_reading(&self) -> TcpStream {
        let (give, given) = channel();
        self.orders.send(Order::Stop(give)).unwrap();
        match given.recv_timeout(PATIENCE).unwrap() {
            Wire::Tcp { stream, .. } => stream,
            Wire::Udp { .. } => panic!("a datagram waits for nobody"),
        }
    }

    /// Waits until so many packets of this voice have come.
    pub(super) fn hears(&self, byte: u8, count: usize) {
        let until = Instant::now() + PATIENCE;
        let mut left = count;
        while left > 0 {
            let wait = until.saturating_duration_since(Instant::now());
            let (_, voice) = self.heard.recv_timeout(wait).unwrap_or_else(|_| panic!("nothing of {byte}"));
            left -= usize::from(voice == byte);
        }
    }

    /// When the last packet of this voice came within `span`, if one did; forgets what came before `from`.
    pub(super) fn last_of(&self, byte: u8, from: Instant, span: Duration) -> Option<Instant> {
        let until = Instant::now() + span;
        let mut last = None;
        while let Ok((at, voice)) = self.heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if voice == byte && at > from {
                last = Some(at);
            }
        }
        last
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::End);
    }
}

impl Life {
    fn live(mut self, to_do: &Receiver<Order>, tell: &Sender<(Instant, u8)>) {
        let mut speaks = None;
        let mut next_word = Instant::now();
        loop {
            let timeout = self.drain(tell);
            match to_do.try_recv() {
                Ok(Order::Speak(byte)) => (speaks, next_word) = (Some(byte), Instant::now()),
                Ok(Order::Stop(give)) => {
                    let _ = give.send(self.wire);
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
            let Self { rtc, wire, .. } = &mut self;
            let came = wire.receive(wait.max(Duration::from_micros(500)), |receive| {
                rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
            });
            if !came {
                self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
            }
        }
    }

    fn drain(&mut self, tell: &Sender<(Instant, u8)>) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => return at,
                Output::Transmit(transmit) => self.wire.send(&transmit),
                Output::Event(Event::RtpPacket(packet)) => {
                    let _ = tell.send((Instant::now(), packet.payload[1]));
                }
                Output::Event(_) => {}
            }
        }
    }

    fn word(&mut self, byte: u8) {
        let mut payload = vec![byte; 80];
        // Opus, SILK wideband, one frame of 20 ms.
        payload[0] = 0x78;
        let level =
            ExtensionValues { audio_level: Some(-30), voice_activity: Some(true), ..Default::default() };
        let mut api = self.rtc.direct_api();
        let Some(stream) = self.mic.and_then(|mic| api.stream_tx_by_mid(mic, None)) else { return };
        let write =
            RtpWrite::new(111.into(), self.seq, self.timestamp, Instant::now(), payload).ext_vals(level);
        stream.write_rtp(write);
        self.seq.inc();
        self.timestamp = self.timestamp.wrapping_add(960);
    }
}
