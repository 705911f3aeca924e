//! Who finds a room, and who comes in.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::hallway::CardDoor;
use protocol::limits::ASKED_MAX;
use protocol::room::{Authority, Confidentiality, Door, RoomCommand as C, RoomKind};
use protocol::text::{Language, RoomTitle};
use rooms::{AskedAs, Found, Joined, NewRoom, Refused};

use crate::story::{Story, asked, card_line, member, new_room, sec, story, story_of};

#[test]
fn an_open_room_is_there_for_every_member_and_for_no_guest() {
    let mut room = story();
    assert_eq!(room.found("anybody"), Found::There);
    assert_eq!(room.found("guest"), Found::NotThere);
    assert_eq!(room.comes("guest"), Err(Refused::NotThere));
}

#[test]
fn a_room_stays_as_secret_as_it_was_born() {
    for born in [Confidentiality::Relayed, Confidentiality::Sealed] {
        let new = NewRoom { confidentiality: born, ..new_room(RoomKind::Closed, vec![]) };
        let mut room = Story::start(new);
        assert_eq!(room.view("olga").facts.confidentiality, born);
        room.does("olga", C::Widen { kind: RoomKind::Open });
        room = room.listeners(["ann"]);
        room.does("olga", C::HandOver { who: room.id("ann") });
        room.is_rebuilt();
        for name in ["olga", "ann"] {
            room.is_back(name);
            assert_eq!(room.view(name).facts.confidentiality, born);
        }
    }
}

#[test]
fn whoever_comes_to_the_server_by_a_moderators_invitation_is_let_into_the_room() {
    for kind in [RoomKind::Open, RoomKind::Social, RoomKind::Closed] {
        let mut room = story_of(kind, &["mo"]).moderator("mo");
        assert_eq!(room.comes_by_an_invitation_of("mo", "nia"), Found::There);
        room.comes("nia").unwrap();
    }
    let mut room = story_of(RoomKind::Closed, &["mo"]).moderator("mo");
    // Whoever gave it need not wait for it to be taken up.
    room.leaves("mo");
    room.forget();
    assert_eq!(room.comes_by_an_invitation_of("mo", "nia"), Found::There);
    assert_snapshot!(room.told("olga"), @"asked [nia]");
    assert_snapshot!(card_line(room.card("nia")), @"closed [olga] 1+0, asked by mo");
}

#[test]
fn an_invitation_lets_nobody_in_whom_its_giver_may_not_ask_in() {
    let mut room = story_of(RoomKind::Closed, &["ann"]).listeners(["ann"]);
    assert_eq!(room.comes_by_an_invitation_of("ann", "nia"), Found::NotThere);
    assert_snapshot!(room.effects(), @"");
    room.does("olga", C::MakeModerator { who: room.id("ann") });
    assert_eq!(room.comes_by_an_invitation_of("ann", "nia"), Found::There, "she may by now");
    room.bans("olga", "ann");
    assert_eq!(room.comes_by_an_invitation_of("ann", "nils"), Found::NotThere, "and now no longer");
    assert_eq!(room.found("nia"), Found::There);

    // Nor anybody who was put out before.
    let mut room = story_of(RoomKind::Closed, &["eve"]).listeners(["eve"]);
    room.removes("olga", "eve");
    assert_eq!(room.comes_by_an_invitation_of("olga", "eve"), Found::NotThere);
    let mut over = story_of(RoomKind::Open, &[]);
    over.leaves("olga");
    assert_eq!(over.comes_by_an_invitation_of("olga", "nia"), Found::NotThere);
}

#[test]
fn a_guest_comes_in_on_the_seat_they_were_given() {
    for kind in [RoomKind::Open, RoomKind::Social, RoomKind::Closed] {
        let mut room = story_of(kind, &["guest"]);
        room.comes("guest").unwrap();
        let people = room.view("olga").people;
        let guest = people.iter().find(|person| person.authority == Authority::Guest).unwrap();
        assert_eq!(guest.handle, None);
        assert_eq!(guest.guest_of.as_ref().unwrap().as_str(), "olga");
    }
}

