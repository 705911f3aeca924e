//! An evening in which everything is marked and much of it malformed, on a server whose metrics somebody reads: whatever is
//! there to be read is of a form that cannot carry any of it.

#[path = "support/native.rs"]
mod native;
#[path = "support/new_room.rs"]
mod new_room;
#[path = "support/server.rs"]
mod server;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Instant;

use client::api::{Link, Secret, Server as Api, Socket, Token, Trust};
use client::peer::{Identity, Offering};
use protocol::room::RoomCommand;
use protocol::socket::ServerMessage;
use protocol::text::{DisplayName, Handle, ServerName};

use new_room::open_room;
use server::{PATIENCE, Server, vivavoce};

/// In every name, title and malformed thing.
const MARK: &str = "zq7marked";
/// Fifteen of each kind at least, so that something is seen of it.
const GUESTS: u32 = 15;

/// What may stand in the text, written down a second time.
const ACTIONS: [&str; 6] = ["hand", "mute", "hold", "move", "removal", "ban"];
const NAMES: [(&str, &str, u64); 10] = [
    ("vivavoce_rooms", "gauge", 10),
    ("vivavoce_people", "gauge", 10),
    ("vivavoce_media_people", "gauge", 10),
    ("vivavoce_connections", "gauge", 10),
    ("vivavoce_actions_total", "counter", 10),
    ("vivavoce_media_voice_total", "counter", 1_000_000),
    ("vivavoce_media_sent_total", "counter", 1_000_000),
    ("vivavoce_media_missed_total", "counter", 1_000),
    ("vivavoce_media_refused_total", "counter", 1_000),
    ("vivavoce_media_load_percent", "gauge", 10),
];

/// Whether the whole text is of the form that names nobody.
fn is_rounded_and_names_nobody(text: &str) -> bool {
    text.lines().all(|line| {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let known = |name: &str| NAMES.iter().find(|(known, ..)| *known == name);
        match words[..] {
            ["#", "HELP", name, help] => {
                known(name).is_some()
                    && help.bytes().all(|byte| byte.is_ascii_alphabetic() || b" .,".contains(&byte))
            }
            ["#", "TYPE", name, kind] => known(name).is_some_and(|(_, known, _)| *known == kind),
            [series, value] => {
                let (name, label) = match series.split_once('{') {
                    Some((name, label)) => (name, Some(label)),
                    None => (series, None),
                };
                let word =
                    label.map(|label| label.strip_prefix("action=\"").and_then(|l| l.strip_suffix("\"}")));
                let label_fits = match word {
                    Some(word) => {
                        name == "vivavoce_actions_total" && word.is_some_and(|w| ACTIONS.contains(&w))
                    }
                    None => name != "vivavoce_actions_total",
                };
                let value: Option<u64> = value.parse().ok();
                label_fits
                    && known(name).is_some_and(|(.., step)| value.is_some_and(|v| v.is_multiple_of(*step)))
            }
            _ => false,
        }
    }) && text.ends_with('\n')
}

#[test]
fn the_form_lets_nothing_through_that_could_name_somebody() {
    for good in
        ["vivavoce_rooms 20\n", "vivavoce_actions_total{action=\"ban\"} 0\n", "# TYPE vivavoce_rooms gauge\n"]
    {
        assert!(is_rounded_and_names_nobody(good), "{good}");
    }
    for leak in [
        "vivavoce_rooms 21\n",
        "vivavoce_rooms{room=\"zq\"} 20\n",
        "vivavoce_actions_total{action=\"zq\"} 20\n",
        "vivavoce_actions_total 20\n",
        "vivavoce_rooms 20 1700000000\n",
        "vivavoce_zq 20\n",
        "# HELP vivavoce_rooms 203.0.113.7\n",
        "# zq\n",
        "vivavoce_rooms 20",
    ] {
        assert!(!is_rounded_and_names_nobody(leak), "{leak}");
    }
}

struct Person {
    api: Api,
    token: Token,
}

fn api(server: &Server, number: u32) -> Api {
    let origin = format!("http://{}", server.address).parse().expect("an address");
    let from = Ipv4Addr::from(0x7f00_0400 + number);
    native::reaches(origin, &Trust::System, from)
}

async fn comes(server: &Server, secret: &Secret, number: u32) -> Person {
    let (api, called) = (api(server, number), format!("{MARK}{number}"));
    let token = native::comes(&api, secret, &called, &called).await.expect("came");
    Person { api, token }
}

async fn owner(server: &Server) -> Person {
    let api = api(server, 0);
    let link = Link::parse(&server.owner_link()).expect("a link");
    let home = ServerName::parse(MARK).expect("a name");
    let name = DisplayName::parse(MARK).expect("a name");
    let handle = Handle::parse(&format!("{MARK}o")).expect("a handle");
    let token = api.claim(&link.secret, home, name, handle).await.expect("owner");
    Person { api, token }
}

