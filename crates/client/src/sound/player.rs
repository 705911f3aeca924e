//! What this client says.

use super::codec::Encoder;
use super::device::Capture;
use super::opus_file::{Next, OpusFile};
use super::wav::WavFile;
use super::{Filled, Frame, SILENCE, SoundError, Tone};
use crate::peer::Level;

/// Where it comes from.
pub enum Source {
    Tone(Tone),
    Wav(Box<WavFile>),
    Opus(Box<OpusFile>),
    /// A microphone.
    Device(Capture),
}

/// The next 20 ms.
#[derive(Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// An Opus packet.
    Packet { payload: &'a [u8], level: Level },
    /// Nothing to say yet.
    Nothing,
    /// Everything was said. From the beginning again, next time.
    End,
}

/// Says what a source holds.
pub struct Player {
    source: Source,
    encoder: Encoder,
    frame: Frame,
}

impl Player {
    pub fn new(source: Source) -> Result<Self, SoundError> {
        Ok(Self { source, encoder: Encoder::new()?, frame: SILENCE })
    }

    /// To be called once in 20 ms while the microphone is open.
    pub fn say(&mut self) -> Result<Said<'_>, SoundError> {
        let filled = match &mut self.source {
            Source::Tone(tone) => {
                tone.fill(&mut self.frame);
                Filled::Whole
            }
            Source::Wav(file) => file.fill(&mut self.frame)?,
            Source::Device(capture) => capture.fill(&mut self.frame),
            Source::Opus(file) => match file.next(&mut self.frame)? {
                Next::Packet(payload) => {
                    return Ok(Said::Packet { payload, level: Level::of(&self.frame) });
                }
                Next::Sound(filled) => filled,
            },
        };
        Ok(match filled {
            Filled::Whole => {
                Said::Packet { payload: self.encoder.encode(&self.frame)?, level: Level::of(&self.frame) }
            }
            Filled::Nothing => Said::Nothing,
            Filled::End => Said::End,
        })
    }

    /// What a microphone heard while it was closed is not said.
    pub fn begin(&mut self) {
        if let Source::Device(capture) = &mut self.source {
            capture.clear();
        }
    }
}
