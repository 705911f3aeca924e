//! One evening: people come by invitation, open rooms and keep order in them, follow and block and report each other, get
//! in by another way, are suspended and go for good; and processes die meanwhile.
//!
//! One thing happens at a time, and everybody is told of it before the next: so it is known what people were last told, and
//! only of what a death interrupted there are two stories, that it happened and that it did not.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use client::api::{ApiError, Link, Server as Api, Token, Trust};
use client::peer::Identity;
use protocol::ErrorCode;
use protocol::id::MemberId;
use protocol::limits::REPORTS_EACH;

use crate::accounts::{Ask, Credentials};
use crate::asks::Asks;
use crate::kept::{self, Account, Change, Kept};
use crate::ledger::{self, Erased};
use crate::model::{Act, Number, Standing, Standings};
use crate::native::{claims, comes, reaches};
use crate::nowhere;
use crate::random::Random;
use crate::rooms::{Open, Seat};
use crate::server::{Server, vivavoce};
use crate::strike::{Strike, Victim};

/// Things that happen in one evening, after everybody is there.
const DEEDS: usize = 60;
/// People with an account at the most: what is asked of all of them after a death must stay quick.
const PEOPLE_MAX: usize = 14;
/// How long a process may be away.
const AWAY_MAX: Duration = Duration::from_secs(1);

pub(crate) struct Evening {
    pub(crate) random: Random,
    folder: tempfile::TempDir,
    pub(crate) server: Server,
    pub(crate) identity: Identity,
    /// Everybody who ever came.
    pub(crate) people: Vec<Person>,
    /// What was answered, and so has to be there.
    pub(crate) kept: Kept,
    /// Who asked for an account and got no answer, and was not found in the database.
    nobody: BTreeSet<String>,
    pub(crate) given: Vec<Given>,
    /// Devices that were signed out, and answered so.
    pub(crate) ended: Vec<(Number, Token)>,
    /// Who is not suspended any more, and has no session yet.
    pub(crate) lifted: Option<Number>,
    pub(crate) rooms: Vec<Open>,
    newcomers: u32,
    back: Vec<(Victim, Duration)>,
    /// For as long as one is happening.
    pub(crate) rooms_end: RoomsEnd,
}

pub(crate) struct Person {
    pub(crate) handle: String,
    pub(crate) id: MemberId,
    pub(crate) api: Api,
    pub(crate) asks: Asks,
    pub(crate) token: Token,
    pub(crate) credentials: Credentials,
    pub(crate) seat: Option<Seat>,
    /// Reports that they made in a room: the room counts.
    pub(crate) reported: usize,
}

/// Somebody who is about to have an account.
struct Newcomer {
    handle: String,
    api: Api,
    asks: Asks,
}

pub(crate) struct Given {
    pub(crate) by: Number,
    link: Link,
    pub(crate) left: u32,
}

/// What is done next.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Deed {
    Gives(Number, u32),
    Comes(usize),
    /// Two at once by the last use of one link.
    Race(usize),
    /// By a link that is used up.
    TooLate(usize),
    /// Signs another device in and out again.
    SignsOut(Number),
    Starts(Number),
    Enters(Number, usize),
    Does(Act, Number, Number),
    Asks(Ask, Number, Number),
    Reports(Number, Number),
    /// Everybody leaves this room.
    Empties(usize),
}

/// What a death interrupted.
pub(crate) enum Doubt {
    Accounts {
        handles: Vec<String>,
        link: usize,
    },
    Starting(Number),
    Entering(Number, usize),
    /// The room, and how it is if it was done.
    Acting(usize, Standings),
    /// Either what was kept, or that.
    Kept(Change),
    Reporting(Number, Number),
    /// What was reported in a room is on its way.
    Filing,
    /// Whether it happened makes no difference to anybody here.
    Whatever,
}

/// Whether a death can take the rooms with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoomsEnd {
    No,
    Perhaps,
}

