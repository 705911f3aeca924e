//! People in rooms: what they do there, what they are told, and what they find when they come back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use client::api::{ApiError, Entered, Socket, Welcome};
use client::peer::Offering;
use client::room::{Room, Step};
use protocol::ErrorCode;
use protocol::id::{ParticipantId, RoomId, SeatToken};
use protocol::media::Sdp;
use protocol::order::ReportReason;
use protocol::room::{Authority, LeftReason, Place, RoomCommand};
use protocol::socket::{ClientMessage, ServerMessage};
use tokio::time::timeout;

use crate::evening::{Doubt, Evening, RoomsEnd, answered};
use crate::model::{Act, Number, Spot, Standing, Standings};
use crate::new_room::open_room;
use crate::server::PATIENCE;
use crate::strike::Victim;

/// By when everybody knows of everything, on a machine where much else is done. Before those who never connect are away.
const TOLD_WITHIN: Duration = Duration::from_secs(20);

/// A room that goes on, as the answers to what people did make it.
pub(crate) struct Open {
    id: RoomId,
    pub(crate) standings: Standings,
    /// Who was removed from it, and does not come in any more.
    put_out: BTreeSet<Number>,
    /// Reports that others can still sign.
    pub(crate) reports: Vec<Reported>,
}

/// By whom, whom, and who reported the same.
pub(crate) struct Reported {
    by: Number,
    about: Number,
    heard: BTreeSet<Number>,
}

impl Open {
    fn new(id: RoomId, standings: Standings) -> Self {
        Self { id, standings, put_out: BTreeSet::new(), reports: Vec::new() }
    }
}

/// Somebody's place in one, and what they were told.
pub(crate) struct Seat {
    /// Which of the open rooms.
    pub(crate) room: usize,
    token: SeatToken,
    socket: Socket,
    told: Room,
    /// Told that it is over for them.
    left: Option<LeftReason>,
}

impl Seat {
    fn new(room: usize, socket: Socket, entered: Entered) -> Self {
        Self { room, token: entered.seat, socket, told: Room::new(entered.view), left: None }
    }

    fn id(&self) -> ParticipantId {
        self.told.me()
    }

    fn mine(&self) -> Standing {
        let you = &self.told.view().you;
        Standing { authority: you.authority, spot: you.place.into() }
    }

    /// `false` once there is nothing more to hear.
    fn hear(&mut self, heard: Result<ServerMessage, ApiError>) -> bool {
        match heard {
            Ok(ServerMessage::Room { epoch, sequence, events, .. }) => {
                let step = self.told.apply(epoch, sequence, events);
                assert!(!matches!(step, Step::Gap), "something was not told");
            }
            Ok(ServerMessage::State { view }) => self.told = Room::new(view),
            Ok(ServerMessage::Left { reason, .. }) => self.left = Some(reason),
            Ok(_) => {}
            Err(error) => {
                assert!(error.may_pass(), "{error:?}");
                return false;
            }
        }
        true
    }
}

impl Evening {
    fn offer(&self) -> Sdp {
        Offering::new(&self.identity, Instant::now()).expect("an offer").sdp().clone()
    }

    /// A socket that has said hello; while a process is away, another try.
    async fn arrives(&self, who: Number) -> Option<(Socket, Welcome)> {
        let person = &self.people[who];
        let mut socket = answered(person.api.open(&person.token).await)?.expect("signed in");
        let welcome = answered(socket.hello().await)?.expect("welcome");
        Some((socket, welcome))
    }

    pub(crate) async fn starts(&mut self, by: Number) -> Result<(), ()> {
        let (mut socket, _) = self.arrives(by).await.ok_or(())?;
        let new = open_room(None);
        let offer = self.offer();
        let answer = answered(socket.start_room(new, offer).await).ok_or(())?;
        match answer {
            Ok(entered) => {
                let standings = Standings::from([(by, Standing::STARTS)]);
                self.rooms.push(Open::new(entered.view.room, standings));
                self.people[by].seat = Some(Seat::new(self.rooms.len() - 1, socket, entered));
            }
            // They own one already.
            Err(code) => assert_eq!(code, ErrorCode::NotNow),
        }
        Ok(())
    }

