//! What people do with their accounts and with each other's, outside rooms: whom they follow and block, how they get in
//! again, and how they go; and what the owner does about somebody.

use aws_lc_rs::digest::{SHA256, digest};
use client::api::{ApiError, Link, Token};
use keeper_api::RecoveryCode;
use protocol::ErrorCode;
use protocol::account::{Passkey, PasskeyChallenge, RecoveryCodes, SignedIn};
use protocol::id::PasskeyId;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::authenticator::Authenticator;
use crate::evening::{Doubt, Evening};
use crate::kept::{self, Change, Kept, new_passkeys};
use crate::model::{Number, Standing};
use crate::nowhere;
use crate::strike::Victim;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Follow,
    Unfollow,
    Block,
    Unblock,
    /// By the owner, whoever is drawn.
    Suspend,
    Lift,
    Erase,
    AddPasskey,
    RemovePasskey,
    /// One that works or one that was taken away.
    TryPasskey,
    MakeCodes,
    UseCode,
}

impl Ask {
    pub(crate) const DRAWN: [Self; 22] = [
        Self::Follow,
        Self::Follow,
        Self::Follow,
        Self::Unfollow,
        Self::Block,
        Self::Block,
        Self::Unblock,
        Self::Suspend,
        Self::Lift,
        Self::Lift,
        Self::Erase,
        Self::AddPasskey,
        Self::AddPasskey,
        Self::AddPasskey,
        Self::RemovePasskey,
        Self::TryPasskey,
        Self::TryPasskey,
        Self::MakeCodes,
        Self::MakeCodes,
        Self::UseCode,
        Self::UseCode,
        Self::UseCode,
    ];
}

/// What somebody has to get in again, besides their session.
#[derive(Default)]
pub(crate) struct Credentials {
    /// Every one that was ever made, or begun.
    passkeys: Vec<Held>,
    /// The newest recovery codes, used ones included.
    codes: Vec<RecoveryCode>,
    /// Sets of codes, and uses of them: both are counted by the server.
    sets: usize,
    uses: usize,
}

struct Held {
    /// None where nobody was told.
    id: Option<PasskeyId>,
    authenticator: Authenticator,
}

/// Sets that one member may make at once, and recovery codes that one address may try (each use is tried twice).
const SETS_MAX: usize = 3;
const USES_MAX: usize = 4;
const PASSKEYS_MAX: usize = 4;

type Answer = Option<Result<Vec<u8>, ErrorCode>>;

