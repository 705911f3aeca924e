//! The children's way in: from a bare process with a line to the parent to `keeper::run`, `live::run` and `outbound::run`.

use std::fs::OpenOptions;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use cluster::parent::{self as live_line, FromLive, LiveFailure, Sandboxing, ToLive};
use keeper_api::parent::{self as keeper_line, FromKeeper, ToKeeper};
use outbound_api::parent::{self as outbound_line, Confined, FromOutbound, ToOutbound};
use rustix::fs::Mode;
use sandbox::{May, SandboxError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{harden, memory, say};

/// The process with the disk.
pub fn keeper() -> ExitCode {
    harden::this_child(c"vivavoce-keeper");
    // It holds the key to what the parent keeps of rooms.
    memory::lock();
    // Whatever it makes is its own user's alone.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let started = line_to_parent::<FromKeeper, ToKeeper>().and_then(|(to_parent, mut from_parent)| {
        let (start, live) = keeper_line::receive_start(&mut from_parent).ok()?;
        Some(keeper::Given { start, to_parent, from_parent, live })
    });
    started.map_or_else(not_by_hand, keeper::run)
}

/// The process with the network.
pub fn live() -> ExitCode {
    harden::this_child(c"vivavoce-live");
    // The sandbox knows no such call, and nothing is to be remembered before it.
    let memory = memory::lock();
    let Some((mut to_parent, mut from_parent)) = line_to_parent::<FromLive, ToLive>() else {
        return not_by_hand();
    };
    let Ok(started) = live_line::receive_start(&mut from_parent) else { return not_by_hand() };
    let locks = match started.start.config.sandboxing {
        Sandboxing::On => sandbox::Locks::Both,
        Sandboxing::WithoutLandlock => sandbox::Locks::Seccomp,
        Sandboxing::Off => sandbox::Locks::None,
    };
    let sandbox = match sandbox::enter(locks, May::Serve) {
        Ok(report) => report,
        Err(error) => {
            let failure = match error {
                SandboxError::NoSeccomp | SandboxError::NoFilter => LiveFailure::NoSandbox,
                SandboxError::TooLate => LiveFailure::SandboxTooLate,
            };
            let _ = to_parent.send(&FromLive::Failed(failure));
            return ExitCode::FAILURE;
        }
    };
    // From here on rooms are in memory, sealed as they are: only now are they read.
    let Ok(blobs) = live_line::receive_blobs(&mut from_parent, started.start.blobs) else {
        return ExitCode::FAILURE;
    };
    live::run(live::Given {
        start: started.start,
        blobs,
        to_parent,
        from_parent,
        keeper: started.keeper.into(),
        http: started.listeners.into_iter().map(Into::into).collect(),
        metrics: started.metrics.into_iter().map(Into::into).collect(),
        media: started.media.into_iter().map(Into::into).collect(),
        sandbox,
        memory,
    })
}

/// The process that calls out.
pub fn outbound() -> ExitCode {
    harden::this_child(c"vivavoce-out");
    memory::lock();
    let Some((mut to_parent, mut from_parent)) = line_to_parent::<FromOutbound, ToOutbound>() else {
        return not_by_hand();
    };
    let Ok(line::Received { message: ToOutbound::Start(start), .. }) = from_parent.receive() else {
        return not_by_hand();
    };
    // Files are read now or never.
    let surroundings = outbound::look_around(&start);
    let locks = match start.confined {
        Confined::Yes => sandbox::Locks::Both,
        Confined::No => sandbox::Locks::None,
    };
    let shut = sandbox::enter(locks, May::CallOut).map_err(|_| outbound_line::Failure::NoSandbox);
    match (surroundings, shut) {
        (Ok(surroundings), Ok(_)) => {
            outbound::run(outbound::Given { start, surroundings, to_parent, from_parent })
        }
        (Err(failure), _) | (_, Err(failure)) => {
            let _ = to_parent.send(&FromOutbound::Failed(failure));
            ExitCode::FAILURE
        }
    }
}

/// Which locks of the sandbox a self-test tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locks {
    Both,
    Seccomp,
    /// To see that the second forbids something by itself.
    Landlock,
    /// The control: both, after a thread exists already.
    Late,
    /// The control.
    None,
}

/// Tries to get out of the sandbox from every kind of thread. Fails where anything is open.
pub fn live_self_test(locks: Locks) -> ExitCode {
    let kernel = live::selftest::kernel_has_landlock();
    let media = match live::selftest::Media::bind() {
        Ok(media) => media,
        Err(error) => {
            say::err(&format!("No port is free: {error}."));
            return ExitCode::FAILURE;
        }
    };
    let early = match (locks == Locks::Late).then(live::selftest::Early::start).transpose() {
        Ok(early) => early,
        Err(error) => {
            say::err(&format!("No thread can be started: {error}."));
            return ExitCode::FAILURE;
        }
    };
    let sandbox = match locks {
        Locks::Both => sandbox::enter(sandbox::Locks::Both, May::Serve),
        Locks::Seccomp => sandbox::enter(sandbox::Locks::Seccomp, May::Serve),
        Locks::Landlock => sandbox::enter_landlock_alone(),
        Locks::Late => sandbox::enter_late(),
        Locks::None => sandbox::enter(sandbox::Locks::None, May::Serve),
    };
    let report = match sandbox {
        Ok(report) => report,
        Err(error) => {
            say::err(&error.to_string());
            return ExitCode::FAILURE;
        }
    };
    say::out(&format!("{report:?}\nthe kernel has Landlock: {kernel}\n"));
    let attempts = early.map_or_else(|| live::selftest::everywhere(media), live::selftest::Early::tries);
    let attempts = match attempts {
        Ok(attempts) => attempts,
        Err(error) => {
            say::err(&format!("The sandbox is too tight to work in: {error}."));
            return ExitCode::FAILURE;
        }
    };
    for attempt in &attempts {
        say::out(&format!("{attempt}\n"));
    }
    let closed = attempts.iter().all(|attempt| attempt.outcome == live::selftest::Outcome::Refused);
    if closed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The standard input, which the parent made a socket; nothing is left in its place.
pub fn line_to_parent<Out: Serialize, In: DeserializeOwned>()
-> Option<(line::Sender<Out>, line::Receiver<In>)> {
    let socket = take_stdin().ok()?;
    rustix::net::sockopt::socket_type(&socket).ok()?;
    line::pair(socket).ok()
}

fn take_stdin() -> io::Result<UnixStream> {
    let line: OwnedFd = io::stdin().as_fd().try_clone_to_owned()?;
    let nothing = OpenOptions::new().read(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    Ok(line.into())
}

fn not_by_hand() -> ExitCode {
    say::err("This is a part of the server; `vivavoce serve` starts it.");
    ExitCode::FAILURE
}
