//! The WebSocket: one a tab, JSON text frames, at `/api/v1/socket`.
//!
//! A reader task ([`session`]) does what the client says, as [`crate::talk`] understands it; a writer task ([`outbox`]) sends what
//! waits. They share nothing but the outbox and the connection, of which [`wire`] keeps nothing between two messages.

mod guest;
pub(crate) mod open;
pub(crate) mod outbox;
pub(crate) mod rate;
pub(crate) mod sealed;
mod session;
pub(crate) mod version;
mod wire;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use hyper_util::rt::TokioIo;
use protocol::ErrorCode;
use rooms::Who;
use tungstenite::handshake::server::create_response;

use crate::drain::Draining;
use crate::fresh;
use crate::http::error::Refusal;
use crate::http::limit::Class;
use crate::http::{App, Peer, token};
use crate::places::Holding;
use open::OpenSocket;
use outbox::Outbox;
use session::Session;
use wire::{Reading, Writing};

pub(crate) use guest::upgrade as upgrade_guest;

/// One socket of this process, from its upgrade to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConnectionId(pub u64);

impl ConnectionId {
    pub(crate) fn next() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        Self(COUNT.fetch_add(1, Ordering::Relaxed))
    }
}

/// `GET /api/v1/socket`, for those who are signed in. The origin was checked before.
pub(crate) async fn upgrade(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    Extension(holding): Extension<Holding>,
    mut request: Request,
) -> Response {
    let upgraded = hyper::upgrade::on(&mut request);
    let request = request.map(drop);
    let Ok(switching) = create_response(&request) else {
        return Refusal(ErrorCode::Malformed).into_response();
    };
    let opened = open(&app, peer, request.headers()).await;
    let (token, me, open) = match opened {
        Ok(opened) => opened,
        Err(code) => return Refusal(code).into_response(),
    };
    holding.is_members();
    fresh::spawn(move || async move {
        // A client that went away before it was answered.
        let Ok(connection) = upgraded.await else { return };
        let (reads, writes) = tokio::io::split(TokioIo::new(connection));
        let (outbox, mail) = Outbox::new();
        let writer = fresh::spawn(move || mail.deliver(Writing::new(writes)));
        let session = Session::new(app, ConnectionId::next(), token, me, outbox);
        Box::new(session).run(Reading::new(reads)).await;
        // The writer ends by itself once it is dismissed; it has last words to say.
        let _ = writer.await;
        drop((open, holding));
    });
    switching.map(|()| Body::empty())
}

async fn open(
    app: &App,
    peer: std::net::SocketAddr,
    headers: &HeaderMap,
) -> Result<(keeper_api::SessionToken, keeper_api::LiveSession, OpenSocket), ErrorCode> {
    if *app.draining.borrow() == Draining::Closing {
        return Err(ErrorCode::Draining);
    }
    // Only what fails is counted by address: a house full of people comes back at once after a restart.
    let address = app.site.client(peer, headers);
    app.limiter.check(Instant::now(), Class::Socket, address)?;
    let checked = match token(app, headers) {
        Some(token) => app.keeper.check(&token).await.map(|session| (token, session)),
        None => Err(ErrorCode::SignedOut),
    };
    match checked {
        Ok((token, session)) => {
            let open = app.sockets.open(Who::Member(session.me.id))?;
            Ok((token, session, open))
        }
        Err(code) => {
            if code == ErrorCode::SignedOut {
                app.limiter.count(Instant::now(), Class::Socket, address)?;
            }
            Err(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::DuplexStream;

    use super::outbox::Mail;
    use super::*;

    fn size_of_future<A, B, F: Future>(_: impl FnOnce(A, B) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn whoever_only_listens_takes_two_kilobytes_of_tasks() {
        let reader = size_of::<Session>() + size_of_future(Session::run::<DuplexStream>);
        let writer = size_of_future(Mail::deliver::<DuplexStream>);
        assert!(reader + writer <= 2 << 10, "{reader} and {writer} bytes");
    }
}
