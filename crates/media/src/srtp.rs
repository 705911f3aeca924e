//! SRTP and SRTCP with AES-GCM (RFC 3711, RFC 7714).
//!
//! A key, an SSRC and an index make a nonce, and a nonce must never seal two different packets: with GCM that gives
//! the key away. So nobody can choose an index. A [`SlotSealer`] and an [`RtcpSealer`] are the only owners of their
//! keys, cannot be copied, and use up an index before they seal under it.

mod derive;
mod inline;
mod open;
mod seal;

pub use derive::{Profile, SessionKeys, Short};
pub use open::{OpenError, RtcpOpener, RtpOpener};
pub use seal::{RtcpSealer, SlotSealer};

/// AES-GCM tag, bytes.
pub(crate) const TAG: usize = 16;

/// Index and encryption flag at the end of an SRTCP packet, bytes.
pub(crate) const SRTCP_TRAILER: usize = 4;

type Salt = [u8; 12];

/// RFC 7714 section 8.1: SSRC, rollover counter and sequence number over the salt. `index` has 48 bits.
#[inline]
fn rtp_iv(salt: &Salt, ssrc: u32, index: u64) -> [u8; 12] {
    let mut iv = [0; 12];
    iv[2..6].copy_from_slice(&ssrc.to_be_bytes());
    iv[6..].copy_from_slice(&index.to_be_bytes()[2..]);
    exclusive_or(iv, salt)
}

/// RFC 7714 section 9.1: SSRC and the 31-bit SRTCP index over the salt.
fn rtcp_iv(salt: &Salt, ssrc: u32, index: u32) -> [u8; 12] {
    let mut iv = [0; 12];
    iv[2..6].copy_from_slice(&ssrc.to_be_bytes());
    iv[8..].copy_from_slice(&index.to_be_bytes());
    exclusive_or(iv, salt)
}

