//! The wiring of the process: everything that runs, and what connects it, in the order in which it starts.

use std::net::{TcpListener, UdpSocket};
use std::num::NonZeroU32;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cluster::coord::ToParent;
use cluster::parent::{CannotServe, FromLive, HttpSide, LiveNote, Packing, Start, ToLive};
use cluster::{Blob, Sealer, SealingKey};
use keeper_api::Welcome;
use media::sdp::Candidates;
use media::{PackingRules, UnderLoad};
use protocol::id::Incarnation;
use protocol::limits::FACES_MAX;
use protocol::sandbox::SandboxState;
use protocol::socket::ServerMessage;
use sandbox::{Lock, Report};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::Given;
use crate::clock::random;
use crate::drain::Draining;
use crate::fresh;
use crate::hallway::{self, Hallway};
use crate::http::limit::Limiter;
use crate::http::site::Site;
use crate::http::{App, Parts, router};
use crate::keeper::{Ends, Keeper, Line};
use crate::limits::{CONNECTIONS_MAX, METRICS_CONNECTIONS_MAX};
use crate::log::{Record, log};
use crate::metrics::{self, Counts, PutOut, Sources};
use crate::outbound::Outbound;
use crate::pictures::Pictures;
use crate::places::{Places, Share};
use crate::program::Programs;
use crate::push::{self, Notifier};
use crate::pushes;
use crate::reach::Reach;
use crate::room::{self, FORMAT, MediaRoutes, Rebuilt, Rooms, Wiring};
use crate::serve::{MediaDoor, Service};
use crate::socket::open::OpenSockets;
use crate::tls::Certificate;

/// How often a draining process looks whether anybody is left.
const DRAIN_LOOK: Duration = Duration::from_millis(100);
/// What is kept of the time to drain for the last words at sockets.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Why this process cannot serve.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error(transparent)]
    Keeper(#[from] crate::keeper::KeeperError),
    #[error(transparent)]
    Media(#[from] sfu::StartError),
    #[error(transparent)]
    Tls(#[from] crate::tls::Unusable),
    #[error(transparent)]
    Push(#[from] push::Unusable),
    #[error("HTTPS is asked for and the keeper has no certificate")]
    NoCertificate,
    #[error("a socket or thread failed")]
    Io(#[from] std::io::Error),
    #[error("the parent is gone")]
    ParentGone,
}

/// Runs until the parent says stop, or is gone.
pub(crate) fn run(given: Given) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("live")
        .worker_threads(control_threads())
        // What it did last lies on its stack and in its registers for as long as it has nothing to do.
        .on_thread_park(sfu::residue::wipe)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(_) => return ExitCode::FAILURE,
    };
    let sizes = Sizes { faces_max: FACES_MAX, share: Share::OF_AN_ADDRESS };
    // Rooms of before are put together at the start: in a box, so that what the start leaves is wiped when it is over.
    let ended = runtime.block_on(async {
        let process = Box::pin(start(given, sizes)).await?;
        // And so is the stack of this thread, which is none of the runtime's.
        sfu::residue::wipe();
        process.run().await
    });
    // Tasks that still wait for somebody wait for nothing now.
    runtime.shutdown_timeout(LAST_WORDS);
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log(Record::CannotServe(why(&error)));
            ExitCode::FAILURE
        }
    }
}

/// Threads for everything but media: half of the processors. Sound needs the others, and two threads that have little to
/// do wake each other for it.
fn control_threads() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| processors.get().div_ceil(2))
}

/// Everything runs and connections are taken.
pub(crate) struct Process {
    pub(crate) house: House,
    engine: sfu::Handle,
    reach: Reach,
    heard: mpsc::Receiver<line::Received<ToLive>>,
    lines: mpsc::Sender<UnixStream>,
    /// To the process that calls out.
    ways_out: mpsc::Sender<UnixStream>,
    drain: watch::Sender<Draining>,
    parent: ToParent,
}

