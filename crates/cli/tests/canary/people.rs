//! People at their own addresses, with names and voices that can be found again.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::api::{ApiError, Link, Server, Socket, Token, Trust};
use client::peer::{Identity, Level, Offering, Peer, Poll, Spurt, Voice, candidates};
use client::room::Room;
use keeper_api::SessionToken;
use protocol::ErrorCode;
use protocol::account::Me;
use protocol::hallway::RoomCard;
use protocol::id::{EventId, ReportId, RoomId, SeatToken};
use protocol::media::Sdp;
use protocol::room::{Authority, Mic, MyMic, MyPlace, Notice, RoomCommand, RoomEvent};
use protocol::socket::{NewRoom, ServerMessage};
use protocol::text::Handle;
use serde_json::Value;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep_until, timeout};

use crate::asks::Asks;
use crate::marks::Marks;
use crate::native;
use crate::server;

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Everything of somebody who has come to the server and is in no room.
pub(crate) struct Member {
    pub(crate) server: Server,
    pub(crate) token: Token,
    pub(crate) ip: IpAddr,
    handle: String,
}

/// Somebody in a room.
pub(crate) struct Guest {
    pub(crate) member: Member,
    own: Marks,
    ids: Marks,
    wishes: mpsc::Sender<Wish>,
    scene: watch::Receiver<Scene>,
}

/// What is true in the room, as they see it.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) room: Room,
    /// Voice packets heard, all told.
    pub(crate) heard: u64,
    /// How often the server had gone and they came back by themselves.
    pub(crate) returns: u32,
    /// What the server, and nobody else, has of this visit as it is now.
    pub(crate) marks: Marks,
    /// The last report that they were asked about.
    pub(crate) asked: Option<ReportId>,
}

enum Wish {
    Do(RoomCommand, oneshot::Sender<Result<(), ApiError>>),
    /// Packets with this in them, twenty milliseconds each, from now on.
    Say(Arc<[u8]>),
    /// Goodbye to room and socket; answered when it has been said.
    Leave(oneshot::Sender<()>),
    /// Goodbye to the room alone.
    GoOut(oneshot::Sender<()>),
    /// To stay at the socket when the room is over.
    StayOn,
    /// Not a word, as if the program had crashed.
    Crash,
}

fn offering(identity: &Identity) -> Offering {
    Offering::new(identity, Instant::now()).expect("an offer")
}

impl Member {
    pub(crate) async fn owner(server: &server::Server, link: &Link, ip: IpAddr, name: &str) -> Self {
        let client = reach(server, ip);
        let token = native::claims(&client, link, name, "ann").await;
        Self { server: client, token, ip, handle: "ann".to_owned() }
    }

    pub(crate) async fn invited(
        server: &server::Server,
        link: &Link,
        ip: IpAddr,
        called: &str,
        name: &str,
    ) -> Self {
        let client = reach(server, ip);
        let token = native::comes(&client, &link.secret, name, called).await.expect("in");
        Self { server: client, token, ip, handle: called.to_owned() }
    }

    /// Nobody can say whether they may come.
    pub(crate) async fn is_not_let_in(
        server: &server::Server,
        link: &Link,
        ip: IpAddr,
        called: &str,
        name: &str,
    ) {
        match native::comes(&reach(server, ip), &link.secret, name, called).await {
            Err(ApiError::Refused(ErrorCode::Busy)) => {}
            other => panic!("{:?}", other.map(drop)),
        }
    }

    /// As a page of theirs.
    fn page(&self, server: &server::Server) -> Asks {
        let IpAddr::V4(from) = self.ip else { panic!("loopback") };
        Asks { server: server.address(), from }
    }

    /// About themselves, by what pages ask.
    pub(crate) async fn asks(&self, server: &server::Server, what: &str, body: Option<Value>) -> Vec<u8> {
        self.page(server).ask(what, Some(&self.token), body).await.expect("heard").expect("taken")
    }

    /// Puts up a picture of themselves. Gives it back as others see it.
    pub(crate) async fn puts_up(&self, server: &server::Server, picture: &[u8]) -> Vec<u8> {
        let answer = self.page(server).send("PUT /me/picture", Some(&self.token), "image/png", picture).await;
        let me: Value =
            serde_json::from_slice(&answer.expect("heard").expect("taken")).expect("who they are");
        let id = me["picture"].as_str().expect("it is up");
        self.asks(server, &format!("GET /pictures/{id}"), None).await
    }

