//! Handshakes of media (DTLS) by members: one says hello again and again, one stops in the middle every time.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use client::api::{ApiError, Socket};
use client::peer::{Identity, Offering, Peer, Poll};
use protocol::ErrorCode;
use protocol::id::RoomId;
use protocol::media::Sdp;

use crate::Member;

/// The first byte of a datagram of DTLS that belongs to a handshake (RFC 7983).
const HANDSHAKE: u8 = 22;
/// Hellos in a burst, and the pause before the next: a thousand a second.
const BURST: usize = 10;
const PAUSE: Duration = Duration::from_millis(10);
/// What an address that has not shown that it hears may make the server send, of what it sent itself.
const ANSWERED_MAX: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct HalfOpen {
    pub(crate) handshakes: usize,
    pub(crate) bytes_in: usize,
    pub(crate) bytes_out: usize,
    /// Of the handshake that was answered most: bytes out for each byte in.
    pub(crate) most_answered: f64,
}

impl HalfOpen {
    fn note(&mut self, handshake: &Begun) {
        self.handshakes += 1;
        self.bytes_in += handshake.bytes_in;
        self.bytes_out += handshake.bytes_out;
        assert!(
            handshake.bytes_out <= ANSWERED_MAX * handshake.bytes_in,
            "{} bytes for {}",
            handshake.bytes_out,
            handshake.bytes_in
        );
        self.most_answered = self.most_answered.max(handshake.bytes_out as f64 / handshake.bytes_in as f64);
    }
}

/// A connection whose first check was answered, with the hello that would come next.
struct Begun {
    udp: UdpSocket,
    server: SocketAddr,
    hello: Vec<Vec<u8>>,
    bytes_in: usize,
    bytes_out: usize,
}

impl Begun {
    /// Sends what a client sends, up to its hello, which is kept.
    fn begin(offering: Offering, answer: &Sdp) -> Self {
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
        udp.set_read_timeout(Some(Duration::from_millis(5))).expect("set");
        let local = udp.local_addr().expect("bound");
        let mut peer = offering.accept(answer, &[local]).expect("understood");
        let mut begun = Self { udp, server: local, hello: Vec::new(), bytes_in: 0, bytes_out: 0 };
        let since = Instant::now();
        while begun.hello.is_empty() {
            assert!(since.elapsed() < Duration::from_secs(20), "no check was answered");
            begun.polls(&mut peer);
            begun.hears(|bytes, from| peer.handle_datagram(Instant::now(), from, local, bytes));
            peer.handle_timeout(Instant::now());
        }
        begun
    }

    fn polls(&mut self, peer: &mut Peer) {
        loop {
            match peer.poll(Instant::now()) {
                Poll::Transmit(transmit) if transmit.contents.first() == Some(&HANDSHAKE) => {
                    self.server = transmit.to;
                    self.hello.push(transmit.contents.to_vec());
                }
                Poll::Transmit(transmit) => {
                    if transmit.to.ip().is_loopback()
                        && self.udp.send_to(&transmit.contents, transmit.to).is_ok()
                    {
                        self.bytes_in += transmit.contents.len();
                    }
                }
                Poll::Event(_) => {}
                Poll::Timeout(_) => return,
            }
        }
    }

    fn says_hello(&mut self) {
        for bytes in &self.hello {
            if self.udp.send_to(bytes, self.server).is_ok() {
                self.bytes_in += bytes.len();
            }
        }
    }

    fn hears(&mut self, mut each: impl FnMut(&[u8], SocketAddr)) {
        let mut buffer = [0; 2_048];
        while let Ok((length, from)) = self.udp.recv_from(&mut buffer) {
            self.bytes_out += length;
            each(&buffer[..length], from);
        }
    }
}

fn offering() -> Offering {
    let identity = Identity::generate().expect("cryptography works");
    Offering::new(&identity, Instant::now()).expect("an offer")
}

async fn goes_in(member: &Member, room: RoomId) -> (Socket, Offering, Sdp) {
    let mut socket = member.api.open(&member.token).await.expect("a socket");
    socket.hello().await.expect("welcome");
    let offering = offering();
    let entered = socket.enter_room(room, Some(offering.sdp().clone()), None).await.expect("in");
    (socket, offering, entered.answer.expect("an answer"))
}

/// One handshake that is begun a thousand times a second and never goes on.
pub(crate) async fn says_hello_again_and_again(member: &Member, room: RoomId, span: Duration) -> HalfOpen {
    let (mut socket, offering, answer) = goes_in(member, room).await;
    // Somebody has to answer the server's pings.
    let pings = tokio::spawn(async move { while socket.next().await.is_ok() {} });
    let shouted = tokio::task::spawn_blocking(move || {
        let (mut begun, since) = (Begun::begin(offering, &answer), Instant::now());
        let mut hellos = 0;
        while since.elapsed() < span {
            for _ in 0..BURST {
                begun.says_hello();
                hellos += 1;
            }
            std::thread::sleep(PAUSE);
            begun.hears(|_, _| ());
        }
        (begun, hellos)
    });
    let (begun, hellos) = shouted.await.expect("it shouts");
    pings.abort();
    let mut came = HalfOpen::default();
    came.note(&begun);
    HalfOpen { handshakes: hellos, ..came }
}

/// A fresh connection over and over, each left after the server's first answer.
pub(crate) async fn stops_midway(member: &Member, room: RoomId, span: Duration) -> HalfOpen {
    let (mut socket, mut offering, mut answer) = goes_in(member, room).await;
    let (mut came, since) = (HalfOpen::default(), Instant::now());
    let mut left = Vec::new();
    loop {
        let half = tokio::task::spawn_blocking(move || {
            let mut begun = Begun::begin(offering, &answer);
            begun.says_hello();
            begun.hears(|_, _| ());
            begun
        });
        left.push(half.await.expect("begun"));
        if since.elapsed() >= span {
            break;
        }
        (offering, answer) = loop {
            let fresh = self::offering();
            match socket.renew_media(fresh.sdp().clone()).await {
                Ok(answer) => break (fresh, answer),
                Err(ApiError::Refused(ErrorCode::TooMany | ErrorCode::Busy)) => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(error) => panic!("{error:?}"),
            }
        };
    }
    // What the server sends again to somebody who does not answer counts, too.
    for begun in &mut left {
        begun.hears(|_, _| ());
        came.note(begun);
    }
    assert!(came.handshakes > 20, "{came:?}");
    came
}