    /// After a start that nobody answered: there is such a room now, or there is not.
    pub(crate) async fn starts_again(&mut self, by: Number) {
        let before = self.rooms.len();
        self.starts(by).await.expect("everybody is back");
        if self.rooms.len() > before {
            return;
        }
        let (mut socket, welcome) = self.arrives(by).await.expect("everybody is back");
        let known: Vec<RoomId> = self.rooms.iter().map(|room| room.id).collect();
        let offer = self.offer();
        let card = welcome.hallway.iter().find(|card| !known.contains(&card.room)).expect("a room of theirs");
        let entered = socket.enter_room(card.room, Some(offer), None).await.expect("in");
        assert_eq!(entered.view.you.authority, Authority::Owner);
        let standing = Standing { authority: Authority::Owner, spot: entered.view.you.place.into() };
        self.rooms.push(Open::new(card.room, Standings::from([(by, standing)])));
        self.people[by].seat = Some(Seat::new(self.rooms.len() - 1, socket, entered));
    }

    pub(crate) async fn enters(&mut self, by: Number, room: usize) -> Result<(), ()> {
        let (mut socket, _) = self.arrives(by).await.ok_or(())?;
        let offer = self.offer();
        let answer = answered(socket.enter_room(self.rooms[room].id, Some(offer), None).await).ok_or(())?;
        let put_out = self.rooms[room].put_out.contains(&by);
        match answer {
            Ok(entered) => {
                assert!(!put_out, "{by} was removed, and is in again");
                self.rooms[room].standings.insert(by, Standing::COMES);
                self.people[by].seat = Some(Seat::new(room, socket, entered));
            }
            // Asked of the process after it: the rooms may be gone with the one before.
            Err(ErrorCode::NotThere) if self.rooms_end != RoomsEnd::No => return Err(()),
            Err(code) => assert_eq!((code, put_out), (ErrorCode::NotThere, true), "{by}"),
        }
        Ok(())
    }

    pub(crate) async fn acts(&mut self, act: Act, by: Number, to: Number) -> Option<Doubt> {
        let whom = self.people[to].seat.as_ref()?.id();
        let seat = self.people[by].seat.as_mut()?;
        let room = seat.room;
        let after = act.done(&self.rooms[room].standings, by, to);
        let answer = answered(seat.socket.command(act.command(whom)).await);
        match answer {
            Some(Ok(())) => self.now_is(room, after),
            Some(Err(_)) => {}
            None => return Some(Doubt::Acting(room, after)),
        }
        None
    }

    /// Whoever reports what is reported already has heard it, too.
    pub(crate) async fn reports(&mut self, by: Number, to: Number) -> Option<Doubt> {
        let who = self.people[to].seat.as_ref()?.id();
        let seat = self.people[by].seat.as_mut()?;
        let command = RoomCommand::Report { who, handle: None, reason: ReportReason::Spam };
        let Some(answer) = answered(seat.socket.command(command).await) else {
            return Some(Doubt::Reporting(by, to));
        };
        answer.expect("everybody may report");
        let reports = &mut self.rooms[seat.room].reports;
        match reports.iter_mut().find(|open| open.about == to) {
            Some(open) if open.by == by => {}
            Some(open) => drop(open.heard.insert(by)),
            None => {
                reports.push(Reported { by, about: to, heard: BTreeSet::new() });
                self.people[by].reported += 1;
            }
        }
        None
    }

    /// Nobody can see whether it was taken; said twice, it is one.
    pub(crate) async fn reports_again(&mut self, by: Number, to: Number) {
        assert!(self.reports(by, to).await.is_none(), "everybody is back");
    }

