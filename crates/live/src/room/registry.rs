//! Which rooms there are, how one is started, and how they come back after a restart.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use cluster::bus::{Bus, Cursor, Envelope, Epoch, Numbering, RequestError};
use cluster::{Blob, Change, Coord, MediaBus, Sealer};
use futures_util::future::join_all;
use keyed::Key;
use protocol::ErrorCode;
use protocol::id::{
    ClubId, CommandId, EventId, InviteId, MemberId, ParticipantId, PictureId, RoomId, SessionId,
};
use protocol::limits::{ROOMS_MAX, ROOMS_PER_OWNER_MAX};
use rooms::{Arrival, Asked, NewRoom, Refused, Room, Who};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};

use super::actor::{self, Owner};
use super::commit::{Committer, Keepsakes, Whole, put_together};
use super::concerns::Concerns;
use super::edge::{self, Edge, Enter, ToEdge};
use super::effects::Floor;
use super::landing::{Landing, Landings};
use super::media::{Commands, MediaRoutes};
use super::message::{Answer, Caller, RoomBus, ToOwner, as_code};
use super::reports;
use super::seat::{Seated, Seats};
use crate::clock::{self, now, random};
use crate::drain::Draining;
use crate::fresh;
use crate::hallway::Hallway;
use crate::keeper::Keeper;
use crate::limits::{BUSY_RETRY_PERIOD, EDGE_MAILBOX, FOLLOWS_RETRY_PERIOD};
use crate::metrics::Counts;
use crate::push::Notifier;

/// All rooms of this process; cheap to clone.
#[derive(Clone)]
pub(crate) struct Rooms(Arc<Parts>);

/// What rooms are made with.
pub(crate) struct Wiring {
    pub(crate) coord: Coord,
    pub(crate) engine: sfu::Handle,
    pub(crate) routes: MediaRoutes,
    pub(crate) keeper: Keeper,
    pub(crate) hallway: Hallway,
    pub(crate) notifier: Notifier,
    pub(crate) draining: watch::Receiver<Draining>,
    pub(crate) counts: Counts,
    /// People of a room up to whom its audience is listed.
    pub(crate) faces_max: usize,
}

struct Parts {
    wiring: Wiring,
    bus: RoomBus,
    media: MediaBus,
    /// The lock guards only the directory, at human rate, and never while anything waits.
    /// By ids in boxes: a table leaves what was removed lying in its places, a box is wiped (decision 0029).
    directory: RwLock<HashMap<Box<RoomId>, Listed>>,
    /// Who has a seat here, in which rooms.
    seated: Concerns,
    /// Whose follows a room asked for.
    followers: Concerns,
    landings: Landings,
    /// Those who are starting a room at this moment.
    starting: Mutex<BTreeSet<Box<Who>>>,
}

/// Somebody is starting a room, until this is dropped.
struct Starting<'a> {
    all: &'a Mutex<BTreeSet<Box<Who>>>,
    who: Who,
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.who);
    }
}

struct Listed {
    edge: mpsc::Sender<ToEdge>,
    /// For which club it is held.
    club: Option<ClubId>,
    /// Who owns the room, as last committed.
    owner: watch::Receiver<Who>,
    /// Which announced event it is, if it is one. In a box, as all ids in tables.
    event: Option<Box<EventId>>,
}

/// How many rooms came back, and how many did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rebuilt {
    pub(crate) rooms: u32,
    pub(crate) broken: u32,
}

impl Rooms {
    pub(crate) fn new(wiring: Wiring) -> Self {
        Self(Arc::new(Parts {
            wiring,
            bus: Bus::local(),
            media: MediaBus::local(),
            directory: RwLock::default(),
            landings: Landings::default(),
            seated: Concerns::default(),
            followers: Concerns::default(),
            starting: Mutex::default(),
        }))
    }

    pub(crate) fn bus(&self) -> &RoomBus {
        &self.0.bus
    }

    /// The room that an announced event is by now, if it is one.
    pub(crate) fn of_event(&self, event: EventId) -> Option<RoomId> {
        let directory = self.directory();
        directory.iter().find(|(_, listed)| listed.event.as_deref() == Some(&event)).map(|(id, _)| **id)
    }

