//! What was committed is the room.

use std::time::Duration;

use insta::assert_snapshot;
use protocol::Timestamp;
use protocol::id::PictureId;
use protocol::limits::{FACES_MAX, TIME_OUT_PERIOD};
use protocol::room::{HandPolicy, Phase, RoomCommand as C};
use rooms::{Part, Refused, RestoreError, Room, Voice};

use crate::story::{START, Story, facts_line, sec, story};

fn eventful() -> Story {
    let mut room = story().moderator("mo").speaker("sam").listeners(["ann", "ben", "cem", "eve"]);
    room.raises_hand("ann");
    room.invites("mo", "ben");
    room.bans("mo", "eve");
    room.does("olga", C::SetHands { hands: HandPolicy::Everyone });
    room.wait(sec(3));
    room
}

#[test]
fn a_rebuilt_room_has_everybody_where_they_were_waiting_to_come_back() {
    let mut room = eventful();
    let (stage, hands) = (room.stage(), room.hands());
    room.forget();
    room.is_rebuilt();
    assert_snapshot!(room.stage(), @"olga (owner) muted, reconnecting, sam open, reconnecting");
    assert_eq!(room.hands(), hands);
    assert_snapshot!(room.effects(), @r"
    card changed
    ? whom olga follows
    ? whom mo follows
    ? whom sam follows
    ");
    for name in ["olga", "mo", "sam", "ann", "ben", "cem"] {
        room.is_back(name);
    }
    assert_eq!(room.stage(), stage);
    assert_eq!(room.is_heard("sam"), Voice::On);
    assert!(room.effects().contains("! voice sam on"), "stated for the fresh connection");
    assert_eq!(room.comes("eve"), Err(Refused::NotThere));
    room.accepts("ben");
}

#[test]
fn a_command_repeated_after_the_rebuilding_was_answered_before_it() {
    let mut room = story().listeners(["ann"]);
    let raise = room.command();
    room.repeats("ann", raise, C::RaiseHand).unwrap();
    room.does("ann", C::LowerHand);
    room.is_rebuilt();
    room.repeats("ann", raise, C::RaiseHand).unwrap();
    assert_snapshot!(room.hands(), @"");
}

#[test]
fn the_answer_to_a_command_that_changed_nothing_is_kept_too() {
    let mut room = story().listeners(["ann"]);
    room.raises_hand("ann");
    let again = room.command();
    room.repeats("ann", again, C::RaiseHand).unwrap();
    room.is_rebuilt();
    room.does("ann", C::LowerHand);
    room.repeats("ann", again, C::RaiseHand).unwrap();
    assert_snapshot!(room.hands(), @"");
}

#[test]
fn somebody_who_presses_every_button_costs_nobody_else_their_memory() {
    let mut room = story().listeners(["ann", "ben"]);
    let raise = room.command();
    room.repeats("ann", raise, C::RaiseHand).unwrap();
    room.does("ann", C::LowerHand);
    for _ in 0..200 {
        room.raises_hand("ben");
        room.does("ben", C::LowerHand);
    }
    room.repeats("ann", raise, C::RaiseHand).unwrap();
    assert_snapshot!(room.hands(), @"");
    room.is_rebuilt();
    room.repeats("ann", raise, C::RaiseHand).unwrap();
    assert_snapshot!(room.hands(), @"");
}

#[test]
fn what_was_forgotten_is_committed_anew_and_whole() {
    let mut room = eventful();
    let before = std::mem::take(&mut room.kept);
    room.room.handle_forgotten();
    room.after();
    assert_eq!(room.kept, before);
}

#[test]
fn a_time_out_is_over_in_ten_minutes_though_the_clock_was_set_back() {
    let mut room = story().listeners(["eve"]);
    room.times_out("olga", "eve");
    room.wait(sec(60));
    is_rebuilt_earlier(&mut room);
    room.is_back("olga");
    assert_eq!(room.comes("eve"), Err(Refused::NotYet));
    room.wait(TIME_OUT_PERIOD);
    room.comes("eve").unwrap();
}

#[test]
fn those_who_do_not_come_back_in_time_are_gone() {
    let mut room = eventful();
    room.is_rebuilt();
    room.is_back("olga");
    room.wait(sec(30));
    assert_snapshot!(room.stage(), @"olga (owner) muted");
    assert_snapshot!(facts_line(&room.view("olga").facts), @"live, unlocked open, hands everyone, 1+0 faces, epoch 1");
}

#[test]
fn nobody_is_passed_over_for_not_being_back_yet() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    room.leaves("olga");
    room.at(sec(61));
    assert!(room.you("sam").asked_to_take_over.is_some());
    room.is_rebuilt();
    room.is_back("sam");
    assert_eq!(room.phase(), Phase::Waiting { until: START.plus(sec(91)) });
    room.at(sec(91));
    assert!(room.you("sam").asked_to_take_over.is_some());
}

