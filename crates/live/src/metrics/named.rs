//! By what name the page is asked for: an address or `localhost`, since those belong to nobody else.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::http::site::without_port;

/// Whoever has a domain may let its name lead to this machine; a page of theirs, open in a browser here, would then read
/// what is here as its own (DNS rebinding). The browser says by which name it came.
pub(super) fn is_no_strangers(host: Option<&str>) -> bool {
    let Some(host) = host.map(without_port) else { return false };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok()
        || bracketed.is_some_and(|host| host.parse::<Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_site_does_not_read_what_a_program_beside_the_server_does() {
        for ours in [
            "127.0.0.1:9464",
            "127.0.0.1",
            "[::1]:9464",
            "[::1]",
            "localhost:9464",
            "LOCALHOST",
            "192.0.2.7:1",
        ] {
            assert!(is_no_strangers(Some(ours)), "{ours}");
        }
        for theirs in [
            "evil.example",
            "evil.example:9464",
            "127.0.0.1.evil.example:9464",
            "localhost.evil.example",
            "localhost.",
            "127.0.0.1@evil.example",
            "[::1].evil.example",
            "2130706433",
            "a",
            "",
        ] {
            assert!(!is_no_strangers(Some(theirs)), "{theirs}");
        }
        assert!(!is_no_strangers(None), "it does not say");
    }
}
