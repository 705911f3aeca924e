//! Accounts: the bodies of the HTTP API under `/api/v1`. Each request that changes something is a POST or DELETE with a
//! JSON body and an `Origin` of this server; each answer that is not 2xx carries [`crate::error::ErrorBody`].
//!
//! The paths stand beside the types; `live::http` has them on one page.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{InviteId, MemberId, PasskeyId, PictureId, RoomId, SessionId};
use crate::profile::Languages;
use crate::sandbox::SandboxState;
use crate::text::{DisplayName, Handle, ServerName};

/// Who is signed in. `GET /api/v1/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Me {
    /// My account.
    pub id: MemberId,
    /// What I am called.
    pub name: DisplayName,
    /// My handle.
    pub handle: Handle,
    /// Whether I run this server.
    pub role: Role,
    /// The device I use now.
    pub session: SessionId,
    /// Ways back in: passkeys that work at this address.
    pub passkeys: u32,
    /// Recovery codes not used yet.
    pub recovery_codes: u32,
    /// Invitations I may give away now.
    pub invites_left: u32,
    /// For the owner: members with passkeys that were all made for another address of this server. Zero for others.
    pub cut_off: u32,
    /// Reports of mine that were decided, and that I have not put away.
    #[serde(default)]
    pub reports_decided: u32,
    /// For the owner: reports that nobody has decided. Zero for others.
    #[serde(default)]
    pub reports_open: u32,
    /// I came within the last week ([`crate::limits::NEWCOMER_DAYS`]): others see it on me.
    #[serde(default)]
    pub newcomer: bool,
    /// My picture. `PUT /api/v1/me/picture`: a JPEG or PNG as the body, of which the middle is kept; `DELETE` takes it
    /// away. Both answer [`Me`].
    #[serde(default)]
    pub picture: Option<PictureId>,
    /// What I speak, the dearest first.
    #[serde(default)]
    pub speaks: Languages,
    /// What I understand beside that: rooms where either is spoken come before others.
    #[serde(default)]
    pub understands: Languages,
}

/// Whether somebody runs this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs it.
    Owner,
    /// Lives on it.
    Member,
}

/// What anyone may know before signing in. `GET /api/v1/server`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ServerDoor {
    /// What it is called; none until it has an owner.
    pub name: Option<ServerName>,
    /// Whether it has an owner.
    pub state: DoorState,
    /// Whether passkeys can work on the address it is reached at.
    pub passkeys: PasskeySupport,
    /// The address people should use, when it is known.
    pub public_url: Option<String>,
    /// How far its network process is locked in.
    pub sandbox: SandboxState,
}

/// Whether a server has an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum DoorState {
    /// It waits for its owner's one-time link.
    WaitingForOwner,
    /// Members can sign in.
    Open,
}

/// Whether passkeys can work here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PasskeySupport {
    /// They can.
    Available,
    /// The address is a plain IP address or not secure; recovery codes are offered instead.
    Unavailable,
}

/// The device a session lives on: a label from a fixed list, read from the user agent and then forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum DeviceLabel {
    /// An iPhone or iPad.
    AppleMobile,
    /// An Android phone or tablet.
    Android,
    /// A Mac.
    Mac,
    /// A Windows computer.
    Windows,
    /// A Linux computer.
    Linux,
    /// A program.
    Terminal,
    /// Something else.
    Other,
}

/// `POST /api/v1/owner`: the first member, by the one-time link that the server printed. Answers [`SignedIn`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ClaimServer {
    /// From the link's fragment.
    pub token: String,
    /// What the server is called.
    pub server_name: ServerName,
    /// What I am called.
    pub name: DisplayName,
    /// My handle.
    pub handle: Handle,
}

/// `POST /api/v1/invites/preview`. Answers [`InvitePreview`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct LinkToken {
    /// From the link's fragment.
    pub token: String,
}

/// What an invitation says before it is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct InvitePreview {
    /// Who invites.
    pub inviter: DisplayName,
    /// To which server.
    pub server: ServerName,
}

/// `POST /api/v1/invites/accept`. Answers [`SignedIn`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct AcceptInvite {
    /// From the link's fragment.
    pub token: String,
    /// What I am called.
    pub name: DisplayName,
    /// My handle.
    pub handle: Handle,
}

/// Signed in: the cookie is set (or, with `Accept: application/vnd.vivavoce.token+json`, the token is here).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct SignedIn {
    /// Me.
    pub me: Me,
    /// Who invited me, to open the first room with.
    pub inviter: Option<Handle>,
    /// The room in which I was given the invitation, if it is there for me.
    #[serde(default)]
    pub room: Option<RoomId>,
    /// For clients without cookies: sent as `Authorization: Bearer`.
    pub bearer: Option<String>,
}

