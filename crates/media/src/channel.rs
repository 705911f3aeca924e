//! One channel of a room: talkers' packets in, the frames of three slots out.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::clock::SlotClock;
use crate::intake::{Intake, Spoken};
use crate::key::Talker;
use crate::level::level_of;
use crate::limits::{
    FRAME_TICKS, PENDING_FRAMES, SILENT_FRAMES, SPEECH_LEVEL, STAY_LEVEL, TALKERS_PER_CHANNEL,
};
use crate::pack::Form;
use crate::packet::{Frame, Level, Payload, SLOTS, Slots, Voice, VoicePacket};
use crate::select::{Grant, Seat, Selector};
use crate::solo::{Claim, Solo};

/// Lives on the channel's home shard, its only writer. The choice of talkers is the same for every listener.
///
/// Poll frames and slots after every `handle_*`, slots and the timeout after `voice`.
pub struct Channel {
    form: Form,
    /// By seat. A talker whose voice is off has none, so nothing further is asked about their packets.
    rows: Vec<Option<Row>>,
    selector: Selector,
    clocks: [SlotClock; SLOTS],
    solo: Solo,
    /// Frames that wait to be polled. Takes memory with the first voice: most channels of an idle server never need it.
    pending: VecDeque<Frame>,
    /// Among those is the silence of a talker who was cut off and last spoke at this moment: no packet comes that would
    /// have them polled.
    ended: Option<Instant>,
    reported: Slots,
}

struct Row {
    talker: Talker,
    intake: Box<Intake>,
    /// When their last packet came, and where the next one would be on their clock.
    next: Option<(Instant, u32)>,
}

/// 20 ms of Opus without any sound: one CELT frame, mono, full band, whose first bit says silence (RFC 6716 sections 3.1
/// and 4.3).
pub const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];

/// [`TALKERS_PER_CHANNEL`] voices are on already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many voices in one channel")]
pub struct TooManyVoices;

impl Channel {
    /// `seed` decides the slots' first timestamps; anything unpredictable will do.
    pub fn new(seed: u64, form: Form) -> Self {
        Self {
            form,
            rows: Vec::new(),
            selector: Selector::new(),
            clocks: std::array::from_fn(|slot| SlotClock::new(spread(seed, slot))),
            solo: Solo::new(spread(seed, SLOTS)),
            pending: VecDeque::new(),
            ended: None,
            reported: [None; SLOTS],
        }
    }

    /// Lets a talker be heard, or not any more: after `Off` no frame of theirs is polled, but for silence that ends them
    /// where they were heard.
    ///
    /// `On` for somebody whose voice is on already expects a new stream of packets (a new connection) and changes
    /// nothing else.
    pub fn voice(&mut self, talker: Talker, voice: Voice) -> Result<(), TooManyVoices> {
        match (voice, self.seat_of(talker)) {
            (Voice::On, Some(seat)) => {
                if let Some(row) = &mut self.rows[seat.0] {
                    row.intake.restart();
                }
            }
            (Voice::On, None) => self.enter(talker)?,
            (Voice::Off, Some(seat)) => {
                // Who was cut off is not heard again.
                self.forget_frames_of(talker);
                let row = self.rows[seat.0].take();
                if let (Some(slot), Some(at)) = (self.selector.slot_of(seat), row.and_then(|row| row.next)) {
                    self.fall_silent(slot, talker, at);
                }
                self.selector.leave(seat);
                self.solo.leave(talker);
            }
            (Voice::Off, None) => {}
        }
        Ok(())
    }

    /// A packet of a talker. Dropped when their voice is off.
    pub fn handle_packet(&mut self, now: Instant, talker: Talker, packet: VoicePacket<'_>) {
        self.selector.handle_timeout(now);
        let Some(seat) = self.seat_of(talker) else { return };
        let Some(row) = &mut self.rows[seat.0] else { return };
        let Some(payload) = self.form.begin(packet.payload) else { return };
        let Some(duration) = row.intake.accept(now, &packet) else { return };
        let ticks = row.intake.ticks();
        row.next = Some((now, packet.timestamp.wrapping_add(ticks)));
        let spoken = Spoken { timestamp: packet.timestamp, marker: packet.marker, ticks, payload };
        let slot = self.selector.slot_of(seat);
        if slot.is_none() {
            row.intake.keep(spoken);
        }
        let level = level_of(&packet);
        self.selector.handle_level(now, seat, level, duration);
        if let Some(slot) = slot {
            let claim = self.claim(now, seat, talker, level, duration);
            self.emit(now, slot, talker, &spoken, claim);
        }
        self.admit(now);
    }

