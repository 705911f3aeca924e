//! People in a room, told as a story: who does what, when, and what others see of it.
//!
//! Every step commits, drains the effects, and checks what must always be true.
#![allow(dead_code, reason = "each test binary tells its own stories")]
#![expect(clippy::unwrap_used, reason = "a story that cannot be told is a failed test")]

mod lines;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use protocol::hallway::RoomCard;
use protocol::id::{CommandId, MemberId, ParticipantId, PictureId, ReportId, RoomId, SeatId};
use protocol::limits::FACES_MAX;
use protocol::order::ReportReason;
use protocol::room::{
    Authority, Confidentiality, HandPolicy, LeftReason, MyMic, MyPlace, Notice, Phase, Place, RoomCommand,
    RoomEvent, RoomKind, RoomView, You,
};
use protocol::text::{DisplayName, Handle};
use protocol::{ErrorCode, Timestamp};
use rooms::{
    About, Arrival, Asked, AskedAs, Connection, Effect, Filed, Found, Inviter, Joined, NewRoom, Part,
    Refused, Room, To, Voice, Who,
};

pub(crate) use lines::*;

/// When stories begin.
pub(crate) const START: Timestamp = Timestamp(1_000_000);

pub(crate) struct Story {
    pub(crate) room: Room,
    pub(crate) now: Timestamp,
    /// What is committed.
    pub(crate) kept: BTreeMap<Part, Vec<u8>>,
    /// The effects since the last look, in order, with those who were told.
    pub(crate) log: Vec<(Vec<ParticipantId>, Effect)>,
    names: BTreeMap<ParticipantId, String>,
    next_id: u32,
    next_command: u64,
}

pub(crate) fn member(name: &str) -> MemberId {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
    MemberId(bytes)
}

/// Names that begin with "guest" have no account.
pub(crate) fn who(name: &str) -> Who {
    if name.starts_with("guest") { Who::Guest(SeatId(member(name).0)) } else { Who::Member(member(name)) }
}

pub(crate) fn arrival(name: &str, id: u32) -> Arrival {
    let guest = matches!(who(name), Who::Guest(_));
    Arrival {
        who: who(name),
        name: DisplayName::parse(name).unwrap(),
        handle: (!guest).then(|| Handle::parse(name).unwrap()),
        guest_of: guest.then(|| DisplayName::parse("olga").unwrap()),
        newcomer: name.starts_with("new"),
        picture: None,
        id: ParticipantId(id),
    }
}

pub(crate) fn asked(name: &str, role: AskedAs) -> Asked {
    let Arrival { who, handle, .. } = arrival(name, 1);
    Asked { who, handle, role }
}

pub(crate) fn new_room(kind: RoomKind, people: Vec<Asked>) -> NewRoom {
    let confidentiality = Confidentiality::Relayed;
    NewRoom {
        title: None,
        kind,
        hands: HandPolicy::Everyone,
        confidentiality,
        language: None,
        club: None,
        asked: people,
        event: None,
    }
}

/// As a client says it, which knows seat and handle of whom it saw.
pub(crate) fn accuses(who: ParticipantId, name: &str, reason: ReportReason) -> RoomCommand {
    RoomCommand::Report { who, handle: arrival(name, 1).handle, reason }
}

/// Under which those stand who are refused.
pub(crate) fn key() -> keyed::Key {
    keyed::Key::from_random([6; 32])
}

