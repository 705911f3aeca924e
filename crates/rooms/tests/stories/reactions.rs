//! What people say without a word.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::limits::REACTIONS_EACH;
use protocol::reaction::Reaction;
use protocol::room::RoomCommand as C;

use crate::story::{Story, sec, story};

fn reacts(room: &mut Story, name: &str, reaction: Reaction) {
    room.does(name, C::React { reaction });
}

#[test]
fn the_first_reaction_is_told_at_once_and_what_follows_within_a_second_together_and_nobody_is_named() {
    let mut room = story().listeners(["ann", "ben", "cem"]);
    reacts(&mut room, "ann", Reaction::Laugh);
    assert_snapshot!(room.effects(), @"everyone: reactions 1 laugh");
    room.forget();

    for name in ["ann", "ben", "cem", "olga"] {
        reacts(&mut room, name, Reaction::Applause);
    }
    reacts(&mut room, "ben", Reaction::Heart);
    // Not yet.
    assert_snapshot!(room.effects(), @"");
    room.wait(sec(1));
    assert_snapshot!(room.told("olga"), @"reactions 4 applause, 1 heart");
    room.forget();

    room.wait(sec(1));
    // Nobody reacted, and nobody is waited for.
    assert_snapshot!(room.effects(), @"");
    assert_eq!(room.room.poll_timeout(), None);
    reacts(&mut room, "ben", Reaction::Wow);
    assert_snapshot!(room.told("ann"), @"reactions 1 wow");
}

#[test]
fn a_finger_that_hammers_counts_a_few_times_a_second_and_silences_nobody() {
    let mut room = story().listeners(["ann", "ben"]);
    reacts(&mut room, "ben", Reaction::Heart);
    room.forget();
    let taps = 50;
    let taken = (0..taps).filter(|_| room.tries("ann", C::React { reaction: Reaction::Heart }).is_ok());
    assert_eq!(taken.count(), REACTIONS_EACH);
    assert_eq!(room.tries("ann", C::React { reaction: Reaction::Wow }), Err(ErrorCode::TooMany));
    reacts(&mut room, "ben", Reaction::Wow);
    room.wait(sec(1));
    assert_snapshot!(room.told("olga"), @"reactions 4 heart, 1 wow");
    reacts(&mut room, "ann", Reaction::Wow);
}

#[test]
fn nothing_of_a_reaction_is_committed_and_no_answer_to_one_takes_the_place_of_another() {
    let mut room = story().listeners(["ann"]);
    let raise = room.command();
    assert_eq!(room.repeats("ann", raise, C::RaiseHand), Ok(()));
    let kept = room.kept.clone();
    for _ in 0..100 {
        reacts(&mut room, "ann", Reaction::Celebrate);
        room.wait(sec(1));
    }
    assert_eq!(room.kept, kept);
    room.does("ann", C::LowerHand);
    room.forget();
    assert_eq!(room.repeats("ann", raise, C::RaiseHand), Ok(()), "it is still known, and not done again");
    assert_snapshot!(room.hands(), @"");

    reacts(&mut room, "ann", Reaction::Heart);
    reacts(&mut room, "ann", Reaction::Heart);
    room.forget();
    room.is_rebuilt();
    room.wait(sec(2));
    assert!(!room.effects().contains("reactions"), "{}", room.effects());
}

#[test]
fn whoever_was_removed_reacts_to_nothing_any_more() {
    let mut room = story().listeners(["ann"]);
    let ann = room.removes("olga", "ann");
    room.forget();
    let (now, id) = (room.now, room.command());
    let answer = room.room.handle_command(now, ann, id, C::React { reaction: Reaction::Applause });
    room.after();
    assert_eq!(answer, Err(ErrorCode::NotThere));
    assert_snapshot!(room.effects(), @"");
}
