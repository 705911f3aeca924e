//! The accounts of everybody who takes part, made as people make them: by invitations, and by those whom they invited.

use std::sync::Arc;
use std::time::{Duration, Instant};

use client::api::{ApiError, Link, Secret, Server, Token};
use protocol::account::Role;
use protocol::limits::{INVITE_ALLOWANCE, INVITE_USES_MAX};
use protocol::text::{DisplayName, Handle};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::error::BenchError;
use crate::limits::PROVISION_TOGETHER;
use crate::progress::Progress;
use crate::wires::{Here, Person};

/// Invitations that the owner of a server may make at once.
const OWNERS_INVITATIONS: usize = 30;
/// Between two tries of something that the server found too much.
const PAUSE: Duration = Duration::from_millis(500);
/// How long one of them may go on.
const PATIENCE: Duration = Duration::from_secs(120);

/// A signed-in person, and the server as they reach it.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) server: Server,
    pub(crate) token: Token,
}

/// Makes `count` members, in waves: whoever has just come invites the next.
pub(crate) async fn invite(
    host: Account,
    here: Here,
    count: usize,
    progress: &Progress,
) -> Result<Vec<Account>, BenchError> {
    let run = run_name()?;
    let owner = host.server.me(&host.token).await?.role == Role::Owner;
    let (each, times) = if owner { (INVITE_USES_MAX, OWNERS_INVITATIONS) } else { (INVITE_ALLOWANCE, 1) };
    let mut accounts: Vec<Account> = Vec::with_capacity(count);
    let links = links(std::iter::repeat_n(host.clone(), times), each, count).await?;
    accept(&host.server, here, &run, links, count, &mut accounts, progress).await?;
    let mut inviting = 0;
    while accounts.len() < count {
        let wave = accounts.get(inviting..).unwrap_or_default().to_vec();
        inviting = accounts.len();
        let links = self::links(wave.into_iter(), INVITE_ALLOWANCE, count - accounts.len()).await?;
        if links.is_empty() {
            return Err(BenchError::NoInvitations);
        }
        accept(&host.server, here, &run, links, count, &mut accounts, progress).await?;
    }
    Ok(accounts)
}

/// Invitations of these people, for so many newcomers if there are enough.
async fn links(
    inviters: impl Iterator<Item = Account>,
    uses: u32,
    newcomers: usize,
) -> Result<Vec<(Link, u32)>, BenchError> {
    let inviters = inviters.take(newcomers.div_ceil(uses as usize));
    let made = together(inviters.map(|Account { server, token }| async move {
        let patience = Patience::default();
        loop {
            match server.invite(&token, uses).await {
                Ok(link) => return Ok(link),
                Err(error) => patience.pause(error).await?,
            }
        }
    }));
    Ok(made.await?.into_iter().map(|link| (link, uses)).collect())
}

async fn accept(
    server: &Server,
    here: Here,
    run: &str,
    links: Vec<(Link, u32)>,
    count: usize,
    accounts: &mut Vec<Account>,
    progress: &Progress,
) -> Result<(), BenchError> {
    let secrets = links.into_iter().flat_map(|(link, uses)| std::iter::repeat_n(link.secret, uses as usize));
    let first = accounts.len();
    let mut secrets = secrets.take(count - first).enumerate().peekable();
    while secrets.peek().is_some() {
        let some: Vec<(usize, Secret)> = secrets.by_ref().take(PROVISION_TOGETHER * 4).collect();
        let newcomers = some.into_iter().map(|(n, secret)| newcomer(server, here, run, first + n, secret));
        accounts.extend(together(newcomers.collect::<Result<Vec<_>, _>>()?.into_iter()).await?);
        progress.count("Accounts", accounts.len(), count);
    }
    Ok(())
}

fn newcomer(
    server: &Server,
    here: Here,
    run: &str,
    n: usize,
    secret: Secret,
) -> Result<impl Future<Output = Result<Account, BenchError>> + Send + use<>, BenchError> {
    let name = DisplayName::parse(&format!("Bench {n}")).map_err(|_| BenchError::Internal("a name"))?;
    let handle = Handle::parse(&format!("{run}-{n}")).map_err(|_| BenchError::Internal("a handle"))?;
    let server = match here {
        Here::Loopback => {
            let person = Person::try_from(n).map_err(|_| BenchError::Internal("a number"))?;
            server.clone().from_address(here.address(person).into())
        }
        Here::One(_) => server.clone(),
    };
    Ok(async move {
        let patience = Patience::default();
        loop {
            match server.accept_invite(&secret, name.clone(), handle.clone()).await {
                Ok(token) => return Ok(Account { server, token }),
                Err(error) => patience.pause(error).await?,
            }
        }
    })
}

/// Results in the order of the work, a few at a time.
pub(crate) async fn together<T: Send + 'static>(
    work: impl Iterator<Item = impl Future<Output = Result<T, BenchError>> + Send + 'static>,
) -> Result<Vec<T>, BenchError> {
    let places = Arc::new(Semaphore::new(PROVISION_TOGETHER));
    let mut tasks = JoinSet::new();
    for (n, work) in work.enumerate() {
        let places = Arc::clone(&places);
        tasks.spawn(async move {
            let _place = places.acquire().await;
            (n, work.await)
        });
    }
    let mut done: Vec<(usize, T)> = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        let (n, result) = ended.map_err(|_| BenchError::Internal("a task"))?;
        done.push((n, result?));
    }
    done.sort_unstable_by_key(|(n, _)| *n);
    Ok(done.into_iter().map(|(_, value)| value).collect())
}

/// With a server that finds something too much: it counts how often one address asks.
struct Patience {
    until: Instant,
}

impl Default for Patience {
    fn default() -> Self {
        Self { until: Instant::now() + PATIENCE }
    }
}

impl Patience {
    /// Waits before the next try, or says why there is none.
    async fn pause(&self, error: ApiError) -> Result<(), BenchError> {
        if !error.may_pass() || Instant::now() >= self.until {
            return Err(error.into());
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
}

/// Handles of another bench on the same server are other handles.
pub(crate) fn run_name() -> Result<String, BenchError> {
    let mut bytes = [0; 3];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| BenchError::Internal("randomness"))?;
    let [a, b, c] = bytes;
    Ok(format!("b{a:02x}{b:02x}{c:02x}"))
}
