//! Who is available, who asks whom to talk, and who came by whose invitation: decided here, without input or output.
//!
//! In memory only, and of those alone whom it concerns at the moment. Who sees whom follows from whom both follow, and a
//! block ends that on both sides: nobody who is blocked is seen, asked or asks, and no answer says why.

mod asks;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use protocol::company::{Acquaintance, AvailablePerson, Company as Shown, MayAsk, TalkAsk, TalkEnd};
use protocol::id::{MemberId, PictureId, RoomId};
use protocol::limits::{
    ARRIVALS_MAX, AVAILABLE_GRACE, AVAILABLE_PERIOD, AVAILABLE_SHOWN_MAX, TALK_ASK_EACH, TALK_ASK_PERIOD,
    TALK_ASKS_BURST, WELCOME_PERIOD,
};
use protocol::text::{DisplayName, Handle};
use protocol::{ErrorCode, Timestamp};

use crate::limits::{ASKERS_MAX, AVAILABLE_MAX};
use crate::often::Often;
use asks::Ask;

/// Somebody, as others are told of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) member: MemberId,
    pub(crate) handle: Handle,
    pub(crate) name: DisplayName,
    pub(crate) picture: Option<PictureId>,
}

impl Known {
    pub(crate) fn shown(&self) -> Acquaintance {
        Acquaintance { handle: self.handle.clone(), name: self.name.clone(), picture: self.picture }
    }
}

/// What somebody is told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) to: MemberId,
    pub(crate) word: Word,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    Over { who: Acquaintance, why: TalkEnd },
    Opened { who: Acquaintance, room: RoomId },
}

/// All of it. In boxes, as everything that goes: a map leaves what was removed lying in its places (decision 0029).
#[derive(Debug)]
pub(crate) struct Company {
    available: BTreeMap<Box<MemberId>, Box<Available>>,
    /// By who asks: one question at a time.
    asks: BTreeMap<Box<MemberId>, Box<Ask>>,
    /// By who invited.
    arrivals: BTreeMap<Box<MemberId>, Arrivals>,
    /// Who has no page any more, since when.
    away: BTreeMap<Box<MemberId>, Timestamp>,
    /// How often each asked lately.
    rates: Often<Box<MemberId>>,
    /// Whose part of it may have changed.
    concerned: BTreeSet<Box<MemberId>>,
    said: VecDeque<Box<Said>>,
    /// Nothing lapses before.
    due: Option<Timestamp>,
}

/// By who came.
type Arrivals = BTreeMap<Box<MemberId>, Box<Arrival>>;

#[derive(Debug)]
struct Available {
    who: Known,
    until: Timestamp,
    follows: Arc<BTreeSet<MemberId>>,
    /// Who asked since and was not answered yes.
    asked_by: BTreeSet<Box<MemberId>>,
}

#[derive(Debug)]
struct Arrival {
    who: Known,
    until: Timestamp,
}

impl Default for Company {
    fn default() -> Self {
        Self {
            available: BTreeMap::new(),
            asks: BTreeMap::new(),
            arrivals: BTreeMap::new(),
            away: BTreeMap::new(),
            rates: Often::new(TALK_ASK_EACH, TALK_ASKS_BURST, ASKERS_MAX),
            concerned: BTreeSet::new(),
            said: VecDeque::new(),
            due: None,
        }
    }
}

impl Company {
    /// Somebody would like to be asked; said again it begins anew.
    ///
    /// # Errors
    /// `Full`.
    pub(crate) fn available(
        &mut self,
        now: Timestamp,
        who: Known,
        follows: Arc<BTreeSet<MemberId>>,
    ) -> Result<(), ErrorCode> {
        self.advance(now);
        let member = who.member;
        let until = now.plus(AVAILABLE_PERIOD);
        if !self.available.contains_key(&member) && self.available.len() >= AVAILABLE_MAX {
            return Err(ErrorCode::Full);
        }
        let available = Available { who, until, follows, asked_by: BTreeSet::new() };
        self.available.insert(Box::new(member), Box::new(available));
        self.lapses(until);
        self.concern([member]);
        self.changed_of(member);
        Ok(())
    }

