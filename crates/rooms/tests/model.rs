//! Is there any sequence of commands, absences and crashes that breaks a room? Random ones are told to the room and to
//! a deliberately naive model of it, and both must agree on who is here, who may be heard, who may decide what, who
//! waits in which order, and for whom the room exists.
//!
//! The model has no indexes, no deadlines to be woken at (it looks at everything every second), no table of
//! permissions and no commits. The same seed gives the same sequences; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` look
//! further.

mod story;

#[path = "model/bytes.rs"]
pub(crate) mod bytes;
#[path = "model/deed.rs"]
mod deed;
#[path = "model/naive.rs"]
mod naive;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use protocol::id::{CommandId, MemberId, ParticipantId, ReportId};
use protocol::limits::FACES_MAX;
use protocol::order::{BlockReach, ReportReason};
use protocol::room::{
    Authority, Confidentiality, Hand, HandState, LeftReason, Mic, MyPlace, Notice, Phase, Presence,
    RoomCommand, RoomEvent, RoomKind, RoomView,
};
use protocol::text::RoomTitle;
use rooms::{
    About, AskedAs, Blocked, Connection, Effect, Filed, Found, Inviter, Joined, Listing, NewRoom, Part, Room,
    Voice, Who,
};

use deed::{DEEDS, Deed, command};
use naive::{CAST, Naive, PROTECTED, Spot};
use story::{START, accuses, arrival, asked, member, new_room, sec, who};

/// Something that happens. People are numbers in the cast.
#[derive(Debug, Clone)]
enum Step {
    Comes(usize),
    Leaves(usize),
    LosesTheLine(usize),
    IsBack(usize),
    Declines(usize),
    Does(usize, Deed, usize),
    /// So many times.
    Reacts(usize, usize),
    Asks(usize, usize),
    Speaks(usize),
    Reports(usize, usize),
    /// That they heard what the second was reported for.
    CoSigns(usize, usize),
    /// By an invitation that the first gave in the room.
    ComesToTheServer(usize, usize),
    Follows(usize, u8),
    Blocks(usize, u8),
    Seconds(u64),
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // A few people meet each other more often.
    let person = || prop_oneof![3 => 0..4usize, 1 => 0..CAST.len()];
    let deed = prop_oneof![
        // What a conversation is made of, and what is needed to get anywhere, more often than the rest.
        4 => prop_oneof![
            Just(Deed::RaiseHand), Just(Deed::Invite), Just(Deed::Accept), Just(Deed::Open), Just(Deed::Hold),
        ],
        6 => proptest::sample::select(DEEDS.to_vec()),
    ];
    // The owner can do most, so most of it would otherwise be refused.
    let actor = || prop_oneof![1 => Just(0), 3 => person()];
    let step = prop_oneof![
        6 => person().prop_map(Step::Comes),
        2 => person().prop_map(Step::Leaves),
        2 => person().prop_map(Step::LosesTheLine),
        2 => person().prop_map(Step::IsBack),
        1 => person().prop_map(Step::Declines),
        30 => (actor(), deed, person()).prop_map(|(by, deed, to)| Step::Does(by, deed, to)),
        2 => (person(), 1..7usize).prop_map(|(by, times)| Step::Reacts(by, times)),
        2 => (actor(), person()).prop_map(|(by, whom)| Step::Asks(by, whom)),
        1 => (actor(), person()).prop_map(|(by, whom)| Step::ComesToTheServer(by, whom)),
        2 => (actor(), any::<u8>()).prop_map(|(by, whom)| Step::Follows(by, whom)),
        2 => (actor(), any::<u8>()).prop_map(|(by, whom)| Step::Blocks(by, whom)),
        3 => person().prop_map(Step::Speaks),
        3 => (person(), person()).prop_map(|(by, whom)| Step::Reports(by, whom)),
        3 => (person(), person()).prop_map(|(by, whom)| Step::CoSigns(by, whom)),
        4 => proptest::sample::select(vec![1, 9, 10, 29, 30, 31, 59, 60, 90, 119, 120, 590, 600]).prop_map(Step::Seconds),
        1 => Just(Step::Crash),
    ];
    proptest::collection::vec(step, 1..100)
}

/// A conversation to start from: ann on stage, and cem where the room is open to him, ben keeping order, the guest listening.
fn opening() -> Vec<Step> {
    let comes = [1, 2, 3, 7].map(Step::Comes);
    let up = [1, 3].map(|who| [Step::Does(0, Deed::Invite, who), Step::Does(who, Deed::Accept, who)]);
    comes.into_iter().chain(up.into_iter().flatten()).collect()
}

