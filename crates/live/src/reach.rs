//! Where clients are told to look for our media.

use std::net::{IpAddr, SocketAddr};

use cluster::parent::{HttpSide, LiveConfig};
use media::sdp::Candidates;

/// What does not change while this process runs.
pub(crate) struct Reach {
    /// Given by whoever runs the server: how the machine is reached from outside.
    named: Vec<IpAddr>,
    udp: u16,
    web: Web,
}

/// Where connections of the web come in, and with them media of those who have no UDP (RFC 6544).
enum Web {
    Here {
        listeners: Vec<SocketAddr>,
        /// The port of the address that people type: what a router in front listens on.
        outside: u16,
    },
    /// A proxy takes them, and passes on HTTP alone.
    BehindProxy,
}

impl Reach {
    pub(crate) fn new(config: &LiveConfig, listeners: Vec<SocketAddr>) -> Self {
        let web = match config.http {
            HttpSide::BehindProxy(_) => Web::BehindProxy,
            HttpSide::Plain | HttpSide::Tls => Web::Here { listeners, outside: port(&config.public_url) },
        };
        Self { named: config.public_addresses.clone(), udp: config.media_port, web }
    }

    /// Everything that clients may try, what was named first.
    pub(crate) fn candidates(&self, interfaces: &[IpAddr]) -> Candidates {
        let mut candidates = Candidates::default();
        for address in self.named.iter().chain(interfaces) {
            add(&mut candidates.udp, SocketAddr::new(address.to_canonical(), self.udp));
        }
        if let Web::Here { listeners, outside } = &self.web {
            for address in &self.named {
                add(&mut candidates.tcp, SocketAddr::new(address.to_canonical(), *outside));
            }
            for address in interfaces.iter().map(IpAddr::to_canonical) {
                for listener in listeners.iter().filter(|listener| takes(listener.ip(), address)) {
                    add(&mut candidates.tcp, SocketAddr::new(address, listener.port()));
                }
            }
        }
        candidates
    }
}

fn add(candidates: &mut Vec<SocketAddr>, candidate: SocketAddr) {
    if !candidates.contains(&candidate) {
        candidates.push(candidate);
    }
}

/// Whether a socket bound to `bound` takes connections to `address`.
fn takes(bound: IpAddr, address: IpAddr) -> bool {
    match bound {
        // Of both families.
        IpAddr::V6(bound) if bound.is_unspecified() => true,
        IpAddr::V4(bound) if bound.is_unspecified() => address.is_ipv4(),
        bound => bound.to_canonical() == address,
    }
}

/// Of an origin.
fn port(origin: &str) -> u16 {
    let own = if origin.starts_with("https:") { 443 } else { 80 };
    origin.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cluster::parent::{Packing, Sandboxing};

    fn reach(http: HttpSide, listener: &str, named: &[&str]) -> Candidates {
        let config = LiveConfig {
            public_url: "https://rooms.example.org".to_owned(),
            http,
            media_port: 8443,
            public_addresses: named.iter().map(|address| address.parse().expect("an address")).collect(),
            interface_addresses: Vec::new(),
            packing: Packing::default(),
            sandboxing: Sandboxing::On,
        };
        let interfaces = ["192.0.2.5", "2001:db8::5", "127.0.0.1"].map(|ip| ip.parse().expect("an address"));
        Reach::new(&config, vec![listener.parse().expect("an address")]).candidates(&interfaces)
    }

    fn shown(candidates: &[SocketAddr]) -> Vec<String> {
        candidates.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn who_has_no_udp_is_told_every_address_that_the_web_listens_on() {
        let all = reach(HttpSide::Tls, "[::]:8443", &[]);
        assert_eq!(shown(&all.tcp), ["192.0.2.5:8443", "[2001:db8::5]:8443", "127.0.0.1:8443"]);
        assert_eq!(all.udp, all.tcp);
        assert_eq!(shown(&reach(HttpSide::Plain, "127.0.0.1:8080", &[]).tcp), ["127.0.0.1:8080"]);
        assert_eq!(shown(&reach(HttpSide::Tls, "0.0.0.0:1", &[]).tcp), ["192.0.2.5:1", "127.0.0.1:1"]);
    }

    #[test]
    fn from_outside_the_port_is_the_one_that_people_type() {
        let candidates = reach(HttpSide::Tls, "192.0.2.5:8443", &["203.0.113.7"]);
        assert_eq!(shown(&candidates.tcp), ["203.0.113.7:443", "192.0.2.5:8443"]);
        assert_eq!(shown(&candidates.udp)[0], "203.0.113.7:8443");
    }

    #[test]
    fn behind_a_proxy_nobody_is_told_to_come_by_tcp() {
        let candidates = reach(HttpSide::BehindProxy(Vec::new()), "[::]:8080", &["203.0.113.7"]);
        assert_eq!((candidates.tcp.len(), candidates.udp.len()), (0, 4));
    }

    #[test]
    fn an_origin_has_a_port_even_when_it_does_not_say_so() {
        for (origin, expected) in [
            ("https://a.example", 443),
            ("http://a.example", 80),
            ("http://localhost:8080", 8080),
            ("https://[2001:db8::1]", 443),
            ("https://[2001:db8::1]:8443", 8443),
        ] {
            assert_eq!(port(origin), expected, "{origin}");
        }
    }
}