    /// Starts a room. Its owner is seated in it, and comes in by [`Self::enter`] like everybody else.
    ///
    /// # Errors
    /// `Draining`; `Busy` where no more rooms fit; `NotNow` for somebody whose last room still goes on; `Full` for too
    /// many people asked in.
    pub(crate) async fn start(&self, caller: &Caller, new: NewRoom) -> Result<RoomId, ErrorCode> {
        if *self.0.wiring.draining.borrow() != Draining::No {
            return Err(ErrorCode::Draining);
        }
        // Until the room is in the directory, or was not started after all.
        let _starting = self.begin(caller.who)?;
        self.may_start_one_more(caller.who).await?;
        let id = RoomId::from_random(random());
        let owner = |id| Arrival {
            who: caller.who,
            name: caller.name.clone(),
            handle: caller.handle.clone(),
            guest_of: None,
            newcomer: caller.newcomer,
            picture: caller.picture,
            id,
        };
        let room = loop {
            let candidate = ParticipantId(u32::from_be_bytes(random()));
            let key = Key::from_random(random());
            match Room::start(now(), id, key, new.clone(), owner(candidate)) {
                Ok(room) => break room,
                Err(Refused::IdTaken) => {}
                Err(refused) => return Err(refused.into()),
            }
        };
        let committer = Committer::new(id, Keepsakes { epoch: Epoch::FIRST, seat_key: random() });
        self.open(room.with_faces_max(self.0.wiring.faces_max), committer).await?;
        Ok(id)
    }

    /// Lets somebody in. A room that is not there for them and one that is not there at all give the same answer.
    ///
    /// # Errors
    /// `NotThere`, `Locked`, `Full`, `BadOffer`, `Busy`.
    pub(crate) async fn enter(&self, room: RoomId, enter: Enter) -> Result<Seated, ErrorCode> {
        let edge = self.edge(room).ok_or(ErrorCode::NotThere)?;
        let (reply, answer) = oneshot::channel();
        let message = ToEdge::Enter { enter: Box::new(enter), reply };
        edge.send(message).await.map_err(|_| ErrorCode::NotThere)?;
        answer.await.unwrap_or(Err(ErrorCode::NotThere))
    }

    /// Whether somebody may give invitations away in a room: those who are in it.
    ///
    /// # Errors
    /// `NotThere`, whether there is such a room or not; `Busy`.
    pub(crate) async fn check_here(&self, room: RoomId, who: Who) -> Result<(), ErrorCode> {
        self.ask(room, ToOwner::IsHere { who }).await
    }

    /// Whoever comes by this invitation lands in the room, as long as it lasts.
    pub(crate) fn remember_invite(&self, invite: InviteId, landing: Landing) {
        let room = landing.room;
        self.0.landings.remember(invite, landing);
        // It may be over since it was asked.
        if self.edge(room).is_none() {
            self.0.landings.forget(room);
        }
    }

    /// Where somebody lands who came by an invitation: in the room it was given in, if that is there for them.
    pub(crate) async fn land(&self, invite: InviteId, newcomer: Asked) -> Option<RoomId> {
        let Landing { room, by } = self.0.landings.of(invite)?;
        self.ask(room, ToOwner::Newcomer { by, newcomer }).await.ok().map(|()| room)
    }

    async fn ask(&self, room: RoomId, question: ToOwner) -> Result<(), ErrorCode> {
        match self.0.bus.request(envelope(room, question)).await {
            Ok(Answer::Refused(code)) => Err(code),
            Ok(_) => Ok(()),
            Err(error) => Err(as_code(error)),
        }
    }

    /// The one who started a room could not come in.
    pub(crate) async fn abandon(&self, room: RoomId) {
        let _ = self.0.bus.request(envelope(room, ToOwner::Abandon)).await;
    }

    /// A device was signed out: wherever it hears anything, it hears nothing from now on. Returns once that is so, or
    /// takes too long.
    pub(crate) async fn session_ended(&self, session: SessionId, member: MemberId) {
        let rooms = self.0.seated.rooms(Who::Member(member));
        edge::cut_session(rooms.into_iter().filter_map(|room| self.edge(room)), session).await;
    }

