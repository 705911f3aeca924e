//! Invitations: mine, and the one somebody holds in their hand.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use keeper_api::{LinkSecret, MemberRequest, Reply, Request};
use protocol::ErrorCode;
use protocol::account::{AcceptInvite, Invite, InvitePreview, LinkKind, LinkToken, NewInvite, NewLink};
use protocol::id::{InviteId, RoomId};
use rooms::{Inviter, Who};

use super::address::Path;
use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::link::new_link;
use super::session::{Asker, Member, signed_in};
use super::{App, device};
use crate::room::Landing;

/// `POST /api/v1/invites/preview`
pub(crate) async fn preview(
    State(app): State<App>,
    asker: Asker,
    Body(body): Body<LinkToken>,
) -> Result<Json<InvitePreview>, Refusal> {
    asker.count(Class::Preview)?;
    let secret = LinkSecret::parse(&body.token).ok_or(ErrorCode::LinkSpent)?;
    match app.keeper.ask(Request::PreviewInvite { secret }).await? {
        Reply::InvitePreview(preview) => Ok(Json(preview)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/invites/accept`
pub(crate) async fn accept(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Body(body): Body<AcceptInvite>,
) -> Result<Response, Refusal> {
    asker.count(Class::Link)?;
    let secret = LinkSecret::parse(&body.token).ok_or(ErrorCode::LinkSpent)?;
    let AcceptInvite { name, handle, .. } = body;
    let device = device::label(&headers);
    let reply = app.keeper.ask(Request::AcceptInvite { secret, name, handle, device }).await?;
    signed_in(&app, &headers, reply).await
}

/// `GET /api/v1/invites`
pub(crate) async fn list(member: Member) -> Result<Json<Vec<Invite>>, Refusal> {
    match member.ask(MemberRequest::ListInvites).await? {
        Reply::Invites(invites) => Ok(Json(invites)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/invites`
pub(crate) async fn create(
    State(app): State<App>,
    member: Member,
    Body(body): Body<NewInvite>,
) -> Result<Json<NewLink>, Refusal> {
    let NewInvite { uses, note, room } = body;
    let landing = match room {
        Some(room) => Some(landing(&app, &member, room).await?),
        None => None,
    };
    let Reply::Link(link) = member.ask(MemberRequest::CreateInvite { uses, note }).await? else {
        return Err(Refusal(ErrorCode::Internal));
    };
    if let (Some(invite), Some(landing)) = (link.invite, landing) {
        app.rooms.remember_invite(invite, landing);
    }
    new_link(&app.site, LinkKind::Invite, link).map(Json)
}

/// The room that somebody is in. The keeper makes the invitation and hears nothing of this.
async fn landing(app: &App, member: &Member, room: RoomId) -> Result<Landing, Refusal> {
    let me = app.keeper.check(&member.token).await?.me;
    let by = Inviter { who: Who::Member(me.id), name: me.name };
    app.rooms.check_here(room, by.who).await?;
    Ok(Landing { room, by })
}

/// `DELETE /api/v1/invites/ID`
pub(crate) async fn revoke(member: Member, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let invite: InviteId = id.parse().map_err(|_| ErrorCode::NotThere)?;
    member.ask(MemberRequest::RevokeInvite { invite }).await?;
    Ok(StatusCode::NO_CONTENT)
}
