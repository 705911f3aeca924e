//! Datagrams on their way out: filled in place by the shard, handed over in batches.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use crate::limits::{BATCH, MESSAGE};
use crate::message::{Recipient, ShardMessage};
use crate::tcp::ConnectionId;

/// Where a shard's datagrams go: `sendmmsg` in the process, a `Vec` in a test.
pub trait Egress {
    /// Sends everything in the batch and leaves it empty ([`SendBatch::clear`]). Called when the batch is full, at the
    /// end of every `handle_*` but [`crate::Shard::handle_datagram`], and by [`crate::Shard::flush`], so nothing waits
    /// for what has not come yet. A datagram that the socket refuses is dropped: voice is never queued.
    fn send(&mut self, batch: &mut SendBatch);

    /// Ends a connection at once: what still waits in it is never sent. There is none where nobody takes connections in.
    fn close(&mut self, _connection: ConnectionId) {}

    /// Before a walk over our own listeners: takes what other shards are to be told, so that theirs need not wait for
    /// it. What is left stays for [`crate::Shard::poll_message`].
    fn tell(&mut self, _messages: &mut VecDeque<(Recipient, ShardMessage)>) {}
}

/// A batch and where it goes.
pub(crate) struct Outbox<'a, E: Egress> {
    batch: &'a mut SendBatch,
    egress: &'a mut E,
    /// Messages written; for the counters.
    pub(crate) messages: u64,
}

impl<'a, E: Egress> Outbox<'a, E> {
    pub(crate) fn new(batch: &'a mut SendBatch, egress: &'a mut E) -> Self {
        Self { batch, egress, messages: 0 }
    }

    /// One datagram, written in place; nothing is sent when `write` has nothing.
    #[inline]
    pub(crate) fn write(
        &mut self,
        to: SocketAddr,
        from: IpAddr,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) {
        self.write_segments(to, from, |bytes| write(bytes).map(|len| (len, None)));
    }

    /// One message of several datagrams: all as long as the first, but for a shorter last one.
    #[inline]
    pub(crate) fn write_segments(
        &mut self,
        to: SocketAddr,
        from: IpAddr,
        write: impl FnOnce(&mut [u8]) -> Option<(usize, Option<u16>)>,
    ) {
        self.messages += u64::from(self.batch.push(to, from, write));
        if self.batch.is_full() {
            self.egress.send(self.batch);
        }
    }

    pub(crate) fn copy(&mut self, to: SocketAddr, from: IpAddr, datagram: &[u8]) {
        self.write(to, from, |bytes| {
            bytes.get_mut(..datagram.len())?.copy_from_slice(datagram);
            Some(datagram.len())
        });
    }

    /// Ends a connection, behind what was written before.
    pub(crate) fn close(&mut self, connection: ConnectionId) {
        self.flush();
        self.egress.close(connection);
    }

    pub(crate) fn tell(&mut self, messages: &mut VecDeque<(Recipient, ShardMessage)>) {
        self.egress.tell(messages);
    }

    pub(crate) fn flush(&mut self) {
        if !self.batch.is_empty() {
            self.egress.send(self.batch);
        }
    }
}

/// Up to [`BATCH`] messages, written in place and reused for ever.
pub struct SendBatch {
    heads: Box<[Head]>,
    bytes: Box<[u8]>,
    len: usize,
}

#[derive(Clone, Copy)]
struct Head {
    to: SocketAddr,
    from: IpAddr,
    len: u16,
    segment: u16,
}

/// One message of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Of a datagram, or of a connection ([`crate::ConnectionId::of`]).
    pub to: SocketAddr,
    /// The local address that the peer talks to (`IP_PKTINFO`).
    pub from: IpAddr,
    /// One datagram, or several of `segment` bytes each, the last maybe shorter (`UDP_SEGMENT`).
    pub bytes: &'a [u8],
    /// `Some` when `bytes` holds more than one datagram.
    pub segment: Option<u16>,
}

impl Message<'_> {
    /// The datagrams of this message one by one, for a socket without segmentation.
    pub fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        let size = self.segment.map_or(self.bytes.len(), usize::from).max(1);
        self.bytes.chunks(size)
    }
}

impl Default for SendBatch {
    fn default() -> Self {
        Self::new()
    }
}

impl SendBatch {
    pub fn new() -> Self {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let head = Head { to: nowhere, from: nowhere.ip(), len: 0, segment: 0 };
        Self {
            heads: vec![head; BATCH].into_boxed_slice(),
            bytes: vec![0; BATCH * MESSAGE].into_boxed_slice(),
            len: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn is_full(&self) -> bool {
        self.len == BATCH
    }

    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Overwrites what left last, and whom it went to; for a batch that is empty.
    pub(crate) fn wipe(&mut self) {
        if self.is_empty() {
            *self = Self::new();
        }
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = Message<'_>> {
        self.heads[..self.len].iter().zip(self.bytes.chunks_exact(MESSAGE)).map(|(head, bytes)| Message {
            to: head.to,
            from: head.from,
            bytes: &bytes[..usize::from(head.len)],
            segment: (head.segment != 0).then_some(head.segment),
        })
    }

    #[inline]
    fn push(
        &mut self,
        to: SocketAddr,
        from: IpAddr,
        write: impl FnOnce(&mut [u8]) -> Option<(usize, Option<u16>)>,
    ) -> bool {
        let start = self.len * MESSAGE;
        let (Some(bytes), Some(head)) =
            (self.bytes.get_mut(start..start + MESSAGE), self.heads.get_mut(self.len))
        else {
            return false;
        };
        let Some((len, segment)) = write(bytes) else { return false };
        let Ok(len) = u16::try_from(len.min(MESSAGE)) else { return false };
        *head = Head { to, from, len, segment: segment.unwrap_or(0) };
        self.len += 1;
        true
    }
}
