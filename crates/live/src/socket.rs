//! The WebSocket: one a tab, JSON text frames, at `/api/v1/socket`.
//!
//! A reader task ([`session`]) understands what the client says and does it; a writer task ([`outbox`]) sends what
//! waits. They share nothing but the outbox.

pub(crate) mod open;
pub(crate) mod outbox;
mod rate;
mod sealed;
mod session;
mod version;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{Extension, State, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use protocol::ErrorCode;
use protocol::limits::CLIENT_MESSAGE_BYTES_MAX;

use crate::drain::Draining;
use crate::http::error::Refusal;
use crate::http::limit::Class;
use crate::http::{App, Peer, token};
use crate::limits::{SOCKET_READ_BUFFER, SOCKET_WRITE_BUFFER};
use open::OpenSocket;
use outbox::Outbox;
use session::Session;

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
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else { return Refusal(ErrorCode::Malformed).into_response() };
    let opened = open(&app, peer, &headers).await;
    let (token, me, open) = match opened {
        Ok(opened) => opened,
        Err(code) => return Refusal(code).into_response(),
    };
    upgrade
        // A little more than a client may send, so that what is only somewhat too long gets an answer.
        .max_message_size(2 * CLIENT_MESSAGE_BYTES_MAX)
        .max_frame_size(2 * CLIENT_MESSAGE_BYTES_MAX)
        .read_buffer_size(SOCKET_READ_BUFFER)
        .write_buffer_size(SOCKET_WRITE_BUFFER)
        .on_upgrade(async move |socket| {
            let (sink, stream) = socket.split();
            let (outbox, mail) = Outbox::new();
            let writer = tokio::spawn(mail.deliver(sink));
            Session::new(app, ConnectionId::next(), token, me, outbox).run(stream).await;
            // The writer ends by itself once it is dismissed; it has last words to say.
            let _ = writer.await;
            drop(open);
        })
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
            let open = app.sockets.open(session.me.id)?;
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
