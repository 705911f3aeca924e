//! Safety blocks: who does not come in, who does not come up, and what nobody learns of it.

use protocol::ErrorCode;
use protocol::order::BlockReach;
use protocol::room::{MyPlace, RoomCommand as C, RoomKind};
use rooms::{Blocked, Found, Joined, Refused};

use crate::story::{Story, member, sec, story, story_of};

fn blocks(room: &mut Story, name: &str, whom: &[&str]) {
    let id = room.id(name);
    let people = whom.iter().map(|name| member(name)).collect();
    room.room.handle_blocks(room.now, id, Blocked { people, reach: BlockReach::Stage });
    room.after();
}

/// The administrators protect them.
fn shuts_out(room: &mut Story, name: &str, whom: &[&str]) {
    let id = room.id(name);
    let people = whom.iter().map(|name| member(name)).collect();
    room.room.handle_blocks(room.now, id, Blocked { people, reach: BlockReach::Room });
    room.after();
}

#[test]
fn whom_the_owner_or_a_moderator_blocks_finds_no_room_and_whom_a_speaker_blocks_does() {
    for kind in [RoomKind::Open, RoomKind::Closed] {
        let mut room = story_of(kind, &["mo", "sam", "ben", "cem", "dan"]).moderator("mo").speaker("sam");
        for (name, whom) in [("olga", "ben"), ("mo", "cem"), ("sam", "dan")] {
            blocks(&mut room, name, &[whom]);
        }
        for name in ["ben", "cem"] {
            assert_eq!((room.found(name), room.card(name)), (Found::NotThere, None), "{name}");
            assert_eq!(room.comes(name), Err(Refused::NotThere), "the word for a room that is not there");
        }
        assert!(matches!(room.comes("dan"), Ok(Joined::New(_))));
        // Whoever keeps order keeps them out though they left, and lets them in again.
        room.leaves("mo");
        assert_eq!(room.found("cem"), Found::NotThere);
        room.comes("mo").expect("in");
        blocks(&mut room, "mo", &[]);
        assert_eq!(room.found("cem"), Found::There);
    }
}

#[test]
fn who_is_asked_in_by_another_moderator_is_shut_out_all_the_same_and_the_moderator_learns_nothing() {
    let (mut blocked, mut other) = (story().moderator("mo"), story().moderator("mo"));
    blocks(&mut blocked, "olga", &["ben"]);
    for room in [&mut blocked, &mut other] {
        room.forget();
        assert_eq!(room.asks("mo", &["ben"]), Ok(()));
    }
    assert_eq!(blocked.told("mo"), other.told("mo"));
    assert_eq!((blocked.found("ben"), other.found("ben")), (Found::NotThere, Found::There));
}

#[test]
fn who_is_inside_already_stays_and_is_shown_to_whoever_blocks_them() {
    let mut room = story().listeners(["ben"]);
    blocks(&mut room, "olga", &["ben"]);
    assert_eq!(room.found("ben"), Found::There);
    assert!(room.view("olga").people.iter().any(|person| person.name.as_str() == "ben"));
    room.leaves("ben");
    assert_eq!(room.comes("ben"), Err(Refused::NotThere));
}

#[test]
fn nobody_takes_a_room_from_its_moderators_by_a_block() {
    let mut room = story().moderator("mo");
    blocks(&mut room, "olga", &["mo"]);
    room.leaves("mo");
    assert!(matches!(room.comes("mo"), Ok(Joined::New(_))));
}

#[test]
fn who_comes_up_beside_somebody_who_blocks_them_is_told_what_is_told_of_an_invitation_that_is_gone() {
    let rooms = [story(), story(), story()].map(|room| room.listeners(["ben"]).speaker("sam"));
    let [mut blocked, mut lapsed, mut taken_back] = rooms;
    blocks(&mut blocked, "sam", &["ben"]);
    for room in [&mut blocked, &mut lapsed, &mut taken_back] {
        room.raises_hand("ben");
        room.invites("olga", "ben");
        room.forget();
    }
    // In the first the stage is refused, in the second the minute is over; in the third, where no clock tells either, a
    // moderator changed their mind. The answer to the yes is one and the same.
    lapsed.wait(sec(60));
    let ben = taken_back.id("ben");
    taken_back.does("olga", C::Dismiss { who: ben });
    let answers =
        [&mut blocked, &mut lapsed, &mut taken_back].map(|room| room.tries("ben", C::AcceptInvitation));
    assert_eq!(answers, [Err(ErrorCode::NotNow); 3]);
    assert_eq!(blocked.told("ben"), taken_back.told("ben"));
    assert_eq!(blocked.told("ben"), lapsed.told("ben"));
    assert_eq!(blocked.told("sam"), lapsed.told("sam"));
    assert_eq!(blocked.told("olga"), lapsed.told("olga"));
    assert_eq!(blocked.you("ben").place, MyPlace::Audience);

    // When whoever blocks them has stepped down, they come up like anybody.
    blocked.does("sam", C::StepDown);
    blocked.comes_up("ben");
    assert_eq!(blocked.stage(), "olga (owner) muted, ben muted");
}

#[test]
fn whom_somebody_protected_blocks_finds_no_room_while_they_are_on_stage_and_finds_it_when_they_step_down() {
    for kind in [RoomKind::Open, RoomKind::Closed] {
        let mut room = story_of(kind, &["sam", "ben", "cem"]).speaker("sam").listeners(["cem"]);
        shuts_out(&mut room, "sam", &["ben", "cem"]);
        assert_eq!((room.found("ben"), room.card("ben")), (Found::NotThere, None));
        assert_eq!(room.comes("ben"), Err(Refused::NotThere), "the word for a room that is not there");
        assert_eq!(room.found("cem"), Found::There, "whoever is inside stays");
        assert!(room.view("sam").people.iter().any(|person| person.name.as_str() == "cem"), "and is shown");
        room.does("sam", C::StepDown);
        assert!(matches!(room.comes("ben"), Ok(Joined::New(_))));
    }
}

#[test]
fn who_is_protected_no_more_lets_in_again_whom_they_block() {
    let mut room = story().speaker("sam");
    shuts_out(&mut room, "sam", &["ben"]);
    room.forget();
    blocks(&mut room, "sam", &["ben"]);
    assert!(room.card("ben").is_some());
    assert!(matches!(room.comes("ben"), Ok(Joined::New(_))));
    room.raises_hand("ben");
    room.invites("olga", "ben");
    assert_eq!(room.tries("ben", C::AcceptInvitation), Err(ErrorCode::NotNow), "and not up beside them");
}

#[test]
fn nobody_takes_a_room_from_its_owner_by_being_protected() {
    let mut room = story().moderator("mo").speaker("sam");
    shuts_out(&mut room, "sam", &["olga", "mo"]);
    room.leaves("mo");
    assert!(matches!(room.comes("mo"), Ok(Joined::New(_))));
}

#[test]
fn after_a_crash_whom_those_on_stage_block_is_asked_before_the_room_is_there() {
    let room = story().moderator("mo").speaker("sam").listeners(["ben"]);
    let all: Vec<_> = room.room.all_who_may_shut_out().into_iter().collect();
    assert_eq!(all.len(), 3, "olga, mo and sam");
}
