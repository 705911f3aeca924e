//! The shard's clock: ten ticks a second, each for a tenth of the peers, so that nobody's second comes all at once.

use std::time::{Duration, Instant};

use crate::egress::{Egress, Outbox};
use crate::limits::{LISTENER_REPORTS, MESSAGE, REPORTS_APART, SILENT_AFTER, SPEAKER_REPORTS};
use crate::message::Event;
use crate::packet::{SLOT_SSRC, SLOTS, Voice};
use crate::peer::Verdict;
use crate::reception::{ReceptionReport, samples};
use crate::rtcp::{Writer, microphone_report};

use super::Core;
use super::peers::{Mood, Pulse};

const TICK: Duration = Duration::from_millis(100);

/// Ticks until the same peer is looked at again.
const GROUPS: u32 = 10;

/// Ticks between two reports to a speaker.
const SPEAKER_TICKS: u32 = {
    #[expect(clippy::cast_possible_truncation, reason = "a few ticks")]
    let ticks = (SPEAKER_REPORTS.as_millis() / TICK.as_millis()) as u32;
    ticks
};

pub(super) struct Ticker {
    next: Instant,
    count: u32,
}

impl Ticker {
    pub(super) fn new(now: Instant) -> Self {
        Self { next: now + TICK, count: 0 }
    }

    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// After a time without peers nothing has to be made up for.
    pub(super) fn wake(&mut self, now: Instant) {
        if self.next < now {
            self.next = now + TICK;
        }
    }

    fn take(&mut self, now: Instant) -> Option<u32> {
        if now < self.next {
            return None;
        }
        // A late tick is not followed by a burst, but a group that was due is never skipped.
        self.next = (self.next + TICK).max(now + TICK / 2);
        self.count = self.count.wrapping_add(1);
        Some(self.count)
    }
}

impl Core {
    pub(super) fn handle_timeout(&mut self, now: Instant, out: &mut Outbox<'_, impl Egress>) {
        self.wake_channels(now, out);
        let Some(tick) = self.ticker.take(now) else { return };
        self.handle_handshake_timers(now, out);
        let group = tick % GROUPS;
        for index in (0..self.peers.end()).skip(group as usize).step_by(GROUPS as usize) {
            self.look_after(now, index, out);
        }
        for place in 0..self.speakers.len() {
            let due = self.speakers.get(place).filter(|index| *index % SPEAKER_TICKS == tick % SPEAKER_TICKS);
            if let Some(index) = due.copied() {
                self.report(now, index, out);
            }
        }
        if group == 0 {
            self.sum_losses(now);
            self.look_after_packing(now, out);
        }
    }

    fn look_after(&mut self, now: Instant, index: u32, out: &mut Outbox<'_, impl Egress>) {
        let Some(Pulse { heard, reported, mood }) = self.peers.pulse(index) else { return };
        let silent = now.saturating_duration_since(heard);
        let reports = now.saturating_duration_since(reported) >= LISTENER_REPORTS;
        if mood == Mood::Calm && silent < SILENT_AFTER && !reports {
            return;
        }
        let Some(peer) = self.peers.at(index) else { return };
        let (key, grant) = (peer.key(), peer.grant);
        match peer.handle_clock(now, silent) {
            Verdict::Unchanged => {}
            Verdict::Silent => {
                self.events.push_back(Event::Silent { peer: key });
                self.unlink(index);
                return;
            }
            Verdict::Gone(why) => return self.lose(index, why),
        }
        if let Some(grant) = grant
            && self.channels.get(grant.channel).and_then(|route| route.home) != Some(self.config.shard)
        {
            // Should the first message have been lost.
            self.tell_home(key, grant, Voice::On);
        }
        self.count_loss(index);
        // As it loses, and as the channel packs, by now.
        self.classify(index, out);
        if let Some(peer) = self.peers.at(index)
            && !peer.is_restless()
        {
            self.peers.set_mood(index, Mood::Calm);
        }
        if grant.is_none() && reports {
            self.report(now, index, out);
        }
    }

    /// A listener has reported: one to them leaves now, while everything it is made from lies in the cache.
    pub(super) fn answer_report(&mut self, now: Instant, index: u32, out: &mut Outbox<'_, impl Egress>) {
        let listens = self.peers.at(index).is_some_and(|peer| peer.grant.is_none());
        let last = self.peers.pulse(index).map(|pulse| pulse.reported);
        if listens && last.is_some_and(|last| now.saturating_duration_since(last) >= REPORTS_APART) {
            self.report(now, index, out);
        }
    }

    /// One compound: a sender report for every slot in use, what arrived of the microphone, and our name.
    fn report(&mut self, now: Instant, index: u32, out: &mut Outbox<'_, impl Egress>) {
        self.peers.note_reported(index, now);
        let Some(peer) = self.peers.at(index) else { return };
        let (Some(path), Some(link)) = (peer.path, &mut peer.link) else { return };
        let speaks = peer.grant.and_then(|grant| self.channels.get(grant.channel));
        let floor = speaks.map_or(0, |route| route.losing.floor(now));
        let belief = &mut link.belief;
        let news = link.microphone.as_mut().filter(|microphone| microphone.has_news());
        let mut block = news.map(|microphone| {
            let report = microphone.report(now);
            let fraction_lost = belief.tell(now, report.fraction_lost, floor);
            microphone_report(&ReceptionReport { fraction_lost, ..report })
        });
        // Without a row nothing is being sent.
        let route = peer.listening.and_then(|listening| {
            let place = listening.row?;
            Some((self.channels.get(listening.channel)?, place))
        });
        let elapsed = now.saturating_duration_since(self.started);
        let mut plain = [0; MESSAGE];
        let mut writer = Writer::new(&mut plain);
        let mut ssrcs = [0; SLOTS];
        let mut reported = 0;
        if let Some((route, place)) = route {
            for (slot, ssrc) in SLOT_SSRC.iter().enumerate() {
                let sent = route.rows.sealer(place).and_then(|sealer| sealer.sent(slot));
                let clock = route.clock(place, slot);
                let (Some(sent), Some((timestamp, at))) = (sent, clock) else { continue };
                let timestamp = timestamp.wrapping_add(samples(now.saturating_duration_since(at)));
                writer.sender_report(*ssrc, ntp(elapsed), timestamp, sent, block.take().as_ref());
                if let Some(place) = ssrcs.get_mut(reported) {
                    *place = *ssrc;
                    reported += 1;
                }
            }
        }
        if reported == 0 {
            if block.is_none() {
                return;
            }
            writer.receiver_report(SLOT_SSRC[0], block.as_ref());
            ssrcs[0] = SLOT_SSRC[0];
            reported = 1;
        }
        writer.names(&ssrcs[..reported]);
        let length = writer.finish();
        out.write(path.remote, path.local, |bytes| {
            bytes.get_mut(..length)?.copy_from_slice(plain.get(..length)?);
            link.rtcp_out.seal(bytes, length)
        });
    }

    /// Whoever has a row and loses is counted among the listeners who lose.
    fn count_loss(&mut self, index: u32) {
        let Some(peer) = self.peers.at(index) else { return };
        let (Some(link), Some(listening)) = (&peer.link, peer.listening) else { return };
        if let Some(place) = listening.row
            && let Some(route) = self.channels.get(listening.channel)
        {
            route.losing.count(&link.loss, place.class);
        }
    }
}

/// 32.32 fixed point seconds.
fn ntp(elapsed: Duration) -> u64 {
    (elapsed.as_secs() << 32) | ((u64::from(elapsed.subsec_nanos()) << 32) / 1_000_000_000)
}
