//! The room: its parts, the one dispatch of commands, and what must always be true.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use keyed::Key;
use protocol::id::{CommandId, EventId, ParticipantId, ReportId, RoomId};
use protocol::limits::{ASKED_MAX, FACES_MAX, GUESTS_MAX, MODERATORS_MAX, PEOPLE_PER_ROOM_MAX, STAGE_MAX};
use protocol::room::{
    AudienceShown, Authority, Board, Chat, Door, HandNote, Mic, RoomCommand, RoomKind, Slots,
};
use protocol::{ErrorCode, Timestamp};

use crate::arrival::{Arrival, Asked, NewRoom, Who};
use crate::bars::Bars;
use crate::blocks::Blocks;
use crate::card::Chatter;
use crate::chat::Written;
use crate::club::Club;
use crate::effect::{Effect, Refused, Voice};
use crate::follows::Follows;
use crate::parts::Changed;
use crate::people::{Area, LineEnd, Participant, People, Place, Presence, Spoken};
use crate::permission::{self, Action, Target};
use crate::reactions::Reactions;
use crate::recent::Recent;
use crate::state::{Answer, Answered, AskedIn, Phase, State};
use crate::talked::Talked;
use crate::tell::Outbox;

/// One room, from its start to its end.
#[derive(Debug, Clone)]
pub struct Room {
    pub(crate) state: State,
    pub(crate) people: People,
    pub(crate) follows: Follows,
    /// As the media engine last reported, without those who may not be heard.
    pub(crate) slots: Slots,
    pub(crate) chatter: Chatter,
    pub(crate) reactions: Reactions,
    pub(crate) recent: Recent,
    pub(crate) talked: Talked,
    pub(crate) written: Written,
    pub(crate) blocks: Blocks,
    /// Of a room that is held for one, and which was not dissolved.
    pub(crate) club: Option<Arc<Club>>,
    pub(crate) outbox: Outbox,
    pub(crate) changed: Changed,
    /// People up to whom the audience is listed.
    pub(crate) faces_max: usize,
}

/// Somebody who acts, as their command sees them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Actor {
    pub(crate) id: ParticipantId,
    pub(crate) who: Who,
    pub(crate) authority: Authority,
}

impl Room {
    /// A room with its owner on stage, muted. Under `key`, which is random and this room's alone, stands who is refused.
    ///
    /// # Errors
    /// [`Refused::Full`] for more people asked in or more moderators than a room takes, [`Refused::IdTaken`] for id
    /// zero, [`Refused::NotThere`] for an owner without an account, or members of no club.
    pub fn start(
        now: Timestamp,
        id: RoomId,
        key: Key,
        new: NewRoom,
        owner: Arrival,
    ) -> Result<Self, Refused> {
        let of_members = new.kind == RoomKind::Club && new.club.is_none();
        if matches!(owner.who, Who::Guest(_)) || of_members {
            return Err(Refused::NotThere);
        }
        if owner.id.0 == 0 {
            return Err(Refused::IdTaken);
        }
        let (asked, moderators) = asked_at_start(new.asked, &owner)?;
        let state = State {
            id,
            started: now,
            title: new.title,
            board: Board::default(),
            chat: Chat::Off,
            kind: new.kind,
            club: new.club,
            confidentiality: new.confidentiality,
            language: new.language,
            event: new.event,
            hands: new.hands,
            door: Door::Unlocked,
            audience: AudienceShown::Faces,
            epoch: 0,
            phase: Phase::Live,
            owner: owner.who,
            moderators,
            asked,
            bars: Bars::new(key),
            guests: Vec::new(),
            removals: VecDeque::new(),
            reports: VecDeque::new(),
            commands: VecDeque::new(),
        };
        let mut people = People::default();
        people.insert(Participant::new(owner, Place::Stage { mic: Mic::Muted }));
        let mut room = Self::new(now, state, people);
        room.changed.core();
        Ok(room)
    }

    pub(crate) fn new(now: Timestamp, state: State, people: People) -> Self {
        let mut room = Self {
            state,
            people,
            follows: Follows::default(),
            slots: Slots::default(),
            chatter: Chatter::new(now),
            reactions: Reactions::default(),
            recent: Recent::default(),
            talked: Talked::new(now),
            written: Written::default(),
            blocks: Blocks::new(),
            club: None,
            outbox: Outbox::default(),
            changed: Changed::default(),
            faces_max: FACES_MAX,
        };
        room.outbox = Outbox::caught_up(&room);
        room.ask_all_follows();
        room
    }

