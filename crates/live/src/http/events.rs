//! Announced events: what is to come, and the calendars that know of it.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use keeper_api::{CalendarSecret, EventRequest, MemberRequest, Reply, Request};
use protocol::ErrorCode;
use protocol::account::Profile;
use protocol::event::{CalendarLink, Event, EventDraft, Going};
use protocol::id::EventId;

use super::App;
use super::address::Path;
use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::session::{Asker, Member};
use crate::{calendar, clock};

/// `GET /api/v1/events`: those to come.
pub(crate) async fn list(member: Member, asker: Asker) -> Result<Json<Vec<Event>>, Refusal> {
    asker.count(Class::Member)?;
    match ask(&member, EventRequest::List).await? {
        Reply::Events(events) => Ok(Json(events)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/events`
pub(crate) async fn announce(member: Member, Body(draft): Body<EventDraft>) -> Result<Json<Event>, Refusal> {
    one(&member, EventRequest::Announce(draft)).await.map(Json)
}

/// `GET /api/v1/events/ID`
pub(crate) async fn look(member: Member, Path(id): Path<String>) -> Result<Json<Event>, Refusal> {
    one(&member, EventRequest::Look { event: parse(&id)? }).await.map(Json)
}

/// `PUT /api/v1/events/ID`
pub(crate) async fn change(
    member: Member,
    Path(id): Path<String>,
    Body(draft): Body<EventDraft>,
) -> Result<Json<Event>, Refusal> {
    one(&member, EventRequest::Change { event: parse(&id)?, draft }).await.map(Json)
}

/// `DELETE /api/v1/events/ID`: it is called off.
pub(crate) async fn call_off(member: Member, Path(id): Path<String>) -> Result<Json<Event>, Refusal> {
    one(&member, EventRequest::CallOff { event: parse(&id)? }).await.map(Json)
}

/// `GET /api/v1/events/ID/going`: who would like to come, for its hosts.
pub(crate) async fn who_comes(
    member: Member,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Json<Vec<Profile>>, Refusal> {
    asker.count(Class::Member)?;
    match ask(&member, EventRequest::WhoComes { event: parse(&id)? }).await? {
        Reply::Profiles(profiles) => Ok(Json(profiles)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `PUT /api/v1/events/ID/going`: I would like to come.
pub(crate) async fn go(member: Member, Path(id): Path<String>) -> Result<Json<Event>, Refusal> {
    one(&member, EventRequest::Go { event: parse(&id)?, going: Going::Yes }).await.map(Json)
}

/// `DELETE /api/v1/events/ID/going`: or not, after all.
pub(crate) async fn stay_away(member: Member, Path(id): Path<String>) -> Result<Json<Event>, Refusal> {
    one(&member, EventRequest::Go { event: parse(&id)?, going: Going::No }).await.map(Json)
}

/// `DELETE /api/v1/events/ID/news`: I have seen what changed.
pub(crate) async fn see_news(member: Member, Path(id): Path<String>) -> Result<Json<Event>, Refusal> {
    one(&member, EventRequest::SeeNews { event: parse(&id)? }).await.map(Json)
}

/// `DELETE /api/v1/events/ID/part`: I do not want to be named with it.
pub(crate) async fn step_back(member: Member, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    done(&member, EventRequest::StepBack { event: parse(&id)? }).await
}

/// `GET /api/v1/events/ID/calendar.ics`, with the cookie of whoever looks at its page.
pub(crate) async fn calendar_of(
    State(app): State<App>,
    member: Member,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    asker.count(Class::Member)?;
    let event = one(&member, EventRequest::LookFar { event: parse(&id)? }).await?;
    let mut response = as_calendar(&app, &[event]);
    let attachment = HeaderValue::from_static("attachment; filename=\"event.ics\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, attachment);
    Ok(response)
}

/// `GET /api/v1/me/calendar`: whether my calendar has an address.
pub(crate) async fn has_calendar(member: Member, asker: Asker) -> Result<StatusCode, Refusal> {
    asker.count(Class::Member)?;
    done(&member, EventRequest::HasCalendar).await
}

/// `POST /api/v1/me/calendar`
pub(crate) async fn make_calendar(
    State(app): State<App>,
    member: Member,
) -> Result<Json<CalendarLink>, Refusal> {
    match ask(&member, EventRequest::MakeCalendar).await? {
        Reply::Calendar(secret) => {
            let url = format!("{}/api/v1/calendars/{}.ics", app.site.public_url(), secret.reveal());
            Ok(Json(CalendarLink { url }))
        }
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `DELETE /api/v1/me/calendar`
pub(crate) async fn drop_calendar(member: Member) -> Result<StatusCode, Refusal> {
    done(&member, EventRequest::DropCalendar).await
}

/// `GET /api/v1/calendars/SECRET.ics`: the one address that has a secret in its path (decision 0044). Calendar programs can bring
/// no other proof. It reads one member's events; whoever loses it makes another.
pub(crate) async fn feed(
    State(app): State<App>,
    asker: Asker,
    Path(file): Path<String>,
) -> Result<Response, Refusal> {
    asker.count(Class::Member)?;
    let secret = file.strip_suffix(".ics").and_then(CalendarSecret::parse).ok_or(ErrorCode::LinkSpent)?;
    match app.keeper.ask(Request::Calendar { secret }).await? {
        Reply::Events(events) => Ok(as_calendar(&app, &events)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

fn as_calendar(app: &App, events: &[Event]) -> Response {
    let name = app.keeper.door().name;
    let text = calendar::calendar(name.as_ref(), app.site.public_url(), events, clock::by_the_wall());
    let mut response = text.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    response
}

async fn ask(member: &Member, request: EventRequest) -> Result<Reply, Refusal> {
    member.ask(MemberRequest::Event(request)).await
}

async fn one(member: &Member, request: EventRequest) -> Result<Event, Refusal> {
    match ask(member, request).await? {
        Reply::Event(event) => Ok(*event),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

async fn done(member: &Member, request: EventRequest) -> Result<StatusCode, Refusal> {
    match ask(member, request).await? {
        Reply::Done => Ok(StatusCode::NO_CONTENT),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

fn parse(id: &str) -> Result<EventId, Refusal> {
    id.parse().map_err(|_| Refusal(ErrorCode::NotThere))
}
