//! What the parent and the process that calls out say to each other, over a [`line`].

use serde::{Deserialize, Serialize};

/// From the parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToOutbound {
    /// The first message.
    Start(Start),
    /// One descriptor: a socket to `live`, in the place of the one before.
    NewLive,
}

/// To the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromOutbound {
    /// It may be given a line.
    Ready,
    /// It cannot work; the process exits.
    Failed(Failure),
}

/// What it is started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    pub confined: Confined,
    /// A push service of the operator's own, which may be anywhere: its host and port, as they stand in addresses.
    pub allowed: Option<Place>,
    /// Certificates that are trusted beside the usual ones, in PEM.
    pub roots: Option<String>,
}

/// Whether it is shut in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confined {
    Yes,
    No,
}

/// A host as it stands in an address, and a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub host: String,
    pub port: u16,
}

impl Place {
    /// `push.example.org:8443`, `[::1]:8443`; `None` for what is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let named = !host.is_empty() && host.bytes().all(plain);
        let numbered = inside.is_some_and(|inside| inside.parse::<std::net::Ipv6Addr>().is_ok());
        let port = port.parse().ok().filter(|port| *port > 0)?;
        (named || numbered).then(|| Self { host: host.to_ascii_lowercase(), port })
    }
}

/// Why it cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// The kernel, or a sandbox around the server, refuses seccomp; or this process had a second thread already.
    NoSandbox,
    /// The certificates that the operator named cannot be used.
    Roots,
}

impl Failure {
    /// For whoever runs the server.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoSandbox => {
                "The process that sends notifications could not shut itself in, so none are sent. Everything else works."
            }
            Self::Roots => {
                "The certificates of push_ca cannot be read, so no notifications are sent. Everything else works."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_and_a_port_and_nothing_else() {
        let place = |host: &str, port| Some(Place { host: host.to_owned(), port });
        for (text, expected) in [
            ("push.example.org:8443", place("push.example.org", 8443)),
            ("127.0.0.1:1", place("127.0.0.1", 1)),
            ("[::1]:443", place("[::1]", 443)),
            ("Push.Example.org:443", place("push.example.org", 443)),
            ("push.example.org", None),
            (":443", None),
            ("a/b:443", None),
            ("a:0", None),
            ("[a]:1", None),
            ("https://a:1", None),
        ] {
            assert_eq!(Place::parse(text), expected, "{text}");
        }
    }
}
