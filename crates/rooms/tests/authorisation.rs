//! Who may do what to whom, cell by cell: the table itself, and the room that keeps it.

#![expect(clippy::unwrap_used, reason = "a room that cannot be prepared is a failed test")]

mod story;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::club::{BanPeriod, ClubStanding};
use protocol::id::ClubId;
use protocol::order::ReportReason;
use protocol::reaction::Reaction;
use protocol::room::{
    Authority, Chat, ChatId, Door, HandNote, HandPolicy, MyMic, PinnedCard, RoomCommand, RoomKind,
};
use protocol::text::ClubName;
use rooms::permission::{Action, Target, may};
use rooms::{AskedAs, Club, Found, NewRoom, Refused, Who};
use story::{Story, asked, new_room, sec, story_of};

const ACTORS: [Authority; 4] = [Authority::Guest, Authority::Member, Authority::Moderator, Authority::Owner];

/// One letter an actor who may: guest, member, moderator (o for "order"), owner (w).
fn letters(action: Action, target: Target) -> String {
    ACTORS
        .into_iter()
        .zip(['g', 'm', 'o', 'w'])
        .map(|(actor, letter)| if may(actor, action, target) { letter } else { '.' })
        .collect()
}

#[test]
fn the_table_reads_as_decided() {
    let mut table = format!(
        "{:<18}{:<6}{:<8}{:<7}{:<8}{:<11}{}\n",
        "", "room", "myself", "guest", "member", "moderator", "owner"
    );
    for action in Action::ALL {
        write!(table, "{:<18}", format!("{action:?}")).unwrap();
        for (target, width) in Target::ALL.into_iter().zip([6, 8, 7, 8, 11, 5]) {
            write!(table, "{:<width$}", letters(action, target)).unwrap();
        }
        table = table.trim_end().to_owned() + "\n";
    }
    assert_snapshot!(table, @r"
                      room  myself  guest  member  moderator  owner
    RaiseHand         gmow  ....    ....   ....    ....       ....
    LowerHand         gmow  ....    ....   ....    ....       ....
    NoteHand          gmow  ....    ....   ....    ....       ....
    AcceptInvitation  gmow  ....    ....   ....    ....       ....
    DeclineInvitation gmow  ....    ....   ....    ....       ....
    StepDown          gmow  ....    ....   ....    ....       ....
    SetMic            gmow  ....    ....   ....    ....       ....
    React             gmow  ....    ....   ....    ....       ....
    InviteToStage     ....  ..ow    ..ow   ..ow    ..ow       ..ow
    Dismiss           ....  ....    ..ow   ..ow    ...w       ....
    PinHand           ....  ..ow    ..ow   ..ow    ..ow       ..ow
    SkipHand          ....  ..ow    ..ow   ..ow    ..ow       ..ow
    MoveToAudience    ....  ....    ..ow   ..ow    ...w       ....
    Mute              ....  ....    ..ow   ..ow    ...w       ....
    Hold              ....  ....    ..ow   ..ow    ...w       ....
    Release           ....  ....    ..ow   ..ow    ...w       ....
    MuteAll           ..ow  ....    ....   ....    ....       ....
    Remove            ....  ....    ..ow   ..ow    ...w       ....
    TimeOut           ....  ....    ..ow   ..ow    ...w       ....
    Ban               ....  ....    ..ow   ..ow    ...w       ....
    BanFromClub       ....  ....    ....   .mow    .mow       ....
    Undo              ....  ..ow    ..ow   ..ow    ..ow       ....
    Panic             ..ow  ....    ....   ....    ....       ....
    SetDoor           ..ow  ....    ....   ....    ....       ....
    SetHands          ..ow  ....    ....   ....    ....       ....
    SetTitle          ..ow  ....    ....   ....    ....       ....
    SetLine           ..ow  ....    ....   ....    ....       ....
    PinCard           ..ow  ....    ....   ....    ....       ....
    SetChat           ..ow  ....    ....   ....    ....       ....
    Say               gmow  ....    ....   ....    ....       ....
    TakeAway          gmow  ....    ....   ....    ....       ....
    Widen             ...w  ....    ....   ....    ....       ....
    AskIn             ..ow  ....    ....   ....    ....       ....
    MakeModerator     ....  ....    ....   ...w    ....       ....
    UnmakeModerator   ....  ....    ....   ....    ...w       ....
    HandOver          ....  ....    ....   ..ow    ...w       ....
    TakeOver          .mow  ....    ....   ....    ....       ....
    End               ...w  ....    ....   ....    ....       ....
    KeepGoing         ...w  ....    ....   ....    ....       ....
    Report            ....  ....    gmow   gmow    gmow       gmow
    AskTalkTimes      ..ow  ....    ....   ....    ....       ....
    CoSign            gmow  ....    ....   ....    ....       ....
    ");
}

/// One actor and one target, by name, in a room of their own.
struct Cell {
    story: Story,
    actor: &'static str,
    target: &'static str,
}

fn name(authority: Authority) -> &'static str {
    match authority {
        Authority::Guest => "guest",
        Authority::Member => "mia",
        Authority::Moderator => "mo",
        Authority::Owner => "olga",
    }
}

