//! Reads the clocks of processes at both ends of the measurement.

use std::collections::BTreeMap;
use std::io;
use std::thread;
use std::time::Duration;

use crate::process::Processes;
use crate::sent::Window;
use crate::sys::{process_cpu, wall};

/// What was worked between two moments.
#[derive(Debug, Clone)]
pub(crate) struct Worked {
    /// None where the server is elsewhere.
    pub(crate) server: Option<Duration>,
    /// By kind of thread.
    pub(crate) threads: BTreeMap<String, Duration>,
    pub(crate) generator: Duration,
    pub(crate) took: Duration,
}

/// A clock that is read twice.
pub(crate) struct Meter {
    processes: Option<Processes>,
    server: Option<Duration>,
    threads: BTreeMap<String, Duration>,
    generator: Duration,
    at: i64,
}

/// So long before it begins everybody is told of the window.
const NOTICE: Duration = Duration::from_millis(200);

impl Meter {
    pub(crate) fn start(processes: Option<&Processes>) -> io::Result<Self> {
        // Books with many pages are read outside what is timed.
        let threads = processes.map(Processes::threads).unwrap_or_default();
        let at = wall();
        let server = processes.map(Processes::cpu).transpose()?;
        Ok(Self {
            processes: processes.cloned(),
            server,
            threads,
            generator: process_cpu(std::process::id())?,
            at,
        })
    }

    pub(crate) fn stop(self) -> io::Result<Worked> {
        let server = self.processes.as_ref().map(Processes::cpu).transpose()?;
        let generator = process_cpu(std::process::id())? - self.generator;
        let took = Duration::from_nanos((wall() - self.at).unsigned_abs());
        let mut threads = self.processes.as_ref().map(Processes::threads).unwrap_or_default();
        for (kind, worked) in &mut threads {
            *worked = worked.saturating_sub(self.threads.get(kind).copied().unwrap_or_default());
        }
        Ok(Worked { threads, server: server.zip(self.server).map(|(now, then)| now - then), generator, took })
    }
}

/// Opens the window, waits until it is over, and says what was worked in it. Blocks.
pub(crate) fn watch(processes: Option<&Processes>, window: &Window, lasts: Duration) -> io::Result<Worked> {
    let nanoseconds = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    let from = wall() + nanoseconds(NOTICE);
    let until = from + nanoseconds(lasts);
    window.set(from, until);
    sleep_until(from);
    let meter = Meter::start(processes)?;
    sleep_until(until);
    meter.stop()
}

fn sleep_until(at: i64) {
    thread::sleep(Duration::from_nanos(u64::try_from(at - wall()).unwrap_or(0)));
}

impl Worked {
    /// Cores of the server.
    pub(crate) fn cores(&self) -> Option<f64> {
        self.server.map(|server| server.as_secs_f64() / self.took.as_secs_f64().max(1e-9))
    }
}
