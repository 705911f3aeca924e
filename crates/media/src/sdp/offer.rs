//! Reads an offer: once through the lines, nothing kept that the answer or the packets do not need.

use super::{Fingerprint, Hears, MicLine};
use crate::limits::{OFFER_BYTES, OFFER_LINES, OFFER_MEDIA, OFFER_TOKEN};
use crate::packet::SLOTS;

const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";

/// What a client offered, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub fingerprint: Fingerprint,
    /// Of the line to speak on, or, from whoever only listens, of the first line to listen on: without extensions, since
    /// nothing comes that could carry one.
    pub mic: MicLine,
    /// All media sections in the order of the offer: the answer has the same ones.
    pub(super) sections: Vec<Section>,
}

/// Why an offer cannot be answered. All but `Malformed` and `TooLarge` come from clients that cannot be served here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    #[error("the offer is larger than an audio offer can be")]
    TooLarge,
    #[error("the offer is not a session description")]
    Malformed,
    #[error("the offer has no audio line with Opus")]
    NoOpus,
    #[error("the offer has no SHA-256 fingerprint")]
    NoFingerprint,
    #[error("the offer has no ICE credentials")]
    NoIce,
    #[error("the offer wants to be the DTLS server")]
    NotActive,
    #[error("the offer does not bundle, or does not multiplex RTP and RTCP")]
    NotBundled,
}

/// One media section of the offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) kind: String,
    pub(super) protocol: String,
    /// A rejected section must name a format, which means nothing (RFC 3264 section 6).
    pub(super) format: String,
    pub(super) mid: String,
    pub(super) role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Microphone,
    /// Below [`SLOTS`].
    Slot(usize),
    Rejected,
}

impl Offer {
    /// Reads an offer. A function of the bytes, bounded by [`OFFER_BYTES`].
    pub fn parse(text: &str) -> Result<Self, OfferError> {
        let (session, drafts) = read(text)?;
        let mic = drafts.iter().position(Draft::can_be_microphone);
        let listens = |draft: &&Draft| draft.opus.is_some_and(|opus| draft.can_be_slot(opus));
        let line = mic.and_then(|mic| drafts.get(mic)).or_else(|| drafts.iter().find(listens));
        let line = line.ok_or(OfferError::NoOpus)?;
        let payload_type = line.opus.ok_or(OfferError::NoOpus)?;
        if !session.bundle.contains(&line.mid) || !line.rtcp_mux {
            return Err(OfferError::NotBundled);
        }
        // A bundle has one transport; its description may stand in the session or in any section (RFC 8843 section 7).
        let transport = line.transport.or(&session.transport);
        if !(transport.ufrag && transport.pwd) {
            return Err(OfferError::NoIce);
        }
        if transport.setup == Some(Setup::Passive) {
            return Err(OfferError::NotActive);
        }
        let fingerprint = transport.fingerprint.ok_or(OfferError::NoFingerprint)?;
        // In both directions the same, or not at all.
        let is_redundant =
            |draft: &Draft| draft.redundant_of(payload_type) == line.redundant_of(payload_type);
        let everywhere = drafts.iter().filter(|draft| draft.can_be_slot(payload_type)).all(is_redundant);
        let mic_line = MicLine {
            payload_type,
            redundant: line.redundant_of(payload_type).filter(|_| everywhere),
            level_extension: line.level_extension.filter(|_| mic.is_some()),
            mid_extension: line.mid_extension.filter(|_| mic.is_some()),
            mid: line.mid.clone(),
            hears: Hears::Everybody,
        };
        let mut slots = 0..SLOTS;
        let sections = drafts
            .into_iter()
            .enumerate()
            .map(|(i, draft)| {
                let listens = draft.can_be_slot(payload_type) && session.bundle.contains(&draft.mid);
                let role = match (Some(i) == mic, listens) {
                    (true, _) => Role::Microphone,
                    (false, true) => slots.next().map_or(Role::Rejected, Role::Slot),
                    (false, false) => Role::Rejected,
                };
                draft.into_section(role)
            })
            .collect();
        let mut offer = Self { fingerprint, mic: mic_line, sections };
        if !offer.speaks() && offer.slots() == 1 {
            offer.mic.hears = Hears::Loudest;
        }
        Ok(offer)
    }

    /// Whether there is a line to speak on.
    pub fn speaks(&self) -> bool {
        self.sections.iter().any(|section| section.role == Role::Microphone)
    }