    /// Somebody has another picture: whoever is in a room with them sees it there.
    pub(crate) async fn picture_changed(&self, member: MemberId, picture: Option<PictureId>) {
        let rooms = self.0.seated.rooms(Who::Member(member));
        join_all(rooms.into_iter().map(|room| async move {
            let heard = async {
                let say = || self.0.bus.request(envelope(room, ToOwner::Pictured { member, picture }));
                while say().await.err() == Some(RequestError::Busy) {
                    sleep(BUSY_RETRY_PERIOD).await;
                }
            };
            let _ = timeout(FOLLOWS_RETRY_PERIOD, heard).await;
        }))
        .await;
    }

    /// Whom somebody follows has changed.
    pub(crate) async fn following_changed(&self, member: MemberId) {
        let rooms = self.0.followers.rooms(Who::Member(member));
        join_all(rooms.into_iter().map(|room| self.ask_follows(room, Some(member)))).await;
    }

    /// Something of a club has changed; of any of them, where it is not known of which.
    pub(crate) async fn club_changed(&self, club: Option<ClubId>) {
        let held = |listed: &Listed| listed.club.is_some() && (club.is_none() || listed.club == club);
        let rooms: Vec<RoomId> =
            self.directory().iter().filter(|(_, listed)| held(listed)).map(|(id, _)| **id).collect();
        join_all(rooms.into_iter().map(|room| self.say_in_time(room, || ToOwner::ClubChanged))).await;
    }

    /// Whom people follow may have changed, for everybody.
    pub(crate) async fn following_may_have_changed(&self) {
        for room in self.ids() {
            self.ask_follows(room, None).await;
        }
    }

    /// A room that is too busy to hear of it is told a little later; one that takes too long is in trouble.
    async fn ask_follows(&self, room: RoomId, member: Option<MemberId>) {
        self.say_in_time(room, || ToOwner::FollowingChanged { member }).await;
    }

    async fn say_in_time(&self, room: RoomId, word: impl Fn() -> ToOwner) {
        let heard = async {
            while self.0.bus.request(envelope(room, word())).await.err() == Some(RequestError::Busy) {
                sleep(BUSY_RETRY_PERIOD).await;
            }
        };
        let _ = timeout(FOLLOWS_RETRY_PERIOD, heard).await;
    }

