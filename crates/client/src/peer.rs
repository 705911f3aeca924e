//! One media connection to the server, without sockets and without a clock.
//!
//! [`Offering`] → its [`sdp`](Offering::sdp) goes to the server by [`crate::api::Socket`] → [`Offering::accept`] with the
//! answer → [`Peer`]. Then, for ever:
//!
//! 1. [`Peer::poll`] until it returns [`Poll::Timeout`]: send what it wants sent, take its events.
//! 2. Wait for a datagram or that time; [`Peer::handle_datagram`] or [`Peer::handle_timeout`]; back to 1.
//!
//! Whoever only counts voices need not decrypt them: look at [`kind`] and keep [`Kind::Rtp`] away from the peer. The
//! rest must reach it, or the server takes it for gone (`protocol::limits::MEDIA_SILENT_PERIOD`).

mod answer;
mod identity;
mod kind;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use protocol::media::{SLOTS, Sdp};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{DatagramSend, Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite, SeqNo};
use str0m::{Candidate, IceConnectionState, Input, Output, Rtc};

pub use answer::candidates;
pub use identity::{Identity, IdentityError};
pub use kind::{Kind, kind};

/// Opus, in the offer that the stack writes.
const OPUS: u8 = 111;
/// Ticks of the RTP clock of Opus in a second (RFC 7587 section 4.1).
pub const CLOCK_RATE: u32 = 48_000;

/// No connection can be made of this.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    #[error("this client's media stack could not make an offer")]
    Offer,
    #[error("the server's answer about audio could not be understood")]
    Answer,
    #[error("{0} cannot be an end of a media connection")]
    Address(SocketAddr),
}

/// An offer that waits for its answer: one line to speak on, [`SLOTS`] to listen on.
pub struct Offering {
    rtc: Box<Rtc>,
    pending: SdpPendingOffer,
    mic: Mid,
    slots: [Mid; SLOTS],
    sdp: Sdp,
}

/// A connection, from the answer to its end. Never renegotiated: a broken one is replaced.
pub struct Peer {
    rtc: Box<Rtc>,
    mic: Mid,
    /// By slot; of the answer.
    ssrcs: [Option<u32>; SLOTS],
    next_seq: SeqNo,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Alive,
    /// The stack gave up; not told yet.
    Broken,
    Ended,
}

/// What a connection wants.
#[derive(Debug)]
pub enum Poll {
    /// Send this, and poll again.
    Transmit(Transmit),
    /// Something happened; poll again.
    Event(Event),
    /// Nothing to do until then, or until a datagram comes.
    Timeout(Instant),
}

/// One datagram to send.
#[derive(Debug)]
pub struct Transmit {
    /// One of the addresses given to [`Offering::accept`].
    pub from: SocketAddr,
    /// One of the server's candidates. Some may be out of reach: an error in sending to one is no end.
    pub to: SocketAddr,
    pub contents: DatagramSend,
}

/// What happens to a connection.
#[derive(Debug)]
pub enum Event {
    /// The handshake is done, voices can come and go.
    Connected,
    /// A voice packet that authenticated.
    Packet(Packet),
    /// Nothing came back for a while. Build another.
    Disconnected,
    /// Said goodbye to, or broken. Nothing comes after it.
    Closed,
}

/// One voice packet.
#[derive(Debug, Clone)]
pub struct Packet {
    /// When it was received.
    pub at: Instant,
    /// Below [`SLOTS`].
    pub slot: usize,
    pub ssrc: u32,
    /// Extended beyond its 16 bits (RFC 3550 section A.1).
    pub seq: u64,
    /// In ticks of [`CLOCK_RATE`].
    pub timestamp: u32,
    /// The first after a silence.
    pub marker: bool,
    /// Who speaks: a `ParticipantId`. None in a packet without a CSRC.
    pub talker: Option<u32>,
    pub payload_type: u8,
    /// Opus, or whatever the people in the room sent.
    pub payload: Arc<[u8]>,
}

/// 20 ms of speech, as they leave.
#[derive(Debug, Clone, Copy)]
pub struct Voice<'a> {
    /// An Opus packet.
    pub payload: &'a [u8],
    /// In ticks of [`CLOCK_RATE`]; goes on through silence.
    pub timestamp: u32,
    pub level: Level,
    pub spurt: Spurt,
}

/// Loudness in −dBov (RFC 6464): 0 is as loud as can be, 127 is silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(pub u8);

/// Where a packet stands in what somebody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spurt {
    /// The first after a silence: the marker bit (RFC 3551 section 4.1).
    Begins,
    GoesOn,
}

impl Level {
    pub const SILENCE: Self = Self(127);
    /// Louder than this counts as voice: a quiet room's noise is below it.
    const VOICE: Self = Self(60);

    /// Of samples at full scale 32,768.
    pub fn of(samples: &[i16]) -> Self {
        let energy: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        let mean = energy / (samples.len().max(1) as f64) / f64::from(i16::MAX).powi(2);
        let below = -10.0 * mean.max(1e-13).log10();
        (0..=127).rev().find(|level| f64::from(*level) <= below).map_or(Self(0), Self)
    }
}

