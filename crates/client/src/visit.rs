//! A person in a room, by this client: socket, media connection, sound and state together.
//!
//! [`Visit::begin`] goes in. From then on [`Visit::next`] tells what changes, [`Visit::scene`] what is true now,
//! [`Visit::wish`] asks for something, and [`Visit::leave`] goes, whatever else is being waited for. A lost socket comes back to the same seat, a broken media connection is replaced.
//! The microphone follows what the server says of it, and nothing is sent while it is closed.

mod media;
mod visitor;
mod wires;

use std::sync::Arc;

use protocol::ErrorCode;
use protocol::id::{ParticipantId, RoomId};
use protocol::room::{LeftReason, Notice, RoomCommand};
use protocol::socket::NewRoom;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

use crate::api::{ApiError, Server, Socket, Token, Welcome};
use crate::limits::{NEWS_MAX, WISHES_MAX};
use crate::peer::{IdentityError, Level, PeerError};
use crate::room::Room;
use crate::sound::codec::CodecError;
use crate::sound::{Outlet, Player};

use visitor::Visitor;

/// Where to go, and what to do there.
pub struct Plan {
    pub server: Server,
    pub token: Token,
    pub to: Destination,
    /// What is said when the microphone is open.
    pub voice: Option<Player>,
    pub ears: Ears,
    pub on_stage: OnStage,
}

#[derive(Debug, Clone)]
pub enum Destination {
    Room(RoomId),
    New(NewRoom),
}

/// What becomes of what is heard.
pub enum Ears {
    /// Nothing is decoded, and nobody's level is known.
    Closed,
    Open(Outlet),
}

/// What this client does when its person comes on stage, where everybody arrives muted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnStage {
    StayMuted,
    /// The person has said so beforehand.
    OpenMic,
}

/// What is true now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    pub room: Room,
    pub socket: Link,
    pub media: Link,
    /// Who is heard, and how loud at the most since the last scene.
    pub levels: Vec<(ParticipantId, Level)>,
    /// What this client says itself.
    pub my_level: Option<Level>,
}

/// Whether a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Not yet, or not any more: it is being made.
    Connecting,
    Stands,
}

/// Something to be told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    Notice(Notice),
    /// A wish was refused.
    Refused(ErrorCode),
    /// Everything was said that there was to say; the microphone is closed.
    PlayedOut,
    /// Sound cannot be read or written any more.
    Broken(String),
    /// The server goes down in so many seconds.
    Draining(u32),
}

/// What [`Visit::next`] tells.
#[derive(Debug)]
pub enum Happening {
    /// There is a new scene.
    Changed,
    News(News),
    /// The visit is over.
    Ended(Ending),
}

/// How a visit ends.
#[derive(Debug)]
pub enum Ending {
    Left(LeftReason),
    /// The server could not be reached again, or does not take this client any more.
    Lost(ApiError),
}

/// Why a visit does not begin.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error("{0}.")]
    Peer(#[from] PeerError),
    #[error("{0}.")]
    Identity(#[from] IdentityError),
    #[error("{0}.")]
    Codec(#[from] CodecError),
    #[error("No socket for sound can be made: {0}.")]
    Udp(#[from] std::io::Error),
}

/// A visit that goes on.
pub struct Visit {
    scenes: watch::Receiver<Scene>,
    news: mpsc::Receiver<News>,
    wishes: mpsc::Sender<RoomCommand>,
    leaving: Arc<Notify>,
    task: JoinHandle<Ending>,
}

impl Visit {
    /// Goes in, on a socket that has said hello.
    ///
    /// # Errors
    /// [`VisitError`], among it the server's refusal.
    pub async fn begin(socket: Socket, welcome: &Welcome, plan: Plan) -> Result<Self, VisitError> {
        let (wishes, wished) = mpsc::channel(WISHES_MAX);
        let (told, news) = mpsc::channel(NEWS_MAX);
        let (visitor, scenes) = Visitor::enter(socket, welcome.incarnation, plan, told).await?;
        let leaving = Arc::new(Notify::new());
        let task = tokio::spawn(visitor.run(wished, Arc::clone(&leaving)));
        Ok(Self { scenes, news, wishes, leaving, task })
    }

    pub fn scene(&self) -> Scene {
        self.scenes.borrow().clone()
    }

    /// Nothing is lost when this is dropped half-way. After `Ended` it must not be called again.
    pub async fn next(&mut self) -> Happening {
        tokio::select! {
            biased;
            Some(news) = self.news.recv() => Happening::News(news),
            Ok(()) = self.scenes.changed() => Happening::Changed,
            ended = &mut self.task => Happening::Ended(
                ended.unwrap_or(Ending::Lost(ApiError::Ended(None))),
            ),
        }
    }

    /// Whether there is room for it: a person cannot want so much at once.
    pub fn wish(&self, wish: RoomCommand) -> bool {
        self.wishes.try_send(wish).is_ok()
    }

    /// Out of the room at once. `Ended` comes when the goodbyes are said.
    pub fn leave(&self) {
        self.leaving.notify_one();
    }
}
