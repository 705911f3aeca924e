//! From facts to findings. A function of the facts.

use std::collections::BTreeSet;

use live::Memory;
use protocol::sandbox::SandboxState;

use super::{Cores, Descriptor, Facts, Folder, Hibernation, Log, Process, Running, Seen, Server, Threads};
use crate::doctor::finding::{Check, Finding};

/// What the process that hears rooms may hold open.
const KINDS: [&str; 6] = [
    "socket:",
    "pipe:",
    "anon_inode:[eventpoll]",
    "anon_inode:[eventfd]",
    "anon_inode:[timerfd]",
    "/dev/null",
];

const AS_ROOT: &str = "Ask as root.";

/// The processes first, then the machine, then the disk.
pub(in crate::doctor) fn judge(facts: &Facts) -> Vec<Finding> {
    let running = match &facts.server {
        Server::Unseen(why) => {
            let advice = "Ask with the settings that the server was started with, as its user or as root.";
            return vec![Finding::fail(Check::Server, why.clone(), advice)];
        }
        Server::Runs(running) => running,
    };
    vec![
        Finding::ok(Check::Server, "The server of this data directory runs."),
        system_calls(running),
        landlock(running.sandbox),
        descriptors(&running.descriptors),
        cores(&running.processes),
        memory(&running.processes, &facts.swap),
        hibernation(facts),
        folder(&facts.folder),
        columns(running),
        log(&running.log),
    ]
}

fn system_calls(running: &Running) -> Finding {
    let check = Check::SystemCalls;
    let Threads { all, shut_in } = running.threads;
    if all > 0 && all == shut_in {
        if let Some(Threads { all, shut_in }) = running.calling_out.filter(|out| out.all != out.shut_in) {
            return Finding::fail(
                check,
                format!(
                    "Of the {all} threads of the process that sends notifications, only {shut_in} are shut in. It hears of no room."
                ),
                "If it was started with --unsandboxed, leave that out. If not, this is a fault worth reporting.",
            );
        }
        return Finding::ok(
            check,
            format!(
                "The process that hears rooms can open no file: all of its {all} threads are shut in (seccomp)."
            ),
        );
    }
    Finding::fail(
        check,
        format!(
            "Of the {all} threads of the process that hears rooms, only {shut_in} are shut in: nothing stops the others from writing."
        ),
        "If it was started with --unsandboxed, leave that out. If not, this is a fault worth reporting.",
    )
}

fn landlock(sandbox: Option<SandboxState>) -> Finding {
    let check = Check::Landlock;
    match sandbox {
        Some(SandboxState::Full) => Finding::ok(check, "It says that the second lock holds, too (Landlock)."),
        Some(SandboxState::WithoutLandlock) => Finding::warn(
            check,
            "It says that this kernel has no Landlock: the first lock holds alone.",
            "Linux 5.13 or newer has it; some systems need it named in the lsm= parameter of the kernel.",
        ),
        Some(SandboxState::Off) => {
            Finding::fail(check, "It says that its sandbox is off.", "Start it without --unsandboxed.")
        }
        None => Finding::warn(
            check,
            "It could not be asked whether the second lock holds (Landlock): its web side does not answer here.",
            "Its own hallway says so as well: Locked in, or not.",
        ),
    }
}

fn descriptors(seen: &Seen<Vec<Descriptor>>) -> Finding {
    let check = Check::OpenFiles;
    let Seen::Is(all) = seen else {
        return Finding::warn(
            check,
            "What the process that hears rooms holds open can only be seen by root.",
            AS_ROOT,
        );
    };
    let strange = |descriptor: &&Descriptor| !KINDS.iter().any(|kind| descriptor.0.starts_with(kind));
    let strange: Vec<&str> = all.iter().filter(strange).map(|descriptor| descriptor.0.as_str()).collect();
    let pipes: BTreeSet<&str> =
        all.iter().map(|descriptor| descriptor.0.as_str()).filter(|name| name.starts_with("pipe:")).collect();
    if !strange.is_empty() || pipes.len() > 1 {
        let named: Vec<&str> = strange.into_iter().chain(pipes.into_iter().skip(1)).collect();
        return Finding::fail(
            check,
            format!(
                "The process that hears rooms holds something open that it should not: {}.",
                named.join(", ")
            ),
            "Start the server anew; if it comes back, this is a fault worth reporting.",
        );
    }
    Finding::ok(
        check,
        format!("It holds no file: {} descriptors, all sockets, wake-ups and its log.", all.len()),
    )
}

