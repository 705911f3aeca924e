//! My account: who I am, my devices, my ways back in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use keeper_api::{MemberRequest, Reply};
use protocol::ErrorCode;
use protocol::account::{LinkKind, Me, NewLink, RecoveryCodes, Rename, Session};
use protocol::id::SessionId;

use super::address::Path;
use super::body::Body;
use super::error::Refusal;
use super::link::new_link;
use super::session::Member;
use super::{App, cookie};

/// `GET /api/v1/me`
pub(crate) async fn me(State(app): State<App>, member: Member) -> Result<Json<Me>, Refusal> {
    Ok(Json(app.keeper.check(&member.token).await?.me))
}

/// `POST /api/v1/me/name`
pub(crate) async fn rename(member: Member, Body(body): Body<Rename>) -> Result<Json<Me>, Refusal> {
    match member.ask(MemberRequest::Rename { name: body.name }).await? {
        Reply::Me(me) => Ok(Json(me)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/signout`: ends the session that asks, whatever the keeper says about it.
pub(crate) async fn sign_out(State(app): State<App>, member: Member) -> Response {
    let answer = member.ask(MemberRequest::SignOut).await;
    let mut response = match answer {
        Ok(_) | Err(Refusal(ErrorCode::SignedOut)) => StatusCode::NO_CONTENT.into_response(),
        // The session may still stand: without its cookie it could not be ended any more.
        Err(refusal) => return refusal.into_response(),
    };
    cookie::clear(response.headers_mut(), app.site.security());
    response
}

/// `GET /api/v1/sessions`
pub(crate) async fn sessions(member: Member) -> Result<Json<Vec<Session>>, Refusal> {
    match member.ask(MemberRequest::ListSessions).await? {
        Reply::SessionList(sessions) => Ok(Json(sessions)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `DELETE /api/v1/sessions/ID`
pub(crate) async fn revoke(
    State(app): State<App>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let session: SessionId = id.parse().map_err(|_| ErrorCode::NotThere)?;
    let mine = app.keeper.check(&member.token).await?.me.session;
    member.ask(MemberRequest::RevokeSession { session }).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if session == mine {
        cookie::clear(response.headers_mut(), app.site.security());
    }
    Ok(response)
}

/// `DELETE /api/v1/sessions`: all but the one that asks.
pub(crate) async fn revoke_others(member: Member) -> Result<StatusCode, Refusal> {
    member.ask(MemberRequest::RevokeOtherSessions).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/recovery`
pub(crate) async fn recovery_codes(member: Member) -> Result<Json<RecoveryCodes>, Refusal> {
    match member.ask(MemberRequest::MakeRecoveryCodes).await? {
        Reply::RecoveryCodes(codes) => Ok(Json(codes)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/device-links`
pub(crate) async fn device_link(State(app): State<App>, member: Member) -> Result<Json<NewLink>, Refusal> {
    match member.ask(MemberRequest::CreateDeviceLink).await? {
        Reply::Link(link) => new_link(&app.site, LinkKind::SignIn, link).map(Json),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}
