//! Puts shards, sockets, mailboxes and threads together.

use std::net::UdpSocket;
use std::os::fd::AsFd;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use media::dtls::{Identity, IdentityError};
use media::limits::{PEERS_PER_SHARD, SHARDS};
use media::sdp::Candidates;
use media::{Event, Incarnation, PackingRules, Shard, ShardConfig, ShardIndex};

use crate::engine::Engine;
use crate::handle::{Handle, Inner, Register, Seeds};
use crate::lanes::{Lanes, Neighbours};
use crate::limits::{COMMANDS, NEWS_LANE, RECEIVE_BUFFER, SEND_BUFFER, SOCKETS_PER_SHARD, VOICE_LANE};
use crate::mailbox::{Waker, mailbox};
use crate::registry::Registry;
use crate::rest::Steering;
use crate::sys::{self, Family};
use crate::thread::{Links, Listeners, Sockets, Thread};

/// What the media engine is given at its start.
pub struct Config {
    /// [`SOCKETS_PER_SHARD`] per shard, at most [`SHARDS`] shards: UDP, all bound to the same port (SO_REUSEPORT) in this
    /// order, to IPv4 or to IPv6 with IPv4 (dual stack). First those of all shards for voice, then those for checks.
    pub sockets: Vec<UdpSocket>,
    /// Where clients can reach that port; and where connections come in that [`Handle::take_connection`] is given.
    pub candidates: Candidates,
    /// Of this process: random, so that packets for an earlier process are recognised.
    pub incarnation: Incarnation,
    /// Randomness for first sequence numbers and timestamps.
    pub seed: u64,
    pub packing: PackingRules,
    /// Called once when a shard's state is beyond hope (see `thread.rs`): restart the process. On a media thread.
    pub on_broken: Box<dyn Fn(ShardIndex) + Send + Sync>,
}

/// Why the media engine did not start. Nothing runs then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("two media sockets are needed for each of one to {SHARDS} threads, not {0} in all")]
    Sockets(usize),
    #[error("the media sockets are not bound to one and the same port")]
    Ports,
    #[error("a media socket does not work: {0}")]
    Socket(std::io::Error),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error("a media thread cannot be started: {0}")]
    Thread(std::io::Error),
}

/// Starts one thread per socket. Opens no file, so it works within a sandbox; threads inherit the sandbox.
///
/// `on_event` is called on media threads: it must return at once, so it posts and does nothing else.
pub fn start(config: Config, on_event: impl Fn(Event) + Send + Sync + 'static) -> Result<Handle, StartError> {
    let identity = Identity::generate()?;
    // Slower without, not wrong.
    let steering = sys::steer(&config.sockets).map_or(Steering::ByHash, |()| Steering::ByKind);
    start_with(config, steering, identity, Box::new(on_event), Shard::new)
}

pub(crate) fn start_with<E: Engine>(
    config: Config,
    steering: Steering,
    identity: Identity,
    on_event: Box<dyn Fn(Event) + Send + Sync>,
    engine: impl Fn(ShardConfig, Instant) -> E,
) -> Result<Handle, StartError> {
    let Config { sockets, candidates, incarnation, seed, packing, on_broken } = config;
    check(&sockets)?;
    let mut sockets = sockets;
    let checks = sockets.split_off(sockets.len() / SOCKETS_PER_SHARD);
    let mut seeds = Seeds(seed);
    let stop = Arc::new(AtomicBool::new(false));
    let listeners = Arc::new(Listeners { on_event, on_broken });

    let wakers = sockets.iter().map(|_| Waker::new()).collect::<Result<Vec<_>, _>>();
    let wakers = wakers.map_err(StartError::Socket)?;
    let (shards, requests): (Vec<_>, Vec<_>) =
        wakers.iter().map(|waker| mailbox(COMMANDS, waker.clone())).unzip();
    let (voices, voice_inboxes): (Vec<_>, Vec<_>) =
        wakers.iter().map(|waker| mailbox(VOICE_LANE, waker.clone())).unzip();
    let (news, news_inboxes): (Vec<_>, Vec<_>) =
        wakers.iter().map(|waker| mailbox(NEWS_LANE, waker.clone())).unzip();
    let lanes: Vec<Lanes> = voices.into_iter().zip(news).map(|(voice, news)| Lanes { voice, news }).collect();

    let mut freed = Vec::new();
    let mut threads = Vec::new();
    let inboxes = requests.into_iter().zip(voice_inboxes).zip(news_inboxes);
    let sockets = sockets.into_iter().zip(checks);
    for ((i, (voice_socket, checks)), ((requests, voice), news)) in sockets.enumerate().zip(inboxes) {
        let me = ShardIndex(u8::try_from(i).unwrap_or(u8::MAX));
        let (freed_by_me, freed_here) = sync_channel(PEERS_PER_SHARD as usize);
        freed.push(freed_here);
        let links = Links {
            requests,
            voice,
            news,
            neighbours: Neighbours::new(me, lanes.clone()),
            freed: freed_by_me,
            waker: wakers[i].clone(),
            stop: Arc::clone(&stop),
            listeners: Arc::clone(&listeners),
        };
        let shard =
            ShardConfig { shard: me, incarnation, identity: identity.clone(), seed: seeds.next(), packing };
        let sockets = prepare(voice_socket, checks, steering).map_err(StartError::Socket)?;
        let thread = Thread::new(me, engine(shard, Instant::now()), sockets, links);
        threads.push((me, thread.map_err(StartError::Socket)?));
    }
    let handle = Handle::new(Inner {
        registry: Mutex::new(Register { registry: Registry::new(threads.len()), freed, seeds }),
        shards,
        wakers,
        stop,
        threads: Mutex::new(Vec::new()),
        identity,
        incarnation,
        candidates: Mutex::new(candidates),
    });
    // From here on dropping the handle ends the threads that run already.
    for (me, thread) in threads {
        handle.spawn(me, thread).map_err(StartError::Thread)?;
    }
    Ok(handle)
}

fn check(sockets: &[UdpSocket]) -> Result<(), StartError> {
    let even = sockets.len().is_multiple_of(SOCKETS_PER_SHARD);
    if sockets.is_empty() || !even || sockets.len() > SOCKETS_PER_SHARD * SHARDS {
        return Err(StartError::Sockets(sockets.len()));
    }
    let ports = sockets.iter().map(|socket| Ok(socket.local_addr()?.port())).collect::<Result<Vec<_>, _>>();
    let ports = ports.map_err(StartError::Socket)?;
    if ports.windows(2).all(|pair| pair[0] == pair[1]) { Ok(()) } else { Err(StartError::Ports) }
}

fn prepare(voice: UdpSocket, checks: UdpSocket, steering: Steering) -> std::io::Result<Sockets> {
    let mut receive_buffer = 0;
    for socket in [&checks, &voice] {
        receive_buffer = sys::ask_for_buffers(socket.as_fd(), RECEIVE_BUFFER, SEND_BUFFER)?.receive;
        sys::ask_for_details(socket.as_fd(), Family::of(socket.local_addr()?))?;
        sys::ask_for_whole_packets(socket.as_fd())?;
    }
    Ok(Sockets { voice, checks, steering, receive_buffer })
}
