//! Pictures of people and clubs: mine, to be changed, and anybody's, to be looked at.

use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use keeper_api::{MemberRequest, PictureJpeg, Reply};
use protocol::ErrorCode;
use protocol::account::Me;
use protocol::id::PictureId;

use super::App;
use super::address::Path;
use super::body::too_large_or_malformed;
use super::error::Refusal;
use super::limit::Class;
use super::session::{Asker, Member};

/// A picture never changes under its address. A browser keeps it for a day: no longer, for it may have been taken away.
const KEPT_FOR_A_DAY: &str = "private, max-age=86400, immutable";

/// `PUT /api/v1/me/picture`: a JPEG or PNG. What the body is, its first bytes say, whatever its headers do.
///
/// The connection ends with the answer, whichever it is: what was read from it last stays in its buffer while it stands, and
/// the file may say where it was taken.
pub(crate) async fn put(app: State<App>, member: Member, asker: Asker, request: Request) -> Response {
    and_close(change(app, member, asker, request).await)
}

/// The answer to a file, with which its connection ends.
pub(super) fn and_close(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

async fn change(
    app: State<App>,
    member: Member,
    asker: Asker,
    request: Request,
) -> Result<Json<Me>, Refusal> {
    let jpeg = made_small(app, &member, asker, request).await?;
    me(member.ask(MemberRequest::SetPicture { jpeg }).await?)
}

/// The body, as it is kept.
pub(super) async fn made_small(
    State(app): State<App>,
    member: &Member,
    asker: Asker,
    request: Request,
) -> Result<PictureJpeg, Refusal> {
    asker.count(Class::Picture)?;
    // Nothing is read or decoded for strangers.
    member.stands().await?;
    let given = Bytes::from_request(request, &app).await.map_err(too_large_or_malformed)?;
    Ok(app.pictures.made_small(given).await?)
}

/// `DELETE /api/v1/me/picture`
pub(crate) async fn remove(member: Member) -> Result<Json<Me>, Refusal> {
    me(member.ask(MemberRequest::RemovePicture).await?)
}

fn me(reply: Reply) -> Result<Json<Me>, Refusal> {
    match reply {
        Reply::Me(me) => Ok(Json(me)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `GET /api/v1/pictures/ID`, for whoever is signed in.
pub(crate) async fn show(
    State(app): State<App>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let picture: PictureId = id.parse().map_err(|_| ErrorCode::NotThere)?;
    let jpeg = match app.pictures.get(Instant::now(), picture) {
        Some(jpeg) => {
            member.stands().await?;
            jpeg
        }
        None => looked_up(&app, &member, picture).await?,
    };
    let headers = [(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, KEPT_FOR_A_DAY)];
    Ok((headers, jpeg).into_response())
}

async fn looked_up(app: &App, member: &Member, picture: PictureId) -> Result<Bytes, Refusal> {
    let asked = app.pictures.ask();
    let Reply::Picture { whose, jpeg } = member.ask(MemberRequest::Picture { picture }).await? else {
        return Err(Refusal(ErrorCode::Internal));
    };
    let jpeg = Bytes::from(Vec::from(jpeg));
    app.pictures.keep(Instant::now(), asked, picture, whose, jpeg.clone());
    Ok(jpeg)
}
