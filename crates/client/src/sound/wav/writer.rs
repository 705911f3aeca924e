//! Writing. The header is made true once a second, so that a process that is killed leaves a file that plays.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use super::{HEADER_BYTES, TAG_PCM};
use crate::limits::WAV_BYTES_MAX;
use crate::sound::{FRAME, FRAME_TICKS, Frame, RATE};

/// Bytes of a sample.
const WIDTH: u32 = 2;
/// Frames between two looks at the header.
const FRAMES_PER_HEADER: u32 = 50;

/// A file being written. Nobody but its owner may read it.
pub struct WavWriter<W: Write + Seek = File> {
    to: BufWriter<W>,
    data_bytes: u32,
    frames: u32,
}

impl WavWriter {
    /// # Errors
    /// Also when there is such a file already: what was kept is not lost by a mistake.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Self::new(options.open(path)?)
    }
}

impl<W: Write + Seek> WavWriter<W> {
    pub fn new(to: W) -> io::Result<Self> {
        let mut writer = Self { to: BufWriter::new(to), data_bytes: 0, frames: 0 };
        writer.to.write_all(&header(0))?;
        Ok(writer)
    }

    /// # Errors
    /// `FileTooLarge`, when its header could not say how long it is.
    pub fn write(&mut self, frame: &Frame) -> io::Result<()> {
        if self.data_bytes > WAV_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = [0; FRAME * WIDTH as usize];
        for (place, sample) in bytes.chunks_exact_mut(WIDTH as usize).zip(frame) {
            place.copy_from_slice(&sample.to_le_bytes());
        }
        self.to.write_all(&bytes)?;
        self.data_bytes += FRAME_TICKS * WIDTH;
        self.frames += 1;
        if self.frames.is_multiple_of(FRAMES_PER_HEADER) { self.settle() } else { Ok(()) }
    }

    /// Makes the header true. Also happens when this value ends.
    pub fn settle(&mut self) -> io::Result<()> {
        self.to.seek(SeekFrom::Start(0))?;
        self.to.write_all(&header(self.data_bytes))?;
        self.to.seek(SeekFrom::End(0))?;
        Ok(())
    }
}

impl<W: Write + Seek> Drop for WavWriter<W> {
    fn drop(&mut self) {
        // Whoever wants to know calls it before.
        let _ = self.settle();
    }
}

fn header(data_bytes: u32) -> [u8; HEADER_BYTES as usize] {
    let mut header = [0; HEADER_BYTES as usize];
    let words: [[u8; 4]; 11] = [
        *b"RIFF",
        (data_bytes + HEADER_BYTES - 8).to_le_bytes(),
        *b"WAVE",
        *b"fmt ",
        16_u32.to_le_bytes(),
        // The tag and one channel.
        (u32::from(TAG_PCM) | 1 << 16).to_le_bytes(),
        RATE.to_le_bytes(),
        (RATE * WIDTH).to_le_bytes(),
        // Bytes of a sample, and bits.
        (WIDTH | (WIDTH * 8) << 16).to_le_bytes(),
        *b"data",
        data_bytes.to_le_bytes(),
    ];
    for (place, word) in header.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word);
    }
    header
}