    /// The same at the next run of the server, which may listen elsewhere.
    pub(crate) fn at(mut self, server: &server::Server) -> Self {
        self.server = reach(server, self.ip);
        self
    }

    /// The same person once more.
    pub(crate) fn again(&self) -> Self {
        Self {
            server: self.server.clone(),
            token: self.token.clone(),
            ip: self.ip,
            handle: self.handle.clone(),
        }
    }

    /// What they see outside rooms.
    pub(crate) async fn hallway(&self) -> Vec<RoomCard> {
        let mut socket = self.server.open(&self.token).await.expect("open");
        socket.hello().await.expect("welcome").hallway
    }

    /// How they are told that they cannot come in.
    pub(crate) async fn tries(&self, room: RoomId) -> ErrorCode {
        let offering = offering(&Identity::generate().expect("a certificate"));
        match self.arrive().await.0.enter_room(room, Some(offering.sdp().clone()), None).await {
            Err(ApiError::Refused(code)) => code,
            other => panic!("{:?}", other.map(drop)),
        }
    }

    /// The same of a program that would listen, without a socket.
    pub(crate) async fn tries_by_a_program(&self, room: RoomId) -> ErrorCode {
        let offering = offering(&Identity::generate().expect("a certificate"));
        match self.server.listen(&self.token, room, offering.sdp()).await {
            Err(ApiError::Refused(code)) => code,
            other => panic!("{:?}", other.map(drop)),
        }
    }

    /// Until the server can say who they are: it asks its keeper.
    pub(crate) async fn is_known_again(&self) {
        let until = Instant::now() + PATIENCE;
        while self.server.me(&self.token).await.is_err() {
            assert!(Instant::now() < until, "the keeper is not back");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) fn handle(&self) -> Handle {
        native::handle_of(&self.handle)
    }

    async fn arrive(&self) -> (Socket, Me) {
        let mut socket = self.server.open(&self.token).await.expect("open");
        let me = socket.hello().await.expect("welcome").me;
        (socket, me)
    }

    pub(crate) async fn starts(self, identity: &Identity, room: NewRoom) -> Guest {
        let ((mut socket, me), offering) = (self.arrive().await, offering(identity));
        let entered = socket.start_room(room, offering.sdp().clone()).await.expect("started");
        self.sits_down(identity, (socket, me), offering, entered).await
    }

    pub(crate) async fn enters(self, identity: &Identity, room: RoomId) -> Guest {
        let ((mut socket, me), offering) = (self.arrive().await, offering(identity));
        let entered = socket.enter_room(room, Some(offering.sdp().clone()), None).await.expect("in");
        self.sits_down(identity, (socket, me), offering, entered).await
    }

    /// The room of an event that they host.
    pub(crate) async fn opens(self, identity: &Identity, event: EventId) -> Guest {
        let ((mut socket, me), offering) = (self.arrive().await, offering(identity));
        let entered = socket.open_event(event, offering.sdp().clone()).await.expect("opened");
        self.sits_down(identity, (socket, me), offering, entered).await
    }

    async fn sits_down(
        self,
        identity: &Identity,
        (socket, me): (Socket, Me),
        offering: Offering,
        entered: client::api::Entered,
    ) -> Guest {
        let answer = entered.answer.expect("an answer");
        let line = Line::new(self.ip, offering, &answer).await;
        let marks = secrets(&self.token, &entered.seat, &answer, &line);
        let (own, ids) = (ids(&me), ids_in(&me, entered.view.room));
        let room = Room::new(entered.view);
        let (wishes, wished) = mpsc::channel(8);
        let (tell, scene) = watch::channel(Scene {
            room: room.clone(),
            heard: 0,
            returns: 0,
            marks: marks.clone(),
            asked: None,
        });
        let visit = Visit {
            server: self.server.clone(),
            token: self.token.clone(),
            ip: self.ip,
            identity: identity.clone(),
            seat: entered.seat,
            room,
            says: None,
            then: Then::Closes,
            heard: 0,
            returns: 0,
            marks,
            asked: None,
            timestamp: 0,
            tell,
        };
        tokio::spawn(visit.run(socket, line, wished));
        Guest { member: self, own, ids, wishes, scene }
    }
}

impl Guest {
    /// Until the room looks so.
    pub(crate) async fn sees(&mut self, what: &str, fits: impl FnMut(&Scene) -> bool) -> Scene {
        let seen = timeout(PATIENCE, self.scene.wait_for(fits)).await;
        let seen = seen.unwrap_or_else(|_| panic!("{} never sees {what}", self.member.handle));
        seen.unwrap_or_else(|_| {
            panic!("{} is not there any more, and has not seen {what}", self.member.handle)
        })
        .clone()
    }

