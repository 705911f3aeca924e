//! My passkeys.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use keeper_api::{MemberRequest, Reply};
use protocol::ErrorCode;
use protocol::account::{Passkey, PasskeyAnswer, PasskeyChallenge};
use protocol::id::PasskeyId;

use super::address::Path;
use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::session::{Asker, Member};
use super::signin::{answer, need_passkeys};
use super::{App, device};

/// `GET /api/v1/passkeys`
pub(crate) async fn list(member: Member) -> Result<Json<Vec<Passkey>>, Refusal> {
    match member.ask(MemberRequest::ListPasskeys).await? {
        Reply::Passkeys(passkeys) => Ok(Json(passkeys)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/passkeys/start`
pub(crate) async fn start(
    State(app): State<App>,
    member: Member,
    asker: Asker,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<PasskeyChallenge>, Refusal> {
    asker.count(Class::Passkey)?;
    need_passkeys(&app, &headers, &uri)?;
    match member.ask(MemberRequest::StartPasskey).await? {
        Reply::PasskeyChallenge(challenge) => Ok(Json(challenge)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/passkeys/finish`
pub(crate) async fn finish(
    member: Member,
    asker: Asker,
    headers: HeaderMap,
    Body(body): Body<PasskeyAnswer>,
) -> Result<Json<Passkey>, Refusal> {
    asker.count(Class::Passkey)?;
    let (ceremony, credential) = answer(body)?;
    let device = device::label(&headers);
    match member.ask(MemberRequest::FinishPasskey { ceremony, credential, device }).await? {
        Reply::Passkey(passkey) => Ok(Json(passkey)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `DELETE /api/v1/passkeys/ID`
pub(crate) async fn remove(member: Member, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let passkey: PasskeyId = id.parse().map_err(|_| ErrorCode::NotThere)?;
    member.ask(MemberRequest::RemovePasskey { passkey }).await?;
    Ok(StatusCode::NO_CONTENT)
}
