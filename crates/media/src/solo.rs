//! The one talker whom somebody with a single line to listen on hears, and the clock of that line.
//!
//! The line stays with a talker until a pause of [`UNHEARD`]; then it is whoever's speaks. Before that it goes only to
//! somebody clearly louder ([`LOUDER`]) for longer than a cough ([`CHALLENGE`]), as slots do.

use std::time::{Duration, Instant};

use crate::clock::{SlotClock, Stamp};
use crate::key::Talker;
use crate::limits::{CHALLENGE, UNHEARD};

/// What a talker's packet says about who should be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Silence, or the noise of a room.
    None,
    Speaks,
    /// Than the line's talker by [`crate::limits::LOUDER`], for as long as the packet lasts.
    Louder(Duration),
}

pub(crate) struct Solo {
    clock: SlotClock,
    holder: Option<Holder>,
}

#[derive(Clone, Copy)]
struct Holder {
    talker: Talker,
    /// When the last packet came that was not silence.
    voiced: Instant,
    challenger: Option<Challenger>,
}

/// Somebody who is louder than the holder.
#[derive(Clone, Copy)]
struct Challenger {
    talker: Talker,
    /// For how long without a pause.
    so_far: Duration,
    last: Instant,
}

impl Solo {
    /// `first` is the first timestamp.
    pub(crate) fn new(first: u32) -> Self {
        Self { clock: SlotClock::new(first), holder: None }
    }

    pub(crate) fn talker(&self) -> Option<Talker> {
        self.holder.map(|holder| holder.talker)
    }

    /// Packets of this talker are to be sent, the next one and those before it, from `oldest` to `newest` on their own
    /// clock.
    pub(crate) fn begin(&mut self, now: Instant, talker: Talker, claim: Claim, oldest: u32, newest: u32) {
        if self.is_won(now, talker, claim) {
            self.holder = Some(Holder { talker, voiced: now, challenger: None });
            self.clock.begin(now, oldest, newest);
        }
    }

    /// The place of a packet on the line; none for a packet that is not heard there.
    pub(crate) fn stamp(
        &mut self,
        now: Instant,
        talker: Talker,
        claim: Claim,
        timestamp: u32,
    ) -> Option<Stamp> {
        self.begin(now, talker, claim, timestamp, timestamp);
        if self.talker() != Some(talker) || (claim == Claim::None && self.clock.leaves_out(now, timestamp)) {
            return None;
        }
        self.clock.stamp(now, timestamp).ok()
    }

    /// This talker is heard no more.
    pub(crate) fn leave(&mut self, talker: Talker) {
        self.holder = self.holder.filter(|holder| holder.talker != talker);
    }

