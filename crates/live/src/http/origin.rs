//! Requests from other people's pages change nothing here.
//!
//! A browser says where a request comes from: in `Sec-Fetch-Site`, and in `Origin` with everything that is not a plain
//! GET, WebSocket upgrades included. What says nothing is no browser, and has no cookie of somebody else's to misuse.
//!
//! | `Origin` | `Sec-Fetch-Site` | taken |
//! |---|---|---|
//! | this server's | any | yes |
//! | another, or `null` | any | no |
//! | none | `same-origin`, `none` | yes |
//! | none | `same-site`, `cross-site`, unknown | no |
//! | none | none | yes: a program |
//!
//! This server's origin is the public address, or whatever host the request itself was sent to (a machine that is
//! reached by several names). A proxy that changes `Host` therefore needs the public address set, and no more.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, ORIGIN, UPGRADE};
use axum::http::{HeaderMap, HeaderName, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::ErrorCode;

use super::App;
use super::error::Refusal;
use super::site::{Security, Site, host};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The layer around every route.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    if changes_state(&request) && !is_ours(&app.site, request.headers(), request.uri()) {
        return Refusal(ErrorCode::WrongOrigin).into_response();
    }
    next.run(request).await
}

fn changes_state(request: &Request) -> bool {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    !safe || request.headers().contains_key(UPGRADE) || *request.method() == Method::CONNECT
}

/// Whether the request comes from a page of this server, or from no page at all.
pub(crate) fn is_ours(site: &Site, headers: &HeaderMap, uri: &Uri) -> bool {
    match headers.get(ORIGIN) {
        Some(origin) => origin.to_str().is_ok_and(|origin| is_our_origin(site, origin, host(headers, uri))),
        None => match headers.get(FETCH_SITE).map(axum::http::HeaderValue::as_bytes) {
            Some(fetch_site) => matches!(fetch_site, b"same-origin" | b"none"),
            None => true,
        },
    }
}

fn is_our_origin(site: &Site, origin: &str, host: Option<&str>) -> bool {
    if origin.eq_ignore_ascii_case(site.public_url()) {
        return true;
    }
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let expected = match site.security() {
        Security::Secure => "https",
        Security::Plain => "http",
    };
    scheme.eq_ignore_ascii_case(expected) && host.is_some_and(|host| authority.eq_ignore_ascii_case(host))
}

/// The token of a client that has no cookies.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::HOST;
    use cluster::parent::HttpSide;

    fn taken(site: &Site, host: &str, origin: Option<&str>, fetch_site: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a value"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("a value"));
        }
        if let Some(fetch_site) = fetch_site {
            headers.insert(FETCH_SITE, fetch_site.parse().expect("a value"));
        }
        is_ours(site, &headers, &Uri::from_static("/api/v1/me"))
    }

    #[test]
    fn a_page_of_another_origin_changes_nothing() {
        let local = Site::new("http://localhost:8080", HttpSide::Plain);
        for (host, origin, fetch_site, expected) in [
            ("localhost:8080", Some("http://localhost:8080"), Some("same-origin"), true),
            ("127.0.0.1:8080", Some("http://127.0.0.1:8080"), None, true),
            ("localhost:8080", Some("http://localhost:8081"), Some("same-site"), false),
            ("localhost:8080", Some("https://localhost:8080"), None, false),
            ("localhost:8080", Some("http://evil.example"), Some("cross-site"), false),
            ("localhost:8080", Some("null"), None, false),
            ("localhost:8080", Some(""), None, false),
            ("localhost:8080", None, Some("same-origin"), true),
            ("localhost:8080", None, Some("none"), true),
            ("localhost:8080", None, Some("same-site"), false),
            ("localhost:8080", None, Some("cross-site"), false),
            ("localhost:8080", None, Some("new-word"), false),
            ("localhost:8080", None, None, true),
        ] {
            assert_eq!(taken(&local, host, origin, fetch_site), expected, "{host} {origin:?} {fetch_site:?}");
        }
    }

    #[test]
    fn behind_a_proxy_that_changes_the_host_the_public_address_counts() {
        let networks = vec!["127.0.0.1".parse().expect("a network")];
        let site = Site::new("https://rooms.example.org", HttpSide::BehindProxy(networks));
        assert!(taken(&site, "127.0.0.1:8080", Some("https://rooms.example.org"), None));
        assert!(taken(&site, "rooms.example.org", Some("https://rooms.example.org"), None));
        assert!(!taken(&site, "rooms.example.org", Some("http://rooms.example.org"), None));
        assert!(!taken(&site, "127.0.0.1:8080", Some("https://other.example.org"), None));
    }

    #[test]
    fn a_bearer_token_is_read_from_its_header() {
        let mut headers = HeaderMap::new();
        assert_eq!(bearer(&headers), None);
        headers.insert(AUTHORIZATION, "Bearer abc".parse().expect("a value"));
        assert_eq!(bearer(&headers), Some("abc"));
        headers.insert(AUTHORIZATION, "Basic abc".parse().expect("a value"));
        assert_eq!(bearer(&headers), None);
    }
}
