//! One `sendmsg` and one `recvmsg` with SCM_RIGHTS.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::cmsg_space;
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};

use crate::codec::LineError;
use crate::limits::MAX_DESCRIPTORS;

/// Writes some of `bytes`; the descriptors go with the first of them. Returns the bytes taken.
pub(crate) fn send(socket: &UnixStream, bytes: &[u8], descriptors: &[OwnedFd]) -> std::io::Result<usize> {
    let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(AsFd::as_fd).collect();
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !borrowed.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&borrowed)) {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    loop {
        // NOSIGNAL: a dead peer is an error to handle, not a signal to die of.
        match rustix::net::sendmsg(socket, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL) {
            Err(Errno::INTR) => {}
            other => return other.map_err(Into::into),
        }
    }
}

/// Reads some bytes into `buffer`; zero at the end of the line.
pub(crate) fn receive(socket: &UnixStream, buffer: &mut [u8]) -> Result<(usize, Vec<OwnedFd>), LineError> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let got = loop {
        let mut slices = [IoSliceMut::new(buffer)];
        match rustix::net::recvmsg(socket, &mut slices, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Err(Errno::INTR) => {}
            // A peer that dies with unread data of ours leaves a reset; what it had sent was read before.
            Err(Errno::CONNRESET) => return Ok((0, Vec::new())),
            other => break other.map_err(std::io::Error::from)?,
        }
    };
    let mut descriptors = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    // The kernel closed what did not fit: the messages that own them can never be whole.
    if got.flags.contains(ReturnFlags::CTRUNC) {
        return Err(LineError::Descriptors);
    }
    Ok((got.bytes, descriptors))
}
