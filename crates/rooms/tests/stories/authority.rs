//! Who keeps order, and what happens when nobody does.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::limits::MODERATORS_MAX;
use protocol::room::{Authority, Phase, RoomCommand as C, RoomKind};
use rooms::{AskedAs, Refused, Room};

use crate::story::{START, Story, asked, facts_line, key, new_room, sec, story, story_of};

fn in_seconds(seconds: u64) -> protocol::Timestamp {
    START.plus(sec(seconds))
}

#[test]
fn a_new_moderator_sees_the_queue_and_one_who_is_none_any_more_does_not() {
    let mut room = story().listeners(["ann", "ben"]);
    room.raises_hand("ben");
    room.forget();
    let who = room.id("ann");
    room.does("olga", C::MakeModerator { who });
    assert_snapshot!(room.told("ann"), @r"
    person ann (moderator) in audience
    queue [ben]
    asked []
    you in the audience, moderator, may raise a hand
    notice now moderator
    ");
    room.forget();
    room.does("olga", C::UnmakeModerator { who });
    assert_snapshot!(room.told("ann"), @r"
    person ann in audience
    queue []
    asked []
    you in the audience, may raise a hand
    notice now member
    ");
}

#[test]
fn whoever_is_made_a_moderator_is_no_longer_held() {
    let mut room = story().speaker("sam");
    room.holds("olga", "sam");
    let who = room.id("sam");
    room.does("olga", C::MakeModerator { who });
    assert_snapshot!(room.stage(), @"olga (owner) muted, sam (moderator) muted");
}

#[test]
fn moderators_are_bounded() {
    let mut room = story();
    for n in 1..MODERATORS_MAX {
        room = room.moderator(&format!("mod{n}"));
    }
    room.comes("ann").unwrap();
    let who = room.id("ann");
    assert_eq!(room.tries("olga", C::MakeModerator { who }), Err(ErrorCode::Full));
    assert_eq!(room.tries("olga", C::HandOver { who }), Err(ErrorCode::Full));
    let too_many = (0..MODERATORS_MAX).map(|n| asked(&format!("m{n}x"), AskedAs::Moderator)).collect();
    let new = new_room(RoomKind::Closed, too_many);
    let owner = crate::story::arrival("olga", 1);
    assert_eq!(
        Room::start(START, protocol::id::RoomId([1; 16]), key(), new, owner).err(),
        Some(Refused::Full)
    );
}

#[test]
fn whoever_hands_the_room_over_becomes_a_moderator() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    let who = room.id("sam");
    room.does("olga", C::HandOver { who });
    assert_snapshot!(room.effects(), @r"
    ? whom olga follows
    ? whom sam follows
    everyone: person olga (moderator) muted
    everyone: person sam (owner) open
    olga: queue []
    olga: asked []
    sam: queue []
    sam: asked []
    olga: you on stage muted, moderator
    sam: you on stage open, owner
    sam: notice now owner
    olga: notice now moderator
    everyone: notice sam owns the room
    card changed
    ");
    room.leaves("olga");
    room.comes("olga").unwrap();
    assert_eq!(room.you("olga").authority, Authority::Moderator);
    assert_eq!(room.you("sam").authority, Authority::Owner);
}

#[test]
fn the_last_moderator_hands_over_in_the_absent_owners_place() {
    let mut room = story().moderator("mo").listeners(["ann"]);
    let who = room.id("ann");
    assert_eq!(room.tries("mo", C::HandOver { who }), Err(ErrorCode::NotNow), "the owner is here");
    room.loses_the_line("olga");
    assert_eq!(room.tries("mo", C::HandOver { who }), Err(ErrorCode::NotNow), "and may be back in a moment");
    room.wait(sec(30));
    room.does("mo", C::HandOver { who });
    room.leaves("mo");
    assert_eq!(room.phase(), Phase::Live);
    assert_eq!(room.you("ann").authority, Authority::Owner);
    room.comes("olga").unwrap();
    assert_eq!(room.you("olga").authority, Authority::Moderator);
}

#[test]
fn of_two_moderators_neither_gives_away_the_absent_owners_room() {
    let mut room = story().moderator("mo").moderator("may").listeners(["ann"]);
    room.leaves("olga");
    let (ann, may) = (room.id("ann"), room.id("may"));
    assert_eq!(room.tries("mo", C::HandOver { who: ann }), Err(ErrorCode::NotNow));
    assert_eq!(room.tries("mo", C::HandOver { who: may }), Err(ErrorCode::NotAllowed));
}

#[test]
fn a_room_is_handed_only_to_somebody_who_is_here() {
    let mut room = story().listeners(["ann"]);
    room.loses_the_line("ann");
    let who = room.id("ann");
    assert_eq!(room.tries("olga", C::HandOver { who }), Err(ErrorCode::NotNow));
}

#[test]
fn an_owner_who_comes_back_while_a_moderator_keeps_order_is_still_the_owner() {
    let mut room = story().moderator("mo").listeners(["ann"]);
    room.leaves("olga");
    room.wait(sec(3600));
    assert_eq!(room.phase(), Phase::Live);
    room.comes("olga").unwrap();
    assert_eq!(room.you("olga").authority, Authority::Owner);
    assert_snapshot!(room.stage(), @"olga (owner) muted");
}

#[test]
fn a_moderator_who_comes_back_keeps_order_again() {
    let mut room = story().moderator("mo").speaker("mo");
    room.leaves("mo");
    room.comes("mo").unwrap();
    assert_eq!(room.you("mo").authority, Authority::Moderator);
    assert_snapshot!(room.stage(), @"olga (owner) muted");
}

#[test]
fn while_the_last_moderator_is_only_reconnecting_nothing_is_said() {
    let mut room = story().listeners(["ann"]);
    room.loses_the_line("olga");
    room.wait(sec(29));
    assert_eq!(room.phase(), Phase::Live);
    room.wait(sec(1));
    assert_eq!(room.phase(), Phase::Waiting { until: in_seconds(90) });
}

/// Sam has been on stage longest, then sue; then there is a guest, and hal is held.
fn without_olga() -> Story {
    let people = ["sam", "sue", "guest", "hal", "ann"];
    let mut room = story_of(RoomKind::Closed, &people).listeners(people);
    for name in ["guest", "hal", "sam", "sue"] {
        room.comes_up(name);
    }
    room.holds("olga", "hal");
    room.forget();
    room.leaves("olga");
    room
}

#[test]
fn a_minute_after_the_last_moderator_left_the_longest_standing_speaker_is_asked() {
    let mut room = without_olga();
    assert_eq!(room.phase(), Phase::Waiting { until: in_seconds(60) });
    assert_eq!(room.tries("sam", C::TakeOver), Err(ErrorCode::NotNow));
    room.forget();
    room.at(sec(60));
    assert_snapshot!(room.effects(), @r"
    sam: you on stage muted, asked to take over until 90s
    everyone: facts waiting until 90s, unlocked closed, hands everyone, 4+1 faces, epoch 0
    ");
    assert_eq!(room.tries("sue", C::TakeOver), Err(ErrorCode::NotNow));
    room.forget();
    room.does("sam", C::TakeOver);
    assert_snapshot!(room.told("sam"), @r"
    person sam (owner) muted
    queue []
    asked []
    you on stage muted, owner
    facts live, unlocked closed, hands everyone, 4+1 faces, epoch 0
    notice now owner
    notice sam owns the room
    ");
    assert_eq!(room.phase(), Phase::Live);
    room.comes("olga").unwrap();
    assert_eq!(room.you("olga").authority, Authority::Moderator, "the room was taken over meanwhile");
}

#[test]
fn who_does_not_answer_in_thirty_seconds_is_passed_over() {
    let mut room = without_olga();
    room.at(sec(60));
    room.forget();
    room.at(sec(90));
    assert_snapshot!(room.effects(), @r"
    sam: you on stage muted
    sue: you on stage muted, asked to take over until 120s
    everyone: facts waiting until 120s, unlocked closed, hands everyone, 4+1 faces, epoch 0
    ");
    assert_eq!(room.tries("sam", C::TakeOver), Err(ErrorCode::NotNow));
    room.does("sue", C::TakeOver);
    assert_eq!(room.you("sue").authority, Authority::Owner);
}

#[test]
fn who_goes_while_being_asked_makes_place_for_the_next_at_once() {
    for goes in ["steps down", "loses the line", "leaves"] {
        let mut room = without_olga();
        room.at(sec(60));
        match goes {
            "steps down" => room.does("sam", C::StepDown),
            "loses the line" => room.loses_the_line("sam"),
            _ => room.leaves("sam"),
        }
        assert_eq!(room.you("sue").asked_to_take_over, Some(in_seconds(90)), "{goes}");
    }
}

#[test]
fn a_room_that_nobody_takes_over_locks_its_hands_and_ends_after_ten_minutes_with_a_warning() {
    let mut room = without_olga();
    room.raises_hand("ann");
    room.at(sec(60 + 30 + 29));
    room.forget();
    room.at(sec(60 + 30 + 30));
    assert_snapshot!(room.told("ann"), @r"
    you hand raised, 1 in line
    facts moderatorless until 720s, unlocked closed, hands everyone, 4+1 faces, epoch 0
    ");
    room.does("ann", C::LowerHand);
    assert_eq!(room.tries("ann", C::RaiseHand), Err(ErrorCode::NotNow));
    room.forget();
    room.at(sec(120 + 589));
    assert_snapshot!(room.told("sam"), @"");
    room.at(sec(120 + 590));
    assert_snapshot!(room.told("sam"), @"facts ending at 720s, unlocked closed, hands everyone, 4+1 faces, epoch 0");
    room.forget();
    room.at(sec(120 + 600));
    assert_snapshot!(room.effects(), @"! ended ended");
}

#[test]
fn whoever_keeps_order_and_comes_back_in_time_brings_the_room_back() {
    for seconds in [1, 59, 61, 91, 121, 600, 711, 719] {
        let mut room = without_olga();
        room.at(sec(seconds));
        assert_ne!(room.phase(), Phase::Live);
        room.comes("olga").unwrap();
        assert_eq!(room.phase(), Phase::Live, "after {seconds} s");
        assert_eq!(room.you("olga").authority, Authority::Owner);
        assert_eq!(room.you("sam").asked_to_take_over, None);
        assert!(room.you("ann").may_raise_hand);
    }
}

#[test]
fn with_nobody_on_stage_there_is_nobody_to_ask() {
    let mut room = story().listeners(["ann"]);
    room.leaves("olga");
    room.at(sec(60));
    assert_eq!(room.phase(), Phase::Moderatorless { until: in_seconds(660) });
}

#[test]
fn the_owner_ends_the_room_with_ten_seconds_of_warning() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    room.does("olga", C::End);
    assert_snapshot!(room.effects(), @"everyone: facts ending at 10s, unlocked open, hands everyone, 2+1 faces, epoch 0");
    room.forget();
    room.at(sec(5)).does("olga", C::End);
    assert_snapshot!(room.effects(), @"card changed");
    room.leaves("olga");
    room.forget();
    room.at(sec(10));
    assert_snapshot!(room.effects(), @"! ended ended");
    assert!(room.kept.is_empty());
}

#[test]
fn the_owner_may_change_their_mind_before_the_end() {
    let mut room = story().listeners(["ann"]);
    room.does("olga", C::End);
    room.at(sec(9)).does("olga", C::KeepGoing);
    room.at(sec(60));
    assert_snapshot!(facts_line(&room.view("ann").facts), @"live, unlocked open, hands everyone, 1+1 faces, epoch 0");
}
