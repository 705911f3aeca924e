//! Bodies: JSON unless their route says otherwise, bounded, and refused with the code of what is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use protocol::ErrorCode;
use serde::de::DeserializeOwned;

use super::error::{Refusal, why_malformed};

/// The request's body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        // Only JSON: a form on another page can send nothing that is taken here.
        let is_json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|mime| mime.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(Refusal(ErrorCode::Malformed));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(too_large_or_malformed)?;
        serde_json::from_slice(&bytes).map(Self).map_err(|_| Refusal(why_malformed(&bytes)))
    }
}

/// Why the bytes themselves were not taken.
pub(crate) fn too_large_or_malformed(rejection: impl IntoResponse) -> Refusal {
    match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal(ErrorCode::TooLarge),
        _ => Refusal(ErrorCode::Malformed),
    }
}
