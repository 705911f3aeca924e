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
use crate::limits::{COMMANDS, NEWS_LANE, RECEIVE_BUFFER, SEND_BUFFER, VOICE_LANE};
use crate::mailbox::{Waker, mailbox};
use crate::registry::Registry;
use crate::sys::{self, Family};
use crate::thread::{Links, Listeners, Thread};

/// What the media engine is given at its start.
pub struct Config {
    /// One per shard, at most [`SHARDS`]: UDP, all bound to the same port (SO_REUSEPORT) in this order, to IPv4 or to IPv6
    /// with IPv4 (dual stack).
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
    #[error("one to {SHARDS} media sockets are needed, not {0}")]
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
    start_with(config, identity, Box::new(on_event), Shard::new)
}

pub(crate) fn start_with<E: Engine>(
    config: Config,
    identity: Identity,
    on_event: Box<dyn Fn(Event) + Send + Sync>,
    engine: impl Fn(ShardConfig, Instant) -> E,
) -> Result<Handle, StartError> {
    let Config { sockets, candidates, incarnation, seed, packing, on_broken } = config;
    check(&sockets)?;
    // Slower without, not wrong.
    let _ = sys::steer_checks(&sockets);
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
    for ((i, socket), ((requests, voice), news)) in sockets.into_iter().enumerate().zip(inboxes) {
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
        threads.push(prepare(me, engine(shard, Instant::now()), socket, links).map_err(StartError::Socket)?);
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
    if sockets.is_empty() || sockets.len() > SHARDS {
        return Err(StartError::Sockets(sockets.len()));
    }
    let ports = sockets.iter().map(|socket| Ok(socket.local_addr()?.port())).collect::<Result<Vec<_>, _>>();
    let ports = ports.map_err(StartError::Socket)?;
    if ports.windows(2).all(|pair| pair[0] == pair[1]) { Ok(()) } else { Err(StartError::Ports) }
}

fn prepare<E: Engine>(
    me: ShardIndex,
    engine: E,
    socket: UdpSocket,
    links: Links,
) -> std::io::Result<(ShardIndex, Thread<E>)> {
    let buffers = sys::ask_for_buffers(socket.as_fd(), RECEIVE_BUFFER, SEND_BUFFER)?;
    sys::ask_for_details(socket.as_fd(), Family::of(socket.local_addr()?))?;
    sys::ask_for_whole_packets(socket.as_fd())?;
    Ok((me, Thread::new(me, engine, socket, buffers.receive, links)?))
}