    pub(crate) fn room(&self) -> RoomId {
        self.scene.borrow().room.view().room
    }

    pub(crate) fn id(&self) -> protocol::id::ParticipantId {
        self.scene.borrow().room.me()
    }

    pub(crate) async fn does(&self, command: RoomCommand) {
        let (answer, answered) = oneshot::channel();
        let what = format!("{command:?}");
        self.wish(Wish::Do(command, answer)).await;
        let done = timeout(PATIENCE, answered).await.expect("in time").expect("still there");
        done.unwrap_or_else(|error| panic!("{} cannot {what}: {error}", self.member.handle));
    }

    /// Opens the microphone and says this for as long as it is open.
    pub(crate) async fn says(&self, what: &[u8]) {
        self.wish(Wish::Say(what.into())).await;
        self.does(RoomCommand::SetMic { mic: MyMic::Open }).await;
    }

    /// Comes on stage: asks, is asked, says yes.
    pub(crate) async fn comes_up(&mut self, by: &Guest) {
        self.does(RoomCommand::RaiseHand).await;
        self.sees("the hand", |scene| matches!(scene.room.my_place(), MyPlace::HandRaised { .. })).await;
        by.does(RoomCommand::InviteToStage { who: self.id() }).await;
        self.sees("the invitation", |scene| matches!(scene.room.my_place(), MyPlace::Invited { .. })).await;
        self.does(RoomCommand::AcceptInvitation).await;
        self.sees("the stage", |scene| matches!(scene.room.my_place(), MyPlace::Stage { .. })).await;
    }

    pub(crate) fn place(&self) -> MyPlace {
        self.scene.borrow().room.my_place()
    }

    pub(crate) async fn has(&mut self, authority: Authority) {
        self.sees("what they may decide", |scene| scene.room.view().you.authority == authority).await;
    }

    /// On stage, and somebody keeps the microphone closed.
    pub(crate) async fn is_held(&mut self) {
        let held = MyPlace::Stage { mic: Mic::Held };
        self.sees("the hold", |scene| scene.room.my_place() == held).await;
    }

    /// How often they had to come back.
    pub(crate) fn returns(&self) -> u32 {
        self.scene.borrow().returns
    }

    /// Back in the audience.
    pub(crate) async fn comes_down(&mut self) {
        self.sees("the audience", |scene| matches!(scene.room.my_place(), MyPlace::Audience)).await;
    }

    pub(crate) fn marks(&self) -> Marks {
        self.scene.borrow().marks.clone()
    }

    /// Who comes, by which session, and into which room. Not to be looked for while that goes on: it knows who spoke for as
    /// long as they can be reported.
    pub(crate) fn ids(&self) -> &Marks {
        &self.ids
    }

    /// Those that are theirs, and not the room's.
    pub(crate) fn own_ids(&self) -> &Marks {
        &self.own
    }

    pub(crate) async fn leaves(self) {
        let (answer, answered) = oneshot::channel();
        self.wish(Wish::Leave(answer)).await;
        // Whoever was thrown out has nothing to say any more.
        let _ = timeout(PATIENCE, answered).await.expect("in time");
    }

    /// Out of the room, and back in the hallway: for as long as this is kept.
    pub(crate) async fn goes_out(&self) {
        let (answer, answered) = oneshot::channel();
        self.wish(Wish::GoOut(answer)).await;
        timeout(PATIENCE, answered).await.expect("in time").expect("still there");
    }

    /// In the hallway once the room is over: for as long as this is kept.
    pub(crate) async fn will_stay_on(&self) {
        self.wish(Wish::StayOn).await;
    }

    pub(crate) async fn crashes(self) {
        self.wish(Wish::Crash).await;
        self.wishes.closed().await;
    }

    /// Until the room is over, and goodbye is said.
    pub(crate) async fn is_out(&mut self) {
        timeout(PATIENCE, self.wishes.closed()).await.expect("the room ends");
    }

