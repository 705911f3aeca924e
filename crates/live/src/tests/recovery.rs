//! Processes that die.

use cluster::parent::LiveNote;
use cluster::{Blob, Format, Sealed, Sealer, SealingKey};
use keeper_api::SessionToken;
use protocol::ErrorCode;
use protocol::hallway::HallwayChange;
use protocol::limits::RECONNECT_GRACE;
use protocol::media::Sdp;
use protocol::room::{Authority, Mic, MyMic, MyPlace, Presence, RoomCommand, RoomEvent};
use protocol::socket::{ClientMessage, ServerMessage};
use tokio::time::timeout;

use super::client::{Client, OFFER, open_room, request_as};
use super::house::{House, PATIENCE};
use crate::room::FORMAT;

const _: () = assert!(RECONNECT_GRACE.as_secs() > 10, "the tests here come back well within it");

#[tokio::test]
async fn a_room_survives_the_process_that_ran_it() {
    let mut house = House::new();
    let tokens = ["ann", "ben", "cat"].map(|handle| house.keeper.member(handle));
    let mut ann = Client::hello(&house, &tokens[0]).await;
    let mut ben = Client::hello(&house, &tokens[1]).await;
    let started = ann.start_room(open_room()).await;
    let room = started.view.room;
    let entered = ben.enter(room).await.expect("in");
    ann.command(RoomCommand::SetMic { mic: MyMic::Open }).await.expect("open");
    ben.command(RoomCommand::RaiseHand).await.expect("raised");

    house.die_and_restart();
    ann.end().await;
    let mut ann = Client::hello(&house, &tokens[0]).await;
    let silent = ann.enter_with(room, None, Some(started.seat)).await.map(|_| ());
    assert_eq!(silent, Err(ErrorCode::BadOffer), "the media connection died with the process");
    let back = ann.enter_with(room, Some(OFFER), Some(started.seat)).await.expect("back");
    assert_eq!(back.view.you.id, started.view.you.id);
    assert_eq!(back.view.you.authority, Authority::Owner);
    assert_eq!(
        back.view.you.place,
        MyPlace::Stage { mic: Mic::Open },
        "proved by the seat's token, as it was"
    );
    assert!(back.view.epoch > started.view.epoch, "a new run numbers its own events");
    let person = |id| back.view.people.iter().find(|person| person.id == id).expect("listed");
    assert_eq!(person(entered.view.you.id).presence, Presence::Reconnecting);
    assert_eq!(back.view.queue.len(), 1);

    let mut ben = Client::hello(&house, &tokens[1]).await;
    let again = ben.enter(room).await.expect("back without a token");
    assert_eq!(again.view.you.id, entered.view.you.id);
    assert!(matches!(again.view.you.place, MyPlace::HandRaised { .. }));
    let mut cat = Client::hello(&house, &tokens[2]).await;
    cat.enter(room).await.expect("newcomers too");
}

#[tokio::test]
async fn every_crash_is_another_epoch_though_nothing_happened_since_the_last() {
    let mut house = House::new();
    let ann_token = house.keeper.member("ann");
    let mut ann = Client::hello(&house, &ann_token).await;
    let started = ann.start_room(open_room()).await;
    let room = started.view.room;
    for _ in 0..3 {
        house.die_and_restart();
        house.owner_answers(room).await;
    }
    let mut ann = Client::hello(&house, &ann_token).await;
    let back = ann.enter_with(room, Some(OFFER), Some(started.seat)).await.expect("back");
    assert_eq!(back.view.epoch, started.view.epoch + 3, "each is said to whoever was there before");
}

#[tokio::test]
async fn a_room_that_came_back_is_still_its_owners_only_one() {
    let mut house = House::new();
    let tokens = ["ann", "ben"].map(|handle| house.keeper.member(handle));
    let mut ann = Client::hello(&house, &tokens[0]).await;
    let mut ben = Client::hello(&house, &tokens[1]).await;
    let room = ann.start_room(open_room()).await.view.room;
    ben.enter(room).await.expect("in");
    house.die_and_restart();
    let mut ann = Client::hello(&house, &tokens[0]).await;
    assert_eq!(ann.try_start_room(open_room()).await.map(|_| ()), Err(ErrorCode::NotNow));
    let mut ben = Client::hello(&house, &tokens[1]).await;
    ben.try_start_room(open_room()).await.expect("he owns none");
}

