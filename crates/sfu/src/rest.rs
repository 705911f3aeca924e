//! Whether checks and reports may wake the thread.
//!
//! Every listener sends a check and a report every few seconds: of a thousand, some come every few milliseconds, each
//! alone. To wake a thread for one of them costs several times what it takes to answer it, and nobody waits for the
//! answer. So after some have come they wake nobody for a while, and are looked at whenever the thread is awake.

use std::time::Instant;

use crate::limits::CHECKS_REST;

/// What the kernel has agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Steering {
    /// Checks and reports have sockets of their own.
    ByKind,
    /// Anything may come in anywhere, voice as well.
    ByHash,
}

/// Of one thread's socket for checks.
pub(crate) struct Rest {
    steering: Steering,
    /// None while it wakes the thread.
    until: Option<Instant>,
}

/// What is done about the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is left alone, or wakes the thread already.
    Nothing,
    /// From now on it wakes the thread, once.
    Watch,
}

impl Rest {
    pub(crate) fn new(steering: Steering) -> Self {
        Self { steering, until: None }
    }

    pub(crate) fn steering(&self) -> Steering {
        self.steering
    }

    /// The socket is to be looked at although it has woken nobody.
    pub(crate) fn is_resting(&self) -> bool {
        self.until.is_some()
    }

    /// When it is to be looked at, unless the thread is awake before.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.until
    }

    /// It cannot be watched: it is looked at by the clock instead.
    pub(crate) fn goes_on(&mut self, now: Instant) {
        self.until = Some(now + CHECKS_REST);
    }

    /// It was looked at, and so many datagrams were there.
    pub(crate) fn looked(&mut self, now: Instant, found: usize) -> Next {
        match (self.steering, found, self.until) {
            // Without steering it is watched all the time, like any socket.
            (Steering::ByHash, ..) => Next::Nothing,
            (Steering::ByKind, 1.., _) => {
                self.until = Some(now + CHECKS_REST);
                Next::Nothing
            }
            (Steering::ByKind, 0, Some(until)) if now < until => Next::Nothing,
            (Steering::ByKind, 0, _) => {
                self.until = None;
                Next::Watch
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn of_many_listeners_whose_checks_come_all_the_time_only_one_wakes_the_thread() {
        let start = Instant::now();
        let mut rest = Rest::new(Steering::ByKind);
        assert!(!rest.is_resting());
        // The first woke it; from then on it wakes by its own clock, and some have always come.
        let mut now = start;
        for _ in 0..10 {
            assert_eq!(rest.looked(now, 5), Next::Nothing);
            assert_eq!(rest.poll_timeout(), Some(now + CHECKS_REST));
            now += CHECKS_REST;
        }
    }

    #[test]
    fn while_somebody_talks_their_packets_wake_it_and_the_clock_never_does() {
        let start = Instant::now();
        let mut rest = Rest::new(Steering::ByKind);
        for packet in 0..50 {
            let now = start + packet * 20 * MS;
            assert!(rest.poll_timeout().is_none_or(|at| at > now), "the clock was first");
            assert_eq!(rest.looked(now, 3), Next::Nothing);
        }
    }

    #[test]
    fn when_none_come_any_more_the_next_wakes_it_at_once() {
        let start = Instant::now();
        let mut rest = Rest::new(Steering::ByKind);
        assert_eq!(rest.looked(start, 1), Next::Nothing);
        assert_eq!(rest.looked(start + 20 * MS, 0), Next::Nothing, "it still rests");
        assert_eq!(rest.looked(start + CHECKS_REST, 0), Next::Watch);
        assert_eq!((rest.is_resting(), rest.poll_timeout()), (false, None));
        // What has woken it may be gone: it asks again.
        assert_eq!(rest.looked(start + 60 * MS, 0), Next::Watch);
    }

    #[test]
    fn where_voice_may_come_in_too_nothing_rests() {
        let mut rest = Rest::new(Steering::ByHash);
        assert_eq!(rest.looked(Instant::now(), 5), Next::Nothing);
        assert!(!rest.is_resting());
    }
}
