//! The listeners of a channel on this shard by class: whoever is sent the same payloads stands in the same rows, so that
//! the walk over them asks nothing.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::bundle::Bundle;
use crate::egress::{Egress, Outbox};
use crate::pack::{Form, Packing};
use crate::packet::Frame;
use crate::phase::{Decision, Pacing, Phase, Which};
use crate::red::Redundancy;
use crate::rows::{Formats, Row, Rows};
use crate::srtp::SlotSealer;

/// What decides the payloads that a listener is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Every frame alone, as soon as may be: people who talk with each other.
    Plain,
    /// The audience: as many frames in one packet as the channel's packing says.
    Packed,
    /// Who loses packets and can make them good: every frame as soon as may be, and with it the one before.
    Redundant,
    /// Who has a line for one talker: the loudest, every frame as soon as may be.
    Single,
}

impl Class {
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::Packed, Self::Redundant, Self::Single];

    /// What the listener calls the payloads of this class. `None` when it does not know them.
    fn payload_type(self, formats: Formats) -> Option<u8> {
        match self {
            Self::Plain | Self::Packed | Self::Single => Some(formats.opus),
            Self::Redundant => formats.redundant,
        }
    }
}

/// Where a row stands. It changes when another row leaves the same class; whoever moves rows tells the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) class: Class,
    row: usize,
}

/// A row that was taken away, and the peer whose row stands in its place now.
#[derive(Debug)]
pub(crate) struct Removed {
    pub(crate) sealer: SlotSealer,
    pub(crate) moved: Option<u32>,
}

/// What became of a row that was to change its class.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It stands there already.
    None,
    /// Frames that the listener has got already wait there for others: ask again.
    Later,
    /// It stands there now, and the row of `moved` in its former place.
    Done { place: Place, moved: Option<u32> },
}

/// All rows of a channel on this shard.
#[derive(Default)]
pub(crate) struct Classes {
    groups: [Group; Class::ALL.len()],
    /// While there are redundant rows.
    redundancy: Option<Box<Redundancy>>,
}

/// The rows of one class, and what they wait for.
#[derive(Default)]
struct Group {
    rows: Rows,
    phase: Phase,
}

/// How a frame leaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) now: Instant,
    pub(crate) pacing: Pacing,
    pub(crate) form: Form,
}

