//! Sealing: the only owners of the sending keys.

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};

use super::inline::InlineKey;
use super::{SRTCP_TRAILER, Salt, TAG, rtcp_iv, rtp_iv};
use crate::packet::{SLOT_SSRC, SLOTS};
use crate::rtp::{HEADER, HeaderTemplate};

/// Seals what one listener hears: one key, and per slot the packet index that comes next.
///
/// Not `Clone`: it moves between the peer and its row, so an index has exactly one owner.
#[derive(Debug)]
pub struct SlotSealer {
    key: InlineKey,
    salt: Salt,
    slots: [SlotState; SLOTS],
}

#[derive(Debug, Clone, Copy, Default)]
struct SlotState {
    first: u64,
    next: u64,
    octets: u32,
}

/// Last packet index of an SSRC under one key: 48 bits (RFC 7714 section 5.1). Fifty packets a second last 178,000
/// years.
const LAST_INDEX: u64 = (1 << 48) - 1;

impl SlotSealer {
    /// First sequence numbers are random, in the lower half of the number space: receivers assume a rollover counter
    /// of zero at the first packet they see, and the first may be lost (RFC 3711 section 3.3.1).
    pub(super) fn new(key: InlineKey, salt: Salt, seed: u64) -> Self {
        let mut slots = [SlotState::default(); SLOTS];
        for (i, slot) in slots.iter_mut().enumerate() {
            slot.first = seed >> (16 * i) & 0x7fff;
            slot.next = slot.first;
        }
        Self { key, salt, slots }
    }

    /// Seals `payload` for `slot` under the next index and writes the packet to `out`; returns its length. `None` if
    /// `out` is too small, the slot does not exist, or the index space is used up.
    #[inline]
    pub(crate) fn seal(
        &mut self,
        slot: usize,
        header: HeaderTemplate,
        payload_type: u8,
        payload: &[u8],
        out: &mut [u8],
    ) -> Option<usize> {
        let length = HEADER + payload.len() + TAG;
        let (head, rest) = out.get_mut(..length)?.split_at_mut_checked(HEADER)?;
        let (body, tag) = rest.split_at_mut_checked(payload.len())?;
        let state = self.slots.get_mut(slot)?;
        let index = state.next;
        if index > LAST_INDEX {
            return None;
        }
        // Used up before anything is sealed under it.
        state.next = index + 1;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a sequence number is the low 16 bits of the index"
        )]
        let header = header.stamp(payload_type, index as u16);
        head.copy_from_slice(&header);
        let iv = rtp_iv(&self.salt, *SLOT_SSRC.get(slot)?, index);
        self.key.seal(&iv, &header, payload, body, tag)?;
        #[expect(clippy::cast_possible_truncation, reason = "a payload has at most 16 bits of length")]
        let octets = payload.len() as u32;
        state.octets = state.octets.wrapping_add(octets);
        Some(length)
    }

    /// Packets and payload octets sent in a slot, modulo 2^32 (RFC 3550 section 6.4.1). `None` before the first.
    #[expect(clippy::cast_possible_truncation, reason = "the count wraps by definition")]
    pub(crate) fn sent(&self, slot: usize) -> Option<(u32, u32)> {
        let state = self.slots.get(slot)?;
        (state.next != state.first).then_some(((state.next - state.first) as u32, state.octets))
    }
}

/// Seals the reports to one peer.
#[derive(Debug)]
pub struct RtcpSealer {
    key: LessSafeKey,
    salt: Salt,
    next: u32,
}

/// SRTCP indices have 31 bits (RFC 3711 section 3.4). One a second lasts 68 years.
const LAST_RTCP_INDEX: u32 = (1 << 31) - 1;

impl RtcpSealer {
    pub(super) fn new(key: LessSafeKey, salt: Salt) -> Self {
        Self { key, salt, next: 0 }
    }

    /// Seals a compound packet that stands at the start of `buffer`; returns the length of the result. `None` if the
    /// buffer is too small for the trailer, the packet is none, or the index space is used up.
    pub(crate) fn seal(&mut self, buffer: &mut [u8], plain: usize) -> Option<usize> {
        let length = plain + TAG + SRTCP_TRAILER;
        let packet = buffer.get_mut(..length)?;
        let index = self.next;
        if index > LAST_RTCP_INDEX {
            return None;
        }
        self.next = index + 1;
        // The encryption flag is the top bit of the trailer (RFC 7714 section 9.3).
        let trailer = (index | 1 << 31).to_be_bytes();
        let (head, rest) = packet.split_first_chunk_mut::<8>()?;
        let [_, _, _, _, s0, s1, s2, s3] = *head;
        let ssrc = u32::from_be_bytes([s0, s1, s2, s3]);
        let mut aad = [0; 12];
        aad[..8].copy_from_slice(head);
        aad[8..].copy_from_slice(&trailer);
        let (body, end) = rest.split_at_mut_checked(plain.checked_sub(8)?)?;
        let nonce = Nonce::assume_unique_for_key(rtcp_iv(&self.salt, ssrc, index));
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::from(&aad), body).ok()?;
        let (tag_out, trailer_out) = end.split_at_mut_checked(TAG)?;
        tag_out.copy_from_slice(tag.as_ref());
        trailer_out.copy_from_slice(&trailer);
        Some(length)
    }
}
