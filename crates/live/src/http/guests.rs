//! Guests: links that were given in a room, and the one that somebody holds in their hand.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::ErrorCode;
use protocol::account::NewLink;
use protocol::guest::{GuestLink, GuestPass, GuestSeat, NewGuest};
use protocol::id::{GuestSecret, RoomId, SeatId};
use rooms::{Shown, Who};

use super::App;
use super::address::Path;
use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::link::guest_link;
use super::session::{Asker, Member};
use crate::clock::random;

/// `POST /api/v1/guests/look`
pub(crate) async fn look(
    State(app): State<App>,
    asker: Asker,
    Body(pass): Body<GuestPass>,
) -> Result<Json<GuestSeat>, Refusal> {
    asker.count(Class::Preview)?;
    let Shown { name, guest_of, title } = app.rooms.look_at_seat(pass).await?;
    let server = app.keeper.door().name.ok_or(ErrorCode::NoOwnerYet)?;
    Ok(Json(GuestSeat { name, guest_of, title, server }))
}

/// `POST /api/v1/rooms/ROOM/guests`
pub(crate) async fn give(
    State(app): State<App>,
    member: Member,
    Path(room): Path<String>,
    Body(NewGuest { name }): Body<NewGuest>,
) -> Result<Json<NewLink>, Refusal> {
    let (room, by) = (room_of(&room)?, who(&member).await?);
    let link = GuestSecret::from_random(random());
    let until = app.rooms.give_seat(room, by, link, name).await?;
    guest_link(&app.site, room, link, until).map(Json)
}

/// `GET /api/v1/rooms/ROOM/guests`
pub(crate) async fn list(
    State(app): State<App>,
    member: Member,
    Path(room): Path<String>,
) -> Result<Json<Vec<GuestLink>>, Refusal> {
    let (room, by) = (room_of(&room)?, who(&member).await?);
    Ok(Json(app.rooms.given_seats(room, by).await?))
}

/// `DELETE /api/v1/rooms/ROOM/guests/SEAT`
pub(crate) async fn take_back(
    State(app): State<App>,
    member: Member,
    Path((room, seat)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let by = who(&member).await?;
    let seat: SeatId = seat.parse().map_err(|_| ErrorCode::NotThere)?;
    app.rooms.take_seat_back(room_of(&room)?, by, seat).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn room_of(text: &str) -> Result<RoomId, Refusal> {
    text.parse().map_err(|_| Refusal(ErrorCode::NotThere))
}

async fn who(member: &Member) -> Result<Who, Refusal> {
    Ok(Who::Member(member.me().await?.id))
}
