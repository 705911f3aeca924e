//! Guests: somebody without an account takes a seat by a link that somebody who keeps order gave them.
//!
//! A link is for one person, one room and one window of time, and the first page that takes it up has it: the room keeps what
//! stands for the link's secret and for the page's under its own key (`bars.rs`), and neither of the two. All of it is committed
//! with the room and gone with it. Whoever came by a link is asked in like anybody who is, as far as the stage; so they are
//! found, removed, banned and let back by the same rules as everybody else.

use keyed::{Key, Tag};
use protocol::guest::{GuestLink, GuestPass, GuestState};
use protocol::id::{GuestSecret, SeatId, SessionId};
use protocol::limits::{ASKED_MAX, GUEST_LINK_PERIOD, GUESTS_MAX};
use protocol::room::{Authority, LeftReason};
use protocol::text::{DisplayName, RoomTitle};
use protocol::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Room;
use crate::arrival::{AskedTo, Who};
use crate::permission::{self, Action, Target};
use crate::state::{Answer, AskedIn};

/// One seat that was given away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Given {
    seat: SeatId,
    by: Who,
    /// What whoever gave it was called.
    guest_of: DisplayName,
    link: Tag,
    stands: Stands,
    pub(crate) until: Timestamp,
}

/// How far a link has come. It only goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Stands {
    /// For whom whoever gave it wrote that it is. Once it is taken up, a guest is called something only while they are here.
    Open {
        name: DisplayName,
    },
    TakenUp {
        page: Tag,
    },
    TakenBack,
    Lapsed,
}

/// What a link shows before it is taken up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// For whom it is; what a guest was called who came by it is known to their page alone.
    pub name: Option<DisplayName>,
    /// Who gave it.
    pub guest_of: DisplayName,
    /// What the room is about.
    pub title: Option<RoomTitle>,
}

/// A seat that is held by a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub seat: SeatId,
    /// What stands for the page: the device that holds the seat.
    pub page: SessionId,
    /// What the guest is called.
    pub name: DisplayName,
}

impl Given {
    fn leads_somewhere(&self) -> bool {
        matches!(self.stands, Stands::Open { .. } | Stands::TakenUp { .. })
    }
}

impl Room {
    /// Somebody who keeps order here gives a seat away, to whoever comes by `link`. Says until when it can be taken up.
    ///
    /// # Errors
    /// `NotThere` for somebody who is not in the room, `NotAllowed`, `Full`.
    pub fn handle_give_seat(
        &mut self,
        now: Timestamp,
        by: Who,
        seat: SeatId,
        link: &GuestSecret,
        name: DisplayName,
    ) -> Result<Timestamp, ErrorCode> {
        self.advance(now);
        let giver = self.people.seat(by).and_then(|id| self.people.get(id));
        let guest_of = giver.filter(|_| !self.is_over()).ok_or(ErrorCode::NotThere)?.name.clone();
        if !self.may_give(by) {
            return Err(ErrorCode::NotAllowed);
        }
        if self.state.guests.iter().filter(|given| given.leads_somewhere()).count() >= GUESTS_MAX {
            return Err(ErrorCode::Full);
        }
        let until = now.plus(GUEST_LINK_PERIOD);
        let link = link_tag(self.state.bars.key(), link);
        let given = Given { seat, by, guest_of, link, stands: Stands::Open { name }, until };
        let guests = &mut self.state_mut().guests;
        // Those that lead nowhere any more are listed for as long as nothing else needs the place.
        if guests.len() >= GUESTS_MAX
            && let Some(oldest) = guests.iter().position(|given| !given.leads_somewhere())
        {
            guests.remove(oldest);
        }
        guests.push(given);
        self.settle(now);
        Ok(until)
    }

    /// The links that somebody gave, in the order in which they did.
    ///
    /// # Errors
    /// `NotThere` for somebody who is not in the room.
    pub fn given_seats(&self, now: Timestamp, by: Who) -> Result<Vec<GuestLink>, ErrorCode> {
        self.people.seat(by).filter(|_| !self.is_over()).ok_or(ErrorCode::NotThere)?;
        let mine = self.state.guests.iter().filter(|given| given.by == by);
        Ok(mine
            .map(|given| GuestLink {
                seat: given.seat,
                name: self.called(given, now),
                state: self.stands(given, now),
                until: given.until,
            })
            .collect())
    }

    fn stands(&self, given: &Given, now: Timestamp) -> GuestState {
        match given.stands {
            Stands::Open { .. } if now < given.until => GuestState::Open,
            Stands::Open { .. } | Stands::Lapsed => GuestState::Lapsed,
            Stands::TakenUp { .. } if self.people.seat(Who::Guest(given.seat)).is_some() => GuestState::Here,
            Stands::TakenUp { .. } => GuestState::Away,
            Stands::TakenBack => GuestState::TakenBack,
        }
    }

    /// Of whoever is not here, no name is known.
    fn called(&self, given: &Given, now: Timestamp) -> Option<DisplayName> {
        match &given.stands {
            Stands::Open { name } => (now < given.until).then(|| name.clone()),
            Stands::TakenUp { .. } => {
                let id = self.people.seat(Who::Guest(given.seat))?;
                self.people.get(id).map(|person| person.name.clone())
            }
            Stands::TakenBack | Stands::Lapsed => None,
        }
    }

