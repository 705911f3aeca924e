//! Notifications, from a room that begins to a browser that opens what was sealed for it: the whole server, and a push service of
//! our own under an authority of our own.

#[path = "../support/server.rs"]
mod server;

mod browser;
mod service;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use browser::Browser;
use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};
use server::{PATIENCE, Server, vivavoce, wait_for, watch};
use service::{Arrived, Service};

const BELL: &str = r#"{"kind":"bell","from":"ann"}"#;
/// What would have come by then has come.
const A_WHILE: Duration = Duration::from_secs(2);

struct House {
    server: Server,
    service: Service,
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let service = Service::start();
        let folder = tempfile::tempdir().expect("a folder");
        let authority = folder.path().join("ca.pem");
        std::fs::write(&authority, service.authority()).expect("written");
        let flags = [
            "--listen",
            "127.0.0.1:0",
            "--drain-seconds",
            "0",
            "--push-allow",
            &service.place(),
            "--push-ca",
            authority.to_str().expect("text"),
        ];
        let server = Server::start_by(vivavoce(&folder.path().join("data"), &flags));
        Self { server, service, folder }
    }

    /// `METHOD /path` of the API, as somebody; what came back.
    fn ask(&self, line: &str, bearer: Option<&str>, body: &Value) -> (u16, Value) {
        let (method, path) = line.split_once(' ').expect("a method");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let proof = bearer.map(|bearer| format!("authorization: Bearer {bearer}\r\n")).unwrap_or_default();
        let mut stream = TcpStream::connect(self.server.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        write!(
            stream,
            "{method} /api/v1{path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{proof}\
             accept: application/vnd.vivavoce.token+json\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.server.address,
            body.len()
        )
        .expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn done(&self, line: &str, bearer: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(line, Some(bearer), body);
        assert!((200..300).contains(&status), "{line}: {status} {answer}");
        answer
    }

    fn owner(&self) -> String {
        let link = self.server.owner_link();
        let token = link.split_once('#').expect("a link").1;
        let claim = json!({ "token": token, "server_name": "Home", "name": "Ann", "handle": "ann" });
        bearer(&self.ask("POST /owner", None, &claim).1)
    }

    fn join(&self, who: &str) -> String {
        let said =
            vivavoce(&self.folder.path().join("data"), &["admin", "invite"]).output().expect("it runs");
        let said = String::from_utf8(said.stdout).expect("text");
        let token = said.split_once('#').expect("a link").1.split_whitespace().next().expect("a token");
        let accept = json!({ "token": token, "name": who, "handle": who });
        bearer(&self.ask("POST /invites/accept", None, &accept).1)
    }

    /// Somebody who rang Ann's bell, and a browser of theirs that is told.
    fn rings(&self, who: &str) -> (String, Browser) {
        let (bearer, browser) = (self.join(who), Browser::new());
        self.done("PUT /people/ann/follow", &bearer, &json!({}));
        self.done("PUT /people/ann/bell", &bearer, &json!({}));
        self.done("PUT /push/device", &bearer, &browser.device(&self.service.address(who)));
        (bearer, browser)
    }

    /// Ann starts a room, and stays in it.
    fn room(&self, ann: &str) -> Room {
        let token = self.folder.path().join("ann.token");
        std::fs::write(&token, ann).expect("written");
        let mut join = Command::new(env!("CARGO_BIN_EXE_vivavoce"));
        join.env_clear().arg("join").arg(format!("http://{}", self.server.address));
        join.args(["--start=Tea", "--plain", "--listen=none", "--token-file"]).arg(&token);
        join.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::inherit());
        Room(join.spawn().expect("started"))
    }

    /// What the database and what lies beside it are made of.
    fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(self.folder.path().join("data")).expect("a folder");
        let files = entries.map(|entry| entry.expect("an entry").path());
        let files =
            files.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(".db")));
        files.map(|path| (path.display().to_string(), std::fs::read(&path).expect("a file"))).collect()
    }
}

struct Room(Child);