    /// Counts its audience above so many people, instead of above [`FACES_MAX`].
    #[must_use]
    pub fn with_faces_max(mut self, people: usize) -> Self {
        self.faces_max = people;
        self
    }

    /// Its id.
    pub fn id(&self) -> RoomId {
        self.state.id
    }

    /// Which announced event it is, if it is one.
    pub fn event(&self) -> Option<EventId> {
        self.state.event.map(|event| event.id)
    }

    /// Somebody does something. A repeated id gives the first answer and changes nothing. `AskIn` is
    /// [`Self::handle_ask`] instead, since a room cannot look handles up.
    ///
    /// # Errors
    /// The code that answers the command.
    pub fn handle_command(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        id: CommandId,
        command: RoomCommand,
    ) -> Result<(), ErrorCode> {
        match command {
            // Answers are remembered where everything is that is committed.
            RoomCommand::React { .. } | RoomCommand::AskTalkTimes => {
                self.act(now, from, |room| room.command(now, from, command))
            }
            // It knows its own repetitions.
            RoomCommand::Say { text } => self.act(now, from, |room| room.say(now, from, id, text)),
            // The report goes by the name of its command: random, and known to those who are told of it alone.
            RoomCommand::Report { who, handle, reason } => self
                .answer(now, from, id, |room| room.report(now, from, ReportId(id.0), (who, handle), reason)),
            _ => self.answer(now, from, id, |room| room.command(now, from, command)),
        }
    }

    /// Answers a command once: a repeated id gives the first answer and changes nothing.
    pub(crate) fn answer(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        id: CommandId,
        run: impl FnOnce(&mut Self) -> Result<(), ErrorCode>,
    ) -> Result<(), ErrorCode> {
        self.act(now, from, |room| {
            let known = room.state.commands.iter().find(|known| known.id == id && known.from == from);
            if let Some(known) = known {
                return known.error.map_or(Ok(()), Err);
            }
            let answer = run(room);
            // A refusal changes nothing, so it needs no commit of its own.
            let state = if answer.is_ok() { room.state_mut() } else { &mut room.state };
            state.remember(Answered { from, id, error: answer.err() });
            answer
        })
    }

    /// Somebody who is here does something at this moment.
    fn act(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        run: impl FnOnce(&mut Self) -> Result<(), ErrorCode>,
    ) -> Result<(), ErrorCode> {
        self.advance(now);
        if self.is_over() || self.people.get(from).is_none() {
            return Err(ErrorCode::NotThere);
        }
        let answer = run(self);
        self.settle(now);
        answer
    }

    fn command(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        command: RoomCommand,
    ) -> Result<(), ErrorCode> {
        use RoomCommand as C;
        let actor = self.authorise(from, &command)?;
        match command {
            C::RaiseHand => self.raise_hand(now, from),
            C::LowerHand => self.lower_hand(from),
            C::NoteHand { note } => self.note_hand(from, note),
            C::AcceptInvitation => self.accept_invitation(from),
            C::DeclineInvitation => self.decline_invitation(from),
            C::StepDown => self.step_down(from),
            C::SetMic { mic } => self.set_mic(from, mic),
            C::React { reaction } => self.reactions.count(from, reaction),
            C::InviteToStage { who } => self.invite_to_stage(now, from, who),
            C::Dismiss { who } => self.dismiss(who),
            C::PinHand { who } => self.move_hand(who, LineEnd::Head),
            C::SkipHand { who } => self.move_hand(who, LineEnd::Tail),
            C::MoveToAudience { who } => self.move_to_audience(from, who),

            C::Mute { who } => self.mute(from, who),
            C::Hold { who } => self.hold(from, who),
            C::Release { who } => self.release(from, who),
            C::MuteAll => self.mute_all(from),
            C::Remove { who } => self.remove(now, actor, who),
            C::TimeOut { who } => self.time_out(now, actor, who),
            C::Ban { who } => self.ban(now, actor, who),
            C::BanFromClub { who, period } => self.ban_from_club(now, actor, who, period),
            C::Undo { who } => self.undo(actor, who),
            C::Panic => self.panic(from),

            C::SetDoor { door } => self.set_door(door),
            C::SetHands { hands } => self.set_hands(hands),
            C::SetTitle { title } => self.set_title(title),
            C::SetLine { about } => self.set_line(now, about),
            C::PinCard { card } => self.pin_card(card),
            C::SetChat { chat } => self.set_chat(chat),
            C::TakeAway { message } => self.take_away(actor, message),
            // It has its id from the command: see `handle_command`.
            C::Say { .. } => Err(ErrorCode::OutOfOrder),
            C::Widen { kind } => self.widen(kind),
            // Handles are looked up by the caller, who then calls `handle_ask`.
            C::AskIn { .. } => Err(ErrorCode::OutOfOrder),

            C::MakeModerator { who } => self.make_moderator(who),
            C::UnmakeModerator { who } => self.unmake_moderator(who),
            C::HandOver { who } => self.hand_over(from, who),
            C::TakeOver => self.take_over(from),
            C::End => self.end(now),
            C::KeepGoing => self.keep_going(),
            // It has its id from the command: see `handle_command`.
            C::Report { .. } => Err(ErrorCode::OutOfOrder),
            C::AskTalkTimes => self.talked.ask(from),
            C::CoSign { report } => self.co_sign(actor, report),
        }
    }

