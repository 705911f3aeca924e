//! How often one address may try each kind of thing.
//!
//! Counted in memory by (class, keyed hash of the address, IPv6 by /64). The key is thrown away every
//! [`LIMIT_KEY_PERIOD`], and all counters with it, so a counter cannot be tied to an address afterwards; also where nobody
//! comes any more ([`Limiter::keep_time`]). What one member asks for, and wrong short codes from everybody together, the keeper counts.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use keyed::{Key, Tag};
use protocol::ErrorCode;

use crate::clock::random;
use crate::limits::{LIMIT_KEY_PERIOD, LIMITED_MAX};
use crate::places::network;

/// Kinds of things that are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// Looking at an invitation.
    Preview,
    /// Using a link of any kind, or claiming the server.
    Link,
    /// A passkey ceremony, either half.
    Passkey,
    /// A recovery code. The only count there is of wrong ones: they have 80 bits, and a count by handle would let strangers
    /// shut somebody's way in.
    Recovery,
    /// Opening a socket without a session that stands.
    Socket,
    /// Putting up a picture: it is decoded.
    Picture,
    /// Trying a notice: somebody else's server is asked.
    Trial,
    /// Anything a signed-in person changes or searches.
    Member,
}

impl Class {
    /// How many at once, and how long until one more: a family behind one address signs in together, a guesser does
    /// not get far.
    const fn allowance(self) -> (u32, Duration) {
        match self {
            Self::Preview => (40, Duration::from_secs(3)),
            Self::Link => (20, Duration::from_secs(6)),
            Self::Passkey => (40, Duration::from_secs(3)),
            Self::Recovery => (10, Duration::from_secs(60)),
            Self::Socket => (300, Duration::from_millis(200)),
            Self::Picture => (20, Duration::from_secs(5)),
            Self::Trial => (10, Duration::from_secs(10)),
            Self::Member => (300, Duration::from_millis(100)),
        }
    }
}

/// Counts. The lock is held for one look-up, never while anything waits.
pub(crate) struct Limiter {
    window: Mutex<Window>,
}

struct Window {
    key: Key,
    until: Instant,
    /// When the allowance of each would be whole again (the generic cell rate algorithm's one number).
    whole_at: HashMap<Tag, Instant>,
}

impl Limiter {
    pub(crate) fn new(now: Instant) -> Self {
        Self { window: Mutex::new(Window::new(now)) }
    }

    /// Counts one try.
    ///
    /// # Errors
    /// `TooMany`; the try is not counted then.
    pub(crate) fn count(&self, now: Instant, class: Class, address: IpAddr) -> Result<(), ErrorCode> {
        let mut window = self.window(now);
        let name = window.name(class, address);
        let whole_at = window.one_more(now, class, &name)?;
        window.whole_at.insert(name, whole_at);
        Ok(())
    }

    /// Whether one try would be counted; for what counts only once it has failed.
    ///
    /// # Errors
    /// `TooMany`.
    pub(crate) fn check(&self, now: Instant, class: Class, address: IpAddr) -> Result<(), ErrorCode> {
        let window = self.window(now);
        window.one_more(now, class, &window.name(class, address)).map(|_| ())
    }

    /// Throws the key away when its time is over, whether somebody comes or not: on a server where nobody does, it would
    /// stay, and the counters of the last evening with it.
    pub(crate) async fn keep_time(&self) {
        loop {
            let until = self.window(tokio::time::Instant::now().into_std()).until;
            tokio::time::sleep_until(until.into()).await;
        }
    }

    fn window(&self, now: Instant) -> MutexGuard<'_, Window> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= window.until || window.whole_at.len() >= LIMITED_MAX {
            *window = Window::new(now);
        }
        window
    }
}

impl Window {
    fn new(now: Instant) -> Self {
        Self { key: Key::from_random(random()), until: now + LIMIT_KEY_PERIOD, whole_at: HashMap::new() }
    }

