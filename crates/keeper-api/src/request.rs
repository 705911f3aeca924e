//! What `live` may ask of the keeper.

use protocol::account::DeviceLabel;
use protocol::club::{BanPeriod, ClubAct, ClubCharter, ClubList, ClubRules};
use protocol::event::{EventDraft, Going};
use protocol::id::{ClubId, EventId, InviteId, MemberId, PasskeyId, PictureId, ReportNumber, SessionId};
use protocol::order::{Measure, ReportReason};
use protocol::profile::Introduction;
use protocol::push::{PushKind, Switch, Wishes};
use protocol::text::{ClubName, DisplayName, Handle, ServerName};
use serde::{Deserialize, Serialize};

use crate::secret::{
    CalendarSecret, Ceremony, LinkSecret, RecoveryCode, SealingKey, SessionToken, SignInSecret,
};
use crate::typed::{CredentialJson, PictureJpeg, PushEndpoint, PushKeys, Typed};

/// Everything that `live` sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToKeeper {
    /// First on every new line, and only then. Answered by [`crate::ToLive::Welcome`].
    Hello(Hello),
    /// Answered by [`crate::ToLive::Answer`] with the same number; answers may come in any order.
    Ask { number: AskNumber, request: Request },
}

/// How a line begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The key that the running rooms are sealed with, where this `live` already has one: after a crash of the keeper.
    /// The new keeper then keeps this one.
    pub sealing_key: Option<SealingKey>,
}

/// Chosen by `live`, unique among its requests that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AskNumber(pub u64);

/// One request. The reply that each gets stands beside it; every one may be refused with an
/// [`protocol::ErrorCode`] instead. Every way to sign in is refused with `Suspended` after the proof was found right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// What anyone may know. → [`crate::Reply::Door`]
    Door,
    /// The first member. → [`crate::Reply::SignedIn`], or `LinkSpent`, `HandleTaken`
    ClaimServer {
        secret: LinkSecret,
        server_name: ServerName,
        name: DisplayName,
        handle: Handle,
        device: DeviceLabel,
    },
    /// → [`crate::Reply::InvitePreview`], or `LinkSpent`
    PreviewInvite { secret: LinkSecret },
    /// → [`crate::Reply::SignedIn`], or `LinkSpent`, `HandleTaken`
    AcceptInvite { secret: LinkSecret, name: DisplayName, handle: Handle, device: DeviceLabel },
    /// → [`crate::Reply::PasskeyChallenge`], or `PasskeysUnavailable`, `Busy`
    StartPasskeySignIn,
    /// → [`crate::Reply::SignedIn`], or `PasskeyRefused`, `PasskeyUnknown`
    FinishPasskeySignIn { ceremony: Ceremony, credential: CredentialJson, device: DeviceLabel },
    /// → [`crate::Reply::SignedIn`], or `LinkSpent` (whoever was named), `TooMany`
    SignInByRecoveryCode { handle: Typed, code: RecoveryCode, device: DeviceLabel },
    /// → [`crate::Reply::SignedIn`], or `LinkSpent`, `TooMany`
    SignInByLink { secret: SignInSecret, device: DeviceLabel },
    /// Whose session this is. Writes nothing. → [`crate::Reply::Session`], or `SignedOut`
    CheckSession { session: SessionToken },
    /// The same and whom they follow, for a hello on a socket. Writes nothing. → [`crate::Reply::Greeting`], or `SignedOut`
    Greet { session: SessionToken },
    /// Something that a signed-in person asks; the session is checked first. → see [`MemberRequest`], or `SignedOut`
    ForMember { session: SessionToken, request: MemberRequest },
    /// Whom a member follows. Writes nothing. → [`crate::Reply::Members`]
    Following { member: MemberId },
    /// Whom a member blocks. Writes nothing. → [`crate::Reply::Blocks`]
    Blocked { member: MemberId },
    /// Members by their handles, those that exist for whoever asks; at most [`crate::limits::RESOLVE_MAX`]. Writes nothing.
    /// → [`crate::Reply::People`]
    Resolve { asker: MemberId, handles: Vec<Handle> },
    /// Whether a ping of a member reaches somebody. Writes nothing. → [`crate::Reply::Ping`], or `NotThere`, `NotAllowed` where
    /// they do not follow whoever pings
    MayPing { by: MemberId, who: Handle },
    /// Somebody was reported; guests have no account to be named by. At most [`crate::limits::HEARD_MAX`] heard it too. It is
    /// kept under the first number that is free of at most [`crate::limits::NUMBERS_MAX`], drawn at random; whoever was not
    /// answered asks again under the same, and it is kept once. → [`crate::Reply::Done`], or `TooMany`, `Full`
    Report {
        numbers: Vec<ReportNumber>,
        reporter: Option<MemberId>,
        reported: Option<Reported>,
        reason: ReportReason,
        heard: Vec<MemberId>,
    },
    /// What a member's calendar program is shown, by the address that they gave it. Writes nothing. → [`crate::Reply::Events`],
    /// with as many of the next times as [`protocol::limits::EVENT_THEN_MAX`], or `LinkSpent`
    Calendar { secret: CalendarSecret },
    /// Devices of those who follow somebody and want to be told of their rooms, after this one: up to
    /// [`crate::limits::DEVICES_PAGE`]; ask again after the last one until a page is empty. Writes nothing.
    /// → [`crate::Reply::Devices`]
    WhoseBell { of: MemberId, after: Option<SessionId> },
    /// Devices of those whom an event concerns and for whom it is there, after this one; otherwise as [`Self::WhoseBell`].
    DevicesForEvent { event: EventId, notice: EventNotice, after: Option<SessionId> },
    /// The devices of a member that are told. Writes nothing. → [`crate::Reply::Devices`]
    DevicesOf { member: MemberId },
    /// Nobody takes messages for this browser any more. → [`crate::Reply::Done`]
    DeviceGone { session: SessionId, endpoint: PushEndpoint },
    /// What is true of a club, as far as rooms that are held for one need it. Writes nothing. → [`crate::Reply::ClubRoll`]
    ClubRoll { club: ClubId },
    /// Somebody is banned from a club by somebody who keeps order in it, met where no session is asked. → [`crate::Reply::Done`],
    /// or `NotThere`, `NotAllowed`
    BanFromClub { club: ClubId, by: MemberId, member: MemberId, period: BanPeriod },
    /// Which of these sessions are no more; at most [`crate::limits::SESSIONS_PER_ASK_MAX`]. Asked after the line to the
    /// keeper was lost, since a [`crate::Push::SessionEnded`] may have been lost with it. Writes nothing.
    /// → [`crate::Reply::Sessions`]
    WhichEnded { sessions: Vec<SessionId> },
}