    /// Frees the slots of talkers who have been silent for long enough.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.ended = None;
        self.selector.handle_timeout(now);
        self.admit(now);
    }

    /// The next frame for all listeners.
    pub fn poll_frame(&mut self) -> Option<Frame> {
        let frame = self.pending.pop_front();
        if frame.is_none() {
            self.ended = None;
        }
        frame
    }

    /// Who is heard in which slot, when that has changed.
    pub fn poll_slots(&mut self) -> Option<Slots> {
        let slots = self.slots();
        (slots != self.reported).then(|| {
            self.reported = slots;
            slots
        })
    }

    /// When a slot is free again unless somebody speaks, or at once if frames wait to be polled; `None` while nobody is
    /// heard.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.ended.or_else(|| self.selector.poll_timeout())
    }

    /// Who is heard in which slot, now.
    pub fn slots(&self) -> Slots {
        self.selector.holders().map(|seat| Some(self.rows.get(seat?.0)?.as_ref()?.talker))
    }

    fn enter(&mut self, talker: Talker) -> Result<(), TooManyVoices> {
        let seat = match self.rows.iter().position(Option::is_none) {
            Some(free) => free,
            None if self.rows.len() == TALKERS_PER_CHANNEL => return Err(TooManyVoices),
            None => {
                self.rows.push(None);
                self.rows.len() - 1
            }
        };
        self.rows[seat] = Some(Row { talker, intake: Box::new(Intake::new()), next: None });
        self.selector.enter(Seat(seat));
        self.pending.reserve(PENDING_FRAMES - self.pending.len());
        Ok(())
    }

    /// In memory of its own from here on: the places of frames that were polled hold what was said in them until others lie
    /// there, and in a room that falls silent none come. What is given back is wiped.
    fn forget_frames_of(&mut self, talker: Talker) {
        let of_others = std::mem::take(&mut self.pending).into_iter().filter(|frame| frame.talker != talker);
        let mut pending = VecDeque::with_capacity(PENDING_FRAMES);
        pending.extend(of_others);
        self.pending = pending;
    }

    fn seat_of(&self, talker: Talker) -> Option<Seat> {
        self.rows.iter().position(|row| row.as_ref().is_some_and(|row| row.talker == talker)).map(Seat)
    }

    /// What a packet says about who should be heard where only one can be.
    fn claim(&self, now: Instant, seat: Seat, talker: Talker, level: Level, duration: Duration) -> Claim {
        let first = self.solo.talker();
        let speech = if first == Some(talker) { STAY_LEVEL } else { SPEECH_LEVEL };
        if level.minus_dbov() > speech {
            return Claim::None;
        }
        let than = first.filter(|first| *first != talker).and_then(|first| self.seat_of(first));
        match than {
            Some(than) if self.selector.is_louder(now, seat, than) => Claim::Louder(duration),
            _ => Claim::Speaks,
        }
    }

    /// Sends the pre-roll of everybody who has just been given a slot.
    fn admit(&mut self, now: Instant) {
        while let Some(Grant { slot, seat }) = self.selector.poll_grant() {
            let Some(mut row) = self.rows[seat.0].take() else { continue };
            let (oldest, newest) = (row.intake.pre_roll().next(), row.intake.pre_roll().last());
            if let (Some(oldest), Some(newest)) = (oldest, newest) {
                self.clocks[slot].begin(now, oldest.timestamp, newest.timestamp);
                self.solo.begin(now, row.talker, Claim::Speaks, oldest.timestamp, newest.timestamp);
            }
            for spoken in row.intake.pre_roll() {
                self.emit(now, slot, row.talker, spoken, Claim::Speaks);
            }
            row.intake.forget();
            self.rows[seat.0] = Some(row);
        }
    }

    /// Ends a talker who is cut off in the middle of a word. When packets just stop, a receiver goes on for almost half
    /// a second with what it takes for the rest of the word; silence it believes at once. Behind the last packet, as if
    /// it were the talker's own. Where frames are sealed nobody but the talker could say it.
    fn fall_silent(&mut self, slot: usize, talker: Talker, (at, timestamp): (Instant, u32)) {
        let (Form::Opus, Ok(payload)) = (self.form, Payload::new(&SILENCE)) else { return };
        for place in 0..SILENT_FRAMES {
            let timestamp = timestamp.wrapping_add(place * FRAME_TICKS);
            let spoken = Spoken { timestamp, marker: false, ticks: FRAME_TICKS, payload };
            self.emit(at, slot, talker, &spoken, Claim::None);
        }
        self.ended = Some(at);
    }

    fn emit(&mut self, now: Instant, slot: usize, talker: Talker, spoken: &Spoken, claim: Claim) {
        let Ok(index) = u8::try_from(slot) else { return };
        let Ok(stamp) = self.clocks[slot].stamp(now, spoken.timestamp) else { return };
        let marker = stamp.marker | spoken.marker;
        let solo = self.solo.stamp(now, talker, claim, spoken.timestamp);
        let (Spoken { ticks, payload, .. }, timestamp) = (*spoken, stamp.timestamp);
        let frame = Frame { slot: index, timestamp, marker, talker, ticks, solo, payload };
        if self.pending.len() == PENDING_FRAMES {
            self.pending.pop_front();
        }
        self.pending.push_back(frame);
    }
}

/// Different, unrelated first timestamps from one seed (the finaliser of splitmix64).
fn spread(seed: u64, slot: usize) -> u32 {
    let mut z = seed.wrapping_add((slot as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let [a, b, c, d, ..] = z.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