/// Bounds that tests cannot reach otherwise.
pub(crate) struct Sizes {
    /// People of a room up to whom its audience is listed.
    pub(crate) faces_max: usize,
    pub(crate) share: Share,
}

/// Starts everything, rooms of before included, and tells the parent when connections are taken.
pub(crate) async fn start(given: Given, sizes: Sizes) -> Result<Process, ServeError> {
    let Given { start, blobs, to_parent, from_parent, keeper, http, metrics, media, sandbox, memory } = given;
    let Start { config, incarnation, .. } = start;

    let (line, welcome) = Line::greet(keeper, None).await?;
    let (keeper, Ends { lines, said }) = Keeper::start(line, &welcome);
    let key = SealingKey::from_random(*welcome.sealing_key.as_bytes());
    let (coord, parent) = cluster::coord::local(to_parent, Sealer::new(&key, FORMAT), &blobs)?;

    let (shards, listeners) = (media.len() / sfu::SOCKETS_PER_SHARD, http.len());
    let web = http.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?;
    let reach = Reach::new(&config, web);
    let candidates = reach.candidates(&config.interface_addresses);
    let (engine, routes) = start_engine(candidates, packing_rules(config.packing), incarnation, media)?;
    let (drain, draining) = watch::channel(Draining::No);
    let (hallway, mailbox) = Hallway::new();
    let (outbound, ways_out) = Outbound::start();
    let contact = config.public_url.clone();
    let notifier = Notifier::start(keeper.clone(), hallway.clone(), outbound, &welcome.push_key, contact)?;
    let (counts, sockets) = (Counts::default(), OpenSockets::default());
    let rooms = Rooms::new(Wiring {
        coord,
        engine: engine.clone(),
        routes,
        keeper: keeper.clone(),
        hallway: hallway.clone(),
        notifier: notifier.clone(),
        draining: draining.clone(),
        counts: counts.clone(),
        faces_max: sizes.faces_max,
    });
    fresh::spawn(move || hallway::run(mailbox));
    let rebuilt = rebuild(rooms.clone(), blobs, Sealer::new(&key, FORMAT)).await;
    drop(key);
    note(&parent, sandbox, rebuilt).await?;

    let behind_proxy = matches!(config.http, HttpSide::BehindProxy(_));
    let certificate = certificate(&config.http, &welcome)?;
    let site = Site::new(config.public_url, config.http);
    let pictures = Arc::new(Pictures::new());
    let app = App::new(Parts {
        site: site.clone(),
        keeper: keeper.clone(),
        hallway: hallway.clone(),
        rooms: rooms.clone(),
        notifier: notifier.clone(),
        limiter: Limiter::new(std::time::Instant::now()),
        pictures: Arc::clone(&pictures),
        sockets: sockets.clone(),
        programs: Programs::default(),
        put_out: PutOut::new(counts.clone()),
        incarnation,
        sandbox: sandbox_state(sandbox),
        draining,
    });
    keep_time(app.clone());
    let places = Places::new(CONNECTIONS_MAX, sizes.share);
    let tls = certificate.as_ref().map(Certificate::acceptor).transpose()?;
    let media = (!behind_proxy).then(|| MediaDoor::new(engine.clone()));
    let service = Service::new(router(app), tls, media, Arc::clone(&places), site.clone());
    let (few, open) = (Places::new(METRICS_CONNECTIONS_MAX, Share::OF_AN_ADDRESS), sockets.clone());
    let sources = Sources { rooms: rooms.clone(), sockets: open, places, engine: engine.clone(), counts };
    let watching = Service::new(metrics::router(sources), None, None, few, site);
    open_doors(http, &service)?;
    open_doors(metrics, &watching)?;
    let house = House { keeper, hallway, rooms, pictures, notifier, sockets };
    let theirs = house.clone();
    fresh::spawn(move || pushes::carry_out(theirs, said, certificate));
    let heard = hear_parent(from_parent)?;
    parent.say(FromLive::Ready).await.map_err(|_| ServeError::ParentGone)?;
    log(Record::Started { shards, listeners, memory });
    Ok(Process { house, engine, reach, heard, lines, ways_out, drain, parent })
}

