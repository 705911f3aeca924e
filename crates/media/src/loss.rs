//! What listeners lose, from what they report (RFC 3550 section 6.4.1): each one's class, and what a speaker is told when
//! many lose.

use crate::class::Class;
use crate::limits::{
    CLEAN_BELOW, CLEAN_SPANS, LOSING_SHARE, LOSS_SPAN, LOSSY_FROM, MAX_DROPOUT, REPORTED_LOSS_MAX,
    REPORTED_LOSS_MIN,
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
    /// again only after a while: whoever is on the edge is not moved to and fro.
    pub(crate) fn handle_report(&mut self, report: &Report) {
        let Some(slot) = SLOT_SSRC.iter().position(|ssrc| *ssrc == report.ssrc) else { return };
        let Some(highest) = self.highest.get_mut(slot) else { return };
        let Some(before) = highest.replace(report.highest) else { return };
        let expected = report.highest.wrapping_sub(before);
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
    /// lose: their mean, within bounds; nothing while few lose, because everybody pays for it in quality.
    pub(crate) fn floor(self) -> u8 {
        if self.losing == 0 || self.losing.saturating_mul(LOSING_SHARE) < self.listeners {
            return 0;
        }
        let mean = self.rates / self.losing;
        u8::try_from(mean).unwrap_or(u8::MAX).clamp(REPORTED_LOSS_MIN, REPORTED_LOSS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `lost` of 256 of `packets` in slot 0, reported after what was reported before.
    fn report(meter: &mut LossMeter, packets: u32, lost: u8) {
        let highest = meter.highest[0].unwrap_or(0).wrapping_add(packets);
        meter.handle_report(&Report { ssrc: SLOT_SSRC[0], fraction_lost: lost, highest });
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
    fn one_lost_packet_of_ten_says_nothing_yet() {
        assert_eq!(metered(&[(10, 26)]).loss, Loss::Clean);
        assert_eq!(metered(&[(10, 26), (200, 0)]).loss, Loss::Clean, "one in two hundred");
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
                meter.handle_report(&Report { ssrc, fraction_lost: 26, highest });
            }
        }
        assert_eq!(meter.loss, Loss::Lossy);
        let mut meter = LossMeter::default();
        for highest in [100, 400] {
            meter.handle_report(&Report { ssrc: 7, fraction_lost: 26, highest });
        }
        assert_eq!(meter.loss, Loss::Clean);
    }

    #[test]
    fn a_report_that_was_overtaken_changes_nothing() {
        let mut meter = metered(&[(90, 0)]);
        meter.handle_report(&Report { ssrc: SLOT_SSRC[0], fraction_lost: 255, highest: 40 });
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
        assert_eq!(losses(900, 100, 20).floor(), 20);
        assert_eq!(losses(0, 10, 200).floor(), REPORTED_LOSS_MAX);
        assert_eq!(losses(900, 0, 0).merge(losses(0, 100, 20)).floor(), 20);
    }

    proptest! {
        #[test]
        fn any_reports_are_taken(reports in proptest::collection::vec((0usize..4, any::<u8>(), any::<u32>()), 0..50)) {
            let mut meter = LossMeter::default();
            let mut losses = Losses::default();
            for (slot, fraction_lost, highest) in reports {
                let ssrc = SLOT_SSRC.get(slot).copied().unwrap_or(1);
                meter.handle_report(&Report { ssrc, fraction_lost, highest });
                losses.add(&meter, Class::Plain);
            }
            prop_assert!(losses.floor() == 0 || (REPORTED_LOSS_MIN..=REPORTED_LOSS_MAX).contains(&losses.floor()));
        }
    }
}
