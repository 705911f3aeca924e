//! What was seen, before anybody says what it means.

use std::net::IpAddr;
use std::time::SystemTime;

use keeper_api::parent::Failure;
use live::Machine;

use crate::config::PublicUrl;
use crate::memory::Verdict;

/// Of one machine and one configuration, at one moment.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) now: SystemTime,
    pub(super) public_url: PublicUrl,
    pub(super) server: Server,
    pub(super) addresses: Vec<Advertised>,
    /// Of audio; `None` while the system is to choose it.
    pub(super) media_port: Option<u16>,
    pub(super) front: FrontFacts,
    /// Files that the server may open, as far as it can raise the limit.
    pub(super) descriptors: u64,
    /// A sentence about it, where it is low.
    pub(super) few_descriptors: Option<String>,
    /// `None` where there is no socket to ask.
    pub(super) machine: Option<Machine>,
    pub(super) sandbox: SandboxFacts,
    /// Of a process of the server's kind.
    pub(super) swap: Verdict,
}

/// The server of this configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Server {
    /// Its keeper answers, and so does its web side; the time its web side gave, where it was asked.
    Runs { date: Option<SystemTime> },
    /// Its keeper answers and its web side does not.
    HalfRuns,
    /// Nothing runs, and everything it needs can be had.
    Stopped,
    /// Nothing of it runs, and it could not start: this is why.
    CannotStart(String),
}

/// An address that clients are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Advertised {
    pub(super) address: IpAddr,
    pub(super) origin: Origin,
    pub(super) reached: Reached,
}

/// Where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// `--public-address`.
    Named,
    Interface,
}

/// What became of a question sent there over UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    Yes,
    /// Nobody listens: the machine itself said so.
    Refused,
    Silence,
    /// There was no port to ask.
    NotAsked,
}

/// Who speaks TLS, and how well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrontFacts {
    Plain,
    Proxy,
    Broken(Failure),
    Certificate { not_before: SystemTime, not_after: SystemTime, for_host: bool },
}

/// What a process of the server's kind could lock behind itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SandboxFacts {
    Full,
    WithoutLandlock,
    /// The kernel, or another sandbox around us, refuses.
    None,
    /// By setting.
    Off,
}
