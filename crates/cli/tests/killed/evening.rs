//! One evening: people come by invitation, open rooms and keep order in them, and processes die meanwhile.
//!
//! One thing happens at a time, and everybody is told of it before the next: so it is known what people were last told, and
//! only of what a death interrupted there are two stories, that it happened and that it did not.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use client::api::{ApiError, Link, Server as Api, Token, Trust};
use client::peer::Identity;
use protocol::ErrorCode;
use protocol::text::{DisplayName, Handle, ServerName};

use crate::ledger;
use crate::model::{Act, Number, Standing, Standings};
use crate::random::Random;
use crate::rooms::{Open, Seat};
use crate::server::{Server, vivavoce};
use crate::strike::{Strike, Victim};

/// Things that happen in one evening, after everybody is there.
const DEEDS: usize = 40;
/// People with an account at the most: what is asked of all of them after a death must stay quick.
const PEOPLE_MAX: usize = 14;
/// How long a process may be away.
const AWAY_MAX: Duration = Duration::from_secs(1);

pub(crate) struct Evening {
    pub(crate) random: Random,
    folder: tempfile::TempDir,
    pub(crate) server: Server,
    pub(crate) identity: Identity,
    pub(crate) people: Vec<Person>,
    /// Who asked for an account and got no answer, and was not found in the database.
    nobody: BTreeSet<String>,
    given: Vec<Given>,
    /// Devices that were signed out, and answered so.
    ended: Vec<(Number, Token)>,
    pub(crate) rooms: Vec<Open>,
    newcomers: u32,
    back: Vec<(Victim, Duration)>,
}

pub(crate) struct Person {
    handle: String,
    pub(crate) api: Api,
    pub(crate) token: Token,
    pub(crate) seat: Option<Seat>,
}

