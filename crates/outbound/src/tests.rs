//! Letters, taken to somebody who answers in every way there is.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use outbound_api::parent::{Confined, Place, Start};
use outbound_api::{Address, Body, Letter, LetterNumber, Outcome, Proof, Urgency};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use crate::carry::Carrier;
use crate::limits::LETTER_PERIOD;
use crate::way::{Way, look_around};

/// A push service that answers everybody alike.
struct Service {
    at: SocketAddr,
    /// Its authority, in PEM.
    authority: String,
    /// Every request, whole.
    heard: mpsc::UnboundedReceiver<String>,
}

/// What it answers, and what it goes on with.
#[derive(Clone, Copy)]
enum Says {
    This(&'static str),
    Nothing,
    /// Headers that do not end.
    ForEver,
    /// A body that does not end.
    Endlessly(&'static str),
}

impl Service {
    async fn start(says: Says) -> Self {
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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let at = listener.local_addr().expect("bound");
        let (hears, heard) = mpsc::unbounded_channel();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("somebody");
                let (acceptor, hears) = (acceptor.clone(), hears.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut request = vec![0; 64 << 10];
                    let mut got = 0;
                    while !whole(&request[..got]) {
                        match stream.read(&mut request[got..]).await {
                            Ok(count @ 1..) => got += count,
                            _ => return,
                        }
                    }
                    let _ = hears.send(String::from_utf8_lossy(&request[..got]).into_owned());
                    answer(&mut stream, says).await;
                });
            }
        });
        Self { at, authority: root.pem(), heard }
    }

    fn url(&self) -> String {
        format!("https://{}/of/somebody", self.at)
    }
}

fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

