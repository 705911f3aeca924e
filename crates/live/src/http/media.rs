//! Voices by one request: WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep). For programs, by bearer token.
//!
//! `POST` with an offer → `201`, the answer, and in `Location` what `DELETE` ends. There is no `PATCH`: addresses of the
//! client are learned from its packets, and a broken connection is replaced by a fresh `POST`.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use media::sdp::Offer;
use protocol::ErrorCode;
use protocol::limits::OFFER_BYTES_MAX;

use super::App;
use super::address::Path;
use super::error::Refusal;
use super::session::Member;
use crate::program::{self, Address, Kind};

const SDP: &str = "application/sdp";

/// `POST /api/v1/rooms/ROOM/whip`
pub(crate) async fn speak(
    State(app): State<App>,
    member: Member,
    Path(room): Path<String>,
    offer: Offered,
) -> Result<Response, Refusal> {
    if !offer.0.speaks() {
        return Err(Refusal(ErrorCode::BadOffer));
    }
    start(&app, &member, Kind::Whip, &room, offer).await
}

/// `POST /api/v1/rooms/ROOM/whep`
pub(crate) async fn listen(
    State(app): State<App>,
    member: Member,
    Path(room): Path<String>,
    offer: Offered,
) -> Result<Response, Refusal> {
    if offer.0.slots() == 0 {
        return Err(Refusal(ErrorCode::BadOffer));
    }
    start(&app, &member, Kind::Whep, &room, offer).await
}

/// `DELETE /api/v1/rooms/ROOM/whip/PROGRAM`
pub(crate) async fn stop_speaking(
    State(app): State<App>,
    member: Member,
    Path((room, program)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    stop(&app, &member, Kind::Whip, &room, &program).await
}

/// `DELETE /api/v1/rooms/ROOM/whep/PROGRAM`
pub(crate) async fn stop_listening(
    State(app): State<App>,
    member: Member,
    Path((room, program)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    stop(&app, &member, Kind::Whep, &room, &program).await
}

/// Anything but `POST` (RFC 9725 section 4.2).
pub(crate) async fn only_post() -> Response {
    not_so("POST")
}

/// Anything but `DELETE`: nothing is ever renegotiated.
pub(crate) async fn only_delete() -> Response {
    not_so("DELETE")
}

fn not_so(allowed: &'static str) -> Response {
    let mut response = Refusal(ErrorCode::NotThere).into_response();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

async fn start(
    app: &App,
    member: &Member,
    kind: Kind,
    room: &str,
    Offered(offer): Offered,
) -> Result<Response, Refusal> {
    let room = room.parse().map_err(|_| ErrorCode::NotThere)?;
    let started = program::start(app, &member.token, kind, room, offer).await?;
    let headers = [(CONTENT_TYPE, SDP.to_owned()), (LOCATION, path(started.address))];
    Ok((StatusCode::CREATED, headers, started.answer.0).into_response())
}

async fn stop(
    app: &App,
    member: &Member,
    kind: Kind,
    room: &str,
    program: &str,
) -> Result<StatusCode, Refusal> {
    let room = room.parse().map_err(|_| ErrorCode::NotThere)?;
    let program = program.parse().map_err(|_| ErrorCode::NotThere)?;
    let me = app.keeper.check(&member.token).await?.me;
    app.programs.end(Address { room, kind, program }, me.id).await?;
    Ok(StatusCode::OK)
}

fn path(address: Address) -> String {
    let Address { room, kind, program } = address;
    let kind = match kind {
        Kind::Whip => "whip",
        Kind::Whep => "whep",
    };
    format!("/api/v1/rooms/{room}/{kind}/{program}")
}

/// The request's body: an offer.
pub(crate) struct Offered(Offer);

impl FromRequest<App> for Offered {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let mime = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
        if !mime.is_some_and(|mime| mime.eq_ignore_ascii_case(SDP)) {
            return Err(Refusal(ErrorCode::Malformed));
        }
        let bytes = Bytes::from_request(request, app).await.map_err(|_| ErrorCode::TooLarge)?;
        if bytes.len() > OFFER_BYTES_MAX {
            return Err(Refusal(ErrorCode::TooLarge));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| ErrorCode::BadOffer)?;
        Ok(Self(Offer::parse(text).map_err(|_| ErrorCode::BadOffer)?))
    }
}
