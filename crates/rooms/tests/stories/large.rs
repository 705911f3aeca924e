//! Many people: counts and search instead of faces, and nothing that grows with every arrival.

use insta::assert_snapshot;
use protocol::limits::{FACES_MAX, FOUND_MAX};
use protocol::room::{AudienceShown, Mic, Place, RoomCommand as C};
use rooms::Part;

use crate::story::{Story, facts_line, member, sec, story};

fn with(people: usize) -> Story {
    let mut room = story();
    for n in 1..people {
        room.comes(&format!("p{n}")).expect("there is space");
    }
    room.wait(sec(2));
    room.forget();
    room
}

#[test]
fn above_five_hundred_people_the_audience_is_counted() {
    let mut room = with(FACES_MAX);
    assert_eq!(room.view("p1").people.len(), FACES_MAX);
    room.comes("ann").unwrap();
    assert_eq!(room.view("p1").facts.audience, AudienceShown::Counted);
    let told = room.told("p1");
    assert_eq!(
        told.lines().filter(|line| line.starts_with("gone")).count(),
        FACES_MAX - 2,
        "all but olga and p1"
    );
    assert!(!told.contains("gone p1\n"), "people still see themselves");
    let people = room.view("p1").people;
    assert_eq!(people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["olga", "p1"]);
}

#[test]
fn no_card_says_that_somebody_i_follow_is_one_of_very_many_who_listen() {
    let mut room = with(FACES_MAX);
    let follows = [member("p1")].into();
    let card = room.room.card(member("ann"), &follows).expect("there");
    assert_eq!(card.followed_in_audience, 1);
    room.comes("ben").unwrap();
    let card = room.room.card(member("ann"), &follows).expect("there");
    assert_eq!((card.in_audience, card.followed_in_audience), (500, 0));
}

#[test]
fn a_rebuilt_room_counts_its_audience_above_as_many_people_as_before() {
    let mut room = with(13);
    room.is_rebuilt_where_many_are(12);
    assert_eq!(room.view("p1").facts.audience, AudienceShown::Counted);
    room.is_rebuilt_where_many_are(12);
    assert_eq!(room.view("p1").facts.audience, AudienceShown::Counted, "and not faces for a moment");
}

#[test]
fn a_crowd_that_arrives_is_told_of_together_and_whoever_comes_on_stage_at_once() {
    let mut room = with(60);
    room.at(sec(10));
    for n in 0..5 {
        room.comes(&format!("late{n}")).unwrap();
    }
    let people = |told: &str| told.lines().filter(|line| line.starts_with("person late")).count();
    assert_eq!(people(&room.told("olga")), 1, "the first at once");
    let seen = |room: &Story, by: &str| -> Vec<String> {
        let people = room.view(by).people;
        people
            .into_iter()
            .map(|person| person.name.as_str().to_owned())
            .filter(|name| name.starts_with("late"))
            .collect()
    };
    assert_eq!(
        seen(&room, "late2"),
        ["late0", "late2"],
        "nobody sees whom they will not hear of when they leave"
    );
    room.leaves("late3");
    room.comes_up("late4");
    assert!(room.told("olga").contains("person late4 muted"), "{}", room.told("olga"));
    room.forget();
    room.at(sec(11));
    let told = room.told("olga");
    assert_eq!(people(&told), 2, "{told}");
    assert!(!told.contains("late3"), "came and went unseen: {told}");
    assert_eq!(room.view("late1").people.len(), 64);
    room.leaves("late2");
    assert!(room.told("late1").contains("gone late2"));
}

#[test]
fn joins_into_a_counted_room_are_told_once_a_second_as_a_count() {
    let mut room = with(FACES_MAX + 1);
    room.at(sec(10));
    for n in 0..5 {
        room.comes(&format!("late{n}")).unwrap();
    }
    assert_snapshot!(room.told("olga"), @"facts live, unlocked open, hands everyone, 1+501 counted, epoch 0");
    room.forget();
    room.at(sec(11));
    assert_snapshot!(room.told("olga"), @"facts live, unlocked open, hands everyone, 1+505 counted, epoch 0");
}

