//! What holds for every process of ours: no memory on a disk, and no payload in a panic.

use std::ffi::CStr;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};

/// No core dumps, and panics that say where and never what. Both are lost at exec, so each process does it.
pub fn this_process() {
    no_cores();
    std::panic::set_hook(Box::new(|info| {
        let (file, line) = info.location().map_or(("unknown", 0), |at| (at.file(), at.line()));
        let _ = writeln!(std::io::stderr(), "vivavoce: panicked at={file}:{line}");
    }));
}

fn no_cores() {
    // A limit of zero alone is not enough where cores are piped into a program (systemd-coredump ignores it).
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(Resource::Core, none);
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// A child lives and dies by its line to the parent. Signals from a terminal or a service manager reach the whole
/// group; only the parent acts on them. `name` is what process lists show, at most 15 bytes.
pub(crate) fn this_child(name: &CStr) {
    let _ = rustix::thread::set_name(name);
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    // The last one: a file that may grow no further is an error of one write, like a full disk, and no end.
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT, libc::SIGXFSZ] {
        let _ = signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_crashes_leaves_no_memory_behind() {
        no_cores();
        assert_eq!(rustix::process::dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
        let limit = rustix::process::getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}