#[test]
fn a_closed_room_is_there_at_once_for_those_who_were_asked_with_who_asked() {
    let mut room = story_of(RoomKind::Closed, &["ann", "ben"]);
    assert_snapshot!(card_line(room.card("ann")), @"closed [olga] 1+0, asked by olga");
    assert_snapshot!(card_line(room.card("eve")), @"nothing there");
    let view = room.view("olga").asked;
    assert_eq!(view.iter().map(|handle| handle.as_str()).collect::<Vec<_>>(), ["ann", "ben"]);
    room.comes("ann").unwrap();
    assert_snapshot!(room.effects(), @r"
    ? whom olga follows
    everyone: person ann in audience
    moderators: asked [ben]
    everyone: facts live, unlocked closed, hands everyone, 1+1 faces, epoch 0
    card changed
    ");
    assert!(room.view("ann").asked.is_empty(), "only those who keep order see who is expected");
}

#[test]
fn somebody_who_was_asked_in_may_leave_and_come_back() {
    let mut room = story_of(RoomKind::Closed, &["ann"]);
    room.comes("ann").unwrap();
    room.leaves("ann");
    assert_eq!(room.found("ann"), Found::There);
    room.comes("ann").unwrap();
}

#[test]
fn somebody_who_says_not_now_no_longer_finds_a_closed_room_until_asked_again() {
    let mut room = story_of(RoomKind::Closed, &["ann"]);
    room.says_not_now("ann");
    assert_snapshot!(room.effects(), @r"
    ? whom olga follows
    moderators: asked []
    moderators: notice ann is not coming
    card changed
    ");
    assert_eq!(room.found("ann"), Found::NotThere);
    assert_eq!(room.asks("olga", &["ann"]), Ok(()));
    room.comes("ann").unwrap();
    // Nobody declines a room they are in.
    room.says_not_now("ann");
    assert!(room.seat("ann").is_some());
}

#[test]
fn people_are_asked_in_from_the_room_by_those_who_keep_order() {
    let mut room = story_of(RoomKind::Closed, &["ann", "mo"]).moderator("mo").listeners(["ann"]);
    assert_eq!(room.asks("ann", &["eve"]), Err(ErrorCode::NotAllowed));
    assert_eq!(room.asks("mo", &["eve", "eve", "ann"]), Ok(()));
    assert_snapshot!(room.effects(), @r"
    moderators: asked [eve]
    card changed
    ");
    assert_snapshot!(card_line(room.card("eve")), @"closed [olga] 1+2, asked by mo");
    // Whoever asked first is shown.
    room.forget();
    assert_eq!(room.asks("olga", &["eve"]), Ok(()));
    assert_snapshot!(room.effects(), @"");
    assert_snapshot!(card_line(room.card("eve")), @"closed [olga] 1+2, asked by mo");
}

#[test]
fn people_asked_in_are_bounded() {
    let names: Vec<_> = (0..ASKED_MAX).map(|n| format!("p{n}")).collect();
    let mut room = story_of(RoomKind::Closed, &names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(room.asks("olga", &["one.more"]), Err(ErrorCode::Full));
    assert_eq!(room.asks("olga", &["p7"]), Ok(()));
}

#[test]
fn moderators_named_at_the_start_keep_order_when_they_come() {
    let people = vec![asked("mo", AskedAs::Moderator), asked("guest", AskedAs::Moderator)];
    let mut room = Story::start(new_room(RoomKind::Closed, people));
    room.comes("mo").unwrap();
    room.comes("guest").unwrap();
    assert_eq!(room.you("mo").authority, Authority::Moderator);
    assert_eq!(room.you("guest").authority, Authority::Guest, "whoever keeps order has an account");
    assert_snapshot!(room.stage(), @"olga (owner) muted");
}

#[test]
fn only_the_owner_asks_for_a_moderator_and_one_who_declines_is_none() {
    let mut room = story_of(RoomKind::Closed, &["mo"]).moderator("mo");
    let may = || vec![asked("may", AskedAs::Moderator)];
    assert_eq!(room.asks_for("mo", may()), Err(ErrorCode::NotAllowed));
    assert_eq!(room.asks_for("olga", vec![asked("guest", AskedAs::Moderator)]), Err(ErrorCode::NotAllowed));
    assert_eq!(room.asks_for("olga", may()), Ok(()));
    room.says_not_now("may");
    assert_eq!(room.asks("mo", &["may"]), Ok(()));
    room.comes("may").unwrap();
    assert_eq!(room.you("may").authority, Authority::Member);
}

#[test]
fn a_social_room_is_there_for_those_whom_a_moderator_in_it_follows() {
    let mut room = story_of(RoomKind::Social, &["mo", "ann"]).moderator("mo");
    assert_eq!(room.found("eve"), Found::NotThere);
    room.follows("olga", &["eve"]);
    room.follows("mo", &["kim"]);
    assert_snapshot!(room.effects(), @r"
    card changed
    card changed
    ");
    assert_eq!((room.found("eve"), room.found("kim")), (Found::There, Found::There));
    room.comes("kim").unwrap();
    room.leaves("mo");
    assert_eq!(room.found("lee"), Found::NotThere);
    assert!(room.seat("kim").is_some(), "nobody is thrown out by it");
    room.leaves("kim");
    assert_eq!(room.found("kim"), Found::NotThere, "mo is not there to follow them");
    // Whom a mere speaker follows opens no door.
    room.comes("ann").unwrap();
    room.comes_up("ann");
    room.follows("ann", &["lee"]);
    assert_eq!(room.found("lee"), Found::NotThere);
}

#[test]
fn a_room_only_ever_widens_and_says_so() {
    let mut room = story_of(RoomKind::Closed, &["ann"]).listeners(["ann"]);
    room.does("olga", C::Widen { kind: RoomKind::Social });
    assert_snapshot!(room.effects(), @r"
    the doors of olga are open
    everyone: facts live, unlocked social, hands everyone, 1+1 faces, epoch 0
    everyone: notice widened to social
    card changed
    ");
    assert_eq!(room.tries("olga", C::Widen { kind: RoomKind::Closed }), Err(ErrorCode::NotAllowed));
    room.does("olga", C::Widen { kind: RoomKind::Open });
    assert_eq!(room.found("anybody"), Found::There);
}

#[test]
fn a_locked_door_is_shown_as_such_and_does_not_keep_out_those_who_have_the_key() {
    let mut room = story().moderator("mo").listeners(["ann"]);
    room.does("mo", C::SetDoor { door: Door::Locked });
    assert_eq!(room.card("eve").unwrap().door, CardDoor::Locked);
    assert_eq!(room.card("ann").unwrap().door, CardDoor::Open);
    assert_eq!(room.comes("eve"), Err(Refused::Locked));
    room.leaves("mo");
    assert_eq!(room.card("mo").unwrap().door, CardDoor::Open);
    assert!(matches!(room.comes("mo"), Ok(Joined::New(_))));
}

#[test]
fn a_title_can_change_and_go() {
    let mut room = story().listeners(["ann"]);
    let title = RoomTitle::parse("Tea and bread").ok();
    room.does("olga", C::SetTitle { title });
    assert_snapshot!(card_line(room.card("eve")), @r#"open [olga] 1+1 "Tea and bread""#);
    room.does("olga", C::SetTitle { title: None });
    assert_snapshot!(card_line(room.card("eve")), @"open [olga] 1+1");
}

#[test]
fn whoever_had_nothing_but_a_seat_loses_sight_of_the_room_with_it_whoever_comes_instead() {
    let mut room = story_of(RoomKind::Social, &[]);
    room.follows("olga", &["ann"]);
    room.comes("ann").unwrap();
    room.follows("olga", &["ben", "cat"]);
    room.wait(sec(2));
    assert!(room.card("ann").is_some(), "she is in it");
    // As many as the hallway was told of just now: no count changes.
    room.comes("cat").unwrap();
    room.forget();
    room.leaves("ann");
    room.comes("ben").unwrap();
    assert!(!room.effects().contains("card changed"), "not twice in a second");
    room.forget();
    room.wait(sec(1));
    assert_snapshot!(room.effects(), @"card changed");
    assert_eq!(room.card("ann"), None);
}

#[test]
fn a_card_shows_those_i_follow_first_and_who_talks() {
    let mut room = story().speaker("sam").speaker("sue");
    room.heard([Some("sam"), None, None]);
    let follows = [member("sue")].into();
    assert_snapshot!(card_line(room.room.card(member("ann"), &follows)), @"open [sue, olga, sam speaking] 3+0, 1 followed");
}

#[test]
fn a_card_counts_those_i_follow_who_listen_and_says_so_too_when_one_comes_as_another_goes() {
    let mut room = story().listeners(["ben"]);
    room.wait(sec(2));
    let follows = [member("ben")].into();
    assert_snapshot!(card_line(room.room.card(member("ann"), &follows)), @"open [olga] 1+1, 1 followed below");
    room.forget();
    room.leaves("ben");
    room.comes("cat").unwrap();
    room.wait(sec(1));
    assert!(room.effects().contains("card changed"), "though as many listen as before");
    assert_snapshot!(card_line(room.room.card(member("ann"), &follows)), @"open [olga] 1+1");
}

#[test]
fn the_doors_of_a_closed_room_open_once_and_of_another_they_were_open_from_the_start() {
    let opened = |room: &mut Story| room.effects().contains("the doors of olga are open");
    for (born, expected) in [(RoomKind::Closed, true), (RoomKind::Social, false)] {
        let mut room = Story::start(new_room(born, vec![]));
        room.forget();
        room.does("olga", C::Widen { kind: RoomKind::Open });
        assert_eq!(opened(&mut room), expected, "{born:?}");
        room.forget();
        room.does("olga", C::Widen { kind: RoomKind::Open });
        assert!(!opened(&mut room), "they are open");
    }
}

#[test]
fn a_card_says_what_is_spoken_there_also_when_the_room_is_built_anew() {
    let spoken = Language::parse("nl").ok();
    let mut room = Story::start(NewRoom { language: spoken.clone(), ..new_room(RoomKind::Open, vec![]) });
    let card = |room: &Story| room.room.card(member("ann"), &[].into()).and_then(|card| card.language);
    assert_eq!(card(&room), spoken);
    room.is_rebuilt();
    room.is_back("olga");
    assert_eq!(card(&room), spoken);
}

#[test]
fn a_card_grows_lively_with_talk_and_calm_with_silence() {
    let mut room = story().speaker("sam");
    let mut seen = Vec::new();
    for (moment, talker) in [(0, Some("sam")), (3, Some("sam")), (7, Some("sam")), (30, None), (34, None)] {
        room.at(sec(moment)).heard([talker, None, None]);
        seen.push(room.card("ann").unwrap().liveliness);
    }
    assert_eq!(seen, [0, 25, 50, 100, 50]);
    room.at(sec(3600));
    assert_eq!(room.card("ann").unwrap().liveliness, 0);
    assert_eq!(room.room.poll_timeout(), None, "a calm room sleeps");
}
