//! Who is heard: the loudest three, chosen so that listeners hear a conversation and not the choosing.
//!
//! - A free slot goes to whoever speaks for [`ADMIT_AFTER`]; when several wait, to the loudest.
//! - A talker stays through pauses of [`HOLD`], always in the same slot, and never moves to another.
//! - A full stage changes hands only for somebody clearly louder ([`LOUDER`]) for longer than a cough ([`CHALLENGE`]),
//!   or when somebody has spoken in vain for [`TURN_AFTER`] and another has had a long [`TURN`].
//! - Every grab costs tokens, so a client that lies about its level can neither flap nor shut others out.
//!
//! Knows levels and time, no packets.

use std::time::{Duration, Instant};

use crate::bucket::Bucket;
use crate::level::Loudness;
use crate::limits::{
    ADMIT_AFTER, CHALLENGE, GRAB_FREE, GRAB_TAKEN, GRABS, GRABS_AT_START, GRABS_PER_SECOND, HOLD, LOUDER,
    SPEECH_LEVEL, STAY_LEVEL, TENURE, TURN, TURN_AFTER, UNHEARD,
};
use crate::packet::{Level, SLOTS};

/// A talker's place in the tables of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat(pub(crate) usize);

/// A slot was given to a seat, whoever had it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) slot: usize,
    pub(crate) seat: Seat,
}

pub(crate) struct Selector {
    /// By seat; grows when somebody takes a seat, never with a packet.
    contenders: Vec<Option<Contender>>,
    holders: [Option<Holder>; SLOTS],
    granted: [bool; SLOTS],
    /// A slot became free outside the flow of packets.
    vacated: bool,
}

#[derive(Clone, Copy)]
struct Contender {
    loudness: Loudness,
    /// When the last packet came.
    heard: Option<Instant>,
    /// Speech without a pause, up to now.
    run: Duration,
    /// How long this talker has been louder than the quietest holder.
    challenge: Duration,
    /// Speech while all slots were taken.
    in_vain: Duration,
    grabs: Bucket,
    /// Back into the same slot where possible: listeners' jitter buffers and volume know it.
    last_slot: Option<usize>,
}

#[derive(Clone, Copy)]
struct Holder {
    seat: Seat,
    since: Instant,
    /// When the last packet came that was not silence.
    voiced: Instant,
}

impl Selector {
    pub(crate) fn new() -> Self {
        Self { contenders: Vec::new(), holders: [None; SLOTS], granted: [false; SLOTS], vacated: false }
    }

    /// A talker's voice goes on.
    pub(crate) fn enter(&mut self, seat: Seat) {
        if self.contenders.len() <= seat.0 {
            self.contenders.resize(seat.0 + 1, None);
        }
        self.contenders[seat.0] = Some(Contender::new());
    }

    /// A talker's voice goes off: the slot is free at once, and given to whoever waits with the next packet.
    pub(crate) fn leave(&mut self, seat: Seat) {
        self.contenders[seat.0] = None;
        if let Some(slot) = self.slot_of(seat) {
            self.holders[slot] = None;
            self.granted[slot] = false;
            self.vacated = true;
        }
    }

    /// A packet of this talker with `duration` of audio. Grants follow by [`Self::poll_grant`].
    pub(crate) fn handle_level(&mut self, now: Instant, seat: Seat, level: Level, duration: Duration) {
        let Some(Some(contender)) = self.contenders.get_mut(seat.0) else { return };
        contender.feed(now, level, duration);
        let waits = contender.waits(now);
        let holder = self.holders.iter_mut().flatten().find(|holder| holder.seat == seat);
        let holds = holder.is_some();
        if let Some(holder) = holder
            && level.minus_dbov() <= STAY_LEVEL
        {
            holder.voiced = now;
        }
        if self.holders.iter().any(Option::is_none) {
            if self.vacated || (waits && !holds) {
                self.vacated = false;
                self.fill(now);
            }
        } else if !holds {
            self.contend(now, seat, duration);
        }
    }

    /// Takes slots back whose talkers have been silent for [`HOLD`].
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let mut freed = false;
        for slot in &mut self.holders {
            if slot.is_some_and(|holder| now >= holder.voiced + HOLD) {
                *slot = None;
                freed = true;
            }
        }
        if freed {
            self.fill(now);
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.holders.iter().flatten().map(|holder| holder.voiced + HOLD).min()
    }

    pub(crate) fn poll_grant(&mut self) -> Option<Grant> {
        let slot = self.granted.iter().position(|granted| *granted)?;
        self.granted[slot] = false;
        self.holders[slot].map(|holder| Grant { slot, seat: holder.seat })
    }

    pub(crate) fn slot_of(&self, seat: Seat) -> Option<usize> {
        self.holders.iter().position(|holder| holder.is_some_and(|holder| holder.seat == seat))
    }

    pub(crate) fn holders(&self) -> [Option<Seat>; SLOTS] {
        self.holders.map(|holder| holder.map(|holder| holder.seat))
    }

    /// Whether one talker is clearly louder than another.
    pub(crate) fn is_louder(&self, now: Instant, seat: Seat, than: Seat) -> bool {
        let of =
            |seat: Seat| self.contenders.get(seat.0).copied().flatten().map(|contender| contender.now(now));
        let (Some(mine), Some(theirs)) = (of(seat), of(than)) else { return false };
        mine.sustained() > theirs.benevolent() * LOUDER
    }

