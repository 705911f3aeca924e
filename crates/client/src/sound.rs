//! Sound in pieces of 20 ms, mono, at 48 kHz: what this client says ([`Player`]) and what it hears ([`Listener`]). No
//! sockets and no clock; whoever calls keeps the time.
//!
//! A [`Player`] takes from a [`Source`] and gives Opus packets. A [`Listener`] takes packets as they come and gives what is
//! heard and how loud each talker is; an [`Outlet`] is where that sound goes.

pub mod codec;
mod device;
mod jitter;
mod listener;
mod opus_file;
mod outlet;
mod player;
mod resample;
mod tone;
pub mod wav;

use std::io;

pub use device::{Capture, Device, DeviceError, Loudspeaker};
pub use listener::{Heard, Listener};
pub use opus_file::{OpusFile, OpusFileError};
pub use outlet::Outlet;
pub use player::{Player, Said, Source};
pub use tone::{Tone, strength};

use wav::WavError;

/// Samples in a second, and ticks of the RTP clock of Opus (RFC 7587 section 4.1).
pub const RATE: u32 = crate::peer::CLOCK_RATE;
/// Samples in [`FRAME_PERIOD`](crate::limits::FRAME_PERIOD).
pub const FRAME: usize = 960;
/// [`FRAME`], in ticks.
pub const FRAME_TICKS: u32 = 960;

/// 20 ms.
pub type Frame = [i16; FRAME];
/// 20 ms of nothing.
pub const SILENCE: Frame = [0; FRAME];

/// Sound cannot be had from here, or go there.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    #[error(transparent)]
    Wav(#[from] WavError),
    #[error(transparent)]
    Opus(#[from] OpusFileError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the Opus codec broke: {0}")]
    Codec(#[from] codec::CodecError),
}

/// How far a source has filled a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filled {
    /// With sound, to the end.
    Whole,
    /// Nothing is there yet.
    Nothing,
    /// There is no more. From the beginning again, next time.
    End,
}

/// From a float at full scale 1, bounded.
fn sample(value: f32) -> i16 {
    #[expect(clippy::cast_possible_truncation, reason = "bounded to what fits")]
    let bounded = (value * f32::from(i16::MAX)).clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16;
    bounded
}
