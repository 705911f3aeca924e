//! What the server keeps about a member, for that member alone: what the page shows, and the file that it is exported to.
//!
//! `docs/what-is-kept.md` says of every column what it is for and until when; the names here lean on its names. Fields may
//! be added; one that is there keeps its name and its meaning as long as [`KEPT_VERSION`] stays.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::{DeviceLabel, Role, Session};
use crate::club::ClubStanding;
use crate::event::{EventKind, EventNews, EventPart, EventState, Repeat};
use crate::id::{ClubId, EventId, InviteId, MemberId, PasskeyId, PictureId, SessionId};
use crate::order::MyReport;
use crate::profile::{Languages, Nominator};
use crate::push::Wishes;
use crate::text::{Bio, ClubName, DisplayName, EventDescription, EventTitle, Handle, Pronunciation, Zone};

/// Which form of [`Kept`] this is.
pub const KEPT_VERSION: u32 = 1;

/// Everything. `GET /api/v1/me/kept`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Kept {
    /// [`KEPT_VERSION`].
    pub version: u32,
    /// My account.
    pub account: KeptAccount,
    /// My picture.
    #[serde(default)]
    pub picture: Option<KeptPicture>,
    /// My passkeys, the oldest first.
    pub passkeys: Vec<KeptPasskey>,
    /// My signed-in devices, the newest first. Of each, the hash of its secret is kept too, and shown to nobody.
    pub sessions: Vec<Session>,
    /// How many recovery codes are left, by their hashes.
    pub recovery_codes: u32,
    /// One-time links that would sign me in. Of each, hashes of link and code are kept too.
    pub links: Vec<KeptLink>,
    /// My invitations, the newest first. Of each, the hash of its link is kept too.
    pub invites: Vec<KeptInvite>,
    /// Who came by me, by handle.
    pub invited: Vec<Handle>,
    /// Whom I follow, by handle.
    pub follows: Vec<Handle>,
    /// Of whose rooms I am told, by handle. That is shown to nobody else.
    #[serde(default)]
    pub bells: Vec<Handle>,
    /// What I want to be told of, once I said so.
    #[serde(default)]
    pub wishes: Option<Wishes>,
    /// My devices that are told.
    #[serde(default)]
    pub push_devices: Vec<KeptPushDevice>,
    /// Whom I block, by handle. That is shown to nobody else.
    pub blocks: Vec<Handle>,
    /// What I am to clubs, by their names.
    #[serde(default)]
    pub clubs: Vec<KeptClub>,
    /// From which clubs I am banned.
    #[serde(default)]
    pub club_bans: Vec<KeptClubBan>,
    /// Whose pings I do not want, by handle. That is shown to nobody else.
    #[serde(default)]
    pub pings_muted: Vec<Handle>,
    /// Reports that I made and have not put away, the newest first.
    pub reports: Vec<MyReport>,
    /// Reports that I have signed, since I heard it too, and have not put away: the newest, at most
    /// [`crate::limits::SIGNED_SHOWN_MAX`].
    pub heard: Vec<MyReport>,
    /// How many these are.
    pub signed: u32,
    /// Events that I announced, the next first.
    #[serde(default)]
    pub events: Vec<KeptEvent>,
    /// Events of others that I am named with.
    #[serde(default)]
    pub event_parts: Vec<KeptEventPart>,
    /// Events that I would like to come to.
    #[serde(default)]
    pub event_going: Vec<KeptGoing>,
    /// How many addresses my calendar has: none or one, by the hash of its secret.
    #[serde(default)]
    pub calendars: u32,
    /// How many follow me. Who, they are shown as theirs.
    pub followers: u32,
    /// The last day, since the Unix epoch, on which there is a copy of all this from before an update; none where there is
    /// no copy.
    pub copy_until_day: Option<u32>,
}

/// One row: an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptAccount {
    /// Ties rows together.
    pub id: MemberId,
    /// How people name and find me.
    pub handle: Handle,
    /// What the handle looks like, so that no two can be taken for each other.
    pub handle_looks: String,
    /// What people call me.
    pub name: DisplayName,
    /// The name as it is searched.
    pub name_folded: String,
    /// Whether I run this server.
    pub role: Role,
    /// Who invited me, while they are here.
    pub invited_by: Option<Handle>,
    /// By which invitation, while that is kept.
    pub invite: Option<InviteId>,
    /// What I say of myself.
    #[serde(default)]
    pub bio: Option<Bio>,
    /// How my name is said.
    #[serde(default)]
    pub pronunciation: Option<Pronunciation>,
    /// What I speak.
    #[serde(default)]
    pub speaks: Languages,
    /// What I understand beside that.
    #[serde(default)]
    pub understands: Languages,
    /// Whether others see who invited me.
    #[serde(default = "shown")]
    pub nominator: Nominator,
    /// The day I came, since the Unix epoch, like all days here.
    pub day: u32,
    /// The administrators have suspended it.
    pub suspended: bool,
    /// Neither I nor whoever came by me invite for now.
    pub paused: bool,
    /// Whom I block does not come into rooms where I am on stage.
    #[serde(default)]
    pub protected: bool,
    /// How many people I could invite on `allowance_day`.
    pub allowance: u32,
    /// From which day the next invitation is counted.
    pub allowance_day: u32,
}

