//! What the keeper says.

use protocol::account::{
    DoorState, Invite, InvitePreview, Me, Passkey, PasskeyChallenge, Profile, RecoveryCodes, Session,
};
use protocol::club::{Club, ClubPage, ClubPerson, ClubStanding};
use protocol::event::Event;
use protocol::id::{ClubId, EventId, InviteId, MemberId, PictureId, SessionId};
use protocol::kept::Kept;
use protocol::order::{BlockReach, MyReport, OrderView};
use protocol::profile::ProfilePage;
use protocol::push::{Switch, Wishes};
use protocol::text::{ClubName, DisplayName, Handle, ServerName};
use protocol::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::request::{AskNumber, EventNotice};
use crate::secret::{CalendarSecret, DeviceCode, LinkSecret, SealingKey, SessionToken};
use crate::tls::{Der, TlsKeys};
use crate::typed::{PasskeyDomain, PictureJpeg, PushEndpoint, PushKeys};

/// Everything that the keeper sends to `live`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToLive {
    /// Answers [`crate::ToKeeper::Hello`].
    Welcome(Welcome),
    /// Answers the request of the same number.
    Answer { number: AskNumber, answer: Result<Reply, ErrorCode> },
    /// Said without being asked.
    Push(Push),
}

/// What a `live` needs before it serves anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The key that rooms are sealed with from now on: the one that `live` brought, else the one the keeper held.
    pub sealing_key: SealingKey,
    /// What anyone may know.
    pub door: Door,
    /// For serving HTTPS itself; none behind a proxy and on loopback.
    pub tls: Option<TlsKeys>,
    /// The key by which push services know this server (RFC 8292), PKCS #8.
    pub push_key: Der,
}

/// What anyone may know; `live` adds the address and whether the asker's origin can use passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// None until the server has an owner.
    pub name: Option<ServerName>,
    /// Whether it has one.
    pub state: DoorState,
    /// Where passkeys work: on pages of exactly this domain, secure or loopback. None where they cannot work at all.
    pub passkeys: Option<PasskeyDomain>,
}

/// Whether somebody can be pinged, and who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ping {
    Reaches(MemberId),
    /// They do not want to hear of it. It is counted all the same: nobody finds out by trying again.
    Muted(MemberId),
}

/// One answer; [`crate::Request`] and [`crate::MemberRequest`] say which belongs to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    Done,
    Door(Door),
    SignedIn(Box<SignedIn>),
    Session(LiveSession),
    Greeting(Greeting),
    Me(Me),
    InvitePreview(InvitePreview),
    PasskeyChallenge(PasskeyChallenge),
    Passkey(Passkey),
    Passkeys(Vec<Passkey>),
    RecoveryCodes(RecoveryCodes),
    SessionList(Vec<Session>),
    Sessions(Vec<SessionId>),
    Link(Link),
    Invites(Vec<Invite>),
    Profile(Profile),
    Profiles(Vec<Profile>),
    ProfilePage(Box<ProfilePage>),
    /// And whose it is.
    Picture {
        whose: Whose,
        jpeg: PictureJpeg,
    },
    Clubs(Vec<Club>),
    ClubPage(Box<ClubPage>),
    ClubPeople(Vec<ClubPerson>),
    /// None of a club that is not there any more.
    ClubRoll(Option<Box<ClubRoll>>),
    Members(Vec<MemberId>),
    Ping(Ping),
    /// To whom somebody blocks: ids, in no order, and how far it goes.
    Blocks {
        blocked: Vec<MemberId>,
        reach: BlockReach,
    },
    People(Vec<Person>),
    Reports(Vec<MyReport>),
    Kept(Box<Kept>),
    Handles(Vec<Handle>),
    Order(Box<OrderView>),
    Event(Box<Event>),
    Events(Vec<Event>),
    Calendar(CalendarSecret),
    /// What a member wants to be told of, whether the session that asks is, and how many devices are.
    PushSettings {
        wishes: Wishes,
        here: Switch,
        devices: u32,
    },
    /// In the order of their sessions, at most [`crate::limits::DEVICES_PAGE`].
    Devices(Vec<PushDevice>),
}

