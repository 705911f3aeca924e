//! Ways in for those who have an account.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use keeper_api::{Ceremony, CredentialJson, RecoveryCode, Reply, Request, SignInSecret, Typed};
use protocol::ErrorCode;
use protocol::account::{LinkToken, PasskeyAnswer, PasskeyChallenge, PasskeySupport, RecoverySignIn};

use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::session::{Asker, signed_in};
use super::{App, device};

/// `POST /api/v1/signin/link`
pub(crate) async fn by_link(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Body(body): Body<LinkToken>,
) -> Result<Response, Refusal> {
    asker.count(Class::Link)?;
    let secret = SignInSecret::parse(&body.token).ok_or(ErrorCode::LinkSpent)?;
    let reply = app.keeper.ask(Request::SignInByLink { secret, device: device::label(&headers) }).await?;
    signed_in(&app, &headers, reply).await
}

/// `POST /api/v1/signin/recovery`
pub(crate) async fn by_recovery_code(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Body(body): Body<RecoverySignIn>,
) -> Result<Response, Refusal> {
    asker.count(Class::Recovery)?;
    let code = RecoveryCode::parse(&body.code).ok_or(ErrorCode::LinkSpent)?;
    let handle = Typed::new(body.handle).map_err(|_| ErrorCode::LinkSpent)?;
    let device = device::label(&headers);
    let reply = app.keeper.ask(Request::SignInByRecoveryCode { handle, code, device }).await?;
    signed_in(&app, &headers, reply).await
}

/// `POST /api/v1/signin/passkey/start`
pub(crate) async fn start_passkey(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<PasskeyChallenge>, Refusal> {
    asker.count(Class::Passkey)?;
    need_passkeys(&app, &headers, &uri)?;
    match app.keeper.ask(Request::StartPasskeySignIn).await? {
        Reply::PasskeyChallenge(challenge) => Ok(Json(challenge)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/signin/passkey/finish`
pub(crate) async fn finish_passkey(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Body(body): Body<PasskeyAnswer>,
) -> Result<Response, Refusal> {
    asker.count(Class::Passkey)?;
    let (ceremony, credential) = answer(body)?;
    let device = device::label(&headers);
    let reply = app.keeper.ask(Request::FinishPasskeySignIn { ceremony, credential, device }).await?;
    signed_in(&app, &headers, reply).await
}

/// Refuses where the browser would only show an error of its own.
pub(crate) fn need_passkeys(app: &App, headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
    let door = app.keeper.door();
    let domain = door.passkeys.as_ref().map(keeper_api::PasskeyDomain::as_str);
    match app.site.passkeys(domain, headers, uri) {
        PasskeySupport::Available => Ok(()),
        PasskeySupport::Unavailable => Err(Refusal(ErrorCode::PasskeysUnavailable)),
    }
}

/// The two halves of a finished ceremony.
pub(crate) fn answer(body: PasskeyAnswer) -> Result<(Ceremony, CredentialJson), Refusal> {
    let ceremony = Ceremony::parse(&body.ceremony).ok_or(ErrorCode::PasskeyRefused)?;
    let credential = CredentialJson::new(body.credential).map_err(|_| ErrorCode::TooLarge)?;
    Ok((ceremony, credential))
}
