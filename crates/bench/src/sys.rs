//! The calls to the operating system that the standard library does not have: many datagrams at a time, when each came
//! and to which address; clocks of processes and threads. All `unsafe` of this crate is here, and it decides nothing.
#![expect(unsafe_code, reason = "system calls without a wrapper in the standard library")]

mod clocks;
mod control;
mod receive;
mod send;
mod sockets;

use std::ffi::c_int;
use std::io;

pub(crate) use clocks::{come_first, process_cpu, stay_on_processor, thread_cpu, wall};
pub(crate) use receive::{Inbox, Received};
pub(crate) use send::{Batch, send_from};
pub(crate) use sockets::{drop_everything, open, whole_packets};

fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// In bytes, as the C interfaces count.
const fn size<T>() -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "of structures of a few dozen bytes")]
    let bytes = size_of::<T>() as u32;
    bytes
}