/// `POST /api/v1/signin/recovery`. Answers [`SignedIn`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct RecoverySignIn {
    /// Whose.
    pub handle: String,
    /// One of the codes; spaces and dashes do not matter.
    pub code: String,
}

/// `POST /api/v1/signin/passkey/start` and `/api/v1/passkeys/start` answer this; the browser's own JSON form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct PasskeyChallenge {
    /// Names the ceremony when it is finished.
    pub ceremony: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`, as JSON text.
    pub options: String,
}

/// `POST /api/v1/signin/passkey/finish` (answers [`SignedIn`]) and `/api/v1/passkeys/finish` (answers [`Passkey`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct PasskeyAnswer {
    /// Which ceremony.
    pub ceremony: String,
    /// `PublicKeyCredential.toJSON()`, as JSON text.
    pub credential: String,
}

/// A stored passkey. `GET /api/v1/passkeys`, `DELETE /api/v1/passkeys/ID`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Passkey {
    /// Which.
    pub id: PasskeyId,
    /// Where it was made.
    pub device: DeviceLabel,
    /// The day it was made, as days since the Unix epoch.
    pub day: u32,
    /// Whether it opens anything here.
    pub works: PasskeyWorks,
}

/// Where a passkey works: browsers bind it to the host it was made at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyWorks {
    /// At this server's address.
    Here,
    /// At an address that this server had before.
    Elsewhere,
}

/// `POST /api/v1/recovery`: fresh codes, shown once; older ones are void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct RecoveryCodes {
    /// Eight codes.
    pub codes: Vec<String>,
}

/// A signed-in device. `GET /api/v1/sessions`, `DELETE /api/v1/sessions/ID`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// A label from a fixed list.
    pub device: DeviceLabel,
    /// The day it was made, as days since the Unix epoch.
    pub day: u32,
    /// The day it ends by itself.
    pub expires_day: u32,
    /// The one that asks.
    pub current: bool,
}

/// `POST /api/v1/invites`. Answers [`NewLink`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct NewInvite {
    /// How many people may use it.
    pub uses: u32,
    /// A note for myself, who it is for; never shown to the invited.
    pub note: Option<DisplayName>,
    /// The room that I am in: whoever comes by the invitation lands there, as long as it lasts. Never stored.
    #[serde(default)]
    pub room: Option<RoomId>,
}

/// A link, shown once. `POST /api/v1/device-links` answers it too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct NewLink {
    /// Which invitation, if it is one.
    pub invite: Option<InviteId>,
    /// The whole address; the secret stands in its fragment.
    pub url: String,
    /// The address as a QR code, an SVG document.
    pub qr_svg: String,
    /// A short code to type instead, for a device link.
    pub code: Option<String>,
    /// When it lapses.
    pub expires: Timestamp,
}

/// One of my invitations. `GET /api/v1/invites`, `DELETE /api/v1/invites/ID`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Invite {
    /// Which.
    pub id: InviteId,
    /// My note.
    pub note: Option<DisplayName>,
    /// Where it stands.
    pub state: InviteState,
    /// Times used.
    pub used: u32,
    /// Times it may be used.
    pub uses: u32,
    /// The day it lapses, as days since the Unix epoch.
    pub expires_day: u32,
    /// Who came by it.
    pub accepted_by: Vec<Handle>,
}

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum InviteState {
    /// Can be used.
    Open,
    /// Used up.
    Used,
    /// Taken back.
    Revoked,
    /// Lapsed.
    Expired,
}

/// A member, as another sees them in a list. `GET /api/v1/people?find=…` and `GET /api/v1/suggestions` (lists),
/// `PUT` and `DELETE /api/v1/people/HANDLE/follow` and `/block`, `GET /api/v1/blocks` (a list: whom I block),
/// `GET /api/v1/muted-pings` (a list: whose pings I do not want; `DELETE` and `PUT /api/v1/people/HANDLE/pings`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Profile {
    /// Their handle.
    pub handle: Handle,
    /// What they are called.
    pub name: DisplayName,
    /// Who invited them; none where they do not show it.
    pub invited_by: Option<Handle>,
    /// I follow them.
    pub followed: bool,
    /// They follow me.
    pub follows_me: bool,
    /// I block them; they are not told.
    #[serde(default)]
    pub blocked: bool,
    /// Their picture, a square JPEG at `GET /api/v1/pictures/ID` for whoever is signed in.
    #[serde(default)]
    pub picture: Option<PictureId>,
}

/// `POST /api/v1/me/name`. Answers [`Me`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Rename {
    /// What I am called from now on.
    pub name: DisplayName,
}

/// `POST /api/v1/signin/link`: a device link, its short code, or a link from the administrator. Answers [`SignedIn`].
/// The body is [`LinkToken`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// `/o#TOKEN`: the owner's first link.
    Owner,
    /// `/i#TOKEN`: an invitation.
    Invite,
    /// `/l#TOKEN`: signs in another device of mine.
    SignIn,
}
