//! What I am told of while no page of mine is open, and where.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use keeper_api::{MemberRequest, NoticesRequest, PushEndpoint, PushKeys, Reply};
use protocol::ErrorCode;
use protocol::profile::ProfilePage;
use protocol::push::{PushDevice, PushKind, PushSettings, PushTrial, Switch, Wishes};

use super::App;
use super::address::Path;
use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::people::parse;
use super::session::{Asker, Member};
use crate::push::base64url;

/// `GET /api/v1/push`
pub(crate) async fn settings(State(app): State<App>, member: Member) -> Result<Json<PushSettings>, Refusal> {
    match member.ask(MemberRequest::Notices(NoticesRequest::Look)).await? {
        Reply::PushSettings { wishes, here, devices } => Ok(Json(PushSettings {
            wishes,
            here: here == Switch::On,
            devices,
            server_key: app.notifier.public_key(),
        })),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `PUT /api/v1/push`
pub(crate) async fn wish(member: Member, Body(body): Body<Wishes>) -> Result<StatusCode, Refusal> {
    member.ask(MemberRequest::Notices(NoticesRequest::Wish(body))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/push/kinds/KIND`: out of the notice itself.
pub(crate) async fn turn_off(member: Member, Path(kind): Path<PushKind>) -> Result<StatusCode, Refusal> {
    member.ask(MemberRequest::Notices(NoticesRequest::TurnOff { kind })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/v1/push/device`
pub(crate) async fn set_device(member: Member, Body(body): Body<PushDevice>) -> Result<StatusCode, Refusal> {
    let endpoint = PushEndpoint::new(body.endpoint).map_err(|_| ErrorCode::TooLarge)?;
    let read = |text: &str| base64url::decode(text).ok_or(Refusal(ErrorCode::Malformed));
    let keys = [read(&body.p256dh)?, read(&body.auth)?].concat();
    let keys = PushKeys::try_from(keys).map_err(|_| ErrorCode::Malformed)?;
    member.ask(MemberRequest::Notices(NoticesRequest::SetDevice { endpoint, keys })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/push/device`
pub(crate) async fn remove_device(member: Member) -> Result<StatusCode, Refusal> {
    member.ask(MemberRequest::Notices(NoticesRequest::RemoveDevice)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/push/trial`
pub(crate) async fn trial(
    State(app): State<App>,
    member: Member,
    asker: Asker,
) -> Result<Json<PushTrial>, Refusal> {
    asker.count(Class::Trial)?;
    let Reply::Devices(mut devices) = member.ask(MemberRequest::Notices(NoticesRequest::ThisDevice)).await?
    else {
        return Err(Refusal(ErrorCode::Internal));
    };
    Ok(Json(match devices.pop() {
        Some(device) => app.notifier.try_at(device).await,
        None => PushTrial::NotHere,
    }))
}

/// `PUT /api/v1/people/HANDLE/bell`
pub(crate) async fn ring(member: Member, Path(handle): Path<String>) -> Result<Json<ProfilePage>, Refusal> {
    page(member, MemberRequest::Bell { handle: parse(&handle)?, bell: Switch::On }).await
}

/// `DELETE /api/v1/people/HANDLE/bell`
pub(crate) async fn hush(member: Member, Path(handle): Path<String>) -> Result<Json<ProfilePage>, Refusal> {
    page(member, MemberRequest::Bell { handle: parse(&handle)?, bell: Switch::Off }).await
}

async fn page(member: Member, request: MemberRequest) -> Result<Json<ProfilePage>, Refusal> {
    match member.ask(request).await? {
        Reply::ProfilePage(page) => Ok(Json(*page)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}