#[tokio::test]
async fn nothing_older_forged_or_foreign_is_ever_rebuilt() {
    let mut house = House::new();
    let tokens = ["ann", "ben"].map(|handle| house.keeper.member(handle));
    let mut ann = Client::hello(&house, &tokens[0]).await;
    let room = ann.start_room(open_room()).await.view.room;
    let older = house.first_kept_blobs();
    let mut ben = Client::hello(&house, &tokens[1]).await;
    ben.enter(room).await.expect("in");
    house.die();
    let kept = house.kept_blobs();
    assert!(kept.len() > older.len(), "ben is in a share of their own");

    let forged = kept.iter().map(|blob| {
        let mut bytes = blob.sealed.as_bytes().to_vec();
        *bytes.last_mut().expect("sealed") ^= 1;
        Blob { sealed: Sealed::from_bytes(bytes), ..blob.clone() }
    });
    let core = older[0].tag;
    let of_two_times = older.iter().chain(kept.iter().filter(|blob| blob.tag != core)).cloned();
    let missing = kept.iter().filter(|blob| blob.tag == core).cloned();
    let foreign = {
        let mut other = House::new();
        let eve = other.keeper.member("eve");
        Client::hello(&other, &eve).await.start_room(open_room()).await;
        other.die();
        other.kept_blobs()
    };
    let key = SealingKey::from_random(*house.keeper.sealing_key().as_bytes());
    let (ours, newer) = (Sealer::new(&key, FORMAT), Sealer::new(&key, Format(FORMAT.0 + 1)));
    let of_a_newer_release = kept.iter().map(|blob| {
        let plain = ours.open(blob).expect("ours");
        newer.seal(blob.tag, blob.version, &plain).expect("sealed")
    });
    for (what, blobs) in [
        ("forged", forged.collect::<Vec<_>>()),
        ("of two times", of_two_times.collect()),
        ("with a part missing", missing.collect()),
        ("of another server", foreign.clone()),
        ("laid out as a newer release does", of_a_newer_release.collect()),
    ] {
        house.keep_instead(blobs);
        let notes = house.start();
        assert!(notes.contains(&LiveNote::RoomsNotRebuilt { rooms: 1 }), "{what}: {notes:?}");
        let mut ann = Client::hello(&house, &tokens[0]).await;
        assert_eq!(ann.enter(room).await.map(|_| ()), Err(ErrorCode::NotThere), "{what}");
        house.die();
        assert!(house.kept_blobs().is_empty(), "{what}: what is of no use is forgotten");
    }
    let tags: Vec<_> = kept.iter().map(|blob| blob.tag).collect();
    house.keep_instead(kept.into_iter().chain(foreign).collect());
    let notes = house.start();
    assert!(notes.contains(&LiveNote::RoomsRebuilt { rooms: 1 }), "{notes:?}");
    house.die();
    assert!(house.kept_blobs().iter().all(|blob| tags.contains(&blob.tag)), "and nothing else stays");
}

#[tokio::test]
async fn nothing_is_kept_of_a_room_that_is_over() {
    let mut house = House::new();
    let ann = house.keeper.member("ann");
    let mut ann = Client::hello(&house, &ann).await;
    let room = ann.start_room(open_room()).await.view.room;
    house.first_kept_blobs();
    house.fail(room).await;
    ann.until(|message| matches!(message, ServerMessage::Left { .. })).await;
    let mut ann = {
        let started = ann.start_room(open_room()).await;
        house.abandon(started.view.room).await;
        ann
    };
    ann.until(|message| matches!(message, ServerMessage::Left { .. })).await;
    house.die();
    assert!(house.kept_blobs().is_empty());
}

#[tokio::test]
async fn while_the_keeper_is_away_rooms_go_on_and_requests_are_told_to_wait() {
    let mut house = House::new();
    let [ann_token, ben_token, cat_token] = ["ann", "ben", "cat"].map(|handle| house.keeper.member(handle));
    let mut cat = Client::hello(&house, &cat_token).await;
    let mut ann = Client::hello(&house, &ann_token).await;
    let mut ben = Client::hello(&house, &ben_token).await;
    let room = ann.start_room(open_room()).await.view.room;
    house.keeper.hang_up();
    assert_eq!(answer_after(200, &house, &ann_token).await, 503);
    ben.enter(room).await.expect("the room needs no keeper");
    ann.event(|event| matches!(event, RoomEvent::Person { .. })).await;

    // Meanwhile ben's session ended and cat followed ann, and nobody could say so.
    house.keeper.revoke(&ben_token);
    house.keeper.follow("cat", "ann");
    house.restart_keeper();
    assert_eq!(ben.end().await, Some(4401), "asked for as soon as somebody could answer");
    cat.until(|message| match message {
        ServerMessage::Hallway { changes } => changes
            .iter()
            .any(|change| matches!(change, HallwayChange::Card { card } if card.followed_on_stage > 0)),
        _ => false,
    })
    .await;
    assert_eq!(answer_after(503, &house, &ann_token).await, 200);
    ann.say(&ClientMessage::Ping).await;
    ann.until(|message| *message == ServerMessage::Pong).await;
    house.die_and_restart();
    let mut ann = Client::hello(&house, &ann_token).await;
    ann.enter(room).await.expect("the key outlived the keeper that made it");
}

