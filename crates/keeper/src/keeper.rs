//! Answers to requests. Time comes in as an argument; the sockets are in `live_line`.

mod account;
mod member;
mod passkey;
mod signin;
#[cfg(test)]
mod stories;

use std::cell::RefCell;

use keeper_api::parent::FromKeeper;
use keeper_api::{
    Door, Hello, LiveSession, PasskeyDomain, Person, Push, Reply, Request, SealingKey, TlsKeys, Welcome,
};
use protocol::account::DoorState;
use protocol::id::{MemberId, SessionId};
use protocol::limits::SESSION_PERIOD;
use protocol::{ErrorCode, Timestamp, account::DeviceLabel};
use store::{Day, NewSession, Store, StoreError};

use crate::ceremonies::Ceremonies;
use crate::domain::Passkeys;
use crate::error::Refusal;
use crate::rates::Rates;
use crate::secrets::{hashed, random};

pub(crate) use account::owner_link;

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
    Failed,
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
    rates: RefCell<Rates>,
    registrations: RefCell<Ceremonies<passkey::Registration>>,
    sign_ins: RefCell<Ceremonies<passkey::SignInState>>,
}

/// What a reply is made with, beside the reply itself.
#[derive(Debug, Default)]
struct Aside {
    pushes: Vec<Push>,
    word: Option<FromKeeper>,
}

impl Aside {
    fn end(&mut self, member: MemberId, sessions: &[SessionId]) {
        self.pushes.extend(sessions.iter().map(|session| Push::SessionEnded { session: *session, member }));
    }
}

impl Keeper {
    pub(crate) fn new(store: Store, passkeys: Option<Passkeys>, tls: Option<TlsKeys>) -> Self {
        let domain = passkeys.as_ref().map_or("", |passkeys| &*passkeys.domain);
        Self {
            store: store.with_passkeys_at(domain),
            passkeys,
            sealing_key: RefCell::new(SealingKey::from_random(random())),
            tls: RefCell::new(tls),
            rates: RefCell::default(),
            registrations: RefCell::default(),
            sign_ins: RefCell::default(),
        }
    }

    /// How a line begins. The key that `live` brings is the one its rooms are sealed with, so it wins.
    pub(crate) async fn welcome(&self, hello: Hello) -> Result<Welcome, StoreError> {
        if let Some(key) = hello.sealing_key {
            self.sealing_key.replace(key);
        }
        let door = self.door().await?;
        Ok(Welcome { sealing_key: self.sealing_key.borrow().clone(), door, tls: self.tls.borrow().clone() })
    }

    /// Takes a renewed certificate; says it to `live`.
    pub(crate) fn renew(&self, keys: TlsKeys) -> Push {
        self.tls.replace(Some(keys.clone()));
        Push::TlsKeys(keys)
    }

    pub(crate) async fn answer(&self, request: Request, now: Timestamp) -> Outcome {
        let mut aside = Aside::default();
        let (answer, health) = match self.reply(request, now, &mut aside).await {
            Ok(reply) => (Ok(reply), Health::Works),
            Err(Refusal::Code(code)) => (Err(code), Health::Works),
            Err(Refusal::Store(_)) => (Err(ErrorCode::Internal), Health::Failed),
        };
        Outcome { pushes: aside.pushes, answer, word: aside.word, health }
    }

    async fn reply(&self, request: Request, now: Timestamp, aside: &mut Aside) -> Result<Reply, Refusal> {
        match request {
            Request::Door => Ok(Reply::Door(self.door().await?)),
            Request::ClaimServer { secret, server_name, name, handle, device } => {
                self.claim(&secret, &server_name, account::newcomer(name, handle), device, now, aside).await
            }
            Request::PreviewInvite { secret } => self.preview_invite(&secret, now).await,
            Request::AcceptInvite { secret, name, handle, device } => {
                self.accept_invite(&secret, account::newcomer(name, handle), device, now).await
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
                let held = self.session(&session, now).await?;
                Ok(Reply::Session(LiveSession { me: held.me, expires_day: held.expires.0 }))
            }
            Request::ForMember { session, request } => {
                let held = self.session(&session, now).await?;
                self.for_member(&held.me, request, now, aside).await
            }
            Request::Following { member } => Ok(Reply::Members(self.store.following(member).await?)),
            Request::Resolve { handles } => {
                if handles.len() > keeper_api::limits::RESOLVE_MAX {
                    return Err(ErrorCode::TooLarge.into());
                }
                let people = self.store.resolve(&handles).await?;
                Ok(Reply::People(people.into_iter().map(person).collect()))
            }
            Request::WhichEnded { sessions } => {
                if sessions.len() > keeper_api::limits::SESSIONS_PER_ASK_MAX {
                    return Err(ErrorCode::TooLarge.into());
                }
                Ok(Reply::Sessions(self.store.ended(&sessions, Day::of(now)).await?))
            }
        }
    }

    async fn session(
        &self,
        token: &keeper_api::SessionToken,
        now: Timestamp,
    ) -> Result<store::Held, Refusal> {
        let held = self.store.session(hashed(token.as_bytes()), Day::of(now)).await;
        held.map_err(|error| Refusal::from(error).instead(ErrorCode::NotThere, ErrorCode::SignedOut))
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
        | Request::Following { .. }
        | Request::Resolve { .. }
        | Request::WhichEnded { .. } => Turn::Shared,
        Request::ForMember {
            request:
                Ask::ListSessions
                | Ask::ListPasskeys
                | Ask::ListInvites
                | Ask::FindPeople { .. }
                | Ask::Profile { .. }
                | Ask::StartPasskey,
            ..
        } => Turn::Shared,
        _ => Turn::Alone,
    }
}

/// A session to be, with its secret.
fn new_session(device: DeviceLabel, now: Timestamp) -> (NewSession, keeper_api::SessionToken) {
    let token = keeper_api::SessionToken::from_random(random());
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
