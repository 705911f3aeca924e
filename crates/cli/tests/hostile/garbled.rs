//! Requests that are almost right, each with a mark that the server has no reason to repeat.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::random::Random;

/// In every request, where names, addresses and secrets stand.
pub(crate) const MARK: &str = "Zq7marked";
/// How long an answer is waited for: a request that has no end yet gets none.
const WAIT: Duration = Duration::from_millis(200);
/// Between two.
const PAUSE: Duration = Duration::from_millis(10);

#[derive(Debug, Default)]
pub(crate) struct Garbled {
    pub(crate) requests: u64,
    pub(crate) refused: u64,
    pub(crate) unanswered: u64,
}

/// Of every kind that is read: lines, headers, bodies, upgrades, and the other version of the protocol.
fn right(server: SocketAddr) -> Vec<Vec<u8>> {
    let host = format!("host: {server}\r\nconnection: close\r\n");
    let json = |path: &str, body: &str| {
        format!(
            "POST /api/v1{path} HTTP/1.1\r\n{host}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let text = [
        format!("GET /{MARK}?{MARK}={MARK}#{MARK} HTTP/1.1\r\n{host}\r\n"),
        format!(
            "GET /api/v1/people/{MARK} HTTP/1.1\r\n{host}cookie: vivavoce={MARK}; session={MARK}\r\n\r\n"
        ),
        format!(
            "GET /api/v1/me HTTP/1.1\r\n{host}authorization: Bearer {MARK}\r\nuser-agent: {MARK}\r\n\r\n"
        ),
        format!("{MARK} / HTTP/1.1\r\n{host}origin: https://{MARK}.example\r\nreferer: {MARK}\r\n\r\n"),
        format!(
            "GET / HTTP/1.1\r\nhost: {MARK}\r\nx-forwarded-for: {MARK}, 198.51.100.1\r\nconnection: close\r\n\r\n"
        ),
        json("/signin/link", &format!(r#"{{"token":"{MARK}"}}"#)),
        json("/invites/accept", &format!(r#"{{"token":"{MARK}","name":"{MARK}","handle":"{MARK}"}}"#)),
        json("/signin/recovery", &format!(r#"{{"handle":"{MARK}","code":"{MARK}"}}"#)),
        json("/signin/passkey/finish", &format!(r#"{{"ceremony":"{MARK}","credential":"{MARK}"}}"#)),
        format!(
            "POST /api/v1/signin/link HTTP/1.1\r\n{host}transfer-encoding: chunked\r\n\r\n9\r\n{MARK}\r\n0\r\n\r\n"
        ),
        format!(
            "GET /api/v1/socket HTTP/1.1\r\n{host}upgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: {MARK}\r\nsec-websocket-protocol: {MARK}\r\nauthorization: Bearer {MARK}\r\n\r\n"
        ),
        format!(
            "POST /api/v1/rooms/{MARK}/whep HTTP/1.1\r\n{host}content-type: application/sdp\r\n\r\nv=0 {MARK}"
        ),
    ];
    // The preface of HTTP/2, its settings, and a frame of headers that are the mark.
    let headers = [&[0, 0, 9, 1, 5, 0, 0, 0, 1][..], MARK.as_bytes()].concat();
    let two = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &[0, 0, 0, 4, 0, 0, 0, 0, 0], &headers].concat();
    text.into_iter().map(String::into_bytes).chain([two]).collect()
}

/// As they are, then with something changed in each, over and over.
pub(crate) fn requests(server: SocketAddr, span: Duration) -> Garbled {
    let (mut garbled, mut random) = (Garbled::default(), Random::new(11));
    let (right, begun) = (right(server), Instant::now());
    let mut round = 0;
    while begun.elapsed() < span {
        for request in &right {
            let mut bytes = request.clone();
            for _ in 0..random.below(5).min(round) {
                let at = random.below(bytes.len());
                match random.below(3) {
                    0 => bytes[at] = random.next().to_le_bytes()[0],
                    1 => drop(bytes.drain(at..bytes.len().min(at + random.below(8)))),
                    _ => drop(bytes.splice(at..at, MARK.bytes())),
                }
            }
            garbled.requests += 1;
            match ask(server, &bytes) {
                Some(_) => garbled.refused += 1,
                None => garbled.unanswered += 1,
            }
            std::thread::sleep(PAUSE);
        }
        round += 1;
    }
    assert!(garbled.refused > garbled.requests / 4, "they are read: {garbled:?}");
    garbled
}

/// Whether anything came back.
fn ask(server: SocketAddr, request: &[u8]) -> Option<()> {
    let mut stream = TcpStream::connect(server).expect("it listens");
    stream.set_read_timeout(Some(WAIT)).expect("set");
    // A server that has stopped reading may reset the line.
    let _ = stream.write_all(request);
    let mut first = [0; 64];
    match stream.read(&mut first) {
        Ok(1..) => Some(()),
        Ok(0) => None,
        Err(error) => {
            let kinds = [ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::ConnectionReset];
            assert!(kinds.contains(&error.kind()), "{error}");
            None
        }
    }
}
