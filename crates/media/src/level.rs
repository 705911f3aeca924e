//! How loud a talker is: the level of a packet, and its average over a syllable and over a word.

use std::time::Duration;

use crate::limits::{COMFORT_NOISE_BYTES, LOUDEST_LEVEL, QUICK, SLOW};
use crate::packet::{Level, VoicePacket};

/// The level of one packet. The only place that knows where levels come from: today the header extension of RFC 6464,
/// and the size of the packet where a client sends none; with end-to-end encryption the sealed side will say it.
///
/// Comfort noise is silence whatever its header says, so a slot is never held by it.
pub fn level_of(packet: &VoicePacket<'_>) -> Level {
    if packet.payload.len() <= COMFORT_NOISE_BYTES {
        return Level::SILENCE;
    }
    packet.level.unwrap_or_else(|| guess(packet.payload.len()))
}

/// Opus with a variable bitrate spends few bytes on a quiet room and many on speech. More than "somebody may be
/// speaking" cannot be read from a size, so the guess is modest: whoever sends levels wins against it.
const fn guess(bytes: usize) -> Level {
    match bytes {
        0..=24 => Level::from_wire(80),
        25..=40 => Level::from_wire(50),
        _ => Level::from_wire(42),
    }
}

/// Power (full scale is 1) averaged with two time constants.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Loudness {
    quick: f32,
    slow: f32,
}

impl Loudness {
    /// Takes in `duration` of audio at `level`.
    pub(crate) fn feed(&mut self, level: Level, duration: Duration) {
        let power = power(level);
        self.quick = power + (self.quick - power) * kept(duration, QUICK);
        self.slow = power + (self.slow - power) * kept(duration, SLOW);
    }

    /// What is left of it after `silence` without a packet.
    pub(crate) fn faded(self, silence: Duration) -> Self {
        Self { quick: self.quick * kept(silence, QUICK), slow: self.slow * kept(silence, SLOW) }
    }

    /// Loudness of somebody who wants a slot: loud now and loud for a while. Rises like a word, falls like a syllable.
    pub(crate) fn sustained(self) -> f32 {
        self.quick.min(self.slow)
    }

    /// Loudness of somebody who has a slot: loud now or loud a moment ago. A pause for breath costs little.
    pub(crate) fn benevolent(self) -> f32 {
        self.quick.max(self.slow)
    }
}

/// The part of an average that survives `duration`.
fn kept(duration: Duration, constant: Duration) -> f32 {
    (-duration.as_secs_f32() / constant.as_secs_f32()).exp()
}

fn power(level: Level) -> f32 {
    10f32.powf(f32::from(level.minus_dbov().max(LOUDEST_LEVEL)) / -10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: Duration = Duration::from_millis(20);

    fn packet(level: Option<u8>, payload: &[u8]) -> VoicePacket<'_> {
        VoicePacket { seq: 0, timestamp: 0, marker: false, level: level.map(Level::from_wire), payload }
    }

    #[test]
    fn comfort_noise_is_silence_whatever_it_claims() {
        assert_eq!(level_of(&packet(Some(0), &[0xf8])), Level::SILENCE);
        assert_eq!(level_of(&packet(None, &[0xf8, 0xff, 0xfe])), Level::SILENCE);
    }

    #[test]
    fn a_level_is_believed_before_a_size() {
        assert_eq!(level_of(&packet(Some(90), &[7; 200])).minus_dbov(), 90);
        assert_eq!(level_of(&packet(Some(20), &[7; 10])).minus_dbov(), 20);
    }

    #[test]
    fn without_a_level_a_big_packet_is_louder_than_a_small_one() {
        let [quiet, some, more] = [10, 30, 90].map(|len| level_of(&packet(None, &vec![7; len])).minus_dbov());
        assert!(quiet > some && some > more, "{quiet} {some} {more}");
    }

    #[test]
    fn a_short_burst_is_never_sustained() {
        let mut burst = Loudness::default();
        burst.feed(Level::from_wire(30), PACKET);
        let loud = power(Level::from_wire(30));
        assert!(burst.sustained() < loud / 10.0, "slow to rise");
        let after = burst.faded(Duration::from_millis(200));
        assert!(after.sustained() < loud / 200.0, "quick to fall");
    }

    #[test]
    fn a_talker_keeps_most_of_the_loudness_through_a_breath() {
        let mut talker = Loudness::default();
        for _ in 0..100 {
            talker.feed(Level::from_wire(35), PACKET);
        }
        let before = talker.benevolent();
        assert!(talker.faded(Duration::from_millis(200)).benevolent() > before / 2.0);
    }

    #[test]
    fn shouting_counts_no_more_than_speaking_up() {
        assert_eq!(power(Level::from_wire(0)).to_bits(), power(Level::from_wire(LOUDEST_LEVEL)).to_bits());
    }
}
