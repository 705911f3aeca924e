//! A room's owner: one task, the only one that touches `rooms::Room`.
//!
//! It takes what waits on the bus, commits what changed by it, publishes what is to be done, and answers. In that
//! order: in an insured room nobody hears of anything that a crash could undo (decision 0010).

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use cluster::bus::{Committed, Numbering, OwnedRoom, Request, RequestError};
use cluster::{CommitError, Coord};
use futures_util::FutureExt;
use keeper_api::Reply;
use protocol::id::{CommandId, MemberId, ParticipantId, PictureId, SeatToken, SessionId};
use protocol::room::{Authority, LeftReason, RoomCommand};
use protocol::{ErrorCode, Timestamp};
use rooms::{Arrival, Blocked, Club, Connection, Effect, Found, Joined, Listing, Refused, Room, To, Who};
use tokio::sync::watch;

use super::commit::Committer;
use super::concerns::{Concern, Concerns};
use super::insurance::Insurance;
use super::message::{
    Answer, Batch, Entrance, JoinedAnswer, Outcome, Recipients, RoomBus, Snapshot, ToOwner,
};
use super::{clubs, guests, reports};
use crate::clock::{now, random};
use crate::fresh;
use crate::keeper::Keeper;
use crate::limits::{COMMIT_BATCH, FOLLOWS_RETRY_PERIOD};
use crate::log::{Record, log};
use crate::metrics::{Action, Counts};
use crate::push::Notifier;

/// What an owner is given.
pub(crate) struct Owner {
    pub(crate) room: Room,
    pub(crate) owned: OwnedRoom<ToOwner, Answer, Arc<Batch>>,
    pub(crate) committer: Committer,
    pub(crate) coord: Coord,
    pub(crate) bus: RoomBus,
    pub(crate) keeper: Keeper,
    pub(crate) notifier: Notifier,
    /// Where the room says how its card looks, to whom; the hallway reads it.
    pub(crate) hangs: watch::Sender<Option<Arc<Listing>>>,
    /// Whose follows the room asked for is noted there.
    pub(crate) followers: Concerns,
    /// Who owns the room, for whoever counts the rooms of one person.
    pub(crate) owner_is: watch::Sender<Who>,
    pub(crate) counts: Counts,
}

/// How a room's owner ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The room is over.
    Over,
    /// Somebody else owns it now; its blobs are theirs.
    Replaced,
}

/// Runs a room to its end. A fault in it ends this room and no other: its edges see the owner go.
pub(crate) async fn run(owner: Owner) {
    let Owner { room, owned, committer, coord, bus, keeper, notifier, hangs, followers, owner_is, counts } =
        owner;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &committer.keepsakes().seat_key);
    let numbering = Numbering::of(committer.keepsakes().epoch);
    let mut insurance = Insurance::new(committer, coord);
    let running = Running {
        room,
        owned,
        numbering,
        insurance: &mut insurance,
        bus,
        keeper,
        notifier,
        hangs: &hangs,
        owner_is,
        counts,
        seats: SeatKey { key },
        holders: BTreeMap::new(),
        followers,
        following: BTreeMap::new(),
        keeping: BTreeMap::new(),
        club: AskedOfClub::Answered,
        abandoned: None,
    };
    let end = AssertUnwindSafe(running.run()).catch_unwind().await;
    // There for nobody any more, however it ended.
    hangs.send_replace(None);
    match end {
        Ok(End::Replaced) => return,
        Ok(End::Over) => {}
        Err(_) => log(Record::RoomFailed),
    }
    if insurance.end().await.is_err() {
        log(Record::CommitRefused);
    }
}

/// Makes seat tokens: which seat, on which device.
struct SeatKey {
    key: hmac::Key,
}

impl SeatKey {
    fn token(&self, id: ParticipantId, session: SessionId) -> SeatToken {
        let mut said = [0; 20];
        said[..4].copy_from_slice(&id.0.to_be_bytes());
        said[4..].copy_from_slice(&session.0);
        let tag = hmac::sign(&self.key, &said);
        let mut token = [0; 16];
        token.copy_from_slice(&tag.as_ref()[..16]);
        SeatToken(token)
    }

    fn proves(&self, token: SeatToken, id: ParticipantId, session: SessionId) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&token.0, &self.token(id, session).0).is_ok()
    }
}

