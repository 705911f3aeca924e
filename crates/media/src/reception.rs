//! How a microphone's packets arrive: loss and jitter as its sender is told (RFC 3550 section 6.4.1, appendix A).

use std::time::{Duration, Instant};

use crate::limits::CLOCK_RATE;

/// Counts one source's packets.
#[derive(Debug, Clone)]
pub(crate) struct Reception {
    ssrc: u32,
    first: u64,
    highest: u64,
    received: u64,
    expected_before: u64,
    received_before: u64,
    transit: Option<u32>,
    /// Sixteenths of a 48 kHz sample.
    jitter: u32,
    sender_report: Option<(u32, Instant)>,
}

/// Where a packet stands among those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Newer than all before; so many between them and it have not arrived: lost, or overtaken.
    Newest {
        missing: u64,
    },
    Late,
}

/// The values of one report block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReceptionReport {
    pub(crate) ssrc: u32,
    /// Of 256, since the last report.
    pub(crate) fraction_lost: u8,
    /// 24 bits, signed; the top byte is for the fraction.
    pub(crate) cumulative_lost: u32,
    pub(crate) highest: u32,
    /// 48 kHz samples.
    pub(crate) jitter: u32,
    pub(crate) last_sender_report: u32,
    /// Since that sender report, in 1/65536 s.
    pub(crate) delay: u32,
}

impl Reception {
    pub(crate) fn new(ssrc: u32, index: u64) -> Self {
        Self {
            ssrc,
            first: index,
            highest: index,
            received: 0,
            expected_before: 0,
            received_before: 0,
            transit: None,
            jitter: 0,
            sender_report: None,
        }
    }

    pub(crate) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// An authenticated packet; `arrival` is the time since any fixed moment.
    pub(crate) fn packet(&mut self, index: u64, timestamp: u32, arrival: Duration) -> Place {
        let place = match index.checked_sub(self.highest) {
            Some(ahead) => Place::Newest { missing: ahead.saturating_sub(1) },
            None => Place::Late,
        };
        self.first = self.first.min(index);
        self.highest = self.highest.max(index);
        self.received += 1;
        let transit = samples(arrival).wrapping_sub(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let moved = transit.wrapping_sub(before);
            let moved = moved.min(moved.wrapping_neg()).min(CLOCK_RATE);
            self.jitter = (self.jitter + moved).saturating_sub((self.jitter + 8) >> 4);
        }
        place
    }

    pub(crate) fn sender_report(&mut self, ntp_middle: u32, now: Instant) {
        self.sender_report = Some((ntp_middle, now));
    }

    /// Anything new to say since the last report?
    pub(crate) fn has_news(&self) -> bool {
        self.received != self.received_before
    }

    /// Closes the current interval.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the fields of a report block are 8, 24 and 32 bits wide"
    )]
    pub(crate) fn report(&mut self, now: Instant) -> ReceptionReport {
        let expected = self.highest - self.first + 1;
        let expected_now = expected.saturating_sub(self.expected_before);
        let received_now = self.received - self.received_before;
        self.expected_before = expected;
        self.received_before = self.received;
        let lost_now = expected_now.saturating_sub(received_now);
        let fraction = (lost_now * 256).checked_div(expected_now).unwrap_or(0).min(255);
        let (last_sender_report, delay) = match self.sender_report {
            Some((ntp, at)) => {
                (ntp, (now.saturating_duration_since(at).as_micros() * 65_536 / 1_000_000) as u32)
            }
            None => (0, 0),
        };
        ReceptionReport {
            ssrc: self.ssrc,
            fraction_lost: fraction as u8,
            cumulative_lost: expected.saturating_sub(self.received).min(0x7f_ffff) as u32,
            highest: self.highest as u32,
            jitter: self.jitter >> 4,
            last_sender_report,
            delay,
        }
    }
}

/// 48 kHz samples in a time span, modulo 2^32.
#[expect(clippy::cast_possible_truncation, reason = "RTP time wraps by definition")]
pub(crate) fn samples(span: Duration) -> u32 {
    (span.as_micros() * u128::from(CLOCK_RATE) / 1_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_lost_is_reported_as_a_quarter() {
        let now = Instant::now();
        let mut reception = Reception::new(7, 65_530);
        for i in (0..40u64).filter(|i| i % 4 != 1) {
            let at = Duration::from_millis(20 * i);
            reception.packet(65_530 + i, samples(at), at);
        }
        let report = reception.report(now);
        assert_eq!((report.fraction_lost, report.cumulative_lost, report.jitter), (64, 10, 0));
        assert_eq!(report.highest, 65_569);
        assert!(!reception.has_news());
        assert_eq!(reception.report(now).fraction_lost, 0, "an interval without packets");
    }

    #[test]
    fn what_is_missing_before_a_packet_is_counted_once() {
        let mut reception = Reception::new(7, 10);
        let places = [10, 11, 14, 12, 15, 19].map(|index| reception.packet(index, 0, Duration::ZERO));
        let newest = |missing| Place::Newest { missing };
        assert_eq!(places, [newest(0), newest(0), newest(2), Place::Late, newest(0), newest(3)]);
    }

    #[test]
    fn uneven_arrival_is_jitter() {
        let mut reception = Reception::new(7, 0);
        for i in 0..200u64 {
            let late = if i % 2 == 0 { 0 } else { 5 };
            let sent = Duration::from_millis(20 * i);
            reception.packet(i, samples(sent), sent + Duration::from_millis(late));
        }
        let jitter = reception.report(Instant::now()).jitter;
        assert!((230..=250).contains(&jitter), "5 ms are 240 samples: {jitter}");
    }
}
