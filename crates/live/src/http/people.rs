//! Other members.

use axum::Json;
use keeper_api::{MemberRequest, Reply, Typed};
use protocol::ErrorCode;
use protocol::account::Profile;
use protocol::text::Handle;
use serde::Deserialize;

use super::address::{Path, Query};
use super::error::Refusal;
use super::limit::Class;
use super::session::{Asker, Member};

/// What to look for.
#[derive(Deserialize)]
pub(crate) struct Find {
    #[serde(default)]
    find: String,
}

/// `GET /api/v1/people?find=…`
pub(crate) async fn find(
    member: Member,
    asker: Asker,
    Query(query): Query<Find>,
) -> Result<Json<Vec<Profile>>, Refusal> {
    asker.count(Class::Member)?;
    let text = Typed::new(query.find).map_err(|_| ErrorCode::TooLarge)?;
    match member.ask(MemberRequest::FindPeople { text }).await? {
        Reply::Profiles(profiles) => Ok(Json(profiles)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `GET /api/v1/people/HANDLE`
pub(crate) async fn profile(member: Member, Path(handle): Path<String>) -> Result<Json<Profile>, Refusal> {
    of(member, MemberRequest::Profile { handle: parse(&handle)? }).await
}

/// `PUT /api/v1/people/HANDLE/follow`
pub(crate) async fn follow(member: Member, Path(handle): Path<String>) -> Result<Json<Profile>, Refusal> {
    of(member, MemberRequest::Follow { handle: parse(&handle)? }).await
}

/// `DELETE /api/v1/people/HANDLE/follow`
pub(crate) async fn unfollow(member: Member, Path(handle): Path<String>) -> Result<Json<Profile>, Refusal> {
    of(member, MemberRequest::Unfollow { handle: parse(&handle)? }).await
}

/// `PUT /api/v1/people/HANDLE/block`
pub(crate) async fn block(member: Member, Path(handle): Path<String>) -> Result<Json<Profile>, Refusal> {
    of(member, MemberRequest::Block { handle: parse(&handle)? }).await
}

/// `DELETE /api/v1/people/HANDLE/block`
pub(crate) async fn unblock(member: Member, Path(handle): Path<String>) -> Result<Json<Profile>, Refusal> {
    of(member, MemberRequest::Unblock { handle: parse(&handle)? }).await
}

/// `GET /api/v1/blocks`: whom I block.
pub(crate) async fn blocks(member: Member) -> Result<Json<Vec<Profile>>, Refusal> {
    match member.ask(MemberRequest::ListBlocks).await? {
        Reply::Profiles(profiles) => Ok(Json(profiles)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

async fn of(member: Member, request: MemberRequest) -> Result<Json<Profile>, Refusal> {
    match member.ask(request).await? {
        Reply::Profile(profile) => Ok(Json(profile)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// A handle that cannot be one belongs to nobody.
pub(super) fn parse(text: &str) -> Result<Handle, Refusal> {
    Handle::parse(text).map_err(|_| Refusal(ErrorCode::NotThere))
}