/// What people are told of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventNotice {
    /// It begins in [`protocol::limits::GREEN_ROOM_PERIOD`]: whoever announced it, is named with it or would like to come.
    Soon,
    /// They are named with it, and have not seen that.
    Named,
    /// Its time or its people have changed, and they have not seen that.
    Changed,
    /// It was called off, and they have not seen that.
    Off,
}

/// Somebody who was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reported {
    Member(MemberId),
    /// Had left by then: nothing else is known of them.
    Called(Handle),
}

/// What a signed-in person may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberRequest {
    /// → [`crate::Reply::Me`]
    Rename { name: DisplayName },
    /// Ends the session that asks. → [`crate::Reply::Done`]
    SignOut,
    /// → [`crate::Reply::SessionList`]
    ListSessions,
    /// One of my own. → [`crate::Reply::Done`], or `NotThere`
    RevokeSession { session: SessionId },
    /// All of mine but the one that asks. → [`crate::Reply::Done`]
    RevokeOtherSessions,
    /// → [`crate::Reply::PasskeyChallenge`], or `PasskeysUnavailable`, `Full`, `TooMany`, `Busy`
    StartPasskey,
    /// → [`crate::Reply::Passkey`], or `PasskeyRefused`, `Full`
    FinishPasskey { ceremony: Ceremony, credential: CredentialJson, device: DeviceLabel },
    /// → [`crate::Reply::Passkeys`]
    ListPasskeys,
    /// → [`crate::Reply::Done`], or `NotThere`
    RemovePasskey { passkey: PasskeyId },
    /// Fresh ones; older ones are void. → [`crate::Reply::RecoveryCodes`], or `TooMany`
    MakeRecoveryCodes,
    /// → [`crate::Reply::Link`], or `NoInviteLeft`, `InvitesPaused`, `Malformed` for too many uses
    CreateInvite { uses: u32, note: Option<DisplayName> },
    /// → [`crate::Reply::Invites`]
    ListInvites,
    /// → [`crate::Reply::Done`], or `NotThere`
    RevokeInvite { invite: InviteId },
    /// A link and a code that sign in one more device of mine. → [`crate::Reply::Link`], or `TooMany`
    CreateDeviceLink,
    /// People whose handle or name begins with this. → [`crate::Reply::Profiles`]
    FindPeople { text: Typed, among: Among },
    /// → [`crate::Reply::ProfilePage`], or `NotThere`
    Profile { handle: Handle },
    /// By handle, after this one: up to [`protocol::limits::PEOPLE_PAGE`]. → [`crate::Reply::Profiles`], or `NotThere`
    PeopleAlong { handle: Handle, along: Along, after: Option<Handle> },
    /// Whom I may like to follow. → [`crate::Reply::Profiles`]
    SuggestPeople,
    /// What I say of myself from now on. → [`crate::Reply::ProfilePage`]
    Introduce(Introduction),
    /// What others see of me from now on. → [`crate::Reply::Me`], or `TooMany`
    SetPicture { jpeg: PictureJpeg },
    /// Whether there is one or not. → [`crate::Reply::Me`]
    RemovePicture,
    /// Of anybody whom I may see, or any club. Writes nothing. → [`crate::Reply::Picture`], or `NotThere`
    Picture { picture: PictureId },
    /// → [`crate::Reply::Profile`], or `NotThere`, `NotAllowed` for oneself, `Full`
    Follow { handle: Handle },
    /// → [`crate::Reply::Profile`], or `NotThere`
    Unfollow { handle: Handle },
    /// → [`crate::Reply::Profile`], or `NotThere`, `NotAllowed` for oneself, `Full`
    Block { handle: Handle },
    /// → [`crate::Reply::Profile`], or `NotThere`
    Unblock { handle: Handle },
    /// Whether I am told when they start a room. → [`crate::Reply::ProfilePage`], or `NotThere`, `NotAllowed` for whom I do not
    /// follow
    Bell { handle: Handle, bell: Switch },
    /// What I am told of while no page is open, and where. → see [`NoticesRequest`]
    Notices(NoticesRequest),
    /// Whom I block. → [`crate::Reply::Profiles`]
    ListBlocks,
    /// Whose pings I want. → see [`PingsRequest`]
    Pings(PingsRequest),
    /// Mine. → [`crate::Reply::Reports`]
    ListReports,
    /// I have read what became of it. → [`crate::Reply::Done`], or `NotThere`
    PutReportAway { report: ReportNumber },
    /// What is kept about me, but for whom it names. Writes nothing. → [`crate::Reply::Kept`]
    Kept,
    /// Whom it names, by handle, after this one: up to [`crate::limits::KEPT_PAGE`]; ask again after the last one until a
    /// page is not full. Writes nothing. → [`crate::Reply::Handles`]
    KeptPeople { which: KeptPeople, after: Option<Handle> },
    /// My account and everything that is kept about me, for good. → [`crate::Reply::Done`], or `NotAllowed` where that is
    /// not my handle, `OwnerStays`
    Erase { handle: Typed },
    /// Announced events. → see [`EventRequest`]
    Event(EventRequest),
    /// Clubs. → see [`ClubRequest`]
    Club(ClubRequest),
    /// Order, for whoever runs the server. → see [`OrderRequest`]; everybody else gets `NotAllowed`, whatever they ask and
    /// whatever there is
    Order(OrderRequest),
}

