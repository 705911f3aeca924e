//! One address takes all that it can get, and somebody from another comes in.

use std::net::Ipv4Addr;

use protocol::ErrorCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::client::{Client, request, request_from};
use super::house::{House, PATIENCE};
use crate::places::Share;

const GREEDY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const SOMEBODY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
const SHARE: Share = Share { begun: 4, strangers: 6, all: 8, media: 1 };

async fn connect(house: &House, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    timeout(PATIENCE, socket.connect(house.address)).await.unwrap().unwrap()
}

/// Whether the server has closed a connection that said nothing yet.
async fn is_refused(house: &House, from: Ipv4Addr) -> bool {
    let mut stream = connect(house, from).await;
    if stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.is_err() {
        return true;
    }
    let mut answer = Vec::new();
    // An end, or a reset: not a wait.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("no answer and no end");
    answer.is_empty()
}

async fn gets_in(house: &House, from: Ipv4Addr) {
    assert_eq!(request_from(house, from, "GET /healthz", &[], "").await.status, 200, "{from}");
}

#[tokio::test]
async fn whoever_holds_all_they_may_is_hung_up_on_and_somebody_else_gets_in_at_once() {
    let house = House::with_share(SHARE);
    let mut silent = Vec::new();
    for _ in 0..SHARE.begun {
        silent.push(connect(&house, GREEDY).await);
    }
    // One after the other is taken, so the last is in when the next is refused.
    assert!(is_refused(&house, GREEDY).await);
    gets_in(&house, SOMEBODY).await;
    gets_in(&house, Ipv4Addr::LOCALHOST).await;
    drop(silent);
    let again = async { while is_refused(&house, GREEDY).await {} };
    timeout(PATIENCE, again).await.expect("what was given back can be had again");
}

#[tokio::test]
async fn a_socket_takes_a_place_for_as_long_as_it_is_open() {
    let house = House::with_share(SHARE);
    let mut sockets = Vec::new();
    for n in 0..SHARE.all {
        let token = house.keeper.member(&format!("guest{n}"));
        let stream = connect(&house, GREEDY).await;
        sockets.push(Client::try_connect_by(stream, &house, &token, &[]).await.expect("a place is left"));
    }
    assert!(is_refused(&house, GREEDY).await, "people have their share, too");
    gets_in(&house, SOMEBODY).await;
    sockets.pop();
    let again = async { while is_refused(&house, GREEDY).await {} };
    timeout(PATIENCE, again).await.expect("it is given back with the socket");
}

/// The first bytes of something that takes its time.
async fn asks_slowly(house: &House, header: &str) -> TcpStream {
    let mut stream = connect(house, Ipv4Addr::LOCALHOST).await;
    let head = format!(
        "POST /api/v1/signin/link HTTP/1.1\r\nhost: a\r\n{header}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn behind_a_proxy_it_is_the_person_who_is_counted_and_not_the_proxy() {
    let house = House::behind_proxy(SHARE, "127.0.0.1");
    let from = |client: &str| format!("X-Forwarded-For: {client}");
    let mut slow = Vec::new();
    for _ in 0..SHARE.strangers {
        slow.push(asks_slowly(&house, &from("198.51.100.1")).await);
    }
    let full = async {
        loop {
            let answer = request(&house, "GET /healthz", &[&from("198.51.100.1")], "").await;
            if answer.status != 200 {
                return answer;
            }
            // Whoever asked in between had the place of one of them, who was refused then.
            slow.push(asks_slowly(&house, &from("198.51.100.1")).await);
        }
    };
    let refused = timeout(PATIENCE, full).await.expect("it has had its share");
    assert_eq!((refused.status, refused.error()), (429, ErrorCode::TooMany));
    for other in ["198.51.100.2", "2001:db8::1"] {
        assert_eq!(request(&house, "GET /healthz", &[&from(other)], "").await.status, 200, "{other}");
    }
    for _ in 0..2 * SHARE.all {
        slow.push(connect(&house, Ipv4Addr::LOCALHOST).await);
    }
    assert_eq!(request(&house, "GET /healthz", &[], "").await.status, 200, "the proxy asks for itself");
    // Somebody who comes past the proxy counts as they are.
    let mut silent = Vec::new();
    for _ in 0..SHARE.begun {
        silent.push(connect(&house, GREEDY).await);
    }
    assert!(is_refused(&house, GREEDY).await);
}

#[tokio::test]
async fn a_socket_through_a_proxy_is_counted_by_whose_it_is() {
    let house = House::behind_proxy(SHARE, "127.0.0.1");
    let mut sockets = Vec::new();
    let client = [("x-forwarded-for", "198.51.100.1")];
    for n in 0..SHARE.all {
        let token = house.keeper.member(&format!("guest{n}"));
        sockets.push(Client::try_connect(&house, &token, &client).await.expect("a place is left"));
    }
    let token = house.keeper.member("late");
    assert!(Client::try_connect(&house, &token, &client).await.is_err());
    let other = [("x-forwarded-for", "198.51.100.2")];
    assert!(Client::try_connect(&house, &token, &other).await.is_ok());
}
