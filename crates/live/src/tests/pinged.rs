//! Pings into rooms, as people at sockets see them.

use protocol::ErrorCode;
use protocol::hallway::RoomCard;
use protocol::room::RoomKind;
use protocol::socket::{ClientMessage, ServerMessage};
use protocol::text::Handle;

use super::client::{Client, open_room, room};
use super::house::House;

fn handle(name: &str) -> Handle {
    Handle::parse(name).expect("a handle")
}

async fn ping(client: &mut Client, who: &str) -> Result<(), ErrorCode> {
    let who = handle(who);
    client.done(|request| ClientMessage::PingIn { request, who }).await
}

async fn is_pinged(client: &mut Client, by: &str) -> RoomCard {
    match client.until(|message| matches!(message, ServerMessage::Pinged { .. })).await {
        ServerMessage::Pinged { by: who, card } if who.handle == handle(by) => card,
        other => panic!("{other:?}"),
    }
}

async fn is_not_pinged(client: &mut Client) {
    client.say(&ClientMessage::Ping).await;
    loop {
        match client.next().await {
            ServerMessage::Pong => return,
            ServerMessage::Pinged { by, .. } => panic!("by {by:?}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn somebody_who_follows_me_is_asked_into_my_room_once_on_all_their_pages_and_comes() {
    let house = House::new();
    let [anns, bens, _] = ["ann", "ben", "cleo"].map(|name| house.keeper.member(name));
    house.keeper.follow("ben", "ann");
    let mut ann = Client::hello(&house, &anns).await;
    let mut ben = Client::hello(&house, &bens).await;
    let mut bens_other = Client::hello(&house, &bens).await;
    assert_eq!(ping(&mut ann, "ben").await, Err(ErrorCode::OutOfOrder), "from nowhere");
    let here = ann.start_room(open_room()).await.view.room;
    assert_eq!(ping(&mut ann, "cleo").await, Err(ErrorCode::NotAllowed), "she does not follow ann");
    assert_eq!(ping(&mut ann, "nobody").await, Err(ErrorCode::NotThere));
    ping(&mut ann, "ben").await.expect("said");
    let card = is_pinged(&mut ben, "ann").await;
    assert_eq!((card.room, card.followed_on_stage), (here, 1), "as he sees it");
    assert_eq!(is_pinged(&mut bens_other, "ann").await.room, here);
    assert_eq!(ping(&mut ann, "ben").await, Err(ErrorCode::NotNow), "a moment ago");
    is_not_pinged(&mut ben).await;
    ben.enter(here).await.expect("let in");
}

#[tokio::test]
async fn whoever_wants_no_pings_of_mine_hears_none_and_i_cannot_tell() {
    let house = House::new();
    let [anns, bens] = ["ann", "ben"].map(|name| house.keeper.member(name));
    house.keeper.follow("ben", "ann");
    house.keeper.mute_pings("ben", "ann");
    let mut ann = Client::hello(&house, &anns).await;
    let mut ben = Client::hello(&house, &bens).await;
    ann.start_room(open_room()).await;
    ping(&mut ann, "ben").await.expect("said");
    assert_eq!(ping(&mut ann, "ben").await, Err(ErrorCode::NotNow), "as of everybody else");
    is_not_pinged(&mut ben).await;
}

#[tokio::test]
async fn a_ping_says_nothing_of_a_room_that_is_not_there_for_whoever_gets_it() {
    let house = House::new();
    let [anns, bens, cleos] = ["ann", "ben", "cleo"].map(|name| house.keeper.member(name));
    house.keeper.follow("ben", "ann");
    house.keeper.follow("cleo", "ann");
    let mut ann = Client::hello(&house, &anns).await;
    let mut ben = Client::hello(&house, &bens).await;
    let mut cleo = Client::hello(&house, &cleos).await;
    ann.start_room(room(RoomKind::Closed, &["cleo"])).await;
    for who in ["ben", "cleo"] {
        ping(&mut ann, who).await.expect("said");
    }
    is_not_pinged(&mut ben).await;
    // Whoever was asked in sees the room in their hallway already.
    is_not_pinged(&mut cleo).await;
}
