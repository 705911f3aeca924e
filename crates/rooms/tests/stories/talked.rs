//! Who has had how much of the floor.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::limits::TALK_TIMES_PERIOD;
use protocol::room::RoomCommand as C;

use crate::story::{Story, sec, story};

/// What whoever keeps order is told when they ask.
fn times(room: &mut Story, name: &str) -> String {
    room.forget();
    room.does(name, C::AskTalkTimes);
    room.told(name)
}

#[test]
fn those_who_keep_order_see_how_long_whom_was_heard_the_silent_on_stage_included() {
    let mut room = story().moderator("mo").speaker("sam").speaker("ann").listeners(["ben"]);
    room.heard([Some("sam"), None, None]);
    room.wait(sec(10));
    room.heard([Some("sam"), Some("ann"), None]);
    room.wait(sec(5));
    room.heard([None; 3]);
    room.wait(sec(60));
    assert_snapshot!(times(&mut room, "mo"), @"talk since 0s: sam 15s, ann 5s, olga 0s");
    assert_snapshot!(room.told("olga"), @"");
    assert_snapshot!(room.told("ben"), @"");

    room.heard([Some("ann"), None, None]);
    room.wait(sec(30));
    // Still talking.
    assert_snapshot!(times(&mut room, "olga"), @"talk since 0s: ann 35s, sam 15s, olga 0s");
}

#[test]
fn whoever_comes_down_is_still_told_of_and_whoever_leaves_is_forgotten() {
    let mut room = story().speaker("sam").speaker("ann");
    room.heard([Some("sam"), Some("ann"), None]);
    room.wait(sec(7));
    room.does("sam", C::StepDown);
    room.leaves("ann");
    room.wait(sec(7));
    assert_snapshot!(times(&mut room, "olga"), @"talk since 0s: sam 7s, olga 0s");
    room.comes("ann").expect("in");
    room.wait(TALK_TIMES_PERIOD);
    assert_snapshot!(times(&mut room, "olga"), @"talk since 0s: sam 7s, olga 0s");
}

#[test]
fn nobody_else_is_told_and_nobody_more_often_than_can_be_read() {
    let mut room = story().moderator("mo").speaker("sam").listeners(["ann"]);
    for name in ["sam", "ann"] {
        assert_eq!(room.tries(name, C::AskTalkTimes), Err(ErrorCode::NotAllowed));
    }
    room.does("mo", C::AskTalkTimes);
    assert_eq!(room.tries("mo", C::AskTalkTimes), Err(ErrorCode::TooMany));
    room.does("olga", C::AskTalkTimes);
    room.wait(TALK_TIMES_PERIOD);
    room.does("mo", C::AskTalkTimes);
}

#[test]
fn nothing_of_it_is_committed_and_a_room_that_is_rebuilt_begins_anew() {
    let mut room = story().speaker("sam");
    let kept = room.kept.clone();
    room.heard([Some("sam"), None, None]);
    room.wait(sec(9));
    room.does("olga", C::AskTalkTimes);
    assert_eq!(room.kept, kept);
    room.is_rebuilt();
    room.is_back("olga");
    room.wait(sec(9));
    assert_snapshot!(times(&mut room, "olga"), @"talk since 9s: olga 0s, sam 0s");
}