/// Asked who one is until the answer is another one than before.
async fn answer_after(before: u16, house: &House, token: &SessionToken) -> u16 {
    let changed = async {
        loop {
            let status = request_as(house, token, "GET /api/v1/me", "").await.status;
            if status != before {
                return status;
            }
        }
    };
    timeout(PATIENCE, changed).await.expect("another answer in time")
}

#[tokio::test]
async fn who_is_signed_out_by_a_keeper_that_is_new_while_the_server_goes_down_is_cut_off_all_the_same() {
    let mut house = House::new();
    let [ann, ben] = ["ann", "ben"].map(|handle| house.keeper.member(handle));
    let mut anns = Client::hello(&house, &ann).await;
    let mut bens = Client::hello(&house, &ben).await;
    let room = anns.start_room(open_room()).await.view.room;
    let seat = bens.enter(room).await.expect("in").view.you.id;
    // Longer than anything here waits: nobody is sent away by the end of it.
    house.drain(60);
    bens.until(|message| matches!(message, ServerMessage::Draining { .. })).await;
    house.keeper.hang_up();
    house.keeper.revoke(&ben);
    house.restart_keeper();
    assert_eq!(bens.end().await, Some(4401));
    anns.event(|event| matches!(event, RoomEvent::Gone { id, .. } if *id == seat)).await;
}

#[tokio::test]
async fn who_comes_after_the_machine_has_moved_is_told_its_new_addresses() {
    let mut house = House::new();
    let ann = house.keeper.member("ann");
    let mut ann = Client::hello(&house, &ann).await;
    let before = ann.start_room(open_room()).await;
    let told = |answer: Option<Sdp>| {
        let Sdp(answer) = answer.expect("an answer");
        let address = |line: &str| line.split(' ').nth(4).expect("an address").to_owned();
        let lines = answer.lines().filter(|line| line.starts_with("a=candidate:"));
        lines.map(address).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(told(before.answer), ["127.0.0.1"]);
    house.move_to(&["192.0.2.7", "2001:db8::7"]);
    // The word of the parent overtakes nobody's question: asked until it is there.
    let moved = async {
        loop {
            let now = told(ann.enter(before.view.room).await.expect("in").answer);
            if now != ["127.0.0.1"] {
                return now;
            }
        }
    };
    let now = timeout(PATIENCE, moved).await.expect("told in time");
    assert_eq!(now, ["192.0.2.7", "2001:db8::7"]);
}

#[tokio::test]
async fn a_report_that_is_on_its_way_outlives_its_room_and_the_process_that_brings_it() {
    let mut house = House::new();
    let tokens = ["ann", "ben"].map(|handle| house.keeper.member(handle));
    let mut ann = Client::hello(&house, &tokens[0]).await;
    let mut ben = Client::hello(&house, &tokens[1]).await;
    let room = ann.start_room(open_room()).await.view.room;
    let who = ben.enter(room).await.expect("in").view.you.id;
    let reason = protocol::order::ReportReason::Spam;
    ann.command(RoomCommand::Report { who, handle: None, reason }).await.expect("reported");
    let of_room: Vec<_> = house.first_kept_blobs().iter().map(|blob| blob.tag).collect();
    house.keeper.hang_up();
    for client in [&mut ben, &mut ann] {
        client.say(&ClientMessage::Leave).await;
    }
    // The room is forgotten, and the report is not.
    kept(&house, |tags| !tags.is_empty() && !tags.iter().any(|tag| of_room.contains(tag))).await;
    house.die_and_restart();
    assert_eq!(house.keeper.report().await, ("ann".to_owned(), "ben".to_owned(), Vec::new()));
    kept(&house, |tags| tags.is_empty()).await;
    house.die_and_restart();
    assert_eq!(house.keeper.report_so_far(), None, "once");
}

async fn kept(house: &House, is: impl Fn(&[cluster::Tag]) -> bool) {
    let reached = async {
        while !is(&house.kept_blobs().iter().map(|blob| blob.tag).collect::<Vec<_>>()) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, reached).await.expect("kept so");
}
