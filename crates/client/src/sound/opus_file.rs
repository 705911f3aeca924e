//! Ogg Opus files (RFC 7845), packet by packet: those of 20 ms go out as they are, others are decoded.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use opus_pure::{OggOpusReader, OggPacket};

use super::codec::{CodecError, Decoder, duration};
use super::{FRAME, FRAME_TICKS, Filled, Frame};
use crate::limits::PACKET_BYTES_MAX;

/// This is not a file that can be played.
#[derive(Debug, thiserror::Error)]
pub enum OpusFileError {
    #[error("the Ogg Opus file cannot be read: {0}")]
    Broken(#[from] opus_pure::Error),
    #[error("the Ogg Opus file cannot be decoded: {0}")]
    Garbled(#[from] CodecError),
    #[error("the Ogg Opus file has {0} channels; one or two can be played")]
    Channels(u8),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// A file being played.
pub struct OpusFile<R: Read = BufReader<File>> {
    from: OggOpusReader<R>,
    packet: OggPacket,
    decoder: Decoder,
    /// Of packets of another length than ours, up to one of them and a frame.
    decoded: Vec<i16>,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    /// A packet as it stands in the file; its sound is in the frame too.
    Packet(&'a [u8]),
    /// Sound that no packet of 20 ms holds, or the end.
    Sound(Filled),
}

impl OpusFile {
    pub fn open(path: &Path) -> Result<Self, OpusFileError> {
        Self::new(BufReader::new(File::open(path)?))
    }
}

impl<R: Read + Seek> OpusFile<R> {
    pub fn new(from: R) -> Result<Self, OpusFileError> {
        let from = OggOpusReader::new(from)?;
        let head = from.head();
        if head.channel_count > 2 || head.stream_count != 1 {
            return Err(OpusFileError::Channels(head.channel_count));
        }
        Ok(Self { from, packet: OggPacket::default(), decoder: Decoder::new()?, decoded: Vec::new() })
    }

    pub(super) fn next(&mut self, frame: &mut Frame) -> Result<Next<'_>, OpusFileError> {
        while self.decoded.len() < FRAME {
            if !self.from.read_packet_into(&mut self.packet)? {
                return self.end(frame).map(Next::Sound);
            }
            let samples = self.decoder.decode(&self.packet.data)?;
            let ours = duration(&self.packet.data) == Some(FRAME_TICKS)
                && self.packet.data.len() <= PACKET_BYTES_MAX;
            if ours
                && self.decoded.is_empty()
                && let Ok(whole) = samples.try_into()
            {
                *frame = whole;
                return Ok(Next::Packet(&self.packet.data));
            }
            self.decoded.extend(samples);
        }
        self.take(frame);
        Ok(Next::Sound(Filled::Whole))
    }

    /// The rest, filled up with silence; then from the beginning again.
    fn end(&mut self, frame: &mut Frame) -> Result<Filled, OpusFileError> {
        if !self.decoded.is_empty() {
            self.decoded.resize(FRAME, 0);
            self.take(frame);
            return Ok(Filled::Whole);
        }
        self.from.rewind()?;
        self.decoder = Decoder::new()?;
        Ok(Filled::End)
    }

    fn take(&mut self, frame: &mut Frame) {
        for (place, sample) in frame.iter_mut().zip(self.decoded.drain(..FRAME)) {
            *place = sample;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use opus_pure::{Application, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder, OpusHead};

    use super::super::{SILENCE, sample, strength};
    use super::*;

    /// A tone of 500 Hz, ten packets of so many samples.
    fn file(channels: u8, samples: usize) -> Vec<u8> {
        let mut encoder =
            OpusEncoder::new(48_000, usize::from(channels), Application::Audio).expect("an encoder");
        let mut writer =
            OggOpusWriter::new(Vec::new(), OpusHead::for_encoder(&encoder, 48_000)).expect("a writer");
        let sine = |n: usize| sample((n as f32 * std::f32::consts::TAU * 500.0 / 48_000.0).sin() * 0.25);
        for packet in 0..10 {
            let pcm: Vec<i16> = (packet * samples..(packet + 1) * samples)
                .flat_map(|n| vec![sine(n); usize::from(channels)])
                .collect();
            let mut bytes = vec![0; MAX_PACKET_BYTES];
            let length = encoder.encode_s16(&pcm, samples, &mut bytes).expect("encoded");
            writer.write_packet(&bytes[..length]).expect("written");
        }
        writer.finish().expect("written")
    }

    fn played(bytes: Vec<u8>) -> (usize, Vec<i16>) {
        let mut file = OpusFile::new(Cursor::new(bytes)).expect("playable");
        let (mut packets, mut heard, mut frame) = (0, Vec::new(), SILENCE);
        loop {
            match file.next(&mut frame).expect("playable") {
                Next::Packet(_) => packets += 1,
                Next::Sound(Filled::Whole) => {}
                Next::Sound(_) => return (packets, heard),
            }
            heard.extend(frame);
        }
    }

    #[test]
    fn packets_of_twenty_milliseconds_go_out_as_they_are() {
        for channels in [1, 2] {
            let (packets, heard) = played(file(channels, 960));
            assert_eq!((packets, heard.len()), (10, 9_600), "{channels}");
            assert!(strength(&heard[2_000..], 500.0) > 0.9, "{channels}");
        }
    }

    #[test]
    fn packets_of_another_length_become_sound_of_twenty_milliseconds() {
        for samples in [480, 1_920, 2_880] {
            let (packets, heard) = played(file(1, samples));
            assert_eq!((packets, heard.len()), (0, 10 * samples), "{samples}");
            assert!(strength(&heard[2_000..], 500.0) > 0.9, "{samples}");
        }
    }

    #[test]
    fn a_file_that_ended_begins_again() {
        let mut file = OpusFile::new(Cursor::new(file(1, 960))).expect("playable");
        let mut frame = SILENCE;
        for _ in 0..10 {
            assert!(matches!(file.next(&mut frame), Ok(Next::Packet(_))));
        }
        assert_eq!(file.next(&mut frame).expect("its end"), Next::Sound(Filled::End));
        assert!(matches!(file.next(&mut frame), Ok(Next::Packet(_))));
    }

    #[test]
    fn a_file_that_is_none_is_told() {
        for bytes in [&b""[..], b"RIFF....WAVE", b"OggS"] {
            assert!(OpusFile::new(Cursor::new(bytes.to_vec())).is_err());
        }
        let mut bytes = file(1, 960);
        let last = bytes.len() - 10;
        bytes[last] ^= 0xff;
        let mut file = OpusFile::new(Cursor::new(bytes)).expect("its beginning is whole");
        let mut frame = SILENCE;
        let broken = (0..11).any(|_| file.next(&mut frame).is_err());
        assert!(broken, "a byte that was changed is noticed");
    }
}
