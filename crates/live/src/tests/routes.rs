//! Every route, as the router has it: what is counted by which limit, and that nothing is ever refused in words.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use keeper_api::SessionToken;
use protocol::ErrorCode;
use protocol::error::ErrorBody;
use protocol::id::RoomId;
use protocol::room::RoomKind;

use super::client::{Answer, Client, OFFER, request_from, room, send};
use super::house::House;
use super::keeper::INVITATION;

/// The limits of [`crate::http::limit::Class`] that requests count against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    Preview,
    Link,
    Passkey,
    Recovery,
    Picture,
    Trial,
    Member,
}

use Limit::{Link, Member, Passkey, Picture, Preview, Recovery, Trial};

/// Everything that tries or changes something, with the limits that stop it.
const COUNTED: [(&str, &[Limit]); 70] = [
    ("POST /owner", &[Link]),
    ("POST /invites/preview", &[Preview]),
    ("POST /invites/accept", &[Link]),
    ("POST /signin/link", &[Link]),
    ("POST /signin/recovery", &[Recovery]),
    ("POST /signin/passkey/start", &[Passkey]),
    ("POST /signin/passkey/finish", &[Passkey]),
    ("POST /signout", &[Member]),
    ("POST /me/name", &[Member]),
    ("PUT /me/introduction", &[Member]),
    ("PUT /me/picture", &[Member, Picture]),
    ("DELETE /me/picture", &[Member]),
    ("POST /me/erase", &[Member]),
    ("DELETE /sessions", &[Member]),
    ("DELETE /sessions/{id}", &[Member]),
    ("POST /passkeys/start", &[Member, Passkey]),
    ("POST /passkeys/finish", &[Member, Passkey]),
    ("DELETE /passkeys/{id}", &[Member]),
    ("POST /recovery", &[Member]),
    ("POST /device-links", &[Member]),
    ("POST /invites", &[Member]),
    ("DELETE /invites/{id}", &[Member]),
    ("PUT /people/{handle}/follow", &[Member]),
    ("DELETE /people/{handle}/follow", &[Member]),
    ("PUT /people/{handle}/block", &[Member]),
    ("DELETE /people/{handle}/block", &[Member]),
    ("POST /events", &[Member]),
    ("PUT /events/{id}", &[Member]),
    ("DELETE /events/{id}", &[Member]),
    ("PUT /events/{id}/going", &[Member]),
    ("DELETE /events/{id}/going", &[Member]),
    ("DELETE /events/{id}/news", &[Member]),
    ("DELETE /events/{id}/part", &[Member]),
    ("POST /me/calendar", &[Member]),
    ("DELETE /me/calendar", &[Member]),
    ("PUT /people/{handle}/bell", &[Member]),
    ("DELETE /people/{handle}/bell", &[Member]),
    ("PUT /push", &[Member]),
    ("PUT /push/device", &[Member]),
    ("DELETE /push/device", &[Member]),
    ("DELETE /push/kinds/{kind}", &[Member]),
    ("POST /push/trial", &[Member, Trial]),
    ("POST /clubs", &[Member]),
    ("PUT /clubs/{club}", &[Member]),
    ("PUT /clubs/{club}/picture", &[Member, Picture]),
    ("DELETE /clubs/{club}/picture", &[Member]),
    ("POST /clubs/{club}/join", &[Member]),
    ("POST /clubs/{club}/leave", &[Member]),
    ("PUT /clubs/{club}/follow", &[Member]),
    ("POST /clubs/{club}/offer", &[Member]),
    ("DELETE /clubs/{club}/offer", &[Member]),
    ("POST /clubs/{club}/people/{handle}", &[Member]),
    ("POST /clubs/{club}/dissolve", &[Member]),
    ("PUT /people/{handle}/pings", &[Member]),
    ("DELETE /people/{handle}/pings", &[Member]),
    ("DELETE /reports/{number}", &[Member]),
    ("POST /order/reports/{number}", &[Member]),
    ("PUT /order/suspended/{handle}", &[Member]),
    ("DELETE /order/suspended/{handle}", &[Member]),
    ("PUT /order/paused/{handle}", &[Member]),
    ("DELETE /order/paused/{handle}", &[Member]),
    ("PUT /order/protected/{handle}", &[Member]),
    ("DELETE /order/protected/{handle}", &[Member]),
    ("POST /guests/look", &[Preview]),
    ("POST /rooms/{room}/guests", &[Member]),
    ("DELETE /rooms/{room}/guests/{id}", &[Member]),
    ("POST /rooms/{room}/whip", &[Member]),
    ("POST /rooms/{room}/whep", &[Member]),
    ("DELETE /rooms/{room}/whip/{program}", &[Member]),
    ("DELETE /rooms/{room}/whep/{program}", &[Member]),
];

