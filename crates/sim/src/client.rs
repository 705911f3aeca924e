//! Somebody else's WebRTC stack as a client of ours.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use media::pack::opus;
use media::{PeerKey, SLOT_SSRC};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, Frequency, MediaKind, MediaTime, Mid};
use str0m::rtp::{ExtensionValues, RtpWrite, SeqNo};
use str0m::{Candidate, Rtc};

use crate::network::Fault;

/// The format of Opus in an offer of this stack, as in those of Chromium.
const OPUS: u8 = 111;

/// A voice packet as a client got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub at: Instant,
    pub slot: usize,
    pub talker: u32,
    pub seq: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub payload: Vec<u8>,
}

/// A frame as a stack that takes redundancy apart by itself hands it to its decoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub at: Instant,
    pub slot: usize,
    pub timestamp: u32,
    pub payload: Vec<u8>,
}

/// What a client's stack does with voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    /// Packets as they are; it knows nothing of redundancy.
    Packets,
    /// Frames, sent with redundancy and made whole from it (RFC 2198), by the stack itself.
    Redundant,
    /// Packets as they are, on a single line: a program that only listens.
    OneLine,
}

impl Stack {
    /// Lines to listen on.
    pub(crate) fn slots(self) -> usize {
        match self {
            Self::Packets | Self::Redundant => 3,
            Self::OneLine => 1,
        }
    }
}

impl Heard {
    /// Every Opus frame in it, with its place on the slot's clock.
    pub fn frames(&self) -> Vec<(u32, Vec<u8>)> {
        let ticks = opus::ticks(&self.payload).expect("an Opus packet");
        let frames = opus::Frames::parse(&self.payload).expect("an Opus packet");
        let each = ticks / u32::try_from(frames.iter().len()).unwrap();
        let at = |i: u32| self.timestamp.wrapping_add(i * each);
        (0..).zip(frames.iter()).map(|(i, frame)| (at(i), frame.to_vec())).collect()
    }
}

/// What the server said it has sent in a slot, and what had come by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    pub packets: u32,
    pub octets: u32,
    pub heard: (u32, u32),
}

/// One client: its own stack, its line, and what it was sent.
pub struct Client {
    pub rtc: Rtc,
    pub peer: PeerKey,
    pub address: SocketAddr,
    /// The shard whose socket its datagrams come in at.
    pub entry: usize,
    /// Nothing gets through in either direction.
    pub unplugged: bool,
    /// What it sends is recorded and goes no further.
    pub intercepted: bool,
    /// What its network does to datagrams.
    pub fault: Fault,
    pub heard: Vec<Heard>,
    /// Of a stack that is [`Stack::Redundant`].
    pub frames: Vec<Frame>,
    pub reported: Vec<Reported>,
    /// The loss of its own voice as the server reports it.
    pub losses: Vec<f32>,
    pub(crate) stack: Stack,
    /// None of a stack that is [`Stack::OneLine`].
    mic: Option<Mid>,
    slots: Vec<Mid>,
    seq: SeqNo,
    timestamp: u32,
}

/// A stack that has made its offer.
pub(crate) struct Offering {
    pub(crate) rtc: Rtc,
    pub(crate) offer: String,
    pending: SdpPendingOffer,
    stack: Stack,
    mic: Option<Mid>,
    slots: Vec<Mid>,
}

impl Offering {
    /// As the web client offers, the microphone first, then three lines to listen on; or as a program does.
    pub(crate) fn new(number: usize, stack: Stack, now: Instant) -> Self {
        let mut rtc = Rtc::builder()
            .set_rtp_mode(stack != Stack::Redundant)
            .set_rtcp_report_interval_audio(Duration::from_secs(1))
            .set_stats_interval(Some(Duration::from_secs(1)))
            .clear_codecs()
            .enable_opus(true, stack == Stack::Redundant)
            .build(now);
        rtc.add_local_candidate(Candidate::host(home_address(number), "udp").unwrap());
        let mut changes = rtc.sdp_api();
        let mut line = |direction| changes.add_media(MediaKind::Audio, direction, None, None, None);
        let mic = (stack != Stack::OneLine).then(|| line(Direction::SendOnly));
        let slots = (0..stack.slots()).map(|_| line(Direction::RecvOnly)).collect();
        let (offer, pending) = changes.apply().unwrap();
        Self { rtc, offer: offer.to_sdp_string(), pending, stack, mic, slots }
    }
}

