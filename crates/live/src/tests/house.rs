//! The process under test, started as the parent starts it.

use std::net::{Shutdown, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use cluster::Blob;
use cluster::parent::{FromLive, HttpSide, LiveConfig, LiveNote, Packing, Sandboxing, Start, ToLive};
use cluster::store::BlobStore;
use protocol::id::{Incarnation, ParticipantId, RoomId};
use protocol::limits::FACES_MAX;
use protocol::room::RoomCommand;
use sandbox::Report;
use tokio::runtime::Runtime;

use super::keeper::FakeKeeper;
use crate::Given;
use crate::places::Share;
use crate::process::Sizes;
use crate::room::{Rooms, ToOwner, envelope};

/// Longer than anything here takes; only a failure waits for so long.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct House {
    pub(super) keeper: FakeKeeper,
    pub(super) address: SocketAddr,
    listener: TcpListener,
    media: Vec<UdpSocket>,
    store: Arc<Kept>,
    faces_max: usize,
    share: Share,
    http: HttpSide,
    run: Option<Run>,
}

/// What the parent keeps.
#[derive(Default)]
struct Kept {
    store: Mutex<BlobStore>,
    changed: Condvar,
}

/// One run of the process.
struct Run {
    runtime: Runtime,
    to_live: line::Sender<ToLive>,
    said: Receiver<FromLive>,
    rooms: Rooms,
    /// The parent's end, to hang up.
    line: UnixStream,
}

impl House {
    pub(super) fn new() -> Self {
        Self::with_faces_max(FACES_MAX)
    }

    /// One address may hold so much here.
    pub(super) fn with_share(share: Share) -> Self {
        Self::with(FACES_MAX, share, HttpSide::Plain)
    }

    /// The same, of those for whom a proxy at this address speaks.
    pub(super) fn behind_proxy(share: Share, proxy: &str) -> Self {
        Self::with(FACES_MAX, share, HttpSide::BehindProxy(vec![proxy.parse().unwrap()]))
    }

    /// Rooms with more people than this are large ones here.
    pub(super) fn with_faces_max(faces_max: usize) -> Self {
        Self::with(faces_max, Share::OF_AN_ADDRESS, HttpSide::Plain)
    }

    fn with(faces_max: usize, share: Share, http: HttpSide) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut house = Self {
            keeper: FakeKeeper::new(),
            address: listener.local_addr().unwrap(),
            listener,
            media: sfu::bind("127.0.0.1:0".parse().unwrap(), 2).unwrap(),
            store: Arc::default(),
            faces_max,
            share,
            http,
            run: None,
        };
        house.start();
        house
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Bytes that the network takes of what nobody reads, on connections that come from now on. Left alone it takes
    /// more the faster it is sent.
    pub(super) fn network_takes(&self, bytes: usize) {
        rustix::net::sockopt::set_socket_send_buffer_size(&self.listener, bytes).unwrap();
    }

    /// Ends the process without a word, as `kill -9` does, and starts the next.
    pub(super) fn die_and_restart(&mut self) {
        self.die();
        self.start();
    }

    pub(super) fn die(&mut self) {
        if let Some(run) = self.run.take() {
            let Run { runtime, said, rooms, line, .. } = run;
            drop(rooms);
            runtime.shutdown_background();
            line.shutdown(Shutdown::Write).unwrap();
            // The parent reads a dead line to its end.
            while said.recv_timeout(PATIENCE).is_ok() {}
        }
    }

    /// The keeper dies and is started anew.
    pub(super) fn restart_keeper(&mut self) {
        self.keeper.hang_up();
        let (ours, theirs) = UnixStream::pair().unwrap();
        self.keeper.serve(theirs);
        let to_live = &mut self.run.as_mut().unwrap().to_live;
        to_live.send_with(&ToLive::NewKeeper, vec![OwnedFd::from(ours)]).unwrap();
    }

    /// A process that calls out is there from now on: this end is its.
    pub(super) fn calls_out(&mut self) -> UnixStream {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let to_live = &mut self.run.as_mut().unwrap().to_live;
        to_live.send_with(&ToLive::NewOutbound, vec![OwnedFd::from(theirs)]).unwrap();
        ours
    }

    pub(super) fn drain(&mut self, seconds: u16) {
        self.run.as_mut().unwrap().to_live.send(&ToLive::Drain { seconds }).unwrap();
    }

    /// The machine has other addresses from now on.
    pub(super) fn move_to(&mut self, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.run.as_mut().unwrap().to_live.send(&ToLive::Addresses(addresses)).unwrap();
    }

    /// The next that the process says to the parent, commits apart.
    pub(super) fn says(&self) -> FromLive {
        self.run.as_ref().unwrap().said.recv_timeout(PATIENCE).unwrap()
    }

