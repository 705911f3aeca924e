//! RTCP (RFC 3550 section 6, RFC 4585): what peers report is read, what we report is written.

mod read;
mod write;

pub use read::{Block, Blocks, Nack, Report};
pub(crate) use write::{Writer, microphone_report};

/// Packet types.
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const BYE: u8 = 203;
const TRANSPORT_FEEDBACK: u8 = 205;

/// Feedback message type of a generic NACK (RFC 4585 section 6.2.1).
const GENERIC_NACK: u8 = 1;
