//! What people are told: the difference between what they were told last and what is true now.
//!
//! Rules change the room and mark whom it concerns; [`Room::settle`], at the end of every call, turns the marks into
//! effects. No rule writes an event by hand, so none can forget one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use protocol::Timestamp;
use protocol::id::ParticipantId;
use protocol::room::{
    AudienceShown, Authority, Board, Hand, HandState, LeftReason, Notice, RoomEvent, RoomFacts, RoomKind,
    Slots,
};
use protocol::text::RoomTitle;

use crate::Room;
use crate::effect::{Effect, To};
use crate::limits::{ARRIVALS_FROM, ARRIVALS_PERIOD, COUNTS_PERIOD, faces_again};
use crate::people::Area;
use crate::state::Phase;

/// Effects that wait to be carried out, and marks that will become some. In boxes, which are wiped: a queue does not overwrite
/// what is taken out of it, and a value takes along whatever of the stack lay where it has no bytes of its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outbox {
    /// What silences or cuts off.
    urgent: VecDeque<Box<Effect>>,
    /// Reports for the administrators and bans from a club. They outlive the room.
    filed: VecDeque<Box<Effect>>,
    rest: VecDeque<Box<Effect>>,
    marks: Marks,
    told: Option<Told>,
    /// Mere counts that wait for the end of [`COUNTS_PERIOD`].
    facts_due: Option<Timestamp>,
    card_due: Option<Timestamp>,
    /// People in the audience of whom nobody was told yet, until the end of [`ARRIVALS_PERIOD`].
    newcomers: BTreeSet<ParticipantId>,
    newcomers_due: Option<Timestamp>,
}

/// What has changed since the last [`Room::settle`].
#[derive(Debug, Clone, Default)]
struct Marks {
    ask_follows: BTreeSet<ParticipantId>,
    people: BTreeSet<ParticipantId>,
    you: BTreeSet<ParticipantId>,
    everyones_you: Mark,
    briefs: BTreeSet<ParticipantId>,
    asked: Mark,
    notices: Vec<(To, Notice)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mark {
    #[default]
    Same,
    Changed,
}

/// What was told last.
#[derive(Debug, Clone)]
struct Told {
    facts: RoomFacts,
    facts_at: Timestamp,
    /// Those whom everyone sees.
    listed: BTreeSet<ParticipantId>,
    newcomers_at: Timestamp,
    queue: Vec<Hand>,
    asked_to_take_over: Option<(ParticipantId, Timestamp)>,
    slots: Slots,
    board: Board,
    card: CardKey,
    card_at: Timestamp,
    /// Counts the changes of who may see the card.
    visibility: u64,
    /// Counts the seats taken and given up.
    seats: u64,
}

/// What a card is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CardKey {
    /// Told at once.
    facts: (Option<RoomTitle>, RoomKind, protocol::room::Door, Vec<ParticipantId>, u64),
    /// Told at most once in [`COUNTS_PERIOD`]. Seats where they make a difference.
    counts: (u32, u64, Slots, Option<u64>),
}

impl Outbox {
    /// Nothing to tell: whoever comes gets a view.
    pub(crate) fn caught_up(room: &Room) -> Self {
        let told = Told {
            facts: room.facts(),
            facts_at: Timestamp(0),
            listed: room
                .people
                .iter()
                .filter(|person| room.is_listed(person))
                .map(|person| person.id)
                .collect(),
            newcomers_at: Timestamp(0),
            queue: room.queue(),
            asked_to_take_over: room.asked_to_take_over(),
            slots: room.slots,
            board: room.state.board.clone(),
            card: room.card_key(0, 0),
            card_at: Timestamp(0),
            visibility: 0,
            seats: 0,
        };
        Self { told: Some(told), rest: VecDeque::from([Box::new(Effect::CardChanged)]), ..Self::default() }
    }