impl Evening {
    /// Gives how long each process was away that was killed.
    pub(crate) async fn spend(seed: u64) -> Vec<(Victim, Duration)> {
        let mut evening = Self::begin(seed).await;
        let opening = [
            Deed::Gives(0, 3),
            Deed::Comes(0),
            Deed::Comes(0),
            Deed::Gives(1, 1),
            Deed::Comes(1),
            Deed::Starts(0),
            Deed::Enters(1, 0),
            Deed::Enters(2, 0),
            Deed::Does(Act::Make, 0, 1),
        ];
        let mut victims = [Victim::Live, Victim::Keeper];
        if evening.random.below(2) == 0 {
            victims.swap(0, 1);
        }
        // The last one may make a process wait longer for its next start.
        let both = if evening.random.below(2) == 0 { Victim::BothAtOnce } else { Victim::BothInTurn };
        let third = (opening.len() + DEEDS) / 3;
        let mut strikes: Vec<(usize, Strike)> = (0..)
            .zip([victims[0], victims[1], both])
            .map(|(nth, victim)| {
                let at = nth * third + evening.random.below(third);
                (at, Strike::draw(victim, &mut evening.random))
            })
            .collect();
        strikes.reverse();
        for at in 0..opening.len() + DEEDS {
            let strike = strikes.pop_if(|(when, _)| *when == at).map(|(_, strike)| strike);
            let victim = strike.map(|strike| strike.victim);
            let deed = opening.get(at).copied().filter(|deed| evening.is_possible(*deed, victim));
            let deed = deed.unwrap_or_else(|| evening.draw(victim));
            evening.happens(deed, strike).await;
        }
        assert!(strikes.is_empty());
        evening.end().await
    }

    async fn begin(seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start(&folder.path().join("data"));
        let mut evening = Self {
            random: Random::new(seed),
            folder,
            identity: Identity::generate().expect("cryptography works"),
            people: Vec::new(),
            kept: Kept::default(),
            nobody: BTreeSet::new(),
            given: Vec::new(),
            ended: Vec::new(),
            lifted: None,
            rooms: Vec::new(),
            newcomers: 0,
            back: Vec::new(),
            rooms_end: RoomsEnd::No,
            server,
        };
        let link = Link::parse(&evening.server.owner_link()).expect("a link");
        let owner = evening.newcomer();
        let token = claims(&owner.api, &link, &owner.handle, &owner.handle).await;
        evening.is_in(owner, token, None).await;
        evening
    }

    /// Stops the server and looks at what it leaves.
    async fn end(mut self) -> Vec<(Victim, Duration)> {
        for room in 0..self.rooms.len() {
            self.empties(room).await;
        }
        self.is_filed().await;
        let (database, data) = (self.database(), self.data());
        let erased = self.erased();
        let status = self.server.stop();
        assert!(status.success(), "{status}");
        ledger::check(&database, erased).await;
        assert_eq!(kept::read(&database).await, self.kept);
        nowhere::erased_are(&data, &self.people, &self.kept);
        self.back
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.data().join("vivavoce.db")
    }

    /// Each from an address of their own: what one address may do is counted.
    fn newcomer(&mut self) -> Newcomer {
        self.newcomers += 1;
        Newcomer {
            // As long as every other one, so that none begins another.
            handle: format!("guest{:03}", self.newcomers),
            api: from_address(&self.server, self.newcomers),
            asks: Asks { server: self.server.address, from: address(self.newcomers) },
        }
    }

    /// They have an account, by an invitation of this one.
    async fn is_in(&mut self, newcomer: Newcomer, token: Token, invited_by: Option<Number>) {
        let Newcomer { handle, api, asks } = newcomer;
        let invited_by = invited_by.map(|by| self.handle(by).to_owned());
        // Whom the death of somebody keeps from being answered is asked again.
        let id = loop {
            match api.me(&token).await {
                Ok(me) => break me.id,
                Err(ApiError::Refused(ErrorCode::Busy | ErrorCode::Internal)) => {}
                Err(error) if error.may_pass() => {}
                Err(error) => panic!("{error:?}"),
            }
            tokio::task::yield_now().await;
        };
        self.kept.accounts.insert(handle.clone(), Account { invited_by, ..Account::default() });
        let credentials = Credentials::default();
        self.people.push(Person { handle, id, api, asks, token, credentials, seat: None, reported: 0 });
    }

    fn erased(&self) -> Erased {
        let gone = self.people.iter().any(|person| !self.kept.is_there(&person.handle));
        if gone { Erased::Somebody } else { Erased::Nobody }
    }

    pub(crate) fn handle(&self, who: Number) -> &str {
        &self.people[who].handle
    }

    pub(crate) fn number(&self, handle: &str) -> Number {
        self.people.iter().position(|person| person.handle == handle).expect("somebody who came")
    }

    /// Has an account, and may use it.
    pub(crate) fn stands(&self, who: Number) -> bool {
        self.people.get(who).is_some_and(|person| self.kept.stands(&person.handle))
    }