fn cores(processes: &[Process]) -> Finding {
    let check = Check::Cores;
    let allowed = processes.iter().filter(|process| process.cores == Cores::Allowed).count();
    if allowed == 0 {
        return Finding::ok(check, "None of its processes may leave a core when it crashes.");
    }
    Finding::fail(
        check,
        format!("{allowed} of its processes may leave their memory in a core when they crash."),
        "The server forbids it at its start; something has allowed it since (prlimit).",
    )
}

fn memory(processes: &[Process], swap: &[String]) -> Finding {
    let check = Check::Memory;
    let swapped: u64 = processes.iter().map(|process| process.swapped_kib).sum();
    let locked = processes.iter().all(|process| process.memory == Memory::Locked);
    let advice = "Turn swap off with `swapoff -a`, or give LimitMEMLOCK=infinity in the service; then start the server anew.";
    if swapped > 0 {
        return Finding::fail(check, format!("{swapped} KiB of its memory are in swap."), advice);
    }
    match (locked, swap) {
        (true, _) => Finding::ok(check, "All of its memory is locked: none of it is swapped."),
        (false, []) => {
            Finding::ok(check, "There is no swap, so its memory stays memory though it is not locked.")
        }
        (false, areas) => Finding::warn(
            check,
            format!(
                "Its memory is not locked, and there is swap ({}): it could reach that disk.",
                areas.join(", ")
            ),
            advice,
        ),
    }
}

fn hibernation(facts: &Facts) -> Finding {
    let check = Check::Hibernation;
    match (facts.hibernation, facts.swap.as_slice()) {
        (Hibernation::Possible, [_, ..]) => Finding::warn(
            check,
            "This machine can hibernate: all memory would be written to its swap, locked or not.",
            "Forbid it: `systemctl mask hibernate.target hybrid-sleep.target suspend-then-hibernate.target`.",
        ),
        (Hibernation::Possible | Hibernation::Impossible, _) => {
            Finding::ok(check, "This machine cannot hibernate, which would write all memory to a disk.")
        }
    }
}

fn folder(seen: &Seen<Folder>) -> Finding {
    let check = Check::Data;
    let Seen::Is(Folder { strangers, open }) = seen else {
        return Finding::warn(
            check,
            "The data directory can only be looked into by the server's own user and by root.",
            "Ask as one of them.",
        );
    };
    if !open.is_empty() {
        return Finding::fail(
            check,
            format!("In the data directory other users of this machine can open {}.", open.join(", ")),
            "chmod 700 the directory and chmod 600 what lies in it.",
        );
    }
    if !strangers.is_empty() {
        return Finding::warn(
            check,
            format!("The data directory holds what the server does not put there: {}.", strangers.join(", ")),
            "If it is yours, keep it elsewhere; if nobody knows it, look at it.",
        );
    }
    Finding::ok(
        check,
        "The data directory holds the server's own files alone, and nobody else can open them.",
    )
}

fn columns(running: &Running) -> Finding {
    let check = Check::Columns;
    let Some(columns) = &running.columns else {
        return Finding::warn(
            check,
            "The keeper did not say what the database can hold.",
            "It may run another release than this command.",
        );
    };
    let has: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
    let published: BTreeSet<String> = keeper::published_columns().collect();
    let published: BTreeSet<&str> = published.iter().map(String::as_str).collect();
    let unlisted: Vec<&str> = has.difference(&published).copied().collect();
    if !unlisted.is_empty() {
        return Finding::fail(
            check,
            format!("The database has columns that are not on the published list: {}.", unlisted.join(", ")),
            "Something else than the server has changed the database; look at who could.",
        );
    }
    let missing: Vec<&str> = published.difference(&has).copied().collect();
    if !missing.is_empty() {
        return Finding::warn(
            check,
            format!("The database lacks columns of the published list: {}.", missing.join(", ")),
            "It may run another release than this command.",
        );
    }
    Finding::ok(
        check,
        format!("The database has the {} columns of the published list, and no other.", has.len()),
    )
}

fn log(seen: &Seen<Log>) -> Finding {
    let check = Check::Log;
    let kept = "records with numbers alone, without a name, a title or an address";
    match seen {
        Seen::Is(Log::Journal { on_disk: true }) => {
            Finding::ok(check, format!("Its log goes to the journal, which keeps it on the disk: {kept}."))
        }
        Seen::Is(Log::Journal { on_disk: false }) => {
            Finding::ok(check, format!("Its log goes to the journal, which keeps it in memory: {kept}."))
        }
        Seen::Is(Log::File(path)) => Finding::ok(check, format!("Its log goes to {path}: {kept}.")),
        Seen::Is(Log::Elsewhere) => Finding::ok(check, format!("Its log goes to no file: {kept}.")),
        Seen::RootOnly => Finding::warn(check, "Where its log goes can only be seen by root.", AS_ROOT),
    }
}

#[cfg(test)]
mod tests;