    /// A seat is taken back by whoever may remove a guest here, and a link that nobody took up by whoever gave it as well: it
    /// leads nowhere then, and whoever sits there is cut off and out.
    ///
    /// # Errors
    /// `NotThere` for somebody who is not in the room, and for a seat that is none of theirs; `NotAllowed` where a visit is no
    /// more theirs to end.
    pub fn handle_take_seat_back(&mut self, now: Timestamp, by: Who, seat: SeatId) -> Result<(), ErrorCode> {
        self.advance(now);
        self.people.seat(by).filter(|_| !self.is_over()).ok_or(ErrorCode::NotThere)?;
        let removes = permission::may(self.authority(by), Action::Remove, Target::Other(Authority::Guest));
        let mut guests = self.state.guests.iter();
        let given = guests.position(|given| given.seat == seat && (removes || given.by == by));
        let given = given.ok_or(ErrorCode::NotThere)?;
        if !removes && matches!(self.state.guests[given].stands, Stands::TakenUp { .. }) {
            return Err(ErrorCode::NotAllowed);
        }
        let who = Who::Guest(seat);
        let state = self.state_mut();
        state.guests[given].stands = Stands::TakenBack;
        state.asked.remove(&who);
        // Nobody lets them back in by taking a removal back.
        state.removals.retain(|removal| removal.who != who);
        if let Some(id) = self.people.seat(who) {
            self.unseat(id, LeftReason::Removed);
            let state = self.state_mut();
            state.epoch = state.epoch.saturating_add(1);
        }
        self.settle(now);
        Ok(())
    }

    /// What a link is for, for whoever holds it in their hand.
    ///
    /// # Errors
    /// `LinkSpent`; `NotNow` where another page has taken it up.
    pub fn look_at_seat(&self, now: Timestamp, pass: &GuestPass) -> Result<Shown, ErrorCode> {
        let given = &self.state.guests[self.good(now, pass)?];
        let (name, guest_of) = (self.called(given, now), given.guest_of.clone());
        Ok(Shown { name, guest_of, title: self.state.title.clone() })
    }

    /// A page takes a link up, or proves again that it has. What it says they are called holds.
    ///
    /// # Errors
    /// `LinkSpent`; `NotNow` where another page has taken it up; `Full`.
    pub fn handle_take_seat(
        &mut self,
        now: Timestamp,
        pass: &GuestPass,
        name: DisplayName,
    ) -> Result<Held, ErrorCode> {
        self.advance(now);
        let at = self.good(now, pass)?;
        let given = &self.state.guests[at];
        let (seat, guest_of) = (given.seat, given.guest_of.clone());
        let first = matches!(given.stands, Stands::Open { .. });
        if first && self.state.asked.len() >= ASKED_MAX {
            return Err(ErrorCode::Full);
        }
        let key = self.state.bars.key().clone();
        if first {
            let page = page_tag(&key, &pass.page);
            self.state_mut().guests[at].stands = Stands::TakenUp { page };
            let (to, answer) = (AskedTo::Stage, Answer::Expected);
            let asked = AskedIn { handle: None, by: guest_of, to, answer };
            self.state_mut().asked.insert(Box::new(Who::Guest(seat)), asked);
        }
        self.settle(now);
        Ok(Held { seat, page: SessionId(session_tag(&key, &pass.page)), name })
    }

    /// Who gave somebody their seat.
    pub fn guest_of(&self, who: Who) -> Option<DisplayName> {
        let Who::Guest(seat) = who else { return None };
        let given = self.state.guests.iter().find(|given| given.seat == seat);
        given.map(|given| given.guest_of.clone())
    }

    /// The link that this page may come by, or has come by.
    fn good(&self, now: Timestamp, pass: &GuestPass) -> Result<usize, ErrorCode> {
        let key = self.state.bars.key();
        let link = link_tag(key, &pass.link);
        let found = self.state.guests.iter().position(|given| given.link == link);
        let at = found.filter(|_| !self.is_over()).ok_or(ErrorCode::LinkSpent)?;
        let given = &self.state.guests[at];
        match &given.stands {
            // Whoever lost their part since lets nobody in by what they gave away before.
            Stands::Open { .. } if now < given.until && self.may_give(given.by) => Ok(at),
            Stands::TakenUp { page } if *page == page_tag(key, &pass.page) => Ok(at),
            Stands::TakenUp { .. } => Err(ErrorCode::NotNow),
            Stands::Open { .. } | Stands::TakenBack | Stands::Lapsed => Err(ErrorCode::LinkSpent),
        }
    }

    /// Nobody came in time: for whom it was is forgotten.
    pub(crate) fn links_lapse(&mut self, now: Timestamp) {
        if self.next_link_lapse().is_none_or(|at| at > now) {
            return;
        }
        for given in &mut self.state_mut().guests {
            if matches!(given.stands, Stands::Open { .. }) && given.until <= now {
                given.stands = Stands::Lapsed;
            }
        }
    }

    /// When the next link lapses that nobody took up.
    pub(crate) fn next_link_lapse(&self) -> Option<Timestamp> {
        let open = self.state.guests.iter().filter(|given| matches!(given.stands, Stands::Open { .. }));
        open.map(|given| given.until).min()
    }

    /// Here or not: nobody knows when a link is taken up.
    fn may_give(&self, by: Who) -> bool {
        permission::may(self.authority(by), Action::AskIn, Target::Room)
    }
}

/// What stands for the secret of a link. In bars stand tags of 0 and 1.
fn link_tag(key: &Key, link: &GuestSecret) -> Tag {
    tag(key, 2, link)
}

fn page_tag(key: &Key, page: &GuestSecret) -> Tag {
    tag(key, 3, page)
}

/// Another than what is kept, since it is given out of the room.
fn session_tag(key: &Key, page: &GuestSecret) -> Tag {
    tag(key, 4, page)
}

fn tag(key: &Key, kind: u8, secret: &GuestSecret) -> Tag {
    let mut said = [kind; 17];
    said[1..].copy_from_slice(&secret.0);
    key.tag(&said)
}
