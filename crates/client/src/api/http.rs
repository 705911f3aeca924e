//! One request, one answer, one connection.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use protocol::error::ErrorBody;
use protocol::media::Sdp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::Token;
use super::error::ApiError;
use super::line::Dialler;
use crate::limits::{ANSWER_BYTES_MAX, ANSWER_PERIOD};

/// Asks for a session's token instead of a cookie; plain JSON elsewhere.
const ACCEPTS: &str = "application/vnd.vivavoce.token+json, application/json";
const JSON: &str = "application/json";
const SDP: &str = "application/sdp";
/// Which device a session lives on is read from this: a program.
pub(super) const AGENT: &str = concat!("vivavoce/", env!("CARGO_PKG_VERSION"));

pub(super) async fn get<A: DeserializeOwned>(
    dialler: &Dialler,
    path: &str,
    token: Option<&Token>,
) -> Result<A, ApiError> {
    let answer = ask(dialler, Method::GET, path, token, None).await?;
    serde_json::from_slice(&answer).map_err(|_| ApiError::NotUnderstood)
}

pub(super) async fn post<A: DeserializeOwned>(
    dialler: &Dialler,
    path: &str,
    token: Option<&Token>,
    body: &impl Serialize,
) -> Result<A, ApiError> {
    let body = serde_json::to_vec(body).map_err(|_| ApiError::NotUnderstood)?;
    let answer = ask(dialler, Method::POST, path, token, Some((JSON, body.into()))).await?;
    serde_json::from_slice(&answer).map_err(|_| ApiError::NotUnderstood)
}

pub(super) async fn post_for_nothing(dialler: &Dialler, path: &str, token: &Token) -> Result<(), ApiError> {
    ask(dialler, Method::POST, path, Some(token), None).await.map(drop)
}

/// An offer, and the answer to it (RFC 9725 section 4.2).
pub(super) async fn post_offer(
    dialler: &Dialler,
    path: &str,
    token: &Token,
    offer: &Sdp,
) -> Result<Sdp, ApiError> {
    let body = Some((SDP, offer.0.clone().into()));
    let answer = ask(dialler, Method::POST, path, Some(token), body).await?;
    String::from_utf8(answer.to_vec()).map(Sdp).map_err(|_| ApiError::NotUnderstood)
}

/// The value of `Authorization`, kept out of hyper's own debug output.
pub(super) fn bearer(token: &Token) -> Result<HeaderValue, ApiError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.reveal()))
        .map_err(|_| ApiError::Refused(protocol::ErrorCode::SignedOut))?;
    value.set_sensitive(true);
    Ok(value)
}

async fn ask(
    dialler: &Dialler,
    method: Method,
    path: &str,
    token: Option<&Token>,
    body: Option<(&'static str, Bytes)>,
) -> Result<Bytes, ApiError> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, dialler.origin.authority())
        .header(ACCEPT, ACCEPTS)
        .header(USER_AGENT, dialler.agent.clone());
    let (kind, body) = body.unzip();
    if let Some(kind) = kind {
        request = request.header(CONTENT_TYPE, kind);
    }
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, bearer(token)?);
    }
    let request = request.body(Full::new(body.unwrap_or_default())).map_err(|_| ApiError::NotUnderstood)?;
    timeout(ANSWER_PERIOD, exchange(dialler, request)).await.unwrap_or(Err(ApiError::Late))
}

async fn exchange(dialler: &Dialler, request: Request<Full<Bytes>>) -> Result<Bytes, ApiError> {
    let line = TokioIo::new(dialler.dial().await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(line).await.map_err(broken)?;
    let asked = async {
        let (head, body) = sender.send_request(request).await.map_err(broken)?.into_parts();
        let body =
            Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(|_| ApiError::NotUnderstood)?;
        let body = body.to_bytes();
        if head.status.is_success() {
            return Ok(body);
        }
        Err(refusal(&body))
    };
    tokio::pin!(asked);
    tokio::select! {
        biased;
        answer = &mut asked => answer,
        // The other side closed; the answer may have come before.
        _ = connection => asked.await,
    }
}

/// Every refusal of a server of ours has a code.
pub(super) fn refusal(body: &[u8]) -> ApiError {
    serde_json::from_slice::<ErrorBody>(body)
        .map_or(ApiError::NotUnderstood, |body| ApiError::Refused(body.error))
}

fn broken(error: hyper::Error) -> ApiError {
    if error.is_parse() {
        ApiError::NotUnderstood
    } else {
        ApiError::Unreachable(std::io::Error::other(error))
    }
}
