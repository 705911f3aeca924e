//! One class of a channel's listeners on this shard: a structure of arrays, walked once per frame in a fixed order.
//!
//! A row exists only while its listener can be reached, so the walk asks nothing. The sealer moves into the row and
//! out again with it.

use std::mem::MaybeUninit;
use std::net::{IpAddr, SocketAddr};

use crate::bundle::Bundle;
use crate::egress::{Egress, Outbox};
use crate::key::Talker;
use crate::packet::Frame;
use crate::rtp::{HeaderTemplate, Padding};
use crate::srtp::SlotSealer;

/// One listener of a channel.
#[derive(Debug)]
pub(crate) struct Row {
    /// Index of the peer on this shard.
    pub(crate) peer: u32,
    pub(crate) to: SocketAddr,
    /// The local address that the peer talks to.
    pub(crate) from: IpAddr,
    /// Whose voice is never sent here: the listener's own.
    pub(crate) own: Option<Talker>,
    pub(crate) formats: Formats,
    pub(crate) sealer: SlotSealer,
}

/// What the listener's offer calls what it may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Formats {
    pub(crate) opus: u8,
    /// Opus with what was said before (RFC 2198).
    pub(crate) redundant: Option<u8>,
}

#[derive(Debug, Default)]
pub(crate) struct Rows {
    peers: Vec<u32>,
    to: Vec<SocketAddr>,
    from: Vec<IpAddr>,
    own: Vec<Option<Talker>>,
    payload_types: Vec<u8>,
    formats: Vec<Formats>,
    sealers: Vec<SlotSealer>,
}

/// The last one moves to the place; where it lay, nothing of it is left: no key and no address.
fn take<T>(column: &mut Vec<T>, place: usize) -> T {
    let taken = column.swap_remove(place);
    if let Some(behind) = column.spare_capacity_mut().first_mut() {
        *behind = MaybeUninit::zeroed();
    }
    taken
}

impl Rows {
    pub(crate) fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.peers.len()
    }

    /// The payloads of these rows have the format `payload_type` in the listener's offer. Returns the row's place.
    pub(crate) fn insert(&mut self, row: Row, payload_type: u8) -> usize {
        self.peers.push(row.peer);
        self.to.push(row.to);
        self.from.push(row.from);
        self.own.push(row.own);
        self.payload_types.push(payload_type);
        self.formats.push(row.formats);
        self.sealers.push(row.sealer);
        self.peers.len() - 1
    }

    /// Takes a row out. The last row moves to its place: the peer that then has to be told is returned too.
    pub(crate) fn remove(&mut self, place: usize) -> Option<(Row, Option<u32>)> {
        if place >= self.peers.len() {
            return None;
        }
        self.payload_types.swap_remove(place);
        let row = Row {
            peer: self.peers.swap_remove(place),
            to: take(&mut self.to, place),
            from: take(&mut self.from, place),
            own: self.own.swap_remove(place),
            formats: self.formats.swap_remove(place),
            sealer: take(&mut self.sealers, place),
        };
        Some((row, self.peers.get(place).copied()))
    }

    /// The listener moved to another address.
    pub(crate) fn set_path(&mut self, place: usize, to: SocketAddr, from: IpAddr) {
        if let (Some(row_to), Some(row_from)) = (self.to.get_mut(place), self.from.get_mut(place)) {
            *row_to = to;
            *row_from = from;
        }
    }

    pub(crate) fn sealer(&self, place: usize) -> Option<&SlotSealer> {
        self.sealers.get(place)
    }

    /// Some row's peer, while there is one.
    pub(crate) fn any_peer(&self) -> Option<u32> {
        self.peers.last().copied()
    }

    /// Sends a frame to everybody but its talker. The hot path: per listener a header, a nonce, a seal into the batch.
    pub(crate) fn send(&mut self, frame: &Frame, out: &mut Outbox<'_, impl Egress>) {
        let slot = usize::from(frame.slot);
        let Some(header) = HeaderTemplate::new(frame, Padding::None) else { return };
        let payload = frame.payload.as_bytes();
        let rows =
            self.to.iter().zip(&self.from).zip(&self.own).zip(&self.payload_types).zip(&mut self.sealers);
        for ((((to, from), own), payload_type), sealer) in rows {
            if *own != Some(frame.talker) {
                out.write(*to, *from, |bytes| sealer.seal(slot, header, *payload_type, payload, bytes));
            }
        }
    }

    /// Sends a frame to one row, before it moves to where the frame is not waited for.
    pub(crate) fn send_to(&mut self, place: usize, frame: &Frame, out: &mut Outbox<'_, impl Egress>) {
        let Some(header) = HeaderTemplate::new(frame, Padding::None) else { return };
        let (Some(to), Some(from)) = (self.to.get(place), self.from.get(place)) else { return };
        let (Some(own), Some(payload_type)) = (self.own.get(place), self.payload_types.get(place)) else {
            return;
        };
        if *own == Some(frame.talker) {
            return;
        }
        let Some(sealer) = self.sealers.get_mut(place) else { return };
        let slot = usize::from(frame.slot);
        out.write(*to, *from, |bytes| sealer.seal(slot, header, *payload_type, &frame.payload, bytes));
    }

    /// Sends several frames as one message to everybody who hears them all, and one by one to their talkers.
    pub(crate) fn send_together(&mut self, bundle: &Bundle, out: &mut Outbox<'_, impl Egress>) {
        let (parts, segment) = (bundle.parts(), bundle.segment());
        let rows =
            self.to.iter().zip(&self.from).zip(&self.own).zip(&self.payload_types).zip(&mut self.sealers);
        for ((((to, from), own), payload_type), sealer) in rows {
            if own.is_some_and(|own| parts.iter().any(|part| part.talker == own)) {
                for part in parts.iter().filter(|part| *own != Some(part.talker)) {
                    out.write(*to, *from, |bytes| {
                        sealer.seal(part.slot, part.header, *payload_type, part.payload(), bytes)
                    });
                }
                continue;
            }
            out.write_segments(*to, *from, |bytes| {
                let mut length = 0;
                for part in parts {
                    let rest = bytes.get_mut(length..)?;
                    length += sealer.seal(part.slot, part.header, *payload_type, part.payload(), rest)?;
                }
                Some((length, Some(segment)))
            });
        }
    }
}
