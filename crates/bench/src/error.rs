//! Why there are no figures.

use client::api::ApiError;
use client::peer::{IdentityError, PeerError};

use crate::server::ServerError;

/// In sentences for whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    #[error("{0}")]
    Plan(#[from] crate::plan::PlanError),
    #[error("The bench's own server does not work: {0}.")]
    Server(#[from] ServerError),
    #[error("The server refused what the bench needs: {0}")]
    Api(#[from] ApiError),
    #[error("A media connection cannot be made: {0}.")]
    Peer(#[from] PeerError),
    #[error("No connections can be made: {0}.")]
    Identity(#[from] IdentityError),
    #[error("The system refused something: {0}.")]
    System(#[from] std::io::Error),
    #[error("The members of that server may not invite as many people as this takes.")]
    NoInvitations,
    #[error("The server says nowhere that media can be sent to.")]
    NoWayIn,
    #[error("Of {asked} people who went on stage, {connected} were connected.")]
    Stage { asked: usize, connected: usize },
    #[error("Nobody heard anything: there is nothing to measure.")]
    Silence,
    /// By whoever started it. Nobody is in its rooms any more.
    #[error("Stopped before there were figures.")]
    Stopped,
    #[error("{0}\nThe server's last words:\n{1}")]
    WithLog(Box<BenchError>, String),
    #[error("The bench cannot go on: {0} failed. That is a mistake of the bench.")]
    Internal(&'static str),
}
