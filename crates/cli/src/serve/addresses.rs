//! This machine's addresses, for the browsers to try. `live` cannot look: that takes a socket.

use std::net::IpAddr;

/// Addresses of all interfaces that are up, loopback last. Link-local ones are left out: a browser cannot use them
/// without knowing the interface's name.
pub(crate) fn of_this_machine() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let up = interfaces.iter().filter(|interface| interface.is_oper_up() || interface.is_loopback());
    sorted(up.map(if_addrs::Interface::ip).collect())
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

    #[test]
    fn addresses_that_others_reach_come_first_and_loopback_last() {
        let given = ["::1", "fe80::1", "127.0.0.1", "169.254.1.1", "2001:db8::1", "192.0.2.1", "192.0.2.1"];
        let expected = ["192.0.2.1", "2001:db8::1", "127.0.0.1", "::1"];
        let parse =
            |texts: &[&str]| texts.iter().map(|text| text.parse().expect("an address")).collect::<Vec<_>>();
        assert_eq!(sorted(parse(&given)), parse(&expected));
    }

    #[test]
    fn this_machine_has_at_least_loopback() {
        assert!(of_this_machine().iter().any(IpAddr::is_loopback));
    }
}