    /// Whether the line changes hands.
    fn is_won(&mut self, now: Instant, talker: Talker, claim: Claim) -> bool {
        let Some(holder) = &mut self.holder else { return claim != Claim::None };
        if holder.talker == talker {
            if claim != Claim::None {
                holder.voiced = now;
            }
            return false;
        }
        let so_far = match holder.challenger {
            Some(Challenger { talker: challenger, so_far, last })
                if challenger == talker && now.saturating_duration_since(last) < UNHEARD =>
            {
                so_far
            }
            _ => Duration::ZERO,
        };
        match claim {
            Claim::None => {
                holder.challenger = holder.challenger.filter(|challenger| challenger.talker != talker);
                false
            }
            _ if now.saturating_duration_since(holder.voiced) >= UNHEARD => true,
            Claim::Speaks => {
                if so_far > Duration::ZERO {
                    holder.challenger = None;
                }
                false
            }
            Claim::Louder(duration) => {
                let so_far = so_far + duration;
                holder.challenger = Some(Challenger { talker, so_far, last: now });
                so_far >= CHALLENGE
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Talker = Talker(1);
    const BEN: Talker = Talker(2);
    const PACKET: Duration = Duration::from_millis(20);
    const LOUDER: Claim = Claim::Louder(PACKET);

    /// A line, and a time that goes on.
    struct Line {
        solo: Solo,
        now: Instant,
        ann: u32,
        ben: u32,
        heard: Vec<(Talker, Stamp)>,
    }

    impl Line {
        fn new() -> Self {
            // Both clocks wrap on the way.
            let (solo, now) = (Solo::new(u32::MAX - 3_000), Instant::now());
            Self { solo, now, ann: u32::MAX - 5_000, ben: 700_000, heard: Vec::new() }
        }

        /// 20 ms of both, and who is heard after it.
        fn say(&mut self, ann: Claim, ben: Claim) -> Option<Talker> {
            self.ann = self.ann.wrapping_add(960);
            self.ben = self.ben.wrapping_add(960);
            for (talker, claim, timestamp) in [(ANN, ann, self.ann), (BEN, ben, self.ben)] {
                let stamp = self.solo.stamp(self.now, talker, claim, timestamp);
                self.heard.extend(stamp.map(|stamp| (talker, stamp)));
                // One comes 7 ms after the other.
                self.now += Duration::from_millis(if talker == ANN { 7 } else { 13 });
            }
            self.solo.talker()
        }

        fn heard_for(&mut self, packets: usize, ann: Claim, ben: Claim) -> Vec<Option<Talker>> {
            let mut talkers: Vec<_> = (0..packets).map(|_| self.say(ann, ben)).collect();
            talkers.dedup();
            talkers
        }
    }

    #[test]
    fn who_is_heard_stays_until_a_pause_or_somebody_clearly_louder() {
        let mut line = Line::new();
        for (packets, ann, ben, heard) in [
            (5, Claim::None, Claim::None, &[None][..]),
            (10, Claim::Speaks, Claim::None, &[Some(ANN)]),
            (50, Claim::Speaks, Claim::Speaks, &[Some(ANN)]),
            // A breath.
            (8, Claim::None, Claim::Speaks, &[Some(ANN)]),
            (5, Claim::Speaks, Claim::Speaks, &[Some(ANN)]),
            // A pause.
            (12, Claim::None, Claim::Speaks, &[Some(ANN), Some(BEN)]),
            // A cough, three times.
            (15, LOUDER, Claim::Speaks, &[Some(BEN)]),
            (1, Claim::Speaks, Claim::Speaks, &[Some(BEN)]),
            (15, LOUDER, Claim::Speaks, &[Some(BEN)]),
            (1, Claim::Speaks, Claim::Speaks, &[Some(BEN)]),
            (15, LOUDER, Claim::Speaks, &[Some(BEN)]),
            // A pause between coughs, too.
            (3, Claim::None, Claim::Speaks, &[Some(BEN)]),
            (15, LOUDER, Claim::Speaks, &[Some(BEN)]),
            (3, Claim::None, Claim::Speaks, &[Some(BEN)]),
            // And more than that.
            (25, LOUDER, Claim::Speaks, &[Some(BEN), Some(ANN)]),
            // Nobody speaks: the noise of the room goes on.
            (50, Claim::None, Claim::None, &[Some(ANN)]),
            (1, Claim::None, Claim::Speaks, &[Some(BEN)]),
        ] {
            assert_eq!(line.heard_for(packets, ann, ben), heard, "{packets} {ann:?} {ben:?}");
        }
    }

    #[test]
    fn whoever_takes_turns_is_heard_on_one_clock_that_only_goes_on() {
        let mut line = Line::new();
        let start = line.now;
        for _ in 0..20 {
            line.heard_for(15, Claim::Speaks, Claim::None);
            line.heard_for(15, Claim::None, Claim::Speaks);
        }
        let changes = line.heard.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
        assert!(changes >= 38, "{changes}");
        for pair in line.heard.windows(2) {
            let [(before, earlier), (after, later)] = [pair[0], pair[1]];
            let ticks = later.timestamp.wrapping_sub(earlier.timestamp);
            // 13 ms before the other's packet, at the least, would be heard over this one's end.
            assert!((960..=2 * 960).contains(&ticks), "{before:?} {after:?} {ticks}");
            assert_eq!(later.marker, before != after);
        }
        let last = line.heard.last().expect("heard").1.timestamp;
        let real = u32::try_from((line.now - start).as_micros() * 48 / 1_000).expect("short");
        let ahead = last.wrapping_sub(u32::MAX - 3_000).cast_signed() - real.cast_signed();
        assert!(ahead.abs() <= 2 * 960, "turns neither hurry the clock nor hold it up: {ahead}");
    }

    #[test]
    fn who_is_cut_off_is_not_waited_for() {
        let mut line = Line::new();
        line.heard_for(5, Claim::Speaks, Claim::None);
        line.solo.leave(BEN);
        assert_eq!(line.solo.talker(), Some(ANN));
        line.solo.leave(ANN);
        assert_eq!(line.solo.stamp(line.now, ANN, Claim::None, line.ann), None);
        assert_eq!(line.say(Claim::None, Claim::Speaks), Some(BEN));
    }
}
