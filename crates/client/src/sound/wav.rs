//! WAV files: read in any of the usual forms, from beginning to end; written as 16 bits, mono, at 48 kHz.

mod reader;
mod writer;

#[cfg(test)]
mod tests;

use std::io;

pub use reader::WavFile;
pub use writer::WavWriter;

/// This is not a file that can be played, or written.
#[derive(Debug, thiserror::Error)]
pub enum WavError {
    #[error("this is no WAV file")]
    NotWav,
    #[error("the WAV file ends before its sound begins")]
    Cut,
    #[error("the WAV file holds {0}; plain samples of 8, 16, 24 or 32 bits can be played")]
    Unsupported(&'static str),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What stands before the samples in a file of ours: RIFF, `fmt `, `data`.
const HEADER_BYTES: u32 = 44;
/// Plain integers.
const TAG_PCM: u16 = 1;
const TAG_FLOAT: u16 = 3;
/// The real tag stands further on.
const TAG_EXTENSIBLE: u16 = 0xfffe;
