//! A push service: takes letters over TLS, under an authority of its own.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

pub(crate) struct Service {
    at: SocketAddr,
    authority: String,
    arrived: Mutex<Receiver<Arrived>>,
    silent: Arc<AtomicBool>,
}

/// A letter, and for whose browser.
pub(crate) struct Arrived {
    pub(crate) who: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Service {
    pub(crate) fn start() -> Self {
        let (authority, tls) = certificates();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("bound");
        let (letters, arrived) = channel();
        let silent = Arc::new(AtomicBool::new(false));
        let quiet = Arc::clone(&silent);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (tls, letters, quiet) = (Arc::clone(&tls), letters.clone(), Arc::clone(&quiet));
                std::thread::spawn(move || serve(stream, tls, &letters, &quiet));
            }
        });
        Self { at, authority, arrived: Mutex::new(arrived), silent }
    }

    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn place(&self) -> String {
        self.at.to_string()
    }

    pub(crate) fn origin(&self) -> String {
        format!("https://{}", self.at)
    }

    /// Where somebody's browser is told.
    pub(crate) fn address(&self, who: &str) -> String {
        format!("https://{}/{who}", self.at)
    }

    /// Takes letters and answers none, from now on.
    pub(crate) fn falls_silent(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }

    /// Answers those that come from now on.
    pub(crate) fn answers_again(&self) {
        self.silent.store(false, Ordering::Relaxed);
    }

    pub(crate) fn next(&self, within: Duration) -> Option<Arrived> {
        self.arrived.lock().expect("whole").recv_timeout(within).ok()
    }
}

fn certificates() -> (String, Arc<ServerConfig>) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (authority_key, key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let root = authority.self_signed(&authority_key).expect("signed");
    let issuer = Issuer::new(authority, authority_key);
    let own = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    let own = own.signed_by(&key, &issuer).expect("signed");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(own.der().to_vec())],
            PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("they belong together");
    (root.pem(), Arc::new(tls))
}

/// One letter after the other, until the other side has had enough.
fn serve(stream: TcpStream, tls: Arc<ServerConfig>, letters: &Sender<Arrived>, quiet: &AtomicBool) {
    let Ok(connection) = ServerConnection::new(tls) else { return };
    let mut stream = StreamOwned::new(connection, stream);
    while let Some(arrived) = read(&mut stream) {
        let status = if arrived.who == "gone" { "410 Gone" } else { "201 Created" };
        let _ = letters.send(arrived);
        if quiet.load(Ordering::Relaxed) {
            continue;
        }
        let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        let _ = stream.flush();
    }
}

fn read(stream: &mut impl Read) -> Option<Arrived> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let who = lines.next()?.strip_prefix("POST /")?.split(' ').next()?.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    Some(Arrived { who, headers, body })
}
