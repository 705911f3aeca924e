//! What no WebSocket client sends, on a socket that is open.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use client::api::Token;

use crate::random::Random;
use crate::server::PATIENCE;

/// A frame with the client's mask, which is all zeros (RFC 6455 section 5.2).
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(0x80 | u8::try_from(short).expect("short")),
        middle @ 126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(middle).expect("two bytes").to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

fn hello() -> Vec<u8> {
    let protocol = protocol::PROTOCOL_VERSION;
    frame(0x81, format!(r#"{{"type":"hello","protocol":{protocol},"bundle":null}}"#).as_bytes())
}

const FINISHED_TEXT: u8 = 0x81;

/// Each ends the socket it is said on, by the server's hand.
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a frame without a mask", vec![FINISHED_TEXT, 2, b'{', b'}']),
        ("reserved bits", frame(0xf1, b"{}")),
        ("an operation that there is not", frame(0x83, b"{}")),
        ("a piece of nothing", frame(0x80, b"{}")),
        ("a control frame in pieces", frame(0x09, b"")),
        ("a long ping", frame(0x89, &[b'a'; 126])),
        ("text that is none", frame(FINISHED_TEXT, &[0xff, 0xfe])),
        ("a message that is too long", frame(FINISHED_TEXT, &vec![b' '; 200 << 10])),
        ("a length beyond everything", [&[FINISHED_TEXT, 0x80 | 127][..], &[0x7f; 8], &[0; 4]].concat()),
        (
            "pieces that are too long together",
            [frame(0x01, &vec![b' '; 100 << 10]), frame(0x80, &vec![b' '; 100 << 10])].concat(),
        ),
    ]
}

/// Each is answered with a refusal or not at all, and the socket stays.
fn borne() -> Vec<(&'static str, Vec<u8>)> {
    let deep = format!("{}{}", "[".repeat(40_000), "]".repeat(40_000));
    let text = |text: &str| frame(FINISHED_TEXT, text.as_bytes());
    vec![
        ("bytes instead of text", frame(0x82, b"{}")),
        ("no JSON", text("hello?")),
        ("a message of a later version", text(r#"{"type":"levitate","height":1e999}"#)),
        ("something very deep", text(&deep)),
        ("numbers that are none", text(r#"{"type":"enter_room","request":-1,"room":7}"#)),
        (
            "a command in no room",
            text(r#"{"type":"command","id":"AAAAAAAAAAAAAAAAAAAAAA","command":{"do":"end"}}"#),
        ),
        (
            "an offer that is none",
            text(
                r#"{"type":"start_room","request":1,"room":{"title":null,"kind":"open","hands":"off"},"offer":"v=0"}"#,
            ),
        ),
        ("pieces", [frame(0x01, b"{\"type\":"), frame(0x89, b""), frame(0x80, b"\"ping\"}")].concat()),
    ]
}

/// How many sockets the server has closed on us.
pub(crate) fn no_client_sends(server: SocketAddr, token: &Token) -> usize {
    let said = |(name, bytes): (&'static str, Vec<u8>)| {
        let mut socket = open(server, token);
        socket.write_all(&hello()).expect("written");
        // The rest of a long one may find the line closed already.
        let _ = socket.write_all(&bytes);
        (name, socket)
    };
    let ended: Vec<(&str, TcpStream)> = broken().into_iter().map(said).collect();
    let closed = ended.len();
    for (name, mut socket) in ended {
        let begun = Instant::now();
        let mut rest = [0; 4_096];
        // A reset is an end too.
        while socket.read(&mut rest).is_ok_and(|length| length > 0) {
            assert!(begun.elapsed() < PATIENCE, "{name} is borne");
        }
    }
    let mut random = Random::new(7);
    let mut socket = open(server, token);
    socket.write_all(&hello()).expect("written");
    for (name, bytes) in borne() {
        socket.write_all(&bytes).expect(name);
        socket.write_all(&frame(FINISHED_TEXT, br#"{"type":"ping"}"#)).expect(name);
        until(&mut socket, b"\"pong\"", name);
    }
    // A frame in which something is changed ends the socket or does not, and the next one is served.
    for _ in 0..40 {
        let mut socket = open(server, token);
        let mut bytes =
            [hello(), frame(FINISHED_TEXT, br#"{"type":"find_people","request":1,"text":"a"}"#)].concat();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            bytes[at] = random.next().to_le_bytes()[0];
        }
        let _ = socket.write_all(&bytes);
    }
    closed
}

fn open(server: SocketAddr, token: &Token) -> TcpStream {
    let mut socket = TcpStream::connect(server).expect("it listens");
    socket.set_read_timeout(Some(PATIENCE)).expect("set");
    socket.set_write_timeout(Some(PATIENCE)).expect("set");
    let upgrade = format!(
        "GET /api/v1/socket HTTP/1.1\r\nhost: {server}\r\nauthorization: Bearer {}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        token.reveal()
    );
    socket.write_all(upgrade.as_bytes()).expect("written");
    until(&mut socket, b"\r\n\r\n", "the upgrade");
    socket
}

fn until(socket: &mut TcpStream, word: &[u8], name: &str) {
    let (mut seen, mut buffer) = (Vec::new(), [0; 4_096]);
    while !seen.windows(word.len()).any(|part| part == word) {
        let length = socket.read(&mut buffer).unwrap_or(0);
        assert_ne!(length, 0, "{name}: {}", seen.escape_ascii());
        seen.extend(&buffer[..length]);
    }
}
