//! Addresses as people paste them: of a server, of a room, and one-time links with their secret in the fragment.

use std::fmt;
use std::str::FromStr;

use hyper::Uri;
use protocol::account::LinkKind;
use protocol::id::RoomId;
use zeroize::Zeroizing;

/// Text that is no address of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("That is not the address of a server: it begins with http:// or https:// and a name.")]
    NotAnAddress,
    #[error("That is not a sign-in link: the server's own end with #, and a secret after it.")]
    NotALink,
}

/// Scheme, host and port of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub scheme: Scheme,
    /// Without the brackets of an IPv6 address.
    pub host: String,
    pub port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Origin {
    /// For `Host`: the port only where it says something.
    pub(super) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.port() { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.authority())
    }
}

impl FromStr for Origin {
    type Err = LinkError;

    /// Whatever follows the port is passed over.
    fn from_str(text: &str) -> Result<Self, LinkError> {
        split(text).map(|(origin, _)| origin)
    }
}

/// The address of a server, or of one of its rooms (`/r/ID`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomLink {
    pub origin: Origin,
    pub room: Option<RoomId>,
}

impl FromStr for RoomLink {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let (origin, path) = split(text)?;
        let room = match path.strip_prefix("/r/") {
            Some(id) => Some(id.parse().map_err(|_| LinkError::NotAnAddress)?),
            None => None,
        };
        Ok(Self { origin, room })
    }
}

/// What a link's fragment holds, good for one use or a few.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A one-time link: `/o#`, `/i#` or `/l#` and a secret.
#[derive(Debug, Clone)]
pub struct Link {
    pub origin: Origin,
    pub kind: LinkKind,
    pub secret: Secret,
}

impl Link {
    /// # Errors
    /// `NotAnAddress` or `NotALink`.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let (address, secret) = text.trim().split_once('#').ok_or(LinkError::NotALink)?;
        let (origin, path) = split(address)?;
        let kind = match path {
            "/o" => LinkKind::Owner,
            "/i" => LinkKind::Invite,
            "/l" => LinkKind::SignIn,
            _ => return Err(LinkError::NotALink),
        };
        if secret.is_empty() {
            return Err(LinkError::NotALink);
        }
        Ok(Self { origin, kind, secret: Secret::new(secret) })
    }
}

/// Origin and path.
fn split(text: &str) -> Result<(Origin, &str), LinkError> {
    let text = text.trim();
    let before = text.split(['#', '?']).next().unwrap_or_default();
    let (scheme, rest) = before.split_once("://").ok_or(LinkError::NotAnAddress)?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return Err(LinkError::NotAnAddress),
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let uri: Uri = authority.parse().map_err(|_| LinkError::NotAnAddress)?;
    let host = uri.host().filter(|_| !authority.contains('@')).and_then(bare);
    let host = host.ok_or(LinkError::NotAnAddress)?.to_owned();
    Ok((Origin { scheme, host, port: uri.port_u16().unwrap_or(scheme.port()) }, path))
}

/// A name or an address without the brackets that only an IPv6 address has.
fn bare(host: &str) -> Option<&str> {
    let within = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match within {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok().then_some(address),
        None => (!host.is_empty() && !host.contains(['[', ']', ':'])).then_some(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_paste_them() {
        for (text, expected) in [
            ("http://localhost:8080", "http://localhost:8080"),
            ("https://rooms.example.org/", "https://rooms.example.org"),
            (" https://rooms.example.org:443/r/x \n", "https://rooms.example.org"),
            ("http://[2001:db8::1]:80/", "http://[2001:db8::1]"),
        ] {
            assert_eq!(
                text.parse::<Origin>().map(|origin| origin.to_string()),
                Ok(expected.to_owned()),
                "{text}"
            );
        }
        let bracketed = ["http://a[2001:db8::1]:80", "http://[there]"];
        let others = ["localhost:8080", "ftp://x", "http://", "http://me@there", "http:///x", ""];
        for text in bracketed.into_iter().chain(others) {
            assert_eq!(text.parse::<Origin>(), Err(LinkError::NotAnAddress), "{text}");
        }
    }

    #[test]
    fn a_rooms_address_names_the_room() {
        let link: RoomLink = "http://localhost:1/r/AAAAAAAAAAAAAAAAAAAAAA".parse().expect("a room's address");
        assert_eq!(link.room, Some(RoomId([0; 16])));
        assert_eq!("http://localhost:1/".parse::<RoomLink>().map(|link| link.room), Ok(None));
        assert_eq!("http://localhost:1/r/7".parse::<RoomLink>(), Err(LinkError::NotAnAddress));
    }

    #[test]
    fn links_of_all_three_kinds_are_read_and_nothing_else_is() {
        for (path, kind) in [("o", LinkKind::Owner), ("i", LinkKind::Invite), ("l", LinkKind::SignIn)] {
            let link = Link::parse(&format!("http://localhost:8080/{path}#hush")).expect("a link");
            assert_eq!((link.kind, link.secret.reveal()), (kind, "hush"));
            assert!(!format!("{link:?}").contains("hush"), "it reaches no log");
        }
        for text in ["http://localhost/o", "http://localhost/o#", "http://localhost/x#secret"] {
            assert_eq!(Link::parse(text).map(|_| ()), Err(LinkError::NotALink), "{text}");
        }
    }
}