#[inline]
fn exclusive_or(mut iv: [u8; 12], salt: &Salt) -> [u8; 12] {
    iv.iter_mut().zip(salt).for_each(|(byte, salt)| *byte ^= salt);
    iv
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "small numbers")]
mod tests {
    use super::*;
    use crate::key::Talker;
    use crate::packet::{Frame, Payload};
    use crate::rtp::{HeaderTemplate, Padding, RtpPacket};
    use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    fn key() -> LessSafeKey {
        let key: Vec<u8> = (0..16).collect();
        LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("a key"))
    }

    /// RFC 7714 section 16.1.1.
    #[test]
    fn a_packet_of_the_standard_is_opened() {
        let salt = *b"Quid pro quo";
        let packet = hex("8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5
             0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce");
        let packet = RtpPacket::parse(&packet).expect("a packet");
        let mut plain = [0; 64];
        let (length, index) = RtpOpener::new(key(), salt).open(&packet, &mut plain).expect("authentic");
        assert_eq!(index, 0xf17b);
        assert_eq!(&plain[..length], b"Gallia est omnis divisa in partes tres");
    }

    fn material(fill: u8) -> Vec<u8> {
        // The same for both directions, so that one end can open what it has sealed itself.
        [vec![fill; 64], vec![fill ^ 0xff; 24]].concat()
    }

    fn frame(slot: u8, byte: u8) -> Frame {
        let payload = Payload::new(&[byte; 30]).expect("short");
        Frame { slot, timestamp: 960, marker: true, talker: Talker(9), ticks: 960, solo: None, payload }
    }

    #[test]
    fn a_sealed_packet_is_opened_by_its_receiver_only() {
        let mut keys = SessionKeys::new(Profile::Aes256Gcm, &material(1), 7).expect("keys");
        let mut others = SessionKeys::new(Profile::Aes256Gcm, &material(2), 7).expect("keys");
        let frame = frame(1, 5);
        let header = HeaderTemplate::new(&frame, Padding::None).expect("a slot");
        let mut bytes = [0; 200];
        let length = keys.rtp_out.seal(1, header, 111, &frame.payload, &mut bytes).expect("fits");
        let packet = RtpPacket::parse(&bytes[..length]).expect("a packet");
        let mut plain = [0; 200];
        assert_eq!(others.rtp_in.open(&packet, &mut plain), Err(OpenError::Forged));
        let (length, _) = keys.rtp_in.open(&packet, &mut plain).expect("authentic");
        assert_eq!(&plain[..length], &[5; 30]);
        assert_eq!(keys.rtp_in.open(&packet, &mut plain), Err(OpenError::Replayed));
    }

    #[test]
    fn reports_are_sealed_and_opened() {
        let mut keys = SessionKeys::new(Profile::Aes128Gcm, &material(3), 7).expect("keys");
        let mut bytes = [0; 100];
        bytes[..8].copy_from_slice(&[0x80, 201, 0, 1, 0, 0, 0, 5]);
        let length = keys.rtcp_out.seal(&mut bytes, 8).expect("fits");
        let mut plain = [0; 100];
        assert_eq!(keys.rtcp_in.open(&bytes[..length], &mut plain), Ok(8));
        assert_eq!(plain[..8], bytes[..8]);
        assert_eq!(keys.rtcp_in.open(&bytes[..length], &mut plain), Err(OpenError::Replayed));
        for at in 0..length {
            let mut forged = bytes;
            forged[at] ^= 1;
            assert!(keys.rtcp_in.open(&forged[..length], &mut plain).is_err(), "byte {at}");
        }
    }

    #[test]
    fn no_room_is_no_packet_and_no_panic() {
        let mut keys = SessionKeys::new(Profile::Aes128Gcm, &material(3), 7).expect("keys");
        let frame = frame(0, 1);
        let header = HeaderTemplate::new(&frame, Padding::None).expect("a slot");
        for room in 0..62 {
            assert_eq!(keys.rtp_out.seal(0, header, 111, &frame.payload, &mut vec![0; room]), None);
            assert_eq!(keys.rtcp_out.seal(&mut vec![0; room.min(27)], 8), None);
        }
        assert_eq!(keys.rtp_out.seal(3, header, 111, &frame.payload, &mut [0; 200]), None, "no such slot");
    }

    #[test]
    fn a_source_beyond_the_eighth_is_refused() {
        let sealer = key();
        let mut opener = RtpOpener::new(key(), [0; 12]);
        let mut plain = [0; 64];
        for ssrc in 0..=crate::limits::SOURCES as u32 {
            let mut bytes = vec![0x80, 111, 0, 1, 0, 0, 0, 0];
            bytes.extend(ssrc.to_be_bytes());
            let nonce = Nonce::assume_unique_for_key(rtp_iv(&[0; 12], ssrc, 1));
            let mut body = vec![7; 20];
            sealer.seal_in_place_append_tag(nonce, Aad::from(&bytes), &mut body).expect("sealed");
            bytes.extend(body);
            let packet = RtpPacket::parse(&bytes).expect("a packet");
            let known = ssrc < crate::limits::SOURCES as u32;
            assert_eq!(opener.open(&packet, &mut plain).is_ok(), known);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        /// Through rollovers, loss and any mix of slots: a receiver that starts at rollover zero opens everything.
        #[test]
        fn a_receiver_follows_through_rollovers(seed: u64, slots in proptest::collection::vec((0u8..3, 0u16..3_000), 1..150)) {
            let mut keys = SessionKeys::new(Profile::Aes128Gcm, &material(1), seed).expect("keys");
            let mut bytes = [0; 100];
            let mut plain = [0; 100];
            for (i, (slot, lost)) in slots.into_iter().enumerate() {
                let frame = frame(slot, i as u8);
                let header = HeaderTemplate::new(&frame, Padding::None).expect("a slot");
                // The first packet of a slot arrives; afterwards up to a minute is lost.
                for _ in 0..if keys.rtp_out.sent(usize::from(slot)).is_some() { lost } else { 0 } {
                    keys.rtp_out.seal(usize::from(slot), header, 111, &[], &mut bytes).expect("fits");
                }
                let length =
                    keys.rtp_out.seal(usize::from(slot), header, 111, &frame.payload, &mut bytes).expect("fits");
                let packet = RtpPacket::parse(&bytes[..length]).expect("a packet");
                prop_assert!(keys.rtp_in.open(&packet, &mut plain).is_ok());
                prop_assert_eq!(&plain[..30], &frame.payload[..]);
            }
        }
    }
}
