//! The session's cookie: `__Host-s` where pages are encrypted, `s` where they are not (a browser would refuse the
//! prefix there). A secure server does not read `s`, so that nobody on the way can plant one.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use keeper_api::SessionToken;

use super::site::Security;

const SECONDS_PER_DAY: u64 = 24 * 3600;

impl Security {
    const fn cookie(self) -> &'static str {
        match self {
            Self::Secure => "__Host-s",
            Self::Plain => "s",
        }
    }

    const fn attributes(self) -> &'static str {
        match self {
            Self::Secure => "Path=/; HttpOnly; SameSite=Lax; Secure",
            Self::Plain => "Path=/; HttpOnly; SameSite=Lax",
        }
    }
}

/// The token in the request's cookie, if there is one that can be one.
pub(crate) fn read(security: Security, headers: &HeaderMap) -> Option<SessionToken> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == security.cookie())
        .find_map(|(_, value)| SessionToken::parse(value))
}

/// Sets the cookie until the session's own last day, fixed when it was made.
pub(crate) fn set(
    headers: &mut HeaderMap,
    security: Security,
    token: &SessionToken,
    expires_day: u32,
    now_ms: u64,
) {
    let seconds = (u64::from(expires_day) * SECONDS_PER_DAY).saturating_sub(now_ms / 1000);
    append(
        headers,
        &format!("{}={}; Max-Age={seconds}; {}", security.cookie(), token.reveal(), security.attributes()),
    );
}

/// Takes the cookie away.
pub(crate) fn clear(headers: &mut HeaderMap, security: Security) {
    append(headers, &format!("{}=; Max-Age=0; {}", security.cookie(), security.attributes()));
}

fn append(headers: &mut HeaderMap, text: &str) {
    if let Ok(mut value) = HeaderValue::from_str(text) {
        value.set_sensitive(true);
        headers.append(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|value| (COOKIE, value.parse().expect("a value"))).collect()
    }

    #[test]
    fn a_cookie_is_read_under_the_name_that_fits_the_page() {
        let token = SessionToken::from_random([7; 32]);
        let text = token.reveal();
        let plain = with(&[&format!("other=1; s={text}")]);
        let secure = with(&["x=1", &format!("__Host-s={text}")]);
        assert_eq!(read(Security::Plain, &plain), Some(token.clone()));
        assert_eq!(read(Security::Secure, &secure), Some(token.clone()));
        assert_eq!(read(Security::Secure, &plain), None, "one that a page on the way could have planted");
        assert_eq!(read(Security::Plain, &with(&["s=nonsense"])), None);
        assert_eq!(read(Security::Plain, &with(&[&format!("s=stale; s={text}")])), Some(token));
    }

    #[test]
    fn a_cookie_is_out_of_reach_of_scripts_and_ends_with_its_session() {
        let mut headers = HeaderMap::new();
        let token = SessionToken::from_random([7; 32]);
        set(&mut headers, Security::Secure, &token, 10, 9 * 24 * 3600 * 1000);
        let text = headers[SET_COOKIE].to_str().expect("text");
        assert_eq!(
            text,
            format!("__Host-s={}; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax; Secure", token.reveal())
        );
        let mut headers = HeaderMap::new();
        clear(&mut headers, Security::Plain);
        assert_eq!(headers[SET_COOKIE], "s=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
    }
}