impl Client {
    pub(crate) fn new(number: usize, peer: PeerKey, offering: Offering, answer: &str) -> Self {
        let Offering { mut rtc, pending, stack, mic, slots, .. } = offering;
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer).unwrap()).unwrap();
        Self {
            rtc,
            peer,
            address: home_address(number),
            entry: usize::from(peer.shard.0),
            unplugged: false,
            intercepted: false,
            fault: Fault::none(number as u64),
            heard: Vec::new(),
            frames: Vec::new(),
            reported: Vec::new(),
            losses: Vec::new(),
            stack,
            mic,
            slots,
            seq: SeqNo::from(1000),
            timestamp: 5_000,
        }
    }

    /// The same person on the same line as before, with what they have heard.
    pub(crate) fn takes_over(&mut self, before: Self) {
        (self.heard, self.frames, self.fault) = (before.heard, before.frames, before.fault);
        self.timestamp = before.timestamp;
    }

    /// `ticks` of the 48 kHz clock, loudly.
    pub(crate) fn speak(&mut self, now: Instant, payload: Vec<u8>, ticks: u32) {
        let mic = self.mic.expect("a microphone");
        match self.stack {
            Stack::Packets | Stack::OneLine => {
                let exts = ExtensionValues {
                    audio_level: Some(-10),
                    voice_activity: Some(true),
                    ..Default::default()
                };
                let mut api = self.rtc.direct_api();
                let stream = api.stream_tx_by_mid(mic, None).expect("a microphone");
                let write = RtpWrite::new(OPUS.into(), self.seq, self.timestamp, now, payload).ext_vals(exts);
                stream.write_rtp(write);
                self.seq.inc();
            }
            Stack::Redundant => {
                let writer = self.rtc.writer(mic).expect("a microphone").audio_level(-10, true);
                let time = MediaTime::new(u64::from(self.timestamp), Frequency::FORTY_EIGHT_KHZ);
                writer.write(OPUS.into(), now, time, payload).unwrap();
            }
        }
        self.pause(ticks);
    }

    /// Nothing was sent of so much time.
    pub(crate) fn pause(&mut self, ticks: u32) {
        self.timestamp = self.timestamp.wrapping_add(ticks);
    }

    pub(crate) fn note(&mut self, now: Instant, event: str0m::Event) {
        match event {
            str0m::Event::RtpPacket(packet) => {
                let ssrc = *packet.header.ssrc;
                let slot = SLOT_SSRC.iter().position(|slot| *slot == ssrc).expect("an SSRC of the answer");
                if let Some(info) = packet.last_sender_info {
                    self.note_report(slot, info.sender_packet_count, info.sender_octet_count);
                }
                self.heard.push(Heard {
                    at: now,
                    slot,
                    talker: packet.header.csrc[0],
                    seq: *packet.seq_no,
                    timestamp: packet.header.timestamp,
                    marker: packet.header.marker,
                    payload: packet.payload.to_vec(),
                });
            }
            str0m::Event::MediaData(data) => self.frames.push(Frame {
                at: now,
                slot: self.slots.iter().position(|slot| *slot == data.mid).expect("a line to listen on"),
                timestamp: data.time.numer() as u32,
                payload: data.data.to_vec(),
            }),
            str0m::Event::MediaEgressStats(stats) => {
                self.losses.extend(stats.loss);
            }
            _ => {}
        }
    }

    /// The stack shows a report with every packet after it: the first one counts.
    fn note_report(&mut self, slot: usize, packets: u32, octets: u32) {
        let told = |reported: &Reported| (reported.packets, reported.octets) == (packets, octets);
        if self.reported.iter().any(told) {
            return;
        }
        let count = |length: usize| u32::try_from(length).unwrap();
        let before = self.heard.iter().filter(|heard| heard.slot == slot);
        let heard = before
            .fold((0, 0), |(packets, octets), heard| (packets + 1, octets + count(heard.payload.len())));
        self.reported.push(Reported { packets, octets, heard });
    }
}

/// The address that the client itself knows.
pub(crate) fn home_address(number: usize) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, u8::try_from(number + 1).unwrap()], 40_000))
}