    /// A fault in the owner of this room.
    pub(super) async fn fail(&self, room: RoomId) {
        self.tell_owner(room, ToOwner::Fail).await;
    }

    pub(super) async fn abandon(&self, room: RoomId) {
        self.tell_owner(room, ToOwner::Abandon).await;
    }

    /// Somebody in the room does something, at no socket's pace.
    pub(super) async fn act(&self, room: RoomId, from: ParticipantId, command: RoomCommand) {
        self.tell_owner(room, ToOwner::Act { from, command }).await;
    }

    /// The owner has answered something: what it had to do before is done.
    pub(super) async fn owner_answers(&self, room: RoomId) {
        self.tell_owner(room, ToOwner::Views { viewers: Vec::new() }).await;
    }

    async fn tell_owner(&self, room: RoomId, command: ToOwner) {
        let rooms = &self.run.as_ref().unwrap().rooms;
        let _ = rooms.bus().request(envelope(room, command)).await;
    }

    pub(super) fn kept_blobs(&self) -> Vec<Blob> {
        all(&self.store.store.lock().unwrap())
    }

    /// What is kept once anything is: a commit counts when it is sent, and is read a little later.
    pub(super) fn first_kept_blobs(&self) -> Vec<Blob> {
        let store = self.store.store.lock().unwrap();
        let (store, late) =
            self.store.changed.wait_timeout_while(store, PATIENCE, |store| store.is_empty()).unwrap();
        assert!(!late.timed_out(), "nothing was kept");
        all(&store)
    }

    /// Puts something else in the parent's place for blobs.
    pub(super) fn keep_instead(&self, blobs: Vec<Blob>) {
        let mut store = self.store.store.lock().unwrap();
        store.clear();
        store.apply(cluster::Commit { puts: blobs, forgets: Vec::new() }).unwrap();
    }

    /// Notes said before the process was ready.
    pub(super) fn start(&mut self) -> Vec<LiveNote> {
        let (parent_end, live_end) = UnixStream::pair().unwrap();
        let (to_parent, from_parent) = line::pair(live_end).unwrap();
        let line = parent_end.try_clone().unwrap();
        let (to_live, mut from_live) = line::pair::<ToLive, FromLive>(parent_end).unwrap();
        let (keeper, their_keeper) = UnixStream::pair().unwrap();
        self.keeper.serve(their_keeper);
        let blobs = self.kept_blobs();
        let given = Given {
            start: Start {
                config: self.config(),
                incarnation: Incarnation(crate::clock::random()),
                blobs: u32::try_from(blobs.len()).unwrap(),
                listeners: 1,
                metrics: 0,
                media: 2,
            },
            blobs,
            to_parent,
            from_parent,
            keeper,
            http: vec![self.listener.try_clone().unwrap()],
            metrics: Vec::new(),
            media: self.media.iter().map(|socket| socket.try_clone().unwrap()).collect(),
            sandbox: Report::OFF,
            memory: crate::Memory::Loose,
        };
        let (say, said) = channel();
        let store = Arc::clone(&self.store);
        std::thread::spawn(move || {
            while let Ok(received) = from_live.receive() {
                match received.message {
                    FromLive::Commit(commit) => {
                        store.store.lock().unwrap().apply(commit).unwrap();
                        store.changed.notify_all();
                    }
                    other => {
                        let _ = say.send(other);
                    }
                }
            }
        });
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (tell, told) = channel();
        let sizes = Sizes { faces_max: self.faces_max, share: self.share };
        runtime.spawn(async move {
            let process = crate::process::start(given, sizes).await.unwrap();
            tell.send(process.house.rooms.clone()).unwrap();
            process.run().await
        });
        let notes = std::iter::from_fn(|| match said.recv_timeout(PATIENCE).unwrap() {
            FromLive::Note(note) => Some(note),
            FromLive::Ready => None,
            other => panic!("{other:?}"),
        })
        .collect();
        let rooms = told.recv_timeout(PATIENCE).unwrap();
        self.run = Some(Run { runtime, to_live, said, rooms, line });
        notes
    }

    fn config(&self) -> LiveConfig {
        LiveConfig {
            public_url: format!("http://localhost:{}", self.address.port()),
            http: self.http.clone(),
            media_port: self.media[0].local_addr().unwrap().port(),
            public_addresses: Vec::new(),
            interface_addresses: vec!["127.0.0.1".parse().unwrap()],
            packing: Packing::default(),
            sandboxing: Sandboxing::Off,
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(run) = self.run.take() {
            run.runtime.shutdown_background();
        }
    }
}

fn all(store: &BlobStore) -> Vec<Blob> {
    store.tags().filter_map(|tag| store.get(tag)).collect()
}