fn offering() -> Offering {
    let identity = Identity::generate().expect("cryptography works");
    Offering::new(&identity, Instant::now()).expect("an offer")
}

async fn at_a_socket(person: &Person) -> Socket {
    let mut socket = person.api.open(&person.token).await.expect("a socket");
    socket.hello().await.expect("welcome");
    socket
}

/// The whole answer to whatever this is.
fn say(to: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(to).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    stream.write_all(bytes).expect("written");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).expect("text")
}

/// The whole answer to whoever asks under this name.
fn asked_as(metrics: SocketAddr, host: &str) -> String {
    say(metrics, format!("GET /metrics HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())
}

fn read(metrics: SocketAddr) -> String {
    let answer = asked_as(metrics, "127.0.0.1:9464");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    body.to_owned()
}

/// What no client sends, with the mark in it, to the web, to media and to the metrics themselves.
fn malformed(web: SocketAddr, metrics: SocketAddr) {
    let end = "host: a\r\nconnection: close\r\n";
    for to in [web, metrics] {
        for request in [
            format!("GET /{MARK}?{MARK}={MARK} HTTP/1.1\r\n{end}user-agent: {MARK}\r\n\r\n"),
            format!("POST /metrics HTTP/1.1\r\n{end}content-length: 9\r\n\r\n{MARK}"),
            format!(
                "POST /api/v1/signin/link HTTP/1.1\r\n{end}content-type: application/json\r\ncontent-length: 9\r\n\r\n{MARK}"
            ),
            format!("{MARK}\r\n\r\n"),
            format!("GET /metrics HTTP/9.9\r\n{MARK}\r\n\r\n"),
        ] {
            let answer = say(to, request.as_bytes());
            assert!(!answer.contains(MARK), "{answer}");
            assert!(
                to == metrics || !answer.contains("vivavoce_rooms"),
                "metrics have an address of their own"
            );
        }
    }
    let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
    for first in [0x00, 0x16, 0x80, 0xff] {
        let datagram = [&[first][..], MARK.as_bytes()].concat();
        udp.send_to(&datagram, web).expect("sent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_the_metrics_of_an_evening_learns_nothing_of_anybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let flags = ["--listen", "127.0.0.1:0", "--drain-seconds", "0", "--metrics", "0"];
    let server = Server::start_by(vivavoce(&folder.path().join("data"), &flags));
    let told = server.tells("Metrics");
    let metrics = told.trim_start_matches("http://").trim_end_matches("/metrics");
    let metrics: SocketAddr = metrics.parse().expect("an address");

    let ann = owner(&server).await;
    let me = ann.api.me(&ann.token).await.expect("in");
    assert!(me.handle.as_str().contains(MARK), "the mark is there to be found");
    let invitation = ann.api.invite(&ann.token, GUESTS).await.expect("a link");
    let mut host = at_a_socket(&ann).await;
    let new = open_room(Some(MARK));
    let room = host.start_room(new, offering().sdp().clone()).await.expect("a room").view.room;
    let mut there = Vec::new();
    for number in 1..=GUESTS {
        let guest = comes(&server, &invitation.secret, number).await;
        let mut socket = at_a_socket(&guest).await;
        let entered = socket.enter_room(room, Some(offering().sdp().clone()), None).await.expect("in");
        socket.command(RoomCommand::RaiseHand).await.expect("a hand");
        there.push((entered.view.you.id, socket));
    }
    let out = &there[0];
    host.command(RoomCommand::Ban { who: out.0 }).await.expect("out");
    malformed(server.address, metrics);

    // A page of another site whose name leads here.
    let refused = asked_as(metrics, "evil.example:9464");
    assert!(refused.starts_with("HTTP/1.1 403 ") && !refused.contains("vivavoce_"), "{refused}");
    let text = read(metrics);
    assert!(is_rounded_and_names_nobody(&text), "{text}");
    assert!(!text.contains(MARK), "{text}");
    for expected in [
        "vivavoce_rooms 0\n",
        "vivavoce_people 20\n",
        "vivavoce_media_people 20\n",
        "vivavoce_connections 20\n",
        "vivavoce_actions_total{action=\"hand\"} 10\n",
        "vivavoce_actions_total{action=\"ban\"} 0\n",
        "vivavoce_media_voice_total 0\n",
    ] {
        assert!(text.contains(expected), "{expected}in {text}");
    }
    drop(there);
    while !matches!(host.next().await.expect("it goes on"), ServerMessage::Room { .. }) {}
    malformed(server.address, metrics);
    assert_eq!(read(metrics), text, "whoever asks at once again learns nothing more");
    assert!(!server.said().iter().any(|line| line.contains(MARK) || line.contains("panicked")));
}

#[test]
fn nobody_reads_metrics_where_none_were_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&folder.path().join("data"));
    let answer = say(server.address, b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && !answer.contains("vivavoce_"),
        "the page, as everywhere"
    );
}