    async fn wish(&self, wish: Wish) {
        // Nobody is there to be asked after the end of the room.
        let _ = self.wishes.send(wish).await;
    }
}

/// The other side of a guest: socket and sound.
struct Visit {
    server: Server,
    token: Token,
    ip: IpAddr,
    identity: Identity,
    seat: SeatToken,
    room: Room,
    says: Option<Arc<[u8]>>,
    then: Then,
    heard: u64,
    returns: u32,
    marks: Marks,
    asked: Option<ReportId>,
    timestamp: u32,
    tell: watch::Sender<Scene>,
}

/// What becomes of the socket of somebody who is out of their room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Closes,
    StaysOn,
}

pub(crate) struct Line {
    pub(crate) udp: UdpSocket,
    pub(crate) local: SocketAddr,
    pub(crate) peer: Peer,
}

impl Line {
    pub(crate) async fn new(ip: IpAddr, offering: Offering, answer: &Sdp) -> Self {
        let udp = UdpSocket::bind((ip, 0)).await.expect("a port");
        let local = udp.local_addr().expect("bound");
        let server = candidates(answer).into_iter().find(|address| address.ip().is_loopback());
        let server = server.expect("the server listens on loopback").to_string();
        // A client chooses which of the server's addresses it tries: the others are out of our reach.
        let (ip, _) = server.rsplit_once(':').expect("with a port");
        let keeps = |line: &&str| !line.starts_with("a=candidate:") || line.contains(&format!(" {ip} "));
        let answer = Sdp(answer.0.split_inclusive('\n').filter(keeps).collect());
        let peer = offering.accept(&answer, &[local]).expect("understood");
        Self { udp, local, peer }
    }

    /// Everything that the connection wants; how many voices came, and when it wants to be called.
    pub(crate) fn turn(&mut self) -> (u64, Instant) {
        let mut heard = 0;
        loop {
            match self.peer.poll(Instant::now()) {
                Poll::Transmit(transmit) => drop(self.udp.try_send_to(&transmit.contents, transmit.to)),
                Poll::Event(client::peer::Event::Packet(_)) => heard += 1,
                Poll::Event(_) => {}
                Poll::Timeout(at) => return (heard, at),
            }
        }
    }
}

impl Visit {
    async fn run(mut self, mut socket: Socket, mut line: Line, mut wishes: mpsc::Receiver<Wish>) {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        let mut buffer = vec![0; 2_048];
        loop {
            let (heard, wakes) = line.turn();
            if heard > 0 {
                self.heard += heard;
                self.show();
            }
            tokio::select! {
                message = socket.next() => match message {
                    Ok(ServerMessage::Room { epoch, sequence, events, .. }) => {
                        self.asked = events.iter().rev().find_map(report).or(self.asked);
                        if self.room.apply(epoch, sequence, events) == client::room::Step::Gap {
                            let _ = socket.send(&protocol::socket::ClientMessage::Resync).await;
                        }
                        self.show();
                    }
                    Ok(ServerMessage::State { view }) => {
                        self.room = Room::new(view);
                        self.show();
                    }
                    // Out of the room, whatever for.
                    Ok(ServerMessage::Left { .. }) => match self.then {
                        Then::Closes => return socket.close().await,
                        Then::StaysOn => return stays_on(socket, wishes).await,
                    },
                    Ok(_) => {}
                    Err(_) => (socket, line) = self.comes_back().await,
                },
                arrived = line.udp.recv_from(&mut buffer) => if let Ok((count, from)) = arrived {
                    let local = line.local;
                    line.peer.handle_datagram(Instant::now(), from, local, &buffer[..count]);
                },
                () = sleep_until(wakes.into()) => line.peer.handle_timeout(Instant::now()),
                _ = ticks.tick() => self.speak(&mut line),
                wish = wishes.recv() => match wish {
                    Some(Wish::Do(command, answer)) => drop(answer.send(socket.command(command).await)),
                    Some(Wish::Say(what)) => self.says = Some(what),
                    Some(Wish::Leave(answer)) => {
                        let _ = socket.leave().await;
                        socket.close().await;
                        line.peer.close();
                        line.turn();
                        let _ = answer.send(());
                        return;
                    }
                    Some(Wish::GoOut(answer)) => {
                        let _ = socket.leave().await;
                        line.peer.close();
                        line.turn();
                        let _ = answer.send(());
                        return stays_on(socket, wishes).await;
                    }
                    Some(Wish::StayOn) => self.then = Then::StaysOn,
                    Some(Wish::Crash) | None => return,
                },
            }
        }
    }

