//! The room as one would write it in an afternoon: a few lists, looked through again and again.

mod blocks;
mod deeds;
mod reports;

use protocol::room::{HandPolicy, Mic, RoomKind};

use super::Deed;
use reports::Reports;

/// Olga starts the room. The guest was given a seat.
pub(crate) const CAST: [&str; 8] = ["olga", "ann", "ben", "cem", "dan", "eve", "fay", "guest"];
const GUEST: usize = 7;
/// Of whom the administrators say that their blocks reach further.
pub(crate) const PROTECTED: usize = 3;
/// The only one that the room ever has.
pub(crate) const TITLE: &str = "Tea and bread";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    Audience,
    /// Place in line.
    Hand(u32),
    /// Until.
    Invited(u64),
    Stage(Mic),
}

#[derive(Debug, Clone)]
struct Seat {
    person: usize,
    spot: Spot,
    away_until: Option<u64>,
    /// When they came to where they are in the queue or on stage: a counter of events.
    order: i64,
    /// They said what they would like to talk about.
    noted: bool,
    follows: Option<u8>,
}

#[derive(Debug, Clone)]
struct Removal {
    person: usize,
    by: usize,
    until: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Stands {
    Live,
    Waiting(u64),
    Asking(usize, u64),
    Moderatorless(u64),
    /// And whether the owner wants it.
    Ending(u64, bool),
}

/// Who somebody is here, what they may decide, until when they are asked to take over, whether they are away, followed
/// by a speaker, and may raise a hand.
pub(crate) type Here = (Spot, u8, Option<u64>, bool, bool, bool);

pub(crate) struct Naive {
    now: u64,
    events: i64,
    kind: RoomKind,
    hands: HandPolicy,
    locked: bool,
    owner: usize,
    moderators: Vec<usize>,
    seats: Vec<Seat>,
    asked: Vec<usize>,
    removed: Vec<usize>,
    banned: Vec<usize>,
    /// And until when.
    timed_out: Vec<(usize, u64)>,
    undoable: Vec<Removal>,
    stands: Stands,
    /// Those who were asked to take over and did not, this time round.
    passed_over: Vec<usize>,
    pub(crate) over: bool,
    pub(crate) removals: u32,
    pub(crate) title: Option<&'static str>,
    /// By each of the cast, of those that wait to be told, and from when on they may be.
    reacted: [u32; CAST.len()],
    waiting: u32,
    quiet_until: u64,
    /// Reactions that everyone was told of.
    pub(crate) applause: u32,
    /// Whom each blocks, as far as it counts; bits of the cast.
    blocked: [u8; CAST.len()],
    reports: Reports,
    /// What the administrators got: by whom, about whom, and who heard it too.
    pub(crate) filed: Vec<(usize, usize, Vec<usize>)>,
}

impl Naive {
    pub(crate) fn start(kind: RoomKind) -> Self {
        let mut naive = Self {
            now: 0,
            events: 0,
            kind,
            hands: HandPolicy::Everyone,
            locked: false,
            owner: 0,
            moderators: vec![2],
            seats: Vec::new(),
            asked: vec![1, 2, GUEST],
            removed: Vec::new(),
            banned: Vec::new(),
            timed_out: Vec::new(),
            undoable: Vec::new(),
            stands: Stands::Live,
            passed_over: Vec::new(),
            over: false,
            removals: 0,
            title: None,
            reacted: [0; CAST.len()],
            waiting: 0,
            quiet_until: 0,
            applause: 0,
            blocked: [0; CAST.len()],
            reports: Reports::default(),
            filed: Vec::new(),
        };
        naive.comes(0);
        naive
    }