impl Offering {
    /// # Errors
    /// `Offer` when the stack cannot make one.
    pub fn new(identity: &Identity, now: Instant) -> Result<Self, PeerError> {
        let mut rtc =
            Box::new(identity.config().set_rtp_mode(true).clear_codecs().enable_opus(true, false).build(now));
        let mut changes = rtc.sdp_api();
        // The order is the contract: the microphone's line first, then the slots.
        let mic = changes.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let slots =
            [(); SLOTS].map(|()| changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None));
        let (offer, pending) = changes.apply().ok_or(PeerError::Offer)?;
        Ok(Self { rtc, pending, mic, slots, sdp: Sdp(offer.to_sdp_string()) })
    }

    /// What to send to the server.
    pub fn sdp(&self) -> &Sdp {
        &self.sdp
    }

    /// `local` are the addresses of bound UDP sockets: the server learns them from the first packets.
    ///
    /// # Errors
    /// `Answer` or `Address`.
    pub fn accept(self, answer: &Sdp, local: &[SocketAddr]) -> Result<Peer, PeerError> {
        let Self { mut rtc, pending, mic, slots, .. } = self;
        for address in local {
            let candidate = Candidate::host(*address, "udp").map_err(|_| PeerError::Address(*address))?;
            rtc.add_local_candidate(candidate);
        }
        let ssrcs = answer::ssrcs(answer, &slots.map(|mid| mid.to_string()));
        let answer = SdpAnswer::from_sdp_string(&answer.0).map_err(|_| PeerError::Answer)?;
        rtc.sdp_api().accept_answer(pending, answer).map_err(|_| PeerError::Answer)?;
        Ok(Peer { rtc, mic, ssrcs, next_seq: SeqNo::from(1), state: State::Alive })
    }
}

impl Peer {
    /// A datagram that came to the socket bound at `local`. What belongs to nobody is passed over.
    pub fn handle_datagram(&mut self, now: Instant, source: SocketAddr, local: SocketAddr, bytes: &[u8]) {
        let Ok(contents) = bytes.try_into() else { return };
        let receive = Receive { proto: Protocol::Udp, source, destination: local, contents };
        self.handle(Input::Receive(now, receive));
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        self.handle(Input::Timeout(now));
    }

    fn handle(&mut self, input: Input<'_>) {
        if self.state == State::Alive && self.rtc.handle_input(input).is_err() {
            self.give_up();
        }
    }

    /// The next thing this connection wants. After `Closed` it wants nothing any more.
    pub fn poll(&mut self, now: Instant) -> Poll {
        loop {
            match self.state {
                State::Alive => {}
                State::Broken => {
                    self.state = State::Ended;
                    return Poll::Event(Event::Closed);
                }
                State::Ended => return Poll::Timeout(now + NEVER),
            }
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => {
                    return Poll::Transmit(Transmit {
                        from: transmit.source,
                        to: transmit.destination,
                        contents: transmit.contents,
                    });
                }
                Ok(Output::Timeout(at)) if self.rtc.is_alive() => return Poll::Timeout(at),
                Ok(Output::Event(event)) => {
                    if let Some(event) = self.translate(event) {
                        return Poll::Event(event);
                    }
                }
                Ok(Output::Timeout(_)) | Err(_) => self.give_up(),
            }
        }
    }

    /// Sends 20 ms of speech. Lost without a word while there is no connection, as speech is.
    pub fn send_voice(&mut self, now: Instant, voice: Voice<'_>) {
        if self.state != State::Alive || !self.rtc.is_connected() {
            return;
        }
        let extensions = ExtensionValues {
            audio_level: i8::try_from(voice.level.0).ok().map(|below| -below),
            voice_activity: Some(voice.level < Level::VOICE),
            ..ExtensionValues::default()
        };
        let write = RtpWrite::new(OPUS.into(), self.next_seq, voice.timestamp, now, voice.payload.to_vec())
            .marker(voice.spurt == Spurt::Begins)
            .ext_vals(extensions);
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(self.mic, None) {
            stream.write_rtp(write);
            self.next_seq.inc();
        }
    }

    pub fn is_connected(&self) -> bool {
        self.state == State::Alive && self.rtc.is_connected()
    }

    /// The SSRC of each slot, as the answer says.
    pub fn ssrcs(&self) -> [Option<u32>; SLOTS] {
        self.ssrcs
    }

    /// Says goodbye: what [`Self::poll`] still wants sent is the goodbye, and `Closed` comes after it.
    pub fn close(&mut self) {
        if self.rtc.close().is_err() {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        self.rtc.disconnect();
        self.state = State::Broken;
    }

    fn translate(&mut self, event: str0m::Event) -> Option<Event> {
        match event {
            str0m::Event::Connected => Some(Event::Connected),
            str0m::Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                Some(Event::Disconnected)
            }
            str0m::Event::RtpPacket(packet) => self.packet(packet).map(Event::Packet),
            _ => None,
        }
    }

    fn packet(&self, packet: str0m::rtp::RtpPacket) -> Option<Packet> {
        let header = &packet.header;
        let ssrc = *header.ssrc;
        Some(Packet {
            at: packet.timestamp,
            slot: self.ssrcs.iter().position(|known| *known == Some(ssrc))?,
            ssrc,
            seq: *packet.seq_no,
            timestamp: header.timestamp,
            marker: header.marker,
            talker: (header.csrc_count > 0).then_some(header.csrc[0]),
            payload_type: *header.payload_type,
            payload: packet.payload,
        })
    }
}

/// What an ended connection waits for.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);