impl Process {
    /// Until the server stops, or the parent is gone.
    pub(crate) async fn run(mut self) -> Result<(), ServeError> {
        let seconds = loop {
            match self.heard.recv().await {
                Some(received) => {
                    if let Said::Drain { seconds } = self.hear(received).await {
                        break seconds;
                    }
                }
                None => return Err(ServeError::ParentGone),
            }
        };
        // What the parent says meanwhile holds as before: with a keeper that is new now come the sign-outs.
        let (house, drain) = (self.house.clone(), self.drain.clone());
        let drained = async move { house.drain(seconds, &drain).await };
        tokio::pin!(drained);
        loop {
            tokio::select! {
                () = &mut drained => break,
                received = self.heard.recv() => match received {
                    Some(received) => {
                        self.hear(received).await;
                    }
                    None => return Ok(()),
                },
            }
        }
        let _ = self.parent.say(FromLive::Drained).await;
        // The parent ends this process, by signal or by hanging up.
        while self.heard.recv().await.is_some() {}
        Ok(())
    }

    async fn hear(&self, line::Received { message, descriptors }: line::Received<ToLive>) -> Said {
        match message {
            ToLive::NewKeeper => {
                if let Some(socket) = descriptors.into_iter().next() {
                    let _ = self.lines.send(UnixStream::from(socket)).await;
                }
            }
            ToLive::NewOutbound => {
                if let Some(socket) = descriptors.into_iter().next() {
                    let _ = self.ways_out.send(UnixStream::from(socket)).await;
                }
            }
            ToLive::Drain { seconds } => return Said::Drain { seconds },
            ToLive::Addresses(addresses) => self.engine.set_candidates(self.reach.candidates(&addresses)),
            // Said at the start only.
            ToLive::Start(_) | ToLive::Blob(_) => {}
        }
        Said::Done
    }
}

/// What is left to do of what the parent said.
enum Said {
    Done,
    Drain { seconds: u16 },
}

/// As long as the process.
fn keep_time(app: App) {
    fresh::spawn(move || app.keep_time());
}

fn certificate(http: &HttpSide, welcome: &Welcome) -> Result<Option<Certificate>, ServeError> {
    match (http, &welcome.tls) {
        (HttpSide::Tls, Some(keys)) => Ok(Some(Certificate::new(keys)?)),
        (HttpSide::Tls, None) => Err(ServeError::NoCertificate),
        (HttpSide::Plain | HttpSide::BehindProxy(_), _) => Ok(None),
    }
}

fn open_doors(listeners: Vec<TcpListener>, service: &Service) -> std::io::Result<()> {
    for listener in listeners {
        listener.set_nonblocking(true)?;
        let (service, listener) = (service.clone(), tokio::net::TcpListener::from_std(listener)?);
        fresh::spawn(move || service.listen(listener));
    }
    Ok(())
}

/// By a task, whose stack is another: what is made after it goes on for ever, and would keep ids of these rooms.
async fn rebuild(rooms: Rooms, blobs: Vec<Blob>, sealer: Sealer) -> Rebuilt {
    let rebuilt = fresh::spawn(move || async move { rooms.rebuild(&blobs, &sealer).await }).await;
    rebuilt.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
}

fn start_engine(
    candidates: Candidates,
    packing: PackingRules,
    incarnation: Incarnation,
    sockets: Vec<UdpSocket>,
) -> Result<(sfu::Handle, MediaRoutes), ServeError> {
    let (events, routes, media_router) = room::router();
    fresh::spawn(move || media_router.run());
    let config = sfu::Config {
        sockets,
        candidates,
        incarnation: media_incarnation(incarnation),
        seed: u64::from_be_bytes(random()),
        packing,
        // The parent starts a new process, and rooms come back from their blobs.
        on_broken: Box::new(|_| std::process::abort()),
    };
    Ok((sfu::start(config, move |event| events.post(event))?, routes))
}

