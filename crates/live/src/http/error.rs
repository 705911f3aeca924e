//! From what went wrong to what a client is told: one status a code, and nothing but the code.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use protocol::ErrorCode;
use protocol::error::ErrorBody;
use protocol::text::{DisplayName, EventDescription, Handle, RoomTitle, ServerName, Zone};
use serde_json::Value;

/// An answer that is not a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) ErrorCode);

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self(code)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (status(self.0), Json(ErrorBody { error: self.0 })).into_response()
    }
}

/// The status that carries a code.
pub(crate) const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Malformed => StatusCode::BAD_REQUEST,
        ErrorCode::SignedOut => StatusCode::UNAUTHORIZED,
        ErrorCode::WrongOrigin
        | ErrorCode::NotAllowed
        | ErrorCode::InvitesPaused
        | ErrorCode::Suspended
        | ErrorCode::PasskeyRefused
        | ErrorCode::PasskeyUnknown => StatusCode::FORBIDDEN,
        ErrorCode::NotThere => StatusCode::NOT_FOUND,
        ErrorCode::OutOfOrder
        | ErrorCode::NotNow
        | ErrorCode::Full
        | ErrorCode::HandleTaken
        | ErrorCode::EventsFull
        | ErrorCode::NameTaken
        | ErrorCode::NoInviteLeft
        | ErrorCode::PasskeysUnavailable
        | ErrorCode::NoOwnerYet
        | ErrorCode::OwnerStays => StatusCode::CONFLICT,
        ErrorCode::PersonGone | ErrorCode::LinkSpent => StatusCode::GONE,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::BadName
        | ErrorCode::BadHandle
        | ErrorCode::BadTitle
        | ErrorCode::BadDescription
        | ErrorCode::BadZone
        | ErrorCode::StartPast
        | ErrorCode::StartFar
        | ErrorCode::BadPicture
        | ErrorCode::BadOffer => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::Locked | ErrorCode::NotYet => StatusCode::LOCKED,
        ErrorCode::OldClient => StatusCode::UPGRADE_REQUIRED,
        ErrorCode::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::Busy | ErrorCode::Draining => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A route that exists, asked in a way it is not.
pub(crate) async fn wrong_method() -> Refusal {
    Refusal(ErrorCode::NotThere)
}

/// Why a JSON document was not taken: the first text in it that breaks its own rule, else `Malformed`.
pub(crate) fn why_malformed(bytes: &[u8]) -> ErrorCode {
    serde_json::from_slice(bytes).ok().and_then(|value| bad_text(&value, 0)).unwrap_or(ErrorCode::Malformed)
}

/// Levels of a document that are looked at; no message of ours has more.
const DEPTH_MAX: u8 = 4;

fn bad_text(value: &Value, depth: u8) -> Option<ErrorCode> {
    if depth > DEPTH_MAX {
        return None;
    }
    match value {
        Value::Object(fields) => fields.iter().find_map(|(field, value)| match (field.as_str(), value) {
            ("name" | "note", Value::String(text)) => {
                DisplayName::parse(text).is_err().then_some(ErrorCode::BadName)
            }
            ("server_name", Value::String(text)) => {
                ServerName::parse(text).is_err().then_some(ErrorCode::BadName)
            }
            ("handle", Value::String(text)) => Handle::parse(text).is_err().then_some(ErrorCode::BadHandle),
            ("title", Value::String(text)) => RoomTitle::parse(text).is_err().then_some(ErrorCode::BadTitle),
            ("description", Value::String(text)) => {
                EventDescription::parse(text).is_err().then_some(ErrorCode::BadDescription)
            }
            ("zone", Value::String(text)) => Zone::parse(text).is_err().then_some(ErrorCode::BadZone),
            ("ask" | "moderators" | "handles" | "co_hosts" | "speakers", Value::Array(handles)) => {
                handles.iter().find_map(bad_handle)
            }
            (_, inner) => bad_text(inner, depth + 1),
        }),
        _ => None,
    }
}

fn bad_handle(value: &Value) -> Option<ErrorCode> {
    value.as_str().filter(|text| Handle::parse(text).is_err()).map(|_| ErrorCode::BadHandle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_breaks_its_rule_is_named_and_anything_else_is_malformed() {
        for (body, code) in [
            (r#"{"token":"x","name":"","handle":"ann"}"#, ErrorCode::BadName),
            (r#"{"token":"x","name":"Ann","handle":"a"}"#, ErrorCode::BadHandle),
            (r#"{"server_name":"  ","name":"Ann","handle":"ann"}"#, ErrorCode::BadName),
            (r#"{"type":"start_room","room":{"title":""}}"#, ErrorCode::BadTitle),
            (r#"{"command":{"do":"ask_in","handles":["ann","."]}}"#, ErrorCode::BadHandle),
            (r#"{"token":7}"#, ErrorCode::Malformed),
            ("[[[[[[[[[[{}]]]]]]]]]]", ErrorCode::Malformed),
            ("{", ErrorCode::Malformed),
            ("", ErrorCode::Malformed),
        ] {
            assert_eq!(why_malformed(body.as_bytes()), code, "{body}");
        }
    }
}