async fn answer(stream: &mut (impl tokio::io::AsyncWrite + Unpin), says: Says) {
    match says {
        Says::This(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.flush().await;
            // Until the other side has had enough.
            std::future::pending::<()>().await;
        }
        Says::Nothing => std::future::pending().await,
        Says::ForEver => {
            let _ = stream.write_all(b"HTTP/1.1 201 Created\r\n").await;
            while stream.write_all(b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n").await.is_ok() {}
        }
        Says::Endlessly(head) => {
            let _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        }
    }
}

fn letter(address: &str) -> Letter {
    Letter {
        number: LetterNumber(1),
        address: Address::new(address).expect("short"),
        proof: Proof::new("vapid t=a.b.c, k=d").expect("short"),
        keep_seconds: 600,
        urgency: Urgency::High,
        body: Body::new(b"sealed".to_vec()).expect("short"),
    }
}

fn carrier(service: Option<&Service>) -> Arc<Carrier> {
    let allowed = service.map(|service| Place { host: service.at.ip().to_string(), port: service.at.port() });
    let roots = service.map(|service| service.authority.clone());
    let start = Start { confined: Confined::No, allowed: allowed.clone(), roots };
    let way = Way::new(look_around(&start).expect("certificates"), allowed.clone()).expect("versions");
    Arc::new(Carrier::new(way, allowed))
}

async fn comes_of(says: Says) -> Outcome {
    let service = Service::start(says).await;
    carrier(Some(&service)).carry(letter(&service.url())).await
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_given_with_the_headers_of_web_push() {
    let mut service = Service::start(Says::This("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")).await;
    let outcome = carrier(Some(&service)).carry(letter(&service.url())).await;
    assert_eq!(outcome, Outcome::Delivered);
    let request = service.heard.recv().await.expect("a request").to_ascii_lowercase();
    assert!(request.starts_with("post /of/somebody http/1.1\r\n"), "{request}");
    for header in [
        "authorization: vapid t=a.b.c, k=d",
        "content-encoding: aes128gcm",
        "content-type: application/octet-stream",
        "content-length: 6",
        "ttl: 600",
        "urgency: high",
    ] {
        assert!(request.contains(&format!("\r\n{header}\r\n")), "{header} in {request}");
    }
    assert!(request.ends_with("\r\n\r\nsealed"), "{request}");
    assert!(
        !request.contains("user-agent") && !request.contains("cookie"),
        "nothing else is told: {request}"
    );
}

#[tokio::test]
async fn what_they_answer_is_taken_at_its_word() {
    let empty = "\r\ncontent-length: 0\r\n\r\n";
    for (status, expected) in [
        ("410 Gone", Outcome::Gone),
        ("404 Not Found", Outcome::Gone),
        ("429 Too Many Requests\r\nretry-after: 40", Outcome::Later { seconds: 40 }),
        ("503 Service Unavailable", Outcome::Later { seconds: 30 }),
        ("400 Bad Request", Outcome::Refused),
    ] {
        let text: &'static str = format!("HTTP/1.1 {status}{empty}").leak();
        assert_eq!(comes_of(Says::This(text)).await, expected, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let mut other = Service::start(Says::This("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")).await;
    let text =
        format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", other.url());
    assert_eq!(comes_of(Says::This(text.leak())).await, Outcome::Refused);
    assert!(other.heard.try_recv().is_err(), "nobody came");
}

#[tokio::test]
async fn an_answer_without_end_is_let_go_of() {
    let endless = "HTTP/1.1 201 Created\r\ncontent-length: 1000000000000\r\n\r\n";
    assert_eq!(comes_of(Says::Endlessly(endless)).await, Outcome::Delivered);
    assert!(matches!(comes_of(Says::ForEver).await, Outcome::Later { .. }), "so are headers");
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for_long() {
    let begun = Instant::now();
    assert!(matches!(comes_of(Says::Nothing).await, Outcome::Later { .. }));
    assert!(begun.elapsed() < LETTER_PERIOD + Duration::from_secs(3));
}

#[tokio::test]
async fn who_is_not_whom_they_say_gets_nothing() {
    let mut service = Service::start(Says::This("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")).await;
    let other = Service::start(Says::Nothing).await;
    // Its authority is another's.
    let allowed = Place { host: "127.0.0.1".to_owned(), port: service.at.port() };
    let start = Start {
        confined: Confined::No,
        allowed: Some(allowed.clone()),
        roots: Some(other.authority.clone()),
    };
    let way = Way::new(look_around(&start).expect("certificates"), Some(allowed.clone())).expect("versions");
    let outcome = Arc::new(Carrier::new(way, Some(allowed))).carry(letter(&service.url())).await;
    assert!(matches!(outcome, Outcome::Later { .. }));
    assert!(service.heard.try_recv().is_err(), "nothing was said");
}

#[tokio::test]
async fn nobody_is_sent_to_where_only_this_machine_or_its_network_is() {
    let service = Service::start(Says::This("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")).await;
    let carrier = carrier(None);
    for address in [
        service.url().as_str(),
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://[::ffff:127.0.0.1]/a",
        "https://169.254.169.254/latest",
        "https://10.0.0.1/a",
        "http://push.example.org/a",
        "https://push.example.org:22/a",
        "no address",
    ] {
        assert_eq!(carrier.carry(letter(address)).await, Outcome::Refused, "{address}");
    }
}

#[tokio::test]
async fn a_slow_host_holds_some_places_and_not_all() {
    let service = Service::start(Says::Nothing).await;
    let carrier = carrier(Some(&service));
    let all: Vec<_> = (0..crate::limits::LETTERS_PER_HOST)
        .map(|_| {
            let (carrier, address) = (Arc::clone(&carrier), service.url());
            tokio::spawn(async move { carrier.carry(letter(&address)).await })
        })
        .collect();
    let begun = Instant::now();
    loop {
        // Once the others are on their way.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let outcome =
            tokio::time::timeout(Duration::from_millis(200), carrier.carry(letter(&service.url()))).await;
        if let Ok(outcome) = outcome {
            assert_eq!(outcome, Outcome::Later { seconds: crate::limits::HOST_BUSY_SECONDS });
            break;
        }
        assert!(begun.elapsed() < LETTER_PERIOD, "it was taken, too");
    }
    all.into_iter().for_each(|one| one.abort());
}