struct Running<'a> {
    room: Room,
    owned: OwnedRoom<ToOwner, Answer, Arc<Batch>>,
    numbering: Numbering,
    insurance: &'a mut Insurance,
    bus: RoomBus,
    keeper: Keeper,
    notifier: Notifier,
    hangs: &'a watch::Sender<Option<Arc<Listing>>>,
    owner_is: watch::Sender<Who>,
    counts: Counts,
    seats: SeatKey,
    /// Which device holds a seat, as far as this run has seen: the only one whose token counts. In boxes, which are wiped.
    holders: BTreeMap<ParticipantId, Box<SessionId>>,
    followers: Concerns,
    /// Those whose follows the room asked for.
    following: BTreeMap<ParticipantId, Concern>,
    /// Those who keep order, here or not: whom they block counts.
    keeping: BTreeMap<Box<Who>, Concern>,
    club: AskedOfClub,
    abandoned: Option<End>,
}

/// Whether the keeper is asked for the club that the room is held for: one question at a time, so that no older answer comes
/// after a newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AskedOfClub {
    Answered,
    Asked,
    /// And it has changed again since.
    Stale,
}

/// Who waits for an answer, and for which.
type Waiting = (Box<dyn FnOnce(Answer) + Send>, Pending);

/// An answer that waits until what it tells of is committed.
enum Pending {
    Ready(Answer),
    Joined { id: ParticipantId, how: Entrance, session: SessionId },
    Views(Vec<ParticipantId>),
}

