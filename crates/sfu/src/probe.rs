//! What the system gives to media sockets, found out without a server.

use std::io;
use std::os::fd::AsFd;

use crate::egress::Segmentation;
use crate::limits::{RECEIVE_BUFFER, SEND_BUFFER};
use crate::sys;

/// What a media socket gets of this machine, for this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Bytes, as they were asked for; the kernel itself counts twice as many.
    pub receive_buffer: usize,
    pub receive_buffer_wanted: usize,
    pub segmentation: Segmentation,
}

/// Asks a socket that nobody hears of.
///
/// # Errors
/// Where there is no socket to ask.
pub fn probe() -> io::Result<Machine> {
    let sockets = sys::bind(([127, 0, 0, 1], 0).into(), 1)?;
    let socket = sockets.first().ok_or(io::ErrorKind::NotFound)?.as_fd();
    let buffers = sys::ask_for_buffers(socket, RECEIVE_BUFFER, SEND_BUFFER)?;
    let able = sys::can_segment(socket);
    Ok(Machine {
        receive_buffer: buffers.receive / 2,
        receive_buffer_wanted: RECEIVE_BUFFER,
        segmentation: if able { Segmentation::Offloaded } else { Segmentation::Own },
    })
}
