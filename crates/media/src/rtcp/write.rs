//! Writes the compound we send: a sender report per slot in use, what we say about the microphone, our name.

use super::{RECEIVER_REPORT, SENDER_REPORT, SOURCE_DESCRIPTION};
use crate::limits::CNAME;
use crate::reception::ReceptionReport;

/// A report block (RFC 3550 section 6.4.1).
pub(crate) fn microphone_report(report: &ReceptionReport) -> [u8; 24] {
    let mut block = [0; 24];
    block[..4].copy_from_slice(&report.ssrc.to_be_bytes());
    block[4..8].copy_from_slice(&report.cumulative_lost.to_be_bytes());
    block[4] = report.fraction_lost;
    block[8..12].copy_from_slice(&report.highest.to_be_bytes());
    block[12..16].copy_from_slice(&report.jitter.to_be_bytes());
    block[16..20].copy_from_slice(&report.last_sender_report.to_be_bytes());
    block[20..].copy_from_slice(&report.delay.to_be_bytes());
    block
}

/// Appends packets to a buffer. What does not fit is left out: the buffer is sized for the largest compound.
pub(crate) struct Writer<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, len: 0 }
    }

    /// `ntp` is seconds and fractions since the start of the shard: receivers only compare our own times.
    pub(crate) fn sender_report(
        &mut self,
        ssrc: u32,
        ntp: u64,
        timestamp: u32,
        (packets, octets): (u32, u32),
        report: Option<&[u8; 24]>,
    ) {
        self.header(SENDER_REPORT, u8::from(report.is_some()), 24 + if report.is_some() { 24 } else { 0 });
        self.put(&ssrc.to_be_bytes());
        self.put(&ntp.to_be_bytes());
        self.put(&timestamp.to_be_bytes());
        self.put(&packets.to_be_bytes());
        self.put(&octets.to_be_bytes());
        report.into_iter().for_each(|block| self.put(block));
    }

    pub(crate) fn receiver_report(&mut self, ssrc: u32, report: Option<&[u8; 24]>) {
        self.header(RECEIVER_REPORT, u8::from(report.is_some()), 4 + if report.is_some() { 24 } else { 0 });
        self.put(&ssrc.to_be_bytes());
        report.into_iter().for_each(|block| self.put(block));
    }

    /// One chunk with the canonical name for each of `ssrcs`.
    pub(crate) fn names(&mut self, ssrcs: &[u32]) {
        // SSRC, item, length, text, and one to four zeros that end the chunk on a word (RFC 3550 section 6.5).
        let chunk = (4 + 2 + CNAME.len()) / 4 * 4 + 4;
        let Ok(count) = u8::try_from(ssrcs.len()) else { return };
        self.header(SOURCE_DESCRIPTION, count, chunk * ssrcs.len());
        for ssrc in ssrcs {
            let start = self.len;
            self.put(&ssrc.to_be_bytes());
            self.put(&[1, CNAME_LEN]);
            self.put(CNAME.as_bytes());
            while self.len < start + chunk && self.len < self.buffer.len() {
                self.put(&[0]);
            }
        }
    }

    /// The length of the compound.
    pub(crate) fn finish(self) -> usize {
        self.len
    }

    fn header(&mut self, kind: u8, count: u8, body: usize) {
        let words = u16::try_from(body / 4).unwrap_or_default();
        let [w0, w1] = words.to_be_bytes();
        self.put(&[0x80 | count, kind, w0, w1]);
    }

    fn put(&mut self, bytes: &[u8]) {
        if let Some(place) = self.buffer.get_mut(self.len..self.len + bytes.len()) {
            place.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the name is eight bytes")]
const CNAME_LEN: u8 = CNAME.len() as u8;