/// What a signed-in person asks about announced events. Of one that is not there for them everything is refused with
/// `NotThere`. Nothing can be said about what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventRequest {
    /// Those to come that are there for me. Writes nothing. → [`crate::Reply::Events`]
    List,
    /// Writes nothing. → [`crate::Reply::Event`]
    Look { event: EventId },
    /// The same with as many of its next times as a calendar is given. Writes nothing. → [`crate::Reply::Event`]
    LookFar { event: EventId },
    /// → [`crate::Reply::Event`], or `BadZone`, `StartPast`, `StartFar`, `EventsFull`, `PersonGone` for somebody named who is
    /// not there for me, `Full` for too many, `Malformed` for a length that there is not
    Announce(EventDraft),
    /// One of my own, as a whole. → as `Announce`, or `NotNow` for one that was called off
    Change { event: EventId, draft: EventDraft },
    /// One of my own; called off before it is as it was. → [`crate::Reply::Event`]
    CallOff { event: EventId },
    /// → [`crate::Reply::Event`], or `NotNow` for one that has begun or was called off
    Go { event: EventId, going: Going },
    /// Of one that I host, until it begins. Writes nothing. → [`crate::Reply::Profiles`], or `NotAllowed`
    WhoComes { event: EventId },
    /// I have seen what changed. → [`crate::Reply::Event`]
    SeeNews { event: EventId },
    /// I do not want to be named with it. → [`crate::Reply::Done`]
    StepBack { event: EventId },
    /// Whether I have an address for my calendar. Writes nothing. → [`crate::Reply::Done`], or `NotThere`
    HasCalendar,
    /// A new address for my calendar; the one before is void. → [`crate::Reply::Calendar`]
    MakeCalendar,
    /// None from now on. → [`crate::Reply::Done`]
    DropCalendar,
}