fn hash(code: &RecoveryCode) -> Vec<u8> {
    digest(&SHA256, code.as_bytes()).as_ref().to_vec()
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> T {
    serde_json::from_slice(answer).expect("as the protocol says")
}

impl Evening {
    pub(crate) fn may_ask(&self, ask: Ask, by: Number, to: Number, victim: Option<Victim>) -> bool {
        let (one, other) = (self.handle(by), self.handle(to));
        let credentials = &self.people[by].credentials;
        match ask {
            Ask::Follow | Ask::Unfollow => {
                by != to && self.stands(by) && self.kept.is_there(other) && !self.kept.apart(one, other)
            }
            // In a room a block does more, which is the rooms' own matter.
            Ask::Block => {
                let room = |who: Number| self.people[who].seat.as_ref().map(|seat| seat.room);
                let together = room(by).is_some() && room(by) == room(to);
                by != to
                    && self.stands(by)
                    && self.kept.is_there(other)
                    && !self.kept.apart(one, other)
                    && !together
            }
            Ask::Unblock => self.stands(by) && self.kept.blocks.contains(&(one.to_owned(), other.to_owned())),
            Ask::Suspend => to != 0 && self.stands(to) && self.may_go(to, victim),
            Ask::Lift => self.kept.is_there(other) && !self.stands(to),
            Ask::Erase => by != 0 && self.stands(by) && self.may_go(by, victim),
            Ask::AddPasskey => self.stands(by) && credentials.passkeys.len() < PASSKEYS_MAX,
            Ask::RemovePasskey => self.stands(by) && self.works(by).next().is_some(),
            Ask::TryPasskey => self.stands(by) && !credentials.passkeys.is_empty(),
            Ask::MakeCodes => self.stands(by) && credentials.sets < SETS_MAX,
            Ask::UseCode => {
                self.stands(by) && self.unused(by).next().is_some() && credentials.uses < USES_MAX
            }
        }
    }

    /// Out of a room they go like others, which takes a while; where somebody dies meanwhile, they are in none.
    fn may_go(&self, who: Number, victim: Option<Victim>) -> bool {
        self.people[who].seat.as_ref().is_none_or(|seat| {
            let standing = self.rooms[seat.room].standings.get(&who);
            victim.is_none() && standing.is_some_and(|s| s.authority == Standing::COMES.authority)
        })
    }

    fn works(&self, who: Number) -> impl Iterator<Item = PasskeyId> {
        let account = &self.kept.accounts[self.handle(who)];
        let known = self.people[who].credentials.passkeys.iter().filter_map(|held| held.id);
        known.filter(|id| account.passkeys.contains(id.0.as_slice()))
    }

    fn unused(&self, who: Number) -> impl Iterator<Item = &RecoveryCode> {
        let account = &self.kept.accounts[self.handle(who)];
        self.people[who].credentials.codes.iter().filter(|code| account.codes.contains(&hash(code)))
    }

    pub(crate) async fn asks(&mut self, ask: Ask, by: Number, to: Number) -> Option<Doubt> {
        let (one, other) = (self.handle(by).to_owned(), self.handle(to).to_owned());
        let pair = (one.clone(), other.clone());
        let (what, change) = match ask {
            Ask::Follow => (format!("PUT /people/{other}/follow"), Change::Follow(pair.0, pair.1)),
            Ask::Unfollow => (format!("DELETE /people/{other}/follow"), Change::Unfollow(pair.0, pair.1)),
            Ask::Block => (format!("PUT /people/{other}/block"), Change::Block(pair.0, pair.1)),
            Ask::Unblock => (format!("DELETE /people/{other}/block"), Change::Unblock(pair.0, pair.1)),
            Ask::Suspend => (format!("PUT /order/suspended/{other}"), Change::Suspend(other)),
            Ask::Lift => (format!("DELETE /order/suspended/{other}"), Change::Lift(other)),
            Ask::Erase => ("POST /me/erase".to_owned(), Change::Erase(one.clone())),
            Ask::RemovePasskey => {
                let id = self.works(by).next().expect("it is possible");
                (format!("DELETE /passkeys/{id}"), Change::RemovePasskey(one.clone(), id.0.to_vec()))
            }
            Ask::AddPasskey => return self.adds_passkey(by).await,
            Ask::TryPasskey => return self.tries_passkey(by).await,
            Ask::MakeCodes => return self.makes_codes(by).await,
            Ask::UseCode => return self.uses_code(by).await,
        };
        let asker = if matches!(ask, Ask::Suspend | Ask::Lift) { 0 } else { by };
        let body = (ask == Ask::Erase).then(|| json!({ "handle": one }));
        match self.request(asker, &what, body).await {
            None => return Some(Doubt::Kept(change)),
            Some(answer) => drop(answer.expect("it is theirs to do")),
        }
        self.is_done(&change).await;
        if ask == Ask::Erase {
            nowhere::erased_are(&self.data(), &self.people, &self.kept);
        }
        None
    }

    async fn request(&self, by: Number, what: &str, body: Option<serde_json::Value>) -> Answer {
        self.people[by].asks.ask(what, Some(&self.people[by].token), body).await
    }

    /// Two questions. The first one's answer is remembered by the process that the second may not find any more.
    async fn adds_passkey(&mut self, by: Number) -> Option<Doubt> {
        let change = Change::AddPasskey(self.handle(by).to_owned());
        let Some(challenge) = self.request(by, "POST /passkeys/start", None).await else {
            return Some(Doubt::Whatever);
        };
        let PasskeyChallenge { ceremony, options } = read(&challenge.expect("a challenge"));
        let mut authenticator = Authenticator::at(&self.people[by].asks.origin());
        let credential = authenticator.create(&options);
        self.people[by].credentials.passkeys.push(Held { id: None, authenticator });
        let body = json!({ "ceremony": ceremony, "credential": credential });
        let passkey: Passkey = match self.request(by, "POST /passkeys/finish", Some(body)).await {
            None => return Some(Doubt::Kept(change)),
            Some(Err(ErrorCode::PasskeyRefused)) => return Some(Doubt::Whatever),
            Some(answer) => read(&answer.expect("it is theirs to do")),
        };
        self.is_done(&change).await;
        assert!(
            self.kept.accounts[self.handle(by)].passkeys.contains(passkey.id.0.as_slice()),
            "as answered"
        );
        None
    }

    async fn makes_codes(&mut self, by: Number) -> Option<Doubt> {
        let change = Change::MakeCodes(self.handle(by).to_owned());
        self.people[by].credentials.sets += 1;
        let codes: RecoveryCodes = match self.request(by, "POST /recovery", None).await {
            None => return Some(Doubt::Kept(change)),
            Some(answer) => read(&answer.expect("it is theirs to do")),
        };
        let codes = codes.codes.iter().map(|code| RecoveryCode::parse(code).expect("a code"));
        self.people[by].credentials.codes = codes.collect();
        self.is_done(&change).await;
        assert_eq!(self.unused(by).count(), protocol::limits::RECOVERY_CODES, "as answered");
        None
    }

    async fn uses_code(&mut self, by: Number) -> Option<Doubt> {
        let code = self.unused(by).next().expect("it is possible").clone();
        let change = Change::UseCode(self.handle(by).to_owned(), hash(&code));
        self.people[by].credentials.uses += 1;
        let signed: SignedIn = match self.signs_in_by(by, &code).await {
            None => return Some(Doubt::Kept(change)),
            Some(answer) => read(&answer.expect("it is not used")),
        };
        self.is_done(&change).await;
        let again = self.signs_in_by(by, &code).await;
        let ended = self.ends_at_once(by, signed).await;
        match again {
            Some(answer) => assert_eq!(answer, Err(ErrorCode::LinkSpent), "a code was used twice"),
            None => return Some(Doubt::Whatever),
        }
        (!ended).then_some(Doubt::Whatever)
    }

    async fn signs_in_by(&self, who: Number, code: &RecoveryCode) -> Answer {
        let body = json!({ "handle": self.handle(who), "code": code.reveal() });
        self.people[who].asks.ask("POST /signin/recovery", None, Some(body)).await
    }

    /// The session of somebody who only wanted to see whether they get in. Whether it was answered that it ended.
    async fn ends_at_once(&mut self, who: Number, signed: SignedIn) -> bool {
        let token = Token::new(signed.bearer.expect("a token"));
        match self.people[who].api.sign_out(&token).await {
            Ok(()) => self.ended.push((who, token)),
            Err(error) if error.may_pass() => return false,
            Err(ApiError::Refused(ErrorCode::Busy | ErrorCode::Internal)) => return false,
            Err(error) => panic!("{error:?}"),
        }
        true
    }

    async fn tries_passkey(&mut self, by: Number) -> Option<Doubt> {
        let nth = self.random.below(self.people[by].credentials.passkeys.len());
        self.tries_this(by, nth).await
    }

    /// Those that are kept get in, and no other.
    async fn tries_this(&mut self, by: Number, nth: usize) -> Option<Doubt> {
        let asks = self.people[by].asks;
        let Some(challenge) = asks.ask("POST /signin/passkey/start", None, None).await else {
            return Some(Doubt::Whatever);
        };
        let PasskeyChallenge { ceremony, options } = read(&challenge.expect("a challenge"));
        let account = &self.kept.accounts[self.handle(by)];
        let held = &mut self.people[by].credentials.passkeys[nth];
        let works = held.id.is_some_and(|id| account.passkeys.contains(id.0.as_slice()));
        let body = json!({ "ceremony": ceremony, "credential": held.authenticator.get(&options) });
        let signed: SignedIn = match asks.ask("POST /signin/passkey/finish", None, Some(body)).await {
            // The keeper that began it is gone.
            None | Some(Err(ErrorCode::PasskeyRefused)) => return Some(Doubt::Whatever),
            Some(Err(code)) => {
                assert_eq!((code, works), (ErrorCode::PasskeyUnknown, false));
                return None;
            }
            Some(Ok(signed)) => read(&signed),
        };
        assert!(works, "a passkey gets in that is not kept");
        (!self.ends_at_once(by, signed).await).then_some(Doubt::Whatever)
    }

    /// It was answered: so it is, and nothing else is.
    async fn is_done(&mut self, change: &Change) {
        let found = self.found().await;
        assert!(change.leads(&self.kept, &found), "{change:?} led from {:#?} to {found:#?}", self.kept);
        self.adopts(change, found);
    }

    /// It was not answered: it is done, or nothing of it is.
    pub(crate) async fn is_done_or_not(&mut self, change: &Change) {
        let found = self.found().await;
        if found != self.kept {
            return self.is_done(change).await;
        }
        match change {
            // Whose code this is may use it.
            Change::UseCode(who, code) => {
                let by = self.number(who);
                let code = self.people[by].credentials.codes.iter().find(|one| hash(one) == *code).cloned();
                let signed =
                    self.signs_in_by(by, &code.expect("one of theirs")).await.expect("everybody is back");
                let signed = read(&signed.expect("it is not used"));
                self.is_done(change).await;
                assert!(self.ends_at_once(by, signed).await, "everybody is back");
            }
            Change::AddPasskey(who) => {
                let by = self.number(who);
                let last = self.people[by].credentials.passkeys.len() - 1;
                assert!(self.tries_this(by, last).await.is_none(), "everybody is back");
            }
            _ => {}
        }
    }

    pub(crate) async fn found(&self) -> Kept {
        kept::read(&self.database()).await
    }

    fn adopts(&mut self, change: &Change, found: Kept) {
        if let Change::AddPasskey(who) = change {
            let id = new_passkeys(&self.kept, &found, who).pop().and_then(|id| id.try_into().ok());
            let by = self.number(who);
            let held = self.people[by].credentials.passkeys.last_mut().expect("it was begun");
            held.id = Some(PasskeyId(id.expect("an id")));
        }
        self.kept = found;
        match change {
            Change::Erase(who) => {
                let who = self.number(who);
                self.is_out(who);
                for given in self.given.iter_mut().filter(|given| given.by == who) {
                    given.left = 0;
                }
            }
            Change::Suspend(who) => self.is_out(self.number(who)),
            Change::Lift(who) => self.lifted = Some(self.number(who)),
            _ => {}
        }
    }

    /// Whose sessions ended is in no room.
    fn is_out(&mut self, who: Number) {
        if let Some(seat) = self.people[who].seat.take() {
            self.rooms[seat.room].standings.remove(&who);
        }
    }

    /// Whoever was suspended has no session, and gets in by a link.
    pub(crate) async fn lets_in_again(&mut self) {
        let Some(who) = self.lifted.take() else { return };
        let Link { secret, .. } = self.link_from_the_administrator(self.handle(who));
        self.people[who].token = self.people[who].api.sign_in(&secret).await.expect("they may");
    }
}
