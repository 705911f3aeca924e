//! Answers to requests. Time comes in as an argument; the sockets are in `live_line`.

mod account;
mod club;
mod events;
mod member;
mod order;
mod owner;
mod passkey;
mod people;
mod push;
mod signin;
#[cfg(test)]
mod stories;

use std::cell::RefCell;

use keeper_api::parent::FromKeeper;
use keeper_api::{
    ClubRequest, Der, Door, EventRequest, Greeting, Hello, LiveSession, MemberRequest, NoticesRequest,
    OrderRequest, PasskeyDomain, Person, PingsRequest, Push, Reply, Request, SealingKey, SessionToken,
    TlsKeys, Welcome,
};
use protocol::account::{DeviceLabel, DoorState, Me};
use protocol::id::{MemberId, SessionId};
use protocol::limits::SESSION_PERIOD;
use protocol::{ErrorCode, Timestamp};
use store::{Day, Held, NewReport, NewSession, SecretHash, Store, StoreError, Trouble};

use crate::ceremonies::Ceremonies;
use crate::domain::Passkeys;
use crate::error::Refusal;
use crate::rates::Rates;
use crate::remembered::{Remembered, Touched};
use crate::secrets::{hashed, random};

pub(crate) use account::owner_link;
pub(crate) use order::Administrated;

/// What came of a request.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// For every `live` there is, before the answer.
    pub(crate) pushes: Vec<Push>,
    pub(crate) answer: Result<Reply, ErrorCode>,
    /// For the parent.
    pub(crate) word: Option<FromKeeper>,
    pub(crate) health: Health,
}

/// Whether the database did its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Works,
    Failed(Trouble),
}

/// How requests may overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// With others that only read.
    Shared,
    /// Alone: what it ends or changes is said before anything that was asked later is answered.
    Alone,
}

/// The state of one keeper. It lives on one thread; no borrow is held over a wait.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) store: Store,
    passkeys: Option<Passkeys>,
    sealing_key: RefCell<SealingKey>,
    tls: RefCell<Option<TlsKeys>>,
    push_key: Der,
    rates: RefCell<Rates>,
    registrations: RefCell<Ceremonies<passkey::Registration>>,
    sign_ins: RefCell<Ceremonies<crate::webauthn::SigningIn>>,
    remembered: RefCell<Remembered>,
}

/// What a reply is made with, beside the reply itself.
#[derive(Debug, Default)]
struct Aside {
    pushes: Vec<Push>,
    word: Option<FromKeeper>,
}

impl Aside {
    /// Rooms ask whom this member blocks, and how far it goes.
    fn reaches(&mut self, member: MemberId) {
        self.pushes.extend([Push::FollowingChanged { member }, Push::AccountChanged { member }]);
    }

    fn end(&mut self, member: MemberId, sessions: &[SessionId]) {
        self.pushes.extend(sessions.iter().map(|session| Push::SessionEnded { session: *session, member }));
    }
}

impl Keeper {
    pub(crate) fn new(store: Store, passkeys: Option<Passkeys>, tls: Option<TlsKeys>, push_key: Der) -> Self {
        let domain = passkeys.as_ref().map_or("", |passkeys| &*passkeys.domain);
        Self {
            store: store.with_passkeys_at(domain),
            passkeys,
            sealing_key: RefCell::new(SealingKey::from_random(random())),
            tls: RefCell::new(tls),
            push_key,
            rates: RefCell::new(Rates::new()),
            registrations: RefCell::default(),
            sign_ins: RefCell::default(),
            remembered: RefCell::new(Remembered::new()),
        }
    }

    /// How a line begins. The key that `live` brings is the one its rooms are sealed with, so it wins.
    pub(crate) async fn welcome(&self, hello: Hello) -> Result<Welcome, StoreError> {
        if let Some(key) = hello.sealing_key {
            self.sealing_key.replace(key);
        }
        let door = self.door().await?;
        Ok(Welcome {
            sealing_key: self.sealing_key.borrow().clone(),
            door,
            tls: self.tls.borrow().clone(),
            push_key: self.push_key.clone(),
        })
    }

    /// Takes a renewed certificate; says it to `live`.
    pub(crate) fn renew(&self, keys: TlsKeys) -> Push {
        self.tls.replace(Some(keys.clone()));
        Push::TlsKeys(keys)
    }

