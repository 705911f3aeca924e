//! What is kept about somebody over HTTP, and how far it reaches when they erase it.

use keeper_api::limits::KEPT_PAGE;
use protocol::ErrorCode;
use protocol::kept::Kept;
use protocol::room::{LeftReason, RoomEvent};
use protocol::socket::ServerMessage;

use super::client::{Client, open_room, request, request_as};
use super::house::House;

#[tokio::test]
async fn a_member_reads_what_is_kept_about_them_and_about_nobody_else() {
    let house = House::new();
    let (ann, _) = (house.keeper.member("ann"), house.keeper.member("ben"));
    let answer = request_as(&house, &ann, "GET /api/v1/me/kept", "").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = String::from_utf8(answer.body).expect("text");
    let kept: Kept = serde_json::from_str(&text).expect("what it should be");
    assert_eq!((kept.version, kept.account.handle.as_str(), kept.follows.len()), (1, "ann", 0));
    assert!(!text.contains("ben"), "{text}");
    let nobody = request(&house, "GET /api/v1/me/kept", &[], "").await;
    assert_eq!((nobody.status, nobody.error()), (401, ErrorCode::SignedOut));
}

#[tokio::test]
async fn whoever_follows_more_people_than_one_answer_holds_reads_all_of_them_once() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let many = KEPT_PAGE + 3;
    for number in 0..many {
        let other = format!("m{number}");
        house.keeper.member(&other);
        house.keeper.follow("ann", &other);
    }
    let answer = request_as(&house, &ann, "GET /api/v1/me/kept", "").await;
    let mut kept: Kept = serde_json::from_slice(&answer.body).expect("what it should be");
    assert_eq!(kept.follows.len(), many);
    kept.follows.dedup();
    assert_eq!(kept.follows.len(), many);
}

#[tokio::test]
async fn whoever_erases_their_account_is_gone_from_every_device_and_from_the_room_at_once() {
    let house = House::new();
    let (phone, laptop) = (house.keeper.member("ann"), house.keeper.device("ann"));
    let (ben, cat) = (house.keeper.member("ben"), house.keeper.member("cat"));
    let mut bens = Client::hello(&house, &ben).await;
    let mut cats = Client::hello(&house, &cat).await;
    let room = bens.start_room(open_room()).await.view.room;
    let mut on_phone = Client::hello(&house, &phone).await;
    let mut on_laptop = Client::hello(&house, &laptop).await;
    on_phone.enter(room).await.expect("open to all");

    let refused = request_as(&house, &laptop, "POST /api/v1/me/erase", r#"{"handle":"ben"}"#).await;
    assert_eq!((refused.status, refused.error()), (403, ErrorCode::NotAllowed));
    let erased = request_as(&house, &laptop, "POST /api/v1/me/erase", r#"{"handle":"ann"}"#).await;
    assert_eq!(erased.status, 204);
    assert!(erased.header("set-cookie").contains("Max-Age=0"), "{}", erased.header("set-cookie"));
    on_phone.until(|message| *message == ServerMessage::Left { room, reason: LeftReason::SignedOut }).await;
    assert_eq!(on_phone.end().await, Some(4401));
    assert_eq!(on_laptop.end().await, Some(4401));
    bens.event(|event| matches!(event, RoomEvent::Gone { .. })).await;
    // Whoever was tied to them looks anew at what is kept.
    cats.until(|message| matches!(message, ServerMessage::Me { .. })).await;
    let again = request_as(&house, &phone, "GET /api/v1/me/kept", "").await;
    assert_eq!((again.status, again.error()), (401, ErrorCode::SignedOut));
}
