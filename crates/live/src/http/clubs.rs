//! Clubs. Who may do what there, the keeper looks at; here nothing is decided.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use keeper_api::{ClubRequest, MemberRequest, Reply, Typed};
use protocol::ErrorCode;
use protocol::club::{ActInClub, Club, ClubCharter, ClubList, ClubPage, ClubPerson, Dissolve, JoinClub};
use protocol::id::ClubId;
use serde::Deserialize;

use super::App;
use super::address::{Path, Query};
use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::people::parse;
use super::pictures::{self, made_small};
use super::session::{Asker, Member};

/// What to look for; mine where nothing is said.
#[derive(Deserialize)]
pub(crate) struct Find {
    find: Option<String>,
}

/// `GET /api/v1/clubs`, and `GET /api/v1/clubs?find=…`
pub(crate) async fn list(
    member: Member,
    asker: Asker,
    Query(query): Query<Find>,
) -> Result<Json<Vec<Club>>, Refusal> {
    asker.count(Class::Member)?;
    let request = match query.find {
        None => ClubRequest::Mine,
        Some(text) => ClubRequest::Find { text: Typed::new(text).map_err(|_| ErrorCode::TooLarge)? },
    };
    match member.ask(MemberRequest::Club(request)).await? {
        Reply::Clubs(clubs) => Ok(Json(clubs)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/clubs`
pub(crate) async fn found(
    member: Member,
    Body(charter): Body<ClubCharter>,
) -> Result<Json<ClubPage>, Refusal> {
    page(&member, ClubRequest::Found { charter }).await
}

/// `GET /api/v1/clubs/CLUB`
pub(crate) async fn show(member: Member, Path(club): Path<String>) -> Result<Json<ClubPage>, Refusal> {
    page(&member, ClubRequest::Page { club: id(&club)? }).await
}

/// `PUT /api/v1/clubs/CLUB`
pub(crate) async fn change(
    member: Member,
    Path(club): Path<String>,
    Body(charter): Body<ClubCharter>,
) -> Result<Json<ClubPage>, Refusal> {
    page(&member, ClubRequest::Change { club: id(&club)?, charter }).await
}

/// `PUT /api/v1/clubs/CLUB/picture`: as with one's own.
pub(crate) async fn put_picture(
    app: State<App>,
    member: Member,
    asker: Asker,
    Path(club): Path<String>,
    request: Request,
) -> Response {
    pictures::and_close(changed_picture(app, member, asker, &club, request).await)
}

async fn changed_picture(
    app: State<App>,
    member: Member,
    asker: Asker,
    club: &str,
    request: Request,
) -> Result<Json<ClubPage>, Refusal> {
    let jpeg = made_small(app, &member, asker, request).await?;
    page(&member, ClubRequest::SetPicture { club: id(club)?, jpeg }).await
}

/// `DELETE /api/v1/clubs/CLUB/picture`
pub(crate) async fn remove_picture(
    member: Member,
    Path(club): Path<String>,
) -> Result<Json<ClubPage>, Refusal> {
    page(&member, ClubRequest::RemovePicture { club: id(&club)? }).await
}

/// `POST /api/v1/clubs/CLUB/join`
pub(crate) async fn join(
    member: Member,
    Path(club): Path<String>,
    Body(JoinClub { rules }): Body<JoinClub>,
) -> Result<Json<ClubPage>, Refusal> {
    page(&member, ClubRequest::Join { club: id(&club)?, rules }).await
}

/// `POST /api/v1/clubs/CLUB/leave`
pub(crate) async fn leave(member: Member, Path(club): Path<String>) -> Result<Json<ClubPage>, Refusal> {
    page(&member, ClubRequest::Leave { club: id(&club)? }).await
}

/// `PUT /api/v1/clubs/CLUB/follow`
pub(crate) async fn follow(member: Member, Path(club): Path<String>) -> Result<Json<ClubPage>, Refusal> {
    page(&member, ClubRequest::Follow { club: id(&club)? }).await
}

/// `POST /api/v1/clubs/CLUB/offer`: yes to taking it over.
pub(crate) async fn take_over(member: Member, Path(club): Path<String>) -> Result<Json<ClubPage>, Refusal> {
    page(&member, ClubRequest::TakeOver { club: id(&club)? }).await
}

/// `DELETE /api/v1/clubs/CLUB/offer`: no to it.
pub(crate) async fn refuse(member: Member, Path(club): Path<String>) -> Result<Json<ClubPage>, Refusal> {
    page(&member, ClubRequest::Refuse { club: id(&club)? }).await
}

/// Which list, and where a page of it begins.
#[derive(Deserialize)]
pub(crate) struct Page {
    which: ClubList,
    after: Option<String>,
}

/// `GET /api/v1/clubs/CLUB/people?which=…&after=…`
pub(crate) async fn people(
    member: Member,
    asker: Asker,
    Path(club): Path<String>,
    Query(Page { which, after }): Query<Page>,
) -> Result<Json<Vec<ClubPerson>>, Refusal> {
    asker.count(Class::Member)?;
    let after = after.as_deref().map(parse).transpose()?;
    let request = ClubRequest::People { club: id(&club)?, which, after };
    match member.ask(MemberRequest::Club(request)).await? {
        Reply::ClubPeople(people) => Ok(Json(people)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/clubs/CLUB/people/HANDLE`
pub(crate) async fn act(
    member: Member,
    Path((club, handle)): Path<(String, String)>,
    Body(ActInClub { act }): Body<ActInClub>,
) -> Result<Json<ClubPage>, Refusal> {
    page(&member, ClubRequest::Act { club: id(&club)?, handle: parse(&handle)?, act }).await
}

/// `POST /api/v1/clubs/CLUB/dissolve`
pub(crate) async fn dissolve(
    member: Member,
    Path(club): Path<String>,
    Body(Dissolve { name }): Body<Dissolve>,
) -> Result<StatusCode, Refusal> {
    member.ask(MemberRequest::Club(ClubRequest::Dissolve { club: id(&club)?, name })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An address that cannot be one is that of no club.
fn id(text: &str) -> Result<ClubId, Refusal> {
    text.parse().map_err(|_| Refusal(ErrorCode::NotThere))
}

async fn page(member: &Member, request: ClubRequest) -> Result<Json<ClubPage>, Refusal> {
    match member.ask(MemberRequest::Club(request)).await? {
        Reply::ClubPage(page) => Ok(Json(*page)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}
