//! Loudspeaker and microphone, by the sound server that desktops run: PulseAudio, or PipeWire, which speaks the same
//! protocol. Spoken over its socket, so that nothing of it is needed to build.

use std::collections::VecDeque;
use std::ffi::CString;
use std::sync::{Arc, Mutex, PoisonError};

use pulseaudio::protocol::{
    self, ChannelMap, PlaybackStreamParams, RecordStreamParams, SampleFormat, SampleSpec,
    stream::{BufferAttr, StreamFlags},
};
use pulseaudio::{AsPlaybackSource, Client, ClientError, PlaybackStream, RecordStream};

use super::{FRAME, Filled, Frame, RATE};
use crate::limits::{DEVICE_FRAMES, DEVICE_FRAMES_MAX};

/// Bytes of a sample.
const WIDTH: usize = 2;

/// There is no sound here.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("no sound server runs here: neither PulseAudio nor PipeWire answers ({0})")]
    NoServer(ClientError),
    #[error("the sound server has no such device: {0}")]
    NoDevice(ClientError),
}

/// The sound server.
pub struct Device(Client);

/// A loudspeaker.
pub struct Loudspeaker {
    samples: Samples,
    _stream: PlaybackStream,
}

/// A microphone, open. What it hears leaves this process by nobody but the [`Player`](super::Player).
pub struct Capture {
    samples: Samples,
    _stream: RecordStream,
}

impl Device {
    pub fn connect() -> Result<Self, DeviceError> {
        Client::from_env(c"Vivavoce").map(Self).map_err(DeviceError::NoServer)
    }

    /// The loudspeaker that the person has chosen for everything.
    pub async fn loudspeaker(&self) -> Result<Loudspeaker, DeviceError> {
        let samples = Samples::default();
        let from = samples.clone();
        let source = move |bytes: &mut [u8]| {
            from.take(bytes);
            // Less would mean that nothing more comes.
            bytes.len()
        };
        let params = PlaybackStreamParams {
            sample_spec: spec(),
            channel_map: ChannelMap::mono(),
            sink_name: Some(CString::from(protocol::DEFAULT_SINK)),
            buffer_attr: buffer(),
            flags: StreamFlags { adjust_latency: true, ..StreamFlags::default() },
            ..PlaybackStreamParams::default()
        };
        let stream = self.0.create_playback_stream(params, source.as_playback_source()).await;
        Ok(Loudspeaker { samples, _stream: stream.map_err(DeviceError::NoDevice)? })
    }

    /// The microphone that the person has chosen for everything.
    pub async fn microphone(&self) -> Result<Capture, DeviceError> {
        let samples = Samples::default();
        let to = samples.clone();
        let params = RecordStreamParams {
            sample_spec: spec(),
            channel_map: ChannelMap::mono(),
            source_name: Some(CString::from(protocol::DEFAULT_SOURCE)),
            buffer_attr: buffer(),
            flags: StreamFlags { adjust_latency: true, ..StreamFlags::default() },
            ..RecordStreamParams::default()
        };
        let stream = self.0.create_record_stream(params, move |bytes: &[u8]| to.give(bytes)).await;
        Ok(Capture { samples, _stream: stream.map_err(DeviceError::NoDevice)? })
    }
}

impl Loudspeaker {
    pub(super) fn write(&self, frame: &Frame) {
        self.samples.extend(frame.iter().copied());
    }
}

impl Capture {
    pub(super) fn fill(&self, frame: &mut Frame) -> Filled {
        self.samples.fill(frame)
    }

    pub(super) fn clear(&self) {
        self.samples.lock().clear();
    }
}

/// Between our clock and the sound card's, which never agree: when one side runs ahead, the oldest is dropped.
#[derive(Debug, Clone, Default)]
struct Samples(Arc<Mutex<VecDeque<i16>>>);

impl Samples {
    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<i16>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn extend(&self, samples: impl Iterator<Item = i16>) {
        let mut waiting = self.lock();
        waiting.extend(samples);
        if waiting.len() > DEVICE_FRAMES_MAX * FRAME {
            let surplus = waiting.len() - DEVICE_FRAMES * FRAME;
            waiting.drain(..surplus);
        }
    }

    fn fill(&self, frame: &mut Frame) -> Filled {
        let mut waiting = self.lock();
        if waiting.len() < FRAME {
            return Filled::Nothing;
        }
        for (place, sample) in frame.iter_mut().zip(waiting.drain(..FRAME)) {
            *place = sample;
        }
        Filled::Whole
    }

    /// As the sound server writes them. What is not there is silence.
    fn take(&self, bytes: &mut [u8]) {
        let mut waiting = self.lock();
        for place in bytes.chunks_mut(WIDTH) {
            let sample = waiting.pop_front().unwrap_or_default();
            for (byte, value) in place.iter_mut().zip(sample.to_le_bytes()) {
                *byte = value;
            }
        }
    }

    fn give(&self, bytes: &[u8]) {
        let (pairs, _) = bytes.as_chunks::<WIDTH>();
        self.extend(pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
    }
}

fn spec() -> SampleSpec {
    SampleSpec { format: SampleFormat::S16Le, channels: 1, sample_rate: RATE }
}

/// As much as we keep ourselves.
fn buffer() -> BufferAttr {
    let bytes = u32::try_from(DEVICE_FRAMES * FRAME * WIDTH).unwrap_or(u32::MAX);
    BufferAttr { target_length: bytes, fragment_size: bytes / 2, ..BufferAttr::default() }
}

#[cfg(test)]
mod tests {
    use super::super::SILENCE;
    use super::*;

    #[test]
    fn sound_passes_from_one_clock_to_the_other() {
        let samples = Samples::default();
        let mut frame = SILENCE;
        assert_eq!(samples.fill(&mut frame), Filled::Nothing);
        samples.give(&[1, 0, 2, 0]);
        samples.extend(std::iter::repeat_n(3, FRAME));
        assert_eq!(samples.fill(&mut frame), Filled::Whole);
        assert_eq!(frame[..3], [1, 2, 3]);
        let mut bytes = [9; 6];
        samples.take(&mut bytes);
        assert_eq!(bytes, [3, 0, 3, 0, 0, 0], "what is not there is silence");
    }

    #[test]
    fn the_side_that_runs_ahead_does_not_fill_the_memory() {
        let samples = Samples::default();
        for _ in 0..1_000 {
            samples.extend([7; FRAME].into_iter());
            assert!(samples.lock().len() <= DEVICE_FRAMES_MAX * FRAME);
        }
    }
}