    /// The answer to what is asked most, where it is known: without the database and without waiting for anything.
    pub(crate) fn recall(&self, request: &Request, now: Timestamp) -> Option<Reply> {
        let (remembered, today) = (self.remembered.borrow(), Day::of(now));
        match request {
            Request::CheckSession { session } => {
                Some(Reply::Session(standing(remembered.session(hashed(session.as_bytes()), today)?)))
            }
            Request::Greet { session } => {
                let held = remembered.session(hashed(session.as_bytes()), today)?;
                let follows = remembered.follows(held.me.id, today)?.to_vec();
                Some(Reply::Greeting(Greeting { session: standing(held), follows }))
            }
            Request::Following { member } => {
                Some(Reply::Members(remembered.follows(*member, today)?.to_vec()))
            }
            _ => None,
        }
    }

    /// To be asked in the turn that [`turn`] says, which ends after the outcome was said.
    pub(crate) async fn answer(&self, request: Request, now: Timestamp) -> Outcome {
        let mut aside = Aside::default();
        let (answer, health) = match self.reply(request, now, &mut aside).await {
            Ok(reply) => (Ok(reply), Health::Works),
            Err(Refusal::Code(code)) => (Err(code), Health::Works),
            Err(Refusal::Store(error)) => (Err(ErrorCode::Internal), Health::Failed(error.trouble())),
        };
        match (&answer, health) {
            // Whatever was there of them before: a code is used up, an old session went for the new one.
            (Ok(Reply::SignedIn(signed)), _) => self.forget(Touched::Member(signed.me.id)),
            // Nobody knows what is on the disk now.
            (_, Health::Failed(_)) => self.forget(Touched::Everything),
            _ => {}
        }
        Outcome { pushes: aside.pushes, answer, word: aside.word, health }
    }

    async fn reply(&self, request: Request, now: Timestamp, aside: &mut Aside) -> Result<Reply, Refusal> {
        // Somebody may have asked the same in the meantime.
        if let Some(reply) = self.recall(&request, now) {
            return Ok(reply);
        }
        match request {
            Request::Door => Ok(Reply::Door(self.door().await?)),
            Request::ClaimServer { secret, server_name, name, handle, device } => {
                self.claim(&secret, &server_name, account::newcomer(name, handle), device, now, aside).await
            }
            Request::PreviewInvite { secret } => self.preview_invite(&secret, now).await,
            Request::AcceptInvite { secret, name, handle, device } => {
                self.accept_invite(&secret, account::newcomer(name, handle), device, now, aside).await
            }
            Request::StartPasskeySignIn => self.start_passkey_sign_in(now),
            Request::FinishPasskeySignIn { ceremony, credential, device } => {
                self.finish_passkey_sign_in(&ceremony, &credential, device, now, aside).await
            }
            Request::SignInByRecoveryCode { handle, code, device } => {
                self.sign_in_by_recovery_code(&handle, &code, device, now, aside).await
            }
            Request::SignInByLink { secret, device } => {
                self.sign_in_by_link(&secret, device, now, aside).await
            }
            Request::CheckSession { session } => {
                let (held, _) = self.look_up(hashed(session.as_bytes()), now).await?;
                Ok(Reply::Session(standing(&held)))
            }
            Request::Greet { session } => {
                let (held, follows) = self.look_up(hashed(session.as_bytes()), now).await?;
                Ok(Reply::Greeting(Greeting { session: standing(&held), follows }))
            }
            Request::ForMember { session, request } => self.for_session(&session, request, now, aside).await,
            Request::Following { member } => {
                let asked = self.remembered.borrow_mut().ask(Day::of(now));
                let follows = self.store.following(member).await?;
                self.remembered.borrow_mut().keep_follows(asked, member, &follows);
                Ok(Reply::Members(follows))
            }
            Request::Blocked { member } => {
                let (blocked, reach) = self.store.blocked_by(member).await?;
                Ok(Reply::Blocks { blocked, reach })
            }
            Request::Resolve { asker, handles } => self.resolve(asker, &handles).await,
            Request::MayPing { by, who } => self.may_ping(by, &who).await,
            Request::Report { numbers, reporter, reported, reason, heard } => {
                let report = NewReport { reporter, reported: None, reason, heard, day: Day::of(now) };
                self.report(&numbers, report, reported, now, aside).await
            }
            Request::Calendar { secret } => self.calendar(&secret).await,
            Request::WhoseBell { of, after } => self.whose_bell(of, after, now).await,
            Request::DevicesForEvent { event, notice, after } => {
                self.devices_for_event(event, notice, after, now).await
            }
            Request::DevicesOf { member } => self.devices_of(member, now).await,
            Request::DeviceGone { session, endpoint } => self.device_gone(session, &endpoint, aside).await,
            Request::ClubRoll { club } => self.club_roll(club, now).await,
            Request::BanFromClub { club, by, member, period } => {
                self.ban_from_club(by, club, member, period, now, aside).await
            }
            Request::WhichEnded { sessions } => {
                if sessions.len() > keeper_api::limits::SESSIONS_PER_ASK_MAX {
                    return Err(ErrorCode::TooLarge.into());
                }
                Ok(Reply::Sessions(self.store.ended(&sessions, Day::of(now)).await?))
            }
        }
    }

