//! A tone, and how much of one is in a sound.

use std::f64::consts::TAU;

use super::{Frame, RATE};
use crate::limits::{TONE_HZ_MAX, TONE_HZ_MIN};

/// Of full scale: 15 dB below it, as loud as somebody close to a microphone.
const AMPLITUDE: f64 = 8_240.0;

/// A sine that goes on for ever.
#[derive(Debug, Clone)]
pub struct Tone {
    /// Of a turn, 0–1.
    phase: f64,
    step: f64,
}

impl Tone {
    /// None for what nobody hears.
    pub fn new(hz: f64) -> Option<Self> {
        (TONE_HZ_MIN..=TONE_HZ_MAX).contains(&hz).then(|| Self { phase: 0.0, step: hz / f64::from(RATE) })
    }

    /// The next 20 ms of it.
    pub fn fill(&mut self, frame: &mut Frame) {
        for sample in frame {
            #[expect(clippy::cast_possible_truncation, reason = "a quarter of what fits")]
            let value = ((self.phase * TAU).sin() * AMPLITUDE) as i16;
            *sample = value;
            self.phase = (self.phase + self.step).fract();
        }
    }
}

/// The part of a sound's energy that is a tone of this frequency, 0–1: one bin of a Fourier transform.
pub fn strength(samples: &[i16], hz: f64) -> f64 {
    let turn = TAU * hz / f64::from(RATE);
    let (mut sine, mut cosine, mut energy) = (0.0, 0.0, 0.0);
    let mut angle: f64 = 0.0;
    for sample in samples {
        let value = f64::from(*sample);
        sine += value * angle.sin();
        cosine += value * angle.cos();
        energy += value * value;
        angle = (angle + turn) % TAU;
    }
    let count = samples.len().max(1) as f64;
    if energy == 0.0 { 0.0 } else { 2.0 * (sine * sine + cosine * cosine) / (count * energy) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Level;

    #[test]
    fn a_tone_is_itself_and_no_other() {
        let mut tone = Tone::new(1_000.0).expect("audible");
        let mut frame = [0; super::super::FRAME];
        tone.fill(&mut frame);
        assert!(strength(&frame, 1_000.0) > 0.99);
        assert!(strength(&frame, 1_500.0) < 0.01);
        assert_eq!(Level::of(&frame), Level(15));
        let first_end = frame[959];
        tone.fill(&mut frame);
        assert!(frame[0].abs_diff(first_end) < 1_200, "the next piece goes on where this one ended");
    }

    #[test]
    fn what_nobody_hears_is_no_tone() {
        for hz in [0.0, 19.0, 20_001.0, f64::NAN, f64::INFINITY] {
            assert!(Tone::new(hz).is_none(), "{hz}");
        }
        assert_eq!(strength(&[], 440.0), 0.0);
        assert_eq!(strength(&[0; 960], 440.0), 0.0);
    }
}
