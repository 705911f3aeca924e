//! The wire contract from the client's side: HTTP to sign in, and one WebSocket for everything else.
//!
//! [`Server`] makes a fresh TCP connection for each request and each socket, from a chosen local address if there is
//! one ([`Server::from_address`]). A [`Token`] stands for a signed-in device; a [`Link`] is what people hand around.

mod error;
mod http;
mod line;
mod link;
mod socket;

use std::net::IpAddr;

use hyper::header::HeaderValue;
use protocol::account::{
    AcceptInvite, ClaimServer, LinkKind, LinkToken, Me, NewInvite, NewLink, ServerDoor, SignedIn,
};
use protocol::id::RoomId;
use protocol::media::Sdp;
use protocol::text::{DisplayName, Handle, ServerName};
use zeroize::Zeroizing;

pub use error::{ApiError, sentence};
pub use line::Trust;
pub use link::{Link, LinkError, Origin, RoomLink, Secret};
pub(crate) use socket::random;
pub use socket::{Entered, Socket, Welcome};

use line::Dialler;

/// A bearer token: whoever has it is this member.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// As the server gave it, once.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// To keep it somewhere safe, or to send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A server, as this client reaches it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Server {
    dialler: Dialler,
}

impl Server {
    /// Connects to nothing yet. `trust` matters for `https` only.
    ///
    /// # Errors
    /// `Untrusted`, when there are no certificates to trust.
    pub fn new(origin: Origin, trust: &Trust) -> Result<Self, ApiError> {
        Ok(Self { dialler: Dialler::new(origin, trust)? })
    }

    /// Connects from this address of this machine from now on.
    #[must_use]
    pub fn from_address(mut self, local: IpAddr) -> Self {
        self.dialler.local = Some(local);
        self
    }

    /// Says from now on that it is this program, and not what it is.
    ///
    /// # Errors
    /// `NotUnderstood`, where that cannot be said.
    pub fn called(mut self, agent: &str) -> Result<Self, ApiError> {
        self.dialler.agent = HeaderValue::from_str(agent).map_err(|_| ApiError::NotUnderstood)?;
        Ok(self)
    }

    pub fn origin(&self) -> &Origin {
        &self.dialler.origin
    }

    /// What anyone may know.
    pub async fn door(&self) -> Result<ServerDoor, ApiError> {
        http::get(&self.dialler, "/api/v1/server", None).await
    }

    /// Becomes the owner, by the link that the server printed.
    pub async fn claim(
        &self,
        secret: &Secret,
        server_name: ServerName,
        name: DisplayName,
        handle: Handle,
    ) -> Result<Token, ApiError> {
        let body = ClaimServer { token: secret.reveal().to_owned(), server_name, name, handle };
        self.signed_in("/api/v1/owner", &body).await
    }

    /// Becomes a member, by an invitation.
    pub async fn accept_invite(
        &self,
        secret: &Secret,
        name: DisplayName,
        handle: Handle,
    ) -> Result<Token, ApiError> {
        let body = AcceptInvite { token: secret.reveal().to_owned(), name, handle };
        self.signed_in("/api/v1/invites/accept", &body).await
    }

    /// Signs a member in, by a link of theirs or the administrator's, or by the short code of a device link.
    pub async fn sign_in(&self, secret: &Secret) -> Result<Token, ApiError> {
        self.signed_in("/api/v1/signin/link", &LinkToken { token: secret.reveal().to_owned() }).await
    }

    /// Ends the session.
    pub async fn sign_out(&self, token: &Token) -> Result<(), ApiError> {
        http::post_for_nothing(&self.dialler, "/api/v1/signout", token).await
    }

    /// Who this is.
    pub async fn me(&self, token: &Token) -> Result<Me, ApiError> {
        http::get(&self.dialler, "/api/v1/me", Some(token)).await
    }

    /// A link for so many newcomers.
    pub async fn invite(&self, token: &Token, uses: u32) -> Result<Link, ApiError> {
        let body = NewInvite { uses, note: None, room: None };
        let link: NewLink = http::post(&self.dialler, "/api/v1/invites", Some(token), &body).await?;
        Link::parse(&link.url).map_err(|_| ApiError::NotUnderstood)
    }

    /// A link that signs another device in as the same member.
    pub async fn device_link(&self, token: &Token) -> Result<Link, ApiError> {
        let link: NewLink = http::post(&self.dialler, "/api/v1/device-links", Some(token), &()).await?;
        Link::parse(&link.url).map_err(|_| ApiError::NotUnderstood)
    }

    /// Opens the WebSocket; [`Socket::hello`] comes next.
    pub async fn open(&self, token: &Token) -> Result<Socket, ApiError> {
        Socket::open(&self.dialler, token).await
    }

    /// Goes into a room to listen by one request, without a socket (WHEP). Whoever does is there for as long as their media
    /// connection.
    pub async fn listen(&self, token: &Token, room: RoomId, offer: &Sdp) -> Result<Sdp, ApiError> {
        http::post_offer(&self.dialler, &format!("/api/v1/rooms/{room}/whep"), token, offer).await
    }

    async fn signed_in(&self, path: &str, body: &impl serde::Serialize) -> Result<Token, ApiError> {
        let signed_in: SignedIn = http::post(&self.dialler, path, None, body).await?;
        signed_in.bearer.map(Token::new).ok_or(ApiError::NotUnderstood)
    }
}

/// What a person still has to say to use a link: an invitation and an owner's link want a name.
pub fn wants_name(kind: LinkKind) -> bool {
    matches!(kind, LinkKind::Owner | LinkKind::Invite)
}
