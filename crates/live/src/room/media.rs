//! Between rooms and the media engine: commands that must not be lost, and events to the room they concern.
//!
//! Rooms speak of their channels; which dense key the engine has for (room, channel) is known here alone.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cluster::MediaBus;
use cluster::media_bus::Listening;
use media::sdp::Offer;
use media::{ChannelKey, Ear, Event, Form, PeerKey, Talker, Voice};
use protocol::ErrorCode;
use protocol::id::RoomId;
use protocol::media::{Channel, ChannelId};
use sfu::{AdmitError, Admitted};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::edge::ToEdge;
use crate::limits::{MEDIA_EVENTS, MEDIA_RETRY_PERIOD};
use crate::log::{Record, log};

/// What one edge has to say to the engine. A shard that is too far behind to take a command gets it a little later,
/// in the same order; what silences somebody goes first.
pub(crate) struct Commands {
    engine: sfu::Handle,
    channels: BTreeMap<Channel, Open>,
    owed: VecDeque<Command>,
}

/// A channel of the room as long as people of this machine are in it.
struct Open {
    key: ChannelKey,
    /// Held, not asked: on one machine nobody else listens.
    _listening: Listening,
}

#[derive(Debug, Clone, Copy)]
enum Command {
    Listen { peer: PeerKey, channel: ChannelKey, talker: Talker, ear: Ear },
    Voice { peer: PeerKey, channel: ChannelKey, talker: Talker, voice: Voice },
    Cut { peer: PeerKey },
    Close { channel: ChannelKey },
}

impl Commands {
    /// With the floor of this room open.
    ///
    /// # Errors
    /// `Busy` where the engine takes no more channels, `Internal` where the room is open already.
    pub(crate) fn open(engine: sfu::Handle, bus: &MediaBus, room: RoomId) -> Result<Self, ErrorCode> {
        let id = ChannelId { room, channel: Channel::Floor };
        let listening = bus.listen(id).map_err(|_| ErrorCode::Internal)?;
        let key = engine.open_channel(Form::Opus).map_err(|_| ErrorCode::Busy)?;
        let channels = BTreeMap::from([(id.channel, Open { key, _listening: listening })]);
        Ok(Self { engine, channels, owed: VecDeque::new() })
    }

    /// As the engine calls them, for whoever waits for its events.
    pub(crate) fn keys(&self) -> Vec<ChannelKey> {
        self.channels.values().map(|open| open.key).collect()
    }

    /// Which channel of the room the engine means.
    pub(crate) fn named(&self, key: ChannelKey) -> Option<Channel> {
        self.channels.iter().find(|(_, open)| open.key == key).map(|(channel, _)| *channel)
    }

    /// Near the floor. A room that has closed it takes nobody.
    pub(crate) fn admit(&self, offer: &Offer) -> Result<Admitted, AdmitError> {
        let floor = self.key(Channel::Floor).ok_or(AdmitError::Full)?;
        self.engine.admit(offer, floor)
    }

    /// The peer's row is in this channel, and in no other.
    pub(crate) fn listen(&mut self, peer: PeerKey, channel: Channel, talker: Talker, ear: Ear) {
        let Some(channel) = self.key(channel) else { return };
        self.say(Command::Listen { peer, channel, talker, ear });
    }

    pub(crate) fn voice(&mut self, peer: PeerKey, channel: Channel, talker: Talker, voice: Voice) {
        let Some(channel) = self.key(channel) else { return };
        self.say(Command::Voice { peer, channel, talker, voice });
    }

    /// Nothing goes to or comes from the peer any more.
    pub(crate) fn cut(&mut self, peer: PeerKey) {
        if self.try_say(Command::Cut { peer }).is_err() {
            self.owed.push_front(Command::Cut { peer });
        }
    }

    /// Nobody is in the room any more.
    pub(crate) fn close(&mut self) {
        for Open { key, .. } in std::mem::take(&mut self.channels).into_values() {
            self.say(Command::Close { channel: key });
        }
    }

    /// Whether something waits to be said again; call [`Self::retry`] soon then.
    pub(crate) fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    pub(crate) fn retry(&mut self) {
        while let Some(command) = self.owed.pop_front() {
            if self.try_say(command).is_err() {
                self.owed.push_front(command);
                return;
            }
        }
    }

    fn key(&self, channel: Channel) -> Option<ChannelKey> {
        self.channels.get(&channel).map(|open| open.key)
    }

    fn say(&mut self, command: Command) {
        if self.owes() || self.try_say(command).is_err() {
            self.owed.push_back(command);
        }
    }

    fn try_say(&self, command: Command) -> Result<(), sfu::Busy> {
        match command {
            Command::Listen { peer, channel, talker, ear } => {
                self.engine.listen(peer, channel, Some(talker), ear)
            }
            Command::Voice { peer, channel, talker, voice } => {
                self.engine.voice(peer, channel, talker, voice)
            }
            Command::Cut { peer } => self.engine.cut(peer),
            Command::Close { channel } => self.engine.close_channel(channel),
        }
    }
}

