//! What lapses, told with a clock that we turn. Everything else is told through the socket, in `tests/`.

use std::time::Duration;

use keeper_api::{LinkSecret, MemberRequest, Reply, Request, SessionToken, SignInSecret};
use protocol::account::DeviceLabel;
use protocol::limits::{
    DEVICE_LINK_PERIOD, INVITE_ALLOWANCE, INVITE_PERIOD, INVITE_REFILL_DAYS, OWNER_LINK_PERIOD,
    SESSION_PERIOD,
};
use protocol::text::{DisplayName, Handle, ServerName};
use protocol::{ErrorCode, Timestamp};
use store::Store;

use super::{Keeper, owner_link};
use crate::limits::{CODE_GUESS_PERIOD, CODE_GUESSES_AT_ONCE};

/// Noon of some day.
const NOON: Timestamp = Timestamp(20_000 * 86_400_000 + 43_200_000);
const MOMENT: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

struct Bench {
    keeper: Keeper,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("db")).await.expect("a database");
        Self { keeper: Keeper::new(store, None, None, crate::push_key::new()), _folder: folder }
    }

    async fn with_owner() -> (Self, SessionToken) {
        let bench = Self::new().await;
        let link = owner_link(&bench.keeper.store, NOON).await.expect("made").expect("no owner yet");
        let session = bench.claim(link, NOON).await.expect("claimed");
        (bench, session)
    }

    async fn claim(&self, secret: LinkSecret, now: Timestamp) -> Result<SessionToken, ErrorCode> {
        let claim = Request::ClaimServer {
            secret,
            server_name: ServerName::parse("The Kitchen").expect("a name"),
            name: DisplayName::parse("Ann").expect("a name"),
            handle: Handle::parse("ann").expect("a handle"),
            device: DeviceLabel::Linux,
        };
        match self.keeper.answer(claim, now).await.answer? {
            Reply::SignedIn(signed) => Ok(signed.session),
            other => panic!("{other:?}"),
        }
    }

    async fn ask(
        &self,
        session: &SessionToken,
        request: MemberRequest,
        now: Timestamp,
    ) -> Result<Reply, ErrorCode> {
        let request = Request::ForMember { session: session.clone(), request };
        self.keeper.answer(request, now).await.answer
    }

    async fn link(&self, session: &SessionToken, request: MemberRequest, now: Timestamp) -> keeper_api::Link {
        match self.ask(session, request, now).await {
            Ok(Reply::Link(link)) => link,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_owners_link_stands_for_an_hour() {
    let bench = Bench::new().await;
    let link = owner_link(&bench.keeper.store, NOON).await.expect("made").expect("no owner yet");
    let end = NOON.plus(OWNER_LINK_PERIOD);
    assert_eq!(bench.claim(link.clone(), end).await, Err(ErrorCode::LinkSpent));
    assert!(bench.claim(link, Timestamp(end.0 - 1)).await.is_ok());
    assert_eq!(owner_link(&bench.keeper.store, NOON).await.expect("asked"), None, "it has an owner now");
}

#[tokio::test]
async fn an_invitation_stands_for_seven_days_and_the_rest_of_the_last() {
    let (bench, ann) = Bench::with_owner().await;
    let link = bench.link(&ann, MemberRequest::CreateInvite { uses: 1, note: None }, NOON).await;
    let keeper = &bench.keeper;
    let preview = |now| {
        let request = Request::PreviewInvite { secret: link.secret.clone() };
        async move { keeper.answer(request, now).await.answer }
    };
    assert!(preview(NOON.plus(INVITE_PERIOD)).await.is_ok());
    assert!(preview(Timestamp(link.expires.0 - 1)).await.is_ok());
    assert_eq!(preview(link.expires).await, Err(ErrorCode::LinkSpent));
    assert!(link.expires <= NOON.plus(INVITE_PERIOD + DAY));
}

#[tokio::test]
async fn a_device_link_stands_for_two_minutes() {
    let (bench, ann) = Bench::with_owner().await;
    let link = bench.link(&ann, MemberRequest::CreateDeviceLink, NOON).await;
    assert_eq!(link.expires, NOON.plus(DEVICE_LINK_PERIOD));
    let code = SignInSecret::Code(link.code.expect("a code too"));
    let keeper = &bench.keeper;
    let sign_in = |secret, now| {
        let request = Request::SignInByLink { secret, device: DeviceLabel::Android };
        async move { keeper.answer(request, now).await.answer }
    };
    assert_eq!(sign_in(code.clone(), link.expires).await, Err(ErrorCode::LinkSpent));
    assert_eq!(
        sign_in(SignInSecret::Link(link.secret.clone()), link.expires).await,
        Err(ErrorCode::LinkSpent)
    );
    assert!(sign_in(code, Timestamp(link.expires.0 - 1)).await.is_ok());
    assert_eq!(sign_in(SignInSecret::Link(link.secret), NOON).await, Err(ErrorCode::LinkSpent), "one use");
}

#[tokio::test]
async fn a_session_ends_on_the_day_that_was_fixed_when_it_was_made_however_often_it_is_used() {
    let (bench, ann) = Bench::with_owner().await;
    let keeper = &bench.keeper;
    let check = |now| {
        let request = Request::CheckSession { session: ann.clone() };
        async move { keeper.answer(request, now).await.answer }
    };
    for day in 0..180 {
        assert!(check(NOON.plus(DAY * day)).await.is_ok());
    }
    assert!(check(NOON.plus(SESSION_PERIOD)).await.is_ok());
    assert_eq!(check(NOON.plus(SESSION_PERIOD + DAY)).await, Err(ErrorCode::SignedOut));
}

#[tokio::test]
async fn an_invitation_comes_back_on_its_day_to_somebody_who_was_asked_about_the_day_before() {
    let (bench, ann) = Bench::with_owner().await;
    let link = bench.link(&ann, MemberRequest::CreateInvite { uses: 1, note: None }, NOON).await;
    let (name, handle) = (DisplayName::parse("Ben"), Handle::parse("ben"));
    let accept = Request::AcceptInvite {
        secret: link.secret,
        name: name.expect("a name"),
        handle: handle.expect("a handle"),
        device: DeviceLabel::Android,
    };
    let Ok(Reply::SignedIn(ben)) = bench.keeper.answer(accept, NOON).await.answer else { panic!("in") };
    let invite = MemberRequest::CreateInvite { uses: 2, note: None };
    bench.ask(&ben.session, invite, NOON).await.expect("invited");
    let check = Request::CheckSession { session: ben.session };
    let mut left = Vec::new();
    for day in 0..=INVITE_REFILL_DAYS {
        let now = NOON.plus(DAY * day);
        // Asked twice: the second time it is known.
        for _ in 0..2 {
            let Ok(Reply::Session(session)) = bench.keeper.answer(check.clone(), now).await.answer else {
                panic!("a session")
            };
            left.push(session.me.invites_left);
        }
        assert!(bench.keeper.recall(&check, now).is_some(), "known");
    }
    let (last, before) = (left.split_off(left.len() - 2), left);
    assert!(before.iter().all(|left| *left == INVITE_ALLOWANCE - 2));
    assert_eq!(last, [INVITE_ALLOWANCE - 1; 2]);
}

#[tokio::test]
async fn however_many_wrong_codes_strangers_try_a_members_own_gets_them_in() {
    let (bench, ann) = Bench::with_owner().await;
    let Ok(Reply::RecoveryCodes(made)) = bench.ask(&ann, MemberRequest::MakeRecoveryCodes, NOON).await else {
        panic!("codes")
    };
    let right = keeper_api::RecoveryCode::parse(&made.codes[0]).expect("a code");
    let keeper = &bench.keeper;
    let sign_in = |handle: &str, code| {
        let handle = keeper_api::Typed::new(handle).expect("short");
        let request = Request::SignInByRecoveryCode { handle, code, device: DeviceLabel::Mac };
        async move { keeper.answer(request, NOON).await.answer }
    };
    let wrong = keeper_api::RecoveryCode::from_random([7; 10]);
    for handle in ["ann", "nobody"] {
        for _ in 0..30 {
            assert_eq!(sign_in(handle, wrong.clone()).await, Err(ErrorCode::LinkSpent), "known or not");
        }
    }
    assert!(sign_in("@Ann", right).await.is_ok());
    assert_eq!(bench.ask(&ann, rename(), NOON).await.err(), None, "nor do they use up what she may do");
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_and_back_while_the_server_runs_shuts_nobody_out() {
    let (bench, ann) = Bench::with_owner().await;
    let ahead = NOON.plus(100 * DAY);
    let invite = || MemberRequest::CreateInvite { uses: 1, note: None };
    // As much as she may at once.
    while bench.ask(&ann, invite(), ahead).await.is_ok() {}
    while bench.ask(&ann, rename(), ahead).await.is_ok() {}
    while bench.ask(&ann, MemberRequest::CreateDeviceLink, ahead).await.is_ok() {}
    assert_eq!(bench.ask(&ann, rename(), NOON).await.err(), None, "an hour later it is put right");
    assert_eq!(bench.ask(&ann, invite(), NOON).await.err(), None);
    let link = bench.link(&ann, MemberRequest::CreateDeviceLink, NOON).await;
    let by_link = Request::SignInByLink { secret: SignInSecret::Link(link.secret), device: DeviceLabel::Mac };
    assert!(bench.keeper.answer(by_link, NOON).await.answer.is_ok());
}

fn rename() -> MemberRequest {
    MemberRequest::Rename { name: DisplayName::parse("Ann B").expect("a name") }
}

#[tokio::test]
async fn a_few_strangers_with_wrong_short_codes_do_not_shut_them_for_the_server() {
    let (bench, ann) = Bench::with_owner().await;
    let keeper = &bench.keeper;
    let sign_in = |code| {
        let request = Request::SignInByLink { secret: SignInSecret::Code(code), device: DeviceLabel::Other };
        async move { keeper.answer(request, NOON).await.answer }
    };
    for _ in 0..200 {
        let wrong = keeper_api::DeviceCode::from_random([7; 5]);
        assert_eq!(sign_in(wrong).await, Err(ErrorCode::LinkSpent));
    }
    let link = bench.link(&ann, MemberRequest::CreateDeviceLink, NOON).await;
    assert!(sign_in(link.code.expect("a code")).await.is_ok());
}

#[tokio::test]
async fn wrong_short_codes_are_counted_over_everybody_together() {
    let (bench, ann) = Bench::with_owner().await;
    let keeper = &bench.keeper;
    let guess = |n: u8, now| {
        let code = keeper_api::DeviceCode::from_random([n; 5]);
        let request = Request::SignInByLink { secret: SignInSecret::Code(code), device: DeviceLabel::Other };
        async move { keeper.answer(request, now).await.answer }
    };
    for _ in 0..CODE_GUESSES_AT_ONCE {
        assert_eq!(guess(60, NOON).await, Err(ErrorCode::LinkSpent));
    }
    assert_eq!(guess(60, NOON).await, Err(ErrorCode::TooMany));
    let link = bench.link(&ann, MemberRequest::CreateDeviceLink, NOON).await;
    let by_link =
        Request::SignInByLink { secret: SignInSecret::Link(link.secret), device: DeviceLabel::Other };
    assert!(bench.keeper.answer(by_link, NOON).await.answer.is_ok(), "the link itself cannot be guessed");
    assert_eq!(
        guess(61, NOON.plus(CODE_GUESS_PERIOD + MOMENT)).await,
        Err(ErrorCode::LinkSpent),
        "it passes"
    );
}
