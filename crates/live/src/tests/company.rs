//! Who would like to talk, and asks whom, as people at sockets see it.

use protocol::ErrorCode;
use protocol::company::{Availability, Company, MayAsk, TalkEnd};
use protocol::id::RoomId;
use protocol::limits::SOCKET_PING_PERIOD;
use protocol::media::Sdp;
use protocol::room::{Authority, LeftReason, Mic, MyPlace, Place, RoomCommand, RoomEvent, RoomKind};
use protocol::socket::{ClientMessage, ServerMessage};
use protocol::text::Handle;
use tokio::time::timeout;

use super::client::{Client, InRoom, OFFER, open_room, request};
use super::house::House;
use super::keeper::INVITATION;

fn handle(name: &str) -> Handle {
    Handle::parse(name).expect("a handle")
}

/// Ann and Ben, who follow each other, and Cleo, who follows both.
struct Three {
    house: House,
    ann: Client,
    ben: Client,
    cleo: Client,
    bens: keeper_api::SessionToken,
}

impl Three {
    async fn meet() -> Self {
        let house = House::new();
        let [anns, bens, cleos] = ["ann", "ben", "cleo"].map(|name| house.keeper.member(name));
        for (who, whom) in [("ann", "ben"), ("ben", "ann"), ("cleo", "ann"), ("cleo", "ben")] {
            house.keeper.follow(who, whom);
        }
        let ann = Client::hello(&house, &anns).await;
        let ben = Client::hello(&house, &bens).await;
        let cleo = Client::hello(&house, &cleos).await;
        Self { house, ann, ben, cleo, bens }
    }
}

async fn is_available(client: &mut Client, to: Availability) {
    client.done(|request| ClientMessage::Available { request, to }).await.expect("said");
}

async fn ask(client: &mut Client, who: &str) -> Result<(), ErrorCode> {
    let who = handle(who);
    client.done(|request| ClientMessage::AskToTalk { request, who }).await
}

async fn accept(client: &mut Client, who: &str) -> Result<InRoom, ErrorCode> {
    let who = handle(who);
    client.enter_by(|request| ClientMessage::AcceptTalk { request, who, offer: Sdp(OFFER.to_owned()) }).await
}

/// The first word of it that fits.
async fn hears(client: &mut Client, fits: impl Fn(&Company) -> bool) -> Company {
    let fitting =
        |message: &ServerMessage| matches!(message, ServerMessage::Company { company } if fits(company));
    match client.until(fitting).await {
        ServerMessage::Company { company } => company,
        other => unreachable!("{other:?}"),
    }
}

fn offers(who: &'static str) -> impl Fn(&Company) -> bool {
    move |company| company.available.iter().any(|one| one.who.handle == handle(who) && one.ask == MayAsk::Yes)
}

fn is_asked_by(who: &'static str) -> impl Fn(&Company) -> bool {
    move |company| company.asked_by.iter().any(|one| one.who.handle == handle(who))
}

async fn is_told(client: &mut Client, whom: &str, end: TalkEnd) {
    let fits = |message: &ServerMessage| matches!(message, ServerMessage::TalkOver { who, why } if who.handle == handle(whom) && *why == end);
    client.until(fits).await;
}

/// What else was said to somebody until now is nothing of this.
async fn hears_nothing(client: &mut Client) {
    client.say(&ClientMessage::Ping).await;
    loop {
        match client.next().await {
            ServerMessage::Pong => return,
            ServerMessage::Company { company } => panic!("{company:?}"),
            ServerMessage::TalkOver { who, .. } => panic!("{who:?}"),
            _ => {}
        }
    }
}

