//! What listeners hear when somebody is cut off in the middle of a word: silence, whatever their encoder was doing.

use media::channel::SILENCE;

use crate::reference::{Decoder, Encoder};
use crate::signal::{Signal, Sound};

/// 20 ms.
const FRAME: u32 = 960;
/// −40 dB of full scale: what is quieter is nothing beside a voice.
const QUIET: u16 = 327;

fn loudest(pcm: &[i16]) -> u16 {
    pcm.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0)
}

/// The largest step from one sample to the next: a click is a large one.
fn step(pcm: &[i16]) -> u16 {
    pcm.windows(2).map(|pair| pair[1].abs_diff(pair[0])).max().unwrap_or(0)
}

/// Somebody who has been decoded up to the middle of a word.
fn cut_off(sound: Sound, bitrate: i32) -> (Decoder, Vec<i16>) {
    let (mut encoder, mut decoder, mut signal) = (Encoder::new(), Decoder::new(), Signal::new(sound));
    encoder.set(unsafe_libopus::OPUS_SET_BITRATE_REQUEST, bitrate);
    let mut heard = Vec::new();
    // 60 ms into the second syllable.
    for _ in 0..28 {
        heard.extend(decoder.decode(&encoder.encode(&signal.next(FRAME))));
    }
    (decoder, heard)
}

#[test]
fn a_word_ends_within_10_ms_in_every_mode_of_the_encoder() {
    // SILK, hybrid and CELT.
    for (sound, bitrate) in
        [(Sound::Speech, 12_000), (Sound::Speech, 28_000), (Sound::Speech, 64_000), (Sound::Tone, 32_000)]
    {
        let (mut decoder, before) = cut_off(sound, bitrate);
        assert!(loudest(&before[before.len() - 960..]) > 2_000, "in the middle of a word");
        let mut heard = decoder.decode(&SILENCE).split_off(480);
        heard.extend(decoder.decode(&SILENCE));
        for _ in 0..25 {
            heard.extend(decoder.conceal(FRAME));
        }
        assert!(loudest(&heard) < QUIET, "{sound:?} {bitrate}: {}", loudest(&heard));
    }
}

/// Out of SILK a decoder fades from what it conceals, and the transpiled SILK conceals at full scale, silence frame or
/// not: there this cannot be asked of it.
#[test]
fn it_ends_without_a_click() {
    for (sound, bitrate) in [(Sound::Speech, 64_000), (Sound::Tone, 32_000)] {
        let (mut decoder, before) = cut_off(sound, bitrate);
        let before = &before[before.len() - 960..];
        let heard = [before, &decoder.decode(&SILENCE)].concat();
        assert!(step(&heard) <= 2 * step(before), "{sound:?} {bitrate}: a click of {}", step(&heard));
    }
}

#[test]
fn without_it_the_word_is_drawn_out() {
    let (mut decoder, _) = cut_off(Sound::Speech, 64_000);
    decoder.conceal(FRAME);
    assert!(loudest(&decoder.conceal(FRAME)) > QUIET);
}
