//! Writes the answer: the same sections as the offer, our side of each from a template.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::offer::{Offer, Role, Section};
use super::{Fingerprint, MicLine};
use crate::ice::Credentials;
use crate::packet::SLOT_SSRC;

/// Our side of the connection.
#[derive(Debug, Clone, Copy)]
pub struct AnswerParams<'a> {
    pub credentials: &'a Credentials,
    /// Of our certificate.
    pub fingerprint: Fingerprint,
    pub candidates: &'a Candidates,
}

/// Where clients can reach us: host candidates, the preferred ones first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    pub udp: Vec<SocketAddr>,
    /// Where we wait for connections (RFC 6544, `passive`), for those whose network lets no UDP through.
    pub tcp: Vec<SocketAddr>,
}

/// The answer to `offer`. ICE-lite, DTLS server, one bundle: the microphone line receives, up to three lines send a
/// slot each, everything else is rejected.
pub fn answer(offer: &Offer, params: &AnswerParams<'_>) -> String {
    let mut out = String::with_capacity(1_024 * offer.sections.len());
    // Everybody's session has the same numbers: it is never changed, and nothing is to be read from them.
    out.push_str("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE");
    for section in offer.sections.iter().filter(|section| section.role != Role::Rejected) {
        out.push(' ');
        out.push_str(&section.mid);
    }
    out.push_str("\r\na=msid-semantic: WMS *\r\n");
    for section in &offer.sections {
        // Writing to a String does not fail.
        let _ =
            match section.role {
                Role::Rejected => reject(&mut out, section),
                Role::Microphone => open(&mut out, section, &offer.mic, params)
                    .and_then(|()| microphone(&mut out, &offer.mic)),
                Role::Slot(slot) => open(&mut out, section, &offer.mic, params)
                    .and_then(|()| listen(&mut out, slot, &offer.mic)),
            };
    }
    out
}

fn reject(out: &mut String, section: &Section) -> std::fmt::Result {
    let Section { kind, protocol, format, mid, .. } = section;
    write!(out, "m={kind} 0 {protocol} {format}\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n")?;
    if mid.is_empty() { Ok(()) } else { write!(out, "a=mid:{mid}\r\n") }
}

fn open(out: &mut String, section: &Section, mic: &MicLine, params: &AnswerParams<'_>) -> std::fmt::Result {
    let opus = mic.payload_type;
    // The first format is the one we would rather be sent: a voice that survives its own way here is worth the bytes.
    let formats = match (mic.redundant, section.role) {
        (None, _) => opus.to_string(),
        (Some(red), Role::Microphone) => format!("{red} {opus}"),
        (Some(red), _) => format!("{opus} {red}"),
    };
    write!(
        out,
        "m=audio 9 {} {formats}\r\nc=IN IP4 0.0.0.0\r\na=mid:{}\r\na=rtcp-mux\r\n\
         a=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=fingerprint:sha-256 {}\r\na=setup:passive\r\n\
         a=rtpmap:{opus} opus/48000/2\r\n",
        section.protocol,
        section.mid,
        params.credentials.ufrag,
        params.credentials.pwd.as_str(),
        params.fingerprint,
    )?;
    if let Some(red) = mic.redundant {
        write!(out, "a=rtpmap:{red} red/48000/2\r\na=fmtp:{red} {opus}/{opus}\r\n")?;
    }
    let Candidates { udp, tcp } = params.candidates;
    for (i, candidate) in udp.iter().enumerate() {
        // RFC 8445 section 5.1.2.1: type preference 126 for host, one local preference each, component 1.
        let priority = 126u32 << 24 | u32::from(u16::MAX - u16::try_from(i).unwrap_or(u16::MAX)) << 8 | 255;
        let (ip, port) = (candidate.ip(), candidate.port());
        write!(out, "a=candidate:{} 1 udp {priority} {ip} {port} typ host\r\n", i + 1)?;
    }
    for (i, candidate) in tcp.iter().enumerate() {
        // RFC 6544 section 4.2: a lower type preference than any UDP candidate, direction preference 4 for passive.
        let local = 4u32 << 13 | 0x1fff_u32.saturating_sub(u32::try_from(i).unwrap_or(u32::MAX));
        let priority = 90u32 << 24 | local << 8 | 255;
        let (ip, port, foundation) = (candidate.ip(), candidate.port(), udp.len() + i + 1);
        // Firefox takes no TCP candidate without its type.
        write!(out, "a=candidate:{foundation} 1 tcp {priority} {ip} {port} typ host tcptype passive\r\n")?;
    }
    out.push_str("a=end-of-candidates\r\n");
    Ok(())
}

fn microphone(out: &mut String, mic: &MicLine) -> std::fmt::Result {
    // Mono, discontinuous, with forward error correction; without a bound Firefox sends 64 kbit/s.
    write!(
        out,
        "a=recvonly\r\na=ptime:20\r\n\
         a=fmtp:{} minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=40000\r\n",
        mic.payload_type
    )?;
    if let Some(id) = mic.level_extension {
        write!(out, "a=extmap:{id} urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n")?;
    }
    if let Some(id) = mic.mid_extension {
        write!(out, "a=extmap:{id} urn:ietf:params:rtp-hdrext:sdes:mid\r\n")?;
    }
    Ok(())
}

fn listen(out: &mut String, slot: usize, mic: &MicLine) -> std::fmt::Result {
    let Some(ssrc) = SLOT_SSRC.get(slot) else { return Ok(()) };
    write!(
        out,
        "a=sendonly\r\na=fmtp:{} minptime=10;useinbandfec=1\r\n\
         a=msid:slot{slot} slot{slot}\r\na=ssrc:{ssrc} cname:{}\r\n",
        mic.payload_type,
        crate::limits::CNAME,
    )
}
