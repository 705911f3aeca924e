//! Where a letter may go at all, by its address alone.

use hyper::Uri;
use outbound_api::parent::Place;

/// The port of `https`.
const HTTPS: u16 = 443;

/// The host that is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whither {
    /// As it stands in the address, in small letters.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) may_be: MayBe,
}

/// Where the host may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MayBe {
    /// The operator named it.
    Anywhere,
    /// A browser named it: out in the public.
    InPublic,
}

impl Whither {
    /// `None` for what is not `https`, has a name and a password in it, or another port than that of `https`.
    pub(crate) fn of(address: &Uri, allowed: Option<&Place>) -> Option<Self> {
        if address.scheme_str() != Some("https") || address.authority()?.as_str().contains('@') {
            return None;
        }
        let place = Place {
            host: address.host().filter(|host| !host.is_empty())?.to_ascii_lowercase(),
            port: address.port_u16().unwrap_or(HTTPS),
        };
        let may_be = if allowed == Some(&place) { MayBe::Anywhere } else { MayBe::InPublic };
        let Place { host, port } = place;
        (may_be == MayBe::Anywhere || port == HTTPS).then_some(Self { host, port, may_be })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_over_https_to_its_own_port_unless_the_operator_named_another() {
        let own = Place { host: "push.test".to_owned(), port: 8443 };
        let of = |text: &str| Whither::of(&text.parse().expect("an address"), Some(&own));
        let to = |host: &str, port, may_be| Some(Whither { host: host.to_owned(), port, may_be });
        for (text, expected) in [
            ("https://push.example.org/a", to("push.example.org", 443, MayBe::InPublic)),
            ("https://Push.Example.org:443/a", to("push.example.org", 443, MayBe::InPublic)),
            ("https://push.test:8443/a", to("push.test", 8443, MayBe::Anywhere)),
            ("https://push.test/a", to("push.test", 443, MayBe::InPublic)),
            ("https://[::1]/a", to("[::1]", 443, MayBe::InPublic)),
            ("https://push.example.org:8443/a", None),
            ("http://push.example.org/a", None),
            ("http://push.test:8443/a", None),
            ("https://somebody:word@push.test:8443/a", None),
            ("/a", None),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
