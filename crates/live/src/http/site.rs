//! Where this server is: the address people use, what stands in front of it, and who it is that asks.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use cluster::parent::{HttpSide, Network};
use protocol::account::PasskeySupport;

use crate::forwarded;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address people use and the way requests come in.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    public_url: String,
    http: HttpSide,
}

/// Whether a browser keeps what we send it to encrypted pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// HTTPS, ours or the proxy's.
    Secure,
    /// HTTP: `localhost`, or a network where that has to do.
    Plain,
}

impl Site {
    /// `public_url` is an origin without a slash at the end.
    pub(crate) fn new(public_url: impl Into<String>, http: HttpSide) -> Self {
        Self { public_url: public_url.into(), http }
    }

    /// The origin people use.
    pub(crate) fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Whether our own listener speaks TLS, which is when it may say so for ever (HSTS).
    pub(crate) fn speaks_tls(&self) -> bool {
        matches!(self.http, HttpSide::Tls)
    }

    /// How cookies are kept.
    pub(crate) fn security(&self) -> Security {
        let encrypted = match &self.http {
            HttpSide::Plain => false,
            HttpSide::Tls => true,
            // The proxy speaks whatever the public address says.
            HttpSide::BehindProxy(_) => self.public_url.starts_with("https://"),
        };
        if encrypted { Security::Secure } else { Security::Plain }
    }

    /// Whose connection this is, as far as the connection itself says: a trusted proxy brings everybody.
    pub(crate) fn counts_by(&self, peer: SocketAddr) -> Option<IpAddr> {
        let peer = peer.ip().to_canonical();
        (!self.is_proxy(peer)).then_some(peer)
    }

    /// Whom a trusted proxy speaks for in this request, where it says so.
    pub(crate) fn spoken_for(&self, peer: SocketAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let proxy = self.is_proxy(peer.ip().to_canonical());
        proxy.then(|| self.client(peer, headers)).filter(|client| !self.is_proxy(*client))
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        forwarded::is_trusted(self.trusted(), address)
    }

    fn trusted(&self) -> &[Network] {
        match &self.http {
            HttpSide::BehindProxy(trusted) => trusted,
            HttpSide::Plain | HttpSide::Tls => &[],
        }
    }

    /// Whose request this is.
    pub(crate) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let values = headers.get_all(FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
        forwarded::client(self.trusted(), peer.ip(), values)
    }

    /// Whether passkeys that are bound to `domain` work on the page that this request came from.
    pub(crate) fn passkeys(&self, domain: Option<&str>, headers: &HeaderMap, uri: &Uri) -> PasskeySupport {
        let host = host(headers, uri).map(without_port);
        match (domain, host) {
            (Some(domain), Some(host))
                if host.eq_ignore_ascii_case(domain)
                    && (self.security() == Security::Secure || host.eq_ignore_ascii_case("localhost")) =>
            {
                PasskeySupport::Available
            }
            _ => PasskeySupport::Unavailable,
        }
    }
}

/// Host and port that the client believes it talks to: HTTP/2 has them in the URI, HTTP/1.1 in a header.
pub(crate) fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    uri.authority()
        .map(axum::http::uri::Authority::as_str)
        .or_else(|| headers.get(HOST).and_then(|host| host.to_str().ok()))
}

pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(forwarded: &[&str]) -> HeaderMap {
        forwarded.iter().map(|value| (FORWARDED_FOR, value.parse().expect("a value"))).collect()
    }

    fn behind(networks: &[&str]) -> Site {
        let networks = networks.iter().map(|n| n.parse().expect("a network")).collect();
        Site::new("https://rooms.example.org", HttpSide::BehindProxy(networks))
    }

    #[test]
    fn only_a_trusted_proxy_may_say_whom_it_speaks_for() {
        let site = behind(&["127.0.0.1", "10.0.0.0/8"]);
        for (peer, forwarded, expected) in [
            ("203.0.113.9:1", &["198.51.100.1"][..], "203.0.113.9"),
            ("127.0.0.1:1", &["198.51.100.1"], "198.51.100.1"),
            ("[::ffff:127.0.0.1]:1", &["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1:1", &["192.0.2.7, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1:1", &["192.0.2.7", "198.51.100.1, 10.1.1.1"], "198.51.100.1"),
            // Nobody hides behind the proxy by writing nonsense before it adds whom it speaks for.
            ("127.0.0.1:1", &["nonsense, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1:1", &["nonsense, ", "198.51.100.1, 10.1.1.1"], "198.51.100.1"),
            ("127.0.0.1:1", &["192.0.2.7, nonsense, 10.1.1.1"], "127.0.0.1"),
            ("127.0.0.1:1", &[], "127.0.0.1"),
            ("127.0.0.1:1", &["2001:db8::1"], "2001:db8::1"),
        ] {
            let client = site.client(peer.parse().expect("an address"), &headers(forwarded));
            assert_eq!(client.to_string(), expected, "{peer} {forwarded:?}");
        }
        let plain = Site::new("http://localhost:8080", HttpSide::Plain);
        let client = plain.client("127.0.0.1:1".parse().expect("an address"), &headers(&["198.51.100.1"]));
        assert_eq!(client.to_string(), "127.0.0.1");
    }

    #[test]
    fn a_trusted_proxy_is_counted_by_whom_it_speaks_for_and_nobody_else_is() {
        let (site, plain) = (behind(&["127.0.0.1"]), Site::new("http://localhost:8080", HttpSide::Plain));
        let counted = |site: &Site, peer: &str, forwarded: &[&str]| {
            let peer = peer.parse().expect("an address");
            let text = |address: Option<IpAddr>| address.map(|address| address.to_string());
            (text(site.counts_by(peer)), text(site.spoken_for(peer, &headers(forwarded))))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(counted(&site, "127.0.0.1:1", &["198.51.100.1"]), (None, some("198.51.100.1")));
        assert_eq!(counted(&site, "127.0.0.1:1", &[]), (None, None), "it does not say");
        assert_eq!(counted(&site, "203.0.113.9:1", &["198.51.100.1"]), (some("203.0.113.9"), None));
        assert_eq!(counted(&plain, "127.0.0.1:1", &["198.51.100.1"]), (some("127.0.0.1"), None));
    }

    #[test]
    fn passkeys_work_on_their_own_domain_and_nowhere_else() {
        let local = Site::new("http://localhost:8080", HttpSide::Plain);
        let public = behind(&["127.0.0.1"]);
        for (site, domain, host, expected) in [
            (&local, Some("localhost"), "localhost:8080", PasskeySupport::Available),
            (&local, Some("localhost"), "127.0.0.1:8080", PasskeySupport::Unavailable),
            (&local, Some("rooms.lan"), "rooms.lan:8080", PasskeySupport::Unavailable),
            (&local, None, "localhost:8080", PasskeySupport::Unavailable),
            (&public, Some("rooms.example.org"), "Rooms.example.org", PasskeySupport::Available),
            (&public, Some("rooms.example.org"), "other.example.org", PasskeySupport::Unavailable),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().expect("a value"));
            assert_eq!(
                site.passkeys(domain, &headers, &Uri::from_static("/")),
                expected,
                "{domain:?} {host}"
            );
        }
    }
}