fn other_name(authority: Authority) -> &'static str {
    match authority {
        Authority::Guest => "guest2",
        Authority::Member => "max",
        Authority::Moderator => "may",
        Authority::Owner => "olga",
    }
}

/// A closed room with two of each authority but the owner, who is one, everyone on stage and open.
fn full_cast() -> Story {
    let people = vec![
        asked("guest", AskedAs::Participant),
        asked("guest2", AskedAs::Participant),
        asked("mia", AskedAs::Participant),
        asked("max", AskedAs::Participant),
        asked("vic", AskedAs::Participant),
        asked("mo", AskedAs::Moderator),
        asked("may", AskedAs::Moderator),
    ];
    let new = NewRoom { club: Some(ClubId([3; 16])), ..new_room(RoomKind::Closed, people) };
    let mut story = Story::start(new);
    for name in ["guest", "guest2", "mia", "max", "vic", "mo", "may"] {
        story.comes(name).unwrap();
    }
    for name in ["guest", "guest2", "mia", "max", "mo", "may"] {
        story.comes_up(name);
        story.opens(name);
    }
    story.opens("olga");
    story
}

impl Cell {
    /// Brings the room to where the action would do something, if it is allowed; gives the command.
    #[expect(clippy::too_many_lines, reason = "one arm an action")]
    fn prepare(&mut self, action: Action) -> RoomCommand {
        let Self { story, actor, target } = self;
        let (me, them) = (*actor, *target);
        let who = story.id(them);
        match action {
            Action::RaiseHand => {
                story.does(me, RoomCommand::StepDown);
                RoomCommand::RaiseHand
            }
            Action::LowerHand => {
                story.does(me, RoomCommand::StepDown);
                story.raises_hand(me);
                RoomCommand::LowerHand
            }
            Action::NoteHand => {
                story.does(me, RoomCommand::StepDown);
                story.raises_hand(me);
                let topic = protocol::text::HandTopic::parse("Tea").ok();
                RoomCommand::NoteHand { note: HandNote { topic, language: None } }
            }
            Action::AcceptInvitation | Action::DeclineInvitation => {
                story.does(me, RoomCommand::StepDown);
                story.invites("olga", me);
                if action == Action::AcceptInvitation {
                    RoomCommand::AcceptInvitation
                } else {
                    RoomCommand::DeclineInvitation
                }
            }
            Action::StepDown => RoomCommand::StepDown,
            Action::SetMic => RoomCommand::SetMic { mic: MyMic::Muted },
            Action::React => RoomCommand::React { reaction: Reaction::Heart },
            Action::InviteToStage => {
                story.does(them, RoomCommand::StepDown);
                RoomCommand::InviteToStage { who }
            }
            Action::Dismiss => {
                story.does(them, RoomCommand::StepDown);
                story.raises_hand(them);
                RoomCommand::Dismiss { who }
            }
            // With somebody behind them, or before.
            Action::PinHand | Action::SkipHand => {
                story.does(them, RoomCommand::StepDown);
                let line = if action == Action::PinHand { ["vic", them] } else { [them, "vic"] };
                line.into_iter().for_each(|name| story.raises_hand(name));
                if action == Action::PinHand {
                    RoomCommand::PinHand { who }
                } else {
                    RoomCommand::SkipHand { who }
                }
            }
            Action::MoveToAudience => RoomCommand::MoveToAudience { who },
            Action::Mute => RoomCommand::Mute { who },
            Action::Hold => RoomCommand::Hold { who },
            Action::Release => {
                if them != "olga" {
                    story.holds("olga", them);
                }
                RoomCommand::Release { who }
            }
            Action::MuteAll => RoomCommand::MuteAll,
            Action::Remove => RoomCommand::Remove { who },
            Action::TimeOut => RoomCommand::TimeOut { who },
            Action::Ban => RoomCommand::Ban { who },
            // By somebody who keeps order in the club.
            Action::BanFromClub => {
                let Who::Member(admin) = story::who(me) else {
                    return RoomCommand::BanFromClub { who, period: BanPeriod::Day };
                };
                let name = ClubName::parse("Jazz").unwrap();
                let people = [(admin, ClubStanding::Admin)].into();
                let club = Club { name, picture: None, people, banned: [].into() };
                story.room.handle_club(story.now, Some(club));
                story.after();
                RoomCommand::BanFromClub { who, period: BanPeriod::Day }
            }
            // Of a removal by the target.
            Action::Undo => {
                let who = if may(authority_of(them), Action::Remove, Target::Other(Authority::Member)) {
                    story.removes(them, "vic")
                } else {
                    // Somebody who removed as a moderator and is one no longer.
                    self.removed_by_a_former_moderator()
                };
                RoomCommand::Undo { who }
            }
            Action::Panic => RoomCommand::Panic,
            Action::SetDoor => RoomCommand::SetDoor { door: Door::Locked },
            Action::SetHands => RoomCommand::SetHands { hands: HandPolicy::Off },
            Action::SetTitle => {
                RoomCommand::SetTitle { title: Some(protocol::text::RoomTitle::parse("Tea").unwrap()) }
            }
            Action::SetLine => {
                RoomCommand::SetLine { about: Some(protocol::text::TalkTopic::parse("Tea").unwrap()) }
            }
            Action::PinCard => {
                let text = protocol::text::CardText::parse("Tea").unwrap();
                RoomCommand::PinCard { card: Some(PinnedCard { text, link: None }) }
            }
            Action::SetChat => RoomCommand::SetChat { chat: Chat::On },
            Action::Say | Action::TakeAway => {
                story.does("olga", RoomCommand::SetChat { chat: Chat::On });
                let say = RoomCommand::Say { text: protocol::text::ChatText::parse("Tea").unwrap() };
                if action == Action::Say {
                    return say;
                }
                story.does(me, say);
                story.wait(sec(2));
                RoomCommand::TakeAway { message: ChatId(0) }
            }
            Action::Widen => RoomCommand::Widen { kind: RoomKind::Open },
            Action::AskIn => RoomCommand::AskIn { handles: Vec::new() },
            Action::MakeModerator => RoomCommand::MakeModerator { who },
            Action::UnmakeModerator => RoomCommand::UnmakeModerator { who },
            Action::HandOver => {
                // A moderator does it when nobody else keeps order.
                if (authority_of(me), authority_of(them)) == (Authority::Moderator, Authority::Member) {
                    story.leaves("olga");
                    story.leaves("may");
                }
                RoomCommand::HandOver { who }
            }
            Action::TakeOver => RoomCommand::TakeOver,
            Action::End => RoomCommand::End,
            Action::KeepGoing => {
                story.does("olga", RoomCommand::End);
                RoomCommand::KeepGoing
            }
            Action::Report => RoomCommand::Report { who, handle: None, reason: ReportReason::Spam },
            Action::AskTalkTimes => RoomCommand::AskTalkTimes,
            // Of somebody whom a third one reported.
            Action::CoSign => {
                let max = story.id("max");
                RoomCommand::CoSign { report: story.reports("vic", max, ReportReason::Spam) }
            }
        }
    }