    /// The only place that asks the table.
    pub(crate) fn authorise(&self, from: ParticipantId, command: &RoomCommand) -> Result<Actor, ErrorCode> {
        let actor = self.actor(from)?;
        let (action, about) = permission::action(command);
        let target = match about {
            None => Target::Room,
            // Undoing touches whoever removed; the removed person is not here.
            Some(id) if action == Action::Undo => match self.removal(id) {
                Some(removal) if removal.by == actor.who => Target::Myself,
                Some(removal) => Target::Other(self.authority(removal.by)),
                None => return Err(absent(actor.authority, action, ErrorCode::NotNow)),
            },
            Some(id) if id == from => Target::Myself,
            Some(id) => match self.people.get(id).map(|person| person.who) {
                Some(who) => Target::Other(self.authority(who)),
                // Whoever spoke and left can be reported still; what they might decide is forgotten.
                None if self.is_about_who_left(command) => Target::Other(Authority::Guest),
                None => return Err(absent(actor.authority, action, ErrorCode::PersonGone)),
            },
        };
        // Whoever banned somebody from the club takes that back, whatever they may do here.
        let own_ban = about.and_then(|id| self.removal(id)).is_some_and(|one| one.club.is_some());
        // The doors of an announced event are opened by whoever keeps order: who opened its green room may be gone.
        let opens = matches!((command, self.state.event), (RoomCommand::Widen { kind }, Some(of)) if *kind == of.kind)
            && self.state.kind == RoomKind::Closed
            && actor.authority >= Authority::Moderator;
        let may = permission::may(actor.authority, action, target)
            || opens
            || (action == Action::Undo && target == Target::Myself && own_ban);
        if may { Ok(actor) } else { Err(ErrorCode::NotAllowed) }
    }

    fn is_about_who_left(&self, command: &RoomCommand) -> bool {
        matches!(command, RoomCommand::Report { handle: Some(handle), .. } if self.recent.has_left(handle))
    }

    pub(crate) fn actor(&self, id: ParticipantId) -> Result<Actor, ErrorCode> {
        let person = self.people.get(id).ok_or(ErrorCode::NotThere)?;
        Ok(Actor { id, who: person.who, authority: self.authority(person.who) })
    }

    pub(crate) fn is_over(&self) -> bool {
        self.state.phase == Phase::Over
    }

    /// To change what is committed.
    pub(crate) fn state_mut(&mut self) -> &mut State {
        self.changed.core();
        &mut self.state
    }

    /// The one way in which anybody changes place: orders, microphone, follows, commits and what is told follow it.
    pub(crate) fn set_place(&mut self, id: ParticipantId, place: Place) {
        let Some(person) = self.people.get(id) else { return };
        let (was, who) = (person.place, person.who);
        if was == place {
            return;
        }
        let before = self.voice(id);
        self.people.set_place(id, place);
        self.changed.moved(id, was, place);
        let after = self.voice(id);
        if before != after {
            self.set_voice(id, after);
        }
        if was.area() != place.area() {
            self.place_changed_follows(id, who);
        }
        // A hand and an invitation are nobody's business but that of their owner and of those who keep order.
        if was.area() == Area::Stage || place.area() == Area::Stage {
            self.outbox.person(id);
        }
        self.outbox.you(id);
    }

    /// States whether somebody is on stage and forwarded.
    pub(crate) fn set_voice(&mut self, id: ParticipantId, voice: Voice) {
        self.outbox.urgent(Effect::Voice { id, voice });
        if voice != Voice::On {
            for slot in &mut self.slots {
                slot.take_if(|talker| *talker == id);
            }
        }
    }