    fn is_possible(&self, deed: Deed, victim: Option<Victim>) -> bool {
        let room = |who: Number| self.people.get(who).and_then(|p| p.seat.as_ref()).map(|seat| seat.room);
        let left = |link: usize| {
            let given = self.given.get(link)?;
            // One that is given by somebody who is suspended is spent, and will not be when they are not.
            let stands = self.stands(given.by) || !self.kept.is_there(self.handle(given.by));
            stands.then_some(given.left)
        };
        match deed {
            Deed::Gives(by, _) | Deed::SignsOut(by) => self.stands(by),
            Deed::Comes(link) => left(link).is_some_and(|left| left > 0),
            Deed::Race(link) => left(link) == Some(1),
            Deed::TooLate(link) => left(link) == Some(0),
            Deed::Starts(by) => self.stands(by) && room(by).is_none(),
            Deed::Enters(by, into) => {
                self.stands(by)
                    && room(by).is_none()
                    && self.rooms.get(into).is_some_and(|room| {
                        // What a block does in a room is the rooms' own matter.
                        let apart = |who: &Number| self.kept.apart(self.handle(by), self.handle(*who));
                        !room.standings.is_empty() && !room.standings.keys().any(apart)
                    })
            }
            Deed::Does(_, by, to) => room(by).is_some() && room(by) == room(to),
            Deed::Asks(ask, by, to) => self.may_ask(ask, by, to, victim),
            Deed::Reports(by, to) => {
                by != to
                    && room(by).is_some()
                    && room(by) == room(to)
                    && self.people[by].reported < REPORTS_EACH
            }
            // Who leaves while `live` dies has left or is back, and nobody can tell.
            Deed::Empties(room) => {
                matches!(victim, None | Some(Victim::Keeper))
                    && self.rooms.get(room).is_some_and(|room| !room.standings.is_empty())
            }
        }
    }

    fn draw(&mut self, victim: Option<Victim>) -> Deed {
        // What a room files is worth a death of whom it files it with.
        let reported = self.rooms.iter().position(|room| !room.reports.is_empty());
        if let (Some(Victim::Keeper), Some(room)) = (victim, reported)
            && self.random.below(3) == 0
        {
            return Deed::Empties(room);
        }
        loop {
            let deed = self.draw_any();
            if self.is_possible(deed, victim) {
                return deed;
            }
        }
    }

    fn draw_any(&mut self) -> Deed {
        let random = &mut self.random;
        let (who, link) = (random.below(self.people.len()), random.below(self.given.len().max(1)));
        let full = self.kept.accounts.len() >= PEOPLE_MAX;
        match random.below(100) {
            0..6 => Deed::Gives(who, if who == 0 { 2 } else { 1 }),
            6..12 if !full => Deed::Comes(link),
            12..16 if !full => Deed::Race(link),
            16..19 => Deed::TooLate(link),
            19..22 => Deed::SignsOut(who),
            22..27 => Deed::Starts(who),
            27..36 => Deed::Enters(who, random.below(self.rooms.len().max(1))),
            36..62 => {
                let ask = random.pick(&Ask::DRAWN).copied().unwrap_or(Ask::Follow);
                Deed::Asks(ask, who, random.below(self.people.len()))
            }
            62..66 => Deed::Reports(who, random.below(self.people.len())),
            66 => Deed::Empties(random.below(self.rooms.len().max(1))),
            _ => {
                let act = random.pick(&Act::DRAWN).copied().unwrap_or(Act::Raise);
                let Some(room) = random.pick(&self.rooms) else { return Deed::Starts(who) };
                let here: Vec<Number> = room.standings.keys().copied().collect();
                // Those who keep order do most of what is done to others.
                let keeps = |number: &Number| room.standings[number].authority > Standing::COMES.authority;
                let keepers: Vec<Number> = here.iter().copied().filter(keeps).collect();
                let by = if random.below(3) > 0 { random.pick(&keepers) } else { random.pick(&here) };
                let to = random.pick(&here);
                Deed::Does(act, by.copied().unwrap_or(who), to.copied().unwrap_or(who))
            }
        }
    }