    /// Only members have been moderators.
    fn removed_by_a_former_moderator(&mut self) -> protocol::id::ParticipantId {
        let story = &mut self.story;
        let who = story.id(self.target);
        if authority_of(self.target) == Authority::Guest {
            return story.removes("olga", "vic");
        }
        story.does("olga", RoomCommand::MakeModerator { who });
        let vic = story.removes(self.target, "vic");
        story.does("olga", RoomCommand::UnmakeModerator { who });
        vic
    }

    fn answer(&mut self, command: RoomCommand) -> Result<(), ErrorCode> {
        if let RoomCommand::AskIn { .. } = command {
            return self.story.asks(self.actor, &["eve"]);
        }
        self.story.tries(self.actor, command)
    }
}

fn authority_of(name: &str) -> Authority {
    match name {
        "guest" | "guest2" => Authority::Guest,
        "mia" | "max" => Authority::Member,
        "mo" | "may" => Authority::Moderator,
        "olga" => Authority::Owner,
        _ => unreachable!("not in the cast"),
    }
}

/// Actions about a person; the others are about the room or one's own place in it.
fn is_about_a_person(action: Action) -> bool {
    Target::ALL.into_iter().skip(1).any(|target| ACTORS.into_iter().any(|actor| may(actor, action, target)))
}