/// More than anything waits for.
const LONG: Duration = Duration::from_secs(900);

/// After the clock of the machine was set back.
fn is_rebuilt_earlier(room: &mut Story) {
    room.now = Timestamp(room.now.0 - Timestamp(0).plus(LONG).0);
    room.is_rebuilt();
}

#[test]
fn a_room_that_ends_in_ten_seconds_does_so_though_the_clock_was_set_back() {
    let mut room = story();
    room.does("olga", C::End);
    room.wait(sec(4));
    is_rebuilt_earlier(&mut room);
    room.wait(sec(9));
    assert!(matches!(room.phase(), Phase::Ending { .. }), "{:?}", room.phase());
    room.wait(sec(1));
    assert!(room.effects().contains("! ended ended"), "as late as if it had just been said");
}

#[test]
fn whoever_waits_does_so_no_longer_and_in_the_same_order_though_the_clock_was_set_back() {
    let mut room = eventful();
    room.raises_hand("cem");
    let hands = room.hands();
    is_rebuilt_earlier(&mut room);
    assert_eq!(room.hands(), hands);
    for name in ["olga", "mo", "sam", "ann", "ben", "cem"] {
        room.is_back(name);
    }
    room.forget();
    room.wait(sec(60));
    assert!(!room.hands().contains("ben"), "the invitation has lapsed: {}", room.hands());
}

#[test]
fn a_room_is_not_built_from_what_another_version_wrote() {
    let room = eventful();
    for part in [Part::Core, *room.kept.keys().last().unwrap()] {
        let mut kept = room.kept.clone();
        kept.get_mut(&part).unwrap()[0] += 1;
        assert_eq!(Room::restore(room.now, kept, FACES_MAX).err(), Some(RestoreError::UnknownVersion));
    }
    let mut kept = room.kept.clone();
    kept.remove(&Part::Core);
    assert_eq!(Room::restore(room.now, kept, FACES_MAX).err(), Some(RestoreError::NoCore));
}

#[test]
fn no_damage_to_a_part_is_more_than_an_error() {
    let room = eventful();
    for (part, bytes) in &room.kept {
        for length in 0..bytes.len() {
            let mut kept = room.kept.clone();
            kept.insert(*part, bytes[..length].to_vec());
            assert!(Room::restore(room.now, kept, FACES_MAX).is_err(), "{part:?} cut to {length}");
        }
        for at in 1..bytes.len() {
            let mut kept = room.kept.clone();
            kept.get_mut(part).unwrap()[at] ^= 0x41;
            if let Ok(rebuilt) = Room::restore(room.now, kept, FACES_MAX) {
                assert_eq!(rebuilt.check_invariants(), Ok(()), "{part:?} damaged at {at}");
            }
        }
        let mut kept = room.kept.clone();
        kept.get_mut(part).unwrap().push(0);
        assert_eq!(
            Room::restore(room.now, kept, FACES_MAX).err(),
            Some(RestoreError::Malformed),
            "{part:?} too long"
        );
    }
}

#[test]
fn who_is_new_is_marked_for_everybody_and_stays_so_when_the_room_is_built_anew() {
    let mut room = story().listeners(["newt", "ann"]).speaker("newman");
    let new = |room: &Story| {
        let people = room.view("ann").people;
        people
            .into_iter()
            .filter(|one| one.newcomer)
            .map(|one| one.name.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(new(&room), ["newman", "newt"]);
    room.is_rebuilt();
    room.is_back("ann");
    assert_eq!(new(&room), ["newman", "newt"]);
}

#[test]
fn a_new_picture_is_shown_to_everybody_and_on_the_card_and_stays_when_the_room_is_built_anew() {
    let mut room = story().listeners(["ann"]).speaker("sam");
    room.forget();
    room.shows_picture("sam", Some(7));
    assert_snapshot!(room.effects(), @r"
    everyone: person sam open
    card changed
    ");
    let shown = |room: &Story| {
        let person = room.view("ann").people.into_iter().find(|one| one.name.as_str() == "sam");
        person.and_then(|person| person.picture)
    };
    assert_eq!(shown(&room), Some(PictureId([7; 16])));
    room.forget();
    room.shows_picture("sam", Some(7));
    assert_snapshot!(room.effects(), @"");
    room.is_rebuilt();
    room.is_back("ann");
    assert_eq!(shown(&room), Some(PictureId([7; 16])));
    room.shows_picture("sam", None);
    assert_eq!(shown(&room), None);
    room.shows_picture("nobody", Some(7));
}