/// A request that uses up the allowance of one limit and of no other.
const WEARS_OUT: [(Limit, &str); 7] = [
    (Preview, "POST /invites/preview"),
    (Link, "POST /signin/link"),
    (Passkey, "POST /signin/passkey/start"),
    (Recovery, "POST /signin/recovery"),
    (Picture, "PUT /me/picture"),
    (Trial, "POST /push/trial"),
    (Member, "POST /signout"),
];

/// More than any allowance.
const TRIES: usize = 1_000;
/// More than become free while a few requests are made.
const FEW: usize = 50;

/// `METHOD /path` for every route of the API.
fn routes() -> BTreeSet<String> {
    let source = include_str!("../http.rs");
    let mut routes = BTreeSet::new();
    for line in source.lines().filter_map(|line| line.trim().strip_prefix(".route(\"")) {
        let (path, methods) = line.split_once('"').expect("a path");
        for method in ["get", "post", "put", "delete", "any"] {
            if methods.contains(&format!("{method}(")) {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    routes
}

/// A body that each can read.
fn body(route: &str) -> String {
    let token = INVITATION.reveal();
    match route {
        "POST /owner" => {
            format!(r#"{{"token":"{token}","server_name":"Kitchen","name":"Ann","handle":"ann"}}"#)
        }
        "POST /invites/accept" => format!(r#"{{"token":"{token}","name":"Ann","handle":"ann"}}"#),
        "POST /invites/preview" | "POST /signin/link" => format!(r#"{{"token":"{token}"}}"#),
        "POST /signin/recovery" => r#"{"handle":"ann","code":"0123-4567-89AB-CDEF"}"#.to_owned(),
        "POST /signin/passkey/finish" | "POST /passkeys/finish" => {
            r#"{"ceremony":"x","credential":"{}"}"#.to_owned()
        }
        "POST /me/name" => r#"{"name":"Ann"}"#.to_owned(),
        "POST /me/erase" => r#"{"handle":"ann"}"#.to_owned(),
        "POST /order/reports/{number}" => r#"{"measure":"dismiss"}"#.to_owned(),
        "POST /guests/look" => {
            let id = RoomId([9; 16]);
            format!(r#"{{"room":"{id}","link":"{id}","page":"{id}"}}"#)
        }
        "POST /invites" => r#"{"uses":1,"note":null}"#.to_owned(),
        _ => String::new(),
    }
}

/// Whoever asks has a token that is none: what is counted is counted before that is known.
async fn ask(house: &House, from: Ipv4Addr, route: &str) -> Answer {
    let (method, path) = route.split_once(' ').expect("a method");
    let cookie = format!("Cookie: s={}", SessionToken::from_random([9; 32]).reveal());
    request_from(house, from, &format!("{method} /api/v1{path}"), &[&cookie], &body(route)).await
}

async fn is_refused(house: &House, from: Ipv4Addr, route: &str) -> bool {
    let answer = ask(house, from, route).await;
    answer.status >= 400 && answer.error() == ErrorCode::TooMany
}

/// Whether so many tries come to their end.
async fn comes_to_an_end(house: &House, from: Ipv4Addr, route: &str, tries: usize) -> bool {
    for _ in 0..tries {
        if is_refused(house, from, route).await {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn whatever_tries_or_changes_something_is_counted() {
    let changes = |route: &String| !route.starts_with("GET ") && !route.starts_with("ANY ");
    let counted: BTreeSet<String> = COUNTED.iter().map(|(route, _)| (*route).to_owned()).collect();
    let missing: Vec<String> =
        routes().into_iter().filter(changes).filter(|route| !counted.contains(route)).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");

    let house = House::new();
    for (address, (limit, wearing)) in (1..).zip(WEARS_OUT) {
        let from = Ipv4Addr::new(127, 0, 1, address);
        for (route, limits) in COUNTED {
            // Worn out anew for each, since allowances fill up again.
            assert!(comes_to_an_end(&house, from, wearing, TRIES).await, "{limit:?} is no limit");
            if limits.contains(&limit) {
                assert!(comes_to_an_end(&house, from, route, FEW).await, "{route} goes on past {limit:?}");
            } else {
                assert!(!is_refused(&house, from, route).await, "{route} is stopped by {limit:?}");
            }
        }
    }
}

/// What no route expects where it has a name.
const ODD_NAMES: [&str; 6] = ["%FF", "%00", "a%2Fb", "..", "-", "%F0%9F%8E%99"];
const ODD_QUERIES: [&str; 4] = ["", "?find=a&find=b", "?find=%FF", "?&&=%"];

#[tokio::test]
async fn nothing_is_ever_refused_in_words() {
    let house = House::new();
    let token = house.keeper.member("ann");
    let cookie = format!("Cookie: s={}", token.reveal());
    let mut paths: BTreeSet<String> =
        ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v1//me", "/api/v2/me", "/api/v1/me/"]
            .map(str::to_owned)
            .into();
    for route in routes() {
        let path = route.split_once(' ').expect("a method").1;
        for name in ODD_NAMES {
            let named = ["{id}", "{handle}", "{room}", "{program}", "{file}", "{kind}", "{club}"];
            let path = named.into_iter().fold(path.to_owned(), |path, word| path.replace(word, name));
            if !path.starts_with("/healthz") && !path.starts_with("/readyz") {
                paths.insert(format!("/api/v1{path}"));
            }
        }
    }
    let mut refused = 0;
    for (index, path) in (0u16..).zip(paths) {
        // With an address of its own, so that no limit answers in the place of what is asked.
        let [high, low] = index.to_be_bytes();
        let from = Ipv4Addr::new(127, 1, high, low.max(1));
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
            for query in ODD_QUERIES {
                for body in ["", "{", "[]"] {
                    let line = format!("{method} {path}{query}");
                    let answer = request_from(&house, from, &line, &[&cookie], body).await;
                    if !(200..300).contains(&answer.status) {
                        let said = serde_json::from_slice::<ErrorBody>(&answer.body);
                        let words = String::from_utf8_lossy(&answer.body);
                        assert!(said.is_ok(), "{line} {body}: {} {words}", answer.status);
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 1_000, "the table is worn away: {refused}");
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing_by_any_route() {
    let house = House::new();
    let ann = house.keeper.member("ann");
    let cookie = format!("Cookie: s={}", ann.reveal());
    for (number, (route, _)) in (1..).zip(COUNTED) {
        let from = Ipv4Addr::new(127, 0, 2, number);
        let (method, path) = route.split_once(' ').expect("a method");
        for foreign in ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site"] {
            let line = format!("{method} /api/v1{path}");
            let answer = request_from(&house, from, &line, &[&cookie, foreign], &body(route)).await;
            assert_eq!((answer.status, answer.error()), (403, ErrorCode::WrongOrigin), "{route} {foreign}");
        }
    }
}

#[tokio::test]
async fn a_closed_room_and_one_that_never_was_are_told_in_the_same_bytes_by_every_route() {
    let house = House::new();
    let (ann, eve) = (house.keeper.member("ann"), house.keeper.member("eve"));
    let mut ann = Client::hello(&house, &ann).await;
    let closed = ann.start_room(room(RoomKind::Closed, &[])).await.view.room;
    let never = RoomId(crate::clock::random());
    let cookie = format!("Cookie: s={}", eve.reveal());
    let bearer = format!("Authorization: Bearer {}", eve.reveal());
    let mut paths: BTreeSet<String> =
        routes().iter().filter(|route| route.contains("{room}")).map(|route| path_of(route)).collect();
    paths.extend(["/api/v1/invites", "/api/v1/rooms/{room}", "/r/{room}", "/{room}"].map(str::to_owned));
    let (mut number, mut told) = (0u16, 0);
    for path in paths {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            for kind in ["Content-Type: application/json", "Content-Type: application/sdp"] {
                for proof in [&cookie, &bearer] {
                    for body in ["", "{}", r#"{"uses":1,"note":null,"room":"{room}"}"#, OFFER] {
                        number += 1;
                        // With an address of its own, so that no limit answers in the place of what is asked.
                        let [high, low] = number.to_be_bytes();
                        let mut answers = Vec::new();
                        for (last, id) in [(high, closed), (high | 0x80, never)] {
                            let from = Ipv4Addr::new(127, 2, last, low.max(1));
                            let (line, body) = (format!("{method} {path}"), body.to_owned());
                            let [line, body] =
                                [line, body].map(|text| text.replace("{room}", &id.to_string()));
                            let line = line.replace("{program}", "AAAAAAAAAAAAAAAAAAAAAA");
                            let length = format!("Content-Length: {}", body.len());
                            let headers = [proof.as_str(), kind, &length];
                            let mut answer = send(&house, from, &line, &headers, &body).await;
                            answer.headers.remove("date");
                            // The request's own address may come back.
                            let text =
                                String::from_utf8_lossy(&answer.body).replace(&id.to_string(), "{room}");
                            answers.push((answer.status, answer.headers, text));
                        }
                        assert_eq!(answers[0], answers[1], "{method} {path} {kind} {proof} {body}");
                        told += usize::from(answers[0].0 == 404);
                    }
                }
            }
        }
    }
    assert!(told > 100, "of no room at all was anything told: {told}");
}

fn path_of(route: &str) -> String {
    format!("/api/v1{}", route.split_once(' ').expect("a method").1)
}
