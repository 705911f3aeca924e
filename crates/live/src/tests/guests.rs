//! Guests: by a link, into one room, from one page, and nowhere else.

use keeper_api::SessionToken;
use protocol::ErrorCode;
use protocol::account::NewLink;
use protocol::guest::{GuestHello, GuestLink, GuestPass, GuestSeat, GuestState};
use protocol::id::{GuestSecret, RoomId};
use protocol::room::{Authority, LeftReason, MyPlace, RoomCommand, RoomKind};
use protocol::socket::{ClientMessage, ServerMessage};
use protocol::text::{DisplayName, Handle};

use super::client::{Answer, Client, InRoom, OFFER, open_room, request, request_as, room};
use super::house::House;
use crate::limits::SOCKETS_PER_MEMBER_MAX;

const NORMAL: Option<u16> = Some(1000);
const GOING_AWAY: Option<u16> = Some(1001);
const SIGNED_OUT: Option<u16> = Some(4401);
const TOO_MANY: Option<u16> = Some(4429);

/// The first page that opens the link; others draw something else.
const PAGE: GuestSecret = GuestSecret([1; 16]);
const OTHER_PAGE: GuestSecret = GuestSecret([2; 16]);

struct Hosted {
    house: House,
    host: SessionToken,
    ann: Client,
    room: RoomId,
    url: String,
}

/// A closed room of ann's, and a link for a guest.
async fn hosted() -> Hosted {
    let house = House::new();
    let host = house.keeper.member("ann");
    let mut ann = Client::hello(&house, &host).await;
    let room = ann.start_room(room(RoomKind::Closed, &[])).await.view.room;
    let url = gives(&house, &host, room, "Sam").await.url;
    Hosted { house, host, ann, room, url }
}