    async fn for_session(
        &self,
        session: &SessionToken,
        request: MemberRequest,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        let me = self.me(session, now).await?;
        let (touched, tells) = (touches(&request, me.id), tells(&request));
        let reply = self.for_member(&me, request, now, aside).await;
        self.forget(touched);
        if reply.is_ok() && tells == Tells::Account {
            aside.pushes.push(Push::AccountChanged { member: me.id });
        }
        reply
    }

    async fn me(&self, session: &SessionToken, now: Timestamp) -> Result<Me, Refusal> {
        let token = hashed(session.as_bytes());
        if let Some(held) = self.remembered.borrow().session(token, Day::of(now)) {
            return Ok(held.me.clone());
        }
        Ok(self.look_up(token, now).await?.0.me)
    }

    /// Asks the database whose session this is and whom they follow, and remembers it.
    async fn look_up(&self, token: SecretHash, now: Timestamp) -> Result<(Held, Vec<MemberId>), Refusal> {
        let today = Day::of(now);
        let asked = self.remembered.borrow_mut().ask(today);
        let found = self.store.session(token, today).await;
        let (held, follows) =
            found.map_err(|error| Refusal::from(error).instead(ErrorCode::NotThere, ErrorCode::SignedOut))?;
        let mut remembered = self.remembered.borrow_mut();
        remembered.keep_session(asked, token, &held);
        remembered.keep_follows(asked, held.me.id, &follows);
        Ok((held, follows))
    }

    fn forget(&self, touched: Touched) {
        self.remembered.borrow_mut().forget(touched);
    }

    /// Clears away what has lapsed.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        let swept = self.store.sweep(now).await;
        self.forget(Touched::Everything);
        swept
    }

    /// Forgets whose counters have run empty.
    pub(crate) fn forget_counted(&self, now: Timestamp) {
        self.rates.borrow_mut().forget_empty(now);
    }

    async fn door(&self) -> Result<Door, StoreError> {
        let name = self.store.server_name().await?;
        let state = if name.is_some() { DoorState::Open } else { DoorState::WaitingForOwner };
        let domain = self.passkeys.as_ref().and_then(|passkeys| PasskeyDomain::new(&*passkeys.domain).ok());
        Ok(Door { name, state, passkeys: domain })
    }

    pub(crate) fn has_passkey_domain(&self) -> bool {
        self.passkeys.is_some()
    }
}

/// How this request may overlap with others.
pub(crate) fn turn(request: &Request) -> Turn {
    use keeper_api::MemberRequest as Ask;
    match request {
        Request::Door
        | Request::PreviewInvite { .. }
        | Request::StartPasskeySignIn
        | Request::CheckSession { .. }
        | Request::Greet { .. }
        | Request::Following { .. }
        | Request::Blocked { .. }
        | Request::Resolve { .. }
        | Request::Calendar { .. }
        | Request::WhoseBell { .. }
        | Request::DevicesForEvent { .. }
        | Request::DevicesOf { .. }
        | Request::ClubRoll { .. }
        | Request::MayPing { .. }
        | Request::WhichEnded { .. } => Turn::Shared,
        Request::ForMember {
            request:
                Ask::ListSessions
                | Ask::ListPasskeys
                | Ask::ListInvites
                | Ask::FindPeople { .. }
                | Ask::Profile { .. }
                | Ask::PeopleAlong { .. }
                | Ask::SuggestPeople
                | Ask::Picture { .. }
                | Ask::Notices(NoticesRequest::Look | NoticesRequest::ThisDevice)
                | Ask::ListBlocks
                | Ask::Pings(PingsRequest::ListMuted)
                | Ask::ListReports
                | Ask::Kept
                | Ask::KeptPeople { .. }
                | Ask::Order(OrderRequest::Look)
                | Ask::Event(
                    EventRequest::List
                    | EventRequest::Look { .. }
                    | EventRequest::LookFar { .. }
                    | EventRequest::WhoComes { .. }
                    | EventRequest::HasCalendar,
                )
                | Ask::Club(
                    ClubRequest::Mine
                    | ClubRequest::Find { .. }
                    | ClubRequest::Page { .. }
                    | ClubRequest::People { .. },
                )
                | Ask::StartPasskey,
            ..
        } => Turn::Shared,
        _ => Turn::Alone,
    }
}