    /// Whether somebody is on stage, and whether their packets are forwarded.
    pub fn voice(&self, id: ParticipantId) -> Voice {
        match self.people.get(id).map(|person| person.place) {
            Some(Place::Stage { mic: Mic::Open }) => Voice::On,
            Some(Place::Audience | Place::HandRaised { .. } | Place::Invited { .. }) => Voice::Audience,
            Some(Place::Stage { mic: Mic::Muted | Mic::Held }) | None => Voice::Off,
        }
    }

    /// The next thing to carry out.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.outbox.poll()
    }

    /// What must be true after every call, whatever happened. For tests, and for a room that is rebuilt.
    ///
    /// # Errors
    /// What is not true.
    pub fn check_invariants(&self) -> Result<(), &'static str> {
        self.people.check()?;
        let state = &self.state;
        if state.moderators.contains(&state.owner) {
            return Err("the owner is not a moderator as well");
        }
        if state.moderators.iter().any(|who| matches!(**who, Who::Guest(_))) {
            return Err("a guest does not keep order");
        }
        if state.moderators.len() + 1 > MODERATORS_MAX {
            return Err("moderators are bounded");
        }
        if state.guests.len() > GUESTS_MAX {
            return Err("guests' links are bounded");
        }
        if self.people.len() > PEOPLE_PER_ROOM_MAX + MODERATORS_MAX {
            return Err("people are bounded");
        }
        if self.people.stage().len() > STAGE_MAX {
            return Err("the stage is bounded");
        }
        if self.people.iter().any(|person| state.bars.has(person.who)) {
            return Err("nobody is here who was removed");
        }
        if state.bars.has(state.owner) || state.moderators.iter().any(|who| state.bars.has(**who)) {
            return Err("nobody keeps order who was removed");
        }
        if let Phase::Asking { whom, .. } = &state.phase
            && !self.people.get(*whom).is_some_and(|person| self.could_take_over(person))
        {
            return Err("only a speaker who is here is asked to take over");
        }
        let kept = self.keepers().next().is_some();
        let waits =
            matches!(state.phase, Phase::Waiting { .. } | Phase::Asking { .. } | Phase::Moderatorless { .. });
        if !self.is_over() && (kept && waits || !kept && state.phase == Phase::Live) {
            return Err("the phase says whether somebody keeps order");
        }
        if self.slots.iter().flatten().any(|id| self.voice(*id) != Voice::On) {
            return Err("nobody is in a slot who may not be heard");
        }
        if self.talked.everybody().any(|id| self.people.get(id).is_none()) {
            return Err("nobody's time is reckoned who is gone");
        }
        self.check_chat()?;
        self.check_reports()?;
        self.follows.check(&self.people)
    }
}

/// Nobody to do it to: whoever could do it to nobody anyway is told no more than that.
fn absent(actor: Authority, action: Action, otherwise: ErrorCode) -> ErrorCode {
    if permission::may_ever(actor, action) { otherwise } else { ErrorCode::NotAllowed }
}

type AskedAtStart = (BTreeMap<Box<Who>, AskedIn>, BTreeSet<Box<Who>>);

fn asked_at_start(people: Vec<Asked>, owner: &Arrival) -> Result<AskedAtStart, Refused> {
    let mut asked = BTreeMap::new();
    let mut moderators = BTreeSet::new();
    for person in people.into_iter().filter(|person| person.who != owner.who) {
        if person.role.keeps_order() && matches!(person.who, Who::Member(_)) {
            moderators.insert(Box::new(person.who));
        }
        let (by, to) = (owner.name.clone(), person.role.to());
        let entry = AskedIn { handle: person.handle, by, to, answer: Answer::Expected };
        asked.insert(Box::new(person.who), entry);
    }
    if asked.len() > ASKED_MAX || moderators.len() + 1 > MODERATORS_MAX {
        return Err(Refused::Full);
    }
    Ok((asked, moderators))
}

impl Participant {
    pub(crate) fn new(arrival: Arrival, place: Place) -> Self {
        Self {
            id: arrival.id,
            who: arrival.who,
            name: arrival.name,
            handle: arrival.handle,
            guest_of: arrival.guest_of,
            newcomer: arrival.newcomer,
            picture: arrival.picture,
            place,
            note: HandNote::default(),
            spoken: Spoken::NotYet,
            presence: Presence::Here,
        }
    }
}
