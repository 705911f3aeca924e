//! Who asks: the token of a signed-in person, and the address that limits are counted by.

use std::net::IpAddr;
use std::time::Instant;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use keeper_api::{MemberRequest, Reply, SessionToken};
use protocol::ErrorCode;
use protocol::account::{Me, SignedIn};
use rooms::{Asked, AskedAs, Who};

use super::error::Refusal;
use super::limit::Class;
use super::origin::bearer;
use super::{App, Peer, cookie};
use crate::clock;
use crate::company::Known;
use crate::hallway::Talks;
use crate::places::Holding;

/// Asks for a session's token instead of a cookie.
const TOKEN_MEDIA_TYPE: &str = "application/vnd.vivavoce.token+json";

/// A session token, from the cookie or the `Authorization` header. Whether it is good only the keeper knows: it is
/// checked with whatever is asked.
pub(crate) struct Member {
    pub(crate) token: SessionToken,
    app: App,
    holding: Holding,
}

impl Member {
    /// # Errors
    /// What the keeper says.
    pub(crate) async fn ask(&self, request: MemberRequest) -> Result<Reply, Refusal> {
        let reply = self.app.keeper.ask_for(&self.token, request).await?;
        self.holding.is_members();
        Ok(reply)
    }

    /// Whether the session stands, for what the keeper is not asked for.
    ///
    /// # Errors
    /// `SignedOut`, `Busy`.
    pub(crate) async fn stands(&self) -> Result<(), Refusal> {
        self.me().await.map(drop)
    }

    /// Who asks.
    ///
    /// # Errors
    /// `SignedOut`, `Busy`.
    pub(crate) async fn me(&self) -> Result<Me, Refusal> {
        let session = self.app.keeper.check(&self.token).await?;
        self.holding.is_members();
        Ok(session.me)
    }
}

impl FromRequestParts<App> for Member {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let token = token(app, &parts.headers).ok_or(Refusal(ErrorCode::SignedOut))?;
        if parts.method != Method::GET {
            count(app, parts, Class::Member)?;
        }
        let holding = parts.extensions.get().cloned().ok_or(Refusal(ErrorCode::Internal))?;
        Ok(Self { token, app: app.clone(), holding })
    }
}

/// The token a request brings. A bearer token wins: a program that sends one means it.
pub(crate) fn token(app: &App, headers: &HeaderMap) -> Option<SessionToken> {
    match bearer(headers) {
        Some(text) => SessionToken::parse(text),
        None => cookie::read(app.site.security(), headers),
    }
}

/// Whoever asks, counted against the limits of what they ask.
pub(crate) struct Asker {
    app: App,
    address: IpAddr,
}

impl Asker {
    /// # Errors
    /// `TooMany`.
    pub(crate) fn count(&self, class: Class) -> Result<(), Refusal> {
        Ok(self.app.limiter.count(Instant::now(), class, self.address)?)
    }
}

impl FromRequestParts<App> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        Ok(Self { app: app.clone(), address: address(app, parts)? })
    }
}

fn count(app: &App, parts: &Parts, class: Class) -> Result<(), Refusal> {
    Ok(app.limiter.count(Instant::now(), class, address(app, parts)?)?)
}

fn address(app: &App, parts: &Parts) -> Result<IpAddr, Refusal> {
    let Peer(peer) = parts.extensions.get().copied().ok_or(Refusal(ErrorCode::Internal))?;
    Ok(app.site.client(peer, &parts.headers))
}

/// Answers with a new session: in a cookie, or in the body where the client asks for that.
pub(crate) async fn signed_in(app: &App, asked: &HeaderMap, reply: Reply) -> Result<Response, Refusal> {
    let Reply::SignedIn(new) = reply else { return Err(Refusal(ErrorCode::Internal)) };
    let keeps_tokens = asked
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains(TOKEN_MEDIA_TYPE));
    let bearer = keeps_tokens.then(|| new.session.reveal());
    let handle = Some(new.me.handle.clone());
    let newcomer = Asked { who: Who::Member(new.me.id), handle, role: AskedAs::Participant };
    let room = match new.invite {
        Some(invite) => app.rooms.land(invite, newcomer).await,
        None => None,
    };
    // Whoever lands in a room of theirs is greeted there.
    if let (Some(inviter), None) = (new.greeter, room) {
        let Me { id: member, handle, name, picture, .. } = new.me.clone();
        let newcomer = Known { member, handle, name, picture };
        let _ = app.hallway.talks(Talks::Arrived { inviter, newcomer }).await;
    }
    let body = SignedIn { me: new.me, inviter: new.inviter, room, bearer };
    let mut response = Json(body).into_response();
    if !keeps_tokens {
        let headers = response.headers_mut();
        cookie::set(headers, app.site.security(), &new.session, new.expires_day, clock::by_the_wall().0);
    }
    Ok(response)
}