struct Given {
    link: Link,
    left: u32,
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
    /// Whether it happened makes no difference to anybody here.
    Whatever,
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
            let deed = opening.get(at).copied().filter(|deed| evening.is_possible(*deed));
            let deed = deed.unwrap_or_else(|| evening.draw());
            let strike = strikes.pop_if(|(when, _)| *when == at).map(|(_, strike)| strike);
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
            nobody: BTreeSet::new(),
            given: Vec::new(),
            ended: Vec::new(),
            rooms: Vec::new(),
            newcomers: 0,
            back: Vec::new(),
            server,
        };
        let link = Link::parse(&evening.server.owner_link()).expect("a link");
        let (handle, api) = evening.newcomer();
        let name = ServerName::parse("Home").expect("a name");
        let token =
            api.claim(&link.secret, name, called(&handle), handle_of(&handle)).await.expect("the owner");
        evening.people.push(Person { handle, api, token, seat: None });
        evening
    }

    /// Stops the server and looks at what it leaves.
    async fn end(self) -> Vec<(Victim, Duration)> {
        let expected: BTreeSet<String> = self.people.iter().map(|person| person.handle.clone()).collect();
        let database = self.folder.path().join("data/vivavoce.db");
        let status = self.server.stop();
        assert!(status.success(), "{status}");
        assert_eq!(ledger::check(&database).await, expected);
        self.back
    }

    /// Each from an address of their own: what one address may do is counted.
    fn newcomer(&mut self) -> (String, Api) {
        self.newcomers += 1;
        (format!("guest{}", self.newcomers), reaches(&self.server, self.newcomers))
    }

    fn is_possible(&self, deed: Deed) -> bool {
        let seated = |who: Number| self.people.get(who).is_some_and(|person| person.seat.is_some());
        match deed {
            Deed::Gives(by, _) | Deed::SignsOut(by) => by < self.people.len(),
            Deed::Comes(link) => self.given.get(link).is_some_and(|given| given.left > 0),
            Deed::Race(link) => self.given.get(link).is_some_and(|given| given.left == 1),
            Deed::TooLate(link) => self.given.get(link).is_some_and(|given| given.left == 0),
            Deed::Starts(by) => by < self.people.len() && !seated(by),
            Deed::Enters(by, room) => by < self.people.len() && !seated(by) && room < self.rooms.len(),
            Deed::Does(_, by, to) => {
                let room =
                    |who: Number| self.people.get(who).and_then(|p| p.seat.as_ref()).map(|seat| seat.room);
                room(by).is_some() && room(by) == room(to)
            }
        }
    }

    fn draw(&mut self) -> Deed {
        loop {
            let deed = self.draw_any();
            if self.is_possible(deed) {
                return deed;
            }
        }
    }

    fn draw_any(&mut self) -> Deed {
        let random = &mut self.random;
        let (who, link) = (random.below(self.people.len()), random.below(self.given.len().max(1)));
        let full = self.people.len() >= PEOPLE_MAX;
        match random.below(100) {
            0..8 => Deed::Gives(who, if who == 0 { 2 } else { 1 }),
            8..16 if !full => Deed::Comes(link),
            16..22 if !full => Deed::Race(link),
            22..26 => Deed::TooLate(link),
            26..30 => Deed::SignsOut(who),
            30..36 => Deed::Starts(who),
            36..48 => Deed::Enters(who, random.below(self.rooms.len().max(1))),
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
            let doubt = self.perform(deed).await;
            assert!(doubt.is_none(), "{deed:?} was not answered, and nobody had died");
            return self.settle().await;
        };
        println!("  {deed:?}, {strike:?}");
        self.server.said();
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
            _ => {}
        }
        self.settle().await;
        self.look_at_accounts().await;
    }

    async fn wait_until_back(&mut self, victim: Victim, dead: Instant) {
        match victim {
            // A question that comes too early waits for the next `live`, which begins with a word from the keeper.
            Victim::Live | Victim::BothAtOnce => assert_eq!(self.server.get("/healthz"), "HTTP/1.1 200 OK"),
            Victim::Keeper => drop(self.server.says("keeper_back")),
            // Either may have found the other gone and been started again: until a member is answered, which is what counts.
            Victim::BothInTurn => loop {
                match self.people[0].api.me(&self.people[0].token).await {
                    Ok(_) => return,
                    Err(error) if error.may_pass() => tokio::task::yield_now().await,
                    Err(error) => panic!("{error:?}"),
                }
            },
        }
        let away = dead.elapsed();
        assert!(away < AWAY_MAX, "{victim:?} was away for {away:?}");
        self.back.push((victim, away));
    }

    /// What was confirmed is there, what was ended stays so, and every row is whole.
    async fn look_at_accounts(&mut self) {
        let handles = ledger::check(&self.folder.path().join("data/vivavoce.db")).await;
        let expected: BTreeSet<String> = self.people.iter().map(|person| person.handle.clone()).collect();
        assert_eq!(handles, expected, "those who were told that they have an account");
        for person in &self.people {
            let me = person.api.me(&person.token).await.expect("signed in as before");
            assert_eq!(me.handle.as_str(), person.handle);
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
                self.given.extend(given.ok().map(|link| Given { link, left: uses }));
            }
            Deed::Comes(link) => return self.comes(link).await,
            Deed::Race(link) => return self.race(link).await,
            Deed::TooLate(link) => {
                let (handle, api) = self.newcomer();
                let secret = self.given[link].link.secret.clone();
                let Some(answer) =
                    answered(api.accept_invite(&secret, called(&handle), handle_of(&handle)).await)
                else {
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
        }
        None
    }

    async fn comes(&mut self, link: usize) -> Option<Doubt> {
        let (handle, api) = self.newcomer();
        let secret = self.given[link].link.secret.clone();
        let answer = api.accept_invite(&secret, called(&handle), handle_of(&handle)).await;
        match answered(answer) {
            Some(answer) => {
                let token = answer.expect("the invitation stands");
                self.given[link].left -= 1;
                self.people.push(Person { handle, api, token, seat: None });
                None
            }
            None => Some(Doubt::Accounts { handles: vec![handle], link }),
        }
    }

    async fn race(&mut self, link: usize) -> Option<Doubt> {
        let [(one, api), (other, other_api)] = [self.newcomer(), self.newcomer()];
        let secret = self.given[link].link.secret.clone();
        let (first, second) = tokio::join!(
            api.accept_invite(&secret, called(&one), handle_of(&one)),
            other_api.accept_invite(&secret, called(&other), handle_of(&other)),
        );
        let mut unanswered = Vec::new();
        let mut came = 0;
        for (handle, api, answer) in [(one, api, first), (other, other_api, second)] {
            match answered(answer) {
                Some(Ok(token)) => {
                    came += 1;
                    self.people.push(Person { handle, api, token, seat: None });
                }
                Some(Err(code)) => assert_eq!(code, ErrorCode::LinkSpent),
                None => unanswered.push(handle),
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
        let there = ledger::check(&self.folder.path().join("data/vivavoce.db")).await;
        for handle in handles {
            if !there.contains(&handle) {
                self.nobody.insert(handle);
                continue;
            }
            let left = self.given[link].left.checked_sub(1);
            self.given[link].left = left.expect("an invitation was used twice");
            let secret = self.link_from_the_administrator(&handle).secret;
            let (_, api) = self.newcomer();
            let token = api.sign_in(&secret).await.expect("the account is whole");
            self.people.push(Person { handle, api, token, seat: None });
        }
    }

    fn link_from_the_administrator(&self, handle: &str) -> Link {
        let data = self.folder.path().join("data");
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
pub(crate) fn reaches(server: &Server, number: u32) -> Api {
    let origin = format!("http://{}", server.address).parse().expect("an address");
    let api = Api::new(origin, &Trust::System).expect("no certificates are needed");
    api.from_address(std::net::Ipv4Addr::from(0x7f00_0100 + number).into())
}

pub(crate) fn called(handle: &str) -> DisplayName {
    DisplayName::parse(handle).expect("a name")
}

pub(crate) fn handle_of(handle: &str) -> Handle {
    Handle::parse(handle).expect("a handle")
}