    pub(crate) fn poll(&mut self) -> Option<Effect> {
        let next = self.urgent.pop_front().or_else(|| self.filed.pop_front());
        next.or_else(|| self.rest.pop_front()).map(|effect| *effect)
    }

    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.facts_due.into_iter().chain(self.card_due).chain(self.newcomers_due).min()
    }

    /// They arrived, and nobody was told yet.
    pub(crate) fn is_waiting(&self, id: ParticipantId) -> bool {
        self.newcomers.contains(&id)
    }

    pub(crate) fn urgent(&mut self, effect: Effect) {
        self.urgent.push_back(Box::new(effect));
    }

    pub(crate) fn file(&mut self, filed: Effect) {
        self.filed.push_back(Box::new(filed));
    }

    /// How everyone sees somebody changed; they came, or they are gone.
    pub(crate) fn person(&mut self, id: ParticipantId) {
        self.marks.people.insert(id);
    }

    /// What somebody sees of their own place changed.
    pub(crate) fn you(&mut self, id: ParticipantId) {
        self.marks.you.insert(id);
    }

    /// What everyone may do changed.
    pub(crate) fn everyone_anew(&mut self) {
        self.marks.everyones_you = Mark::Changed;
    }

    /// Somebody's authority changed: the queue appears for them, or goes.
    pub(crate) fn brief(&mut self, id: ParticipantId) {
        self.marks.briefs.insert(id);
    }

    /// The list of people asked in changed.
    pub(crate) fn asked(&mut self) {
        self.marks.asked = Mark::Changed;
    }

    /// Who may see the room's card changed, or how.
    pub(crate) fn visibility(&mut self) {
        if let Some(told) = &mut self.told {
            told.visibility += 1;
        }
    }

    /// Somebody took a seat, or gave one up.
    pub(crate) fn seats(&mut self) {
        if let Some(told) = &mut self.told {
            told.seats += 1;
        }
    }

    pub(crate) fn ask_follows(&mut self, id: ParticipantId) {
        self.marks.ask_follows.insert(id);
    }

    pub(crate) fn notice(&mut self, to: To, notice: Notice) {
        self.marks.notices.push((to, notice));
    }

    /// The room is over: nothing else matters but who is cut off.
    pub(crate) fn over(&mut self, reason: LeftReason) {
        self.marks = Marks::default();
        self.facts_due = None;
        self.card_due = None;
        self.newcomers = BTreeSet::new();
        self.newcomers_due = None;
        self.rest = VecDeque::from([Box::new(Effect::Ended { reason })]);
    }

    /// What was said last is for somebody else as well.
    pub(crate) fn notice_again(&mut self, to: To) {
        if let Some((_, notice)) = self.marks.notices.last().cloned() {
            self.marks.notices.push((to, notice));
        }
    }

    fn tell(&mut self, to: To, event: RoomEvent) {
        self.rest.push_back(Box::new(Effect::Tell { to, event }));
    }
}

