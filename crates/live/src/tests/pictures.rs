//! Pictures: put up, seen by whoever is signed in, changed and taken away.

use std::net::Ipv4Addr;

use keeper_api::SessionToken;
use protocol::ErrorCode;
use protocol::account::Me;
use protocol::hallway::HallwayChange;
use protocol::id::PictureId;
use protocol::room::RoomEvent;
use protocol::socket::ServerMessage;

use super::client::{Answer, Client, open_room, request, request_as, send};
use super::house::House;

/// From a phone that was held on its side; it says so, and "somewhere".
const PICTURE: &[u8] = include_bytes!("../../../../fuzz/corpus/picture/held-on-its-side.jpg");

async fn put(house: &House, token: &SessionToken, body: &[u8]) -> Answer {
    let cookie = format!("Cookie: s={}", token.reveal());
    let length = format!("Content-Length: {}", body.len());
    let headers = [cookie.as_str(), "Content-Type: image/jpeg", &length];
    send(house, Ipv4Addr::LOCALHOST, "PUT /api/v1/me/picture", &headers, body).await
}

async fn put_up(house: &House, token: &SessionToken) -> PictureId {
    let answer = put(house, token, PICTURE).await;
    let me: Me = serde_json::from_slice(&answer.body).expect("me");
    me.picture.expect("a picture")
}

async fn look(house: &House, token: &SessionToken, picture: PictureId) -> Answer {
    request_as(house, token, &format!("GET /api/v1/pictures/{picture}"), "").await
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[tokio::test]
async fn whoever_is_signed_in_sees_a_picture_and_nothing_of_the_file_it_was_made_from() {
    let house = House::new();
    let (ann, ben) = (house.keeper.member("ann"), house.keeper.member("ben"));
    assert!(holds(PICTURE, "Exif") && holds(PICTURE, "somewhere"), "the file says more than it shows");
    let picture = put_up(&house, &ann).await;
    let seen = look(&house, &ben, picture).await;
    assert_eq!((seen.status, seen.header("content-type")), (200, "image/jpeg"));
    assert_eq!(seen.header("cache-control"), "private, max-age=86400, immutable");
    assert_eq!(seen.header("x-content-type-options"), "nosniff");
    assert!(seen.body.starts_with(&[0xff, 0xd8]) && seen.body != PICTURE);
    assert!(!holds(&seen.body, "Exif") && !holds(&seen.body, "somewhere"));
    for stranger in ["X: none", "Cookie: s=x"] {
        let line = format!("GET /api/v1/pictures/{picture}");
        assert_eq!(request(&house, &line, &[stranger], "").await.error(), ErrorCode::SignedOut);
    }
    for _ in 0..20 {
        assert_eq!(look(&house, &ben, picture).await.body, seen.body);
    }
    assert_eq!(house.keeper.pictures_asked(), 1, "the database was asked once");
}

#[tokio::test]
async fn a_picture_that_is_changed_or_taken_away_is_not_at_its_address_any_more() {
    let house = House::new();
    let (ann, ben) = (house.keeper.member("ann"), house.keeper.member("ben"));
    let mut anns = Client::hello(&house, &ann).await;
    let first = put_up(&house, &ann).await;
    assert_eq!(look(&house, &ben, first).await.status, 200);
    let second = put_up(&house, &ann).await;
    assert_ne!(first, second);
    // Her screens hear of it, so it has come true everywhere.
    let shows = |picture| move |message: &ServerMessage| matches!(message, ServerMessage::Me { me } if me.picture == picture);
    anns.until(shows(Some(second))).await;
    assert_eq!(look(&house, &ben, first).await.error(), ErrorCode::NotThere);
    assert_eq!(look(&house, &ben, second).await.status, 200);
    assert_eq!(request_as(&house, &ann, "DELETE /api/v1/me/picture", "").await.status, 200);
    anns.until(shows(None)).await;
    assert_eq!(look(&house, &ben, second).await.error(), ErrorCode::NotThere);
}

#[tokio::test]
async fn whoever_is_in_a_room_or_in_the_hallway_sees_a_new_picture_at_once() {
    let house = House::new();
    let (ann, ben, cat) =
        (house.keeper.member("ann"), house.keeper.member("ben"), house.keeper.member("cat"));
    let before = put_up(&house, &ann).await;
    let mut anns = Client::hello(&house, &ann).await;
    let mut bens = Client::hello(&house, &ben).await;
    let mut cats = Client::hello(&house, &cat).await;
    let room = anns.start_room(open_room()).await.view.room;
    let view = bens.enter(room).await.expect("open to all").view;
    assert_eq!(view.people.iter().map(|one| one.picture).collect::<Vec<_>>(), [Some(before), None]);
    let picture = put_up(&house, &ann).await;
    bens.event(|event| matches!(event, RoomEvent::Person { person } if person.picture == Some(picture)))
        .await;
    let on_a_card = |change: &HallwayChange| match change {
        HallwayChange::Card { card } => card.faces.iter().any(|face| face.picture == Some(picture)),
        HallwayChange::Gone { .. } => false,
    };
    cats.until(
        |message| matches!(message, ServerMessage::Hallway { changes } if changes.iter().any(on_a_card)),
    )
    .await;
    assert_eq!(request_as(&house, &ann, "DELETE /api/v1/me/picture", "").await.status, 200);
    bens.event(|event| matches!(event, RoomEvent::Person { person } if person.picture.is_none())).await;
}

#[tokio::test]
async fn a_file_that_is_no_picture_or_too_large_is_told_so_and_changes_nothing() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let picture = put_up(&house, &ann).await;
    let heavy = [PICTURE, &vec![0; picture::limits::GIVEN_BYTES_MAX]].concat();
    for (body, status, code) in [
        (b"GIF89a".as_slice(), 422, ErrorCode::BadPicture),
        (&PICTURE[..40], 422, ErrorCode::BadPicture),
        (b"", 422, ErrorCode::BadPicture),
        (&heavy, 413, ErrorCode::TooLarge),
    ] {
        let answer = put(&house, &ann, body).await;
        assert_eq!((answer.status, answer.error()), (status, code));
    }
    let nobody = put(&house, &SessionToken::from_random([9; 32]), PICTURE).await;
    assert_eq!((nobody.status, nobody.error()), (401, ErrorCode::SignedOut));
    assert_eq!(look(&house, &ann, picture).await.status, 200, "it is still there");
}