/// The room under test, with what a shell keeps of it.
struct Real {
    room: Room,
    now: u64,
    kept: BTreeMap<Part, Vec<u8>>,
    /// What was kept before the last call, and what it committed, in order.
    before: BTreeMap<Part, Vec<u8>>,
    commits: Vec<(Part, Option<Vec<u8>>)>,
    /// The last id of each of the cast.
    ids: BTreeMap<usize, ParticipantId>,
    next: u32,
    /// The listing that hangs in the hallway.
    hung: Option<Listing>,
    /// Reactions that everyone was told of.
    applause: u32,
    /// The last report of each of the cast.
    reports: BTreeMap<usize, ReportId>,
    /// What the administrators got: by whom, about whom, and who heard it too.
    filed: Vec<(usize, usize, Vec<usize>)>,
}

impl Real {
    fn now(&self) -> protocol::Timestamp {
        START.plus(sec(self.now))
    }

    fn id(&self, person: usize) -> ParticipantId {
        self.ids.get(&person).copied().unwrap_or(ParticipantId(u32::MAX))
    }

    fn fresh(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn command_id(&mut self) -> CommandId {
        CommandId(u128::from(self.fresh()).to_be_bytes())
    }

    /// Commits and drains, as a shell does; checks what must be true of any call.
    fn after(&mut self) {
        assert_eq!(self.room.check_invariants(), Ok(()));
        self.before = self.kept.clone();
        self.commits = self.room.poll_changed_parts();
        for (part, bytes) in self.commits.clone() {
            keep(&mut self.kept, part, bytes);
        }
        let effects: Vec<_> = std::iter::from_fn(|| self.room.poll_effect()).collect();
        let first_told = effects.iter().position(|effect| matches!(effect, Effect::Tell { .. }));
        let last_cut =
            effects.iter().rposition(|effect| matches!(effect, Effect::Cut { .. } | Effect::Voice { .. }));
        if let (Some(told), Some(cut)) = (first_told, last_cut) {
            assert!(cut < told, "whoever is cut off is cut off first");
        }
        let counts = effects.iter().filter_map(|effect| match effect {
            Effect::Tell { event: RoomEvent::Reactions { counts }, .. } => Some(counts),
            _ => None,
        });
        self.applause += counts.flatten().map(|counted| counted.count).sum::<u32>();
        for effect in &effects {
            match effect {
                Effect::Tell {
                    event: RoomEvent::Notice { notice: Notice::Reported { report, who, .. } },
                    ..
                } => {
                    let person = self.ids.iter().find(|(_, id)| *id == who).map(|(person, _)| *person);
                    self.reports.insert(person.expect("somebody of the cast"), *report);
                }
                Effect::Report(Filed { by, about, heard, .. }) => {
                    let heard = (0..CAST.len()).filter(|n| heard.contains(&who(CAST[*n]))).collect();
                    self.filed.push((in_cast(*by), accused(about), heard));
                }
                _ => {}
            }
        }
        if effects.contains(&Effect::CardChanged) {
            self.hung = self.room.listing();
        }
        assert!(self.room.poll_timeout().is_none_or(|due| due > self.now()), "nothing is left undone");
    }

    /// Wherever a crash between two commits strikes, nobody who stays is lost and nobody who is refused is back.
    fn check_every_crash(&self) {
        if self.commits.len() < 2 {
            return;
        }
        let before =
            seated(&Room::restore(self.now(), self.before.clone(), FACES_MAX).expect("it was whole"));
        let mut kept = self.before.clone();
        for (part, bytes) in self.commits.iter().cloned() {
            keep(&mut kept, part, bytes);
            if self.kept.is_empty() || kept.is_empty() || !kept.contains_key(&Part::Core) {
                continue;
            }
            let Ok(rebuilt) = Room::restore(self.now(), kept.clone(), FACES_MAX) else {
                panic!("a room is rebuilt from any prefix of its commits")
            };
            let after = seated(&self.room);
            let lost: Vec<_> =
                before.intersection(&after).filter(|who| rebuilt.seat(**who).is_none()).collect();
            assert!(lost.is_empty(), "lost {lost:?}");
        }
    }

    /// Gives how many of them counted.
    fn reacts(&mut self, person: usize, times: usize) -> usize {
        let (now, from) = (self.now(), self.id(person));
        let mut react = || {
            let id = self.command_id();
            self.room.handle_command(now, from, id, command(Deed::React, from)).is_ok()
        };
        (0..times).filter(|_| react()).count()
    }

    fn speaks(&mut self, person: usize) {
        let now = self.now();
        self.room.handle_slots(now, [Some(self.id(person)), None, None]);
        self.after();
        self.room.handle_slots(now, [None; 3]);
    }

    /// The room is woken whenever it asked to be.
    fn wait(&mut self, seconds: u64) {
        let end = self.now + seconds;
        while let Some(due) = self.room.poll_timeout().filter(|due| *due <= START.plus(sec(end))) {
            self.now = due.since(START).as_secs();
            self.room.handle_timeout(due);
            self.after();
            self.check_every_crash();
        }
        self.now = end;
    }

    fn crash(&mut self) {
        self.room =
            Room::restore(self.now(), self.kept.clone(), FACES_MAX).expect("what was committed is a room");
        self.after();
    }
}

fn keep(kept: &mut BTreeMap<Part, Vec<u8>>, part: Part, bytes: Option<Vec<u8>>) {
    match bytes {
        Some(bytes) => drop(kept.insert(part, bytes)),
        None => drop(kept.remove(&part)),
    }
}

fn accused(about: &About) -> usize {
    match about {
        About::Here { who, .. } => in_cast(*who),
        About::Left { handle } => in_cast(who(handle.as_str())),
    }
}

fn in_cast(who: Who) -> usize {
    CAST.iter().position(|name| story::who(name) == who).expect("somebody of the cast")
}

fn seated(room: &Room) -> BTreeSet<Who> {
    room.recipients(rooms::To::Everyone).into_iter().filter_map(|id| room.who(id)).collect()
}

/// Tells both, and gives whether each said yes.
#[expect(clippy::too_many_lines, reason = "one arm a step")]
fn tell(real: &mut Real, model: &mut Naive, step: &Step) -> (bool, bool) {
    let now = real.now();
    let answers = match *step {
        Step::Comes(person) => {
            let fresh = real.fresh();
            let joined = real.room.handle_join(now, arrival(CAST[person], fresh));
            if let Ok(Joined::New(id)) = joined {
                real.ids.insert(person, id);
            }
            (joined.is_ok(), model.comes(person))
        }
        Step::Leaves(person) => {
            real.room.handle_leave(now, real.id(person), LeftReason::Left);
            (true, model.leaves(person))
        }
        Step::LosesTheLine(person) => {
            real.room.handle_connection(now, real.id(person), Connection::Down { since: now });
            (true, model.loses_the_line(person))
        }
        Step::IsBack(person) => {
            real.room.handle_connection(now, real.id(person), Connection::Up);
            (true, model.is_back(person))
        }
        Step::Declines(person) => {
            real.room.handle_decline(now, who(CAST[person]));
            (true, model.declines(person))
        }
        Step::Does(by, deed, to) => {
            let id = real.command_id();
            let answer = real.room.handle_command(now, real.id(by), id, command(deed, real.id(to)));
            (answer.is_ok(), model.does(by, deed, to))
        }
        Step::Reacts(by, times) => {
            let counted = real.reacts(by, times);
            (true, counted == (0..times).filter(|_| model.does(by, Deed::React, by)).count())
        }
        Step::Asks(by, whom) => {
            let id = real.command_id();
            let people = vec![asked(CAST[whom], AskedAs::Participant)];
            (real.room.handle_ask(now, real.id(by), id, people).is_ok(), model.asks(by, whom))
        }
        Step::Speaks(person) => {
            real.speaks(person);
            (true, model.speaks(person))
        }
        Step::Reports(by, about) => {
            let id = real.command_id();
            let command = accuses(real.id(about), CAST[about], ReportReason::Hate);
            let answer = real.room.handle_command(now, real.id(by), id, command);
            (answer.is_ok(), model.reports(by, about))
        }
        Step::CoSigns(by, about) => {
            let (id, report) = (real.command_id(), real.reports.get(&about).copied());
            let command = RoomCommand::CoSign { report: report.unwrap_or(ReportId([0xff; 16])) };
            let answer = real.room.handle_command(now, real.id(by), id, command);
            (answer.is_ok(), model.co_signs(by, about))
        }
        Step::ComesToTheServer(by, whom) => {
            let inviter = Inviter { who: who(CAST[by]), name: arrival(CAST[by], 1).name };
            let found = real.room.handle_newcomer(now, inviter, asked(CAST[whom], AskedAs::Participant));
            (found == Found::There, model.comes_to_the_server(by, whom))
        }
        Step::Follows(by, whom) => {
            let followed = (0..CAST.len()).filter(|n| whom & (1 << n) != 0);
            let follows: BTreeSet<MemberId> = followed.map(|n| member(CAST[n])).collect();
            real.room.handle_follows(now, real.id(by), follows);
            (true, model.follows(by, whom))
        }
        Step::Blocks(by, whom) => {
            let blocked = (0..CAST.len()).filter(|n| *n != by && whom & (1 << n) != 0);
            let people: BTreeSet<MemberId> = blocked.map(|n| member(CAST[n])).collect();
            let reach = if by == PROTECTED { BlockReach::Room } else { BlockReach::Stage };
            real.room.handle_blocks(now, real.id(by), Blocked { people, reach });
            (true, model.blocks(by, whom & !(1 << by)))
        }
        Step::Seconds(seconds) => {
            real.wait(seconds);
            (true, model.wait(seconds))
        }
        Step::Crash => {
            if !model.over {
                real.crash();
                model.crash();
            }
            (true, true)
        }
    };
    real.after();
    real.check_every_crash();
    answers
}

/// Who waits, whether they are asked up, and whether they said what for.
fn line(view: &RoomView) -> Vec<(String, bool, bool)> {
    let of = |hand: &Hand| {
        let (invited, noted) = (hand.state == HandState::Invited, hand.note.topic.is_some());
        (hand.name.as_str().to_owned(), invited, noted)
    };
    view.queue.iter().map(of).collect()
}

/// Everything that both must agree on, as text, so that a difference is read at once.
fn compare(real: &Real, model: &Naive) -> Result<(), TestCaseError> {
    let room = &real.room;
    let listing = room.listing();
    prop_assert_eq!(listing.is_none(), model.over);
    // A seat may be the only thing that lets somebody see the card, and is told of with the counts: within a second.
    let told = room.poll_timeout().is_none_or(|due| due > real.now().plus(sec(1)));
    for (person, name) in CAST.iter().enumerate() {
        if let (Who::Member(member), Some(listing)) = (who(name), &listing) {
            let look = listing.look(member, &BTreeSet::new());
            prop_assert_eq!(look.is_some(), model.finds(person), "{} is listed", name);
            let hung = real.hung.as_ref().and_then(|hung| hung.look(member, &BTreeSet::new()));
            prop_assert!(hung == look || !told, "{} sees the room as it is", name);
        }
        prop_assert_eq!(room.may_find(who(name)) == Found::There, model.finds(person), "{} finds it", name);
        let view = room.seat(who(name)).and_then(|id| room.view(id));
        let view = view.filter(|_| !model.over);
        let here = view.as_ref().map(|view| {
            let spot = match view.you.place {
                MyPlace::Audience => Spot::Audience,
                MyPlace::HandRaised { position, .. } => Spot::Hand(position),
                MyPlace::Invited { until, .. } => Spot::Invited(until.since(START).as_secs()),
                MyPlace::Stage { mic } => Spot::Stage(mic),
            };
            let me = view.people.iter().find(|other| other.id == view.you.id).expect("I see myself");
            assert_eq!(me.authority, view.you.authority);
            let asked_until = view.you.asked_to_take_over.map(|until| until.since(START).as_secs());
            let away = me.presence == Presence::Reconnecting;
            (
                spot,
                rank(view.you.authority),
                asked_until,
                away,
                me.followed_by_speakers,
                view.you.may_raise_hand,
            )
        });
        prop_assert_eq!(here, model.here(person), "{}", name);
        let heard = room.voice(real.id(person)) == Voice::On && !model.over;
        prop_assert_eq!(heard, model.is_heard(person), "{} is heard", name);
    }
    let keeper = room.recipients(rooms::To::Moderators).first().copied();
    if let Some(view) = keeper.and_then(|id| room.view(id)) {
        prop_assert_eq!(line(&view), model.queue(), "the queue");
    }
    let anybody = room.recipients(rooms::To::Everyone).first().copied();
    if let Some(view) = anybody.and_then(|id| room.view(id)).filter(|_| !model.over) {
        let stage: Vec<_> = view
            .people
            .iter()
            .filter(|person| matches!(person.place, protocol::room::Place::Stage { .. }))
            .map(|person| person.name.as_str().to_owned())
            .collect();
        prop_assert_eq!(stage, model.stage(), "the stage, in order");
        let at = |time: protocol::Timestamp| time.since(START).as_secs();
        let phase = match view.facts.phase {
            Phase::Live => "live".to_owned(),
            Phase::Waiting { until } => format!("waiting until {}", at(until)),
            Phase::Moderatorless { until } => format!("moderatorless until {}", at(until)),
            Phase::Ending { at: end } => format!("ending at {}", at(end)),
        };
        prop_assert_eq!(phase, model.phase(), "the phase");
        prop_assert_eq!(view.facts.epoch, model.removals, "the epoch");
        prop_assert_eq!(view.facts.title.as_ref().map(RoomTitle::as_str), model.title, "the title");
        prop_assert_eq!(real.applause, model.applause, "reactions that everyone was told of");
    }
    // Nobody is here whom the model does not know to be here.
    prop_assert_eq!(seated(room).len(), if model.over { seated(room).len() } else { model.people() });
    Ok(())
}

/// As anybody in the room sees it.
fn shown_secrecy(room: &Room) -> Option<Confidentiality> {
    let anybody = room.recipients(rooms::To::Everyone).first().copied();
    Some(room.view(anybody?)?.facts.confidentiality)
}

fn rank(authority: Authority) -> u8 {
    match authority {
        Authority::Guest => 0,
        Authority::Member => 1,
        Authority::Moderator => 2,
        Authority::Owner => 3,
    }
}

fn config() -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 512;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20);
    }
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_sequence_of_events_makes_the_room_and_the_model_disagree(
        kind in proptest::sample::select(vec![RoomKind::Open, RoomKind::Social, RoomKind::Closed]),
        secrecy in proptest::sample::select(vec![Confidentiality::Relayed, Confidentiality::Sealed]),
        steps in steps(),
    ) {
        hold(kind, secrecy, &steps)?;
    }
}

