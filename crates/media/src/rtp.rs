//! RTP headers (RFC 3550 section 5.1) and the two header extensions that are read (RFC 8285).

use crate::packet::{Frame, Level, SLOT_SSRC};

/// Our own header: fixed part and one CSRC, the talker.
pub(crate) const HEADER: usize = 16;

/// A received packet, its header read and its body still sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtpPacket<'a> {
    pub payload_type: u8,
    pub marker: bool,
    pub seq: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    padded: bool,
    extension: Extension<'a>,
    /// Everything before the body, extensions included: authenticated, not encrypted (RFC 7714 section 8.2).
    pub header: &'a [u8],
    pub body: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extension<'a> {
    None,
    OneByte(&'a [u8]),
    TwoByte(&'a [u8]),
}

impl<'a> RtpPacket<'a> {
    /// `None` when the bytes are no RTP packet of version 2. A function of the bytes.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (fixed, _) = bytes.split_first_chunk::<12>()?;
        let [first, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = *fixed;
        if first >> 6 != 2 {
            return None;
        }
        let mut header = 12 + 4 * usize::from(first & 0x0f);
        let mut extension = Extension::None;
        if first & 0x10 != 0 {
            let [p0, p1, l0, l1] = *bytes.get(header..)?.first_chunk::<4>()?;
            let start = header + 4;
            header = start + 4 * usize::from(u16::from_be_bytes([l0, l1]));
            let elements = bytes.get(start..header)?;
            extension = match u16::from_be_bytes([p0, p1]) {
                0xbede => Extension::OneByte(elements),
                profile if profile >> 4 == 0x100 => Extension::TwoByte(elements),
                _ => Extension::None,
            };
        }
        let (header, body) = bytes.split_at_checked(header)?;
        Some(Self {
            payload_type: second & 0x7f,
            marker: second & 0x80 != 0,
            seq: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
            padded: first & 0x20 != 0,
            extension,
            header,
            body,
        })
    }

    /// The payload of an opened body, without its padding. `None` when the padding is longer than the body.
    pub fn payload<'b>(&self, opened: &'b [u8]) -> Option<&'b [u8]> {
        if !self.padded {
            return Some(opened);
        }
        let padding = usize::from(*opened.last()?);
        if padding == 0 {
            return None;
        }
        opened.get(..opened.len().checked_sub(padding)?)
    }

    /// The sender's own audio level. The one place that decides where levels come from.
    pub fn level(&self, id: u8) -> Option<Level> {
        self.extension(id)?.first().copied().map(Level::from_wire)
    }

    /// The data of one header extension element.
    pub fn extension(&self, id: u8) -> Option<&'a [u8]> {
        let (mut rest, two_byte) = match self.extension {
            Extension::None => return None,
            Extension::OneByte(elements) => (elements, false),
            Extension::TwoByte(elements) => (elements, true),
        };
        loop {
            let (&first, after) = rest.split_first()?;
            // A zero byte is padding in both forms (RFC 8285 sections 4.2 and 4.3).
            if first == 0 {
                rest = after;
                continue;
            }
            let (element, length, after) = if two_byte {
                let (&length, after) = after.split_first()?;
                (first, usize::from(length), after)
            } else if first >> 4 == 15 {
                return None;
            } else {
                (first >> 4, usize::from(first & 0x0f) + 1, after)
            };
            let (data, after) = after.split_at_checked(length)?;
            if element == id {
                return Some(data);
            }
            rest = after;
        }
    }
}

/// What all listeners' headers of one frame have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeaderTemplate([u8; HEADER]);

/// Whether the payload ends in RTP padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Padding {
    None,
    Padded,
}

impl HeaderTemplate {
    /// `None` when there is no such slot.
    pub(crate) fn new(frame: &Frame, padding: Padding) -> Option<Self> {
        let ssrc = SLOT_SSRC.get(usize::from(frame.slot))?;
        let mut header = [0; HEADER];
        header[0] = 0x81 | if padding == Padding::Padded { 0x20 } else { 0 };
        header[1] = if frame.marker { 0x80 } else { 0 };
        header[4..8].copy_from_slice(&frame.timestamp.to_be_bytes());
        header[8..12].copy_from_slice(&ssrc.to_be_bytes());
        header[12..].copy_from_slice(&frame.talker.0.to_be_bytes());
        Some(Self(header))
    }

    /// One listener's header: its own payload type and sequence number.
    #[inline]
    pub(crate) fn stamp(mut self, payload_type: u8, seq: u16) -> [u8; HEADER] {
        self.0[1] |= payload_type;
        self.0[2..4].copy_from_slice(&seq.to_be_bytes());
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Marker, payload type 111, one-byte extensions: level 42 as id 1, mid "0" as id 4.
    const CHROMIUM: &[u8] = &[
        0x90, 0xef, 0x12, 0x34, 0, 0, 3, 0xc0, 0xde, 0xad, 0xbe, 0xef, 0xbe, 0xde, 0, 1, 0x10, 0xaa, 0x40,
        b'0', 7, 8, 9,
    ];

    #[test]
    fn a_packet_with_extensions_is_read() {
        let packet = RtpPacket::parse(CHROMIUM).expect("a packet");
        assert_eq!((packet.payload_type, packet.marker, packet.seq), (111, true, 0x1234));
        assert_eq!((packet.timestamp, packet.ssrc), (960, 0xdead_beef));
        assert_eq!(packet.level(1).map(Level::minus_dbov), Some(42));
        assert_eq!(packet.extension(4), Some(&b"0"[..]));
        assert_eq!(packet.extension(2), None);
        assert_eq!((packet.header.len(), packet.body), (20, &[7, 8, 9][..]));
    }

    #[test]
    fn a_two_byte_extension_is_read() {
        let bytes = [0x90, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 0x00, 0, 2, 2, 0, 1, 1, 0x85, 0, 0, 0, 1];
        let packet = RtpPacket::parse(&bytes).expect("a packet");
        assert_eq!(packet.extension(2), Some(&[][..]));
        assert_eq!(packet.level(1).map(Level::minus_dbov), Some(5));
    }

    #[test]
    fn padding_is_taken_off_and_never_more_than_there_is() {
        let mut bytes = CHROMIUM.to_vec();
        bytes[0] |= 0x20;
        let packet = RtpPacket::parse(&bytes).expect("a packet");
        assert_eq!(packet.payload(&[1, 2, 0, 2]), Some(&[1, 2][..]));
        assert_eq!(packet.payload(&[1, 2, 0, 5]), None);
        assert_eq!(packet.payload(&[1, 0]), None);
        assert_eq!(packet.payload(&[]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_packet_or_are_not(bytes in proptest::collection::vec(any::<u8>(), 0..120), id: u8) {
            if let Some(packet) = RtpPacket::parse(&bytes) {
                prop_assert_eq!(packet.header.len() + packet.body.len(), bytes.len());
                let _ = (packet.extension(id), packet.level(id), packet.payload(packet.body));
            }
        }

        #[test]
        fn a_mangled_packet_is_a_packet_or_is_not(at in 0..CHROMIUM.len(), byte: u8, id: u8, cut in 0..CHROMIUM.len()) {
            let mut bytes = CHROMIUM.to_vec();
            bytes[at] = byte;
            bytes.truncate(cut);
            if let Some(packet) = RtpPacket::parse(&bytes) {
                let _ = (packet.extension(id), packet.payload(packet.body));
            }
        }
    }
}
