//! Other members.

use axum::Json;
use axum::http::StatusCode;
use keeper_api::{Along, Among, MemberRequest, PingsRequest, Reply, Typed};
use protocol::ErrorCode;
use protocol::account::Profile;
use protocol::profile::{Introduction, ProfilePage};
use protocol::text::Handle;
use serde::Deserialize;

use super::address::{Path, Query};
use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::session::{Asker, Member};

/// What to look for.
#[derive(Deserialize)]
pub(crate) struct Find {
    #[serde(default)]
    find: String,
    /// Everybody unless it says otherwise.
    #[serde(default)]
    among: Circle,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Circle {
    #[default]
    Everybody,
    Followers,
}

/// `GET /api/v1/people?find=…`, and `&among=followers` for those who follow me
pub(crate) async fn find(
    member: Member,
    asker: Asker,
    Query(query): Query<Find>,
) -> Result<Json<Vec<Profile>>, Refusal> {
    asker.count(Class::Member)?;
    let text = Typed::new(query.find).map_err(|_| ErrorCode::TooLarge)?;
    let among = match query.among {
        Circle::Everybody => Among::Everybody,
        Circle::Followers => Among::Followers,
    };
    list(member, MemberRequest::FindPeople { text, among }).await
}

/// `GET /api/v1/people/HANDLE`
pub(crate) async fn profile(
    member: Member,
    Path(handle): Path<String>,
) -> Result<Json<ProfilePage>, Refusal> {
    page(member, MemberRequest::Profile { handle: parse(&handle)? }).await
}

/// `PUT /api/v1/me/introduction`
pub(crate) async fn introduce(
    member: Member,
    Body(body): Body<Introduction>,
) -> Result<Json<ProfilePage>, Refusal> {
    page(member, MemberRequest::Introduce(body)).await
}

/// Where a page of a list begins.
#[derive(Deserialize)]
pub(crate) struct Page {
    after: Option<String>,
}

/// `GET /api/v1/people/HANDLE/followers?after=…`
pub(crate) async fn followers(
    member: Member,
    asker: Asker,
    Path(handle): Path<String>,
    Query(from): Query<Page>,
) -> Result<Json<Vec<Profile>>, Refusal> {
    along(member, asker, Along::Followers, &handle, from).await
}

/// `GET /api/v1/people/HANDLE/following?after=…`
pub(crate) async fn following(
    member: Member,
    asker: Asker,
    Path(handle): Path<String>,
    Query(from): Query<Page>,
) -> Result<Json<Vec<Profile>>, Refusal> {
    along(member, asker, Along::Following, &handle, from).await
}

async fn along(
    member: Member,
    asker: Asker,
    along: Along,
    handle: &str,
    from: Page,
) -> Result<Json<Vec<Profile>>, Refusal> {
    asker.count(Class::Member)?;
    let after = from.after.as_deref().map(parse).transpose()?;
    list(member, MemberRequest::PeopleAlong { handle: parse(handle)?, along, after }).await
}

/// `GET /api/v1/suggestions`: whom I may like to follow.
pub(crate) async fn suggestions(member: Member, asker: Asker) -> Result<Json<Vec<Profile>>, Refusal> {
    asker.count(Class::Member)?;
    list(member, MemberRequest::SuggestPeople).await
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
    list(member, MemberRequest::ListBlocks).await
}

/// `PUT /api/v1/people/HANDLE/pings`: I hear them again.
pub(crate) async fn hear_pings(member: Member, Path(handle): Path<String>) -> Result<StatusCode, Refusal> {
    done(member, MemberRequest::Pings(PingsRequest::Hear { handle: parse(&handle)? })).await
}

/// `DELETE /api/v1/people/HANDLE/pings`: no more of them.
pub(crate) async fn mute_pings(member: Member, Path(handle): Path<String>) -> Result<StatusCode, Refusal> {
    done(member, MemberRequest::Pings(PingsRequest::Mute { handle: parse(&handle)? })).await
}

/// `GET /api/v1/muted-pings`: whose I do not want.
pub(crate) async fn muted_pings(member: Member) -> Result<Json<Vec<Profile>>, Refusal> {
    list(member, MemberRequest::Pings(PingsRequest::ListMuted)).await
}

async fn done(member: Member, request: MemberRequest) -> Result<StatusCode, Refusal> {
    member.ask(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list(member: Member, request: MemberRequest) -> Result<Json<Vec<Profile>>, Refusal> {
    match member.ask(request).await? {
        Reply::Profiles(profiles) => Ok(Json(profiles)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

async fn page(member: Member, request: MemberRequest) -> Result<Json<ProfilePage>, Refusal> {
    match member.ask(request).await? {
        Reply::ProfilePage(page) => Ok(Json(*page)),
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