    /// Everybody leaves, so it is over.
    pub(crate) async fn empties(&mut self, room: usize) {
        for person in &mut self.people {
            let Some(mut seat) = person.seat.take_if(|seat| seat.room == room) else { continue };
            seat.socket.leave().await.expect("the line stands");
            let left = async {
                while seat.left.is_none() {
                    let heard = seat.socket.next().await;
                    assert!(seat.hear(heard), "the line stands");
                }
            };
            timeout(PATIENCE, left).await.expect("told that they have left");
        }
        self.rooms[room].standings.clear();
        for Reported { by, about, heard } in std::mem::take(&mut self.rooms[room].reports) {
            let handle = |who: Number| self.people[who].handle.clone();
            let heard: Vec<String> = heard.into_iter().map(handle).collect();
            self.kept.file(&handle(by), &handle(about), heard.into_iter());
        }
    }

    /// What was reported in rooms that are over reaches the administrators: each report once.
    pub(crate) async fn is_filed(&self) {
        let begun = Instant::now();
        loop {
            let found = self.found().await;
            if found == self.kept {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{:#?} was kept where it is {:#?}", found, self.kept);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Who is not in it any more has no seat.
    fn now_is(&mut self, room: usize, standings: Standings) {
        for (number, person) in self.people.iter_mut().enumerate() {
            if person.seat.as_ref().is_some_and(|seat| seat.room == room) && !standings.contains_key(&number)
            {
                person.seat = None;
            }
        }
        // Nobody leaves by themselves in these evenings.
        let Open { standings: before, put_out, .. } = &mut self.rooms[room];
        put_out.extend(before.keys().filter(|who| !standings.contains_key(who)));
        *before = standings;
    }

    /// Until everybody was told how it is.
    pub(crate) async fn settle(&mut self) {
        for who in 0..self.people.len() {
            let told = async {
                while !self.knows(who) {
                    let Some(seat) = &mut self.people[who].seat else { return };
                    let heard = seat.socket.next().await;
                    assert!(seat.hear(heard), "a socket ended, and nobody had died");
                    assert_eq!(seat.left, None);
                }
            };
            if timeout(TOLD_WITHIN, told).await.is_err() {
                let seat = self.people[who].seat.as_ref().expect("somebody waits");
                panic!(
                    "{who} was told {:#?} where it is {:?}",
                    seat.told.view(),
                    self.rooms[seat.room].standings
                );
            }
        }
    }

    /// Whether they were told that the room is as it is, and nothing beyond.
    fn knows(&self, who: Number) -> bool {
        let Some(seat) = &self.people[who].seat else { return true };
        let standings = &self.rooms[seat.room].standings;
        let view = seat.told.view();
        let shown = |number: &Number, standing: &Standing| {
            let id = self.people[*number].seat.as_ref().map(Seat::id);
            let person = id.and_then(|id| seat.told.person(id));
            person.is_some_and(|person| {
                person.authority == standing.authority && person.place == public(standing)
            })
        };
        seat.left.is_none()
            && standings.get(&who) == Some(&seat.mine())
            && view.people.len() == standings.len()
            && standings.iter().all(|(number, standing)| shown(number, standing))
    }

    /// What has become of the rooms.
    pub(crate) async fn rooms_after(&mut self, victim: Victim, doubt: Option<&Doubt>) {
        match victim {
            Victim::Keeper => self.look_again(doubt).await,
            Victim::Live | Victim::BothAtOnce | Victim::BothInTurn => self.come_back(victim, doubt).await,
        }
    }

    /// The rooms have not noticed.
    async fn look_again(&mut self, doubt: Option<&Doubt>) {
        assert!(!matches!(doubt, Some(Doubt::Acting(..))), "rooms need no keeper");
        for person in &mut self.people {
            let Some(seat) = &mut person.seat else { continue };
            seat.socket.send(&ClientMessage::Resync).await.expect("the line stands");
            let state = async {
                loop {
                    let heard = seat.socket.next().await;
                    let is_state = matches!(heard, Ok(ServerMessage::State { .. }));
                    assert!(seat.hear(heard), "the line stands");
                    if is_state {
                        return;
                    }
                }
            };
            timeout(PATIENCE, state).await.expect("told");
        }
    }

    /// Everybody hears the last words of their line and takes their seat again, if there is one. Whoever came in by asking
    /// the process after it has a line that goes on.
    async fn come_back(&mut self, victim: Victim, doubt: Option<&Doubt>) {
        let mut late = BTreeSet::new();
        for (number, person) in self.people.iter_mut().enumerate() {
            let Some(seat) = &mut person.seat else { continue };
            let ends = async {
                // Nobody answers on a line that ended.
                if seat.socket.send(&ClientMessage::Ping).await.is_err() {
                    return true;
                }
                loop {
                    let heard = seat.socket.next().await;
                    let goes_on = matches!(heard, Ok(ServerMessage::Pong));
                    if !seat.hear(heard) {
                        return true;
                    }
                    if goes_on {
                        return false;
                    }
                }
            };
            if !timeout(PATIENCE, ends).await.expect("a line that ends or goes on") {
                late.insert(number);
            }
        }
        assert!(late.len() <= 1, "{late:?} came in after it, and one did something");
        let told: Vec<bool> = match doubt {
            Some(Doubt::Acting(..)) => (0..self.people.len()).map(|who| self.knows(who)).collect(),
            _ => vec![true; self.people.len()],
        };
        let (mut found, mut gone) = (vec![Standings::new(); self.rooms.len()], Vec::new());
        for who in 0..self.people.len() {
            let Some(seat) = &self.people[who].seat else { continue };
            if late.contains(&who) {
                found[seat.room].insert(who, seat.mine());
                continue;
            }
            let (room, token, offer) = (seat.room, seat.token, self.offer());
            let (mut socket, _) = self.arrives(who).await.expect("everybody is back");
            let entered = answered(socket.enter_room(self.rooms[room].id, Some(offer), Some(token)).await);
            match entered.expect("everybody is back") {
                Ok(entered) => {
                    let seat = Seat::new(room, socket, entered);
                    found[room].insert(who, seat.mine());
                    self.people[who].seat = Some(seat);
                }
                Err(code) => gone.push((who, code)),
            }
        }
        let before_it = |room: &Standings| room.keys().any(|who| !late.contains(who));
        if !found.iter().any(before_it) && victim != Victim::Live && (late.is_empty() || !gone.is_empty()) {
            return self.rooms_are_over(victim, &gone, late.first().copied());
        }
        let survived = found.iter().any(before_it);
        assert!(victim != Victim::BothAtOnce || !survived, "the key is gone, so are the rooms");
        for (room, found) in found.into_iter().enumerate() {
            let before = &self.rooms[room].standings;
            let after = match doubt {
                Some(Doubt::Acting(at, after)) if *at == room => Some(after),
                _ => None,
            };
            let heard_of_it = before.keys().any(|who| !told[*who]);
            let happened = after.is_some_and(|after| *after == found);
            assert!(
                happened || (found == *before && !heard_of_it),
                "{found:?} was found; before it was {before:?}, or {after:?} if that happened; told: {heard_of_it}"
            );
            self.now_is(room, found);
        }
    }

    /// Nobody gets in, and everybody is told the same. What somebody started after it is a room like any other.
    fn rooms_are_over(&mut self, victim: Victim, gone: &[(Number, ErrorCode)], late: Option<Number>) {
        for (who, code) in gone {
            assert_eq!(*code, ErrorCode::NotThere, "{who}");
            self.people[*who].seat = None;
        }
        if victim == Victim::BothAtOnce && !gone.is_empty() {
            self.server.says("the rooms that were open are lost");
        }
        let started = late.and_then(|who| self.people[who].seat.as_mut().map(|seat| &mut seat.room));
        let started = started.map(|room| self.rooms.remove(std::mem::take(room)));
        self.rooms = started.into_iter().collect();
    }
}

/// As others see it.
fn public(standing: &Standing) -> Place {
    match standing.spot {
        Spot::Audience | Spot::Hand | Spot::Invited => Place::Audience,
        Spot::Stage(mic) => Place::Stage { mic },
    }
}