async fn gives(house: &House, by: &SessionToken, room: RoomId, name: &str) -> NewLink {
    let body = format!(r#"{{"name":"{name}"}}"#);
    let answer = request_as(house, by, &format!("POST /api/v1/rooms/{room}/guests"), &body).await;
    assert_eq!(answer.status, 200);
    read(&answer)
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> T {
    serde_json::from_slice(&answer.body).expect("as the contract says")
}

/// As a page reads it.
fn pass(url: &str, page: GuestSecret) -> GuestPass {
    let fragment = url.split_once("/g#").expect("a guest's link").1;
    let (room, link) = fragment.split_at(22);
    GuestPass { room: room.parse().expect("a room"), link: link.parse().expect("a secret"), page }
}

/// What is said to whoever is not let in, and with what their socket is closed.
async fn refused(mut guest: Client) -> (ErrorCode, Option<u16>) {
    match guest.next().await {
        ServerMessage::Failed { request: None, error } => (error, guest.end().await),
        other => panic!("{other:?}"),
    }
}

impl Hosted {
    async fn looks(&self, page: GuestSecret) -> Answer {
        let body = serde_json::to_string(&pass(&self.url, page)).unwrap();
        request(&self.house, "POST /api/v1/guests/look", &[], &body).await
    }

    async fn links(&self) -> Vec<GuestLink> {
        read(
            &request_as(&self.house, &self.host, &format!("GET /api/v1/rooms/{}/guests", self.room), "")
                .await,
        )
    }

    async fn takes_back(&self) {
        let seat = self.links().await[0].seat;
        let line = format!("DELETE /api/v1/rooms/{}/guests/{seat}", self.room);
        assert_eq!(request_as(&self.house, &self.host, &line, "").await.status, 204);
    }

    async fn socket(&self, page: GuestSecret, name: &str) -> Client {
        Client::guest(&self.house, &pass(&self.url, page), name).await
    }

    async fn comes(&self) -> (Client, InRoom) {
        let mut guest = self.socket(PAGE, "Sam").await;
        let welcome = guest.next().await;
        assert!(matches!(welcome, ServerMessage::Welcome { me: None, .. }), "{welcome:?}");
        let entered = guest.enter(self.room).await.expect("in");
        (guest, entered)
    }
}

#[tokio::test]
async fn a_guest_sees_what_they_are_asked_to_and_comes_in_as_who_they_say() {
    let hosted = hosted().await;
    let seat: GuestSeat = read(&hosted.looks(PAGE).await);
    assert_eq!((seat.name.as_ref().map(DisplayName::as_str), seat.guest_of.as_str()), (Some("Sam"), "Ann"));
    assert_eq!((seat.title, seat.server.as_str()), (None, "Kitchen"));
    assert_eq!(hosted.links().await[0].state, GuestState::Open, "looking takes nothing up");

    let mut guest = hosted.socket(PAGE, "Dr Sam").await;
    guest.until(|message| matches!(message, ServerMessage::Welcome { .. })).await;
    let view = guest.enter(hosted.room).await.expect("in").view;
    assert_eq!(view.you.authority, Authority::Guest);
    assert!(matches!(view.you.place, MyPlace::Invited { .. }), "asked up at once");
    let me = view.people.iter().find(|person| person.id == view.you.id).expect("listed");
    assert_eq!((me.name.as_str(), me.handle.is_none()), ("Dr Sam", true));
    assert_eq!(me.guest_of.as_ref().expect("a guest").as_str(), "Ann");
    guest.command(RoomCommand::AcceptInvitation).await.expect("on stage");
    let link = hosted.links().await.remove(0);
    assert_eq!((link.state, link.name.as_ref().map(DisplayName::as_str)), (GuestState::Here, Some("Dr Sam")));
}

#[tokio::test]
async fn a_link_is_for_the_page_that_came_first_which_may_come_again() {
    let hosted = hosted().await;
    let (guest, entered) = hosted.comes().await;
    let other = hosted.looks(OTHER_PAGE).await;
    assert_eq!((other.status, other.error()), (409, ErrorCode::NotNow));
    assert_eq!(refused(hosted.socket(OTHER_PAGE, "Eve").await).await, (ErrorCode::NotNow, SIGNED_OUT));

    guest.vanish();
    let mut again = hosted.socket(PAGE, "Sam").await;
    again.until(|message| matches!(message, ServerMessage::Welcome { .. })).await;
    let back = again.enter_with(hosted.room, Some(OFFER), Some(entered.seat)).await.expect("back");
    assert_eq!(back.view.you.id, entered.view.you.id);
}

#[tokio::test]
async fn a_link_that_is_taken_back_ends_the_visit_and_leads_nowhere() {
    let hosted = hosted().await;
    let (mut guest, _) = hosted.comes().await;
    hosted.takes_back().await;
    let left = guest.until(|message| matches!(message, ServerMessage::Left { .. })).await;
    assert!(matches!(left, ServerMessage::Left { reason: LeftReason::Removed, .. }), "{left:?}");
    assert_eq!(guest.enter(hosted.room).await.map(drop), Err(ErrorCode::NotThere));
    for page in [PAGE, OTHER_PAGE] {
        let spent = hosted.looks(page).await;
        assert_eq!((spent.status, spent.error()), (410, ErrorCode::LinkSpent));
    }
    assert_eq!(refused(hosted.socket(PAGE, "Sam").await).await, (ErrorCode::LinkSpent, SIGNED_OUT));
    let link = hosted.links().await.remove(0);
    assert_eq!((link.state, link.name), (GuestState::TakenBack, None));
}

#[tokio::test]
async fn of_a_room_that_is_over_a_link_says_what_it_says_of_one_that_never_was() {
    let mut hosted = hosted().await;
    let body = format!(r#"{{"room":"{0}","link":"{0}","page":"{0}"}}"#, RoomId([9; 16]));
    let never = request(&hosted.house, "POST /api/v1/guests/look", &[], &body).await;
    hosted.ann.say(&ClientMessage::Leave).await;
    let line = format!("GET /api/v1/rooms/{}/guests", hosted.room);
    while request_as(&hosted.house, &hosted.host, &line, "").await.status == 200 {
        tokio::task::yield_now().await;
    }
    let over = hosted.looks(PAGE).await;
    assert_eq!((over.status, &over.body), (never.status, &never.body));
    assert_eq!(over.error(), ErrorCode::LinkSpent);
}

#[tokio::test]
async fn a_guest_is_in_one_room_and_asks_for_nothing_beside_it() {
    let hosted = hosted().await;
    let (mut guest, _) = hosted.comes().await;
    let ben = hosted.house.keeper.member("ben");
    let mut ben = Client::hello(&hosted.house, &ben).await;
    let elsewhere = ben.start_room(open_room()).await.view.room;
    assert_eq!(guest.enter(elsewhere).await.map(drop), Err(ErrorCode::NotThere), "an open one neither");
    assert_eq!(guest.try_start_room(open_room()).await.map(drop), Err(ErrorCode::NotAllowed));
    let who = || Handle::parse("ben").unwrap();
    let ping = guest.done(|request| ClientMessage::PingIn { request, who: who() }).await;
    assert_eq!(ping, Err(ErrorCode::NotAllowed));
    let ask = guest.done(|request| ClientMessage::AskToTalk { request, who: who() }).await;
    assert_eq!(ask, Err(ErrorCode::NotAllowed));
    let asked = guest.command(RoomCommand::AskIn { handles: vec![who()] }).await;
    assert_eq!(asked, Err(ErrorCode::NotAllowed));
    guest.command(RoomCommand::AcceptInvitation).await.expect("still in the room");
}

#[tokio::test]
async fn a_guest_has_no_session_and_a_session_is_no_guest() {
    let hosted = hosted().await;
    let link = pass(&hosted.url, PAGE);
    // What a guest has opens nothing else.
    for secret in [link.link, link.page] {
        let bearer = format!("Authorization: Bearer {secret}");
        let answer = request(&hosted.house, "GET /api/v1/me", &[&bearer], "").await;
        assert_eq!(answer.error(), ErrorCode::SignedOut);
    }
    // And whoever is signed in does not become one by saying so.
    let eve = hosted.house.keeper.member("eve");
    let mut eve = Client::connect(&hosted.house, &eve).await;
    let guest = GuestHello { pass: link, name: DisplayName::parse("Eve").unwrap() };
    let capabilities = Vec::new();
    eve.say(&ClientMessage::Hello { protocol: 1, bundle: None, capabilities, guest: Some(guest) }).await;
    let refused = ServerMessage::Failed { request: None, error: ErrorCode::OutOfOrder };
    assert_eq!(eve.next().await, refused);
}

#[tokio::test]
async fn links_are_given_by_those_who_keep_order_and_are_seen_by_who_gave_them() {
    let hosted = hosted().await;
    let (eve, ben) = (hosted.house.keeper.member("eve"), hosted.house.keeper.member("ben"));
    let guests = format!("/api/v1/rooms/{}/guests", hosted.room);
    for (method, body) in [("POST", r#"{"name":"Sam"}"#), ("GET", "")] {
        let answer = request_as(&hosted.house, &eve, &format!("{method} {guests}"), body).await;
        assert_eq!((answer.status, answer.error()), (404, ErrorCode::NotThere), "{method}");
    }
    // Whoever only listens gives none, of an open room either.
    let mut starts = Client::hello(&hosted.house, &ben).await;
    let open = starts.start_room(open_room()).await.view.room;
    Client::hello(&hosted.house, &eve).await.enter(open).await.expect("in");
    let line = format!("POST /api/v1/rooms/{open}/guests");
    let answer = request_as(&hosted.house, &eve, &line, r#"{"name":"Sam"}"#).await;
    assert_eq!(answer.error(), ErrorCode::NotAllowed);
    assert_eq!(hosted.links().await.len(), 1);
}

#[tokio::test]
async fn a_guest_comes_back_to_a_room_that_survived_the_process() {
    let mut hosted = hosted().await;
    let (mut guest, entered) = hosted.comes().await;
    guest.command(RoomCommand::AcceptInvitation).await.expect("on stage");
    hosted.house.die_and_restart();
    let mut again = hosted.socket(PAGE, "Sam").await;
    again.until(|message| matches!(message, ServerMessage::Welcome { .. })).await;
    let back = again.enter_with(hosted.room, Some(OFFER), Some(entered.seat)).await.expect("back");
    assert_eq!(back.view.you.id, entered.view.you.id);
    assert!(matches!(back.view.you.place, MyPlace::Stage { .. }));
    assert_eq!(hosted.socket(OTHER_PAGE, "Eve").await.end().await, SIGNED_OUT);
}

#[tokio::test]
async fn whoever_says_hello_by_no_name_or_too_often_is_told_so_at_once() {
    let hosted = hosted().await;
    let hello = |name: &str| {
        let GuestPass { room, link, page } = pass(&hosted.url, PAGE);
        let pass = format!(r#"{{"room":"{room}","link":"{link}","page":"{page}"}}"#);
        format!(
            r#"{{"type":"hello","protocol":1,"bundle":null,"capabilities":[],"guest":{{"pass":{pass},"name":"{name}"}}}}"#
        )
    };
    let nameless = Client::guest_saying(&hosted.house, &hello(" ")).await;
    assert_eq!(refused(nameless).await, (ErrorCode::BadName, NORMAL));
    assert_eq!(hosted.links().await[0].state, GuestState::Open, "and nothing is taken up");
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS_PER_MEMBER_MAX {
        let mut socket = Client::guest_saying(&hosted.house, &hello("Sam")).await;
        socket.until(|message| matches!(message, ServerMessage::Welcome { .. })).await;
        sockets.push(socket);
    }
    let one_more = Client::guest_saying(&hosted.house, &hello("Sam")).await;
    assert_eq!(refused(one_more).await, (ErrorCode::TooMany, TOO_MANY));
}

#[tokio::test]
async fn guests_are_told_that_the_server_goes_down_and_when_it_does() {
    let mut hosted = hosted().await;
    let (mut guest, _) = hosted.comes().await;
    hosted.house.drain(2);
    guest.until(|message| *message == ServerMessage::Draining { seconds: 2 }).await;
    assert_eq!(guest.end().await, GOING_AWAY);
    assert_eq!(hosted.ann.end().await, GOING_AWAY);
    assert!(matches!(hosted.house.says(), cluster::parent::FromLive::Drained));
}
