//! What holds for every process of ours: no memory on a disk, and no payload in a panic.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};

/// No core dumps, and panics that say where and never what. Both are lost at exec, so each process does it.
pub(crate) fn this_process() {
    // A limit of zero alone is not enough where cores are piped into a program (systemd-coredump ignores it).
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(Resource::Core, none);
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
    std::panic::set_hook(Box::new(|info| {
        let (file, line) = info.location().map_or(("unknown", 0), |at| (at.file(), at.line()));
        let _ = writeln!(std::io::stderr(), "vivavoce: panicked at={file}:{line}");
    }));
}

/// A child lives and dies by its line to the parent. Signals from a terminal or a service manager reach the whole
/// group; only the parent acts on them.
pub(crate) fn this_child() {
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT] {
        let _ = signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
}
