//! This machine's addresses, for the browsers to try. `live` cannot look: that takes a socket.

use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How often they are looked up again: a laptop changes its network now and then.
const PERIOD: Duration = Duration::from_secs(10);

/// Addresses of all interfaces that are up, loopback last. Link-local ones are left out: a browser cannot use them
/// without knowing the interface's name.
pub(crate) fn of_this_machine() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let up = interfaces.iter().filter(|interface| interface.is_oper_up() || interface.is_loopback());
    sorted(up.map(if_addrs::Interface::ip).collect())
}

/// What they were at the last look, and when the next is due.
#[derive(Debug)]
pub(super) struct Known {
    addresses: Vec<IpAddr>,
    look_again: Instant,
}

impl Known {
    pub(super) fn new(addresses: Vec<IpAddr>, now: Instant) -> Self {
        Self { addresses, look_again: now + PERIOD }
    }

    pub(super) fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    pub(super) fn poll_timeout(&self) -> Instant {
        self.look_again
    }

    /// Looks when it is time to; the addresses, when they are others than before.
    pub(super) fn handle_timeout(
        &mut self,
        now: Instant,
        look: impl FnOnce() -> Vec<IpAddr>,
    ) -> Option<&[IpAddr]> {
        if now < self.look_again {
            return None;
        }
        self.look_again = now + PERIOD;
        let before = std::mem::replace(&mut self.addresses, look());
        (before != self.addresses).then_some(&self.addresses)
    }
}

fn sorted(mut addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    addresses.retain(|address| match address {
        IpAddr::V4(v4) => !v4.is_link_local() && !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_unicast_link_local() && !v6.is_unspecified(),
    });
    addresses.sort_unstable_by_key(|address| (address.is_loopback(), address.is_ipv6(), *address));
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().expect("an address")).collect()
    }

    #[test]
    fn a_machine_that_changes_its_network_is_noticed_within_ten_seconds_and_once() {
        let (home, away) = (parse(&["192.0.2.1", "127.0.0.1"]), parse(&["198.51.100.7", "127.0.0.1"]));
        let begin = Instant::now();
        let mut known = Known::new(home.clone(), begin);
        assert_eq!(known.poll_timeout(), begin + PERIOD);
        let early = known.handle_timeout(begin + PERIOD / 2, || panic!("a look costs system calls"));
        assert_eq!(early, None);
        assert_eq!(known.handle_timeout(begin + PERIOD, || home.clone()), None, "nothing has changed");
        assert_eq!(known.poll_timeout(), begin + 2 * PERIOD);
        assert_eq!(known.handle_timeout(begin + 2 * PERIOD, || away.clone()), Some(&*away));
        assert_eq!(known.handle_timeout(begin + 3 * PERIOD, || away.clone()), None, "that is known");
        assert_eq!(known.handle_timeout(begin + 4 * PERIOD, Vec::new), Some(&[][..]), "the cable is out");
        // What a new `live` is told at its start.
        assert_eq!(known.addresses(), [] as [IpAddr; 0]);
    }

    #[test]
    fn addresses_that_others_reach_come_first_and_loopback_last() {
        let given = ["::1", "fe80::1", "127.0.0.1", "169.254.1.1", "2001:db8::1", "192.0.2.1", "192.0.2.1"];
        let expected = ["192.0.2.1", "2001:db8::1", "127.0.0.1", "::1"];
        assert_eq!(sorted(parse(&given)), parse(&expected));
    }

    #[test]
    fn this_machine_has_at_least_loopback() {
        assert!(of_this_machine().iter().any(IpAddr::is_loopback));
    }
}
