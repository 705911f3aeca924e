//! What listeners lose, from what they report (RFC 3550 section 6.4.1): each one's class, and what a speaker is told when
//! many lose.

use std::time::Instant;

use crate::class::Class;
use crate::limits::{
    BELIEF, CLEAN_BELOW, CLEAN_SPANS, EXAGGERATED_LOSS_MAX, LOSING_SHARE, LOSS_AT_FIRST, LOSS_SPAN,
    LOSSY_FROM, MAX_DROPOUT, REPORTED_LOSS_MAX, REPORTED_LOSS_MIN,
};
use crate::packet::{SLOT_SSRC, SLOTS};
use crate::rtcp::Report;

/// How well a listener receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Loss {
    #[default]
    Clean,
    Lossy,
}

/// Adds up one listener's reports over [`LOSS_SPAN`] packets: a report of three packets says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LossMeter {
    /// The last reported sequence number of each slot.
    highest: [Option<u32>; SLOTS],
    /// Packets of the current span.
    expected: u32,
    /// 1/256 packets of the current span.
    lost: u32,
    /// Of 256, in the last whole span.
    rate: u8,
    loss: Loss,
    /// Clean spans in a row, while lossy.
    clean: u8,
}

impl LossMeter {
    pub(crate) fn loss(&self) -> Loss {
        self.loss
    }

    /// A report block; those about other streams than ours are passed over. A lossy listener is one at once, and clean
    /// again only after a while: whoever is on the edge is not moved to and fro. `sent` are the packets of each slot until
    /// now: the first report of one is about all of them.
    pub(crate) fn handle_report(&mut self, report: &Report, sent: [u32; SLOTS]) {
        let Some(slot) = SLOT_SSRC.iter().position(|ssrc| *ssrc == report.ssrc) else { return };
        let (Some(highest), Some(sent)) = (self.highest.get_mut(slot), sent.get(slot)) else { return };
        let before = highest.replace(report.highest);
        let expected = before.map_or(*sent, |before| report.highest.wrapping_sub(before));
        // One that was overtaken, or nonsense.
        if expected > u32::from(MAX_DROPOUT) {
            return;
        }
        self.expected += expected;
        self.lost += expected * u32::from(report.fraction_lost);
        if self.expected >= LOSS_SPAN {
            self.rate = u8::try_from(self.lost / self.expected).unwrap_or(u8::MAX);
            (self.expected, self.lost) = (0, 0);
            self.judge();
        }
    }

    fn judge(&mut self) {
        if self.rate >= LOSSY_FROM {
            if self.loss == Loss::Clean {
                self.rate = self.rate.max(LOSS_AT_FIRST);
            }
            (self.loss, self.clean) = (Loss::Lossy, 0);
        } else if self.rate >= CLEAN_BELOW {
            self.clean = 0;
        } else if self.loss == Loss::Lossy {
            self.clean += 1;
            if self.clean >= CLEAN_SPANS {
                (self.loss, self.clean) = (Loss::Clean, 0);
            }
        }
    }
}

/// The listeners of one channel, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Losses {
    listeners: u32,
    losing: u32,
    /// Of 256 each, of those who lose.
    rates: u32,
}

impl Losses {
    /// Who makes good what is lost from what is repeated loses nothing that a speaker could help.
    pub(crate) fn add(&mut self, meter: &LossMeter, class: Class) {
        if meter.loss == Loss::Lossy && class != Class::Redundant {
            self.losing += 1;
            self.rates += u32::from(meter.rate);
        }
    }

    /// How many listeners there are, with those who lose.
    pub(crate) fn among(self, listeners: usize) -> Self {
        Self { listeners: u32::try_from(listeners).unwrap_or(u32::MAX), ..self }
    }

    pub(crate) fn merge(self, other: Self) -> Self {
        Self {
            listeners: self.listeners.saturating_add(other.listeners),
            losing: self.losing.saturating_add(other.losing),
            rates: self.rates.saturating_add(other.rates),
        }
    }

    /// The loss of 256 that a speaker is told at least, so that the encoder adds forward error correction for those who
    /// lose: half as much again as their mean, within bounds; nothing while few lose, because everybody pays for it in
    /// quality.
    pub(crate) fn floor(self) -> u8 {
        if self.losing == 0 || self.losing.saturating_mul(LOSING_SHARE) < self.listeners {
            return 0;
        }
        let mean = self.rates / self.losing;
        u8::try_from(mean + mean / 2).unwrap_or(u8::MAX).clamp(REPORTED_LOSS_MIN, REPORTED_LOSS_MAX)
    }
}

/// What a speaker's encoder believes of the losses that it was told: browsers put them through a filter, so that what is
/// true would be believed when the sentence is over. What is told at first is more, and what is believed is true.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Belief {
    /// Of 256.
    loss: f32,
    told: Option<Instant>,
}