async fn where_to(client: &mut Client) -> RoomId {
    match client.until(|message| matches!(message, ServerMessage::TalkOpened { .. })).await {
        ServerMessage::TalkOpened { room, .. } => room,
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test]
async fn two_who_follow_each_other_are_in_a_closed_room_after_one_question_and_one_yes() {
    let Three { house: _house, mut ann, mut ben, mut cleo, .. } = Three::meet().await;
    is_available(&mut ben, Availability::Available).await;
    hears(&mut ben, |company| company.available_until.is_some()).await;
    hears(&mut ann, offers("ben")).await;
    assert_eq!(ask(&mut cleo, "ben").await, Err(ErrorCode::PersonGone));
    ask(&mut ann, "ben").await.expect("asked");
    hears(&mut ann, |company| company.asking.is_some()).await;
    hears(&mut ben, is_asked_by("ann")).await;

    let hers = accept(&mut ben, "ann").await.expect("a room");
    assert_eq!((hers.view.you.authority, hers.view.facts.kind), (Authority::Owner, RoomKind::Closed));
    assert_eq!(hers.view.you.place, MyPlace::Stage { mic: Mic::Muted });
    let room = where_to(&mut ann).await;
    assert_eq!(room, hers.view.room);
    let entered = ann.enter(room).await.expect("asked in");
    assert_eq!(entered.view.you.authority, Authority::Moderator);
    // Up by themselves, and muted.
    let who = entered.view.you.id;
    ann.command(RoomCommand::InviteToStage { who }).await.expect("keeps order");
    ann.command(RoomCommand::AcceptInvitation).await.expect("up");
    let on_stage = |event: &RoomEvent| matches!(event, RoomEvent::Person { person } if person.id == who && person.place == Place::Stage { mic: Mic::Muted });
    ben.event(on_stage).await;
    // Neither is available any more, and for everybody else there never was anything.
    hears(&mut ann, |company| *company == Company::default()).await;
    assert_eq!(cleo.enter(room).await.map(|_| ()), Err(ErrorCode::NotThere));
    hears_nothing(&mut cleo).await;
}

#[tokio::test]
async fn not_now_is_told_and_so_is_a_question_that_is_taken_back() {
    let Three { house: _house, mut ann, mut ben, .. } = Three::meet().await;
    is_available(&mut ben, Availability::Available).await;
    ask(&mut ann, "ben").await.expect("asked");
    ben.say(&ClientMessage::DeclineTalk { who: handle("ann") }).await;
    is_told(&mut ann, "ben", TalkEnd::NotNow).await;
    assert_eq!(ask(&mut ann, "ben").await, Err(ErrorCode::TooMany));
    assert_eq!(accept(&mut ben, "ann").await.map(|_| ()), Err(ErrorCode::NotNow));
    is_available(&mut ben, Availability::Off).await;
    is_available(&mut ben, Availability::Available).await;
    ask(&mut ann, "ben").await.expect("another time");
    ann.say(&ClientMessage::TakeAskBack).await;
    is_told(&mut ben, "ann", TalkEnd::TakenBack).await;
}

#[tokio::test]
async fn who_is_blocked_sees_and_gets_what_they_would_of_a_handle_that_nobody_has() {
    let Three { house, mut ann, mut ben, .. } = Three::meet().await;
    is_available(&mut ben, Availability::Available).await;
    ask(&mut ann, "ben").await.expect("asked");
    hears(&mut ann, |company| company.asking.is_some()).await;
    house.keeper.block("ben", "ann");
    is_told(&mut ann, "ben", TalkEnd::Gone).await;
    hears(&mut ann, |company| *company == Company::default()).await;
    assert_eq!(ask(&mut ann, "ben").await, Err(ErrorCode::PersonGone));
    assert_eq!(ask(&mut ann, "nobody").await, Err(ErrorCode::PersonGone));
    assert_eq!(accept(&mut ben, "ann").await.map(|_| ()), Err(ErrorCode::NotNow));
}

#[tokio::test]
async fn who_goes_into_a_room_or_signs_out_is_not_available_any_more() {
    let Three { house, mut ann, mut ben, bens, .. } = Three::meet().await;
    is_available(&mut ben, Availability::Available).await;
    hears(&mut ann, offers("ben")).await;
    let room = ben.start_room(open_room()).await.view.room;
    hears(&mut ann, |company| company.available.is_empty()).await;
    ben.command(RoomCommand::End).await.expect("ends");
    ben.until(|message| *message == ServerMessage::Left { room, reason: LeftReason::Ended }).await;
    is_available(&mut ben, Availability::Available).await;
    hears(&mut ann, offers("ben")).await;
    ask(&mut ann, "ben").await.expect("asked");
    house.keeper.revoke(&bens);
    is_told(&mut ann, "ben", TalkEnd::Gone).await;
    hears(&mut ann, |company| company.available.is_empty()).await;
}

#[tokio::test]
async fn whose_sessions_all_end_together_asks_nobody_any_more() {
    let Three { house, mut ann, mut ben, bens, .. } = Three::meet().await;
    let others = house.keeper.device("ben");
    let _elsewhere = Client::hello(&house, &others).await;
    is_available(&mut ann, Availability::Available).await;
    ask(&mut ben, "ann").await.expect("asked");
    hears(&mut ann, is_asked_by("ben")).await;
    house.keeper.revoke(&bens);
    house.keeper.revoke(&others);
    is_told(&mut ann, "ben", TalkEnd::Gone).await;
    assert_eq!(accept(&mut ann, "ben").await.map(|_| ()), Err(ErrorCode::NotNow));
}

#[tokio::test]
async fn the_page_on_which_somebody_asked_is_the_one_that_is_told_where_to_come() {
    let Three { house, mut ann, mut ben, .. } = Three::meet().await;
    let others = house.keeper.device("ann");
    let mut later = Client::hello(&house, &others).await;
    is_available(&mut ben, Availability::Available).await;
    ask(&mut ann, "ben").await.expect("asked");
    let room = accept(&mut ben, "ann").await.expect("a room").view.room;
    assert_eq!(where_to(&mut ann).await, room);
    later.say(&ClientMessage::Ping).await;
    let either =
        |message: &ServerMessage| matches!(message, ServerMessage::Pong | ServerMessage::TalkOpened { .. });
    assert_eq!(later.until(either).await, ServerMessage::Pong);
}

#[tokio::test]
async fn a_newcomer_who_blocks_is_not_offered_any_more_once_that_was_tried() {
    let house = House::new();
    let anns = house.keeper.member("ann");
    let mut ann = Client::hello(&house, &anns).await;
    let bens = comes_by_invitation(&house).await;
    // They stay at their page: that they are gone is not why.
    let _ben = Client::hello(&house, &bens).await;
    hears(&mut ann, |company| !company.arrived.is_empty()).await;
    house.keeper.block("ben", "ann");
    assert_eq!(ask(&mut ann, "ben").await, Err(ErrorCode::PersonGone));
    // Long before a page that says nothing counts as gone.
    let soon = timeout(SOCKET_PING_PERIOD, hears(&mut ann, |company| company.arrived.is_empty()));
    soon.await.expect("because that was tried");
}

#[tokio::test]
async fn a_page_that_is_loaded_anew_finds_what_stood_and_a_process_that_began_anew_nothing() {
    let Three { mut house, ann, mut ben, bens, .. } = Three::meet().await;
    let anns = house.keeper.device("ann");
    is_available(&mut ben, Availability::Available).await;
    ben.vanish();
    let mut ben = Client::hello(&house, &bens).await;
    hears(&mut ben, |company| company.available_until.is_some()).await;
    ann.vanish();
    let mut ann = Client::hello(&house, &anns).await;
    hears(&mut ann, offers("ben")).await;
    house.die_and_restart();
    let mut ann = Client::hello(&house, &anns).await;
    let _ben = Client::hello(&house, &bens).await;
    assert_eq!(ask(&mut ann, "ben").await, Err(ErrorCode::PersonGone));
    hears_nothing(&mut ann).await;
}

/// Ben, by an invitation of Ann's.
async fn comes_by_invitation(house: &House) -> keeper_api::SessionToken {
    let body = format!(r#"{{"token":"{}","name":"Ben","handle":"ben"}}"#, INVITATION.reveal());
    let accept_header = "Accept: application/vnd.vivavoce.token+json";
    let accepted = request(house, "POST /api/v1/invites/accept", &[accept_header], &body).await;
    assert_eq!(accepted.status, 200);
    let new: protocol::account::SignedIn = serde_json::from_slice(&accepted.body).expect("signed in");
    keeper_api::SessionToken::parse(&new.bearer.expect("asked for")).expect("a token")
}

#[tokio::test]
async fn who_invited_somebody_and_is_here_is_told_when_they_come_and_asks_them() {
    let house = House::new();
    let [anns, cleos] = ["ann", "cleo"].map(|name| house.keeper.member(name));
    let mut ann = Client::hello(&house, &anns).await;
    let mut cleo = Client::hello(&house, &cleos).await;
    let bens = comes_by_invitation(&house).await;
    let mut ben = Client::hello(&house, &bens).await;
    let told = hears(&mut ann, |company| !company.arrived.is_empty()).await;
    assert_eq!(told.arrived[0].handle, handle("ben"));
    assert_eq!(ask(&mut cleo, "ben").await, Err(ErrorCode::PersonGone));
    ask(&mut ann, "ben").await.expect("asked");
    hears(&mut ben, is_asked_by("ann")).await;
    let room = accept(&mut ben, "ann").await.expect("a room").view.room;
    assert_eq!(where_to(&mut ann).await, room);
    hears(&mut ann, |company| company.arrived.is_empty()).await;
    hears_nothing(&mut cleo).await;
}
