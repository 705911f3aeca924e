//! Where the sound that is heard goes.

use std::io;

use super::Frame;
use super::device::Loudspeaker;
use super::wav::WavWriter;

/// A frame every 20 ms, silence too, so that times are true.
pub enum Outlet {
    /// Only levels are wanted.
    Nowhere,
    File(WavWriter),
    Device(Loudspeaker),
}

impl Outlet {
    pub fn write(&mut self, frame: &Frame) -> io::Result<()> {
        match self {
            Self::Nowhere => Ok(()),
            Self::File(file) => file.write(frame),
            Self::Device(loudspeaker) => {
                loudspeaker.write(frame);
                Ok(())
            }
        }
    }

    /// Nothing more comes.
    pub fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.settle(),
            Self::Nowhere | Self::Device(_) => Ok(()),
        }
    }
}
