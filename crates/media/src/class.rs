//! The listeners of a channel on this shard by class: whoever is sent the same payloads stands in the same rows, so that
//! the walk over them asks nothing.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::bundle::Bundle;
use crate::egress::{Egress, Outbox};
use crate::packet::Frame;
use crate::phase::{Decision, Pacing, Phase};
use crate::rows::{Row, Rows};
use crate::srtp::SlotSealer;

/// What decides the payloads that a listener is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Every frame alone, as soon as may be: people who talk with each other.
    Plain,
    /// The audience, who may be sent several frames in one packet. Never yet: one by one, like [`Class::Plain`].
    Packed,
}

impl Class {
    pub(crate) const ALL: [Self; 2] = [Self::Plain, Self::Packed];
}

/// Where a row stands. It changes when another row leaves the same class; whoever moves rows tells the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    class: Class,
    row: usize,
}

/// A row that was taken away, and the peer whose row stands in its place now.
#[derive(Debug)]
pub(crate) struct Removed {
    pub(crate) sealer: SlotSealer,
    pub(crate) moved: Option<u32>,
}

/// A row that changed its class, and the peer whose row stands in its former place now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) place: Place,
    pub(crate) moved: Option<u32>,
}

/// All rows of a channel on this shard.
#[derive(Default)]
pub(crate) struct Classes([Group; Class::ALL.len()]);

/// The rows of one class, and what they wait for.
#[derive(Default)]
struct Group {
    rows: Rows,
    phase: Phase,
}

impl Classes {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|group| group.rows.is_empty())
    }

    pub(crate) fn insert(&mut self, class: Class, row: Row) -> Place {
        Place { class, row: self.group(class).rows.insert(row) }
    }

    pub(crate) fn remove(&mut self, place: Place) -> Option<Removed> {
        let (row, moved) = self.group(place.class).rows.remove(place.row)?;
        Some(Removed { sealer: row.sealer, moved })
    }

    /// The row moves with its sealer: each (key, SSRC, index) keeps its one owner. What waits in either class leaves
    /// first, so that the listener gets every frame once. `None` when there is nothing to do.
    pub(crate) fn change(
        &mut self,
        place: Place,
        class: Class,
        out: &mut Outbox<'_, impl Egress>,
    ) -> Option<Changed> {
        if place.class == class {
            return None;
        }
        self.group(place.class).send_waiting(out);
        self.group(class).send_waiting(out);
        let (row, moved) = self.group(place.class).rows.remove(place.row)?;
        Some(Changed { place: self.insert(class, row), moved })
    }

    /// The listener moved to another address.
    pub(crate) fn set_path(&mut self, place: Place, to: SocketAddr, from: IpAddr) {
        self.group(place.class).rows.set_path(place.row, to, from);
    }

    pub(crate) fn sealer(&self, place: Place) -> Option<&SlotSealer> {
        self.0[place.class as usize].rows.sealer(place.row)
    }

    /// Some row's peer, while there is one.
    pub(crate) fn any_peer(&self) -> Option<u32> {
        self.0.iter().find_map(|group| group.rows.any_peer())
    }

    /// Sends a frame to everybody, now or with the others of its phase; says which phases begin, and when they end.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        pacing: Pacing,
        frame: &Frame,
        out: &mut Outbox<'_, impl Egress>,
        mut begins: impl FnMut(Class, Instant),
    ) {
        for (class, group) in Class::ALL.into_iter().zip(&mut self.0) {
            if let Some(at) = group.send(now, pacing, frame, out) {
                begins(class, at);
            }
        }
    }

    /// The phase that was to end at `at`, unless it has ended before.
    pub(crate) fn end_phase(&mut self, class: Class, at: Instant, out: &mut Outbox<'_, impl Egress>) {
        let group = self.group(class);
        if group.phase.is_due(at) {
            group.send_waiting(out);
        }
    }

    fn group(&mut self, class: Class) -> &mut Group {
        &mut self.0[class as usize]
    }
}