    /// Not any more. Who asks them on the ground of it is told.
    pub(crate) fn not_available(&mut self, now: Timestamp, member: MemberId) {
        self.advance(now);
        self.take_off(member);
    }

    /// Somebody asks somebody else, of whom the keeper has just said that they are there for them.
    ///
    /// # Errors
    /// `PersonGone` for everybody who cannot be asked, whyever; `NotNow` while another question of theirs stands, or where
    /// too many ask already; `TooMany` for who asks too often, or asked this person before.
    pub(crate) fn ask(
        &mut self,
        now: Timestamp,
        asker: Known,
        follows: &BTreeSet<MemberId>,
        asked: MemberId,
    ) -> Result<(), ErrorCode> {
        self.advance(now);
        let (who, ground) = self.may_ask(asker.member, follows, asked).ok_or(ErrorCode::PersonGone)?;
        if self.asks.contains_key(&asker.member) || self.asks_to(asked).count() >= asks::TO_ONE_MAX {
            return Err(ErrorCode::NotNow);
        }
        let before = self.available.get(&asked).is_some_and(|all| all.asked_by.contains(&asker.member));
        if before && ground == Ground::BothFollow {
            return Err(ErrorCode::TooMany);
        }
        self.rates.take(now, Box::new(asker.member))?;
        let until = now.plus(TALK_ASK_PERIOD);
        let member = asker.member;
        self.asks.insert(Box::new(member), Box::new(Ask { asker, asked: who, until, ground }));
        self.lapses(until);
        self.concern([member, asked]);
        Ok(())
    }

    /// Whoever asked does not any more.
    pub(crate) fn take_back(&mut self, now: Timestamp, asker: MemberId) {
        self.advance(now);
        if let Some(ask) = self.end(asker) {
            self.say_over(ask.asked.member, &ask.asker, TalkEnd::TakenBack);
        }
    }

    /// Not now, and not why.
    ///
    /// # Errors
    /// `NotNow` where nobody asks any more.
    pub(crate) fn decline(
        &mut self,
        now: Timestamp,
        asked: MemberId,
        asker: &Handle,
    ) -> Result<(), ErrorCode> {
        self.advance(now);
        let ask = self.asked_by(asked, asker).ok_or(ErrorCode::NotNow)?;
        self.answered_no(&ask, TalkEnd::NotNow);
        Ok(())
    }

    /// Yes. The question is over; who asked waits until there is a room for the two, or none. A question of their own is over
    /// too: one conversation at a time, and where both asked each other, one room.
    ///
    /// # Errors
    /// `NotNow` where nobody asks any more.
    pub(crate) fn accept(
        &mut self,
        now: Timestamp,
        asked: MemberId,
        asker: &Handle,
    ) -> Result<Known, ErrorCode> {
        self.advance(now);
        let ask = self.asked_by(asked, asker).ok_or(ErrorCode::NotNow)?;
        if let Some(own) = self.end(asked)
            && own.asked.member != ask.asker.member
        {
            self.say_over(own.asked.member, &own.asker, TalkEnd::TakenBack);
        }
        Ok(ask.asker.clone())
    }

    /// There is a room for the two.
    pub(crate) fn opened(&mut self, now: Timestamp, asker: MemberId, by: &Known, room: RoomId) {
        self.advance(now);
        self.put_arrival_away(asker, &by.handle);
        let word = Word::Opened { who: by.shown(), room };
        self.said.push_back(Box::new(Said { to: asker, word }));
    }

    /// There is none, whyever.
    pub(crate) fn not_opened(&mut self, now: Timestamp, asker: MemberId, by: &Known) {
        self.advance(now);
        self.say_over(asker, by, TalkEnd::Gone);
    }

    /// Somebody went into a room: one conversation at a time.
    pub(crate) fn engaged(&mut self, now: Timestamp, member: MemberId) {
        self.advance(now);
        self.leave(member);
    }

