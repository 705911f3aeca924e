//! Before anybody is signed in.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use keeper_api::{LinkSecret, Request};
use protocol::ErrorCode;
use protocol::account::{ClaimServer, ServerDoor};

use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::session::{Asker, signed_in};
use super::{App, device};

/// `GET /api/v1/server`
pub(crate) async fn server(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Json<ServerDoor> {
    let door = app.keeper.door();
    let domain = door.passkeys.as_ref().map(keeper_api::PasskeyDomain::as_str);
    Json(ServerDoor {
        passkeys: app.site.passkeys(domain, &headers, &uri),
        name: door.name,
        state: door.state,
        public_url: Some(app.site.public_url().to_owned()),
        sandbox: app.sandbox,
    })
}

/// `POST /api/v1/owner`
pub(crate) async fn claim(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Body(body): Body<ClaimServer>,
) -> Result<Response, Refusal> {
    asker.count(Class::Link)?;
    let secret = LinkSecret::parse(&body.token).ok_or(ErrorCode::LinkSpent)?;
    let ClaimServer { server_name, name, handle, .. } = body;
    let device = device::label(&headers);
    let reply = app.keeper.ask(Request::ClaimServer { secret, server_name, name, handle, device }).await?;
    signed_in(&app, &headers, reply).await
}