pub(crate) fn sec(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// An open room of olga's.
pub(crate) fn story() -> Story {
    Story::start(new_room(RoomKind::Open, Vec::new()))
}

pub(crate) fn story_of(kind: RoomKind, people: &[&str]) -> Story {
    let people = people.iter().map(|name| asked(name, AskedAs::Participant)).collect();
    Story::start(new_room(kind, people))
}

impl Story {
    pub(crate) fn start(new: NewRoom) -> Self {
        let room = Room::start(START, RoomId([7; 16]), key(), new, arrival("olga", 1)).unwrap();
        let names = BTreeMap::from([(ParticipantId(1), "olga".to_owned())]);
        let mut story = Self {
            room,
            now: START,
            kept: BTreeMap::new(),
            log: Vec::new(),
            names,
            next_id: 2,
            next_command: 0,
        };
        story.after();
        story.forget();
        story
    }

    /// What a shell does after every call, and what must be true then.
    pub(crate) fn after(&mut self) {
        for (part, bytes) in self.room.poll_changed_parts() {
            match bytes {
                Some(bytes) => drop(self.kept.insert(part, bytes)),
                None => drop(self.kept.remove(&part)),
            }
        }
        while let Some(effect) = self.room.poll_effect() {
            let told = match &effect {
                Effect::Tell { to, .. } => self.room.recipients(*to),
                _ => Vec::new(),
            };
            self.log.push((told, effect));
        }
        assert_eq!(self.room.check_invariants(), Ok(()));
        assert!(self.room.poll_timeout().is_none_or(|due| due > self.now), "nothing is left undone");
    }

    // People come and go.

    pub(crate) fn comes(&mut self, name: &str) -> Result<Joined, Refused> {
        let id = self.next_id;
        self.next_id += 1;
        let joined = self.room.handle_join(self.now, arrival(name, id));
        if let Ok(Joined::New(id)) = joined {
            self.names.insert(id, name.to_owned());
        }
        self.after();
        joined
    }

    pub(crate) fn listeners<const N: usize>(mut self, names: [&str; N]) -> Self {
        for name in names {
            self.comes(name).unwrap();
        }
        self.forget();
        self
    }

    pub(crate) fn moderator(mut self, name: &str) -> Self {
        self.comes(name).unwrap();
        let who = self.id(name);
        self.does("olga", RoomCommand::MakeModerator { who });
        self.forget();
        self
    }

    /// On stage with an open microphone.
    pub(crate) fn speaker(mut self, name: &str) -> Self {
        if self.seat(name).is_none() {
            self.comes(name).unwrap();
        }
        self.comes_up(name);
        self.opens(name);
        self.forget();
        self
    }

    pub(crate) fn comes_up(&mut self, name: &str) {
        self.invites("olga", name);
        self.does(name, RoomCommand::AcceptInvitation);
    }

    pub(crate) fn leaves(&mut self, name: &str) {
        let id = self.id(name);
        self.room.handle_leave(self.now, id, LeftReason::Left);
        self.after();
    }

    pub(crate) fn loses_the_line(&mut self, name: &str) {
        let id = self.id(name);
        self.room.handle_connection(self.now, id, Connection::Down { since: self.now });
        self.after();
    }

    /// The same device is back.
    pub(crate) fn is_back(&mut self, name: &str) {
        let id = self.id(name);
        self.room.handle_connection(self.now, id, Connection::Up);
        self.after();
    }

    /// Made of one byte, again and again.
    pub(crate) fn shows_picture(&mut self, name: &str, picture: Option<u8>) {
        let picture = picture.map(|byte| PictureId([byte; 16]));
        self.room.handle_picture(self.now, who(name), picture);
        self.after();
    }

    pub(crate) fn follows(&mut self, name: &str, whom: &[&str]) {
        let id = self.id(name);
        let follows = whom.iter().map(|name| member(name)).collect();
        self.room.handle_follows(self.now, id, follows);
        self.after();
    }

    pub(crate) fn says_not_now(&mut self, name: &str) {
        self.room.handle_decline(self.now, who(name));
        self.after();
    }

    pub(crate) fn asks(&mut self, by: &str, people: &[&str]) -> Result<(), ErrorCode> {
        let people = people.iter().map(|name| asked(name, AskedAs::Participant)).collect();
        self.asks_for(by, people)
    }

    /// Somebody new to the server comes by an invitation that was given in the room.
    pub(crate) fn comes_by_an_invitation_of(&mut self, by: &str, name: &str) -> Found {
        let inviter = Inviter { who: who(by), name: DisplayName::parse(by).unwrap() };
        let found = self.room.handle_newcomer(self.now, inviter, asked(name, AskedAs::Participant));
        self.after();
        found
    }

    pub(crate) fn asks_for(&mut self, by: &str, people: Vec<Asked>) -> Result<(), ErrorCode> {
        let (from, id) = (self.id(by), self.command());
        let answer = self.room.handle_ask(self.now, from, id, people);
        self.after();
        answer
    }

    pub(crate) fn heard(&mut self, names: [Option<&str>; 3]) {
        let slots = names.map(|name| name.map(|name| self.id(name)));
        self.room.handle_slots(self.now, slots);
        self.after();
    }

    /// The process dies and another one rebuilds the room from what was committed.
    pub(crate) fn is_rebuilt(&mut self) {
        self.is_rebuilt_where_many_are(FACES_MAX);
    }

    /// The same, where an audience is counted above so many people.
    pub(crate) fn is_rebuilt_where_many_are(&mut self, people: usize) {
        self.room = Room::restore(self.now, self.kept.clone(), people).unwrap();
        self.after();
    }

    // Time passes.

    /// Lets time pass, with every timeout at its moment.
    pub(crate) fn wait(&mut self, time: Duration) {
        let end = self.now.plus(time);
        while let Some(due) = self.room.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.room.handle_timeout(self.now);
            self.after();
        }
        self.now = end;
    }

    /// At a moment of the story.
    pub(crate) fn at(&mut self, since_start: Duration) -> &mut Self {
        let time = START.plus(since_start).since(self.now);
        self.wait(time);
        self
    }

    // People do things.

    pub(crate) fn tries(&mut self, name: &str, command: RoomCommand) -> Result<(), ErrorCode> {
        let id = self.command();
        self.repeats(name, id, command)
    }

    pub(crate) fn repeats(
        &mut self,
        name: &str,
        id: CommandId,
        command: RoomCommand,
    ) -> Result<(), ErrorCode> {
        let from = self.id(name);
        let answer = self.room.handle_command(self.now, from, id, command);
        self.after();
        answer
    }

    pub(crate) fn command(&mut self) -> CommandId {
        self.next_command += 1;
        CommandId(u128::from(self.next_command).to_be_bytes())
    }

    #[track_caller]
    pub(crate) fn does(&mut self, name: &str, command: RoomCommand) {
        let said = format!("{name}: {command:?}");
        assert_eq!(self.tries(name, command), Ok(()), "{said}");
    }

    #[track_caller]
    pub(crate) fn raises_hand(&mut self, name: &str) {
        self.does(name, RoomCommand::RaiseHand);
    }

    #[track_caller]
    pub(crate) fn opens(&mut self, name: &str) {
        self.does(name, RoomCommand::SetMic { mic: MyMic::Open });
    }

    #[track_caller]
    pub(crate) fn invites(&mut self, by: &str, name: &str) {
        let who = self.id(name);
        self.does(by, RoomCommand::InviteToStage { who });
    }

    #[track_caller]
    pub(crate) fn accepts(&mut self, name: &str) {
        self.does(name, RoomCommand::AcceptInvitation);
    }

    #[track_caller]
    pub(crate) fn holds(&mut self, by: &str, name: &str) {
        let who = self.id(name);
        self.does(by, RoomCommand::Hold { who });
    }

    #[track_caller]
    pub(crate) fn removes(&mut self, by: &str, name: &str) -> ParticipantId {
        let who = self.id(name);
        self.does(by, RoomCommand::Remove { who });
        who
    }

    #[track_caller]
    pub(crate) fn times_out(&mut self, by: &str, name: &str) -> ParticipantId {
        let who = self.id(name);
        self.does(by, RoomCommand::TimeOut { who });
        who
    }

    #[track_caller]
    pub(crate) fn bans(&mut self, by: &str, name: &str) -> ParticipantId {
        let who = self.id(name);
        self.does(by, RoomCommand::Ban { who });
        who
    }

    #[track_caller]
    pub(crate) fn reports(&mut self, by: &str, whom: ParticipantId, reason: ReportReason) -> ReportId {
        let id = self.command();
        let answer = self.repeats(by, id, accuses(whom, &self.name(whom), reason));
        assert_eq!(answer, Ok(()), "{by} reports {}", self.name(whom));
        ReportId(id.0)
    }

    // What is to be seen.

    pub(crate) fn seat(&self, name: &str) -> Option<ParticipantId> {
        self.room.seat(who(name))
    }

    #[track_caller]
    pub(crate) fn id(&self, name: &str) -> ParticipantId {
        self.seat(name).unwrap_or_else(|| panic!("{name} is not here"))
    }

    pub(crate) fn name(&self, id: ParticipantId) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| "nobody".to_owned())
    }

    #[track_caller]
    pub(crate) fn view(&self, name: &str) -> RoomView {
        self.room.view(self.id(name)).unwrap_or_else(|| panic!("{name} sees nothing"))
    }

    #[track_caller]
    pub(crate) fn you(&self, name: &str) -> You {
        self.view(name).you
    }

    #[track_caller]
    pub(crate) fn phase(&self) -> Phase {
        let anybody = self.room.recipients(To::Everyone)[0];
        self.room.view(anybody).expect("somebody is here").facts.phase
    }

    pub(crate) fn is_heard(&self, name: &str) -> Voice {
        self.seat(name).map_or(Voice::Audience, |id| self.room.voice(id))
    }

    pub(crate) fn found(&self, name: &str) -> Found {
        self.room.may_find(who(name))
    }

    pub(crate) fn card(&self, name: &str) -> Option<RoomCard> {
        self.room.card(member(name), &BTreeSet::new())
    }

    /// The stage, in order: "olga (owner) muted, sam open".
    pub(crate) fn stage(&self) -> String {
        let anybody = self.room.recipients(To::Everyone)[0];
        let people = self.room.view(anybody).expect("somebody is here").people;
        let on_stage = people.iter().filter(|person| matches!(person.place, Place::Stage { .. }));
        on_stage.map(shown).collect::<Vec<_>>().join(", ")
    }

    /// The queue, in order: "ann, ben (invited)".
    pub(crate) fn hands(&self) -> String {
        let keeper = self.room.recipients(To::Moderators)[0];
        hands(&self.room.view(keeper).expect("somebody keeps order").queue)
    }

    /// Forgets what was told so far.
    pub(crate) fn forget(&mut self) {
        self.log.clear();
    }

    /// What one person was told since the last look, a line each; and, marked `!`, what was done to their connection.
    pub(crate) fn told(&mut self, name: &str) -> String {
        let id = self.names.iter().rev().find(|(_, known)| *known == name).map(|(id, _)| *id).unwrap();
        let lines = self.log.iter().filter_map(|(told, effect)| match effect {
            Effect::Tell { event, .. } if told.contains(&id) => Some(self.event(event)),
            Effect::Voice { id: other, voice } if *other == id => Some(format!("! voice {}", low(voice))),
            Effect::Cut { id: other, reason } if *other == id => Some(format!("! cut {}", low(reason))),
            Effect::Ended { reason } => Some(format!("! ended {}", low(reason))),
            _ => None,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Everything that came out, in order.
    pub(crate) fn effects(&self) -> String {
        let lines = self.log.iter().map(|(_, effect)| match effect {
            Effect::Tell { to: To::One(id), event } => format!("{}: {}", self.name(*id), self.event(event)),
            Effect::Tell { to: To::Moderators, event } => format!("moderators: {}", self.event(event)),
            Effect::Tell { to: To::Everyone, event } => format!("everyone: {}", self.event(event)),
            Effect::Tell { to: To::EveryoneBut(id), event } => {
                format!("everyone but {}: {}", self.name(*id), self.event(event))
            }
            Effect::Tell { to: To::EveryoneButThese([one, other]), event } => {
                format!("everyone but {} and {}: {}", self.name(*one), self.name(*other), self.event(event))
            }
            Effect::DoorsOpen { handle, .. } => format!("the doors of {} are open", handle.as_str()),
            Effect::BanFromClub { period, .. } => format!("ban from the club {}", low(period)),
            Effect::Report(filed) => format!("report {}", report_line(filed)),
            Effect::Voice { id, voice } => format!("! voice {} {}", self.name(*id), low(voice)),
            Effect::Cut { id, reason } => format!("! cut {} {}", self.name(*id), low(reason)),
            Effect::AskFollows { id } => format!("? whom {} follows", self.name(*id)),
            Effect::CardChanged => "card changed".to_owned(),
            Effect::Ended { reason } => format!("! ended {}", low(reason)),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn event(&self, event: &RoomEvent) -> String {
        match event {
            RoomEvent::Person { person } => format!("person {}", shown(person)),
            RoomEvent::Gone { id } => format!("gone {}", self.name(*id)),
            RoomEvent::Facts { facts } => format!("facts {}", facts_line(facts)),
            RoomEvent::You { you } => format!("you {}", self.you_line(you)),
            RoomEvent::Queue { queue } => format!("queue [{}]", hands(queue)),
            RoomEvent::Asked { asked } => {
                format!("asked [{}]", asked.iter().map(Handle::as_str).collect::<Vec<_>>().join(", "))
            }
            RoomEvent::Slots { slots } => {
                let names = slots.map(|slot| slot.map_or("-".to_owned(), |id| self.name(id)));
                format!("slots {}", names.join(" "))
            }
            RoomEvent::Reactions { counts } => {
                let counts = counts.iter().map(|of| format!("{} {}", of.count, low(of.reaction)));
                format!("reactions {}", counts.collect::<Vec<_>>().join(", "))
            }
            RoomEvent::Board { board } => format!("board {}", board_line(board)),
            RoomEvent::Chat { said, gone } => format!("chat {}", chat_line(said, gone)),
            RoomEvent::TalkTimes { since, times } => {
                let times = times.iter().map(|time| format!("{} {}s", time.name.as_str(), time.seconds));
                format!("talk since {}: {}", moment(*since), times.collect::<Vec<_>>().join(", "))
            }
            RoomEvent::Notice { notice } => format!("notice {}", self.notice(notice)),
        }
    }

    fn you_line(&self, you: &You) -> String {
        let mut line = match you.place {
            MyPlace::Audience => "in the audience".to_owned(),
            MyPlace::HandRaised { position, .. } => format!("hand raised, {position} in line"),
            MyPlace::Invited { by, until } => format!("invited by {} until {}", self.name(by), moment(until)),
            MyPlace::Stage { mic } => format!("on stage {}", low(mic)),
        };
        if you.authority != Authority::Member {
            write!(line, ", {}", low(you.authority)).unwrap();
        }
        line.push_str(&note_line(&you.note));
        if you.may_raise_hand {
            line.push_str(", may raise a hand");
        }
        if let Some(until) = you.asked_to_take_over {
            write!(line, ", asked to take over until {}", moment(until)).unwrap();
        }
        line
    }

    fn notice(&self, notice: &Notice) -> String {
        match notice {
            Notice::Muted { by } => format!("muted by {}", self.name(*by)),
            Notice::Held { by } => format!("held by {}", self.name(*by)),
            Notice::Released { by } => format!("released by {}", self.name(*by)),
            Notice::MovedToAudience { by } => format!("moved to the audience by {}", self.name(*by)),
            Notice::HandLowered => "hand lowered".to_owned(),
            Notice::InvitationGone => "invitation gone".to_owned(),
            Notice::Declined { who } => format!("{} declined", self.name(*who)),
            Notice::AuthorityChanged { authority } => format!("now {}", low(authority)),
            Notice::NewOwner { who } => format!("{} owns the room", self.name(*who)),
            Notice::Widened { kind } => format!("widened to {}", low(kind)),
            Notice::Panic { by } => format!("panic by {}", self.name(*by)),
            Notice::Removed { name, by, until, back, .. } => {
                let back = back.map_or_else(String::new, |back| format!(", back at {}", moment(back)));
                format!(
                    "{} removed by {}, undo until {}{back}",
                    name.as_str(),
                    self.name(*by),
                    moment(*until)
                )
            }
            Notice::Undone { name, .. } => format!("{} may come back", name.as_str()),
            Notice::NotComing { handle } => format!("{} is not coming", handle.as_str()),
            Notice::Reported { who, name, handle, reason, until, .. } => format!(
                "{} ({}, {}) reported for {} until {}",
                self.name(*who),
                name.as_ref().map_or("gone", DisplayName::as_str),
                handle.as_ref().map_or("no handle", Handle::as_str),
                low(reason),
                moment(*until)
            ),
        }
    }
}

/// What reaches the administrators.
fn report_line(Filed { by, about, reason, heard }: &Filed) -> String {
    let named = |who: &Who| match who {
        Who::Member(MemberId(bytes)) | Who::Guest(SeatId(bytes)) => {
            String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
        }
    };
    let heard = heard.iter().map(named).collect::<Vec<_>>().join(", ");
    let about = match about {
        About::Here { who, .. } => named(who),
        About::Left { handle } => handle.as_str().to_owned(),
    };
    format!("by {} about {about} for {}, heard by [{heard}]", named(by), low(reason))
}