/// What the parent says, out of a thread that may wait for it.
fn hear_parent(
    mut from_parent: line::Receiver<ToLive>,
) -> std::io::Result<mpsc::Receiver<line::Received<ToLive>>> {
    let (heard, hears) = mpsc::channel(4);
    std::thread::Builder::new().name("parent".to_owned()).spawn(move || {
        while let Ok(received) = from_parent.receive() {
            if heard.blocking_send(received).is_err() {
                return;
            }
        }
    })?;
    Ok(hears)
}

async fn note(parent: &ToParent, sandbox: Report, rebuilt: Rebuilt) -> Result<(), ServeError> {
    let lock = match sandbox_state(sandbox) {
        SandboxState::Full => None,
        SandboxState::WithoutLandlock => Some(LiveNote::NoLandlock),
        SandboxState::Off => Some(LiveNote::Unsandboxed),
    };
    let broken = (rebuilt.broken > 0).then_some(LiveNote::RoomsNotRebuilt { rooms: rebuilt.broken });
    let back = (rebuilt.rooms > 0).then_some(LiveNote::RoomsRebuilt { rooms: rebuilt.rooms });
    for note in [lock, broken, back].into_iter().flatten() {
        parent.say(FromLive::Note(note)).await.map_err(|_| ServeError::ParentGone)?;
    }
    Ok(())
}

/// Those who have to hear of what the keeper and the parent say.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) keeper: Keeper,
    pub(crate) hallway: Hallway,
    pub(crate) rooms: Rooms,
    pub(crate) pictures: Arc<Pictures>,
    pub(crate) notifier: Notifier,
    pub(crate) sockets: OpenSockets,
}

impl House {
    /// Members are in the hallway; guests are not.
    async fn is_empty(&self) -> bool {
        self.sockets.guests() == 0 && self.hallway.viewers().await.is_empty()
    }

    /// Tells everybody, gives them the time, and closes what is left.
    async fn drain(&self, seconds: u16, drain: &watch::Sender<Draining>) {
        log(Record::Draining { seconds });
        let deadline = Instant::now() + Duration::from_secs(u64::from(seconds)).saturating_sub(LAST_WORDS);
        drain.send_replace(Draining::Told { seconds });
        self.hallway.everyone(&ServerMessage::Draining { seconds: u32::from(seconds) }).await;
        while Instant::now() < deadline && !self.is_empty().await {
            sleep_until(deadline.min(Instant::now() + DRAIN_LOOK)).await;
        }
        drain.send_replace(Draining::Closing);
        self.hallway.close_all().await;
        let last = Instant::now() + LAST_WORDS;
        while Instant::now() < last && !self.is_empty().await {
            sleep(DRAIN_LOOK / 10).await;
        }
    }
}

fn media_incarnation(incarnation: Incarnation) -> media::Incarnation {
    let [a, b, c, d, ..] = incarnation.0;
    media::Incarnation(u32::from_be_bytes([a, b, c, d]))
}

fn packing_rules(packing: Packing) -> PackingRules {
    PackingRules {
        two_from: packing.two_from.map(NonZeroU32::get),
        three_from: packing.three_from.map(NonZeroU32::get),
        under_load: if packing.under_load { UnderLoad::Pack } else { UnderLoad::Carry },
    }
}

fn sandbox_state(report: Report) -> SandboxState {
    match (report.seccomp, report.landlock) {
        (Lock::Holds, Lock::Holds) => SandboxState::Full,
        (Lock::Holds, Lock::Missing | Lock::Off) => SandboxState::WithoutLandlock,
        (Lock::Missing | Lock::Off, _) => SandboxState::Off,
    }
}

fn why(error: &ServeError) -> CannotServe {
    match error {
        ServeError::Keeper(_) | ServeError::Push(_) => CannotServe::Keeper,
        ServeError::Media(_) => CannotServe::Media,
        ServeError::Tls(_) | ServeError::NoCertificate => CannotServe::Certificate,
        ServeError::Io(_) => CannotServe::System,
        ServeError::ParentGone => CannotServe::Parent,
    }
}
