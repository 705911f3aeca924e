//! For those who watch over the server.

use axum::extract::State;
use axum::http::StatusCode;

use super::App;
use crate::drain::Draining;

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// It takes people: the keeper answers, and nobody told it to stop.
pub(crate) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if *app.draining.borrow() != Draining::No {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match app.keeper.ask(keeper_api::Request::Door).await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "keeper\n"),
    }
}