impl Drop for Room {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn bearer(answer: &Value) -> String {
    answer["bearer"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn who_rang_a_bell_is_told_by_their_push_service_in_words_that_only_their_browser_reads() {
    let house = House::new();
    let ann = house.owner();
    let (ben, browser) = house.rings("ben");
    let settings = house.done("GET /push", &ben, &Value::Null);
    assert_eq!((settings["here"].as_bool(), settings["devices"].as_u64()), (Some(true), Some(1)));

    assert_eq!(house.done("POST /push/trial", &ben, &json!({})), "sent");
    let Arrived { who, headers, body } = house.service.next(PATIENCE).expect("a letter");
    assert_eq!(
        (who.as_str(), browser.open(&body).as_deref()),
        ("ben", Some(r#"{"kind":"trial","from":null}"#))
    );
    let key = settings["server_key"].as_str().expect("a key");
    assert!(browser::is_proof(&headers["authorization"], key, &house.service.origin()), "{headers:?}");
    assert_eq!((headers["content-encoding"].as_str(), headers["urgency"].as_str()), ("aes128gcm", "high"));
    assert_eq!(Browser::new().open(&body), None, "for no other browser");
    let length = body.len();

    let kept = house.kept();
    let room = house.room(&ann);
    let Arrived { who, headers, body } = house.service.next(PATIENCE).expect("a letter");
    assert_eq!((who.as_str(), browser.open(&body).as_deref()), ("ben", Some(BELL)));
    assert_eq!((body.len(), headers["urgency"].as_str()), (length, "normal"), "its length tells nothing");
    assert!(house.service.next(A_WHILE).is_none(), "once");
    assert_eq!(house.kept(), kept, "nothing of it is written");
    drop(room);
    assert!(house.server.stop().success());
}

#[test]
fn who_is_named_with_an_event_is_told_by_their_push_service_and_again_when_it_is_called_off() {
    let house = House::new();
    let ann = house.owner();
    let (ben, browser) = house.rings("ben");
    house.done("POST /push/trial", &ben, &json!({}));
    let length = house.service.next(PATIENCE).expect("a letter").body.len();
    let minutes = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() / 60;
    let start = (minutes + 120) * 60_000;
    let event = house.done(
        "POST /events",
        &ann,
        &json!({
            "title": "A reading", "description": null, "kind": "open", "languages": [], "start": start,
            "zone": "Europe/Berlin", "minutes": 60, "repeat": "once", "co_hosts": [], "speakers": ["ben"],
        }),
    );
    let told = |kind: &str| {
        let Arrived { who, body, .. } = house.service.next(PATIENCE).expect("a letter");
        let said = browser.open(&body);
        assert_eq!(said, Some(format!(r#"{{"kind":"{kind}","from":"ann"}}"#)), "{who}");
        assert_eq!(body.len(), length, "its length tells nothing");
    };
    told("event_named");
    let id = event["id"].as_str().expect("an id");
    house.done(&format!("DELETE /events/{id}"), &ann, &Value::Null);
    told("event_off");
    assert!(house.service.next(A_WHILE).is_none(), "once each");
}

#[test]
fn whose_process_that_calls_out_dies_under_it_is_told_by_the_next() {
    let house = House::new();
    let ann = house.owner();
    let (_, browser) = house.rings("ben");
    house.service.falls_silent();
    let _room = house.room(&ann);
    house.service.next(PATIENCE).expect("a letter that nobody answers");
    let outbound = house.server.outbound();
    let gone = watch(outbound);
    house.service.answers_again();
    kill_process(outbound, Signal::KILL).expect("it runs");
    wait_for(&gone);
    let Arrived { body, .. } = house.service.next(PATIENCE).expect("the same again");
    assert_eq!(browser.open(&body).as_deref(), Some(BELL));
}

#[test]
fn a_browser_that_takes_nothing_any_more_is_forgotten_and_its_member_sees_that() {
    let house = House::new();
    house.owner();
    let (ben, browser) = house.rings("ben");
    house.done("PUT /push/device", &ben, &browser.device(&house.service.address("gone")));
    assert_eq!(house.done("POST /push/trial", &ben, &json!({})), "not_here");
    assert_eq!(house.done("GET /push", &ben, &Value::Null)["here"], false);
    // What is no address of anybody's, or of this machine, is not called.
    for address in ["https://127.0.0.1:1/a", "http://push.example.org/a", "https://10.0.0.1/a"] {
        house.done("PUT /push/device", &ben, &browser.device(address));
        assert_eq!(house.done("POST /push/trial", &ben, &json!({})), "failed", "{address}");
    }
    let keys = json!({ "endpoint": "https://push.example.org/a", "p256dh": "AAAA", "auth": "AAAA" });
    assert_eq!(house.ask("PUT /push/device", Some(&ben), &keys).0, 400, "keys that are none");
}

#[test]
fn a_notification_is_turned_off_from_itself_and_ends_with_the_session() {
    let house = House::new();
    let ann = house.owner();
    let (ben, _) = house.rings("ben");
    let (cat, _) = house.rings("cat");
    let (dan, _) = house.rings("dan");
    let (_, browser) = house.rings("eve");
    house.done("DELETE /people/ann/bell", &ben, &Value::Null);
    house.done("DELETE /push/kinds/bell", &cat, &Value::Null);
    house.done("POST /signout", &dan, &json!({}));
    let _room = house.room(&ann);
    let Arrived { who, body, .. } = house.service.next(PATIENCE).expect("a letter");
    assert_eq!((who.as_str(), browser.open(&body).as_deref()), ("eve", Some(BELL)));
    assert!(house.service.next(A_WHILE).is_none(), "nobody else");
}
