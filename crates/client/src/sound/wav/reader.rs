//! Reading. Only as much of a file is in memory as is being played.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::{TAG_EXTENSIBLE, TAG_FLOAT, TAG_PCM, WavError};
use crate::limits::{WAV_CHANNELS_MAX, WAV_RATE_MAX, WAV_RATE_MIN};
use crate::sound::resample::Resampler;
use crate::sound::{Filled, Frame, sample};

/// How one sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    U8,
    I16,
    I24,
    I32,
    F32,
}

#[derive(Debug, Clone, Copy)]
struct Format {
    width: Width,
    channels: u16,
    rate: u32,
}

/// A file being played, brought to our rate and to one channel.
pub struct WavFile<R = BufReader<File>> {
    from: R,
    format: Format,
    /// Where the samples begin.
    start: u64,
    /// Of the samples; what a recorder that was cut off has written into the header may be more than there is.
    length: u64,
    /// Not read yet.
    left: u64,
    resampler: Resampler,
    ended: bool,
}

impl WavFile {
    pub fn open(path: &Path) -> Result<Self, WavError> {
        Self::new(BufReader::new(File::open(path)?))
    }
}

impl<R: Read + Seek> WavFile<R> {
    pub fn new(mut from: R) -> Result<Self, WavError> {
        let (format, length) = header(&mut from)?;
        let start = from.stream_position()?;
        let resampler = Resampler::new(format.rate);
        Ok(Self { from, format, start, length, left: length, resampler, ended: false })
    }

    pub(in crate::sound) fn fill(&mut self, frame: &mut Frame) -> Result<Filled, WavError> {
        for (at, place) in frame.iter_mut().enumerate() {
            let Some(value) = self.next()? else {
                if at == 0 {
                    self.rewind()?;
                    return Ok(Filled::End);
                }
                // The last piece is filled up with silence.
                *place = 0;
                continue;
            };
            *place = sample(value);
        }
        Ok(Filled::Whole)
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.from.seek(SeekFrom::Start(self.start))?;
        self.left = self.length;
        self.resampler = Resampler::new(self.format.rate);
        self.ended = false;
        Ok(())
    }

    /// At our rate.
    fn next(&mut self) -> Result<Option<f32>, WavError> {
        loop {
            if let Some(value) = self.resampler.pull() {
                return Ok(Some(value));
            }
            if self.ended {
                return Ok(None);
            }
            match self.read()? {
                Some(value) => self.resampler.push(value),
                None => {
                    self.ended = true;
                    self.resampler.finish();
                }
            }
        }
    }

    /// At the file's rate, all channels together.
    fn read(&mut self) -> Result<Option<f32>, WavError> {
        let mut sum = 0.0;
        for _ in 0..self.format.channels {
            match self.read_one()? {
                Some(value) => sum += value,
                None => return Ok(None),
            }
        }
        Ok(Some(sum / f32::from(self.format.channels)))
    }

    fn read_one(&mut self) -> Result<Option<f32>, WavError> {
        let mut bytes = [0; 4];
        let width = self.format.width.bytes();
        let Some(place) = bytes.get_mut(..width) else { return Ok(None) };
        if self.left < width as u64 {
            return Ok(None);
        }
        match self.from.read_exact(place) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        self.left -= width as u64;
        Ok(Some(self.format.width.value(bytes)))
    }
}

impl Width {
    const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 => 2,
            Self::I24 => 3,
            Self::I32 | Self::F32 => 4,
        }
    }

    /// At full scale 1.
    fn value(self, bytes: [u8; 4]) -> f32 {
        let [a, b, c, d] = bytes;
        match self {
            Self::U8 => (f32::from(a) - 128.0) / 128.0,
            Self::I16 => f32::from(i16::from_le_bytes([a, b])) / 32_768.0,
            // Into the upper three bytes, so that the sign is where it belongs.
            Self::I24 => i32::from_le_bytes([0, a, b, c]) as f32 / 2_147_483_648.0,
            Self::I32 => i32::from_le_bytes([a, b, c, d]) as f32 / 2_147_483_648.0,
            Self::F32 => {
                let value = f32::from_le_bytes(bytes);
                if value.is_finite() { value } else { 0.0 }
            }
        }
    }
}

/// Up to the first sample.
fn header(from: &mut impl Read) -> Result<(Format, u64), WavError> {
    let [riff, _, wave] = words(from, WavError::NotWav)?;
    if riff != *b"RIFF" || wave != *b"WAVE" {
        return Err(WavError::NotWav);
    }
    let mut format = None;
    loop {
        let [name, length] = words(from, WavError::Cut)?;
        let length = u32::from_le_bytes(length);
        match &name {
            b"fmt " => format = Some(read_format(from, length)?),
            b"data" => {
                // Written by whoever did not know how much would come.
                let length = if matches!(length, 0 | u32::MAX) { u64::MAX } else { u64::from(length) };
                return format.map(|format| (format, length)).ok_or(WavError::NotWav);
            }
            // A chunk of odd length has a byte after it.
            _ => skip(from, u64::from(length) + u64::from(length % 2))?,
        }
    }
}

fn read_format(from: &mut impl Read, length: u32) -> Result<Format, WavError> {
    let mut bytes = [0; 16];
    if length < 16 || from.read_exact(&mut bytes).is_err() {
        return Err(WavError::Cut);
    }
    let [t0, t1, c0, c1, r0, r1, r2, r3, _, _, _, _, _, _, b0, b1] = bytes;
    let mut tag = u16::from_le_bytes([t0, t1]);
    let (channels, bits) = (u16::from_le_bytes([c0, c1]), u16::from_le_bytes([b0, b1]));
    let rate = u32::from_le_bytes([r0, r1, r2, r3]);
    let mut rest = u64::from(length - 16) + u64::from(length % 2);
    if tag == TAG_EXTENSIBLE {
        // Two bytes of length, two of valid bits, four of loudspeakers, then the tag.
        let mut more = [0; 10];
        if length < 26 || from.read_exact(&mut more).is_err() {
            return Err(WavError::Cut);
        }
        let [.., low, high] = more;
        tag = u16::from_le_bytes([low, high]);
        rest -= 10;
    }
    skip(from, rest)?;
    let width = match (tag, bits) {
        (TAG_PCM, 8) => Width::U8,
        (TAG_PCM, 16) => Width::I16,
        (TAG_PCM, 24) => Width::I24,
        (TAG_PCM, 32) => Width::I32,
        (TAG_FLOAT, 32) => Width::F32,
        (TAG_PCM | TAG_FLOAT, _) => return Err(WavError::Unsupported("samples of an unusual size")),
        _ => return Err(WavError::Unsupported("compressed sound")),
    };
    if !(1..=WAV_CHANNELS_MAX).contains(&channels) {
        return Err(WavError::Unsupported("no channel, or too many"));
    }
    if !(WAV_RATE_MIN..=WAV_RATE_MAX).contains(&rate) {
        return Err(WavError::Unsupported("samples at an unusual rate"));
    }
    Ok(Format { width, channels, rate })
}

fn words<const N: usize>(from: &mut impl Read, otherwise: WavError) -> Result<[[u8; 4]; N], WavError> {
    let mut words = [[0; 4]; N];
    for word in &mut words {
        match from.read_exact(word) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(otherwise),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(words)
}

fn skip(from: &mut impl Read, bytes: u64) -> Result<(), WavError> {
    let skipped = io::copy(&mut from.take(bytes), &mut io::sink())?;
    if skipped == bytes { Ok(()) } else { Err(WavError::Cut) }
}
