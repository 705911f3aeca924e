//! The server as the system sees it: its processes, what they have worked, and what they hold.

use std::collections::BTreeMap;
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

    /// What each kind of thread has worked since its start: threads of one name but for a number at its end are one
    /// kind. Empty where the system keeps no such books (`schedstat`).
    pub(crate) fn threads(&self) -> BTreeMap<String, Duration> {
        let mut kinds = BTreeMap::new();
        for (n, pid) in self.pids.iter().enumerate() {
            let comm = |path: &str| fs::read_to_string(path).map(|name| name.trim().to_owned());
            // The first is named after its file, whatever that is called.
            let process = if n == 0 {
                "parent".to_owned()
            } else {
                comm(&format!("/proc/{pid}/comm")).unwrap_or_default()
            };
            for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
                let path = task.path();
                let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
                let worked = fs::read_to_string(path.join("schedstat")).unwrap_or_default();
                let worked = worked.split_whitespace().next().and_then(|ns| ns.parse().ok()).unwrap_or(0);
                *kinds.entry(kind(&process, name.trim(), n)).or_default() += Duration::from_nanos(worked);
            }
        }
        kinds.retain(|_, worked: &mut Duration| !worked.is_zero());
        kinds
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

/// `live/media` of the thread `media-1` of the process `vivavoce-live`.
fn kind(process: &str, thread: &str, n: usize) -> String {
    let process = process.strip_prefix("vivavoce-").unwrap_or(process);
    let thread = thread.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    if n == 0 || thread == "vivavoce" || thread.ends_with(process) {
        process.to_owned()
    } else {
        format!("{process}/{thread}")
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

    #[test]
    fn threads_that_differ_in_a_number_are_one_kind() {
        assert_eq!(kind("vivavoce-live", "media-1", 2), "live/media");
        assert_eq!(kind("vivavoce-live", "vivavoce-live", 2), "live");
        assert_eq!(kind("vivavoce-keeper", "sqlx-sqlite-worker-0", 1), "keeper/sqlx-sqlite-worker");
        assert_eq!(kind("parent", "vivavoce", 0), "parent");
    }
}