impl Belief {
    /// The loss of 256 to be told now to somebody of whose own packets `own` are lost, and who shall believe `floor`.
    pub(crate) fn tell(&mut self, now: Instant, own: u8, floor: u8) -> u8 {
        // Of a first report nobody knows how much an encoder makes of it: some take it whole, some not at all.
        let since = self.told.replace(now).map(|told| now.saturating_duration_since(told));
        let share = since.map_or(0.0, |since| 1.0 - (-since.as_secs_f32() / BELIEF.as_secs_f32()).exp());
        let told = own.max(if since.is_some() { self.enough(floor, share) } else { floor });
        self.loss += (f32::from(told) - self.loss) * share;
        told
    }

    /// What makes the encoder believe `floor`, when this share of it is taken from what it is told now.
    fn enough(&self, floor: u8, share: f32) -> u8 {
        let missing = f32::from(floor) - self.loss;
        if missing <= 0.0 {
            return floor;
        }
        let enough = (self.loss + missing / share).clamp(f32::from(floor), f32::from(EXAGGERATED_LOSS_MAX));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between two of eight bits"
        )]
        let enough = enough as u8;
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use proptest::prelude::*;

    /// `lost` of 256 of `packets` in slot 0, reported after what was reported before.
    fn report(meter: &mut LossMeter, packets: u32, lost: u8) {
        let highest = meter.highest[0].unwrap_or(0).wrapping_add(packets);
        meter.handle_report(&Report { ssrc: SLOT_SSRC[0], fraction_lost: lost, highest }, [packets; SLOTS]);
    }

    fn metered(reports: &[(u32, u8)]) -> LossMeter {
        let mut meter = LossMeter::default();
        report(&mut meter, 0, 0);
        reports.iter().for_each(|(packets, lost)| report(&mut meter, *packets, *lost));
        meter
    }

    #[test]
    fn who_loses_one_in_ten_is_lossy_after_the_first_reports() {
        assert_eq!(metered(&[(250, 26)]).loss, Loss::Lossy);
        assert_eq!(metered(&[(50, 26), (50, 26)]).loss, Loss::Lossy);
        assert_eq!(metered(&[(250, 1), (250, 2), (250, 4)]).loss, Loss::Clean);
    }

    #[test]
    fn who_comes_in_on_a_bad_line_is_lossy_after_the_first_report_of_all() {
        let first = |sent, lost| {
            let mut meter = LossMeter::default();
            let report = Report { ssrc: SLOT_SSRC[1], fraction_lost: lost, highest: 30_125 };
            meter.handle_report(&report, [0, sent, 7_000]);
            meter.loss
        };
        assert_eq!(first(125, 26), Loss::Lossy);
        assert_eq!(first(125, 2), Loss::Clean);
        assert_eq!(first(30, 26), Loss::Clean, "too few to say");
    }

    #[test]
    fn one_lost_packet_of_ten_says_nothing_yet() {
        assert_eq!(metered(&[(10, 26)]).loss, Loss::Clean);
        assert_eq!(metered(&[(10, 26), (200, 0)]).loss, Loss::Clean, "one in two hundred");
    }

    #[test]
    fn who_begins_to_lose_is_taken_to_lose_a_tenth_until_more_is_known() {
        let rates: Vec<_> =
            (1..=3).map(|reports| metered(&[(250, 0), (250, 7), (250, 12)][..reports]).rate).collect();
        assert_eq!(rates, [0, LOSS_AT_FIRST, 12]);
        assert_eq!(metered(&[(250, 60)]).rate, 60);
    }

    #[test]
    fn who_was_lossy_is_clean_after_three_clean_spans_in_a_row() {
        let lossy = (250, 26);
        assert_eq!(metered(&[lossy, (250, 0), (250, 0)]).loss, Loss::Lossy);
        assert_eq!(metered(&[lossy, (250, 0), (250, 0), (250, 0)]).loss, Loss::Clean);
        let edge = (250, LOSSY_FROM - 1);
        assert_eq!(metered(&[lossy, (250, 0), (250, 0), edge, (250, 0), (250, 0)]).loss, Loss::Lossy);
    }

    #[test]
    fn silence_is_no_loss_and_no_recovery() {
        let mut reports = vec![(250, 26)];
        reports.extend([(0, 0); 20]);
        assert_eq!(metered(&reports).loss, Loss::Lossy);
    }

    #[test]
    fn three_slots_count_together_and_other_streams_do_not() {
        let mut meter = LossMeter::default();
        for highest in [100, 140] {
            for ssrc in SLOT_SSRC {
                meter.handle_report(&Report { ssrc, fraction_lost: 26, highest }, [0; SLOTS]);
            }
        }
        assert_eq!(meter.loss, Loss::Lossy);
        let mut meter = LossMeter::default();
        for highest in [100, 400] {
            meter.handle_report(&Report { ssrc: 7, fraction_lost: 26, highest }, [300; SLOTS]);
        }
        assert_eq!(meter.loss, Loss::Clean);
    }

    #[test]
    fn a_report_that_was_overtaken_changes_nothing() {
        let mut meter = metered(&[(90, 0)]);
        meter.handle_report(&Report { ssrc: SLOT_SSRC[0], fraction_lost: 255, highest: 40 }, [90; SLOTS]);
        assert_eq!((meter.loss, meter.expected), (Loss::Clean, 90));
    }

    fn losses(clean: u32, lossy: u32, rate: u8) -> Losses {
        Losses { listeners: clean + lossy, losing: lossy, rates: lossy * u32::from(rate) }
    }

    #[test]
    fn speakers_are_told_of_loss_when_many_lose() {
        assert_eq!(losses(0, 0, 0).floor(), 0);
        assert_eq!(losses(1000, 20, 26).floor(), 0, "few");
        assert_eq!(losses(2, 1, 6).floor(), REPORTED_LOSS_MIN, "one of three");
        assert_eq!(losses(900, 100, 20).floor(), 30);
        assert_eq!(losses(0, 10, 200).floor(), REPORTED_LOSS_MAX);
        assert_eq!(losses(900, 0, 0).merge(losses(0, 100, 20)).floor(), 30);
    }

    const REPORTS: Duration = Duration::from_millis(500);

    /// An encoder of libwebrtc is told so every half a second, and believes this.
    fn believed(belief: &mut Belief, start: Instant, own: u8, floors: &[u8]) -> Vec<f32> {
        let mut smoothed = belief.loss;
        let after = |count: usize| start + REPORTS * u32::try_from(count).expect("few");
        let says = |(count, floor): (usize, &u8)| {
            smoothed +=
                (f32::from(belief.tell(after(count), own, *floor)) - smoothed) * (1.0 - 0.9999f32.powi(500));
            smoothed
        };
        floors.iter().enumerate().map(says).collect()
    }

    #[test]
    fn an_encoder_that_believes_slowly_believes_a_tenth_after_two_seconds_and_no_more_than_that_ever() {
        let (mut belief, start) = (Belief::default(), Instant::now());
        belief.tell(start, 0, 0);
        let believed = believed(&mut belief, start + REPORTS, 0, &[26; 40]);
        assert!(believed[2] < 26.0, "{believed:?}");
        assert!(believed[4..].iter().all(|loss| (25.0..27.0).contains(loss)), "{believed:?}");
    }

    #[test]
    fn what_is_believed_already_is_not_exaggerated() {
        let (mut belief, start) = (Belief::default(), Instant::now());
        believed(&mut belief, start, 0, &[26; 40]);
        assert_eq!(belief.tell(start + REPORTS * 40, 0, 26), 26);
        assert_eq!(belief.tell(start + REPORTS * 41, 0, 13), 13);
        assert_eq!(belief.tell(start + REPORTS * 42, 0, 0), 0);
        assert_eq!(belief.tell(start + REPORTS * 43, 200, 0), 200, "the own loss is told as it is");
        // After a minute of a closed microphone a report is believed at once.
        assert!(belief.tell(start + REPORTS * 163, 0, 38) <= 39);
    }

    #[test]
    fn a_first_report_says_what_is_meant() {
        assert_eq!(Belief::default().tell(Instant::now(), 0, 26), 26);
        assert_eq!(Belief::default().tell(Instant::now(), 40, 26), 40);
    }

    proptest! {
        #[test]
        fn any_reports_are_taken(reports in proptest::collection::vec((0usize..4, any::<u8>(), any::<u32>()), 0..50)) {
            let mut meter = LossMeter::default();
            let mut losses = Losses::default();
            for (slot, fraction_lost, highest) in reports {
                let ssrc = SLOT_SSRC.get(slot).copied().unwrap_or(1);
                meter.handle_report(&Report { ssrc, fraction_lost, highest }, [highest; SLOTS]);
                losses.add(&meter, Class::Plain);
            }
            prop_assert!(losses.floor() == 0 || (REPORTED_LOSS_MIN..=REPORTED_LOSS_MAX).contains(&losses.floor()));
        }

        #[test]
        fn no_speaker_is_told_less_than_is_lost_nor_more_than_half(
            tellings in proptest::collection::vec((0u64..100_000, any::<u8>(), 0..=REPORTED_LOSS_MAX), 0..50),
        ) {
            let (mut belief, mut now) = (Belief::default(), Instant::now());
            for (ms, own, floor) in tellings {
                now += Duration::from_millis(ms);
                let told = belief.tell(now, own, floor);
                prop_assert!(told >= own.max(floor) && told <= own.max(EXAGGERATED_LOSS_MAX));
                prop_assert!(floor > 0 || told == own);
            }
        }
    }
}
