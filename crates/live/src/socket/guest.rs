//! What a guest says, done in order. They are in one room or on the way there: of the hallway, of members and of other rooms
//! nothing is said here, and what they ask of those is refused.

use std::net::IpAddr;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use cluster::Envelope;
use hyper_util::rt::TokioIo;
use protocol::ErrorCode;
use protocol::guest::GuestHello;
use protocol::id::{CommandId, RoomId};
use protocol::limits::SOCKET_PING_PERIOD;
use protocol::room::{CommandResult, RoomCommand};
use protocol::socket::{ServerFacts, ServerMessage};
use rooms::{Held, Who};
use tokio::io::AsyncRead;
use tokio::time::{sleep, timeout};
use tungstenite::Message;
use tungstenite::handshake::server::create_response;

use super::ConnectionId;
use super::open::OpenSocket;
use super::outbox::{Close, Farewell, Outbox};
use super::wire::{Reading, Writing};
use crate::drain::Draining;
use crate::fresh;
use crate::http::error::Refusal;
use crate::http::limit::Class;
use crate::http::{App, Peer};
use crate::limits::{FAREWELL_PERIOD, HELLO_PERIOD};
use crate::places::Holding;
use crate::room::{Answer, Caller, Enter, Seated, ToEdge, ToOwner, as_code};
use crate::talk::{Frame, Place, Talk, Turn, Wish};

/// `GET /api/v1/guests/socket`, for whoever has a link. Who that is they say in their hello, and what fails is counted by address.
pub(crate) async fn upgrade(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    Extension(holding): Extension<Holding>,
    mut request: Request,
) -> Response {
    let upgraded = hyper::upgrade::on(&mut request);
    let request = request.map(drop);
    let Ok(switching) = create_response(&request) else {
        return Refusal(ErrorCode::Malformed).into_response();
    };
    if *app.draining.borrow() == Draining::Closing {
        return Refusal(ErrorCode::Draining).into_response();
    }
    // Only what fails is counted by address, as of members.
    let address = app.site.client(peer, request.headers());
    if let Err(code) = app.limiter.check(Instant::now(), Class::Socket, address) {
        return Refusal(code).into_response();
    }
    fresh::spawn(move || async move {
        // A client that went away before it was answered.
        let Ok(connection) = upgraded.await else { return };
        let (reads, writes) = tokio::io::split(TokioIo::new(connection));
        let (outbox, mail) = Outbox::new();
        let writer = fresh::spawn(move || mail.deliver(Writing::new(writes)));
        let connection = ConnectionId::next();
        let talk = Talk::new(Instant::now());
        let session = Session { app, connection, outbox, talk, holding, from: Some(address), seat: None };
        Box::new(session).run(Reading::new(reads)).await;
        // The writer ends by itself once it is dismissed; it has last words to say.
        let _ = writer.await;
    });
    switching.map(|()| Body::empty())
}

struct Session {
    app: App,
    connection: ConnectionId,
    outbox: Outbox,
    talk: Talk<Seated>,
    holding: Holding,
    /// Until they have said hello.
    from: Option<IpAddr>,
    /// Once they have said hello.
    seat: Option<Welcomed>,
}

/// A guest whose page holds their link.
struct Welcomed {
    room: RoomId,
    held: Held,
    _open: OpenSocket,
}