    /// Brings rooms back as they were last committed; everybody in them is reconnecting. What cannot be put together
    /// is forgotten.
    pub(crate) async fn rebuild(&self, blobs: &[Blob], sealer: &Sealer) -> Rebuilt {
        let mut found = put_together(blobs, sealer);
        let mut rebuilt = Rebuilt { rooms: 0, broken: found.broken };
        for whole in std::mem::take(&mut found.rooms) {
            // Each by a task of its own: what is made for one that goes on would keep a piece of one that does not.
            let rooms = self.clone();
            let opened = fresh::spawn(move || async move { rooms.reopen(whole).await }).await;
            match opened.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic())) {
                true => rebuilt.rooms += 1,
                false => rebuilt.broken += 1,
            }
        }
        for (tag, filing) in std::mem::take(&mut found.reports) {
            let (keeper, coord) = (self.0.wiring.keeper.clone(), self.0.wiring.coord.clone());
            fresh::spawn(move || reports::bring(keeper, coord, tag, filing));
        }
        for forgets in found.useless.chunks(cluster::limits::MAX_COMMIT_ENTRIES) {
            let _ = self.0.wiring.coord.commit(Change { puts: Vec::new(), forgets: forgets.to_vec() }).await;
        }
        rebuilt
    }

    /// Whether it goes on.
    async fn reopen(&self, mut whole: Whole) -> bool {
        let restored = Room::restore(now(), std::mem::take(&mut whole.parts), self.0.wiring.faces_max);
        match restored {
            Ok(room) if room.id() == whole.room => self.open(room, whole.committer).await.is_ok(),
            _ => {
                // Forgotten like everything else that is of no use.
                let _ = whole.committer.forget(&self.0.wiring.coord).await;
                false
            }
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.directory().len()
    }

    async fn open(&self, room: Room, committer: Committer) -> Result<(), ErrorCode> {
        let id = room.id();
        let wiring = &self.0.wiring;
        let commands = Commands::open(wiring.engine.clone(), &self.0.media, id)?;
        let bus = self.0.bus.clone();
        let owned = bus.own(id).map_err(|_| ErrorCode::Internal)?;
        let events = bus.subscribe(id).map_err(|_| ErrorCode::Internal)?;
        let (me, mailbox) = mpsc::channel(EDGE_MAILBOX);
        let (owner_is, owner) = watch::channel(room.owner());
        let event = room.event().map(Box::new);
        {
            let mut directory = self.0.directory.write().unwrap_or_else(PoisonError::into_inner);
            // Two hosts pressed at once: one room for both.
            if event.is_some() && directory.values().any(|listed| listed.event == event) {
                return Err(ErrorCode::NotNow);
            }
            match directory.entry(Box::new(id)) {
                Entry::Occupied(_) => return Err(ErrorCode::Internal),
                Entry::Vacant(vacant) => {
                    vacant.insert(Listed { edge: me.clone(), club: room.club(), owner, event })
                }
            };
        }
        let epoch = committer.keepsakes().epoch;
        let floor = Floor {
            room: id,
            epoch: epoch.0,
            seats: Seats::new(id, self.0.seated.clone()),
            commands,
            broadcasts: 0,
        };
        let cursor = Cursor::from(Numbering::of(epoch).now());
        let edge =
            Edge { floor, bus: bus.clone(), events, mailbox, me, routes: wiring.routes.clone(), cursor };
        let (hangs, hung) = watch::channel(None);
        let owner = Owner {
            room,
            owned,
            committer,
            coord: wiring.coord.clone(),
            bus,
            keeper: wiring.keeper.clone(),
            notifier: wiring.notifier.clone(),
            hangs,
            followers: self.0.followers.clone(),
            owner_is,
            counts: wiring.counts.clone(),
        };
        wiring.hallway.opened(id, hung).await;
        let (rooms, hallway) = (self.clone(), wiring.hallway.clone());
        fresh::spawn(move || actor::run(owner));
        fresh::spawn(move || async move {
            edge::run(edge).await;
            rooms.0.directory.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
            rooms.0.landings.forget(id);
            hallway.closed(id).await;
        });
        Ok(())
    }

    /// One start of each at a time, so that nothing changes between the look at the bounds and the start.
    fn begin(&self, who: Who) -> Result<Starting<'_>, ErrorCode> {
        let mut starting = self.0.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if self.count() + starting.len() >= ROOMS_MAX {
            return Err(ErrorCode::Busy);
        }
        if starting.is_empty() && self.count() == 0 {
            // It may have been told the time since: a small machine wakes without it.
            clock::set();
        }
        if !starting.insert(Box::new(who)) {
            return Err(ErrorCode::NotNow);
        }
        Ok(Starting { all: &self.0.starting, who })
    }

    /// One conversation at a time: whoever owns a room and is in it may not start another, however they came by it.
    async fn may_start_one_more(&self, who: Who) -> Result<(), ErrorCode> {
        let mine: Vec<RoomId> = self
            .directory()
            .iter()
            .filter(|(_, listed)| *listed.owner.borrow() == who)
            .map(|(id, _)| **id)
            .collect();
        let mut owned = 0;
        for room in mine {
            match self.0.bus.request(envelope(room, ToOwner::IsOwner { who })).await {
                Ok(Answer::Done) => owned += 1,
                Err(RequestError::Busy) => return Err(ErrorCode::Busy),
                _ => {}
            }
        }
        if owned >= ROOMS_PER_OWNER_MAX { Err(ErrorCode::NotNow) } else { Ok(()) }
    }

    fn edge(&self, room: RoomId) -> Option<mpsc::Sender<ToEdge>> {
        self.directory().get(&room).map(|listed| listed.edge.clone())
    }

    fn ids(&self) -> Vec<RoomId> {
        self.directory().keys().map(|id| **id).collect()
    }

    fn directory(&self) -> std::sync::RwLockReadGuard<'_, HashMap<Box<RoomId>, Listed>> {
        self.0.directory.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A command of this process's own, which nobody repeats.
pub(crate) fn envelope(room: RoomId, command: ToOwner) -> Envelope<ToOwner> {
    Envelope { id: CommandId(random()), room, command }
}
