//! What the address of a request says, refused with a code like everything else: axum's own extractors answer in English.
#![expect(clippy::disallowed_types, reason = "the one place that wraps them")]

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use protocol::ErrorCode;
use serde::de::DeserializeOwned;

use super::error::Refusal;

/// The parts of the path that name something. What is no text names nothing.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(named)| Self(named)).map_err(|_| Refusal(ErrorCode::NotThere))
    }
}

/// What stands behind the question mark.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(asked)| Self(asked)).map_err(|_| Refusal(ErrorCode::Malformed))
    }
}