impl Classes {
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.iter().all(|group| group.rows.is_empty())
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.iter().map(|group| group.rows.len()).sum()
    }

    /// Rows of the audience; those with redundancy are counted with it, though some of them may be on stage.
    pub(crate) fn audience(&self) -> usize {
        [Class::Packed, Class::Redundant].map(|class| self.groups[class as usize].rows.len()).iter().sum()
    }

    /// A new row. Where frames wait that were said before, it stands with [`Class::Plain`] first.
    pub(crate) fn insert(&mut self, class: Class, row: Row) -> Place {
        let class = if self.group(class).phase.is_empty() { class } else { Class::Plain };
        self.put(class, row)
    }

    pub(crate) fn remove(&mut self, place: Place) -> Option<Removed> {
        let (row, moved) = self.take(place)?;
        Some(Removed { sealer: row.sealer, moved })
    }

    fn put(&mut self, class: Class, row: Row) -> Place {
        let formats = row.formats;
        let (class, payload_type) = match class.payload_type(formats) {
            Some(payload_type) => (class, payload_type),
            None => (Class::Plain, formats.opus),
        };
        if class == Class::Redundant {
            self.redundancy.get_or_insert_default();
        }
        Place { class, row: self.group(class).rows.insert(row, payload_type) }
    }

    fn take(&mut self, place: Place) -> Option<(Row, Option<u32>)> {
        let taken = self.group(place.class).rows.remove(place.row)?;
        if self.group(Class::Redundant).rows.is_empty() {
            // No voice is kept for nobody.
            self.redundancy = None;
        }
        Some(taken)
    }

    /// The row moves with its sealer: each (key, SSRC, index) keeps its one owner. What waits for it where it leaves is
    /// sent to it now, so that the listener gets every frame once and in order.
    pub(crate) fn change(&mut self, place: Place, class: Class, out: &mut Outbox<'_, impl Egress>) -> Change {
        if place.class == class {
            return Change::None;
        }
        if !self.group(class).phase.is_empty() {
            return Change::Later;
        }
        let Group { rows, phase } = self.group(place.class);
        phase.waiting().for_each(|frame| rows.send_to(place.row, frame, out));
        let Some((row, moved)) = self.take(place) else { return Change::None };
        Change::Done { place: self.put(class, row), moved }
    }

    /// The listener moved to another address.
    pub(crate) fn set_path(&mut self, place: Place, to: SocketAddr, from: IpAddr) {
        self.group(place.class).rows.set_path(place.row, to, from);
    }

    pub(crate) fn sealer(&self, place: Place) -> Option<&SlotSealer> {
        self.groups[place.class as usize].rows.sealer(place.row)
    }

    /// Some row's peer, while there is one.
    pub(crate) fn any_peer(&self) -> Option<u32> {
        self.groups.iter().find_map(|group| group.rows.any_peer())
    }

    pub(crate) fn packing(&self) -> Packing {
        self.groups[Class::Packed as usize].phase.packing()
    }

    /// How many frames the audience gets in one packet from now on.
    pub(crate) fn pack(&mut self, now: Instant, packing: Packing, out: &mut Outbox<'_, impl Egress>) {
        let group = self.group(Class::Packed);
        if group.phase.packing() != packing {
            group.send_waiting(Which::All, out);
            group.phase.pack(now, packing);
        }
    }

    /// Sends a frame to everybody, now or with those that it is to leave with; says for which class something has to
    /// leave at what moment at the latest.
    pub(crate) fn send(
        &mut self,
        terms: Terms,
        frame: &Frame,
        out: &mut Outbox<'_, impl Egress>,
        mut begins: impl FnMut(Class, Instant),
    ) {
        let redundant = self.redundancy.as_mut().and_then(|redundancy| redundancy.with_before(frame));
        for (class, group) in Class::ALL.into_iter().zip(&mut self.groups) {
            let frame = if class == Class::Redundant { redundant.as_ref() } else { Some(frame) };
            let Some(frame) = frame else { continue };
            if class == Class::Single {
                group.send_alone(frame, out);
                continue;
            }
            // Only single Opus frames can wait for each other, and a redundant payload is none.
            let pacing = if class == Class::Redundant { Pacing::AtOnce } else { terms.pacing };
            if let Some(at) = group.send(Terms { pacing, ..terms }, frame, out) {
                begins(class, at);
            }
        }
    }

    /// What has to leave by now, leaves.
    pub(crate) fn send_due(&mut self, now: Instant, class: Class, out: &mut Outbox<'_, impl Egress>) {
        let group = self.group(class);
        while let Some(which) = group.phase.due(now) {
            group.send_waiting(which, out);
        }
    }

    /// Nothing waits anywhere: rows may change their class.
    pub(crate) fn is_idle(&self) -> bool {
        self.groups.iter().all(|group| group.phase.is_empty())
    }

    /// Everything that waits, leaves.
    pub(crate) fn send_all(&mut self, out: &mut Outbox<'_, impl Egress>) {
        self.groups.iter_mut().for_each(|group| group.send_waiting(Which::All, out));
    }

    fn group(&mut self, class: Class) -> &mut Group {
        &mut self.groups[class as usize]
    }
}

impl Group {
    /// Returns when it has to leave, if it begins to wait.
    fn send(&mut self, terms: Terms, frame: &Frame, out: &mut Outbox<'_, impl Egress>) -> Option<Instant> {
        if self.rows.is_empty() {
            self.phase.clear();
            return None;
        }
        let Terms { now, pacing, form } = terms;
        let mut decision = self.phase.handle_frame(now, pacing, form, self.rows.len(), frame);
        if let Decision::SendFirst(which) = decision {
            self.send_waiting(which, out);
            decision = self.phase.handle_frame(now, pacing, form, self.rows.len(), frame);
        }
        match decision {
            Decision::Begin(at) => return Some(at),
            Decision::Wait => {}
            Decision::Complete(which) => self.send_waiting(which, out),
            Decision::SendAtOnce | Decision::SendFirst(_) => self.rows.send(frame, out),
        }
        None
    }