/// What stood nowhere before there was a choice.
fn shown() -> Nominator {
    Nominator::Shown
}

/// One row: a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptPicture {
    /// The end of its address.
    pub id: PictureId,
    /// The picture itself, as a `data:` address that any browser opens.
    pub jpeg: String,
}

/// One row: a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptPasskey {
    /// Which.
    pub id: PasskeyId,
    /// What the browser calls it, in unpadded base64url.
    pub credential_id: String,
    /// Its public half and how it was made, as JSON text.
    pub credential: String,
    /// The kind of device it was made on.
    pub device: DeviceLabel,
    /// The day it was made.
    pub day: u32,
    /// The address of this server that it works at; empty where that is not known.
    pub domain: String,
}

/// One row: a device that is told while no page is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptPushDevice {
    /// The session that it belongs to, and with which it ends.
    pub session: SessionId,
    /// Where whoever keeps messages for its browser takes them.
    pub endpoint: String,
    /// The browser's public key, in unpadded base64url.
    pub p256dh: String,
    /// The secret that the browser shares with this server, in unpadded base64url.
    pub auth: String,
}

/// One row: a one-time link that signs somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptLink {
    /// Whose it is to give away.
    pub kind: KeptLinkKind,
    /// When it lapses.
    pub expires: Timestamp,
}

/// Who made a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum KeptLinkKind {
    /// I did, for another device of mine.
    Device,
    /// Whoever runs the server.
    Administrator,
}

/// One row: an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptInvite {
    /// Which.
    pub id: InviteId,
    /// My note.
    pub note: Option<DisplayName>,
    /// How many people may use it.
    pub uses: u32,
    /// How many have.
    pub used: u32,
    /// It was taken back.
    pub revoked: bool,
    /// It came out of my allowance.
    pub allowance: bool,
    /// The day it was made.
    pub day: u32,
    /// The day it lapses.
    pub expires_day: u32,
}

/// One row: an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptEvent {
    /// Which.
    pub id: EventId,
    /// What it is about.
    pub title: EventTitle,
    /// More of it.
    pub description: Option<EventDescription>,
    /// Who sees it, and may come in.
    pub kind: EventKind,
    /// In which languages.
    pub languages: Languages,
    /// When it begins, the next time.
    pub start: Timestamp,
    /// When it was to begin the first time: what repeats is counted from there.
    pub first: Timestamp,
    /// The time zone it is announced in.
    pub zone: Zone,
    /// Minutes to its announced end.
    pub minutes: u32,
    /// When it comes again.
    pub repeat: Repeat,
    /// Whether it stands.
    pub state: EventState,
    /// How often it was changed.
    pub sequence: u32,
}

/// One row: I am named with an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptEventPart {
    /// Which.
    pub event: EventId,
    /// What I am to be.
    pub part: EventPart,
    /// What changed of it that I have not seen.
    pub news: Vec<EventNews>,
}

/// One row: I would like to come to an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptGoing {
    /// Which.
    pub event: EventId,
    /// What changed of it that I have not seen.
    pub news: Vec<EventNews>,
}

/// One row: what I am to a club.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptClub {
    /// Which.
    pub club: ClubId,
    /// What it is called.
    pub name: ClubName,
    /// What I am to it.
    pub standing: ClubStanding,
    /// The day from which that counts: of a member, the day they joined.
    pub day: u32,
    /// I am asked to take it over.
    pub offered: bool,
}

/// One row: a ban.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct KeptClubBan {
    /// From which club.
    pub club: ClubId,
    /// What it is called.
    pub name: ClubName,
    /// The first day on which it does not hold any more; none for good.
    pub until_day: Option<u32>,
}

/// `POST /api/v1/me/erase`: my account and everything that is kept about me, now. Answers nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Erase {
    /// My handle, typed: whoever did not mean this does not send it by mistake.
    pub handle: String,
}