    async fn happens(&mut self, deed: Deed, strike: Option<Strike>) {
        let Some(strike) = strike else {
            match self.perform(deed).await {
                None => {}
                Some(Doubt::Filing) => self.is_filed().await,
                Some(_) => panic!("{deed:?} was not answered, and nobody had died"),
            }
            self.lets_in_again().await;
            return self.settle().await;
        };
        println!("  {deed:?}, {strike:?}");
        self.server.said();
        self.rooms_end = match strike.victim {
            Victim::Live | Victim::Keeper => RoomsEnd::No,
            Victim::BothAtOnce | Victim::BothInTurn => RoomsEnd::Perhaps,
        };
        let dead = strike.begin(&self.server);
        let doubt = self.perform(deed).await;
        let dead = dead.join().expect("killed");
        self.wait_until_back(strike.victim, dead).await;
        self.rooms_after(strike.victim, doubt.as_ref()).await;
        match doubt {
            Some(Doubt::Accounts { handles, link }) => self.find_out(handles, link).await,
            Some(Doubt::Starting(by)) => self.starts_again(by).await,
            Some(Doubt::Entering(by, room)) if room < self.rooms.len() => {
                self.enters(by, room).await.expect("back")
            }
            Some(Doubt::Kept(change)) => self.is_done_or_not(&change).await,
            Some(Doubt::Filing) => self.is_filed().await,
            Some(Doubt::Reporting(by, to)) => self.reports_again(by, to).await,
            _ => {}
        }
        self.rooms_end = RoomsEnd::No;
        self.lets_in_again().await;
        self.settle().await;
        self.look_at_accounts().await;
    }

    async fn wait_until_back(&mut self, victim: Victim, dead: Instant) {
        let back = match victim {
            // A question that comes too early waits for the next `live`, which begins with a word from the keeper.
            Victim::Live | Victim::BothAtOnce => {
                assert_eq!(self.server.get("/healthz"), "HTTP/1.1 200 OK");
                Instant::now()
            }
            // Whatever was done meanwhile may have waited for longer: a room that starts asks it again a second later.
            Victim::Keeper => self.server.says_when("keeper_back"),
            // Either may have found the other gone and been started again: until a member is answered, which is what counts.
            Victim::BothInTurn => loop {
                match self.people[0].api.me(&self.people[0].token).await {
                    Ok(_) => break Instant::now(),
                    Err(error) if error.may_pass() => tokio::task::yield_now().await,
                    Err(error) => panic!("{error:?}"),
                }
            },
        };
        let away = back.saturating_duration_since(dead);
        if away >= AWAY_MAX {
            panic!(
                "{victim:?} was away for {away:?}, and this was said: {:#?}",
                self.server.said_since(dead)
            );
        }
        self.back.push((victim, away));
    }

    /// What was confirmed is there, what was ended stays so, and every row is whole.
    async fn look_at_accounts(&mut self) {
        ledger::check(&self.database(), self.erased()).await;
        assert_eq!(self.found().await, self.kept, "what was answered, and nothing else");
        for (number, person) in self.people.iter().enumerate() {
            let me = person.api.me(&person.token).await;
            if self.stands(number) {
                assert_eq!(me.expect("signed in as before").handle.as_str(), person.handle);
            } else {
                assert!(matches!(me, Err(ApiError::Refused(ErrorCode::SignedOut))), "{me:?}");
            }
        }
        for (number, token) in &self.ended {
            let answer = self.people[*number].api.me(token).await;
            assert!(matches!(answer, Err(ApiError::Refused(ErrorCode::SignedOut))), "{answer:?}");
        }
    }

    async fn perform(&mut self, deed: Deed) -> Option<Doubt> {
        match deed {
            Deed::Gives(by, uses) => {
                let Person { api, token, .. } = &self.people[by];
                let Some(given) = answered(api.invite(token, uses).await) else {
                    return Some(Doubt::Whatever);
                };
                // Refused where nothing is left to give away.
                self.given.extend(given.ok().map(|link| Given { by, link, left: uses }));
            }
            Deed::Comes(link) => return self.comes(link).await,
            Deed::Race(link) => return self.race(link).await,
            Deed::TooLate(link) => {
                let Newcomer { handle, api, .. } = self.newcomer();
                let secret = self.given[link].link.secret.clone();
                let Some(answer) = answered(comes(&api, &secret, &handle, &handle).await) else {
                    return Some(Doubt::Whatever);
                };
                assert_eq!(
                    answer.map(drop),
                    Err(ErrorCode::LinkSpent),
                    "an invitation was used once too often"
                );
            }
            Deed::SignsOut(by) => return self.signs_out(by).await,
            Deed::Starts(by) => return self.starts(by).await.err().map(|()| Doubt::Starting(by)),
            Deed::Enters(by, room) => {
                return self.enters(by, room).await.err().map(|()| Doubt::Entering(by, room));
            }
            Deed::Does(act, by, to) => return self.acts(act, by, to).await,
            Deed::Asks(ask, by, to) => return self.asks(ask, by, to).await,
            Deed::Reports(by, to) => return self.reports(by, to).await,
            Deed::Empties(room) => {
                self.empties(room).await;
                return Some(Doubt::Filing);
            }
        }
        None
    }