/// Both are told the same from the opening on, and must agree after every step.
fn hold(kind: RoomKind, secrecy: Confidentiality, steps: &[Step]) -> Result<(), TestCaseError> {
    // Ann, ben and the guest are asked in, ben to keep order.
    let people = vec![
        asked(CAST[1], AskedAs::Participant),
        asked(CAST[2], AskedAs::Moderator),
        asked(CAST[7], AskedAs::Participant),
    ];
    let new = NewRoom { confidentiality: secrecy, ..new_room(kind, people) };
    let room = Room::start(START, protocol::id::RoomId([9; 16]), story::key(), new, arrival(CAST[0], 1));
    let mut real = Real {
        room: room.expect("a room"),
        now: 0,
        kept: BTreeMap::new(),
        before: BTreeMap::new(),
        commits: Vec::new(),
        ids: BTreeMap::from([(0, ParticipantId(1))]),
        next: 1,
        hung: None,
        applause: 0,
        reports: BTreeMap::new(),
        filed: Vec::new(),
    };
    real.after();
    let mut model = Naive::start(kind);
    compare(&real, &model)?;
    for step in opening().iter().chain(steps) {
        let (said, expected) = tell(&mut real, &mut model, step);
        prop_assert_eq!(said, expected, "{:?} is answered", step);
        compare(&real, &model).map_err(|error| TestCaseError::fail(format!("after {step:?}: {error}")))?;
        prop_assert_eq!(&real.filed, &model.filed, "what the administrators got, after {:?}", step);
        prop_assert!(shown_secrecy(&real.room).is_none_or(|shown| shown == secrecy), "after {:?}", step);
    }
    Ok(())
}