/// What a signed-in person asks about what they are told while no page is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticesRequest {
    /// Writes nothing. → [`crate::Reply::PushSettings`]
    Look,
    /// → [`crate::Reply::Done`], or `TooMany`
    Wish(Wishes),
    /// One of these is off from now on, whatever else I want. → [`crate::Reply::Done`]
    TurnOff { kind: PushKind },
    /// The session that asks is told from now on, in the place of what it had. → [`crate::Reply::Done`], or `TooMany`
    SetDevice { endpoint: PushEndpoint, keys: PushKeys },
    /// → [`crate::Reply::Done`]
    RemoveDevice,
    /// Where the session that asks is told. Writes nothing. → [`crate::Reply::Devices`], with one or none
    ThisDevice,
}

/// What a member asks about clubs. Where nothing else is said: → [`crate::Reply::ClubPage`], or `NotThere` of a club that is
/// not there for them, as for somebody who is banned; `NotAllowed` where they may not do this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClubRequest {
    /// Those that I am anything to. Writes nothing. → [`crate::Reply::Clubs`]
    Mine,
    /// Of which a word of the name begins with this. Writes nothing. → [`crate::Reply::Clubs`]
    Find { text: Typed },
    /// Writes nothing.
    Page { club: ClubId },
    /// A new one. Or `NameTaken`, `Full`, `TooMany`
    Found { charter: ClubCharter },
    /// What its admins say of it. Or `NameTaken`
    Change { club: ClubId, charter: ClubCharter },
    /// What it shows. Or `TooMany`
    SetPicture { club: ClubId, jpeg: PictureJpeg },
    /// Whether there is one or not.
    RemovePicture { club: ClubId },
    /// Agreed to these rules. Or `NotNow` where it has others by now, `Full`
    Join { club: ClubId, rules: ClubRules },
    /// Am nothing to it any more: leave, stop following, ask no more, say no to an invitation.
    Leave { club: ClubId },
    /// Or `Full`
    Follow { club: ClubId },
    /// By handle, after this one: up to [`protocol::limits::PEOPLE_PAGE`]. Writes nothing. → [`crate::Reply::ClubPeople`]
    People { club: ClubId, which: ClubList, after: Option<Handle> },
    /// Of somebody. Or `NotNow` where they are not what it is done about any more, `Full`
    Act { club: ClubId, handle: Handle, act: ClubAct },
    /// Yes to taking it over. Or `NotNow`, `Full`
    TakeOver { club: ClubId },
    /// No to it.
    Refuse { club: ClubId },
    /// The end of it. → [`crate::Reply::Done`], or `NotAllowed` where that is not its name
    Dissolve { club: ClubId, name: ClubName },
}

/// What somebody asks about pings of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PingsRequest {
    /// No pings of theirs from now on. → [`crate::Reply::Done`], or `NotThere`, `NotAllowed` for oneself, `Full`
    Mute { handle: Handle },
    /// → [`crate::Reply::Done`], or `NotThere`
    Hear { handle: Handle },
    /// Whose I do not want. Writes nothing. → [`crate::Reply::Profiles`]
    ListMuted,
}

/// What whoever runs the server asks about order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderRequest {
    /// What there is. Writes nothing. → [`crate::Reply::Order`]
    Look,
    /// Decides an open report; its reporter hears of it. → [`crate::Reply::Done`], or `NotThere`, `NotNow` for one that was
    /// decided, `NotAllowed` to suspend whoever runs the server, `PersonGone` for a guest
    Decide { report: ReportNumber, measure: Measure },
    /// Without a report. → [`crate::Reply::Done`], or `NotThere`, `NotAllowed` for whoever runs the server
    Suspend { handle: Handle },
    /// → [`crate::Reply::Done`], or `NotThere`
    Unsuspend { handle: Handle },
    /// Without a report. → [`crate::Reply::Done`], or `NotThere`
    PauseBranch { handle: Handle },
    /// → [`crate::Reply::Done`], or `NotThere`
    ResumeBranch { handle: Handle },
    /// Their blocks reach further ([`protocol::order::BlockReach::Room`]). → [`crate::Reply::Done`], or `NotThere`
    Protect { handle: Handle },
    /// → [`crate::Reply::Done`], or `NotThere`
    Unprotect { handle: Handle },
}

/// Among whom to seek.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Among {
    Everybody,
    /// Those who follow whoever seeks.
    Followers,
}

/// Which way to look along the follows of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Along {
    /// Those who follow them.
    Followers,
    /// Those whom they follow.
    Following,
}

/// Whom what is kept about a member names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeptPeople {
    /// Those they follow.
    Followed,
    /// Those who came by their invitations.
    Invited,
    /// Those they block.
    Blocked,
    /// Those of whose rooms they are told.
    Belled,
    /// Those whose pings they do not want.
    PingsMuted,
}
