//! Where passkeys work: the domain of the public address, or nowhere.

use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

/// What passkeys are bound to (the RP ID of WebAuthn), with what verifies them.
#[derive(Debug)]
pub struct Passkeys {
    pub domain: String,
    pub(crate) webauthn: Webauthn,
}

/// Reads the public address. None where no browser would make a passkey: a page at an IP address has no domain, and one
/// without TLS is not secure unless it is this machine's own. A loopback address stands for `localhost`, which leads to
/// the same place.
pub fn passkeys(public_url: &str) -> Option<Passkeys> {
    let mut url = Url::parse(public_url).ok()?;
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<std::net::IpAddr>() {
        Ok(address) if address.is_loopback() => url.set_host(Some(LOCALHOST)).ok()?,
        Ok(_) => return None,
        Err(_) => {}
    }
    let domain = url.domain()?.to_owned();
    let local = domain == LOCALHOST || domain.ends_with(".localhost");
    if url.scheme() != "https" && !local {
        return None;
    }
    // On this machine the port may be another one: a forwarded one, or the development server's.
    let builder = WebauthnBuilder::new(&domain, &url).ok()?.allow_any_port(local);
    let webauthn = builder.rp_name("Vivavoce").build().ok()?;
    Some(Passkeys { domain, webauthn })
}

const LOCALHOST: &str = "localhost";

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(public_url: &str) -> Option<String> {
        passkeys(public_url).map(|passkeys| passkeys.domain)
    }

    #[test]
    fn the_domain_is_the_host_of_the_public_address() {
        assert_eq!(domain("https://voice.example").as_deref(), Some("voice.example"));
        assert_eq!(domain("https://Voice.Example:8443").as_deref(), Some("voice.example"));
        assert_eq!(domain("http://localhost:8080").as_deref(), Some("localhost"));
    }

    #[test]
    fn a_loopback_address_stands_for_localhost() {
        assert_eq!(domain("http://127.0.0.1:8080").as_deref(), Some("localhost"));
        assert_eq!(domain("http://[::1]:8080").as_deref(), Some("localhost"));
    }

    #[test]
    fn an_address_or_a_page_without_tls_has_no_passkeys() {
        assert_eq!(domain("https://192.0.2.7"), None);
        assert_eq!(domain("https://[2001:db8::7]"), None);
        assert_eq!(domain("http://voice.example"), None);
        assert_eq!(domain("not an address"), None);
    }
}
