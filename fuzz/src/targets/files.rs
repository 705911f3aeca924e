//! Files that people give us.

use std::io::Write as _;
use std::path::Path;

use cli::config::{Config, Given, Layers};
use client::sound::wav::WavFile;
use client::sound::{OpusFile, Player, Said, Source};

fn with_file(bytes: &[u8], read: impl FnOnce(&Path)) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    read(file.path());
}

/// A configuration, or one sentence.
pub(super) fn configuration(bytes: &[u8]) {
    with_file(bytes, |path| {
        let given = Given { file: Some(path.to_owned()), ..Given::default() };
        let read = Layers::gather(&given, std::iter::empty())
            .and_then(|layers| Config::from_layers(&layers, Path::new("/srv")));
        if let Err(sentence) = read {
            assert!(!sentence.to_string().is_empty());
        }
    });
}

/// More than any file of these lengths has; one that never ends has failed.
const PIECES_MAX: usize = 20_000;

fn play(source: Source) {
    let Ok(mut player) = Player::new(source) else { return };
    for _ in 0..PIECES_MAX {
        match player.say() {
            Ok(Said::End) | Err(_) => return,
            Ok(Said::Packet { .. } | Said::Nothing) => {}
        }
    }
    panic!("it does not come to an end");
}

pub(super) fn wav(bytes: &[u8]) {
    with_file(bytes, |path| {
        if let Ok(file) = WavFile::open(path) {
            play(Source::Wav(Box::new(file)));
        }
    });
}

pub(super) fn ogg(bytes: &[u8]) {
    with_file(bytes, |path| {
        if let Ok(file) = OpusFile::open(path) {
            play(Source::Opus(Box::new(file)));
        }
    });
}

/// What comes out is a small picture, of which the same comes again, in size and form.
pub(super) fn picture(bytes: &[u8]) {
    let Ok(kept) = picture::square(bytes) else { return };
    assert!(kept.len() <= picture::limits::KEPT_BYTES_MAX);
    assert!(kept.starts_with(&[0xff, 0xd8]) && kept.ends_with(&[0xff, 0xd9]));
    assert!(picture::square(&kept).is_ok(), "what was written can be read");
}
