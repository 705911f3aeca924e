//! From another sample rate to ours: a windowed sinc, one filter for each position between two samples (a polyphase
//! filter).

use std::collections::VecDeque;
use std::f64::consts::PI;

use super::RATE;

/// Samples on which one depends, where nothing has to be filtered out. 32: what is left of the mirror image is 60 dB down.
const TAPS: u32 = 32;
/// Positions between two samples. 44.1 kHz needs 160 and 11.025 kHz 640; odd rates are rounded to the nearest.
const PHASES_MAX: u32 = 1_024;

/// Samples of one rate in, of [`RATE`] out.
pub(super) struct Resampler {
    /// How far one sample out goes in samples in: `down / up`.
    up: u32,
    down: u32,
    phases: u32,
    taps: usize,
    /// `phases` times `taps`.
    filters: Vec<f32>,
    waiting: VecDeque<f32>,
    /// Of `up`.
    position: u32,
}

impl Resampler {
    pub(super) fn new(rate: u32) -> Self {
        let shared = gcd(rate, RATE).max(1);
        let (up, down) = (RATE / shared, rate / shared);
        // A slower rate has no room for what is above half of it, so more samples decide over each.
        let taps = TAPS * rate.div_ceil(RATE).max(1);
        let phases = up.min(PHASES_MAX);
        let cutoff = (f64::from(RATE) / f64::from(rate)).min(1.0);
        let filters = (0..phases).flat_map(|phase| filter(phase, phases, taps, cutoff)).collect();
        let waiting = std::iter::repeat_n(0.0, taps as usize / 2 - 1).collect();
        Self { up, down, phases, taps: taps as usize, filters, waiting, position: 0 }
    }

    pub(super) fn push(&mut self, sample: f32) {
        self.waiting.push_back(sample);
    }

    /// After the last one: as much silence as lets the rest out.
    pub(super) fn finish(&mut self) {
        self.waiting.extend(std::iter::repeat_n(0.0, self.taps / 2));
    }

    /// The next sample; none until more is pushed.
    pub(super) fn pull(&mut self) -> Option<f32> {
        if self.waiting.len() < self.taps {
            return None;
        }
        // At most 48,000 times 1,024.
        let phase = (self.position * self.phases / self.up) as usize;
        let filter = self.filters.get(phase * self.taps..(phase + 1) * self.taps)?;
        let sum = filter.iter().zip(&self.waiting).map(|(weight, sample)| weight * sample).sum();
        self.position += self.down;
        let past = (self.position / self.up) as usize;
        self.position %= self.up;
        self.waiting.drain(..past.min(self.waiting.len()));
        Some(sum)
    }
}

/// Weights of the samples around a position, which is `phase / phases` after the middle one. They add up to 1.
fn filter(phase: u32, phases: u32, taps: u32, cutoff: f64) -> Vec<f32> {
    let middle = f64::from(taps / 2 - 1) + f64::from(phase) / f64::from(phases);
    let half = f64::from(taps) / 2.0;
    let weight = |tap: u32| {
        let away = f64::from(tap) - middle;
        let x = PI * cutoff * away;
        let sinc = if x.abs() < 1e-9 { 1.0 } else { x.sin() / x };
        // Hann's window.
        let window = if away.abs() < half { 0.5 + 0.5 * (PI * away / half).cos() } else { 0.0 };
        sinc * window
    };
    let sum: f64 = (0..taps).map(weight).sum();
    #[expect(clippy::cast_possible_truncation, reason = "a weight needs no more digits")]
    let weights = (0..taps).map(|tap| (weight(tap) / sum) as f32).collect();
    weights
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::super::{sample, strength};
    use super::*;

    /// Half a second of a tone.
    fn resampled(rate: u32, hz: f32) -> Vec<i16> {
        let mut resampler = Resampler::new(rate);
        let mut out = Vec::new();
        let (mut phase, step) = (0.0, hz / rate as f32);
        for _ in 0..rate / 2 {
            resampler.push((phase * std::f32::consts::TAU).sin() * 0.5);
            phase = (phase + step).fract();
            out.extend(std::iter::from_fn(|| resampler.pull()).map(sample));
        }
        resampler.finish();
        out.extend(std::iter::from_fn(|| resampler.pull()).map(sample));
        out
    }

    #[test]
    fn a_tone_keeps_its_pitch_and_length_at_every_rate() {
        for rate in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 44_099, 96_000, 192_000] {
            let out = resampled(rate, 1_000.0);
            assert!(out.len().abs_diff(24_000) <= 2, "{rate}: {} samples", out.len());
            let settled = &out[1_000..23_000];
            assert!(strength(settled, 1_000.0) > 0.999, "{rate}: {}", strength(settled, 1_000.0));
        }
    }

    #[test]
    fn what_our_rate_cannot_hold_is_not_folded_down_into_it() {
        let out = resampled(96_000, 40_000.0);
        let loudest = out[1_000..23_000].iter().map(|sample| sample.unsigned_abs()).max();
        assert!(loudest < Some(200), "{loudest:?} of 16,383");
    }
}
