//! Coming, going, and coming back.

use insta::assert_snapshot;
use protocol::Timestamp;
use protocol::room::{LeftReason, RoomCommand as C};
use protocol::text::DisplayName;
use rooms::{Connection, Joined, Refused, Voice};

use crate::story::{START, arrival, sec, story};

#[test]
fn whoever_comes_is_in_the_audience_and_seen() {
    let mut room = story().listeners(["ann"]);
    room.comes("ben").unwrap();
    assert_snapshot!(room.effects(), @r"
    everyone: person ben in audience
    everyone: facts live, unlocked open, hands everyone, 1+2 faces, epoch 0
    ");
}

#[test]
fn leaving_is_instant_and_quiet() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    room.leaves("sam");
    assert_snapshot!(room.effects(), @r"
    ! voice sam audience
    ! cut sam left
    everyone but sam: gone sam
    everyone: facts live, unlocked open, hands everyone, 1+1 faces, epoch 0
    card changed
    ");
    room.forget();
    room.wait(sec(5));
    room.leaves("ann");
    assert_snapshot!(room.told("olga"), @r"
    gone ann
    facts live, unlocked open, hands everyone, 1+0 faces, epoch 0
    ");
}

#[test]
fn a_hand_goes_down_when_its_owner_leaves() {
    let mut room = story().listeners(["ann", "ben"]);
    room.raises_hand("ann");
    room.raises_hand("ben");
    room.forget();
    room.leaves("ann");
    assert_snapshot!(room.hands(), @"ben");
    assert_snapshot!(room.told("ben"), @r"
    gone ann
    you hand raised, 1 in line
    facts live, unlocked open, hands everyone, 1+1 faces, epoch 0
    ");
    room.comes("ann").unwrap();
    assert_snapshot!(room.hands(), @"ben");
}

#[test]
fn a_lost_line_keeps_place_and_microphone_for_thirty_seconds() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    room.raises_hand("ann");
    room.forget();
    room.loses_the_line("sam");
    room.loses_the_line("ann");
    assert_snapshot!(room.told("olga"), @r"
    person sam open, reconnecting
    person ann in audience, reconnecting
    ");
    assert_eq!(room.is_heard("sam"), Voice::On, "the sound may still stand where the screen does not");
    room.at(sec(29));
    room.forget();
    room.is_back("sam");
    assert_snapshot!(room.effects(), @r"
    ! voice sam on
    everyone: person sam open
    ");
    room.at(sec(30));
    assert_snapshot!(room.stage(), @"olga (owner) muted, sam open");
    assert_eq!(room.seat("ann"), None, "and no longer");
}

#[test]
fn whoever_is_away_too_long_is_gone() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    room.loses_the_line("sam");
    room.forget();
    room.wait(sec(30));
    assert_snapshot!(room.effects(), @r"
    card changed
    ! voice sam audience
    ! cut sam away
    everyone but sam: gone sam
    everyone: facts live, unlocked open, hands everyone, 1+1 faces, epoch 0
    card changed
    ");
}

#[test]
fn the_thirty_seconds_begin_with_the_last_sign_of_life() {
    let mut room = story().listeners(["ann"]);
    room.at(sec(100));
    let ann = room.id("ann");
    let since = START.plus(sec(85));
    room.room.handle_connection(room.now, ann, Connection::Down { since });
    room.after();
    room.at(sec(114));
    assert!(room.seat("ann").is_some());
    room.at(sec(115));
    assert!(room.seat("ann").is_none());
}

#[test]
fn another_device_takes_the_seat_over_and_finds_its_microphone_muted() {
    let mut room = story().speaker("sam");
    let id = room.id("sam");
    assert_eq!(room.comes("sam"), Ok(Joined::Again(id)));
    assert_snapshot!(room.effects(), @r"
    ! voice sam off
    ! cut sam otherdevice
    everyone: person sam muted
    sam: you on stage muted
    ");
    assert_eq!(room.room.recipients(rooms::To::Everyone).len(), 2, "one person, one entry");
}

#[test]
fn whoever_was_renamed_meanwhile_comes_back_under_the_new_name() {
    let mut room = story().listeners(["ann"]);
    let renamed = rooms::Arrival { name: DisplayName::parse("Anna").unwrap(), ..arrival("ann", 77) };
    room.room.handle_join(room.now, renamed).unwrap();
    room.after();
    assert_snapshot!(room.told("olga"), @"person Anna in audience");
    room.is_rebuilt();
    assert_eq!(room.room.find_people(room.id("olga"), "anna").len(), 1, "and it is kept");
}

#[test]
fn another_device_finds_the_hand_still_up() {
    let mut room = story().listeners(["ann"]);
    room.raises_hand("ann");
    room.loses_the_line("ann");
    room.comes("ann").unwrap();
    room.wait(sec(60));
    assert_snapshot!(room.hands(), @"ann");
}

#[test]
fn a_seat_is_kept_for_those_who_lost_their_line_though_the_door_was_locked() {
    let mut room = story().listeners(["ann", "ben"]);
    room.loses_the_line("ann");
    room.does("olga", C::SetDoor { door: protocol::room::Door::Locked });
    assert!(matches!(room.comes("ann"), Ok(Joined::Again(_))));
    room.leaves("ben");
    assert_eq!(room.comes("ben"), Err(Refused::Locked));
}

#[test]
fn an_id_that_is_taken_is_drawn_again() {
    let mut room = story().listeners(["ann"]);
    let ann = room.id("ann");
    assert_eq!(room.room.handle_join(room.now, arrival("ben", ann.0)), Err(Refused::IdTaken));
    assert_eq!(room.room.handle_join(room.now, arrival("ben", 0)), Err(Refused::IdTaken));
    // Nor is the id of somebody who may be let back.
    room.removes("olga", "ann");
    assert_eq!(room.room.handle_join(room.now, arrival("ben", ann.0)), Err(Refused::IdTaken));
}

#[test]
fn the_room_ends_with_the_last_seat_in_it() {
    let mut room = story().listeners(["ann"]);
    room.loses_the_line("ann");
    room.leaves("olga");
    room.forget();
    room.at(sec(29));
    assert!(room.seat("ann").is_some());
    room.at(sec(30));
    assert_snapshot!(room.effects(), @r"
    ! cut ann away
    ! ended ended
    ");
    assert!(room.kept.is_empty(), "nothing of it is left");
    assert_eq!(room.room.poll_timeout(), None);
    assert_eq!(room.comes("ann"), Err(Refused::NotThere));
}

#[test]
fn what_comes_too_late_for_a_room_that_is_over_does_nothing() {
    let mut room = story().listeners(["ann"]);
    let (olga, ann) = (room.id("olga"), room.id("ann"));
    room.leaves("ann");
    room.leaves("olga");
    room.forget();
    let later = Timestamp(room.now.0 + 1);
    room.room.handle_connection(later, olga, Connection::Up);
    room.room.handle_leave(later, ann, LeftReason::Left);
    room.room.handle_slots(later, [Some(olga), None, None]);
    room.room.handle_follows(later, olga, std::collections::BTreeSet::new());
    room.room.handle_timeout(later);
    let id = room.command();
    let answer = room.room.handle_command(later, olga, id, C::RaiseHand);
    assert_eq!(answer, Err(protocol::ErrorCode::NotThere));
    room.after();
    assert_snapshot!(room.effects(), @"");
}