impl Room {
    /// Ends every call: brings what depends on others in line, and tells what changed.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        self.keep_order(now);
        if self.is_over() {
            return;
        }
        self.chatter.heard(&self.slots);
        self.fit_audience();
        let Some(mut told) = self.outbox.told.take() else { return };
        let marks = std::mem::take(&mut self.outbox.marks);
        for id in &marks.ask_follows {
            self.outbox.rest.push_back(Box::new(Effect::AskFollows { id: *id }));
        }
        let people = self.gather(&mut told, marks.people.clone(), now);
        self.tell_people(&mut told, &people);
        self.tell_queue(&mut told, &marks);
        self.tell_facts(&mut told, now);
        if told.slots != self.slots {
            told.slots = self.slots;
            self.outbox.tell(To::Everyone, RoomEvent::Slots { slots: self.slots });
        }
        if told.board != self.state.board {
            told.board = self.state.board.clone();
            self.outbox.tell(To::Everyone, RoomEvent::Board { board: told.board.clone() });
        }
        if let Some(event) = self.take_chat(now) {
            self.outbox.tell(To::Everyone, event);
        }
        if let Some(counts) = self.reactions.take(now) {
            self.outbox.tell(To::Everyone, RoomEvent::Reactions { counts });
        }
        for id in self.talked.take_asked() {
            let times = self.talk_times();
            self.outbox.tell(To::One(id), times);
        }
        for (to, notice) in marks.notices {
            self.outbox.tell(to, RoomEvent::Notice { notice });
        }
        self.tell_card(&mut told, now);
        self.outbox.told = Some(told);
    }

    /// Large audiences are counted; the way back is a little lower than the way there.
    fn fit_audience(&mut self) {
        let people = self.people.len();
        let fits = match self.state.audience {
            AudienceShown::Faces if people > self.faces_max => AudienceShown::Counted,
            AudienceShown::Counted if people < faces_again(self.faces_max) => AudienceShown::Faces,
            stays => stays,
        };
        if fits != self.state.audience {
            self.state_mut().audience = fits;
        }
    }

    /// Whom to tell of now. Where many are, those who come into the audience are told of together: each is one message to
    /// everybody, and a crowd that arrives would be told of as often as it has people.
    fn gather(
        &mut self,
        told: &mut Told,
        mut marked: BTreeSet<ParticipantId>,
        now: Timestamp,
    ) -> BTreeSet<ParticipantId> {
        let due = told.newcomers_at.plus(ARRIVALS_PERIOD);
        let mut waiting = std::mem::take(&mut self.outbox.newcomers);
        self.outbox.newcomers_due = None;
        let many = self.state.audience == AudienceShown::Faces && self.people.len() > ARRIVALS_FROM;
        if !many || now >= due || told.facts.audience != self.state.audience {
            marked.append(&mut waiting);
            told.newcomers_at = now;
            return marked;
        }
        let in_audience = |id: &ParticipantId| {
            self.people.get(*id).is_some_and(|person| person.place.area() == Area::Audience)
        };
        waiting.retain(|id| !marked.contains(id));
        let (come, rest) = marked.into_iter().partition(|id| !told.listed.contains(id) && in_audience(id));
        waiting.extend::<BTreeSet<_>>(come);
        if !waiting.is_empty() {
            self.outbox.newcomers_due = Some(due);
        }
        self.outbox.newcomers = waiting;
        rest
    }

    fn tell_people(&mut self, told: &mut Told, marked: &BTreeSet<ParticipantId>) {
        let switched = told.facts.audience != self.state.audience;
        let concerned: BTreeSet<_> = if switched {
            self.people.iter().map(|person| person.id).chain(marked.iter().copied()).collect()
        } else {
            marked.clone()
        };
        for id in concerned {
            let person = self.people.get(id);
            let listed = person.filter(|person| self.is_listed(person)).map(|person| self.person(person));
            match (told.listed.contains(&id), listed) {
                (true, Some(_)) if !marked.contains(&id) => {}
                (_, Some(person)) => {
                    told.listed.insert(id);
                    self.outbox.tell(To::Everyone, RoomEvent::Person { person });
                }
                (true, None) => {
                    told.listed.remove(&id);
                    // Those who are no longer listed still see themselves.
                    if let Some(person) = person.map(|person| self.person(person)) {
                        self.outbox.tell(To::One(id), RoomEvent::Person { person });
                    }
                    self.outbox.tell(To::EveryoneBut(id), RoomEvent::Gone { id });
                }
                (false, None) => {}
            }
        }
    }

    /// The queue for those who keep order, and for each person what they see of their own place in it.
    fn tell_queue(&mut self, told: &mut Told, marks: &Marks) {
        let queue = self.queue();
        let mut you = marks.you.clone();
        if queue != told.queue {
            let before = positions(&told.queue);
            let moved =
                positions(&queue).into_iter().filter(|(id, position)| before.get(id) != Some(position));
            you.extend(moved.map(|(id, _)| id));
            self.outbox.tell(To::Moderators, RoomEvent::Queue { queue: queue.clone() });
        }
        if marks.asked == Mark::Changed {
            let asked = self.expected();
            self.outbox.tell(To::Moderators, RoomEvent::Asked { asked });
        }
        for id in &marks.briefs {
            let Some(person) = self.people.get(*id) else { continue };
            let (queue, asked) = if self.authority(person.who) >= Authority::Moderator {
                (queue.clone(), self.expected())
            } else {
                (Vec::new(), Vec::new())
            };
            self.outbox.tell(To::One(*id), RoomEvent::Queue { queue });
            self.outbox.tell(To::One(*id), RoomEvent::Asked { asked });
        }
        told.queue = queue;

        let asked_to_take_over = self.asked_to_take_over();
        if asked_to_take_over != told.asked_to_take_over {
            you.extend(told.asked_to_take_over.into_iter().chain(asked_to_take_over).map(|(id, _)| id));
            told.asked_to_take_over = asked_to_take_over;
        }
        if marks.everyones_you == Mark::Changed {
            let below = self.people.iter().filter(|person| person.place.area() != Area::Stage);
            you.extend(below.map(|person| person.id));
        }
        for id in you {
            if let Some(you) = self.people.get(id).map(|person| self.you(person)) {
                self.outbox.tell(To::One(id), RoomEvent::You { you });
            }
        }
    }

    fn tell_facts(&mut self, told: &mut Told, now: Timestamp) {
        let facts = self.facts();
        self.outbox.facts_due = None;
        if facts == told.facts {
            return;
        }
        let counts_only =
            RoomFacts { on_stage: facts.on_stage, in_audience: facts.in_audience, ..told.facts.clone() }
                == facts;
        let period = match facts.audience {
            AudienceShown::Counted => COUNTS_PERIOD,
            AudienceShown::Faces if self.people.len() > ARRIVALS_FROM => ARRIVALS_PERIOD,
            AudienceShown::Faces => Duration::ZERO,
        };
        let due = told.facts_at.plus(period);
        if counts_only && now < due {
            self.outbox.facts_due = Some(due);
            return;
        }
        told.facts = facts.clone();
        told.facts_at = now;
        self.outbox.tell(To::Everyone, RoomEvent::Facts { facts });
    }

    fn tell_card(&mut self, told: &mut Told, now: Timestamp) {
        let card = self.card_key(told.visibility, told.seats);
        self.outbox.card_due = None;
        if card == told.card {
            return;
        }
        let due = told.card_at.plus(COUNTS_PERIOD);
        if card.facts == told.card.facts && now < due {
            self.outbox.card_due = Some(due);
            return;
        }
        told.card = card;
        told.card_at = now;
        self.outbox.rest.push_back(Box::new(Effect::CardChanged));
    }

    fn card_key(&self, visibility: u64, seats: u64) -> CardKey {
        let state = &self.state;
        let stage = self.people.stage();
        let audience = self.people.len() - stage.len();
        let visibility = visibility * 2 + u64::from(self.is_full());
        CardKey {
            facts: (state.title.clone(), state.kind, state.door, stage.to_vec(), visibility),
            counts: (
                crate::view::count(audience),
                self.chatter.step(),
                self.slots,
                self.seats_are_told().then_some(seats),
            ),
        }
    }

    fn asked_to_take_over(&self) -> Option<(ParticipantId, Timestamp)> {
        match self.state.phase {
            Phase::Asking { whom, until, .. } => Some((whom, until)),
            _ => None,
        }
    }
}

/// Places in line of the raised hands.
fn positions(queue: &[Hand]) -> BTreeMap<ParticipantId, usize> {
    let raised = queue.iter().filter(|hand| hand.state == HandState::Raised);
    raised.enumerate().map(|(position, hand)| (hand.id, position)).collect()
}
