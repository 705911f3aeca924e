//! Two who mean no harm and do things: one comes in over and over and raises a hand, the other keeps order and sees it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use client::api::Socket;
use client::peer::{Identity, Offering};
use protocol::media::Sdp;
use protocol::room::{RoomCommand, RoomEvent};
use protocol::socket::ServerMessage;
use tokio::time::timeout;

use crate::Member;
use crate::new_room::open_room;
use crate::server::PATIENCE;

/// Between one time and the next, so that they come in some times a second and no more: they are no attack.
const PAUSE: Duration = Duration::from_millis(150);

pub(crate) struct Others {
    waits: Arc<Mutex<Waits>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How long each thing took, for whoever waited for it.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    /// From nothing to the room: a connection, an upgrade, a greeting, a seat.
    pub(crate) joins: Vec<Duration>,
    /// From a raised hand to the screen of whoever keeps order.
    pub(crate) hands: Vec<Duration>,
}

impl Waits {
    fn note(&mut self, joined: Duration, seen: Duration) {
        self.joins.push(joined);
        self.hands.push(seen);
    }
}

/// Of one kind of thing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wait {
    pub(crate) times: usize,
    pub(crate) middle: Duration,
    /// For nine in ten.
    pub(crate) most: Duration,
    pub(crate) longest: Duration,
}

impl Wait {
    pub(crate) fn of(mut waits: Vec<Duration>) -> Self {
        waits.sort_unstable();
        let at = |part: usize| waits.get(part).copied().unwrap_or_default();
        let times = waits.len();
        Self { times, middle: at(times / 2), most: at(times * 9 / 10), longest: at(times.saturating_sub(1)) }
    }
}

impl Others {
    /// On a thread of their own: whoever attacks from this process must not take its time.
    pub(crate) fn begin(keeps_order: Member, comes: Member) -> Self {
        let (waits, over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn({
            let (waits, over) = (Arc::clone(&waits), Arc::clone(&over));
            move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(go_on(keeps_order, comes, &waits, &over));
            }
        });
        Self { waits, over, thread: Some(thread) }
    }

    /// What they waited for meanwhile.
    pub(crate) async fn waits_while(&self, meanwhile: impl Future<Output = ()>) -> Waits {
        *self.waits.lock().expect("whole") = Waits::default();
        meanwhile.await;
        std::mem::take(&mut self.waits.lock().expect("whole"))
    }
}

impl Drop for Others {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_none_or(|ended| ended.is_ok()), "somebody was cut off");
    }
}

async fn go_on(keeps_order: Member, comes: Member, waits: &Mutex<Waits>, over: &AtomicBool) {
    let identity = Identity::generate().expect("cryptography works");
    let offer = || Offering::new(&identity, Instant::now()).expect("an offer").sdp().clone();
    let mut screen = arrives(&keeps_order).await;
    let room = screen.start_room(open_room(None), offer()).await.expect("a room").view.room;
    while !over.load(Ordering::Relaxed) {
        let sdp: Sdp = offer();
        let asked = Instant::now();
        let mut socket = arrives(&comes).await;
        socket.enter_room(room, Some(sdp), None).await.expect("in");
        let joined = asked.elapsed();
        let asked = Instant::now();
        let (done, seen) = tokio::join!(socket.command(RoomCommand::RaiseHand), queued(&mut screen, 1));
        done.expect("everybody may");
        let seen = seen - asked;
        socket.leave().await.expect("the line stands");
        queued(&mut screen, 0).await;
        waits.lock().expect("whole").note(joined, seen);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn arrives(member: &Member) -> Socket {
    let mut socket = member.api.open(&member.token).await.expect("a socket");
    socket.hello().await.expect("welcome");
    socket
}

/// When so many are shown in the queue.
async fn queued(screen: &mut Socket, hands: usize) -> Instant {
    let shown = async {
        loop {
            let heard = screen.next().await.expect("the line stands");
            let ServerMessage::Room { events, .. } = heard else { continue };
            let is = |event: &RoomEvent| matches!(event, RoomEvent::Queue { queue } if queue.len() == hands);
            if events.iter().any(is) {
                return Instant::now();
            }
        }
    };
    timeout(PATIENCE, shown).await.expect("shown")
}