    async fn comes(&mut self, link: usize) -> Option<Doubt> {
        let one = self.newcomer();
        let Given { link: Link { secret, .. }, by, .. } = &self.given[link];
        let (answer, by) = (comes(&one.api, secret, &one.handle, &one.handle).await, *by);
        match answered(answer) {
            Some(answer) => {
                let token = answer.expect("the invitation stands");
                self.given[link].left -= 1;
                self.is_in(one, token, Some(by)).await;
                None
            }
            None => Some(Doubt::Accounts { handles: vec![one.handle], link }),
        }
    }

    async fn race(&mut self, link: usize) -> Option<Doubt> {
        let [one, other] = [self.newcomer(), self.newcomer()];
        let Given { link: Link { secret, .. }, by, .. } = &self.given[link];
        let by = *by;
        let (first, second) = tokio::join!(
            comes(&one.api, secret, &one.handle, &one.handle),
            comes(&other.api, secret, &other.handle, &other.handle),
        );
        let mut unanswered = Vec::new();
        let mut came = 0;
        for (newcomer, answer) in [(one, first), (other, second)] {
            match answered(answer) {
                Some(Ok(token)) => {
                    came += 1;
                    self.is_in(newcomer, token, Some(by)).await;
                }
                Some(Err(code)) => assert_eq!(code, ErrorCode::LinkSpent),
                None => unanswered.push(newcomer.handle),
            }
        }
        assert!(came <= 1, "an invitation was used twice");
        self.given[link].left -= came;
        if unanswered.is_empty() {
            assert_eq!(came, 1, "one of them came");
            return None;
        }
        Some(Doubt::Accounts { handles: unanswered, link })
    }

    /// Who asked for an account and heard nothing looks whether there is one.
    async fn find_out(&mut self, handles: Vec<String>, link: usize) {
        let there = ledger::check(&self.database(), self.erased()).await;
        for handle in handles {
            if !there.contains(&handle) {
                self.nobody.insert(handle);
                continue;
            }
            let left = self.given[link].left.checked_sub(1);
            self.given[link].left = left.expect("an invitation was used twice");
            let secret = self.link_from_the_administrator(&handle).secret;
            let back = Newcomer { handle, ..self.newcomer() };
            let token = back.api.sign_in(&secret).await.expect("the account is whole");
            self.is_in(back, token, Some(self.given[link].by)).await;
        }
    }

    pub(crate) fn link_from_the_administrator(&self, handle: &str) -> Link {
        let data = self.data();
        let output = vivavoce(&data, &["admin", "signin-link", handle]).output().expect("ran");
        let said = String::from_utf8_lossy(&output.stdout);
        Link::parse(said.lines().next().unwrap_or_default()).unwrap_or_else(|_| panic!("no link: {output:?}"))
    }

    async fn signs_out(&mut self, by: Number) -> Option<Doubt> {
        let Person { api, token, .. } = &self.people[by];
        let done = async {
            let link = answered(api.device_link(token).await)?.expect("a link");
            let other = answered(api.sign_in(&link.secret).await)?.expect("signed in");
            answered(api.sign_out(&other).await)?.expect("signed out");
            Some(other)
        };
        let done = done.await;
        let doubt = done.is_none().then_some(Doubt::Whatever);
        self.ended.extend(done.map(|other| (by, other)));
        doubt
    }
}

/// What the server said to it; none where it could not be heard whether it happened.
pub(crate) fn answered<T>(answer: Result<T, ApiError>) -> Option<Result<T, ErrorCode>> {
    match answer {
        Ok(answer) => Some(Ok(answer)),
        // The keeper died over it, or was not there: the server does not know either.
        Err(ApiError::Refused(ErrorCode::Busy | ErrorCode::Internal)) => None,
        Err(ApiError::Refused(code)) => Some(Err(code)),
        Err(error) if error.may_pass() => None,
        Err(error) => panic!("{error:?}"),
    }
}

/// From an address of their own.
pub(crate) fn from_address(server: &Server, number: u32) -> Api {
    let origin = format!("http://{}", server.address).parse().expect("an address");
    reaches(origin, &Trust::System, address(number))
}

fn address(number: u32) -> Ipv4Addr {
    Ipv4Addr::from(0x7f00_0100 + number)
}
