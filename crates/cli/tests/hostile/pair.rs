//! Two people who talk and mean no harm: one speaks all the time, the other counts what arrives.

use std::net::UdpSocket;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use client::api::{Server as Api, Token};
use client::peer::{Event, Identity, Offering, Peer, Poll};
use client::sound::{Player, Source, Tone};
use client::visit::{Destination, Ears, Happening, OnStage, Plan, Visit};
use protocol::id::RoomId;

use crate::Member;
use crate::new_room::open_room;
use crate::server::PATIENCE;

pub(crate) struct Pair {
    pub(crate) room: RoomId,
    heard: Arc<Mutex<Heard>>,
    ear: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Heard {
    /// Of the first packet and the last one, extended.
    span: Option<(u64, u64)>,
    count: u64,
    over: bool,
}

/// Of one span of time.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) expected: u64,
    pub(crate) lost: u64,
}

impl Pair {
    pub(crate) async fn talk(speaker: &Member, listener: &Member) -> Self {
        let (api, token) = (speaker.api.clone(), speaker.token.clone());
        let (tell, told) = tokio::sync::oneshot::channel();
        // On a thread of its own: whoever attacks from this process must not take its time.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(speak(api, token, tell));
        });
        let room = told.await.expect("the speaker is in");

        let mut socket = listener.api.open(&listener.token).await.expect("a socket");
        socket.hello().await.expect("welcome");
        let identity = Identity::generate().expect("cryptography works");
        let offering = Offering::new(&identity, Instant::now()).expect("an offer");
        let entered = socket.enter_room(room, Some(offering.sdp().clone()), None).await.expect("in");
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let local = udp.local_addr().expect("bound");
        let peer = offering.accept(&entered.answer.expect("an answer"), &[local]).expect("understood");
        // Somebody has to answer the server's pings.
        tokio::spawn(async move { while socket.next().await.is_ok() {} });
        let heard = Arc::new(Mutex::new(Heard::default()));
        let ear = std::thread::spawn({
            let heard = Arc::clone(&heard);
            move || listen(peer, &udp, &heard)
        });
        let pair = Self { room, heard, ear: Some(ear) };
        let begun = Instant::now();
        while pair.count() < 50 {
            assert!(begun.elapsed() < PATIENCE, "nothing is heard");
            tokio::task::yield_now().await;
        }
        pair
    }

    fn count(&self) -> u64 {
        self.heard.lock().expect("whole").count
    }

    /// What was lost of all that was said meanwhile.
    pub(crate) async fn lost_while(&self, meanwhile: impl Future<Output = ()>) -> Lost {
        *self.heard.lock().expect("whole") = Heard::default();
        meanwhile.await;
        let heard = self.heard.lock().expect("whole");
        let (first, last) = heard.span.expect("something was heard");
        let expected = last - first + 1;
        Lost { expected, lost: expected - heard.count.min(expected) }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.heard.lock().expect("whole").over = true;
        let ended = self.ear.take().map(JoinHandle::join);
        assert!(
            std::thread::panicking() || ended.is_none_or(|ended| ended.is_ok()),
            "the listener was cut off"
        );
    }
}

/// Goes into a room of their own and says a tone there, for ever.
async fn speak(api: Api, token: Token, tell: tokio::sync::oneshot::Sender<RoomId>) {
    let mut socket = api.open(&token).await.expect("a socket");
    let welcome = socket.hello().await.expect("welcome");
    let new = open_room(None);
    let tone = Tone::new(440.0).expect("audible");
    let plan = Plan {
        server: api,
        token,
        to: Destination::New(new),
        voice: Some(Player::new(Source::Tone(tone)).expect("a voice")),
        ears: Ears::Closed,
        on_stage: OnStage::OpenMic,
    };
    let mut visit = Visit::begin(socket, &welcome, plan).await.expect("in");
    tell.send(visit.scene().room.view().room).expect("somebody waits");
    loop {
        // When the test is over, so is this.
        if let Happening::Ended(_) = visit.next().await {
            return;
        }
    }
}

fn listen(mut peer: Peer, udp: &UdpSocket, heard: &Mutex<Heard>) {
    let local = udp.local_addr().expect("bound");
    let mut buffer = [0; 2_048];
    loop {
        let wakes = loop {
            match peer.poll(Instant::now()) {
                Poll::Transmit(transmit) => drop(udp.send_to(&transmit.contents, transmit.to)),
                Poll::Event(Event::Packet(packet)) => {
                    let mut heard = heard.lock().expect("whole");
                    heard.count += 1;
                    let (first, last) = heard.span.unwrap_or((packet.seq, packet.seq));
                    heard.span = Some((first.min(packet.seq), last.max(packet.seq)));
                }
                Poll::Event(Event::Connected) => {}
                Poll::Event(event @ (Event::Disconnected | Event::Closed)) => panic!("{event:?}"),
                Poll::Timeout(at) => break at,
            }
        };
        if heard.lock().expect("whole").over {
            return;
        }
        let wait = wakes.saturating_duration_since(Instant::now());
        udp.set_read_timeout(Some(wait.clamp(Duration::from_millis(1), Duration::from_millis(50))))
            .expect("set");
        match udp.recv_from(&mut buffer) {
            Ok((length, from)) => peer.handle_datagram(Instant::now(), from, local, &buffer[..length]),
            Err(_) => peer.handle_timeout(Instant::now()),
        }
    }
}
