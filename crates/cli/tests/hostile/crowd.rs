//! Connections that are there and say nothing, say it slowly, or say too much.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::server::PATIENCE;

/// Of each kind: some hundred in all.
const EACH: usize = 60;
/// Longer than a head, a handshake, a hello or a first frame may take (`live::limits`), and a moment on a busy machine.
const PUT_UP_WITH: Duration = Duration::from_secs(12);

#[derive(Debug)]
pub(crate) struct Slow {
    pub(crate) connections: usize,
    /// Until the last of them was closed.
    pub(crate) put_up_with: Duration,
}

/// How each begins; none of them ever comes to its end.
fn beginnings(server: SocketAddr) -> [(&'static str, Vec<u8>); 7] {
    [
        ("nothing at all", Vec::new()),
        ("a letter", b"G".to_vec()),
        ("half a head", format!("GET / HTTP/1.1\r\nhost: {server}\r\nx-slow: ").into_bytes()),
        ("half the preface of HTTP/2", b"PRI * HTTP".to_vec()),
        ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("half a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("half a first frame of media", b"\x00\x80\x00\x01\x00\x6c".to_vec()),
    ]
}

/// All are closed by the server in the end, however they drip.
pub(crate) fn slow(server: SocketAddr) -> Slow {
    let begun = Instant::now();
    let mut open: Vec<(&str, TcpStream)> = Vec::new();
    for (name, beginning) in beginnings(server) {
        for _ in 0..EACH {
            let mut stream = TcpStream::connect(server).expect("it listens");
            stream.set_nonblocking(true).expect("set");
            stream.write_all(&beginning).expect("a few bytes");
            open.push((name, stream));
        }
    }
    let connections = open.len();
    let mut buffer = [0; 4_096];
    while !open.is_empty() {
        open.retain_mut(|(name, stream)| {
            if *name == "half a head" {
                let _ = stream.write(b"a");
            }
            loop {
                match stream.read(&mut buffer) {
                    Ok(0) => return false,
                    Ok(_) => {}
                    Err(error) => return error.kind() == ErrorKind::WouldBlock,
                }
            }
        });
        if begun.elapsed() > PUT_UP_WITH {
            let left: Vec<&str> = open.iter().map(|(name, _)| *name).collect();
            assert!(left.is_empty(), "{} are still open, such as {:?}", left.len(), left.first());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Slow { connections, put_up_with: begun.elapsed() }
}

/// More than there may be of anything is refused, and the connection is none the worse for whoever comes next.
pub(crate) fn oversized(server: SocketAddr) {
    let long = "a".repeat(1 << 20);
    let json = "content-type: application/json";
    let requests: [(String, &[&str]); 7] = [
        (format!("GET /{long} HTTP/1.1\r\nhost: {server}\r\n\r\n"), &["414", "431", "400"]),
        (format!("GET / HTTP/1.1\r\nhost: {server}\r\nx: {long}\r\n\r\n"), &["431", "400"]),
        (
            format!(
                "POST /api/v1/signin/link HTTP/1.1\r\nhost: {server}\r\n{json}\r\ncontent-length: {}\r\n\r\n{long}",
                long.len()
            ),
            &["413"],
        ),
        (
            format!(
                "POST /api/v1/signin/link HTTP/1.1\r\nhost: {server}\r\n{json}\r\ncontent-length: 99999999999999999999\r\n\r\n"
            ),
            &["400"],
        ),
        (
            format!(
                "POST /api/v1/signin/link HTTP/1.1\r\nhost: {server}\r\n{json}\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n"
            ),
            &["400"],
        ),
        (
            format!(
                "GET /api/v1/socket HTTP/1.1\r\nhost: {server}\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            ),
            &["401"],
        ),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(1_000)), &["431", "400"]),
    ];
    for (request, codes) in &requests {
        let mut answered = 0;
        for _ in 0..20 {
            let answer = ask(server, request.as_bytes());
            let code = answer.split(' ').nth(1).unwrap_or_default();
            // A server that has stopped reading may reset the line before its answer is read.
            let fits = answer.is_empty() || codes.contains(&code);
            assert!(fits, "{:?}… was answered {answer:?}", &request[..40.min(request.len())]);
            answered += usize::from(!answer.is_empty());
        }
        assert!(answered > 0, "{:?}… was never answered", &request[..40.min(request.len())]);
    }
}

fn ask(server: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    stream.set_write_timeout(Some(PATIENCE)).expect("set");
    let _ = stream.write_all(request);
    let mut first = [0; 64];
    let length = stream.read(&mut first).unwrap_or(0);
    String::from_utf8_lossy(&first[..length]).into_owned()
}
