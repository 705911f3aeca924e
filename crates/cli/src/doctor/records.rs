//! Whether the server that runs could keep anything of a room: what can be seen of it from outside, without disturbing it.

pub(super) mod judge;
pub(super) mod look;

use protocol::sandbox::SandboxState;

/// Of one server and its machine, at one moment.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) server: Server,
    /// Where the system may move memory.
    pub(super) swap: Vec<String>,
    /// Whether the machine can write all of its memory to a disk and be switched off.
    pub(super) hibernation: Hibernation,
    pub(super) folder: Seen<Folder>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hibernation {
    Possible,
    Impossible,
}

/// What only some may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen<T> {
    Is(T),
    /// Whoever asks may not look there.
    RootOnly,
}

/// The server of these settings.
#[derive(Debug, Clone)]
pub(super) enum Server {
    /// Why nothing can be said of it, as a sentence.
    Unseen(String),
    Runs(Box<Running>),
}

#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) processes: Vec<Process>,
    pub(super) threads: Threads,
    /// Of the process that sends notifications; `None` where there is none at this moment.
    pub(super) calling_out: Option<Threads>,
    /// What the process that hears rooms holds open.
    pub(super) descriptors: Seen<Vec<Descriptor>>,
    /// As it says itself; `None` where it could not be asked.
    pub(super) sandbox: Option<SandboxState>,
    /// Of the database; `None` where the keeper did not say.
    pub(super) columns: Option<Vec<String>>,
    pub(super) log: Seen<Log>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) cores: Cores,
    pub(super) memory: live::Memory,
    pub(super) swapped_kib: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cores {
    Forbidden,
    Allowed,
}

/// Of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Threads {
    pub(super) all: usize,
    /// Those whose system calls are filtered, for good.
    pub(super) shut_in: usize,
}

/// One open descriptor, as the kernel names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Descriptor(pub(super) String);

/// Where the parent's words go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Log {
    Journal {
        on_disk: bool,
    },
    File(String),
    /// A terminal, a pipe, nothing.
    Elsewhere,
}

/// The data directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Folder {
    /// What the server never puts there.
    pub(super) strangers: Vec<String>,
    /// What other users of the machine can open, the folder itself as `.`.
    pub(super) open: Vec<String>,
}