    /// How many talkers this client can hear at once, up to [`SLOTS`].
    pub fn slots(&self) -> usize {
        self.sections.iter().filter(|section| matches!(section.role, Role::Slot(_))).count()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setup {
    Active,
    Passive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Sends,
    Receives,
    Neither,
}

#[derive(Debug, Default)]
struct Session {
    bundle: Vec<String>,
    transport: Transport,
}

/// Transport attributes that may stand in the session or in a section.
#[derive(Debug, Default, Clone, Copy)]
struct Transport {
    ufrag: bool,
    pwd: bool,
    fingerprint: Option<Fingerprint>,
    setup: Option<Setup>,
}

impl Transport {
    fn or(self, session: &Self) -> Self {
        Self {
            ufrag: self.ufrag || session.ufrag,
            pwd: self.pwd || session.pwd,
            fingerprint: self.fingerprint.or(session.fingerprint),
            setup: self.setup.or(session.setup),
        }
    }

    /// Takes the attribute if it is one of the transport's.
    fn read(&mut self, name: &str, value: &str) -> Result<(), OfferError> {
        match name {
            "ice-ufrag" => self.ufrag |= is_ice_text(value, 4),
            "ice-pwd" => self.pwd |= is_ice_text(value, 22),
            "setup" => {
                self.setup = Some(if value == "passive" { Setup::Passive } else { Setup::Active });
            }
            "fingerprint" => {
                if let Some((hash, hex)) = value.split_once(' ')
                    && hash.eq_ignore_ascii_case("sha-256")
                {
                    self.fingerprint = Some(read_fingerprint(hex).ok_or(OfferError::Malformed)?);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// A media section while it is being read.
#[derive(Debug)]
struct Draft {
    kind: String,
    protocol: String,
    formats: Vec<String>,
    wanted: bool,
    mid: String,
    direction: Direction,
    rtcp_mux: bool,
    opus: Option<u8>,
    red: Option<u8>,
    /// A format, and the one whose blocks it carries.
    carries: Option<(u8, u8)>,
    level_extension: Option<u8>,
    mid_extension: Option<u8>,
    transport: Transport,
}

impl Draft {
    fn new(value: &str) -> Result<Self, OfferError> {
        let mut words = value.split_ascii_whitespace();
        let (Some(kind), Some(port), Some(protocol)) = (words.next(), words.next(), words.next()) else {
            return Err(OfferError::Malformed);
        };
        let formats: Vec<String> = words.take(OFFER_LINES).map(token).collect::<Result<_, _>>()?;
        if formats.is_empty() {
            return Err(OfferError::Malformed);
        }
        Ok(Self {
            kind: token(kind)?,
            protocol: protocol_token(protocol)?,
            formats,
            wanted: port != "0",
            mid: String::new(),
            direction: Direction::Sends,
            rtcp_mux: false,
            opus: None,
            red: None,
            carries: None,
            level_extension: None,
            mid_extension: None,
            transport: Transport::default(),
        })
    }

    fn read(&mut self, name: &str, value: &str) -> Result<(), OfferError> {
        match name {
            "mid" => self.mid = token(value)?,
            "sendrecv" | "sendonly" => self.direction = Direction::Sends,
            "recvonly" => self.direction = Direction::Receives,
            "inactive" => self.direction = Direction::Neither,
            "rtcp-mux" => self.rtcp_mux = true,
            // Port 0 then means "on the port of the bundle" (RFC 8843 section 6).
            "bundle-only" => self.wanted = true,
            "rtpmap" => self.read_rtpmap(value),
            "fmtp" => self.read_fmtp(value),
            "extmap" => self.read_extmap(value),
            _ => self.transport.read(name, value)?,
        }
        Ok(())
    }

    fn read_rtpmap(&mut self, value: &str) {
        let Some((payload_type, codec)) = value.split_once(' ') else { return };
        let place = match codec {
            codec if codec.eq_ignore_ascii_case("opus/48000/2") => &mut self.opus,
            codec if codec.eq_ignore_ascii_case("red/48000/2") => &mut self.red,
            _ => return,
        };
        if place.is_none() && self.formats.iter().any(|format| format == payload_type) {
            *place = payload_type.parse().ok().filter(|number| is_payload_type(*number));
        }
    }

    /// `63 111/111`: the format of each block, a slash between them (RFC 2198 section 5).
    fn read_fmtp(&mut self, value: &str) {
        let Some((format, blocks)) = value.split_once(' ') else { return };
        let mut blocks = blocks.split('/').map(|block| block.trim().parse::<u8>().ok());
        if let (Ok(format), Some(first)) = (format.parse(), blocks.next().flatten())
            && blocks.all(|block| block == Some(first))
        {
            self.carries = Some((format, first));
        }
    }

    /// The format that carries blocks of `opus`.
    fn redundant_of(&self, opus: u8) -> Option<u8> {
        self.red.filter(|red| self.carries == Some((*red, opus)))
    }

    fn read_extmap(&mut self, value: &str) {
        let mut words = value.split_ascii_whitespace();
        let (Some(id), Some(uri)) = (words.next(), words.next()) else { return };
        let id = id.split('/').next().and_then(|id| id.parse::<u8>().ok());
        // Only the one-byte form of RFC 8285 is answered: its ids end at 14.
        let id = id.filter(|id| (1..=14).contains(id));
        match uri {
            AUDIO_LEVEL => self.level_extension = id,
            MID => self.mid_extension = id,
            _ => {}
        }
    }

    fn is_audio(&self) -> bool {
        self.wanted && self.kind == "audio" && self.protocol == "UDP/TLS/RTP/SAVPF" && !self.mid.is_empty()
    }

    fn can_be_microphone(&self) -> bool {
        self.is_audio() && self.direction == Direction::Sends && self.opus.is_some()
    }

    fn can_be_slot(&self, payload_type: u8) -> bool {
        self.is_audio()
            && self.direction == Direction::Receives
            && self.opus == Some(payload_type)
            && self.rtcp_mux
    }

    fn into_section(mut self, role: Role) -> Section {
        // A static payload type needs no further description.
        let format = match self.formats.swap_remove(0) {
            number if number.bytes().all(|digit| digit.is_ascii_digit()) => "0".to_owned(),
            word => word,
        };
        Section { kind: self.kind, protocol: self.protocol, format, mid: self.mid, role }
    }
}

fn read(text: &str) -> Result<(Session, Vec<Draft>), OfferError> {
    if text.len() > OFFER_BYTES || text.lines().take(OFFER_LINES + 1).count() > OFFER_LINES {
        return Err(OfferError::TooLarge);
    }
    let mut lines = text.lines();
    if lines.next() != Some("v=0") {
        return Err(OfferError::Malformed);
    }
    let mut session = Session::default();
    let mut sections: Vec<Draft> = Vec::new();
    for line in lines.map(str::trim_end).filter(|line| !line.is_empty()) {
        let (letter, value) = line.split_once('=').ok_or(OfferError::Malformed)?;
        match letter {
            "m" => {
                if sections.len() == OFFER_MEDIA {
                    return Err(OfferError::TooLarge);
                }
                sections.push(Draft::new(value)?);
            }
            "a" => {
                let (name, value) = value.split_once(':').unwrap_or((value, ""));
                match sections.last_mut() {
                    Some(section) => section.read(name, value)?,
                    None if name == "group" => read_group(&mut session, value)?,
                    None => session.transport.read(name, value)?,
                }
            }
            _ => {}
        }
    }
    Ok((session, sections))
}

fn read_group(session: &mut Session, value: &str) -> Result<(), OfferError> {
    let mut words = value.split_ascii_whitespace();
    if words.next() == Some("BUNDLE") && session.bundle.is_empty() {
        session.bundle = words.take(OFFER_MEDIA).map(token).collect::<Result<_, _>>()?;
    }
    Ok(())
}

/// Payload types that cannot be mistaken for RTCP (RFC 5761 section 4).
fn is_payload_type(number: u8) -> bool {
    number <= 127 && !(64..=95).contains(&number)
}

/// `token` of RFC 8866 section 9, with a bound; it will be written into the answer.
fn token(text: &str) -> Result<String, OfferError> {
    let is_token = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&c);
    if text.is_empty() || text.len() > OFFER_TOKEN || !text.bytes().all(is_token) {
        return Err(OfferError::Malformed);
    }
    Ok(text.to_owned())
}

/// Tokens with slashes between them.
fn protocol_token(text: &str) -> Result<String, OfferError> {
    if text.len() > OFFER_TOKEN {
        return Err(OfferError::Malformed);
    }
    text.split('/').try_for_each(|part| token(part).map(drop))?;
    Ok(text.to_owned())
}

/// `ice-char` of RFC 8839 section 5.4, `shortest` to 256 of them.
fn is_ice_text(text: &str, shortest: usize) -> bool {
    (shortest..=256).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'+' || c == b'/')
}

fn read_fingerprint(hex: &str) -> Option<Fingerprint> {
    let mut bytes = [0; 32];
    let mut pairs = hex.trim().split(':');
    for byte in &mut bytes {
        let pair = pairs.next().filter(|pair| pair.len() == 2)?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    pairs.next().is_none().then_some(Fingerprint(bytes))
}
