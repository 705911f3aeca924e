//! Memory that must stay memory: what the system could move to a disk, and what keeps ours where it is.

use std::fmt;

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CapabilitySet, capabilities};

pub(crate) use live::Memory;

/// What to do where memory could reach a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    Warn,
    Refuse,
}

/// Keeps all memory of this process, now and later, from being swapped, where the system allows that. Pages are locked when
/// they are first used, so that a process takes no more of them than before.
pub(crate) fn lock() -> Memory {
    // Without a limit every later mapping is taken, too. Whoever may raise it does, for the children as well.
    let none = Rlimit { current: None, maximum: None };
    let _ = setrlimit(Resource::Memlock, none);
    if !may_lock() {
        return Memory::Loose;
    }
    let all = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    mlockall(all).map_or(Memory::Loose, |()| Memory::Locked)
}

/// Whether [`lock`] would; nothing is changed. Under a limit it must not: what is mapped beyond it later would be refused.
pub(crate) fn may_lock() -> bool {
    getrlimit(Resource::Memlock).current.is_none() || is_privileged()
}

/// Rights of a user namespace other than the first do not count here.
fn is_privileged() -> bool {
    let first = std::fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| is_first_namespace(&map));
    let rights = CapabilitySet::IPC_LOCK | CapabilitySet::SYS_RESOURCE;
    first && capabilities(None).is_ok_and(|sets| sets.effective.intersects(rights))
}

fn is_first_namespace(uid_map: &str) -> bool {
    uid_map.split_whitespace().eq(["0", "0", "4294967295"])
}

/// Where the system may move memory: swap files and partitions, by name. Empty where there is none.
pub(crate) fn swap_areas() -> Vec<String> {
    areas(&std::fs::read_to_string("/proc/swaps").unwrap_or_default())
}

/// Below a heading, one area a line. Memory that is compressed (zram) stays memory.
fn areas(table: &str) -> Vec<String> {
    let names = table.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| !name.starts_with("/dev/zram")).map(str::to_owned).collect()
}

/// What the person who starts the server is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fine,
    Warning(Complaint),
    Refusal(Complaint),
}

/// What is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) what: String,
    pub(crate) advice: &'static str,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.advice)
    }
}

pub(crate) fn judge(areas: &[String], memory: Memory, swap: Swap) -> Verdict {
    let names = areas.join(", ");
    match (areas, swap, memory) {
        ([], _, _) | (_, Swap::Warn, Memory::Locked) => Verdict::Fine,
        (_, Swap::Warn, Memory::Loose) => Verdict::Warning(Complaint {
            what: format!(
                "Swap is on ({names}), and the server may not lock its memory: what people are called and what rooms are \
                 about could be moved to that disk."
            ),
            advice: "Turn it off with `swapoff -a`, or give LimitMEMLOCK=infinity in the service.",
        }),
        (_, Swap::Refuse, _) => Verdict::Refusal(Complaint {
            what: format!(
                "Swap is on ({names}), and the server is to start only without (`swap` is `refuse`)."
            ),
            advice: "Turn it off with `swapoff -a`, or choose --swap=warn.",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

    #[test]
    fn areas_are_named_and_compressed_memory_is_none() {
        assert_eq!(areas(HEADING), [""; 0]);
        assert_eq!(areas(""), [""; 0]);
        let table = format!(
            "{HEADING}/dev/sda2   partition\t8388604\t\t0\t\t-2\n/dev/zram0  partition\t4000\t0\t100\n\
             /swap\\040file  file\t1048572\t12\t-3\n"
        );
        assert_eq!(areas(&table), ["/dev/sda2", "/swap\\040file"]);
    }

    #[test]
    fn what_is_said_of_swap_depends_on_what_was_asked_and_on_whether_memory_is_locked() {
        let disk = ["/dev/sda2".to_owned()];
        for memory in [Memory::Locked, Memory::Loose] {
            for swap in [Swap::Warn, Swap::Refuse] {
                assert_eq!(judge(&[], memory, swap), Verdict::Fine);
            }
            let refused = judge(&disk, memory, Swap::Refuse);
            assert!(
                matches!(&refused, Verdict::Refusal(said) if said.what.contains("(/dev/sda2)")),
                "{refused:?}"
            );
        }
        assert_eq!(judge(&disk, Memory::Locked, Swap::Warn), Verdict::Fine);
        let warned = judge(&disk, Memory::Loose, Swap::Warn);
        assert!(
            matches!(&warned, Verdict::Warning(said) if said.advice.contains("LimitMEMLOCK")),
            "{warned:?}"
        );
    }

    #[test]
    fn rights_count_in_the_first_user_namespace_alone() {
        assert!(is_first_namespace("         0          0 4294967295\n"));
        assert!(!is_first_namespace("         0       1000          1\n"));
        assert!(!is_first_namespace(""));
    }
}
