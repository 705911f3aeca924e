//! Handshakes of TLS that are begun and left: answered and never finished, or never begun in earnest.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use tokio::net::TcpSocket;

use crate::server::PATIENCE;

/// Handshakes begun at a time, and the pause before the next: some hundred a second, since those who attack share the
/// processors with the server.
const TOGETHER: usize = 20;
const PAUSE: Duration = Duration::from_millis(30);
/// More than one address may hold while it says nothing (`live::limits::BEGUN_PER_ADDRESS`).
const GREEDY: usize = 1_200;
const BEGUN_MAX: usize = 1_000;
/// Longer than a handshake may take (`live::limits`), and a moment on a busy machine.
const PUT_UP_WITH: Duration = Duration::from_secs(12);

#[derive(Debug)]
pub(crate) struct Abandoned {
    pub(crate) answered: usize,
    pub(crate) bytes_in: usize,
    pub(crate) bytes_out: usize,
}

/// What a client begins with: the same bytes do for all, since nobody reads the answer.
fn hello() -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let mut client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut bytes = Vec::new();
    client.write_tls(&mut bytes).expect("written");
    bytes
}

async fn connect(server: SocketAddr, from: Ipv4Addr) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((from, 0).into()).expect("ours");
    // Whoever left has made it so that the port is not free for a while.
    let stream = socket.connect(server).await.ok()?;
    stream.into_std().ok()
}

/// The server works for each, and each hangs up on its answer.
pub(crate) async fn begun_and_left(server: SocketAddr, span: Duration) -> Abandoned {
    let hello = hello();
    let mut came = Abandoned { answered: 0, bytes_in: 0, bytes_out: 0 };
    let (begun, mut nth) = (Instant::now(), 0_u32);
    while begun.elapsed() < span {
        let mut streams = Vec::new();
        for _ in 0..TOGETHER {
            nth += 1;
            // From everywhere: what is tried is the work, not the bound of one address.
            let from = Ipv4Addr::from(0x7f04_0001 + nth % 250);
            if let Some(mut stream) = connect(server, from).await
                && stream.write(&hello).is_ok()
            {
                came.bytes_in += hello.len();
                streams.push(stream);
            }
        }
        tokio::time::sleep(PAUSE).await;
        for stream in &mut streams {
            let mut answer = [0; 8_192];
            if let Ok(length @ 1..) = stream.read(&mut answer) {
                came.answered += 1;
                came.bytes_out += length;
            }
        }
    }
    assert!(came.answered > 1_000, "the server did work: {came:?}");
    came
}

#[derive(Debug)]
pub(crate) struct Greedy {
    pub(crate) held: usize,
    /// How long somebody else took to be answered meanwhile.
    pub(crate) others_wait: Duration,
    /// Until the last was closed.
    pub(crate) put_up_with: Duration,
}

/// One address begins more handshakes than it may, and finishes none; somebody from another is answered meanwhile.
pub(crate) async fn from_one_address(server: SocketAddr) -> Greedy {
    let (begun, from) = (Instant::now(), Ipv4Addr::new(127, 0, 5, 1));
    let hello = hello();
    let mut open = Vec::new();
    for _ in 0..GREEDY {
        if let Some(mut stream) = connect(server, from).await {
            // Half of it: there is always more to come.
            let _ = stream.write(&hello[..hello.len() / 2]);
            open.push(stream);
        }
    }
    let still_open = |stream: &mut TcpStream| {
        let read = stream.read(&mut [0; 64]);
        read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    };
    let asked = Instant::now();
    let mut somebody = connect(server, Ipv4Addr::new(127, 0, 5, 2)).await.expect("a place");
    somebody.set_nonblocking(false).expect("set");
    somebody.set_read_timeout(Some(PATIENCE)).expect("set");
    somebody.write_all(&hello).expect("written");
    assert!(somebody.read(&mut [0; 8_192]).expect("answered") > 0, "others come in");
    let others_wait = asked.elapsed();
    open.retain_mut(still_open);
    let held = open.len();
    assert!((1..=BEGUN_MAX).contains(&held), "one address holds {held}");
    while !open.is_empty() {
        assert!(begun.elapsed() < PUT_UP_WITH + others_wait, "{} are still open", open.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
        open.retain_mut(still_open);
    }
    Greedy { held, others_wait, put_up_with: begun.elapsed() }
}
