//! The line to `live`: its order, its bounds, and what happens when one end dies.

use std::time::Duration;

use keeper_api::limits::{FRAME_BYTES_MAX, RESOLVE_MAX};
use keeper_api::{
    AskNumber, MemberRequest, Push, Reply, Request, SealingKey, SignInSecret, ToKeeper, ToLive, encode,
};
use protocol::ErrorCode;
use protocol::account::DeviceLabel;

use crate::bench::{House, handle, name};

#[test]
fn the_sealing_key_outlives_live_and_is_handed_back_after_the_keeper() {
    let mut house = House::of("ann");
    let mut second = house.server.new_live();
    let kept = second.greet(None).sealing_key;
    let mut third = house.server.new_live();
    assert_eq!(third.greet(None).sealing_key, kept, "the same for each live");

    let mut house = house.restart(|_| ());
    let mut fresh = house.server.new_live();
    assert_ne!(fresh.greet(None).sealing_key, kept, "both died together: a new one");
    let mut survivor = house.server.new_live();
    assert_eq!(survivor.greet(Some(kept.clone())).sealing_key, kept, "the keeper died alone");
    let mut next = house.server.new_live();
    assert_eq!(next.greet(None).sealing_key, kept);
    house.server.stop();
}

#[test]
fn a_new_live_takes_the_place_of_the_old() {
    let mut house = House::of("ann");
    let mut second = house.server.new_live();
    second.greet(None);
    assert_eq!(house.live.receive(), None, "the old line is closed");
    assert!(second.check(&house.owner.session).is_ok());
    house.server.stop();
}

/// Somebody presses an invitation and `live` dies over it: whoever looks once the next one is there, be it into the database
/// itself, sees what stays true.
#[test]
fn what_one_live_asked_has_come_true_before_the_next_is_welcomed_or_never_will() {
    let mut house = House::of("ann");
    let secret = house.live.invite(&house.owner.session).secret;
    let path = house.data().join("vivavoce.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let open = async || {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
        sqlx::ConnectOptions::connect(&options).await.expect("a database")
    };
    let bens = async || {
        let sql = "SELECT COUNT(*) FROM members WHERE handle = 'ben'";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut open().await).await.expect("read")
    };
    // Somebody else writes to it, and is slow.
    let mut other = runtime.block_on(open());
    runtime.block_on(sqlx::query("BEGIN IMMEDIATE").execute(&mut other)).expect("nobody else writes");
    let (name, device) = (name("Ben"), DeviceLabel::Linux);
    house.live.put(Request::AcceptInvite { secret, name, handle: handle("ben"), device });
    let let_go = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(sqlx::query("ROLLBACK").execute(&mut other)).expect("let go");
    });
    // Time for it to be read, and begun.
    std::thread::sleep(Duration::from_millis(100));
    let mut next = house.server.new_live();
    next.greet(None);
    let at_once = runtime.block_on(bens());
    let_go.join().expect("done");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(at_once, runtime.block_on(bens()), "it came true behind the back of whoever looked");
    house.server.stop();
}

#[test]
fn what_cannot_be_understood_ends_the_line_and_not_the_keeper() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let too_long = u32::try_from(FRAME_BYTES_MAX + 1).expect("fits").to_le_bytes();
    for noise in [&[3, 0, 0, 0, 255, 255, 255][..], &too_long, &[0, 0, 0, 0]] {
        let mut live = house.server.new_live();
        live.greet(None);
        live.write(noise);
        assert_eq!(live.receive(), None);
    }
    let mut rude = house.server.new_live();
    rude.send(&ToKeeper::Ask { number: AskNumber(1), request: Request::Door });
    assert_eq!(rude.receive(), None, "no hello, no answer");
    let mut twice = house.server.new_live();
    twice.greet(None);
    twice.send(&ToKeeper::Hello(keeper_api::Hello { sealing_key: Some(SealingKey::from_random([1; 32])) }));
    assert_eq!(twice.receive(), None, "hello is said once");
    let mut good = house.server.new_live();
    good.greet(None);
    assert!(good.check(&owner).is_ok());
    house.server.stop();
}