/// Takes the engine's events on its own threads: posts, and nothing else.
#[derive(Clone)]
pub(crate) struct MediaEvents {
    events: mpsc::Sender<Event>,
    dropped: Arc<AtomicU64>,
}

/// Tells the router which room a peer or a channel belongs to.
#[derive(Clone)]
pub(crate) struct MediaRoutes(mpsc::Sender<Route>);

enum Route {
    Peer(PeerKey, mpsc::Sender<ToEdge>),
    Channel(ChannelKey, mpsc::Sender<ToEdge>),
    Closed(ChannelKey),
}

/// Finds the room that an event concerns.
pub(crate) struct Router {
    events: mpsc::Receiver<Event>,
    routes: mpsc::Receiver<Route>,
    dropped: Arc<AtomicU64>,
    peers: HashMap<PeerKey, mpsc::Sender<ToEdge>>,
    channels: HashMap<ChannelKey, mpsc::Sender<ToEdge>>,
    /// For rooms that had no place in their mailboxes: bounded by their peers and the few events each can have.
    late: Vec<(mpsc::Sender<ToEdge>, Vec<Event>)>,
}

/// The three ends of the way from the engine to rooms.
pub(crate) fn router() -> (MediaEvents, MediaRoutes, Router) {
    let (sender, events) = mpsc::channel(MEDIA_EVENTS);
    let (routes, routed) = mpsc::channel(MEDIA_EVENTS);
    let dropped = Arc::new(AtomicU64::new(0));
    let router = Router {
        events,
        routes: routed,
        dropped: Arc::clone(&dropped),
        peers: HashMap::new(),
        channels: HashMap::new(),
        late: Vec::new(),
    };
    (MediaEvents { events: sender, dropped }, MediaRoutes(routes), router)
}

impl MediaEvents {
    pub(crate) fn post(&self, event: Event) {
        if self.events.try_send(event).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl MediaRoutes {
    /// Before the client hears of the peer, so that no event of it comes too early.
    pub(crate) async fn peer(&self, peer: PeerKey, edge: mpsc::Sender<ToEdge>) {
        let _ = self.0.send(Route::Peer(peer, edge)).await;
    }

    pub(crate) async fn channel(&self, channel: ChannelKey, edge: mpsc::Sender<ToEdge>) {
        let _ = self.0.send(Route::Channel(channel, edge)).await;
    }

    pub(crate) async fn closed(&self, channel: ChannelKey) {
        let _ = self.0.send(Route::Closed(channel)).await;
    }
}

impl Router {
    /// Until the engine is gone.
    pub(crate) async fn run(mut self) {
        let mut retry = interval(MEDIA_RETRY_PERIOD);
        retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                Some(route) = self.routes.recv() => self.learn(route),
                event = self.events.recv() => match event {
                    Some(event) => self.pass_on(event),
                    None => return,
                },
                _ = retry.tick(), if !self.late.is_empty() => self.retry(),
            }
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                log(Record::MediaEventsDropped { count: dropped });
            }
        }
    }

    fn learn(&mut self, route: Route) {
        match route {
            Route::Peer(peer, edge) => drop(self.peers.insert(peer, edge)),
            Route::Channel(channel, edge) => drop(self.channels.insert(channel, edge)),
            Route::Closed(channel) => drop(self.channels.remove(&channel)),
        }
    }

    fn pass_on(&mut self, event: Event) {
        let edge = match event {
            Event::Connected { peer } | Event::Silent { peer } | Event::Back { peer } => {
                self.peers.get(&peer).cloned()
            }
            // The last that is heard of a peer.
            Event::Gone { peer, .. } | Event::Cut { peer } => self.peers.remove(&peer),
            Event::Slots { channel, .. } | Event::Packed { channel, .. } => {
                self.channels.get(&channel).cloned()
            }
        };
        let Some(edge) = edge else { return };
        // Behind what is late already, so that a room hears everything in order.
        if let Some((_, events)) = self.late.iter_mut().find(|(late, _)| late.same_channel(&edge)) {
            return events.push(event);
        }
        if let Err(mpsc::error::TrySendError::Full(_)) =
            edge.try_send(ToEdge::Happened { events: vec![event] })
        {
            self.late.push((edge, vec![event]));
        }
    }

    fn retry(&mut self) {
        for (edge, events) in std::mem::take(&mut self.late) {
            let sent = edge.try_send(ToEdge::Happened { events });
            // Else it was taken, or the room is over.
            if let Err(mpsc::error::TrySendError::Full(ToEdge::Happened { events })) = sent {
                self.late.push((edge, events));
            }
        }
    }
}
