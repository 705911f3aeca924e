//! Rooms that are held for a club.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::club::{BanPeriod, ClubStanding};
use protocol::id::ClubId;
use protocol::limits::UNDO_PERIOD;
use protocol::room::{RoomCommand as C, RoomKind};
use protocol::text::ClubName;
use rooms::{Club, Effect, Found, NewRoom, Refused};

use crate::story::{Story, member, new_room};

const JAZZ: ClubId = ClubId([3; 16]);

fn club(people: &[(&str, ClubStanding)], banned: &[&str]) -> Club {
    Club {
        name: ClubName::parse("Jazz").expect("a name"),
        picture: None,
        people: people.iter().map(|(name, standing)| (member(name), *standing)).collect(),
        banned: banned.iter().map(|name| member(name)).collect(),
    }
}

const PEOPLE: [(&str, ClubStanding); 4] = [
    ("olga", ClubStanding::Member),
    ("ada", ClubStanding::Admin),
    ("ann", ClubStanding::Member),
    ("fan", ClubStanding::Follower),
];

fn story(kind: RoomKind) -> Story {
    let mut story = Story::start(NewRoom { club: Some(JAZZ), ..new_room(kind, Vec::new()) });
    story.hears_of(Some(club(&PEOPLE, &["eve"])));
    story.forget();
    story
}

impl Story {
    fn hears_of(&mut self, club: Option<Club>) {
        self.room.handle_club(self.now, club);
        self.after();
    }

    /// Who was said to be banned, and for how long.
    fn filed(&self) -> Vec<(ClubId, BanPeriod)> {
        let filed = self.log.iter().filter_map(|(_, effect)| match effect {
            Effect::BanFromClub { club, period, .. } => Some((*club, *period)),
            _ => None,
        });
        filed.collect()
    }
}

#[test]
fn a_room_for_members_is_there_for_those_in_the_club_and_not_for_those_who_follow_it() {
    let mut room = story(RoomKind::Club);
    for (name, found) in
        [("ann", Found::There), ("ada", Found::There), ("fan", Found::NotThere), ("bob", Found::NotThere)]
    {
        assert_eq!(room.found(name), found, "{name}");
        assert_eq!(room.card(name).is_some(), found == Found::There, "{name}");
    }
    let mine = room.card("ann").and_then(|card| card.club).map(|club| (club.id, club.mine));
    assert_eq!(mine, Some((JAZZ, true)));
    // Whoever joins meanwhile finds it, and whoever is out of the club does not any more, but stays where they are.
    room.comes("ann").unwrap();
    room.hears_of(Some(club(&[("olga", ClubStanding::Member), ("bob", ClubStanding::Member)], &[])));
    assert_eq!((room.found("bob"), room.found("ada")), (Found::There, Found::NotThere));
    assert_eq!(room.found("ann"), Found::There, "nobody is put out for having left a club");
    // Wider once, and never back.
    room.does("olga", C::Widen { kind: RoomKind::Open });
    assert_eq!(room.found("fan"), Found::There);
    for kind in [RoomKind::Club, RoomKind::Social, RoomKind::Closed] {
        assert_eq!(room.tries("olga", C::Widen { kind }), Err(ErrorCode::NotAllowed));
    }
}

#[test]
fn neither_members_nor_followed_people_are_the_wider_ones() {
    let mut room = story(RoomKind::Social);
    assert_eq!(room.tries("olga", C::Widen { kind: RoomKind::Club }), Err(ErrorCode::NotAllowed));
    let mut room = story(RoomKind::Closed);
    room.does("olga", C::Widen { kind: RoomKind::Club });
    assert_eq!(room.found("ann"), Found::There);
    assert_eq!(room.tries("olga", C::Widen { kind: RoomKind::Social }), Err(ErrorCode::NotAllowed));
    let mut of_nobody = Story::start(new_room(RoomKind::Closed, Vec::new()));
    assert_eq!(of_nobody.tries("olga", C::Widen { kind: RoomKind::Club }), Err(ErrorCode::NotAllowed));
}

#[test]
fn whom_the_club_bans_finds_none_of_its_rooms_whatever_their_door() {
    for kind in [RoomKind::Open, RoomKind::Club, RoomKind::Closed, RoomKind::Social] {
        let mut room = story(kind);
        room.asks("olga", &["eve"]).unwrap();
        assert_eq!(room.found("eve"), Found::NotThere, "{kind:?}");
        assert_eq!(room.comes("eve"), Err(Refused::NotThere));
        assert!(room.card("eve").is_none());
    }
}

#[test]
fn whom_the_club_bans_meanwhile_is_cut_off_before_anything_is_told() {
    let mut room = story(RoomKind::Open).speaker("ann");
    room.does("olga", C::MakeModerator { who: room.id("ann") });
    room.forget();
    room.hears_of(Some(club(&[], &["ann"])));
    let first = room.log.iter().map(|(_, effect)| effect).take(2).collect::<Vec<_>>();
    assert!(matches!(first[..], [Effect::Voice { .. }, Effect::Cut { .. }]), "{first:?}");
    assert_eq!(room.comes("ann"), Err(Refused::NotThere));
    // Whoever owns the room as well: others keep it going.
    room.comes("bob").unwrap();
    room.hears_of(Some(club(&[], &["ann", "olga"])));
    assert_eq!(room.comes("olga"), Err(Refused::NotThere));
}

#[test]
fn who_keeps_order_in_the_club_bans_from_all_of_its_rooms_and_takes_it_back_while_they_can() {
    let mut room = story(RoomKind::Open).listeners(["ada", "ann", "bob"]);
    let ban = |who| C::BanFromClub { who, period: BanPeriod::Week };
    let (ann, bob, olga) = (room.id("ann"), room.id("bob"), room.id("olga"));
    assert!(room.view("ada").you.bans_from_club && !room.view("olga").you.bans_from_club);
    assert_eq!(room.tries("olga", ban(bob)), Err(ErrorCode::NotAllowed), "the room's is another order");
    assert_eq!(room.tries("ann", ban(bob)), Err(ErrorCode::NotAllowed));
    assert_eq!(room.tries("ada", ban(olga)), Err(ErrorCode::NotAllowed), "on the club's page");
    room.forget();
    room.does("ada", ban(bob));
    assert_snapshot!(room.told("ada"), @r"
    gone bob
    facts live, unlocked open, hands everyone, 1+2 faces, epoch 1
    notice bob removed by ada, undo until 10s
    ");
    assert_eq!(room.comes("bob"), Err(Refused::NotThere));
    room.does("ada", C::Undo { who: bob });
    room.comes("bob").unwrap();
    room.wait(UNDO_PERIOD * 2);
    assert_eq!(room.filed(), [], "it was taken back");
    room.does("ada", ban(ann));
    room.wait(UNDO_PERIOD / 2);
    assert_eq!(room.filed(), []);
    room.is_rebuilt();
    room.hears_of(Some(club(&PEOPLE, &[])));
    room.wait(UNDO_PERIOD);
    assert_eq!(room.filed(), [(JAZZ, BanPeriod::Week)], "be the process another by then");
}

#[test]
fn a_ban_from_the_club_outlives_a_room_that_ends_before_it_could_be_taken_back() {
    let mut room = story(RoomKind::Open).listeners(["ada", "bob"]);
    room.does("olga", C::End);
    room.wait(std::time::Duration::from_secs(5));
    room.does("ada", C::BanFromClub { who: room.id("bob"), period: BanPeriod::ForGood });
    room.wait(std::time::Duration::from_secs(6));
    assert_eq!(room.filed(), [(JAZZ, BanPeriod::ForGood)]);
}
