//! Rooms that are held for a club, as people at sockets find them.

use std::time::Duration;

use protocol::ErrorCode;
use protocol::club::{BanPeriod, ClubStanding};
use protocol::id::ClubId;
use protocol::room::{LeftReason, Notice, RoomCommand, RoomEvent, RoomKind};
use protocol::socket::{ClientMessage, NewRoom, ServerMessage};

use super::client::{Client, room};
use super::house::House;
use super::keeper::CLUB;

fn of_the_club(kind: RoomKind) -> NewRoom {
    NewRoom { club: Some(CLUB), ..room(kind, &[]) }
}

const PEOPLE: [(&str, ClubStanding); 2] = [("ann", ClubStanding::Admin), ("ben", ClubStanding::Member)];

#[tokio::test]
async fn a_room_of_a_club_is_started_by_those_who_may_and_found_by_those_it_is_for() {
    let house = House::new();
    let [ann, ben, cat] = ["ann", "ben", "cat"].map(|name| house.keeper.member(name));
    house.keeper.club(&PEOPLE, &[]);
    let mut anns = Client::hello(&house, &ann).await;
    let mut bens = Client::hello(&house, &ben).await;
    let mut cats = Client::hello(&house, &cat).await;
    let never = NewRoom { club: Some(ClubId([1; 16])), ..of_the_club(RoomKind::Open) };
    assert_eq!(anns.try_start_room(never).await.map(drop), Err(ErrorCode::NotThere));
    assert_eq!(cats.try_start_room(of_the_club(RoomKind::Open)).await.map(drop), Err(ErrorCode::NotAllowed));
    let of_none = NewRoom { club: None, ..of_the_club(RoomKind::Club) };
    assert_eq!(anns.try_start_room(of_none).await.map(drop), Err(ErrorCode::Malformed));
    let view = anns.start_room(of_the_club(RoomKind::Club)).await.view;
    assert_eq!(view.facts.club.map(|club| club.name.into()), Some("Jazz".to_owned()));
    assert!(view.you.bans_from_club);
    bens.enter(view.room).await.expect("a member");
    assert_eq!(cats.enter(view.room).await.map(drop), Err(ErrorCode::NotThere));
}

#[tokio::test]
async fn whom_the_club_bans_is_cut_off_where_they_are_and_finds_no_room_of_it_any_more() {
    let house = House::new();
    let [ann, ben] = ["ann", "ben"].map(|name| house.keeper.member(name));
    house.keeper.club(&PEOPLE, &[]);
    let mut anns = Client::hello(&house, &ann).await;
    let mut bens = Client::hello(&house, &ben).await;
    let room = anns.start_room(of_the_club(RoomKind::Open)).await.view.room;
    bens.enter(room).await.expect("open to all");
    house.keeper.club(&PEOPLE[..1], &["ben"]);
    bens.until(|message| *message == ServerMessage::Left { room, reason: LeftReason::Removed }).await;
    assert_eq!(bens.enter(room).await.map(drop), Err(ErrorCode::NotThere));
}

#[tokio::test]
async fn a_ban_from_within_reaches_the_keeper_when_it_cannot_be_taken_back_any_more() {
    let house = House::new();
    let [ann, ben] = ["ann", "ben"].map(|name| house.keeper.member(name));
    house.keeper.club(&[("ann", ClubStanding::Member), ("ben", ClubStanding::Admin)], &[]);
    let cat = house.keeper.member("cat");
    let mut anns = Client::hello(&house, &ann).await;
    let mut bens = Client::hello(&house, &ben).await;
    let mut cats = Client::hello(&house, &cat).await;
    let room = anns.start_room(of_the_club(RoomKind::Open)).await.view.room;
    // He keeps order in the club, and is a listener here like others.
    bens.enter(room).await.expect("open to all");
    let who = cats.enter(room).await.expect("open to all").view.you.id;
    bens.command(RoomCommand::BanFromClub { who, period: BanPeriod::Month })
        .await
        .expect("an admin of the club");
    cats.until(|message| *message == ServerMessage::Left { room, reason: LeftReason::Removed }).await;
    bens.event(|event| matches!(event, RoomEvent::Notice { notice: Notice::Removed { .. } })).await;
    assert_eq!(house.keeper.bans(), []);
    // Nobody takes it back any more where there is no room.
    for client in [&mut bens, &mut anns] {
        client.say(&ClientMessage::Leave).await;
    }
    tokio::time::timeout(Duration::from_secs(5), async {
        while house.keeper.bans() != [BanPeriod::Month] {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("said");
}
