use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::sound::{FRAME, Filled, Frame, SILENCE, Tone, strength};

/// A file of this form, with these samples.
fn file(tag: u16, bits: u16, channels: u16, rate: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
    // Somebody's own chunk, of odd length.
    bytes.extend(b"LIST\x03\0\0\0abc\0");
    bytes.extend(b"fmt \x10\0\0\0");
    bytes.extend(tag.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend([0; 6]);
    bytes.extend(bits.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(u32::try_from(data.len()).expect("short").to_le_bytes());
    bytes.extend(data);
    bytes
}

fn played(bytes: Vec<u8>) -> Result<Vec<i16>, WavError> {
    let mut file = WavFile::new(Cursor::new(bytes))?;
    let (mut all, mut frame) = (Vec::new(), SILENCE);
    while file.fill(&mut frame)? == Filled::Whole {
        all.extend(frame);
    }
    Ok(all)
}

fn tone(frames: usize) -> Vec<i16> {
    let mut tone = Tone::new(1_000.0).expect("audible");
    let mut frame: Frame = SILENCE;
    std::iter::repeat_with(|| {
        tone.fill(&mut frame);
        frame
    })
    .take(frames)
    .flatten()
    .collect()
}

#[test]
fn the_same_tone_is_heard_from_every_form_of_file() {
    let tone = tone(10);
    /// How a sample is written.
    type Written = fn(i16) -> Vec<u8>;
    let forms: [(u16, u16, Written); 5] = [
        (TAG_PCM, 8, |sample| vec![sample.to_be_bytes()[0].wrapping_add(128)]),
        (TAG_PCM, 16, |sample| sample.to_le_bytes().to_vec()),
        (TAG_PCM, 24, |sample| [&[0][..], &sample.to_le_bytes()].concat()),
        (TAG_PCM, 32, |sample| (i32::from(sample) << 16).to_le_bytes().to_vec()),
        (TAG_FLOAT, 32, |sample| (f32::from(sample) / 32_768.0).to_le_bytes().to_vec()),
    ];
    for (tag, bits, written) in forms {
        for channels in [1_u16, 2] {
            let data: Vec<u8> =
                tone.iter().flat_map(|sample| written(*sample).repeat(usize::from(channels))).collect();
            let heard = played(file(tag, bits, channels, 48_000, &data)).expect("playable");
            assert_eq!(heard.len(), tone.len(), "{tag} {bits} {channels}");
            let farthest = heard.iter().zip(&tone).map(|(heard, said)| heard.abs_diff(*said)).max();
            assert!(farthest <= Some(if bits == 8 { 260 } else { 2 }), "{tag} {bits}: {farthest:?}");
        }
    }
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kept.wav");
    let tone = tone(60);
    let mut writer = WavWriter::create(&path).expect("a file");
    for frame in tone.chunks_exact(FRAME) {
        writer.write(frame.try_into().expect("a frame")).expect("written");
    }
    drop(writer);
    let bytes = std::fs::read(&path).expect("a file");
    assert!(WavWriter::create(&path).is_err(), "what was kept is not lost by a mistake");
    assert_eq!(bytes.len(), 44 + 60 * 1_920);
    let heard = played(bytes).expect("playable");
    assert_eq!(heard.len(), tone.len());
    assert!(strength(&heard, 1_000.0) > 0.999);
}

#[test]
fn a_file_of_a_killed_process_plays_up_to_its_last_second() {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes).expect("a writer");
    for frame in tone(70).chunks_exact(FRAME) {
        writer.write(frame.try_into().expect("a frame")).expect("written");
    }
    // As when nobody comes to end it.
    std::mem::forget(writer);
    assert_eq!(played(bytes.into_inner()).expect("playable").len(), 50 * FRAME);
}

#[test]
fn a_file_is_played_again_from_its_beginning() {
    let data: Vec<u8> = tone(2).iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let mut file = WavFile::new(Cursor::new(file(TAG_PCM, 16, 1, 48_000, &data))).expect("playable");
    let mut frame = SILENCE;
    let filled: Vec<Filled> = (0..4).map(|_| file.fill(&mut frame).expect("readable")).collect();
    assert_eq!(filled, [Filled::Whole, Filled::Whole, Filled::End, Filled::Whole]);
}

#[test]
fn what_cannot_be_played_is_told_apart() {
    let whole = file(TAG_PCM, 16, 1, 48_000, &[0; 8]);
    assert!(matches!(played(b"OggS and so on, much longer".to_vec()), Err(WavError::NotWav)));
    assert!(matches!(played(Vec::new()), Err(WavError::NotWav)));
    for end in 12..whole.len() - 8 {
        assert!(matches!(played(whole[..end].to_vec()), Err(WavError::Cut)), "cut after {end}");
    }
    assert!(played(whole[..whole.len() - 3].to_vec()).is_ok(), "a cut sound plays as far as it goes");
    for (tag, bits, channels, rate) in [
        (2, 4, 1, 48_000),
        (TAG_PCM, 12, 1, 48_000),
        (TAG_FLOAT, 64, 1, 48_000),
        (TAG_PCM, 16, 0, 48_000),
        (TAG_PCM, 16, 99, 48_000),
        (TAG_PCM, 16, 1, 0),
        (TAG_PCM, 16, 1, 1_000_000),
    ] {
        let told = played(file(tag, bits, channels, rate, &[0; 8]));
        assert!(matches!(told, Err(WavError::Unsupported(_))), "{tag} {bits} {channels} {rate}");
    }
}

#[test]
fn the_longer_form_of_the_header_is_read() {
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x28\0\0\0\xfe\xff\x01\0\x80\xbb\0\0".to_vec();
    bytes.extend([0; 6]);
    bytes.extend(b"\x10\0\x16\0\x10\0\0\0\0\0\x01\0");
    bytes.extend([0; 14]);
    bytes.extend(b"data\xff\xff\xff\xff\x01\0");
    assert_eq!(
        played(bytes).expect("playable").len(),
        FRAME,
        "as much as there is, though its length is unknown"
    );
}

proptest! {
    #[test]
    fn no_file_is_too_strange_to_read(
        bytes in proptest::collection::vec(any::<u8>(), 0..200), tag in 0_u16..5, bits in 0_u16..40,
        channels in 0_u16..4, rate in 0_u32..200_000,
    ) {
        let _ = played(bytes.clone());
        let _ = played(file(tag, bits, channels, rate, &bytes));
        let _ = played([&b"RIFF\0\0\0\0WAVE"[..], &bytes].concat());
    }
}
