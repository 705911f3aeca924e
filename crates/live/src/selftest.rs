//! Tries to break out of the sandbox, from every kind of thread this process has.
//!
//! Run by the hidden `vivavoce live-self-test`. An attempt counts as refused only where the kernel says no before it
//! looks at anything (EPERM, EACCES, or ENOSYS for a call it does not have); "no such file" means that it looked.

mod calls;
mod files;
mod shard;

use std::fmt;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

pub use calls::kernel_has_landlock;
pub use shard::Media;

/// One attempt and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub from: Thread,
    pub what: String,
    pub outcome: Outcome,
}

/// Where an attempt was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thread {
    Main,
    /// One that was there before the sandbox, which no thread may be.
    Early,
    AsyncWorker,
    Blocking,
    /// A thread of our own, started later.
    Fresh,
    /// Of the media engine, as it runs in `live`.
    MediaShard,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Refused,
    /// Done, or refused for a reason of its own: the way is open.
    Open,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Refused => "refused",
            Outcome::Open => "OPEN",
        };
        write!(f, "{outcome}\t{:?}\t{}", self.from, self.what)
    }
}

/// Makes every attempt on every kind of thread.
///
/// # Errors
/// Where a runtime, a thread or the media engine cannot be started: the sandbox is too tight to work in.
pub fn everywhere(media: Media) -> std::io::Result<Vec<Attempt>> {
    let mut all = from(Thread::Main);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    all.extend(runtime.block_on(async {
        let worker = tokio::spawn(async { from(Thread::AsyncWorker) });
        let blocking = tokio::task::spawn_blocking(|| from(Thread::Blocking));
        let mut both = worker.await?;
        both.extend(blocking.await?);
        Ok::<_, std::io::Error>(both)
    })?);
    let fresh = std::thread::Builder::new().name("self-test".to_owned()).spawn(|| from(Thread::Fresh))?;
    all.extend(fresh.join().map_err(|_| std::io::Error::other("the fresh thread panicked"))?);
    all.extend(media.on_a_shard(|| from(Thread::MediaShard))?);
    Ok(all)
}

/// A thread that is there already, and tries once it is told.
#[derive(Debug)]
pub struct Early {
    go: SyncSender<()>,
    thread: JoinHandle<Vec<Attempt>>,
}

impl Early {
    /// # Errors
    /// Where no thread can be started.
    pub fn start() -> std::io::Result<Self> {
        let (go, told) = sync_channel(0);
        let early = std::thread::Builder::new().name("early".to_owned());
        let thread =
            early.spawn(move || told.recv().map_or_else(|_| Vec::new(), |()| from(Thread::Early)))?;
        Ok(Self { go, thread })
    }

    /// Its attempts.
    ///
    /// # Errors
    /// Where it is gone.
    pub fn tries(self) -> std::io::Result<Vec<Attempt>> {
        self.go.send(()).map_err(std::io::Error::other)?;
        self.thread.join().map_err(|_| std::io::Error::other("the early thread panicked"))
    }
}

fn from(thread: Thread) -> Vec<Attempt> {
    let mut attempts: Vec<(String, Outcome)> = files::attempts();
    attempts.extend(calls::attempts());
    attempts.into_iter().map(|(what, outcome)| Attempt { from: thread, what, outcome }).collect()
}

/// What an error says about the way.
fn outcome_of<T>(result: std::io::Result<T>) -> Outcome {
    match result {
        Err(error) if is_refusal(error.raw_os_error()) => Outcome::Refused,
        _ => Outcome::Open,
    }
}

fn is_refusal(errno: Option<i32>) -> bool {
    matches!(errno, Some(libc::EPERM | libc::EACCES | libc::ENOSYS))
}