    /// Gives every free slot to the loudest who waits.
    fn fill(&mut self, now: Instant) {
        while self.holders.iter().any(Option::is_none) {
            let waiting = self.contenders.iter().enumerate().filter_map(|(seat, contender)| {
                let (seat, contender) = (Seat(seat), contender.as_ref()?);
                let waits = contender.waits(now) && self.slot_of(seat).is_none();
                waits.then(|| (seat, contender.now(now).sustained()))
            });
            let Some((seat, _)) = waiting.max_by(|a, b| a.1.total_cmp(&b.1)) else { return };
            let Some(contender) = &mut self.contenders[seat.0] else { return };
            if !contender.grabs.take(now, GRAB_FREE) {
                // Out of tokens: this one has to speak on until there is one; the rest may have the slot meanwhile.
                contender.run = Duration::ZERO;
                continue;
            }
            let free = |slot: &usize| self.holders[*slot].is_none();
            let Some(slot) = contender.last_slot.filter(free).or_else(|| (0..SLOTS).find(free)) else {
                return;
            };
            self.give(now, slot, seat);
        }
    }

    /// All slots are taken: may this talker have one of them?
    fn contend(&mut self, now: Instant, seat: Seat, duration: Duration) {
        let Some(quietest) = self.least(|holder| self.loudness_of(holder, now)) else { return };
        let Some(longest) = self.least(|holder| -now.saturating_duration_since(holder.since).as_secs_f32())
        else {
            return;
        };
        let Some(contender) = self.contenders[seat.0].as_mut() else { return };
        let mine = contender.loudness.sustained();
        let louder = mine > quietest.2 * LOUDER;
        let speaks = contender.run > Duration::ZERO;
        // Both count down as they count up: neither a word now and then nor a dip within one decides.
        contender.challenge = if louder {
            (contender.challenge + duration).min(CHALLENGE)
        } else {
            contender.challenge.saturating_sub(duration)
        };
        contender.in_vain = if speaks {
            (contender.in_vain + duration).min(TURN_AFTER)
        } else {
            contender.in_vain.saturating_sub(duration)
        };

        let won = contender.challenge >= CHALLENGE && had(now, quietest.1, TENURE);
        let turn = contender.in_vain >= TURN_AFTER && had(now, longest.1, TURN);
        if won && contender.grabs.take(now, GRAB_TAKEN) {
            self.give(now, quietest.0, seat);
        } else if turn && mine * LOUDER >= self.loudness_of(&longest.1, now) {
            let paid = self.contenders[seat.0].as_mut().is_some_and(|mine| mine.grabs.take(now, GRAB_TAKEN));
            if paid {
                self.give(now, longest.0, seat);
            }
        }
    }

    fn give(&mut self, now: Instant, slot: usize, seat: Seat) {
        let former = self.holders[slot].and_then(|holder| self.contenders[holder.seat.0].as_mut());
        if let Some(former) = former {
            former.start_over();
        }
        if let Some(contender) = &mut self.contenders[seat.0] {
            contender.start_over();
            contender.last_slot = Some(slot);
        }
        self.holders[slot] = Some(Holder { seat, since: now, voiced: now });
        self.granted[slot] = true;
    }

    /// The holder with the smallest `measure`: slot, holder, measure.
    fn least(&self, measure: impl Fn(&Holder) -> f32) -> Option<(usize, Holder, f32)> {
        let holders = self.holders.iter().enumerate().filter_map(|(slot, holder)| {
            let holder = (*holder)?;
            Some((slot, holder, measure(&holder)))
        });
        holders.min_by(|a, b| a.2.total_cmp(&b.2))
    }

    fn loudness_of(&self, holder: &Holder, now: Instant) -> f32 {
        self.contenders[holder.seat.0].map_or(0.0, |contender| contender.now(now).benevolent())
    }
}

impl Contender {
    fn new() -> Self {
        Self {
            loudness: Loudness::default(),
            heard: None,
            run: Duration::ZERO,
            challenge: Duration::ZERO,
            in_vain: Duration::ZERO,
            grabs: Bucket::holding(GRABS_AT_START, GRABS, GRABS_PER_SECOND),
            last_slot: None,
        }
    }

    fn feed(&mut self, now: Instant, level: Level, duration: Duration) {
        if self.unheard(now) >= UNHEARD {
            self.start_over();
            self.loudness = self.now(now);
        }
        self.heard = Some(now);
        self.grabs.fill(now);
        self.loudness.feed(level, duration);
        // Twice as quickly forgotten as counted: speech is mostly speech, knocking on a table is mostly pause.
        let speech = level.minus_dbov() <= SPEECH_LEVEL;
        self.run =
            if speech { self.run + duration } else { self.run.saturating_sub(duration * 2) }.min(TURN_AFTER);
    }

    /// Speaks, and may be heard as soon as a slot is free.
    fn waits(&self, now: Instant) -> bool {
        self.run >= ADMIT_AFTER && self.unheard(now) < UNHEARD
    }

    fn unheard(&self, now: Instant) -> Duration {
        self.heard.map_or(Duration::MAX, |heard| now.saturating_duration_since(heard))
    }

    /// Loudness as of now: a talker whose packets stop is not loud for ever. Packets come in bursts, so a pause counts
    /// from [`UNHEARD`] only.
    fn now(&self, now: Instant) -> Loudness {
        self.loudness.faded(self.unheard(now).saturating_sub(UNHEARD))
    }

    fn start_over(&mut self) {
        self.run = Duration::ZERO;
        self.challenge = Duration::ZERO;
        self.in_vain = Duration::ZERO;
    }
}

fn had(now: Instant, holder: Holder, time: Duration) -> bool {
    now.saturating_duration_since(holder.since) >= time
}
