//! The two things that this client itself reads in an answer; the rest is the stack's.

use std::net::{IpAddr, SocketAddr};

use protocol::media::{SLOTS, Sdp};

use crate::limits::{ANSWER_SDP_BYTES_MAX, CANDIDATES_MAX};

/// Where the server listens for UDP, best first as it says. Useful to choose which address to bind.
pub fn candidates(answer: &Sdp) -> Vec<SocketAddr> {
    let mut found: Vec<SocketAddr> =
        lines(answer).filter_map(|line| line.strip_prefix("a=candidate:")).filter_map(candidate).collect();
    found.dedup();
    found.truncate(CANDIDATES_MAX);
    found
}

/// `1 1 udp 2130706431 192.0.2.1 3478 typ host` (RFC 8839 section 5.1).
fn candidate(value: &str) -> Option<SocketAddr> {
    let mut words = value.split_ascii_whitespace().skip(2);
    let transport = words.next()?;
    let mut words = words.skip(1);
    let (ip, port) = (words.next()?.parse::<IpAddr>().ok()?, words.next()?.parse().ok()?);
    transport.eq_ignore_ascii_case("udp").then_some(SocketAddr::new(ip, port))
}

/// The SSRC of each slot, whose sections have these mids.
pub(super) fn ssrcs(answer: &Sdp, mids: &[String; SLOTS]) -> [Option<u32>; SLOTS] {
    let mut ssrcs = [None; SLOTS];
    let mut slot = None;
    for line in lines(answer) {
        if line.starts_with("m=") {
            slot = None;
        } else if let Some(mid) = line.strip_prefix("a=mid:") {
            slot = mids.iter().position(|known| known == mid);
        } else if let Some(ssrc) = line.strip_prefix("a=ssrc:")
            && let Some(place) = slot.and_then(|slot| ssrcs.get_mut(slot))
        {
            *place = ssrc.split(' ').next().and_then(|number| number.parse().ok());
        }
    }
    ssrcs
}

fn lines(answer: &Sdp) -> impl Iterator<Item = &str> {
    let text = if answer.0.len() > ANSWER_SDP_BYTES_MAX { "" } else { answer.0.as_str() };
    text.lines().map(str::trim_end)
}
