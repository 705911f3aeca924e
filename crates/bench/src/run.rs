//! One run, from the first floor to the last.

use std::net::SocketAddr;
use std::time::Duration;

use client::api::{Link, Server as Api, Token, Trust};
use protocol::account::LinkKind;
use protocol::text::{DisplayName, Handle, ServerName};

use crate::error::BenchError;
use crate::floor::{self, Floor, Shape};
use crate::house::{Curtain, address_towards};
use crate::limits::{IDLE_PERIOD, LEAVE_PERIOD};
use crate::meter::Meter;
use crate::people::{self, Account};
use crate::plan::{Plan, Target, Ticket, What, WithFloor, raise_descriptors};
use crate::play::Play;
use crate::process::{Processes, Resident};
use crate::progress::Progress;
use crate::report::{Figures, Report, SignallingReport};
use crate::server::Server;
use crate::stop::Stop;
use crate::summary::report;
use crate::summary::titles::titles;
use crate::wires::Here;

/// Does all of it.
///
/// # Errors
/// [`BenchError`], in sentences.
pub fn run(plan: &Plan, progress: &Progress) -> Result<Figures, BenchError> {
    plan.check()?;
    raise_descriptors(plan)?;
    let figures = match plan.what {
        What::Voice => Figures::Voice(Box::new(voice(plan, progress)?)),
        What::Signalling { .. } => Figures::Signalling(Box::new(signalling(plan, progress)?)),
    };
    progress.end();
    Ok(figures)
}

fn signalling(plan: &Plan, progress: &Progress) -> Result<SignallingReport, BenchError> {
    let (_, heard) = on_a_runtime(act(plan, progress, Play::change_titles))?;
    Ok(titles(plan, &heard))
}

fn voice(plan: &Plan, progress: &Progress) -> Result<Report, BenchError> {
    let before = floor(plan, progress, "The floor, before")?;
    let (alone, seen) = on_a_runtime(act(plan, progress, Play::perform))?;
    let after = floor(plan, progress, "The floor, after")?;
    report(plan, &seen, &alone, before.zip(after))
}

fn on_a_runtime<T>(acted: impl Future<Output = Result<T, BenchError>>) -> Result<T, BenchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let acted = runtime.block_on(acted);
    match &acted {
        // The sockets of thousands end here, and not while the second floor is measured.
        Ok(_) => runtime.shutdown_timeout(Duration::from_secs(5)),
        // Nobody waits for what is still being measured.
        Err(_) => runtime.shutdown_background(),
    }
    acted
}

fn floor(plan: &Plan, progress: &Progress, what: &str) -> Result<Option<Floor>, BenchError> {
    if plan.floor == WithFloor::No {
        return Ok(None);
    }
    progress.step(what);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let lasts = plan.duration.min(FLOOR_PERIOD);
    let shape = Shape {
        rooms: plan.rooms,
        listeners: plan.listeners,
        threads,
        leaning: plan.leaning,
        flat_for: lasts / 2,
        paced_for: lasts,
    };
    Ok(Some(floor::measure(shape)?))
}

/// How long the paced floor is looked at.
const FLOOR_PERIOD: Duration = Duration::from_secs(8);

/// The server with nobody there. Empty where it is elsewhere.
#[derive(Default)]
pub(crate) struct Alone {
    pub(crate) cores: Option<f64>,
    pub(crate) resident: Vec<Resident>,
}