impl Group {
    /// Returns when the waiting frames have to go, if a phase begins.
    fn send(
        &mut self,
        now: Instant,
        pacing: Pacing,
        frame: &Frame,
        out: &mut Outbox<'_, impl Egress>,
    ) -> Option<Instant> {
        let mut decision = self.phase.handle_frame(now, pacing, self.rows.len(), frame);
        if decision == Decision::SendWaiting {
            self.send_waiting(out);
            decision = self.phase.handle_frame(now, pacing, self.rows.len(), frame);
        }
        match decision {
            Decision::Begin(at) => return Some(at),
            Decision::Wait => {}
            Decision::Complete => self.send_waiting(out),
            Decision::SendAtOnce | Decision::SendWaiting => self.rows.send(frame, out),
        }
        None
    }

    fn send_waiting(&mut self, out: &mut Outbox<'_, impl Egress>) {
        let frames = self.phase.waiting();
        match Bundle::new(frames) {
            Some(bundle) => self.rows.send_together(&bundle, out),
            None => frames.iter().for_each(|frame| self.rows.send(frame, out)),
        }
        self.phase.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::SendBatch;
    use crate::key::Talker;
    use crate::limits::PHASE_ROWS;
    use crate::packet::Payload;
    use crate::rtp::RtpPacket;
    use crate::srtp::{Profile, SessionKeys};
    use std::time::Duration;

    /// Slot, sequence number and timestamp of all that went to the last row.
    #[derive(Default)]
    struct Last(Vec<(u32, u16, u32)>);

    const LAST: u16 = 7;

    impl Egress for Last {
        fn send(&mut self, batch: &mut SendBatch) {
            for message in batch.iter().filter(|message| message.to.port() == LAST) {
                for bytes in message.datagrams() {
                    let packet = RtpPacket::parse(bytes).expect("RTP");
                    self.0.push((packet.ssrc & 0xff, packet.seq, packet.timestamp));
                }
            }
            batch.clear();
        }
    }

    fn row(port: u16) -> Row {
        // Zeros: sequence numbers start at 0.
        let keys = SessionKeys::new(Profile::Aes128Gcm, &[0; 88], 0).expect("keys");
        let to = SocketAddr::from(([192, 0, 2, 1], port));
        Row { peer: u32::from(port), to, from: to.ip(), own: None, payload_type: 111, sealer: keys.rtp_out }
    }

    fn frame(slot: u8, timestamp: u32) -> Frame {
        let payload = Payload::new(&[0x78; 40]).expect("short");
        Frame { slot, timestamp, marker: false, talker: Talker(u32::from(slot)), payload }
    }

    #[test]
    fn who_steps_up_while_frames_wait_hears_each_of_them_once() {
        let mut classes = Classes::default();
        let mut place = None;
        for port in (0..PHASE_ROWS).map(|_| 1000).chain([LAST]) {
            place = Some(classes.insert(Class::Packed, row(port)));
        }
        let mut place = place.expect("a row");
        let (mut batch, mut last) = (SendBatch::new(), Last::default());
        let mut out = Outbox::new(&mut batch, &mut last);
        let (mut now, mut waited) = (Instant::now(), 0);
        for i in 0..40u32 {
            let frame = frame(u8::from(i % 2 == 1), i / 2);
            classes.send(now, Pacing::Phases, &frame, &mut out, |_, _| waited += 1);
            // Sometimes while a frame waits, sometimes while none does.
            let class = [Class::Plain, Class::Packed][i as usize / 5 % 2];
            if let Some(changed) = classes.change(place, class, &mut out) {
                place = changed.place;
            }
            now += Duration::from_millis(10);
        }
        out.flush();
        assert!(waited > 10, "frames did wait for each other");
        for slot in [1, 2] {
            let heard: Vec<_> = last.0.iter().filter(|(ssrc, ..)| *ssrc == slot).collect();
            let expected: Vec<_> = (0..20).map(|i| (slot, i, u32::from(i))).collect();
            assert_eq!(heard, expected.iter().collect::<Vec<_>>());
        }
    }
}