impl Session {
    /// Until the socket ends, from whichever side.
    async fn run<R: AsyncRead + Unpin>(mut self: Box<Self>, mut reading: Reading<R>) {
        // From the start, not from the last frame: answering pings is not a greeting.
        let hello = sleep(HELLO_PERIOD);
        tokio::pin!(hello);
        let mut draining = self.app.draining.clone();
        let outbox = self.outbox.clone();
        loop {
            tokio::select! {
                () = outbox.dismissed() => break,
                () = &mut hello, if !self.talk.is_welcome() => self.dismiss(Close::Silent),
                // They are not in the hallway, where it is said to members.
                Ok(()) = draining.changed() => self.goes_down(*draining.borrow_and_update()),
                // A living client answers pings.
                message = timeout(2 * SOCKET_PING_PERIOD, reading.next()) => match message {
                    Err(_) => self.dismiss(Close::Silent),
                    Ok(Some(Err(_))) => self.dismiss(Close::Unreadable),
                    Ok(None | Some(Ok(Message::Close(_)))) => break,
                    Ok(Some(Ok(Message::Ping(payload)))) => self.outbox.pong(payload),
                    Ok(Some(Ok(message))) => Box::pin(self.hear(message)).await,
                },
            }
        }
        self.dismiss(Close::Normal);
        // Audio first.
        if let Some(seat) = self.talk.end() {
            seat.tell(ToEdge::Lost { connection: self.connection }).await;
        }
        // What the client still sends is read and thrown away, as at every socket.
        let _ = timeout(FAREWELL_PERIOD, async { while let Some(Ok(_)) = reading.next().await {} }).await;
    }

    fn dismiss(&self, close: Close) {
        self.outbox.dismiss(Farewell { last: None, close });
    }

    /// Whoever is not let in is told why, and has no reason to stay.
    fn refuse(&mut self, error: ErrorCode) {
        if let Some(from) = self.from.take() {
            let _ = self.app.limiter.count(Instant::now(), Class::Socket, from);
        }
        let close = match error {
            ErrorCode::LinkSpent | ErrorCode::NotNow => Close::SignedOut,
            ErrorCode::Full | ErrorCode::TooMany => Close::TooMany,
            _ => Close::Normal,
        };
        let last = super::outbox::encode(&ServerMessage::Failed { request: None, error });
        self.outbox.dismiss(Farewell { last: Some(last), close });
    }

    fn goes_down(&self, draining: Draining) {
        match draining {
            Draining::No => {}
            Draining::Told { seconds } => {
                self.outbox.say(&ServerMessage::Draining { seconds: u32::from(seconds) });
            }
            Draining::Closing => self.dismiss(Close::GoingAway),
        }
    }

    fn fail(&self, request: Option<u32>, error: ErrorCode) {
        self.outbox.say(&ServerMessage::Failed { request, error });
    }

    async fn hear(&mut self, message: Message) {
        let frame = match &message {
            Message::Text(text) => Frame::Text(text.as_str()),
            Message::Binary(_) => Frame::Bytes,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => return,
        };
        match self.talk.hear(Instant::now(), frame) {
            Turn::Nothing => {}
            Turn::Pong => self.outbox.say(&ServerMessage::Pong),
            Turn::Fail { request, error } if self.talk.is_welcome() => self.fail(request, error),
            Turn::Fail { error, .. } => self.refuse(error),
            Turn::Answer(result) => self.outbox.say(&ServerMessage::Command { result }),
            Turn::HangUp => self.dismiss(Close::TooMany),
            Turn::OldClient => {
                let old = ServerMessage::Failed { request: None, error: ErrorCode::OldClient };
                let last = Some(super::outbox::encode(&old));
                self.outbox.dismiss(Farewell { last, close: Close::OldClient });
            }
            Turn::Do(wish) => self.act(*wish).await,
        }
    }

