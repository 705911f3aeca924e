//! What the encoder of a browser makes of the losses that its speaker is told (libwebrtc and libopus).

use std::time::Duration;

/// The loss goes through an exponential filter of this time constant (`PacketLossFractionSmoother`).
const FILTER: Duration = Duration::from_secs(10);

/// A voice that Opus takes for music, as it takes songs and the voices that machines make, is corrected from 9 % on
/// (`opus_encoder.c`: more than (128 − how much it takes it for speech) / 16); what is certainly speech, from 1 % on.
const CORRECTS_MUSIC: f32 = 0.085;

/// For every second that a loss was told in, whether errors are corrected after it, in a voice that is taken for music.
pub fn corrected(told: &[f32]) -> Vec<bool> {
    let share = 1.0 - (-1.0 / FILTER.as_secs_f32()).exp();
    told.iter()
        .scan(0.0, |believed, loss| {
            *believed += (loss - *believed) * share;
            Some(*believed >= CORRECTS_MUSIC)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_is_believed_after_half_a_minute_and_half_after_two_seconds() {
        let seconds = |loss| corrected(&[loss; 60]).iter().take_while(|corrected| !**corrected).count();
        assert_eq!(seconds(0.098), 20);
        assert_eq!(seconds(0.5), 1);
        assert_eq!(seconds(0.08), 60);
    }
}