#[test]
fn whoever_comes_on_stage_or_keeps_order_in_a_counted_room_is_seen_by_all() {
    let mut room = with(FACES_MAX + 1);
    room.comes_up("p7");
    assert!(room.told("p1").contains("person p7 muted"));
    room.forget();
    room.does("p7", C::StepDown);
    assert!(room.told("p1").contains("gone p7"));
    assert!(!room.told("p7").contains("gone p7"));
    assert!(room.told("p7").contains("person p7 in audience"));
    room.forget();
    let who = room.id("p8");
    room.does("olga", C::MakeModerator { who });
    assert!(room.told("p1").contains("person p8 (moderator) in audience"));
}

#[test]
fn a_room_that_hovers_around_five_hundred_does_not_flicker() {
    let mut room = with(FACES_MAX + 1);
    for n in 1..=50 {
        room.leaves(&format!("p{n}"));
    }
    assert_eq!(room.view("olga").facts.audience, AudienceShown::Counted);
    room.forget();
    room.leaves("p51");
    room.leaves("p52");
    assert_eq!(room.view("olga").facts.audience, AudienceShown::Faces);
    let told = room.told("olga");
    assert_eq!(told.lines().filter(|line| line.starts_with("person")).count(), 448, "all but olga");
    room.comes("p51").unwrap();
    assert_eq!(room.view("olga").facts.audience, AudienceShown::Faces);
}

#[test]
fn people_are_found_by_part_of_a_name_or_handle() {
    let mut room = with(FACES_MAX + 1);
    room.comes("Zoë").unwrap();
    room.comes("Jo.zo").unwrap();
    let found = |text| {
        let people = room.room.find_people(room.id("olga"), text);
        people.iter().map(|person| person.name.as_str().to_owned()).collect::<Vec<_>>().join(", ")
    };
    assert_snapshot!(found("ZO"), @"Zoë, Jo.zo");
    assert_snapshot!(found("@jo"), @"Jo.zo");
    assert_snapshot!(found("nobody"), @"");
    assert_snapshot!(found(" "), @"");
    assert_eq!(room.room.find_people(room.id("olga"), "p").len(), FOUND_MAX);
    let stranger = protocol::id::ParticipantId(u32::MAX);
    assert!(room.room.find_people(stranger, "p").is_empty());
}

#[test]
fn a_hand_in_a_counted_room_is_seen_by_those_who_keep_order_and_by_its_owner() {
    let mut room = with(FACES_MAX + 1);
    room.raises_hand("p9");
    assert_snapshot!(room.effects(), @r"
    moderators: queue [p9]
    p9: you hand raised, 1 in line
    ");
}

#[test]
fn coming_into_a_room_of_ten_thousand_commits_little() {
    let mut room = story();
    for n in 1..10_000u32 {
        // Spread as random ids are.
        let id = n.wrapping_mul(2_654_435_761) | 1 << 31;
        room.room.handle_join(room.now, crate::story::arrival(&format!("p{n}"), id)).unwrap();
        while room.room.poll_effect().is_some() {}
    }
    room.after();
    room.room.handle_join(room.now, crate::story::arrival("ann", 77)).unwrap();
    let parts = room.room.poll_changed_parts();
    assert!(matches!(parts.as_slice(), [(Part::Audience(77), Some(_))]), "one share and nothing else");
    let bytes: usize = parts.iter().filter_map(|(_, bytes)| bytes.as_ref()).map(Vec::len).sum();
    assert!(bytes < 4096, "{bytes} bytes for a join");
    let effects = std::iter::from_fn(|| room.room.poll_effect()).count();
    assert_eq!(effects, 0, "the count is told later");
    assert_snapshot!(facts_line(&room.view("ann").facts), @"live, unlocked open, hands everyone, 1+10000 counted, epoch 0");
    assert_eq!(room.view("ann").people[0].place, Place::Stage { mic: Mic::Muted });
}
