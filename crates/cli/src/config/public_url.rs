//! The address people type: scheme, host and port, and nothing behind it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// An origin as a browser writes it: lower case, and no port where it is the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    scheme: Scheme,
    host: String,
    port: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// Text that is not an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address such as https://rooms.example.org")]
pub struct NotAnOrigin;

impl PublicUrl {
    pub(super) fn localhost(port: u16) -> Self {
        Self::of(Scheme::Http, port)
    }

    pub(super) fn localhost_tls(port: u16) -> Self {
        Self::of(Scheme::Https, port)
    }

    fn of(scheme: Scheme, port: u16) -> Self {
        Self {
            scheme,
            host: "localhost".to_owned(),
            port: Some(port).filter(|port| *port != scheme.own_port()),
        }
    }

    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// Whether browsers give a page from here the microphone.
    pub fn is_secure(&self) -> bool {
        self.is_https() || self.is_loopback()
    }

    /// A name, or an address; one of IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether only this machine is meant.
    pub fn is_loopback(&self) -> bool {
        let loopback = self.address().is_some_and(|address| address.is_loopback());
        loopback || self.host == "localhost" || self.host.ends_with(".localhost")
    }

    /// Whether it is an address within a private network. A name may be one, and nobody knows.
    pub fn is_private(&self) -> bool {
        match self.address() {
            Some(IpAddr::V4(v4)) => v4.is_private(),
            Some(IpAddr::V6(v6)) => v6.is_unique_local(),
            None => false,
        }
    }

    fn address(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

impl Scheme {
    fn own_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl FromStr for PublicUrl {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let (scheme, rest) = text.split_once("://").ok_or(NotAnOrigin)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(NotAnOrigin),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        let (host, port) = split_port(&rest).ok_or(NotAnOrigin)?;
        if !is_host(host) {
            return Err(NotAnOrigin);
        }
        Ok(Self { scheme, host: host.to_owned(), port: port.filter(|port| *port != scheme.own_port()) })
    }
}

/// Host and port, the brackets of an IPv6 address kept.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.rfind(':') {
        Some(at) if !text.ends_with(']') => (text.get(..at)?, Some(text.get(at + 1..)?)),
        _ => (text, None),
    };
    let Some(port) = port else { return Some((host, None)) };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|port: &u16| digits && *port != 0).map(|port| (host, Some(port)))
}

/// A name (RFC 1123; other scripts in their xn-- form), or an address.
fn is_host(host: &str) -> bool {
    if let Some(inside) = host.strip_prefix('[') {
        return inside.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let label = |label: &str| {
        let fits = (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
        fits && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Option<String> {
        text.parse::<PublicUrl>().ok().map(|url| url.to_string())
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (given, written) in [
            ("https://Rooms.Example.org", "https://rooms.example.org"),
            ("https://rooms.example.org/", "https://rooms.example.org"),
            ("https://rooms.example.org:443", "https://rooms.example.org"),
            ("http://rooms.example.org:80/", "http://rooms.example.org"),
            ("https://rooms.example.org:8443", "https://rooms.example.org:8443"),
            ("HTTP://localhost:8080", "http://localhost:8080"),
            ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
            ("https://192.0.2.7", "https://192.0.2.7"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(origin(given).as_deref(), Some(written), "{given}");
        }
    }

    #[test]
    fn anything_more_than_an_origin_is_refused() {
        for bad in [
            "",
            "rooms.example.org",
            "ftp://rooms.example.org",
            "https://",
            "https:///",
            "https://a/b",
            "https://a?b",
            "https://a#b",
            "https://user@a",
            "https://a:",
            "https://a:0",
            "https://a:65536",
            "https://a:+1",
            "https://-a",
            "https://a..b",
            "https://bücher.example",
            "https://[::1",
            "https://::1",
            "https://a b",
        ] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_page_is_secure_over_https_or_on_this_machine() {
        let secure = |text: &str| text.parse::<PublicUrl>().expect("an origin").is_secure();
        assert!(secure("https://rooms.example.org"));
        assert!(secure("http://localhost:8080"));
        assert!(secure("http://127.0.0.1:8080"));
        assert!(secure("http://[::1]:8080"));
        assert!(!secure("http://192.168.1.5:8080"));
        assert!(!secure("http://rooms.example.org"));
    }
}
