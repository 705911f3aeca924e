//! Files and devices, opened before anything else: what is wrong with them is told before a link is used up.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use client::sound::wav::{WavFile, WavWriter};
use client::sound::{
    Capture, Device, DeviceError, Loudspeaker, OpusFile, Outlet, Player, SoundError, Source, Tone,
};
use client::visit::Ears;

use super::Sorry;
use crate::args::{Listen, Play};

/// How an Ogg file begins (RFC 3533 section 6).
const OGG: [u8; 4] = *b"OggS";

pub(super) async fn voice(play: Option<&Play>) -> Result<Option<Player>, Sorry> {
    let source = match play {
        None => return Ok(None),
        Some(Play::Tone(hz)) => {
            Source::Tone(Tone::new(*hz).ok_or_else(|| Sorry("Nobody hears such a tone.".to_owned()))?)
        }
        Some(Play::File(path)) => {
            file(path).map_err(|error| Sorry(format!("{}: {error}.", path.display())))?
        }
        Some(Play::Device) => Source::Device(microphone().await.map_err(device)?),
    };
    Ok(Some(Player::new(source)?))
}

pub(super) async fn ears(listen: &Listen) -> Result<(Ears, Unheard), Sorry> {
    let mut unheard = Unheard(None);
    let ears = match listen {
        Listen::Nothing => Ears::Closed,
        Listen::Meter => Ears::Open(Outlet::Nowhere),
        Listen::Device => Ears::Open(Outlet::Device(loudspeaker().await.map_err(device)?)),
        Listen::File(path) => {
            let file = WavWriter::create(path);
            let file = file.map_err(|error| Sorry(format!("{}: {error}.", path.display())))?;
            unheard.0 = Some(path.clone());
            Ears::Open(Outlet::File(file))
        }
    };
    Ok((ears, unheard))
}

/// A file that nothing was heard into yet: it goes with this value.
pub(super) struct Unheard(Option<PathBuf>);

impl Unheard {
    pub(super) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Unheard {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // Left there, it would only be empty.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// By its first bytes: names lie.
fn file(path: &Path) -> Result<Source, SoundError> {
    let mut first = [0; 4];
    // A file that is shorter is told about by whoever reads it.
    let is_ogg = File::open(path)?.read_exact(&mut first).is_ok() && first == OGG;
    Ok(if is_ogg {
        Source::Opus(Box::new(OpusFile::open(path)?))
    } else {
        Source::Wav(Box::new(WavFile::open(path)?))
    })
}

async fn microphone() -> Result<Capture, DeviceError> {
    Device::connect()?.microphone().await
}

async fn loudspeaker() -> Result<Loudspeaker, DeviceError> {
    Device::connect()?.loudspeaker().await
}

fn device(error: DeviceError) -> Sorry {
    Sorry(sentence(&error.to_string()))
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
