//! The server as the system sees it: its processes, what they have worked, and what they hold.

use std::fs;
use std::io;
use std::time::Duration;

use crate::sys::process_cpu;

/// A parent and its children.
#[derive(Debug, Clone)]
pub(crate) struct Processes {
    pids: Vec<u32>,
}

/// Of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resident {
    pub(crate) name: String,
    pub(crate) bytes: u64,
}

impl Processes {
    /// Those that run under this one now.
    ///
    /// # Errors
    /// When there is no such process.
    pub(crate) fn under(pid: u32) -> io::Result<Self> {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        Ok(Self { pids: std::iter::once(pid).chain(children).collect() })
    }

    /// What all have worked since their starts, for themselves and in the kernel.
    ///
    /// # Errors
    /// When one has ended.
    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        self.pids.iter().map(|pid| process_cpu(*pid)).sum()
    }

    /// What is in memory of each. What several share is counted with each: a few MiB of the program itself.
    ///
    /// # Errors
    /// When one has ended.
    pub(crate) fn resident(&self) -> io::Result<Vec<Resident>> {
        let page = rustix::param::page_size() as u64;
        let of = |pid: &u32| {
            let pages = fs::read_to_string(format!("/proc/{pid}/statm"))?;
            let pages = pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
            let name = fs::read_to_string(format!("/proc/{pid}/comm"))?.trim().to_owned();
            Ok(Resident { name, bytes: pages.ok_or(io::ErrorKind::InvalidData)? * page })
        };
        self.pids.iter().map(of).collect()
    }
}

pub(crate) fn sum(resident: &[Resident]) -> u64 {
    resident.iter().map(|resident| resident.bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_seen_with_what_it_holds() {
        let me = Processes::under(std::process::id()).expect("it runs");
        let before = sum(&me.resident().expect("readable"));
        let held = vec![1u8; 32 << 20];
        assert!(sum(&me.resident().expect("readable")) > before + (16 << 20));
        assert!(me.cpu().expect("readable") > Duration::ZERO);
        drop(held);
    }
}