/// A browser that is told while no page is open, and what its member wants to be told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushDevice {
    pub member: MemberId,
    pub session: SessionId,
    pub endpoint: PushEndpoint,
    pub keys: PushKeys,
    pub wishes: Wishes,
}

/// Whose a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    Member(MemberId),
    Club(ClubId),
}

/// What is true of a club now: ids, in no order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClubRoll {
    pub name: ClubName,
    pub picture: Option<PictureId>,
    /// Who follows it, is in it, or more: at most [`protocol::limits::CLUB_PEOPLE_MAX`].
    pub people: Vec<OnRoll>,
    /// Who is banned: at most [`protocol::limits::CLUB_BANS_MAX`].
    pub banned: Vec<MemberId>,
}

/// Somebody of a club.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnRoll {
    pub member: MemberId,
    pub standing: ClubStanding,
}

/// A new session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    pub me: Me,
    /// The secret of the session, said this once.
    pub session: SessionToken,
    /// The day it ends by itself, as days since the Unix epoch.
    pub expires_day: u32,
    /// Who invited me, where an invitation was accepted just now.
    pub inviter: Option<Handle>,
    /// And which invitation that was.
    pub invite: Option<InviteId>,
    /// Who may like to say hello: whoever made an invitation that was for me alone.
    pub greeter: Option<MemberId>,
}

/// A session that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    pub me: Me,
    /// The day it ends by itself, as days since the Unix epoch; `live` closes its sockets then.
    pub expires_day: u32,
}

/// A session that stands, and whom its member follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    pub session: LiveSession,
    pub follows: Vec<MemberId>,
}

/// A link, said this once; `live` makes the address and the QR code of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Which invitation, if it is one.
    pub invite: Option<InviteId>,
    /// The fragment.
    pub secret: LinkSecret,
    /// To be typed instead, for a device link.
    pub code: Option<DeviceCode>,
    /// When it lapses.
    pub expires: Timestamp,
}

/// What a room shows of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: MemberId,
    pub handle: Handle,
    pub name: DisplayName,
}

/// Said by the keeper without being asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Push {
    /// A session was revoked, signed out or pushed out by newer ones: its sockets and its audio end now. Sent before
    /// the answer to the request that caused it.
    SessionEnded { session: SessionId, member: MemberId },
    /// A member is called something else now.
    MemberChanged(Person),
    /// A member shows another picture now, or none: the one before is gone.
    PictureChanged { member: MemberId, picture: Option<PictureId> },
    /// Something of a club has changed, or the club is gone: the picture before is not there any more, and rooms that are held
    /// for it ask again.
    ClubChanged { club: ClubId },
    /// What these members are to clubs has changed, at most [`protocol::limits::CLUB_PEOPLE_MAX`] and one more: their own
    /// screens are to say so.
    ClubsChanged { members: Vec<MemberId> },
    /// Whom this member follows has changed; ask again.
    FollowingChanged { member: MemberId },
    /// Something else that is kept about this member has changed: their own screens are to say so.
    AccountChanged { member: MemberId },
    /// This account is erased; its sessions have ended, each with a word of its own before this one. Those who were tied to
    /// it, followers first, at most [`crate::limits::TIED_MAX`], hear of it like of any change.
    Erased { member: MemberId, tied: Vec<MemberId> },
    /// Something changed about events to come: whoever shows them asks again.
    EventsChanged,
    /// Those whom an event of this host concerns are to be told of it where no page of theirs is open; where some are named here,
    /// those alone, at most [`protocol::limits::EVENT_PEOPLE_MAX`].
    EventNotice { event: EventId, host: Handle, notice: EventNotice, to: Vec<MemberId> },
    /// The server has an owner or a name now.
    DoorChanged(Door),
    /// The certificate was renewed.
    TlsKeys(TlsKeys),
}