/// Everything that anybody could see of the room.
fn everything(story: &Story) -> String {
    let people = story.room.recipients(rooms::To::Everyone);
    let views: Vec<_> = people.iter().map(|id| story.room.view(*id)).collect();
    let cast = ["guest", "guest2", "mia", "max", "vic", "mo", "may", "olga", "eve"];
    let found: Vec<_> = cast.iter().map(|name| story.found(name)).collect();
    format!("{views:?} {found:?}")
}

#[test]
fn every_actor_can_do_to_every_target_exactly_what_the_table_says() {
    let mut cells = 0;
    for action in Action::ALL {
        for actor in ACTORS {
            for (target, them) in targets(action, actor) {
                // A guest has never removed anybody.
                if action == Action::Undo && target == Target::Other(Authority::Guest) {
                    continue;
                }
                let mut cell = Cell { story: full_cast(), actor: name(actor), target: them };
                let undo_own = action == Action::Undo && target == Target::Myself;
                if undo_own && actor < Authority::Member {
                    continue;
                }
                let command = cell.prepare(action);
                let before = everything(&cell.story);
                let kept = cell.story.kept.clone();
                cell.story.forget();
                let answer = cell.answer(command);
                // What is told and not kept changes something too.
                let after = everything(&cell.story) + &cell.story.effects();
                let what = format!("{actor:?} does {action:?} to {target:?}");
                // Nobody is asked to take over while somebody keeps order, and the owner has it already; the stories have
                // those who are asked.
                if action == Action::TakeOver && may(actor, action, target) {
                    let owner = actor == Authority::Owner;
                    assert_eq!(answer, if owner { Ok(()) } else { Err(ErrorCode::NotNow) }, "{what}");
                    assert!(before == after, "{what} changes nothing");
                } else if may(actor, action, target) {
                    assert_eq!(answer, Ok(()), "{what}");
                    // A signature is nobody's to see.
                    let signs = action == Action::CoSign && kept != cell.story.kept;
                    assert!(before != after || signs, "{what} changes something");
                } else {
                    assert_eq!(answer, Err(ErrorCode::NotAllowed), "{what}");
                    assert!(before == after, "{what} changes nothing");
                    assert_eq!(cell.story.effects(), "", "{what} tells nobody anything");
                }
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 25 * 4 + 17 * 19 - 5, "every cell was tried");
}

/// The targets that exist in a room for this action and actor, by name.
fn targets(action: Action, actor: Authority) -> Vec<(Target, &'static str)> {
    if !is_about_a_person(action) {
        return vec![(Target::Room, name(actor))];
    }
    let others = ACTORS
        .into_iter()
        .filter(|target| !(actor == Authority::Owner && *target == Authority::Owner))
        .map(|target| (Target::Other(target), other_name(target)));
    std::iter::once((Target::Myself, name(actor))).chain(others).collect()
}

#[test]
fn who_may_do_nothing_of_the_kind_does_not_learn_who_is_gone() {
    let mut story = full_cast();
    let gone = story.removes("olga", "vic");
    let never = protocol::id::ParticipantId(99);
    for who in [gone, never] {
        for command in [RoomCommand::Mute { who }, RoomCommand::Ban { who }, RoomCommand::Undo { who }] {
            assert_eq!(story.tries("mia", command), Err(ErrorCode::NotAllowed));
        }
    }
    assert_eq!(story.tries("mo", RoomCommand::Mute { who: never }), Err(ErrorCode::PersonGone));
    assert_eq!(story.tries("mo", RoomCommand::Undo { who: never }), Err(ErrorCode::NotNow));
}

#[test]
fn a_closed_room_a_room_one_was_banned_from_and_one_that_is_over_are_the_same_nothing() {
    let mut closed = story_of(RoomKind::Closed, &["ann"]);
    let mut banned = story_of(RoomKind::Open, &[]).listeners(["eve"]);
    banned.bans("olga", "eve");
    let mut removed = story_of(RoomKind::Open, &[]).listeners(["eve"]);
    removed.removes("olga", "eve");
    let mut social = story_of(RoomKind::Social, &[]);
    let mut over = story_of(RoomKind::Open, &[]);
    over.leaves("olga");

    for story in [&mut closed, &mut banned, &mut removed, &mut social, &mut over] {
        assert_eq!(story.found("eve"), Found::NotThere);
        assert_eq!(story.card("eve"), None);
        let refused = story.comes("eve").unwrap_err();
        assert_eq!(refused, Refused::NotThere);
        let code = serde_json::to_string(&ErrorCode::from(refused)).unwrap();
        assert_eq!(code, "\"not_there\"", "the word for a room that never was");
    }
    // Locked or full, too: the door says nothing to those for whom there is none.
    closed.does("olga", RoomCommand::SetDoor { door: Door::Locked });
    assert_eq!(closed.comes("eve"), Err(Refused::NotThere));
    assert_eq!(closed.comes("ann"), Err(Refused::Locked));
    closed.wait(sec(1));
}

/// What the client reads: for each action and target, who may.
fn exported() -> String {
    let word = |target| match target {
        Target::Room => "room",
        Target::Myself => "myself",
        Target::Other(Authority::Guest) => "guest",
        Target::Other(Authority::Member) => "member",
        Target::Other(Authority::Moderator) => "moderator",
        Target::Other(Authority::Owner) => "owner",
    };
    let mut actions = BTreeMap::new();
    for action in Action::ALL {
        let mut targets = BTreeMap::new();
        for target in Target::ALL {
            let actors: Vec<_> = ACTORS.into_iter().filter(|actor| may(*actor, action, target)).collect();
            if !actors.is_empty() {
                targets.insert(word(target), actors);
            }
        }
        let name = serde_json::to_value(action).unwrap();
        actions.insert(name.as_str().unwrap().to_owned(), targets);
    }
    serde_json::to_string_pretty(&actions).unwrap() + "\n"
}

#[test]
fn the_client_has_the_same_table() {
    let committed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../web/src/protocol/permissions.json");
    if std::env::var_os("VIVAVOCE_WRITE_TYPES").is_some() {
        std::fs::write(&committed, exported()).unwrap();
    }
    let found = std::fs::read_to_string(&committed).unwrap_or_default();
    assert_eq!(exported(), found, "run `cargo xtask types`");
}

#[test]
fn every_action_is_named_as_its_command_is_on_the_wire() {
    for action in Action::ALL {
        let mut cell = Cell { story: full_cast(), actor: "mia", target: "mo" };
        let command = serde_json::to_value(cell.prepare(action)).unwrap();
        assert_eq!(command["do"], serde_json::to_value(action).unwrap());
    }
}
