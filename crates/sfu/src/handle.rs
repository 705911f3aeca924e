//! The control side's end: admits people, opens channels, and posts what is to change.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use media::dtls::Identity;
use media::ice::Credentials;
use media::sdp::{AnswerParams, Candidates, Offer, answer};
use media::stun::Check;
use media::{Admission, ChannelKey, Command, Ear, Form, Incarnation, PeerKey, ShardIndex, Talker, Voice};

use crate::connections::NewConnection;
use crate::engine::Engine;
use crate::limits::REPORT_WAIT;
use crate::mailbox::{Mailbox, Waker};
use crate::registry::Registry;
use crate::stats::Stats;
use crate::sys;
use crate::thread::{Request, Thread};

/// Speaks to the media threads; clones speak to the same ones. No call blocks on them but [`Handle::stats`] (shortly) and
/// [`Handle::stop`].
///
/// Commands posted one after the other by one caller take effect in that order. When the last clone is dropped the
/// threads end by themselves.
#[derive(Clone)]
pub struct Handle {
    inner: Arc<Inner>,
}

/// A shard's mailbox is full: it is far behind, and the command was not posted. Worth trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the media engine is too busy to take a command")]
pub struct Busy;

/// Why a channel was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the media engine is too busy to open a channel")]
    Busy,
    #[error("no more channels can be open")]
    Full,
}

/// Why a connection was not admitted.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    #[error("the media engine is too busy to admit anybody")]
    Busy,
    #[error("no more connections can be admitted")]
    Full,
    /// The operating system gave no randomness. Without it there is no password.
    #[error("no randomness: {0}")]
    Randomness(std::io::Error),
}

/// Why a TCP connection was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    #[error("the first frame is no connectivity check")]
    NoCheck,
    #[error("the check is for nobody here")]
    NotExpected,
    #[error("the media engine is too busy to take a connection")]
    Busy,
}

/// A connection that is expected, and the answer that tells the client how to make it.
#[derive(Debug)]
pub struct Admitted {
    pub peer: PeerKey,
    /// SDP. Contains the password of this connection: for this client alone.
    pub answer: String,
}

/// What [`crate::start`] puts together.
pub(crate) struct Inner {
    /// One writer at a time, on the control side only: no media thread ever waits for this lock.
    pub(crate) registry: Mutex<Register>,
    pub(crate) shards: Vec<Mailbox<Request>>,
    pub(crate) wakers: Vec<Waker>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) threads: Mutex<Vec<JoinHandle<()>>>,
    pub(crate) identity: Identity,
    pub(crate) incarnation: Incarnation,
    /// Written when the machine's addresses change, read once an admission; on the control side only.
    pub(crate) candidates: Mutex<Candidates>,
}

pub(crate) struct Register {
    pub(crate) registry: Registry,
    /// From every shard: the peers that are no more.
    pub(crate) freed: Vec<Receiver<PeerKey>>,
    /// For the slot clocks of the next channel.
    pub(crate) seeds: Seeds,
}

impl Handle {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// A new channel, known to all shards or to none. `form` is how its talkers' payloads hold what was said.
    pub fn open_channel(&self, form: Form) -> Result<ChannelKey, OpenError> {
        let mut register = self.register();
        let (channel, home) = register.registry.add_channel().ok_or(OpenError::Full)?;
        let seed = register.seeds.next();
        self.post_to_all(|| Command::OpenChannel { channel, home, seed, form }).map_err(|Busy| {
            register.registry.remove_channel(channel);
            OpenError::Busy
        })?;
        Ok(channel)
    }

    /// Nobody hears or is heard in the channel afterwards; its people stay connected.
    pub fn close_channel(&self, channel: ChannelKey) -> Result<(), Busy> {
        let mut register = self.register();
        self.post_to_all(|| Command::CloseChannel { channel })?;
        // While the lock is held: a new owner of the index is announced to the shards after this.
        register.registry.remove_channel(channel);
        Ok(())
    }

    /// Expects a connection for this offer, near the channel it will be in: on its shard, unless that one is fuller than
    /// others. It hears and says nothing until told to.
    pub fn admit(&self, offer: &Offer, near: ChannelKey) -> Result<Admitted, AdmitError> {
        let random = sys::random().map_err(AdmitError::Randomness)?;
        let mut register = self.register();
        let peer = register.registry.add_peer(near).ok_or(AdmitError::Full)?;
        let credentials = Credentials::new(peer, self.inner.incarnation, random);
        let admission = Admission {
            peer,
            pwd: credentials.pwd.clone(),
            fingerprint: offer.fingerprint,
            line: offer.mic.clone(),
        };
        self.post(peer, Command::Admit(Box::new(admission))).map_err(|Busy| {
            register.registry.remove_peer(peer);
            AdmitError::Busy
        })?;
        drop(register);
        let candidates = lock(&self.inner.candidates).clone();
        let params = AnswerParams {
            credentials: &credentials,
            fingerprint: self.inner.identity.fingerprint(),
            candidates: &candidates,
        };
        Ok(Admitted { peer, answer: answer(offer, &params) })
    }