/// Chance seldom has several hands up while somebody moves one.
#[test]
fn a_line_that_is_moved_about_is_the_same_in_both() {
    let mut steps: Vec<Step> = [4, 5, 6].map(Step::Comes).into();
    steps.extend([4, 5, 6].map(|who| Step::Does(who, Deed::RaiseHand, who)));
    let moves = [
        (Deed::Pin, 6),
        (Deed::Skip, 4),
        (Deed::Note, 0),
        (Deed::Invite, 5),
        (Deed::Pin, 4),
        (Deed::Skip, 5),
    ];
    steps.extend(moves.map(|(deed, to)| Step::Does(if deed == Deed::Note { 6 } else { 0 }, deed, to)));
    steps.extend([Step::Crash, Step::Seconds(60), Step::Does(4, Deed::LowerHand, 4)]);
    hold(RoomKind::Open, Confidentiality::Relayed, &steps).expect("they agree");
}

#[test]
fn the_model_knows_a_held_microphone_from_a_muted_one() {
    let mut model = Naive::start(RoomKind::Open);
    assert!(model.comes(3));
    assert!(model.does(0, Deed::Invite, 3) && model.does(3, Deed::Accept, 3) && model.does(3, Deed::Open, 3));
    assert!(model.is_heard(3));
    assert!(model.does(0, Deed::Hold, 3) && !model.does(3, Deed::Open, 3) && !model.is_heard(3));
    assert_eq!(model.here(3).map(|here| here.0), Some(Spot::Stage(Mic::Held)));
}
