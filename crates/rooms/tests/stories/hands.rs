//! The line of those who wait: what they say of it, and who is called next.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::room::{HandNote, RoomCommand as C};
use protocol::text::{HandTopic, Language};

use crate::story::{Story, sec, story};

fn note(topic: &str, language: &str) -> HandNote {
    HandNote { topic: HandTopic::parse(topic).ok(), language: Language::parse(language).ok() }
}

fn says_of_it(room: &mut Story, name: &str, topic: &str) {
    room.does(name, C::NoteHand { note: note(topic, "") });
}

/// Whoever nobody has heard yet.
fn first_timers(room: &Story) -> String {
    let queue = room.view("olga").queue;
    let first = queue.iter().filter(|hand| hand.first).map(|hand| hand.name.as_str());
    first.collect::<Vec<_>>().join(", ")
}

#[test]
fn what_somebody_would_like_to_say_is_told_to_those_who_keep_order_and_to_themselves_alone() {
    let mut room = story().moderator("mo").listeners(["ann", "ben"]);
    room.raises_hand("ann");
    room.forget();
    room.does("ann", C::NoteHand { note: note("the price of tea", "nl") });
    assert_snapshot!(room.effects(), @r#"
    moderators: queue [ann about "the price of tea" in nl]
    ann: you hand raised, 1 in line about "the price of tea" in nl
    "#);
    assert_eq!(room.view("ben").queue, []);
    assert_eq!(room.you("ben").note, HandNote::default());

    room.forget();
    room.does("ann", C::NoteHand { note: note("", "nl") });
    assert_snapshot!(room.hands(), @"ann in nl");
}

#[test]
fn whoever_does_not_wait_has_nothing_to_say_of_it_and_a_hand_that_is_down_takes_its_topic_along() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    for name in ["ann", "sam", "olga"] {
        assert_eq!(room.tries(name, C::NoteHand { note: note("tea", "") }), Err(ErrorCode::NotNow));
    }
    room.raises_hand("ann");
    says_of_it(&mut room, "ann", "tea");
    room.does("ann", C::LowerHand);
    room.raises_hand("ann");
    assert_snapshot!(room.hands(), @"ann");
}

#[test]
fn whoever_is_asked_up_is_asked_with_their_topic_and_comes_up_without_it() {
    let mut room = story().listeners(["ann"]);
    room.raises_hand("ann");
    says_of_it(&mut room, "ann", "tea");
    room.invites("olga", "ann");
    assert_snapshot!(room.hands(), @r#"ann (invited) about "tea""#);
    says_of_it(&mut room, "ann", "coffee");
    assert_snapshot!(room.hands(), @r#"ann (invited) about "coffee""#);
    room.accepts("ann");
    assert_eq!(room.you("ann").note, HandNote::default());
}

#[test]
fn a_hand_that_is_pinned_is_the_next_and_one_that_is_skipped_the_last_and_everybody_sees_their_own_place() {
    let mut room = story().moderator("mo").listeners(["ann", "ben", "cem"]);
    for name in ["ann", "ben", "cem"] {
        room.raises_hand(name);
    }
    room.forget();
    let cem = room.id("cem");
    room.does("mo", C::PinHand { who: cem });
    assert_snapshot!(room.effects(), @r"
    moderators: queue [cem, ann, ben]
    ann: you hand raised, 2 in line
    ben: you hand raised, 3 in line
    cem: you hand raised, 1 in line
    ");
    let ann = room.id("ann");
    room.does("olga", C::SkipHand { who: ann });
    assert_snapshot!(room.hands(), @"cem, ben, ann");
    let since: Vec<_> = room.view("olga").queue.iter().map(|hand| hand.since).collect();
    assert!(since.windows(2).all(|two| two[0] == two[1]), "how long they wait is not touched");
    room.is_rebuilt();
    assert_snapshot!(room.hands(), @"cem, ben, ann");
}

#[test]
fn a_hand_that_is_down_or_asked_up_already_has_no_place_to_be_moved_to() {
    let mut room = story().listeners(["ann", "ben"]);
    room.raises_hand("ann");
    room.raises_hand("ben");
    room.invites("olga", "ben");
    let (ann, ben, olga) = (room.id("ann"), room.id("ben"), room.id("olga"));
    for who in [ben, olga] {
        assert_eq!(room.tries("olga", C::PinHand { who }), Err(ErrorCode::NotNow));
        assert_eq!(room.tries("olga", C::SkipHand { who }), Err(ErrorCode::NotNow));
    }
    assert_eq!(room.tries("ben", C::PinHand { who: ann }), Err(ErrorCode::NotAllowed));
    assert_snapshot!(room.hands(), @"ann, ben (invited)");
}

#[test]
fn whoever_was_not_heard_here_yet_is_marked_until_they_are() {
    let mut room = story().listeners(["ann", "ben"]).speaker("sam");
    room.raises_hand("ann");
    assert_snapshot!(first_timers(&room), @"ann");
    room.heard([Some("sam"), None, None]);
    room.heard([None; 3]);
    room.does("sam", C::StepDown);
    room.raises_hand("sam");
    room.raises_hand("ben");
    assert_snapshot!(room.hands(), @"ann, sam, ben");
    assert_snapshot!(first_timers(&room), @"ann, ben");
}

#[test]
fn a_room_that_is_rebuilt_has_its_topics_and_calls_nobody_a_first_timer_who_was_there() {
    let mut room = story().listeners(["ann"]);
    room.raises_hand("ann");
    says_of_it(&mut room, "ann", "tea");
    room.is_rebuilt();
    room.wait(sec(1));
    for name in ["olga", "ann"] {
        room.is_back(name);
    }
    assert_snapshot!(room.hands(), @r#"ann about "tea""#);
    assert_snapshot!(first_timers(&room), @"");
    room.comes("ben").expect("in");
    room.raises_hand("ben");
    assert_snapshot!(first_timers(&room), @"ben");
}
