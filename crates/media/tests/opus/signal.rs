//! Sounds to encode: something like speech, and a tone.

/// One kind of sound, sample by sample.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sound {
    /// Voiced syllables with a wandering pitch, hiss between them, and pauses.
    Speech,
    Tone,
}

/// 16-bit samples at 48 kHz.
pub(crate) struct Signal {
    sound: Sound,
    at: u64,
    noise: u32,
}

impl Signal {
    pub(crate) fn new(sound: Sound) -> Self {
        Self { sound, at: 0, noise: 1 }
    }

    pub(crate) fn next(&mut self, samples: u32) -> Vec<i16> {
        (0..samples).map(|_| self.sample()).collect()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a sound")]
    fn sample(&mut self) -> i16 {
        let seconds = self.at as f64 / 48_000.0;
        self.at += 1;
        let wave = |hertz: f64| (seconds * hertz * std::f64::consts::TAU).sin();
        let level = match self.sound {
            Sound::Tone => wave(440.0) * 0.4,
            Sound::Speech => {
                self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let hiss = f64::from(self.noise >> 16) / 32_768.0 - 1.0;
                // Two seconds of words, then as long nothing.
                let word = if seconds % 4.0 < 2.0 { 1.0 } else { 0.0 };
                let syllable = wave(4.0).max(0.0) * word;
                let pitch = 120.0 + 20.0 * wave(0.7);
                let voiced: f64 = (1..12).map(|n| wave(pitch * f64::from(n)) / f64::from(n)).sum();
                voiced * syllable * 0.3 + hiss * (word - syllable).max(0.0) * 0.05
            }
        };
        (level * 32_767.0) as i16
    }
}