    fn speak(&mut self, line: &mut Line) {
        let open = matches!(self.room.my_place(), MyPlace::Stage { mic: protocol::room::Mic::Open });
        let Some(says) = self.says.as_ref().filter(|_| open) else { return };
        let voice =
            Voice { payload: says, timestamp: self.timestamp, level: Level(20), spurt: Spurt::GoesOn };
        line.peer.send_voice(Instant::now(), voice);
        self.timestamp = self.timestamp.wrapping_add(960);
    }

    fn show(&self) {
        let (room, marks) = (self.room.clone(), self.marks.clone());
        let (heard, returns, asked) = (self.heard, self.returns, self.asked);
        self.tell.send_replace(Scene { room, heard, returns, marks, asked });
    }

    /// The server's process has crashed; another takes its place.
    async fn comes_back(&mut self) -> (Socket, Line) {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(back) = self.try_to_come_back().await {
                return back;
            }
            assert!(Instant::now() < until, "the server is not back");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn try_to_come_back(&mut self) -> Option<(Socket, Line)> {
        let mut socket = self.server.open(&self.token).await.ok()?;
        socket.hello().await.ok()?;
        let offering = Offering::new(&self.identity, Instant::now()).expect("an offer");
        let (room, seat) = (self.room.view().room, self.seat);
        let entered = socket.enter_room(room, Some(offering.sdp().clone()), Some(seat)).await.ok()?;
        self.room = Room::new(entered.view);
        self.seat = entered.seat;
        let answer = entered.answer?;
        let line = Line::new(self.ip, offering, &answer).await;
        self.marks = secrets(&self.token, &self.seat, &answer, &line);
        self.returns += 1;
        self.show();
        Some((socket, line))
    }
}

/// Which report somebody is asked about.
fn report(event: &RoomEvent) -> Option<ReportId> {
    match event {
        RoomEvent::Notice { notice: Notice::Reported { report, .. } } => Some(*report),
        _ => None,
    }
}

/// In the hallway, until nobody wishes anything of them any more.
async fn stays_on(mut socket: Socket, mut wishes: mpsc::Receiver<Wish>) {
    loop {
        tokio::select! {
            message = socket.next() => if message.is_err() { return },
            wish = wishes.recv() => if wish.is_none() { return socket.close().await },
        }
    }
}

/// What only this person and the server know of a visit.
fn secrets(token: &Token, seat: &SeatToken, answer: &Sdp, line: &Line) -> Marks {
    let mut marks = secrets_of_a_line(token, answer, line);
    marks.text("seat", &seat.to_string());
    marks.bytes("seat, raw", seat.0.to_vec());
    marks
}

/// The same of a program, which proves no seat.
pub(crate) fn secrets_of_a_line(token: &Token, answer: &Sdp, line: &Line) -> Marks {
    let mut marks = Marks::default();
    let raw = SessionToken::parse(token.reveal()).expect("the keeper's own");
    marks.text("token", token.reveal());
    marks.bytes("token, raw", raw.as_bytes().to_vec());
    marks.text("password", value(answer, "ice-pwd"));
    marks.address("address", line.local);
    marks
}

/// What the server calls them. The number somebody has in a room is too short to be looked for.
pub(crate) fn ids(me: &Me) -> Marks {
    let mut marks = Marks::default();
    let (member, session) = (me.id.to_string(), me.session.to_string());
    for (what, text, raw) in [("member", member, me.id.0), ("session", session, me.session.0)] {
        marks.text(what, &text);
        marks.bytes(format!("{what}, raw"), raw.to_vec());
    }
    marks
}

/// And where they are.
fn ids_in(me: &Me, room: RoomId) -> Marks {
    let mut marks = ids(me);
    marks.text("room", &room.to_string());
    marks.bytes("room, raw", room.0.to_vec());
    marks
}

fn reach(server: &server::Server, ip: IpAddr) -> Server {
    let client = native::reaches(server.origin.clone(), &Trust::System, ip);
    client.called(&server.tag.mark(" agent")).expect("plain")
}

/// What the answer says of something.
fn value<'a>(answer: &'a Sdp, key: &str) -> &'a str {
    let begins = format!("a={key}:");
    answer.0.lines().find_map(|line| line.trim().strip_prefix(&begins)).expect("said")
}
