//! The HTTP side: every route on this page.
//!
//! Handlers are thin: parse, count against the limits, ask the keeper, answer. Bodies are the types of
//! [`protocol::account`]; every answer that is not a success carries one code ([`error`]).

mod account;
mod address;
mod assets;
mod body;
mod clubs;
pub(crate) mod cookie;
pub(crate) mod device;
mod door;
pub(crate) mod error;
mod events;
mod guests;
mod headers;
mod health;
mod invites;
mod kept;
pub(crate) mod limit;
mod link;
mod media;
mod order;
pub(crate) mod origin;
mod passkeys;
mod people;
mod pictures;
mod push;
mod reports;
mod session;
pub(crate) use session::token;
mod signin;
pub(crate) mod site;

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, delete, get, post, put};
use protocol::id::Incarnation;
use protocol::limits::BODY_BYTES_MAX;
use protocol::sandbox::SandboxState;
use tokio::sync::watch;

use crate::drain::Draining;
use crate::hallway::Hallway;
use crate::keeper::Keeper;
use crate::metrics::PutOut;
use crate::pictures::Pictures;
use crate::program::Programs;
use crate::push::Notifier;
use crate::room::Rooms;
use crate::socket::open::OpenSockets;
use limit::Limiter;
use site::Site;

/// What handlers and sockets share: handles to those who own things, and facts that never change.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) site: Site,
    pub(crate) keeper: Keeper,
    pub(crate) hallway: Hallway,
    pub(crate) rooms: Rooms,
    pub(crate) notifier: Notifier,
    pub(crate) limiter: Limiter,
    pub(crate) pictures: Arc<Pictures>,
    pub(crate) sockets: OpenSockets,
    pub(crate) programs: Programs,
    pub(crate) put_out: PutOut,
    pub(crate) incarnation: Incarnation,
    pub(crate) sandbox: SandboxState,
    pub(crate) draining: watch::Receiver<Draining>,
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// As long as the process: what is to be forgotten after a while is, whether somebody asks or not.
    pub(crate) async fn keep_time(self) {
        tokio::join!(self.limiter.keep_time(), self.pictures.keep_time(), self.notifier.keep_time());
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The other end of the connection a request came on; put into every request by [`crate::serve`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// What somebody is told of while no page is open, and where.
fn notices() -> Router<App> {
    Router::new()
        .route("/people/{handle}/bell", put(push::ring).delete(push::hush))
        .route("/push", get(push::settings).put(push::wish))
        .route("/push/device", put(push::set_device).delete(push::remove_device))
        .route("/push/kinds/{kind}", delete(push::turn_off))
        .route("/push/trial", post(push::trial))
}

/// Clubs.
fn clubs() -> Router<App> {
    let heavy = DefaultBodyLimit::max(picture::limits::GIVEN_BYTES_MAX);
    Router::new()
        .route("/clubs", get(clubs::list).post(clubs::found))
        .route("/clubs/{club}", get(clubs::show).put(clubs::change))
        .route("/clubs/{club}/picture", put(clubs::put_picture).delete(clubs::remove_picture).layer(heavy))
        .route("/clubs/{club}/join", post(clubs::join))
        .route("/clubs/{club}/leave", post(clubs::leave))
        .route("/clubs/{club}/follow", put(clubs::follow))
        .route("/clubs/{club}/offer", post(clubs::take_over).delete(clubs::refuse))
        .route("/clubs/{club}/people", get(clubs::people))
        .route("/clubs/{club}/people/{handle}", post(clubs::act))
        .route("/clubs/{club}/dissolve", post(clubs::dissolve))
}

/// Guests, and the links by which they come.
fn guests() -> Router<App> {
    Router::new()
        .route("/guests/look", post(guests::look))
        .route("/guests/socket", any(crate::socket::upgrade_guest))
        .route("/rooms/{room}/guests", get(guests::list).post(guests::give))
        .route("/rooms/{room}/guests/{id}", delete(guests::take_back))
}

/// Announced events, and the addresses of calendars.
fn events() -> Router<App> {
    Router::new()
        .route("/events", get(events::list).post(events::announce))
        .route("/events/{id}", get(events::look).put(events::change).delete(events::call_off))
        .route("/events/{id}/going", get(events::who_comes).put(events::go).delete(events::stay_away))
        .route("/events/{id}/news", delete(events::see_news))
        .route("/events/{id}/part", delete(events::step_back))
        .route("/events/{id}/calendar.ics", get(events::calendar_of))
        .route("/calendars/{file}", get(events::feed))
        .route(
            "/me/calendar",
            get(events::has_calendar).post(events::make_calendar).delete(events::drop_calendar),
        )
}

/// Order, for whoever runs the server.
fn order() -> Router<App> {
    Router::new()
        .route("/order", get(order::look))
        .route("/order/reports/{number}", post(order::decide))
        .route("/order/suspended/{handle}", put(order::suspend).delete(order::unsuspend))
        .route("/order/paused/{handle}", put(order::pause).delete(order::resume))
        .route("/order/protected/{handle}", put(order::protect).delete(order::unprotect))
}

/// All routes.
pub(crate) fn router(app: App) -> Router {
    let heavy = DefaultBodyLimit::max(picture::limits::GIVEN_BYTES_MAX);
    let api = Router::new()
        .route("/server", get(door::server))
        .route("/owner", post(door::claim))
        .route("/invites/preview", post(invites::preview))
        .route("/invites/accept", post(invites::accept))
        .route("/signin/link", post(signin::by_link))
        .route("/signin/recovery", post(signin::by_recovery_code))
        .route("/signin/passkey/start", post(signin::start_passkey))
        .route("/signin/passkey/finish", post(signin::finish_passkey))
        .route("/signout", post(account::sign_out))
        .route("/me", get(account::me))
        .route("/me/name", post(account::rename))
        .route("/me/introduction", put(people::introduce))
        .route("/me/picture", put(pictures::put).delete(pictures::remove).layer(heavy))
        .route("/me/kept", get(kept::kept))
        .route("/me/erase", post(kept::erase))
        .route("/sessions", get(account::sessions).delete(account::revoke_others))
        .route("/sessions/{id}", delete(account::revoke))
        .route("/passkeys", get(passkeys::list))
        .route("/passkeys/start", post(passkeys::start))
        .route("/passkeys/finish", post(passkeys::finish))
        .route("/passkeys/{id}", delete(passkeys::remove))
        .route("/recovery", post(account::recovery_codes))
        .route("/device-links", post(account::device_link))
        .route("/invites", get(invites::list).post(invites::create))
        .route("/invites/{id}", delete(invites::revoke))
        .route("/people", get(people::find))
        .route("/people/{handle}", get(people::profile))
        .route("/people/{handle}/followers", get(people::followers))
        .route("/people/{handle}/following", get(people::following))
        .route("/people/{handle}/follow", put(people::follow).delete(people::unfollow))
        .route("/people/{handle}/block", put(people::block).delete(people::unblock))
        .route("/people/{handle}/pings", put(people::hear_pings).delete(people::mute_pings))
        .route("/pictures/{id}", get(pictures::show))
        .route("/suggestions", get(people::suggestions))
        .route("/blocks", get(people::blocks))
        .route("/muted-pings", get(people::muted_pings))
        .route("/reports", get(reports::list))
        .route("/reports/{number}", delete(reports::put_away))
        .route("/rooms/{room}/whip", post(media::speak).fallback(media::only_post))
        .route("/rooms/{room}/whip/{program}", delete(media::stop_speaking).fallback(media::only_delete))
        .route("/rooms/{room}/whep", post(media::listen).fallback(media::only_post))
        .route("/rooms/{room}/whep/{program}", delete(media::stop_listening).fallback(media::only_delete))
        .merge(clubs())
        .merge(events())
        .merge(guests())
        .merge(order())
        .route("/socket", any(crate::socket::upgrade))
        .merge(notices())
        .method_not_allowed_fallback(error::wrong_method);
    Router::new()
        .nest("/api/v1", api)
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(assets::serve)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(app.clone(), origin::check))
        .layer(from_fn_with_state(app.clone(), headers::add))
        .with_state(app)
}