    async fn act(&mut self, wish: Wish<Seated>) {
        let connection = self.connection;
        match wish {
            Wish::Greet { protocol, guest: Some(guest) } => self.greet(protocol, guest).await,
            Wish::Enter { request, room, offer, seat } => {
                let Some(caller) = self.caller(room) else {
                    return self.fail(Some(request), ErrorCode::NotThere);
                };
                match self.app.rooms.enter(room, Enter { request, caller, offer, seat }).await {
                    // Of a room that is come into again what was held of it before is let go.
                    Ok(seated) => drop(self.talk.take(seated)),
                    Err(error) => self.fail(Some(request), error),
                }
            }
            Wish::RenewMedia { request, offer } => {
                self.tell(ToEdge::Media { connection, request, offer: Box::new(offer) }).await;
            }
            Wish::Act { at, id, command } => {
                let error = self.command(at, id, command).await.err();
                self.outbox.say(&ServerMessage::Command { result: CommandResult { id, error } });
            }
            Wish::Leave(seat) => seat.tell(ToEdge::Leave { connection }).await,
            Wish::Away(seat) => seat.tell(ToEdge::Away { connection }).await,
            Wish::Resync => self.tell(ToEdge::Resync { connection }).await,
            Wish::Find { request, at, text } => {
                match self.ask_owner(at, clock_id(), ToOwner::Find { viewer: at.who, text }).await {
                    Ok(Answer::People(people)) => {
                        self.outbox.say(&ServerMessage::Found { request, people });
                    }
                    Ok(_) => self.fail(Some(request), ErrorCode::Internal),
                    Err(error) => self.fail(Some(request), error),
                }
            }
            Wish::Relay { to, sealed } => self.tell(ToEdge::Relay { connection, to, sealed }).await,
            // They have no hallway, and nothing is told them elsewhere.
            Wish::Looking(_) => {}
            Wish::Greet { guest: None, .. } => self.dismiss(Close::SignedOut),
            Wish::Start { request, .. }
            | Wish::OpenEvent { request, .. }
            | Wish::Available { request, .. }
            | Wish::AskToTalk { request, .. }
            | Wish::AcceptTalk { request, .. }
            | Wish::PingIn { request, .. } => self.fail(Some(request), ErrorCode::NotAllowed),
            Wish::Decline { .. }
            | Wish::TakeAskBack
            | Wish::DeclineTalk { .. }
            | Wish::PutArrivalAway { .. } => self.fail(None, ErrorCode::NotAllowed),
        }
    }

    /// The room where this guest has their seat.
    async fn tell(&self, message: ToEdge) {
        if let Some(seat) = self.talk.seat() {
            seat.tell(message).await;
        }
    }

    async fn greet(&mut self, protocol: u16, guest: GuestHello) {
        let GuestHello { pass, name } = guest;
        let room = pass.room;
        let held = match self.app.rooms.take_seat(pass, name).await {
            Ok(held) => held,
            // It has to come again.
            Err(ErrorCode::Busy) => return self.dismiss(Close::GoingAway),
            Err(error) => return self.refuse(error),
        };
        self.from = None;
        let open = match self.app.sockets.open(Who::Guest(held.seat)) {
            Ok(open) => open,
            Err(error) => return self.refuse(error),
        };
        let Some(name) = self.app.keeper.door().name else { return self.dismiss(Close::SignedOut) };
        self.holding.is_members();
        self.seat = Some(Welcomed { room, held, _open: open });
        self.talk.welcome();
        let (sandbox, bundle) = (self.app.sandbox, web::BUNDLE.to_owned());
        self.outbox.say(&ServerMessage::Welcome {
            protocol,
            incarnation: self.app.incarnation,
            server: ServerFacts { name, sandbox, bundle },
            me: None,
            hallway: Vec::new(),
        });
    }

    async fn command(&self, at: Place, id: CommandId, command: RoomCommand) -> Result<(), ErrorCode> {
        // Members are looked up for members.
        if matches!(command, RoomCommand::AskIn { .. }) {
            return Err(ErrorCode::NotAllowed);
        }
        self.ask_owner(at, id, ToOwner::Act { from: at.who, command }).await.map(drop)
    }

    async fn ask_owner(&self, at: Place, id: CommandId, command: ToOwner) -> Result<Answer, ErrorCode> {
        match self.app.rooms.bus().request(Envelope { id, room: at.room, command }).await {
            Ok(Answer::Refused(code)) => Err(code),
            Ok(answer) => Ok(answer),
            Err(error) => Err(as_code(error)),
        }
    }

    /// In the room that the link leads to, and in no other.
    fn caller(&self, into: RoomId) -> Option<Caller> {
        let Welcomed { room, held, .. } = self.seat.as_ref()?;
        (*room == into).then(|| Caller {
            who: Who::Guest(held.seat),
            name: held.name.clone(),
            handle: None,
            newcomer: false,
            picture: None,
            session: held.page,
            connection: self.connection,
            outbox: self.outbox.clone(),
        })
    }
}

fn clock_id() -> CommandId {
    CommandId(crate::clock::random())
}
