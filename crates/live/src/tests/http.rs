//! The HTTP side, asked over a real connection.

use keeper_api::SessionToken;
use protocol::ErrorCode;
use protocol::account::{InvitePreview, Me, NewInvite, NewLink, PasskeySupport, ServerDoor, SignedIn};
use protocol::id::RoomId;
use protocol::room::{RoomCommand, RoomKind};
use protocol::sandbox::SandboxState;
use protocol::socket::ServerMessage;

use super::client::{Client, request, request_as, room};
use super::house::House;
use super::keeper::INVITATION;

#[tokio::test]
async fn somebody_with_an_invitation_gets_in_and_stays_in() {
    let house = House::new();
    let token = INVITATION.reveal();
    let preview =
        request(&house, "POST /api/v1/invites/preview", &[], &format!(r#"{{"token":"{token}"}}"#)).await;
    let preview: InvitePreview = serde_json::from_slice(&preview.body).expect("a preview");
    assert_eq!((preview.inviter.as_str(), preview.server.as_str()), ("Ann", "Kitchen"));

    let body = format!(r#"{{"token":"{token}","name":"Ben","handle":"ben"}}"#);
    let accepted = request(&house, "POST /api/v1/invites/accept", &[], &body).await;
    assert_eq!(accepted.status, 200);
    let signed_in: SignedIn = serde_json::from_slice(&accepted.body).expect("signed in");
    assert_eq!((signed_in.me.handle.as_str(), signed_in.bearer), ("ben", None));
    let cookie = accepted.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("s=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );

    let pair = cookie.split(';').next().expect("a pair");
    let me = request(&house, "GET /api/v1/me", &[&format!("Cookie: {pair}")], "").await;
    let me: Me = serde_json::from_slice(&me.body).expect("me");
    assert_eq!(me.handle.as_str(), "ben");
    let again = request(&house, "POST /api/v1/invites/accept", &[], &body).await;
    assert_eq!((again.status, again.error()), (409, ErrorCode::HandleTaken));
}

#[tokio::test]
async fn a_client_without_cookies_is_given_its_token_and_no_cookie() {
    let house = House::new();
    let body = format!(r#"{{"token":"{}","name":"Ben","handle":"ben"}}"#, INVITATION.reveal());
    let accept = "Accept: application/vnd.vivavoce.token+json";
    let accepted = request(&house, "POST /api/v1/invites/accept", &[accept], &body).await;
    assert_eq!(accepted.header("set-cookie"), "");
    let signed_in: SignedIn = serde_json::from_slice(&accepted.body).expect("signed in");
    let bearer = format!("Authorization: Bearer {}", signed_in.bearer.expect("a token"));
    assert_eq!(request(&house, "GET /api/v1/me", &[&bearer], "").await.status, 200);
}

#[tokio::test]
async fn nobody_is_signed_in_by_a_token_that_is_none() {
    let house = House::new();
    let made_up = SessionToken::from_random([9; 32]).reveal();
    for header in ["X: none", "Cookie: s=x", &format!("Cookie: s={made_up}"), "Authorization: Bearer x"] {
        let answer = request(&house, "GET /api/v1/me", &[header], "").await;
        assert_eq!((answer.status, answer.error()), (401, ErrorCode::SignedOut), "{header}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let cookie = format!("Cookie: s={}", ann.reveal());
    let ours = format!("Origin: {}", house.url());
    for (origin, expected) in [
        ("Origin: http://evil.example", 403),
        ("Origin: null", 403),
        ("Sec-Fetch-Site: cross-site", 403),
        ("Sec-Fetch-Site: same-site", 403),
        ("Sec-Fetch-Site: same-origin", 200),
        (ours.as_str(), 200),
    ] {
        let answer = request(&house, "POST /api/v1/recovery", &[&cookie, origin], "").await;
        assert_eq!(answer.status, expected, "{origin}");
        let read = request(&house, "GET /api/v1/me", &[&cookie, origin], "").await;
        assert_eq!(read.status, 200, "reading is left to the browser's own rules: {origin}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_gets_a_stable_code() {
    let house = House::new();
    let token = INVITATION.reveal();
    let long = format!(r#"{{"token":"{}"}}"#, "x".repeat(70_000));
    for (line, body, status, code) in [
        ("POST /api/v1/invites/accept", r#"{"token""#, 400, ErrorCode::Malformed),
        ("POST /api/v1/invites/accept", r#"{"token":"x"}"#, 400, ErrorCode::Malformed),
        ("POST /api/v1/invites/preview", r#"{"token":"x"}"#, 410, ErrorCode::LinkSpent),
        ("POST /api/v1/invites/preview", &long, 413, ErrorCode::TooLarge),
        (
            "POST /api/v1/invites/accept",
            &format!(r#"{{"token":"{token}","name":" ","handle":"ben"}}"#),
            422,
            ErrorCode::BadName,
        ),
        (
            "POST /api/v1/invites/accept",
            &format!(r#"{{"token":"{token}","name":"Ben","handle":"б-en"}}"#),
            422,
            ErrorCode::BadHandle,
        ),
        ("POST /api/v1/nothing", "{}", 404, ErrorCode::NotThere),
        ("DELETE /api/v1/me", "", 404, ErrorCode::NotThere),
    ] {
        let answer = request(&house, line, &[], body).await;
        assert_eq!((answer.status, answer.error()), (status, code), "{line} {}", &body[..body.len().min(60)]);
    }
    let form = ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 7"];
    let answer = request(&house, "POST /api/v1/invites/preview", &form, "").await;
    assert_eq!(answer.error(), ErrorCode::Malformed, "a form of another page is no JSON");
}

#[tokio::test]
async fn a_guesser_of_codes_is_stopped() {
    let house = House::new();
    let body = r#"{"handle":"ann","code":"0123-4567-89AB-CDEF"}"#;
    let mut codes = Vec::new();
    for _ in 0..11 {
        codes.push(request(&house, "POST /api/v1/signin/recovery", &[], body).await.error());
    }
    assert_eq!(codes[..10], [ErrorCode::LinkSpent; 10]);
    assert_eq!(codes[10], ErrorCode::TooMany);
}

#[tokio::test]
async fn a_link_has_its_secret_in_the_fragment_and_a_picture_to_scan() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let made = request_as(&house, &ann, "POST /api/v1/invites", r#"{"uses":1,"note":null}"#).await;
    let link: NewLink = serde_json::from_slice(&made.body).expect("a link");
    let port = house.address.port();
    assert_eq!(link.url, format!("http://localhost:{port}/i#{}", INVITATION.reveal()));
    assert!(link.qr_svg.starts_with("<svg"));
}

#[tokio::test]
async fn signing_out_takes_the_cookie_away() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let out = request_as(&house, &ann, "POST /api/v1/signout", "").await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").starts_with("s=; Max-Age=0;"));
    assert_eq!(request_as(&house, &ann, "GET /api/v1/me", "").await.status, 401);
}

#[tokio::test]
async fn a_page_on_a_plain_address_is_told_that_passkeys_cannot_work_there() {
    let house = House::new();
    let door = |host: &'static str| {
        let house = &house;
        async move {
            let answer = request(house, "GET /api/v1/server", &[host], "").await;
            serde_json::from_slice::<ServerDoor>(&answer.body).expect("a door")
        }
    };
    let here = door("X: none").await;
    assert_eq!(here.passkeys, PasskeySupport::Unavailable, "asked for by 127.0.0.1");
    assert_eq!(here.public_url, Some(format!("http://localhost:{}", house.address.port())));
    assert_eq!(here.sandbox, SandboxState::Off, "as these tests run");
    let started = request(&house, "POST /api/v1/signin/passkey/start", &[], "").await;
    assert_eq!(started.error(), ErrorCode::PasskeysUnavailable);
}

#[tokio::test]
async fn every_answer_says_what_a_page_may_do() {
    let house = House::new();
    for line in ["GET /", "GET /api/v1/server", "GET /api/v1/me", "GET /no/such.file", "GET /healthz"] {
        let answer = request(&house, line, &[], "").await;
        assert!(answer.header("content-security-policy").starts_with("default-src 'none';"), "{line}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{line}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{line}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{line}");
        assert!(answer.header("permissions-policy").starts_with("microphone=(self), camera=()"), "{line}");
        assert_eq!(
            answer.header("strict-transport-security"),
            "",
            "no HTTPS of ours, so no promise of it: {line}"
        );
    }
    assert_eq!(request(&house, "GET /api/v1/server", &[], "").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_client_is_served_at_every_address_of_its_own() {
    let house = House::new();
    for line in ["GET /", "GET /r/AAAAAAAAAAAAAAAAAAAAAA", "GET /i", "HEAD /settings"] {
        let answer = request(&house, line, &[], "").await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "text/html; charset=utf-8"),
            "{line}"
        );
    }
    assert_eq!(request(&house, "GET /assets/none.js", &[], "").await.status, 404);
    assert_eq!(request(&house, "GET /api/v2/me", &[], "").await.error(), ErrorCode::NotThere);
    assert_eq!(request(&house, "POST /settings", &[], "").await.status, 405);
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let house = House::new();
    let first = request(&house, "GET /", &["Accept-Encoding: gzip, br"], "").await;
    assert_eq!(first.header("vary"), "accept-encoding");
    assert_eq!(first.header("cache-control"), "no-cache");
    let known = format!("If-None-Match: {}", first.header("etag"));
    let second = request(&house, "GET /", &["Accept-Encoding: gzip, br", &known], "").await;
    assert_eq!((second.status, second.body.len()), (304, 0));
}

#[tokio::test]
async fn readiness_ends_when_the_server_is_told_to_stop() {
    let mut house = House::new();
    assert_eq!(request(&house, "GET /readyz", &[], "").await.status, 200);
    assert_eq!(request(&house, "GET /healthz", &[], "").await.status, 200);
    let ann = house.keeper.member("ann");
    let mut ann = super::client::Client::hello(&house, &ann).await;
    house.drain(20);
    ann.until(|message| matches!(message, protocol::socket::ServerMessage::Draining { seconds: 20 })).await;
    assert_eq!(request(&house, "GET /readyz", &[], "").await.status, 503);
    assert_eq!(request(&house, "GET /healthz", &[], "").await.status, 200);
}

/// The body of a request for an invitation in a room, and the answer to it.
async fn invite_in(house: &House, token: &SessionToken, room: RoomId) -> super::client::Answer {
    let body = serde_json::to_string(&NewInvite { uses: 9, note: None, room: Some(room) }).expect("written");
    request_as(house, token, "POST /api/v1/invites", &body).await
}

async fn accept_as(house: &House, handle: &str) -> SignedIn {
    let body = format!(r#"{{"token":"{}","name":"{handle}","handle":"{handle}"}}"#, INVITATION.reveal());
    let accept = "Accept: application/vnd.vivavoce.token+json";
    let accepted = request(house, "POST /api/v1/invites/accept", &[accept], &body).await;
    serde_json::from_slice(&accepted.body).expect("signed in")
}

#[tokio::test]
async fn whoever_is_invited_from_a_closed_room_lands_in_it_and_only_while_it_lasts() {
    let house = House::new();
    let (ann, ben) = (house.keeper.member("ann"), house.keeper.member("ben"));
    let mut anns = Client::hello(&house, &ann).await;
    let closed = anns.start_room(room(RoomKind::Closed, &["ben"])).await.view.room;

    // Before anybody invited from it, the same invitation leads nowhere in particular.
    assert_eq!(accept_as(&house, "nobody").await.room, None);
    // Whoever is not in it is told what one is told of a room that never was, and no invitation is made.
    let outside = invite_in(&house, &ben, closed).await;
    let never = invite_in(&house, &ben, RoomId([9; 16])).await;
    assert_eq!((outside.status, outside.error()), (404, ErrorCode::NotThere));
    assert_eq!((outside.status, outside.body), (never.status, never.body));

    assert_eq!(invite_in(&house, &ann, closed).await.status, 200);
    let nia = accept_as(&house, "nia").await;
    assert_eq!(nia.room, Some(closed));
    let token = SessionToken::parse(&nia.bearer.expect("a token")).expect("one of ours");
    let mut nias = Client::hello(&house, &token).await;
    nias.enter(closed).await.expect("she was asked in by it");
    let eve = house.keeper.member("eve");
    let mut eves = Client::hello(&house, &eve).await;
    assert_eq!(eves.enter(closed).await.map(|_| ()), Err(ErrorCode::NotThere), "nobody else was");

    house.abandon(closed).await;
    nias.until(|message| matches!(message, ServerMessage::Left { .. })).await;
    assert_eq!(accept_as(&house, "nils").await.room, None);
}

#[tokio::test]
async fn an_invitation_from_somebody_who_asks_nobody_in_opens_no_closed_room() {
    let house = House::new();
    let (ann, ben) = (house.keeper.member("ann"), house.keeper.member("ben"));
    let mut anns = Client::hello(&house, &ann).await;
    let mut bens = Client::hello(&house, &ben).await;
    let closed = anns.start_room(room(RoomKind::Closed, &["ben"])).await.view.room;
    bens.enter(closed).await.expect("asked in");
    assert_eq!(invite_in(&house, &ben, closed).await.status, 200);
    assert_eq!(accept_as(&house, "nia").await.room, None);
    anns.command(RoomCommand::Widen { kind: RoomKind::Open }).await.expect("widened");
    assert_eq!(accept_as(&house, "nils").await.room, Some(closed), "where everybody may come, he lands too");
}