    /// Where clients that are admitted from now on can reach us. Connections that stand are not concerned.
    pub fn set_candidates(&self, candidates: Candidates) {
        *lock(&self.inner.candidates) = candidates;
    }

    /// A TCP connection whose first frame, given without its length (RFC 4571), is a check of somebody who is expected.
    /// Its shard reads and writes it from here on, and closes it when that was not true; `place` is dropped then.
    ///
    /// # Errors
    /// [`NotTaken`]; the connection is closed.
    pub fn take_connection(
        &self,
        stream: TcpStream,
        first: Box<[u8]>,
        place: Box<dyn Send>,
    ) -> Result<(), NotTaken> {
        let ufrag = Check::parse(&first).ok_or(NotTaken::NoCheck)?.ufrag;
        if ufrag.incarnation != self.inner.incarnation {
            return Err(NotTaken::NotExpected);
        }
        let client = stream.peer_addr().map_err(|_| NotTaken::NotExpected)?;
        let shard = self.shard(ufrag.peer.shard).ok_or(NotTaken::NotExpected)?;
        let connection = Box::new(NewConnection { stream, client, first, place });
        shard.post(Request::Connection(connection)).map_err(|_| NotTaken::Busy)
    }

    /// The peer hears this channel and nothing else. `talker` is the peer's own voice, which is never sent back.
    pub fn listen(
        &self,
        peer: PeerKey,
        channel: ChannelKey,
        talker: Option<Talker>,
        ear: Ear,
    ) -> Result<(), Busy> {
        self.post(peer, Command::Listen { peer, channel, talker, ear })
    }

    /// The peer hears nothing.
    pub fn unlisten(&self, peer: PeerKey) -> Result<(), Busy> {
        self.post(peer, Command::Unlisten { peer })
    }

    /// Whether the peer's packets are heard in the channel, as the voice of `talker`.
    pub fn voice(
        &self,
        peer: PeerKey,
        channel: ChannelKey,
        talker: Talker,
        voice: Voice,
    ) -> Result<(), Busy> {
        self.post(peer, Command::Voice { peer, channel, talker, voice })
    }

    /// Nothing goes to or comes from the peer any more. Looked at before the next packet; [`media::Event::Cut`] follows
    /// when the last one has left.
    pub fn cut(&self, peer: PeerKey) -> Result<(), Busy> {
        self.post(peer, Command::Cut { peer })
    }

    /// Asks every shard for its counters, and waits for the slowest for at most a second: not for a place that must not
    /// block.
    pub fn stats(&self) -> Stats {
        let deadline = Instant::now() + REPORT_WAIT;
        let asked: Vec<_> = self
            .inner
            .shards
            .iter()
            .map(|shard| {
                let (reply, answer) = sync_channel(1);
                shard.post(Request::Report(reply)).is_ok().then_some(answer)
            })
            .collect();
        let wait = |answer: Receiver<_>| {
            answer.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
        };
        Stats { shards: asked.into_iter().map(|answer| answer.and_then(wait)).collect() }
    }

    /// Ends the threads and waits until they have ended, so never call it from a callback. Packets stop; nobody is told.
    pub fn stop(self) {
        self.inner.tell_to_stop();
        let threads = std::mem::take(&mut *lock(&self.inner.threads));
        for thread in threads {
            // A panic of the thread itself has been reported by the panic hook.
            let _ = thread.join();
        }
    }

    pub(crate) fn spawn<E: Engine>(&self, me: ShardIndex, thread: Thread<E>) -> std::io::Result<()> {
        let name = format!("media-{}", me.0);
        let running = std::thread::Builder::new().name(name).spawn(move || thread.run())?;
        lock(&self.inner.threads).push(running);
        Ok(())
    }

    fn post(&self, peer: PeerKey, command: Command) -> Result<(), Busy> {
        let shard = self.shard(peer.shard).ok_or(Busy)?;
        shard.post(Request::Command(command)).map_err(|_| Busy)
    }

    /// To all shards, or to none.
    fn post_to_all(&self, command: impl Fn() -> Command) -> Result<(), Busy> {
        let rooms: Vec<_> =
            self.inner.shards.iter().map(Mailbox::reserve).collect::<Option<_>>().ok_or(Busy)?;
        for room in rooms {
            // Fails only where a thread has ended, which happens to all of them at once.
            let _ = room.post(Request::Command(command()));
        }
        Ok(())
    }

    fn shard(&self, shard: ShardIndex) -> Option<&Mailbox<Request>> {
        self.inner.shards.get(usize::from(shard.0))
    }

    /// The register, with all freed places given back.
    fn register(&self) -> MutexGuard<'_, Register> {
        let mut register = lock(&self.inner.registry);
        let Register { registry, freed, .. } = &mut *register;
        for peer in freed.iter().flat_map(Receiver::try_iter) {
            registry.remove_peer(peer);
        }
        register
    }
}

impl Inner {
    fn tell_to_stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.wakers.iter().for_each(Waker::wake);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Not joined: the last handle may be dropped by a media thread, within a callback.
        self.tell_to_stop();
    }
}

/// What is behind the lock is whole at every step, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Unrelated numbers from one seed (splitmix64).
pub(crate) struct Seeds(pub(crate) u64);

impl Seeds {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