/// Which remembered answers a request of this member changes, where it does anything.
fn touches(request: &MemberRequest, member: MemberId) -> Touched {
    use MemberRequest as Ask;
    match request {
        Ask::ListSessions
        | Ask::StartPasskey
        | Ask::ListPasskeys
        | Ask::ListInvites
        | Ask::CreateDeviceLink
        | Ask::FindPeople { .. }
        | Ask::ListBlocks
        | Ask::Pings(_)
        | Ask::ListReports
        | Ask::Profile { .. }
        | Ask::PeopleAlong { .. }
        | Ask::SuggestPeople
        | Ask::Picture { .. }
        | Ask::Introduce(_)
        | Ask::Bell { .. }
        | Ask::Notices(_)
        | Ask::Kept
        | Ask::Club(_)
        | Ask::Order(OrderRequest::Look)
        | Ask::Event(_)
        | Ask::KeptPeople { .. } => Touched::Nothing,
        // Neither follows the other any more.
        Ask::Block { .. } | Ask::Unblock { .. } => Touched::Everything,
        Ask::Follow { .. } | Ask::Unfollow { .. } => Touched::Follows(member),
        Ask::Rename { .. }
        | Ask::SetPicture { .. }
        | Ask::RemovePicture
        | Ask::SignOut
        | Ask::RevokeSession { .. }
        | Ask::RevokeOtherSessions
        | Ask::MakeRecoveryCodes
        | Ask::CreateInvite { .. }
        | Ask::PutReportAway { .. }
        | Ask::RevokeInvite { .. } => Touched::Member(member),
        // The owner is told how many have none that works; whoever followed somebody who is gone follows one less.
        // Order is about others.
        Ask::FinishPasskey { .. } | Ask::RemovePasskey { .. } | Ask::Erase { .. } | Ask::Order(_) => {
            Touched::Everything
        }
    }
}

/// Whether a request of this member, where it is done, is told to their screens as a change of what is kept about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tells {
    Account,
    /// Nothing of it is kept, or something else tells it.
    Nothing,
}

fn tells(request: &MemberRequest) -> Tells {
    use MemberRequest as Ask;
    match request {
        Ask::ListSessions
        | Ask::StartPasskey
        | Ask::ListPasskeys
        | Ask::ListInvites
        | Ask::ListReports
        | Ask::ListBlocks
        | Ask::Pings(PingsRequest::ListMuted)
        | Ask::FindPeople { .. }
        | Ask::Profile { .. }
        | Ask::PeopleAlong { .. }
        | Ask::SuggestPeople
        | Ask::Picture { .. }
        | Ask::Event(
            EventRequest::List
            | EventRequest::Look { .. }
            | EventRequest::LookFar { .. }
            | EventRequest::WhoComes { .. }
            | EventRequest::HasCalendar,
        )
        | Ask::Notices(NoticesRequest::Look | NoticesRequest::ThisDevice)
        | Ask::Kept
        | Ask::KeptPeople { .. } => Tells::Nothing,
        Ask::Rename { .. }
        | Ask::Follow { .. }
        | Ask::Unfollow { .. }
        | Ask::Erase { .. }
        | Ask::Club(_)
        | Ask::Order(_) => Tells::Nothing,
        Ask::SignOut
        | Ask::RevokeSession { .. }
        | Ask::RevokeOtherSessions
        | Ask::FinishPasskey { .. }
        | Ask::RemovePasskey { .. }
        | Ask::MakeRecoveryCodes
        | Ask::CreateInvite { .. }
        | Ask::RevokeInvite { .. }
        | Ask::PutReportAway { .. }
        | Ask::Block { .. }
        | Ask::Unblock { .. }
        | Ask::Pings(PingsRequest::Mute { .. } | PingsRequest::Hear { .. })
        | Ask::Introduce(_)
        | Ask::SetPicture { .. }
        | Ask::RemovePicture
        | Ask::Event(_)
        | Ask::Bell { .. }
        | Ask::Notices(_)
        | Ask::CreateDeviceLink => Tells::Account,
    }
}

fn standing(held: &Held) -> LiveSession {
    LiveSession { me: held.me.clone(), expires_day: held.expires.0 }
}

/// A session to be, with its secret.
fn new_session(device: DeviceLabel, now: Timestamp) -> (NewSession, SessionToken) {
    let token = SessionToken::from_random(random());
    let session = NewSession {
        id: SessionId::from_random(random()),
        token: hashed(token.as_bytes()),
        device,
        day: Day::of(now),
        expires: Day::after(now.plus(SESSION_PERIOD)),
    };
    (session, token)
}

fn person(person: store::Person) -> Person {
    Person { id: person.id, handle: person.handle, name: person.name }
}
