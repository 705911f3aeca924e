//! Headers of every answer.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use super::App;
use super::site::{Security, host};

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What a page may do: the microphone, and nothing else that needs asking for.
const PERMISSIONS: &str = "microphone=(self), camera=(), geolocation=(), screen-wake-lock=(self), \
    publickey-credentials-get=(self), publickey-credentials-create=(self)";
/// Two years, as the preload lists ask; without subdomains, which may be somebody else's.
const HSTS: &str = "max-age=63072000";

/// The layer around every route.
pub(crate) async fn add(State(app): State<App>, request: Request, next: Next) -> Response {
    let policy = content_policy(app.site.security(), host(request.headers(), request.uri()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    // Answers about people are kept by nobody; files say for themselves how long they may be.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.site.speaks_tls() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    response
}

/// Nothing from anywhere but here. The socket is named beside `'self'`, since not every browser counts it in.
fn content_policy(security: Security, host: Option<&str>) -> HeaderValue {
    let scheme = match security {
        Security::Secure => "wss",
        Security::Plain => "ws",
    };
    // A host that is no host name gets no place in a header of ours.
    let plain = |host: &&str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    let socket = host.filter(plain).map(|host| format!(" {scheme}://{host}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; \
         connect-src 'self'{socket}; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types svelte-trusted-html app"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_talk_to_its_own_socket_and_to_nobody_else() {
        let policy = content_policy(Security::Secure, Some("rooms.example.org"));
        let text = policy.to_str().expect("text");
        assert!(text.starts_with("default-src 'none'; script-src 'self';"), "{text}");
        assert!(text.contains("connect-src 'self' wss://rooms.example.org;"), "{text}");
        let policy = content_policy(Security::Plain, Some("localhost:8080"));
        assert!(policy.to_str().expect("text").contains("connect-src 'self' ws://localhost:8080;"));
    }

    #[test]
    fn a_host_that_is_none_cannot_write_into_the_policy() {
        let policy = content_policy(Security::Plain, Some("a; script-src *"));
        assert!(policy.to_str().expect("text").contains("connect-src 'self';"));
    }
}
