//! What is kept about me, and the end of it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use keeper_api::limits::KEPT_PAGE;
use keeper_api::{KeptPeople, MemberRequest, Reply, Typed};
use protocol::ErrorCode;
use protocol::kept::{Erase, Kept};
use protocol::limits::FOLLOWING_MAX;
use protocol::text::Handle;

use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::session::{Asker, Member};
use super::{App, cookie};

/// `GET /api/v1/me/kept`
pub(crate) async fn kept(member: Member, asker: Asker) -> Result<Json<Kept>, Refusal> {
    asker.count(Class::Member)?;
    let Reply::Kept(mut kept) = member.ask(MemberRequest::Kept).await? else {
        return Err(Refusal(ErrorCode::Internal));
    };
    kept.follows = people(&member, KeptPeople::Followed).await?;
    kept.invited = people(&member, KeptPeople::Invited).await?;
    kept.bells = people(&member, KeptPeople::Belled).await?;
    kept.blocks = people(&member, KeptPeople::Blocked).await?;
    kept.pings_muted = people(&member, KeptPeople::PingsMuted).await?;
    Ok(Json(*kept))
}

/// Pages of one list: as many as whoever follows most has.
const PAGES_MAX: usize = FOLLOWING_MAX.div_ceil(KEPT_PAGE) + 1;

/// In pages, each where the last ended: who comes and goes meanwhile is in it or not, and nobody is twice.
async fn people(member: &Member, which: KeptPeople) -> Result<Vec<Handle>, Refusal> {
    let mut all: Vec<Handle> = Vec::new();
    for _ in 0..PAGES_MAX {
        let after = all.last().cloned();
        let Reply::Handles(page) = member.ask(MemberRequest::KeptPeople { which, after }).await? else {
            return Err(Refusal(ErrorCode::Internal));
        };
        let full = page.len() >= KEPT_PAGE;
        all.extend(page);
        if !full {
            break;
        }
    }
    Ok(all)
}

/// `POST /api/v1/me/erase`
pub(crate) async fn erase(
    State(app): State<App>,
    member: Member,
    Body(body): Body<Erase>,
) -> Result<Response, Refusal> {
    let handle = Typed::new(body.handle).map_err(|_| ErrorCode::NotAllowed)?;
    member.ask(MemberRequest::Erase { handle }).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookie::clear(response.headers_mut(), app.site.security());
    Ok(response)
}