    fn seat(&self, person: usize) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.person == person)
    }

    fn seat_mut(&mut self, person: usize) -> &mut Seat {
        self.seats.iter_mut().find(|seat| seat.person == person).expect("they are here")
    }

    fn spot(&self, person: usize) -> Option<Spot> {
        self.seat(person).map(|seat| seat.spot)
    }

    fn put(&mut self, person: usize, spot: Spot) {
        self.events += 1;
        let events = self.events;
        let keeps = self.rank(person) >= 2;
        let Some(seat) = self.seats.iter_mut().find(|seat| seat.person == person) else { return };
        let group = |spot| match spot {
            Spot::Audience => 0,
            Spot::Hand(_) | Spot::Invited(_) => 1,
            Spot::Stage(_) => 2,
        };
        if group(seat.spot) != group(spot) {
            seat.order = events;
            seat.noted = false;
        }
        seat.spot = spot;
        if !keeps && group(spot) != 2 {
            seat.follows = None;
        }
    }

    fn rank(&self, person: usize) -> u8 {
        if person == self.owner {
            3
        } else if self.moderators.contains(&person) {
            2
        } else {
            u8::from(person != GUEST)
        }
    }

    fn on_stage(&self) -> Vec<&Seat> {
        self.in_order(|spot| matches!(spot, Spot::Stage(_)))
    }

    fn in_queue(&self) -> Vec<&Seat> {
        self.in_order(|spot| matches!(spot, Spot::Hand(_) | Spot::Invited(_)))
    }

    fn in_order(&self, there: impl Fn(Spot) -> bool) -> Vec<&Seat> {
        let mut seats: Vec<_> = self.seats.iter().filter(|seat| there(seat.spot)).collect();
        seats.sort_by_key(|seat| seat.order);
        seats
    }

    fn kept(&self) -> bool {
        self.seats.iter().any(|seat| self.rank(seat.person) >= 2)
    }

    fn followed(&self, person: usize) -> bool {
        person != GUEST
            && self.on_stage().iter().any(|seat| seat.follows.is_some_and(|bits| bits & (1 << person) != 0))
    }

    fn takes_hand_of(&self, person: usize) -> bool {
        match self.hands {
            HandPolicy::Off => false,
            HandPolicy::Everyone => true,
            HandPolicy::FollowedBySpeakers => self.followed(person),
        }
    }

    fn hands_locked(&self) -> bool {
        matches!(self.stands, Stands::Moderatorless(_) | Stands::Ending(_, false))
    }

    fn is_put_out(&self, person: usize) -> bool {
        let timed_out = self.timed_out.iter().any(|(other, _)| *other == person);
        timed_out || self.removed.contains(&person) || self.banned.contains(&person)
    }

    // What can be seen.

    pub(crate) fn finds(&self, person: usize) -> bool {
        if self.over {
            return false;
        }
        if self.seat(person).is_some() {
            return true;
        }
        if self.is_put_out(person) {
            return false;
        }
        let followed_by_keeper = self
            .seats
            .iter()
            .any(|seat| self.rank(seat.person) >= 2 && seat.follows.is_some_and(|f| f & (1 << person) != 0));
        if self.rank(person) < 2 && self.is_shut_out(person) {
            return false;
        }
        self.rank(person) >= 2
            || self.asked.contains(&person)
            || person != GUEST && self.kind == RoomKind::Open
            || person != GUEST && self.kind == RoomKind::Social && followed_by_keeper
    }

    pub(crate) fn here(&self, person: usize) -> Option<Here> {
        let seat = self.seat(person).filter(|_| !self.over)?;
        let spot = match seat.spot {
            Spot::Hand(_) => {
                let raised = self.in_queue().into_iter().filter(|other| matches!(other.spot, Spot::Hand(_)));
                let position = raised.take_while(|other| other.person != person).count() + 1;
                Spot::Hand(u32::try_from(position).expect("a short line"))
            }
            spot => spot,
        };
        let asked = match self.stands {
            Stands::Asking(whom, until) if whom == person => Some(until),
            _ => None,
        };
        let may_raise = spot == Spot::Audience && !self.hands_locked() && self.takes_hand_of(person);
        Some((spot, self.rank(person), asked, seat.away_until.is_some(), self.followed(person), may_raise))
    }

    pub(crate) fn is_heard(&self, person: usize) -> bool {
        !self.over && self.spot(person) == Some(Spot::Stage(Mic::Open))
    }

    /// Who, whether they are asked up, and whether they said what for.
    pub(crate) fn queue(&self) -> Vec<(String, bool, bool)> {
        let invited = |seat: &Seat| matches!(seat.spot, Spot::Invited(_));
        self.in_queue().iter().map(|seat| (CAST[seat.person].to_owned(), invited(seat), seat.noted)).collect()
    }

    pub(crate) fn stage(&self) -> Vec<String> {
        self.on_stage().iter().map(|seat| CAST[seat.person].to_owned()).collect()
    }

    pub(crate) fn people(&self) -> usize {
        self.seats.len()
    }

    pub(crate) fn phase(&self) -> String {
        match self.stands {
            Stands::Live => "live".to_owned(),
            Stands::Waiting(until) | Stands::Asking(_, until) => format!("waiting until {until}"),
            Stands::Moderatorless(until) => format!("moderatorless until {until}"),
            Stands::Ending(at, _) => format!("ending at {at}"),
        }
    }

    // What happens.

    pub(crate) fn comes(&mut self, person: usize) -> bool {
        if self.events > 0 && !self.finds(person) {
            return false;
        }
        if let Some(spot) = self.spot(person) {
            if spot == Spot::Stage(Mic::Open) {
                self.put(person, Spot::Stage(Mic::Muted));
            }
            return self.is_back(person);
        }
        if self.locked && self.rank(person) < 2 {
            return false;
        }
        self.reacted[person] = 0;
        self.seats.push(Seat {
            person,
            spot: Spot::Audience,
            away_until: None,
            order: 0,
            noted: false,
            follows: None,
        });
        self.events += 1;
        if person == self.owner {
            self.put(person, Spot::Stage(Mic::Muted));
        }
        self.look();
        true
    }

    pub(crate) fn leaves(&mut self, person: usize) -> bool {
        self.seats.retain(|seat| seat.person != person);
        self.look();
        true
    }

    pub(crate) fn loses_the_line(&mut self, person: usize) -> bool {
        let until = self.now + 30;
        let mut seats = self.seats.iter_mut();
        if let Some(seat) = seats.find(|seat| seat.person == person && seat.away_until.is_none()) {
            seat.away_until = Some(until);
        }
        self.look();
        true
    }

    pub(crate) fn is_back(&mut self, person: usize) -> bool {
        if let Some(seat) = self.seats.iter_mut().find(|seat| seat.person == person) {
            seat.away_until = None;
        }
        self.look();
        true
    }

    pub(crate) fn declines(&mut self, person: usize) -> bool {
        if !self.over && self.seat(person).is_none() && self.asked.contains(&person) {
            self.asked.retain(|other| *other != person);
            self.moderators.retain(|other| *other != person);
        }
        self.look();
        true
    }

    pub(crate) fn asks(&mut self, by: usize, whom: usize) -> bool {
        if self.over || self.seat(by).is_none() || self.rank(by) < 2 || self.banned.contains(&whom) {
            return false;
        }
        if self.seat(whom).is_none() && (self.is_put_out(whom) || !self.asked.contains(&whom)) {
            self.asked.retain(|other| *other != whom);
            self.asked.push(whom);
            self.removed.retain(|other| *other != whom);
            self.timed_out.retain(|(other, _)| *other != whom);
            self.undoable.retain(|removal| removal.person != whom);
        }
        true
    }

    pub(crate) fn comes_to_the_server(&mut self, by: usize, whom: usize) -> bool {
        if !self.over && self.rank(by) >= 2 && !self.finds(whom) && !self.is_put_out(whom) {
            self.asked.push(whom);
        }
        self.finds(whom)
    }

    pub(crate) fn follows(&mut self, by: usize, whom: u8) -> bool {
        let keeps = self.rank(by) >= 2;
        if let Some(seat) = self.seats.iter_mut().find(|seat| seat.person == by)
            && (keeps || matches!(seat.spot, Spot::Stage(_)))
        {
            seat.follows = Some(whom);
        }
        true
    }

    pub(crate) fn wait(&mut self, seconds: u64) -> bool {
        for _ in 0..seconds {
            self.now += 1;
            let now = self.now;
            self.seats.retain(|seat| seat.away_until.is_none_or(|until| until > now));
            for person in 0..CAST.len() {
                if let Some(Spot::Invited(until)) = self.spot(person)
                    && until <= now
                {
                    self.put(person, Spot::Audience);
                }
            }
            self.timed_out.retain(|(_, until)| *until > now);
            self.undoable.retain(|removal| removal.until > now);
            self.file(Some(now));
            self.look();
        }
        true
    }

    pub(crate) fn crash(&mut self) {
        let grace = self.now + 30;
        for seat in &mut self.seats {
            seat.away_until = Some(grace);
            seat.follows = None;
        }
        (self.reacted, self.waiting, self.quiet_until) = ([0; CAST.len()], 0, 0);
        self.reports.forget();
        self.blocked = [0; CAST.len()];
        if let Stands::Waiting(until) | Stands::Asking(_, until) = self.stands {
            self.stands = Stands::Waiting(until.max(grace));
        }
        self.look();
    }

    /// Looks at how the room stands, until nothing changes any more.
    fn look(&mut self) {
        if self.waiting > 0 && self.quiet_until <= self.now {
            self.applause += std::mem::take(&mut self.waiting);
            self.reacted = [0; CAST.len()];
            self.quiet_until = self.now + 1;
        }
        loop {
            let before = self.stands.clone();
            if self.seats.is_empty() || self.over {
                self.over = true;
                self.file(None);
                return;
            }
            let kept = self.kept();
            let now = self.now;
            match self.stands.clone() {
                Stands::Live if !kept => self.stands = Stands::Waiting(now + 60),
                Stands::Live => {}
                Stands::Ending(at, wanted) => {
                    if kept && !wanted {
                        self.stands = Stands::Live;
                    } else if at <= now {
                        self.over = true;
                    }
                }
                _ if kept => self.stands = Stands::Live,
                Stands::Waiting(until) => {
                    if until <= now {
                        self.passed_over.clear();
                        self.ask_somebody();
                    }
                }
                Stands::Asking(whom, until) => {
                    if until <= now || !self.could_take_over(whom) {
                        self.passed_over.push(whom);
                        self.ask_somebody();
                    }
                }
                Stands::Moderatorless(until) => {
                    if until - 10 <= now {
                        self.stands = Stands::Ending(until, false);
                    }
                }
            }
            if self.stands == before {
                if self.over {
                    self.file(None);
                }
                self.forget_blocks();
                return;
            }
        }
    }

    fn could_take_over(&self, person: usize) -> bool {
        person != GUEST
            && self.seat(person).is_some_and(|seat| {
                seat.away_until.is_none()
                    && matches!(seat.spot, Spot::Stage(Mic::Open) | Spot::Stage(Mic::Muted))
            })
    }

    fn ask_somebody(&mut self) {
        let next = self
            .on_stage()
            .into_iter()
            .map(|seat| seat.person)
            .find(|person| !self.passed_over.contains(person) && self.could_take_over(*person));
        self.stands = match next {
            Some(person) => Stands::Asking(person, self.now + 30),
            None => Stands::Moderatorless(self.now + 600),
        };
    }
}