/// Everything between the floors: a server, accounts, and a play in its rooms. Whatever ends it, nobody stays behind.
async fn act<'a, T>(
    plan: &'a Plan,
    progress: &'a Progress,
    play: impl AsyncFnOnce(Play<'a>) -> Result<T, BenchError>,
) -> Result<(Alone, T), BenchError> {
    let mut stop = Stop::listen()?;
    let arrived = tokio::select! {
        biased;
        () = stop.asked() => return Err(BenchError::Stopped),
        arrived = arrive(plan, progress) => arrived?,
    };
    let Arrived { own, host, processes } = arrived;
    let (fall, curtain) = Curtain::up();
    let acted = async {
        let alone = alone(processes.as_ref(), progress).await?;
        let here = here(&host).await?;
        progress.step(&format!("Accounts for {} people", plan.people()));
        let accounts = people::invite(host, here, plan.people(), progress).await?;
        let set = Play::set(plan, progress, here, accounts, processes.clone(), curtain)?;
        Ok((alone, play(set).await?))
    };
    let acted = tokio::select! {
        biased;
        () = stop.asked() => Err(BenchError::Stopped),
        acted = acted => acted,
    };
    if own.is_none() {
        // A server of our own ends, and its rooms with it.
        progress.step("Everybody leaves");
        let _ = fall.send(true);
        let _ = tokio::time::timeout(LEAVE_PERIOD, fall.closed()).await;
    }
    match (acted, own) {
        (Err(BenchError::Stopped), _) => Err(BenchError::Stopped),
        (Err(error), Some(server)) if !server.log().is_empty() => {
            Err(BenchError::WithLog(Box::new(error), server.log().join("\n")))
        }
        (acted, _) => acted,
    }
}

async fn alone(processes: Option<&Processes>, progress: &Progress) -> Result<Alone, BenchError> {
    let Some(processes) = processes else { return Ok(Alone::default()) };
    progress.step("The server alone");
    let meter = Meter::start(Some(processes))?;
    tokio::time::sleep(IDLE_PERIOD).await;
    Ok(Alone { cores: meter.stop()?.cores(), resident: processes.resident()? })
}

/// At a server, signed in.
struct Arrived {
    own: Option<Server>,
    host: Account,
    processes: Option<Processes>,
}

async fn arrive(plan: &Plan, progress: &Progress) -> Result<Arrived, BenchError> {
    match &plan.target {
        Target::Own { settings } => {
            progress.step("A server of our own");
            let server = Server::start(settings)?;
            let api = Api::new(origin(server.address)?, &Trust::System)?;
            let token = claim(&api, &server.owner).await?;
            let processes = Processes::under(server.pid())?;
            Ok(Arrived {
                host: Account { server: api, token },
                own: Some(server),
                processes: Some(processes),
            })
        }
        Target::Running { origin, ticket, pid } => {
            let api = Api::new(origin.clone(), &Trust::System)?;
            let token = match ticket {
                Ticket::Token(token) => token.clone(),
                Ticket::Link(link) => sign_in(&api, link).await?,
            };
            let processes = pid.map(Processes::under).transpose()?;
            Ok(Arrived { own: None, host: Account { server: api, token }, processes })
        }
    }
}

fn origin(address: SocketAddr) -> Result<client::api::Origin, BenchError> {
    format!("http://{address}").parse().map_err(|_| BenchError::Internal("an address"))
}

async fn sign_in(api: &Api, link: &Link) -> Result<Token, BenchError> {
    match link.kind {
        LinkKind::Owner => claim(api, &link.secret).await,
        LinkKind::Invite => {
            let (name, handle) = host_name()?;
            Ok(api.accept_invite(&link.secret, name, handle).await?)
        }
        LinkKind::SignIn => Ok(api.sign_in(&link.secret).await?),
    }
}

async fn claim(api: &Api, secret: &client::api::Secret) -> Result<Token, BenchError> {
    let name = ServerName::parse("Bench").map_err(|_| BenchError::Internal("a name"))?;
    let (host, handle) = host_name()?;
    Ok(api.claim(secret, name, host, handle).await?)
}

fn host_name() -> Result<(DisplayName, Handle), BenchError> {
    let handle = format!("{}-host", people::run_name()?);
    let name = DisplayName::parse("Bench").map_err(|_| BenchError::Internal("a name"))?;
    Ok((name, Handle::parse(&handle).map_err(|_| BenchError::Internal("a handle"))?))
}

/// On this machine everybody has an address of their own; towards another there is one.
async fn here(host: &Account) -> Result<Here, BenchError> {
    let origin = host.server.origin();
    let mut addresses = tokio::net::lookup_host((origin.host.as_str(), origin.port)).await?;
    let address = addresses.find(SocketAddr::is_ipv4).ok_or(BenchError::NoWayIn)?;
    Ok(if address.ip().is_loopback() { Here::Loopback } else { Here::One(address_towards(address)?) })
}
