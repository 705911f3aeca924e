//! Opus, for speech: 20 ms in, a packet out, and back. The library stands behind this file alone.

use opus_pure::{Application, MAX_PACKET_BYTES, MAX_PACKET_SAMPLES, OpusDecoder, OpusEncoder};

use super::{FRAME, Frame};

/// Bits in a second: what browsers choose for speech, with room for music.
const BITRATE: i32 = 40_000;
/// Of 10. Above this the library spends twice the CPU on what nobody hears in speech.
const COMPLEXITY: i32 = 7;
/// Per cent of packets that the encoder expects to be lost: enough for a copy of each in the next (RFC 6716 section
/// 2.1.7).
const EXPECTED_LOSS: i32 = 10;
const RATE: i32 = super::RATE.cast_signed();

/// The library's own words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CodecError(#[from] opus_pure::Error);

/// Speech becomes packets.
pub struct Encoder {
    opus: OpusEncoder,
    packet: Vec<u8>,
}

impl Encoder {
    pub fn new() -> Result<Self, CodecError> {
        let mut opus = OpusEncoder::new(RATE, 1, Application::Voip)?;
        opus.bitrate_bps = BITRATE;
        opus.complexity = COMPLEXITY;
        opus.use_inband_fec = true;
        opus.packet_loss_perc = EXPECTED_LOSS;
        Ok(Self { opus, packet: vec![0; MAX_PACKET_BYTES] })
    }

    pub fn encode(&mut self, frame: &Frame) -> Result<&[u8], CodecError> {
        let bytes = self.opus.encode_s16(frame, FRAME, &mut self.packet)?;
        Ok(self.packet.get(..bytes).unwrap_or_default())
    }
}

/// Packets become sound, mono whatever they were.
pub struct Decoder {
    opus: OpusDecoder,
    samples: Vec<i16>,
}

impl Decoder {
    pub fn new() -> Result<Self, CodecError> {
        Ok(Self { opus: OpusDecoder::new(RATE, 1)?, samples: vec![0; MAX_PACKET_SAMPLES] })
    }

    /// All frames of a packet, in order.
    pub fn decode(&mut self, packet: &[u8]) -> Result<&[i16], CodecError> {
        // An empty packet would be taken for a lost one.
        let count = opus_pure::packet::samples_48k(packet)?;
        let count = self.opus.decode_s16(packet, count, &mut self.samples)?;
        Ok(self.samples.get(..count).unwrap_or_default())
    }

    /// Something that fits, for a packet of so many samples that never came; from the packet after it, if that is there
    /// and holds a copy.
    pub fn conceal(&mut self, count: usize, next: Option<&[u8]>) -> Result<&[i16], CodecError> {
        let made = match next {
            Some(packet) => self.opus.decode_fec_s16(packet, count, &mut self.samples)?,
            None => self.opus.decode_s16(&[], count, &mut self.samples)?,
        };
        Ok(self.samples.get(..made).unwrap_or_default())
    }
}

/// How many samples a packet holds at [`super::RATE`]; none for what is no Opus packet.
pub fn duration(packet: &[u8]) -> Option<u32> {
    opus_pure::packet::samples_48k(packet).ok().and_then(|count| u32::try_from(count).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Tone, strength};
    use super::*;
    use crate::peer::Level;

    fn said(tone: &mut Tone, frames: usize) -> Vec<Vec<u8>> {
        let mut encoder = Encoder::new().expect("an encoder");
        let mut frame = [0; FRAME];
        let packets = std::iter::repeat_with(|| {
            tone.fill(&mut frame);
            encoder.encode(&frame).expect("a packet").to_vec()
        });
        packets.take(frames).collect()
    }

    #[test]
    fn a_tone_is_the_same_tone_at_the_other_end() {
        let mut tone = Tone::new(440.0).expect("audible");
        let mut decoder = Decoder::new().expect("a decoder");
        let packets = said(&mut tone, 50);
        let heard: Vec<i16> =
            packets.iter().flat_map(|packet| decoder.decode(packet).expect("sound").to_vec()).collect();
        assert_eq!(heard.len(), 50 * FRAME);
        // The codec needs a moment to begin.
        let settled = &heard[10 * FRAME..];
        assert!(strength(settled, 440.0) > 0.95, "{}", strength(settled, 440.0));
        assert!(strength(settled, 660.0) < 0.05, "{}", strength(settled, 660.0));
        let level = Level::of(settled);
        assert!((14..=16).contains(&level.0), "15 below full scale went in: {level:?}");
    }

    #[test]
    fn a_packet_that_never_came_is_made_good() {
        let mut tone = Tone::new(440.0).expect("audible");
        let packets = said(&mut tone, 40);
        let mut decoder = Decoder::new().expect("a decoder");
        for packet in &packets[..30] {
            decoder.decode(packet).expect("sound");
        }
        let made = decoder.conceal(FRAME, None).expect("sound").to_vec();
        assert_eq!(made.len(), FRAME);
        assert!(strength(&made, 440.0) > 0.5, "{}", strength(&made, 440.0));
        let copied = decoder.conceal(FRAME, Some(&packets[32])).expect("sound").to_vec();
        assert_eq!(copied.len(), FRAME);
    }

    #[test]
    fn how_long_a_packet_lasts_is_read_from_it() {
        let mut tone = Tone::new(440.0).expect("audible");
        let packet = said(&mut tone, 1).remove(0);
        assert_eq!(duration(&packet), Some(960));
        assert_eq!(duration(&[]), None);
    }

    proptest! {
        #[test]
        fn no_packet_is_too_strange_to_decode(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut decoder = Decoder::new().expect("a decoder");
            let _ = decoder.decode(&bytes);
            let _ = decoder.conceal(FRAME, Some(&bytes));
            prop_assert!(decoder.decode(&[]).is_err(), "nothing is no packet");
        }
    }
}