impl Running<'_> {
    async fn run(mut self) -> End {
        self.know_who_is_shut_out().await;
        // A room that was just rebuilt or started has something to commit already: all of it, or its new epoch.
        if let Some(end) = self.settle(Vec::new()).await {
            return end;
        }
        loop {
            let mut waiting = Vec::new();
            let due = self.due();
            tokio::select! {
                biased;
                Some(request) = self.owned.next() => self.take(request, &mut waiting),
                () = until(due) => self.room.handle_timeout(now()),
            }
            // What else waits is committed together: a crowd that arrives costs a few commits, not one each.
            while waiting.len() < COMMIT_BATCH
                && let Some(Some(request)) = self.owned.next().now_or_never()
            {
                self.take(request, &mut waiting);
            }
            if let Some(end) = self.settle(waiting).await {
                return end;
            }
        }
    }

    fn due(&self) -> Option<Timestamp> {
        [self.room.poll_timeout(), self.insurance.due()].into_iter().flatten().min()
    }

    fn take(&mut self, request: Request<ToOwner, Answer>, waiting: &mut Vec<Waiting>) {
        let (envelope, answer) = request.split();
        let pending = self.handle(envelope.id, envelope.command);
        waiting.push((Box::new(answer), pending));
    }

    /// Commits, publishes, answers.
    async fn settle(&mut self, waiting: Vec<Waiting>) -> Option<End> {
        match self.insurance.commit(now(), &mut self.room).await {
            Ok(()) => {}
            Err(CommitError::Conflict) => {
                log(Record::CommitConflict);
                return Some(End::Replaced);
            }
            // The conversation is worth more than its insurance.
            Err(_) => log(Record::CommitRefused),
        }
        let owner = self.room.owner();
        self.owner_is.send_if_modified(|told| std::mem::replace(told, owner) != owner);
        self.mind_keepers();
        let end = self.publish();
        let at = self.numbering.now();
        for (answer, pending) in waiting {
            let value = match pending {
                Pending::Ready(value) => value,
                Pending::Joined { id, how, session } => match self.snapshot(id) {
                    Some(snapshot) => {
                        let seat = self.seats.token(id, session);
                        Answer::Joined(Box::new(JoinedAnswer { id, how, snapshot, seat, at }))
                    }
                    // Came and went within one commit.
                    None => Answer::Refused(ErrorCode::NotThere),
                },
                Pending::Views(viewers) => {
                    Answer::Views(viewers.into_iter().map(|id| self.snapshot(id)).collect(), at)
                }
            };
            answer(value);
        }
        end
    }

    /// Turns the room's effects into one batch.
    fn publish(&mut self) -> Option<End> {
        let mut effects = Vec::new();
        let mut end = self.abandoned;
        while let Some(effect) = self.room.poll_effect() {
            match effect {
                Effect::Tell { to, event } => {
                    let to = match to {
                        To::Everyone => Recipients::Everyone,
                        To::EveryoneBut(id) => Recipients::EveryoneBut(id),
                        To::EveryoneButThese(ids) => Recipients::EveryoneButThese(ids),
                        To::One(id) => Recipients::These(vec![id]),
                        To::Moderators => Recipients::These(self.room.recipients(To::Moderators)),
                    };
                    effects.push(Outcome::Tell { to, event });
                }
                Effect::Voice { id, voice } => effects.push(Outcome::Voice { id, voice }),
                Effect::Cut { id, reason } => {
                    if self.room.who(id).is_none() {
                        self.holders.remove(&id);
                        self.following.remove(&id);
                    }
                    effects.push(Outcome::Cut { id, reason });
                }
                Effect::AskFollows { id } => {
                    if let Some(who) = self.room.who(id) {
                        self.following.entry(id).or_insert_with(|| self.followers.note(who, self.room.id()));
                        self.ask_follows(id);
                    }
                }
                Effect::CardChanged => drop(self.hangs.send_replace(self.room.listing().map(Arc::new))),
                Effect::DoorsOpen { owner, handle } => {
                    self.notifier.started(owner, handle, self.room.id());
                }
                Effect::BanFromClub { club, by, member, period } => {
                    let keeper = self.keeper.clone();
                    fresh::spawn(move || clubs::ban(keeper, club, by, member, period));
                }
                Effect::Report(filed) => {
                    let (keeper, coord) = (self.keeper.clone(), self.insurance.coord());
                    fresh::spawn(move || reports::file(keeper, coord, filed));
                }
                Effect::Ended { reason } => {
                    effects.push(Outcome::Ended { reason });
                    end = Some(End::Over);
                }
            }
        }
        if !effects.is_empty() {
            let at = self.numbering.advance();
            self.owned.publish(Committed { room: self.room.id(), at, events: Arc::new(Batch { effects }) });
        }
        end
    }

    fn handle(&mut self, id: CommandId, command: ToOwner) -> Pending {
        let done = match command {
            ToOwner::Join { who, name, handle, newcomer, picture, session, seat } => {
                let guest_of = self.room.guest_of(who);
                return match self.join(who, session, seat, |id| Arrival {
                    who,
                    name: name.clone(),
                    handle: handle.clone(),
                    guest_of: guest_of.clone(),
                    newcomer,
                    picture,
                    id,
                }) {
                    Ok((id, how)) => Pending::Joined { id, how, session },
                    Err(refused) => Pending::Ready(Answer::Refused(refused)),
                };
            }
            ToOwner::Act { from, command } => self.act(from, id, command),
            ToOwner::AskIn { from, people } => self.room.handle_ask(now(), from, id, people),
            ToOwner::Leave { id, reason } => {
                self.room.handle_leave(now(), id, reason);
                Ok(())
            }
            ToOwner::Lines { lines } => {
                for (id, line) in lines {
                    self.room.handle_connection(now(), id, line);
                }
                Ok(())
            }
            ToOwner::Slots { slots } => {
                self.room.handle_slots(now(), slots);
                Ok(())
            }
            ToOwner::Follows { id, follows, blocked } => {
                self.room.handle_blocks(now(), id, blocked);
                self.room.handle_follows(now(), id, follows);
                Ok(())
            }
            ToOwner::BlocksOf { who, blocked } => {
                self.room.handle_blocks_of(now(), who, blocked);
                Ok(())
            }
            ToOwner::FollowsUnanswered { id } => self.ask_follows_again(id),
            ToOwner::FollowingChanged { member } => {
                self.following_changed(member);
                Ok(())
            }
            ToOwner::ClubChanged => self.club_changed(),
            ToOwner::Club { club } => self.hears_of_club(club),
            ToOwner::Pictured { member, picture } => self.pictured(member, picture),
            ToOwner::Decline { who } => {
                found(self.room.may_find(who)).map(|()| self.room.handle_decline(now(), who))
            }
            ToOwner::MayFind { who } => found(self.room.may_find(who)),
            ToOwner::IsHere { who } => self.room.seat(who).map(|_| ()).ok_or(ErrorCode::NotThere),
            ToOwner::Newcomer { by, newcomer } => found(self.room.handle_newcomer(now(), by, newcomer)),
            ToOwner::OfGuests(asked) => return Pending::Ready(guests::answer(&mut self.room, asked)),
            ToOwner::IsOwner { who } => self.is_owner(who),
            ToOwner::Find { viewer, text } => {
                return Pending::Ready(Answer::People(self.room.find_people(viewer, &text)));
            }
            ToOwner::Views { viewers } => return Pending::Views(viewers),
            ToOwner::Abandon => {
                self.abandon();
                Ok(())
            }
            #[cfg(test)]
            ToOwner::Fail => panic!("asked for by a test"),
        };
        Pending::Ready(done.map_or_else(Answer::Refused, |()| Answer::Done))
    }

    fn join(
        &mut self,
        who: Who,
        session: SessionId,
        seat: Option<SeatToken>,
        arrival: impl Fn(ParticipantId) -> Arrival,
    ) -> Result<(ParticipantId, Entrance), ErrorCode> {
        if let Some(token) = seat {
            return self.come_back(who, session, token).map(|id| (id, Entrance::Back));
        }
        loop {
            // Zero is no id, and a CSRC has 32 bits.
            let candidate = ParticipantId(u32::from_be_bytes(random()).max(1));
            let (id, how) = match self.room.handle_join(now(), arrival(candidate)) {
                Ok(Joined::New(id)) => (id, Entrance::New),
                Ok(Joined::Again(id)) => (id, Entrance::Over),
                Err(Refused::IdTaken) => continue,
                Err(refused) => return Err(refused.into()),
            };
            self.holders.insert(id, Box::new(session));
            return Ok((id, how));
        }
    }

    /// To the very seat that is proved, or not at all: a device comes back by itself, and what happens by itself neither
    /// takes a seat from the device that somebody uses now nor brings in whoever has been away for long.
    fn come_back(
        &mut self,
        who: Who,
        session: SessionId,
        token: SeatToken,
    ) -> Result<ParticipantId, ErrorCode> {
        self.room.way_in(who)?;
        let id = self.room.seat(who).ok_or(ErrorCode::PersonGone)?;
        let holds = self.holders.get(&id).is_none_or(|holder| **holder == session);
        if !holds || !self.seats.proves(token, id, session) {
            return Err(ErrorCode::NotNow);
        }
        self.room.handle_connection(now(), id, Connection::Up);
        self.holders.insert(id, Box::new(session));
        Ok(id)
    }

    fn pictured(&mut self, member: MemberId, picture: Option<PictureId>) -> Result<(), ErrorCode> {
        self.room.handle_picture(now(), Who::Member(member), picture);
        Ok(())
    }

    fn is_owner(&self, who: Who) -> Result<(), ErrorCode> {
        let view = self.room.seat(who).and_then(|id| self.room.view(id));
        let owns = view.is_some_and(|view| view.you.authority == Authority::Owner);
        if owns { Ok(()) } else { Err(ErrorCode::NotAllowed) }
    }

    /// Nobody can be here any more: whoever is still seated leaves, and the room ends.
    fn abandon(&mut self) {
        for id in self.room.recipients(To::Everyone) {
            self.room.handle_leave(now(), id, LeftReason::Lost);
        }
        self.abandoned = Some(End::Over);
    }

    fn snapshot(&self, id: ParticipantId) -> Option<Snapshot> {
        Some(Snapshot { view: self.room.view(id)?, voice: self.room.voice(id) })
    }

    fn act(&mut self, from: ParticipantId, id: CommandId, command: RoomCommand) -> Result<(), ErrorCode> {
        let action = Action::of(&command);
        let done = self.room.handle_command(now(), from, id, command);
        if let (Ok(()), Some(action)) = (&done, action) {
            self.counts.count(action);
        }
        done
    }

    fn following_changed(&mut self, member: Option<MemberId>) {
        let ids: Vec<ParticipantId> = match member {
            Some(member) => self.room.seat(Who::Member(member)).into_iter().collect(),
            None => self.following.keys().copied().collect(),
        };
        for id in ids.into_iter().filter(|id| self.following.contains_key(id)) {
            self.ask_follows(id);
        }
        let keepers =
            self.keeping.keys().map(|who| **who).filter(|who| member.is_none_or(|m| *who == Who::Member(m)));
        // Those with a seat were asked just now.
        keepers.filter(|who| self.room.seat(*who).is_none()).for_each(|who| self.ask_blocks(who));
    }

    /// Before anybody hears that there is a room, so that nobody of those who are blocked finds it. Without the keeper there
    /// is no answer; then there is no room yet.
    async fn know_who_is_shut_out(&mut self) {
        for who in self.room.all_who_may_shut_out() {
            if let Some(blocked) = blocked_by(&self.keeper, who).await {
                self.room.handle_blocks_of(now(), who, blocked);
            }
        }
        if let Some(club) = self.room.club() {
            let roll = clubs::now(&self.keeper, club).await;
            self.room.handle_club(now(), roll);
        }
    }

    fn ask_follows_again(&self, id: ParticipantId) -> Result<(), ErrorCode> {
        if self.following.contains_key(&id) {
            self.ask_follows(id);
        }
        Ok(())
    }

    fn hears_of_club(&mut self, club: Option<Club>) -> Result<(), ErrorCode> {
        self.room.handle_club(now(), club);
        match std::mem::replace(&mut self.club, AskedOfClub::Answered) {
            AskedOfClub::Stale => self.club_changed(),
            AskedOfClub::Answered | AskedOfClub::Asked => Ok(()),
        }
    }

    fn club_changed(&mut self) -> Result<(), ErrorCode> {
        let Some(club) = self.room.club() else { return Ok(()) };
        if self.club != AskedOfClub::Answered {
            self.club = AskedOfClub::Stale;
            return Ok(());
        }
        self.club = AskedOfClub::Asked;
        let (keeper, bus, room) = (self.keeper.clone(), self.bus.clone(), self.room.id());
        self.aside(async move {
            let club = clubs::now(&keeper, club).await;
            let say = || ToOwner::Club { club: club.clone() };
            while bus.request(super::registry::envelope(room, say())).await.err() == Some(RequestError::Busy)
            {
                tokio::time::sleep(FOLLOWS_RETRY_PERIOD).await;
            }
        });
        Ok(())
    }

    /// Word of those who keep order reaches this room, be they here or not.
    fn mind_keepers(&mut self) {
        let keepers = self.room.all_who_keep_order();
        self.keeping.retain(|who, _| keepers.contains(&**who));
        for who in keepers {
            self.keeping.entry(Box::new(who)).or_insert_with(|| self.followers.note(who, self.room.id()));
        }
    }

    fn ask_blocks(&self, who: Who) {
        let (keeper, bus, room) = (self.keeper.clone(), self.bus.clone(), self.room.id());
        self.aside(async move {
            while let Some(blocked) = blocked_by(&keeper, who).await {
                let command = ToOwner::BlocksOf { who, blocked };
                if bus.request(super::registry::envelope(room, command)).await.err()
                    != Some(RequestError::Busy)
                {
                    return;
                }
                // What a busy room did not take may be old by the time it does: asked for again.
                tokio::time::sleep(FOLLOWS_RETRY_PERIOD).await;
            }
        });
    }

    /// Beside the room, and no longer than it: whom it is about is forgotten with the room, whatever the keeper is at.
    fn aside(&self, ask: impl Future<Output = ()> + Send + 'static) {
        let over = over(self.owner_is.subscribe());
        fresh::spawn(move || async move {
            tokio::select! {
                () = ask => {}
                () = over => {}
            }
        });
    }

    /// Asks the keeper, and comes back as a command like any other. Where the answer is lost, it is asked for again.
    fn ask_follows(&self, id: ParticipantId) {
        let Some(Who::Member(member)) = self.room.who(id) else { return };
        let (keeper, bus, room) = (self.keeper.clone(), self.bus.clone(), self.room.id());
        self.aside(async move {
            let follows = keeper.ask(keeper_api::Request::Following { member });
            let blocked = keeper.ask(keeper_api::Request::Blocked { member });
            let mut command = match tokio::join!(follows, blocked) {
                (Ok(Reply::Members(follows)), Ok(Reply::Blocks { blocked, reach })) => {
                    let people = blocked.into_iter().collect();
                    let follows = follows.into_iter().collect();
                    ToOwner::Follows { id, follows, blocked: Blocked { people, reach } }
                }
                _ => {
                    tokio::time::sleep(FOLLOWS_RETRY_PERIOD).await;
                    ToOwner::FollowsUnanswered { id }
                }
            };
            // An answer that a busy room did not take may be an old one by the time it does: asked for again too.
            while bus.request(super::registry::envelope(room, command)).await.err()
                == Some(RequestError::Busy)
            {
                tokio::time::sleep(FOLLOWS_RETRY_PERIOD).await;
                command = ToOwner::FollowsUnanswered { id };
            }
        });
    }
}

/// Until nobody says any more who owns the room.
async fn over(mut owner: watch::Receiver<Who>) {
    while owner.changed().await.is_ok() {}
}

/// Whom somebody blocks, asked until there is an answer; none for guests, who have nobody blocked.
async fn blocked_by(keeper: &Keeper, who: Who) -> Option<Blocked> {
    let Who::Member(member) = who else { return None };
    loop {
        match keeper.ask(keeper_api::Request::Blocked { member }).await {
            Ok(Reply::Blocks { blocked, reach }) => {
                return Some(Blocked { people: blocked.into_iter().collect(), reach });
            }
            _ => tokio::time::sleep(FOLLOWS_RETRY_PERIOD).await,
        }
    }
}

fn found(found: Found) -> Result<(), ErrorCode> {
    match found {
        Found::There => Ok(()),
        Found::NotThere => Err(ErrorCode::NotThere),
    }
}

async fn until(time: Option<Timestamp>) {
    match time {
        // A millisecond more, since timers round down and the room counts in milliseconds.
        Some(time) => tokio::time::sleep(time.since(now()) + Duration::from_millis(1)).await,
        None => std::future::pending().await,
    }
}