    /// When the allowance would be whole again after one more try.
    fn one_more(&self, now: Instant, class: Class, name: &Tag) -> Result<Instant, ErrorCode> {
        let (burst, each) = class.allowance();
        let whole_at = self.whole_at.get(name).copied().unwrap_or(now).max(now) + each;
        if whole_at > now + each * burst { Err(ErrorCode::TooMany) } else { Ok(whole_at) }
    }

    fn name(&self, class: Class, address: IpAddr) -> Tag {
        let mut said = [0; 17];
        said[0] = class as u8;
        said[1..].copy_from_slice(&network(address));
        self.key.tag(&said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tries(limiter: &Limiter, now: Instant, class: Class, address: &str) -> u32 {
        let address = address.parse().expect("an address");
        (0..1_000).take_while(|_| limiter.count(now, class, address).is_ok()).count().try_into().expect("few")
    }

    #[test]
    fn a_guesser_is_stopped_and_may_try_again_later() {
        let now = Instant::now();
        let limiter = Limiter::new(now);
        assert_eq!(tries(&limiter, now, Class::Recovery, "192.0.2.1"), 10);
        assert_eq!(tries(&limiter, now, Class::Recovery, "192.0.2.1"), 0);
        assert_eq!(tries(&limiter, now + Duration::from_secs(60), Class::Recovery, "192.0.2.1"), 1);
    }

    #[test]
    fn looking_is_not_trying() {
        let now = Instant::now();
        let limiter = Limiter::new(now);
        let address = "192.0.2.1".parse().expect("an address");
        for _ in 0..1_000 {
            assert_eq!(limiter.check(now, Class::Recovery, address), Ok(()));
        }
        assert_eq!(tries(&limiter, now, Class::Recovery, "192.0.2.1"), 10);
        assert_eq!(limiter.check(now, Class::Recovery, address), Err(ErrorCode::TooMany));
    }

    #[test]
    fn one_address_and_one_kind_do_not_use_up_anothers() {
        let now = Instant::now();
        let limiter = Limiter::new(now);
        tries(&limiter, now, Class::Recovery, "192.0.2.1");
        assert_eq!(tries(&limiter, now, Class::Recovery, "192.0.2.2"), 10);
        assert_eq!(tries(&limiter, now, Class::Passkey, "192.0.2.1"), 40);
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_count_together() {
        let now = Instant::now();
        let limiter = Limiter::new(now);
        tries(&limiter, now, Class::Recovery, "2001:db8:1:2::1");
        assert_eq!(tries(&limiter, now, Class::Recovery, "2001:db8:1:2:ffff::9"), 0);
        assert_eq!(tries(&limiter, now, Class::Recovery, "2001:db8:1:3::1"), 10);
    }

    #[test]
    fn nothing_is_left_of_an_address_once_the_key_is_thrown_away() {
        let now = Instant::now();
        let limiter = Limiter::new(now);
        tries(&limiter, now, Class::Recovery, "192.0.2.1");
        limiter
            .count(now + LIMIT_KEY_PERIOD, Class::Member, "192.0.2.9".parse().expect("an address"))
            .expect("first");
        assert_eq!(limiter.window.lock().expect("whole").whole_at.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_left_of_the_last_who_came_where_nobody_comes_after_them() {
        let now = || tokio::time::Instant::now().into_std();
        let limiter = std::sync::Arc::new(Limiter::new(now()));
        let keeps = std::sync::Arc::clone(&limiter);
        let task = tokio::spawn(async move { keeps.keep_time().await });
        let counted = || limiter.window.lock().expect("whole").whole_at.len();
        // A day on which somebody comes once an hour.
        for _ in 0..24 {
            tries(&limiter, now(), Class::Recovery, "192.0.2.1");
            assert_eq!(counted(), 1);
            tokio::time::sleep(LIMIT_KEY_PERIOD + Duration::from_millis(10)).await;
            assert_eq!(counted(), 0, "ten minutes later");
            tokio::time::sleep(Duration::from_secs(3_000)).await;
        }
        task.abort();
    }
}