    /// Somebody came by an invitation of somebody who is here.
    pub(crate) fn arrived(&mut self, now: Timestamp, inviter: MemberId, who: Known) {
        self.advance(now);
        let until = now.plus(WELCOME_PERIOD);
        let newcomer = who.member;
        let mine = self.arrivals.entry(Box::new(inviter)).or_default();
        if mine.len() >= ARRIVALS_MAX
            && let Some(first) = mine.iter().min_by_key(|(_, arrival)| arrival.until).map(|(who, _)| **who)
        {
            mine.remove(&first);
        }
        mine.insert(Box::new(newcomer), Box::new(Arrival { who, until }));
        self.lapses(until);
        // Their page comes in a moment, or not at all.
        self.waits_for_page(now, newcomer);
        self.concern([inviter]);
    }

    /// Read.
    pub(crate) fn put_arrival_away(&mut self, inviter: MemberId, who: &Handle) {
        if let Some(mine) = self.arrivals.get_mut(&inviter) {
            mine.retain(|_, arrival| arrival.who.handle != *who);
            if mine.is_empty() {
                self.arrivals.remove(&inviter);
            }
            self.concern([inviter]);
        }
    }

    /// Whom somebody follows changed, or a block came between: what stood on it ends.
    pub(crate) fn follows(&mut self, now: Timestamp, member: MemberId, follows: &Arc<BTreeSet<MemberId>>) {
        self.advance(now);
        self.concern([member]);
        self.changed_of(member);
        if let Some(available) = self.available.get_mut(&member) {
            available.follows = Arc::clone(follows);
        }
        self.changed_of(member);
        let over = self.asks.values().filter(|ask| ask.ground == Ground::BothFollow && ask.is_of(member));
        let over = over.filter(|ask| !follows.contains(&ask.other(member)));
        for asker in over.map(|ask| ask.asker.member).collect::<Vec<_>>() {
            self.ends_for_both(asker);
        }
    }

    /// Somebody is called something else.
    pub(crate) fn called(&mut self, now: Timestamp, who: &Known) {
        self.advance(now);
        if let Some(available) = self.available.get_mut(&who.member)
            && available.who != *who
        {
            available.who = who.clone();
            self.changed_of(who.member);
        }
    }

    /// The last page of somebody is gone. They may come back, to everything but a welcome: of people who have come and gone
    /// nothing stays for it.
    pub(crate) fn left(&mut self, now: Timestamp, member: MemberId) {
        self.advance(now);
        self.arrivals.remove(&member);
        self.forget_arrival(member);
        self.waits_for_page(now, member);
    }

    fn waits_for_page(&mut self, now: Timestamp, member: MemberId) {
        if self.concerns(member) {
            self.away.entry(Box::new(member)).or_insert(now);
            self.lapses(now.plus(AVAILABLE_GRACE));
        }
    }

    /// Somebody has a page again.
    pub(crate) fn came(&mut self, member: MemberId) {
        self.away.remove(&member);
    }

    /// Somebody signed out and has no other page: they do not come back to this.
    pub(crate) fn signed_out(&mut self, now: Timestamp, member: MemberId) {
        self.advance(now);
        self.arrivals.remove(&member);
        self.forget_arrival(member);
        for available in self.available.values_mut() {
            available.asked_by.remove(&member);
        }
        self.leave(member);
    }

    /// Whether anything here is about somebody.
    pub(crate) fn concerns(&self, member: MemberId) -> bool {
        self.available.contains_key(&member)
            || self.arrivals.contains_key(&member)
            || self.asks.values().any(|ask| ask.is_of(member))
            || self.arrivals.values().any(|mine| mine.contains_key(&member))
    }

