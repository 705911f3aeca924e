//! The web client's files.
//!
//! A path that names a file gets it; any other path without a dot is an address of the client and gets the page it
//! starts from; a path with a dot names a file that is not there.

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use protocol::ErrorCode;
use web::Asset;

use super::error::Refusal;

/// Everything that is no route of the API.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return Refusal(ErrorCode::NotThere).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    match web::lookup(path) {
        Some(asset) => file(asset, &headers),
        None if path.contains('.') => StatusCode::NOT_FOUND.into_response(),
        None => file(web::index(), &headers),
    }
}

fn file(asset: &'static Asset, headers: &HeaderMap) -> Response {
    let (encoding, form) = asset.variant(text(headers, &ACCEPT_ENCODING));
    let current = text(headers, &IF_NONE_MATCH).is_some_and(|known| web::is_current(known, form.etag));
    let mut response = if current {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(Bytes::from_static(form.bytes)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(asset.mime));
        if let Some(encoding) = encoding.header() {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, HeaderValue::from_static(form.etag));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(asset.caching.header()));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