    /// Of one talker at a time there is nothing to wait for.
    fn send_alone(&mut self, frame: &Frame, out: &mut Outbox<'_, impl Egress>) {
        if !self.rows.is_empty()
            && let Some(frame) = frame.alone()
        {
            self.rows.send(&frame, out);
        }
    }

    fn send_waiting(&mut self, which: Which, out: &mut Outbox<'_, impl Egress>) {
        if which == Which::All
            && let Some(bundle) = Bundle::new(self.phase.waiting())
        {
            self.rows.send_together(&bundle, out);
            return self.phase.clear();
        }
        while let Some(frame) = self.phase.take(which) {
            self.rows.send(&frame, out);
        }
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
        let formats = Formats { opus: 111, redundant: Some(63) };
        Row { peer: u32::from(port), to, from: to.ip(), own: None, formats, sealer: keys.rtp_out }
    }

    fn frame(slot: u8, timestamp: u32) -> Frame {
        let payload = Payload::new(&[0x78; 40]).expect("short");
        Frame {
            slot,
            timestamp,
            marker: false,
            talker: Talker(u32::from(slot)),
            ticks: 960,
            solo: None,
            payload,
        }
    }

    #[test]
    fn who_steps_up_and_down_while_frames_wait_hears_each_of_them_once_and_in_order() {
        let mut classes = Classes::default();
        let mut place = None;
        for port in (0..PHASE_ROWS).map(|_| 1000).chain([LAST]) {
            place = Some(classes.insert(Class::Packed, row(port)));
        }
        let mut place = place.expect("a row");
        let (mut batch, mut last) = (SendBatch::new(), Last::default());
        let mut out = Outbox::new(&mut batch, &mut last);
        let (mut now, mut waited, mut later, mut changes) = (Instant::now(), 0, 0, 0);
        for i in 0..200u32 {
            let frame = frame(u8::from(i % 2 == 1), i / 2);
            let terms = Terms { now, pacing: Pacing::Phases, form: Form::Opus };
            classes.send(terms, &frame, &mut out, |_, _| waited += 1);
            // Sometimes while a frame waits, sometimes while none does.
            let class = Class::ALL[i as usize / 5 % 3];
            match classes.change(place, class, &mut out) {
                Change::None => {}
                Change::Later => later += 1,
                Change::Done { place: new, .. } => {
                    place = new;
                    changes += 1;
                }
            }
            now += Duration::from_millis(10);
        }
        classes.send_all(&mut out);
        out.flush();
        assert!(waited > 10 && later > 5 && changes > 10, "{waited} {later} {changes}");
        for slot in [1, 2] {
            let heard: Vec<_> = last.0.iter().filter(|(ssrc, ..)| *ssrc == slot).collect();
            let expected: Vec<_> = (0..100).map(|i| (slot, i, u32::from(i))).collect();
            assert_eq!(heard, expected.iter().collect::<Vec<_>>());
        }
    }

    /// How many datagrams each message holds, and what their payloads are called.
    #[derive(Default)]
    struct Messages(Vec<(usize, u8)>);

    impl Egress for Messages {
        fn send(&mut self, batch: &mut SendBatch) {
            self.0.extend(batch.iter().map(|message| (message.datagrams().count(), message.bytes[1] & 0x7f)));
            batch.clear();
        }
    }

    #[test]
    fn what_is_said_twice_waits_for_nobody_however_many_lose() {
        let mut classes = Classes::default();
        for _ in 0..2 * PHASE_ROWS {
            classes.insert(Class::Redundant, row(LAST));
        }
        let (mut batch, mut messages) = (SendBatch::new(), Messages::default());
        let mut now = Instant::now();
        for i in 0..40u32 {
            let mut out = Outbox::new(&mut batch, &mut messages);
            let terms = Terms { now, pacing: Pacing::Phases, form: Form::Opus };
            let frame = frame(u8::from(i % 2 == 1), i / 2);
            classes.send(terms, &frame, &mut out, |class, _| panic!("{class:?} waits"));
            out.flush();
            now += Duration::from_millis(10);
        }
        assert_eq!(messages.0.len(), 40 * 2 * PHASE_ROWS);
        assert!(messages.0.iter().all(|message| *message == (1, 63)));
    }
}