    /// What lapsed by now.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        let gone = self.away.iter().filter(|(_, since)| now >= since.plus(AVAILABLE_GRACE));
        for member in gone.map(|(member, _)| **member).collect::<Vec<_>>() {
            self.away.remove(&member);
            self.arrivals.remove(&member);
            self.forget_arrival(member);
            self.leave(member);
        }
        let over = self.available.iter().filter(|(_, available)| now >= available.until);
        for member in over.map(|(member, _)| **member).collect::<Vec<_>>() {
            self.take_off(member);
        }
        let over = self.asks.values().filter(|ask| now >= ask.until).map(|ask| ask.asker.member);
        for asker in over.collect::<Vec<_>>() {
            if let Some(ask) = self.end(asker) {
                self.answered_no(&ask, TalkEnd::NoAnswer);
            }
        }
        let old = |mine: &Arrivals| mine.values().any(|arrival| now >= arrival.until);
        for inviter in
            self.arrivals.iter().filter(|(_, mine)| old(mine)).map(|(who, _)| **who).collect::<Vec<_>>()
        {
            if let Some(mine) = self.arrivals.get_mut(&inviter) {
                mine.retain(|_, arrival| now < arrival.until);
                self.concern([inviter]);
            }
        }
        self.arrivals.retain(|_, mine| !mine.is_empty());
        self.rates.advance(now);
        self.due = self.next();
    }

    /// All of it that concerns one person.
    pub(crate) fn seen_by(&self, viewer: MemberId, follows: &BTreeSet<MemberId>) -> Shown {
        // The shorter way round.
        let known: Box<dyn Iterator<Item = &Available>> = if follows.len() < self.available.len() {
            Box::new(follows.iter().filter_map(|who| self.available.get(who)).map(AsRef::as_ref))
        } else {
            Box::new(
                self.available.values().map(AsRef::as_ref).filter(|one| follows.contains(&one.who.member)),
            )
        };
        let mutual = known.filter(|one| one.who.member != viewer && one.follows.contains(&viewer));
        let available = mutual.take(AVAILABLE_SHOWN_MAX).map(|one| AvailablePerson {
            who: one.who.shown(),
            ask: if one.asked_by.contains(&viewer) { MayAsk::Asked } else { MayAsk::Yes },
        });
        Shown {
            available_until: self.available.get(&viewer).map(|mine| mine.until),
            available: available.collect(),
            asking: self.asks.get(&viewer).map(|ask| TalkAsk { who: ask.asked.shown(), until: ask.until }),
            asked_by: self
                .asks_to(viewer)
                .map(|ask| TalkAsk { who: ask.asker.shown(), until: ask.until })
                .collect(),
            arrived: self
                .arrivals
                .get(&viewer)
                .map(|mine| mine.values().map(|arrival| arrival.who.shown()).collect())
                .unwrap_or_default(),
        }
    }

    /// Whose part of it may have changed since this was asked.
    pub(crate) fn poll_concerned(&mut self) -> BTreeSet<Box<MemberId>> {
        std::mem::take(&mut self.concerned)
    }

    /// These are to be told all the same, a little later.
    pub(crate) fn wait(&mut self, members: BTreeSet<Box<MemberId>>) {
        self.concerned.extend(members);
    }

    pub(crate) fn poll_said(&mut self) -> Option<Box<Said>> {
        self.said.pop_front()
    }

    /// On what ground somebody may ask somebody, who is then known by name.
    fn may_ask(
        &self,
        asker: MemberId,
        follows: &BTreeSet<MemberId>,
        asked: MemberId,
    ) -> Option<(Known, Ground)> {
        let came = self.arrivals.get(&asker).and_then(|mine| mine.get(&asked));
        if let Some(arrival) = came {
            return Some((arrival.who.clone(), Ground::Welcome));
        }
        let available = self.available.get(&asked).filter(|_| asked != asker)?;
        let both = follows.contains(&asked) && available.follows.contains(&asker);
        both.then(|| (available.who.clone(), Ground::BothFollow))
    }

    fn asks_to(&self, asked: MemberId) -> impl Iterator<Item = &Ask> {
        self.asks.values().map(AsRef::as_ref).filter(move |ask| ask.asked.member == asked)
    }

    /// The question of somebody to somebody, which is over with this.
    fn asked_by(&mut self, asked: MemberId, asker: &Handle) -> Option<Box<Ask>> {
        let asker = self.asks_to(asked).find(|ask| ask.asker.handle == *asker)?.asker.member;
        self.end(asker)
    }

    fn end(&mut self, asker: MemberId) -> Option<Box<Ask>> {
        let ask = self.asks.remove(&asker)?;
        self.concern([asker, ask.asked.member]);
        Some(ask)
    }

    fn answered_no(&mut self, ask: &Ask, why: TalkEnd) {
        let (asker, asked) = (ask.asker.member, ask.asked.member);
        if let Some(available) = self.available.get_mut(&asked) {
            available.asked_by.insert(Box::new(asker));
        }
        self.put_arrival_away(asker, &ask.asked.handle);
        self.say_over(asker, &ask.asked, why);
    }

    /// Each is told that the other is not there for it any more.
    fn ends_for_both(&mut self, asker: MemberId) {
        if let Some(ask) = self.end(asker) {
            self.say_over(ask.asker.member, &ask.asked, TalkEnd::Gone);
            self.say_over(ask.asked.member, &ask.asker, TalkEnd::Gone);
        }
    }

    /// Nothing of what somebody said stands any more.
    fn leave(&mut self, member: MemberId) {
        self.take_off(member);
        let theirs = self.asks.values().filter(|ask| ask.is_of(member)).map(|ask| ask.asker.member);
        for asker in theirs.collect::<Vec<_>>() {
            if let Some(ask) = self.end(asker) {
                let (to, who) =
                    if asker == member { (&ask.asked, &ask.asker) } else { (&ask.asker, &ask.asked) };
                self.say_over(to.member, who, TalkEnd::Gone);
            }
        }
    }

    fn take_off(&mut self, member: MemberId) {
        if !self.available.contains_key(&member) {
            return;
        }
        self.concern([member]);
        self.changed_of(member);
        self.available.remove(&member);
        let asked = self.asks_to(member).filter(|ask| ask.ground == Ground::BothFollow);
        for asker in asked.map(|ask| ask.asker.member).collect::<Vec<_>>() {
            if let Some(ask) = self.end(asker) {
                self.say_over(asker, &ask.asked, TalkEnd::Gone);
            }
        }
    }

    /// Whoever came and is gone again is nobody to greet.
    fn forget_arrival(&mut self, newcomer: MemberId) {
        let of = |mine: &Arrivals| mine.contains_key(&newcomer);
        for inviter in
            self.arrivals.iter().filter(|(_, mine)| of(mine)).map(|(who, _)| **who).collect::<Vec<_>>()
        {
            if let Some(mine) = self.arrivals.get_mut(&inviter) {
                mine.remove(&newcomer);
                self.concern([inviter]);
            }
        }
        self.arrivals.retain(|_, mine| !mine.is_empty());
    }

    fn say_over(&mut self, to: MemberId, who: &Known, why: TalkEnd) {
        let word = Word::Over { who: who.shown(), why };
        self.said.push_back(Box::new(Said { to, word }));
    }

    /// What others see of somebody who is available.
    fn changed_of(&mut self, member: MemberId) {
        let them = self.available.get(&member).map(|available| Arc::clone(&available.follows));
        self.concern(them.iter().flat_map(|them| them.iter().copied()));
    }

    fn concern(&mut self, members: impl IntoIterator<Item = MemberId>) {
        self.concerned.extend(members.into_iter().map(Box::new));
    }

    fn lapses(&mut self, at: Timestamp) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    fn next(&self) -> Option<Timestamp> {
        let away = self.away.values().map(|since| since.plus(AVAILABLE_GRACE));
        let available = self.available.values().map(|available| available.until);
        let asks = self.asks.values().map(|ask| ask.until);
        let arrivals = self.arrivals.values().flat_map(BTreeMap::values).map(|arrival| arrival.until);
        away.chain(available).chain(asks).chain(arrivals).chain(self.rates.next()).min()
    }
}

/// Why somebody may ask somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// They follow each other, and who is asked is available.
    BothFollow,
    /// Who is asked came by the other's invitation just now.
    Welcome,
}

#[cfg(test)]
mod tests;