#[test]
fn a_request_for_more_than_its_bound_is_refused() {
    let mut house = House::of("ann");
    let handles = vec![handle("ann"); RESOLVE_MAX + 1];
    assert_eq!(
        house.live.ask(Request::Resolve { asker: house.owner.me.id, handles }),
        Err(ErrorCode::TooLarge)
    );
    house.server.stop();
}

#[test]
fn a_live_that_asks_far_more_than_it_reads_gets_every_answer_in_the_end() {
    let mut house = House::of("ann");
    let asks = 20 * keeper_api::limits::ASKS_IN_FLIGHT_MAX;
    let writer = house.live.writer(asks, Request::CheckSession { session: house.owner.session.clone() });
    let mut answered = 0;
    while answered < asks {
        match house.live.receive() {
            Some(ToLive::Answer { answer: Ok(Reply::Session(_)), .. }) => answered += 1,
            other => panic!("{other:?}"),
        }
    }
    writer.join().expect("all were taken");
    house.server.stop();
}

/// Were it otherwise, `live` could open a socket for a session right after it was told that the session has ended.
#[test]
fn no_check_that_succeeds_is_answered_after_the_word_that_the_session_has_ended() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    for _ in 0..10 {
        let link = house.live.link(&owner, MemberRequest::CreateDeviceLink);
        let sign_in =
            Request::SignInByLink { secret: SignInSecret::Link(link.secret), device: DeviceLabel::Android };
        let phone = house.live.sign_in(sign_in).expect("signed in");
        let session = phone.me.session;
        let check = || Request::CheckSession { session: phone.session.clone() };
        let mut asked = 0;
        for _ in 0..60 {
            house.live.put(check());
            asked += 1;
        }
        let revoke = MemberRequest::RevokeSession { session };
        house.live.put(Request::ForMember { session: owner.clone(), request: revoke });
        for _ in 0..60 {
            house.live.put(check());
            asked += 1;
        }
        let (mut ended, mut good, mut refused) = (false, 0, 0);
        while good + refused < asked || !ended {
            match house.live.receive().expect("alive") {
                ToLive::Push(Push::SessionEnded { .. }) => ended = true,
                ToLive::Answer { answer: Ok(Reply::Session(_)), .. } => {
                    assert!(!ended, "answered as good after its end");
                    good += 1;
                }
                ToLive::Answer { answer: Err(ErrorCode::SignedOut), .. } => refused += 1,
                ToLive::Answer { answer: Ok(Reply::Done), .. }
                | ToLive::Push(Push::AccountChanged { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(good > 0 && refused > 0, "the revocation came in between: {good} and {refused}");
    }
    house.server.stop();
}

#[test]
fn what_is_asked_right_after_a_change_is_answered_with_it() {
    let mut house = House::of("ann");
    let session = house.owner.session.clone();
    house.live.check(&session).expect("known from here on");
    for round in 0..20 {
        let fresh = name(&format!("Ann {round}"));
        let request = MemberRequest::Rename { name: fresh.clone() };
        let rename = Request::ForMember { session: session.clone(), request };
        let check = Request::CheckSession { session: session.clone() };
        let asks = [(AskNumber(1), rename), (AskNumber(2), check)];
        let frames = asks.map(|(number, request)| encode(&ToKeeper::Ask { number, request }).expect("small"));
        house.live.write(&frames.concat());
        loop {
            match house.live.receive().expect("alive") {
                ToLive::Answer { number: AskNumber(2), answer: Ok(Reply::Session(now)) } => {
                    assert_eq!(now.me.name, fresh);
                    break;
                }
                ToLive::Answer { number: AskNumber(1), answer: Ok(Reply::Me(_)) } | ToLive::Push(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    house.server.stop();
}

#[test]
fn the_keeper_goes_when_its_parent_is_gone() {
    let house = House::of("ann");
    house.server.abandon();
}
