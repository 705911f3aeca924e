//! What one client says, done in order.

use std::collections::BTreeSet;
use std::time::Instant;

use cluster::Envelope;
use keeper_api::{Greeting, LiveSession, Reply, Request, SessionToken};
use media::sdp::Offer;
use protocol::account::Me;
use protocol::id::{CommandId, ParticipantId, RoomId, SeatToken};
use protocol::limits::{ASKED_MAX, CLIENT_MESSAGE_BYTES_MAX, OFFER_BYTES_MAX, SOCKET_PING_PERIOD};
use protocol::media::Sdp;
use protocol::room::{CommandResult, Confidentiality, RoomCommand};
use protocol::socket::{ClientMessage, NewRoom, ServerMessage};
use protocol::text::Handle;
use protocol::{ErrorCode, PROTOCOL_VERSION};
use rooms::{Asked, AskedAs, Who};
use tokio::io::AsyncRead;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tungstenite::Message;

use super::ConnectionId;
use super::outbox::{Close, Farewell, Outbox};
use super::rate::{Allowance, Rate, Verdict};
use super::wire::Reading;
use super::{sealed, version};
use crate::clock;
use crate::hallway::{Recheck, Viewer};
use crate::http::App;
use crate::http::error::why_malformed;
use crate::limits::{FAREWELL_PERIOD, HELLO_PERIOD};
use crate::room::{Answer, Caller, Enter, Seated, ToEdge, ToOwner, as_code};

pub(super) struct Session {
    app: App,
    connection: ConnectionId,
    token: SessionToken,
    me: Me,
    expires_day: u32,
    outbox: Outbox,
    rate: Rate,
    relays: Allowance,
    searches: Allowance,
    greeted: Greeted,
    seat: Option<Seated>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Greeted {
    NotYet,
    Yes,
}

impl Session {
    pub(super) fn new(
        app: App,
        connection: ConnectionId,
        token: SessionToken,
        session: LiveSession,
        outbox: Outbox,
    ) -> Self {
        let LiveSession { me, expires_day } = session;
        let now = Instant::now();
        Self {
            app,
            connection,
            token,
            me,
            expires_day,
            outbox,
            rate: Rate::new(now),
            relays: Allowance::to_relay(now),
            searches: Allowance::to_search(now),
            greeted: Greeted::NotYet,
            seat: None,
        }
    }

    /// Until the socket ends, from whichever side.
    pub(super) async fn run<R: AsyncRead + Unpin>(mut self: Box<Self>, mut reading: Reading<R>) {
        let recheck = Recheck::default();
        let viewer = Viewer {
            connection: self.connection,
            member: self.me.id,
            session: self.me.session,
            outbox: self.outbox.clone(),
            recheck: recheck.clone(),
        };
        self.app.hallway.register(viewer).await;
        let expiry = sleep(clock::until_day(self.expires_day));
        tokio::pin!(expiry);
        // From the start, not from the last frame: answering pings is not a greeting.
        let hello = sleep(HELLO_PERIOD);
        tokio::pin!(hello);
        let outbox = self.outbox.clone();
        loop {
            tokio::select! {
                () = outbox.dismissed() => break,
                () = &mut expiry => self.dismiss(Close::SignedOut),
                () = &mut hello, if self.greeted == Greeted::NotYet => self.dismiss(Close::Silent),
                () = recheck.asked() => Box::pin(self.refresh_me()).await,
                // A living client answers pings.
                message = timeout(2 * SOCKET_PING_PERIOD, reading.next()) => match message {
                    Err(_) => self.dismiss(Close::Silent),
                    Ok(Some(Err(_))) => self.dismiss(Close::Unreadable),
                    Ok(None | Some(Ok(Message::Close(_)))) => break,
                    Ok(Some(Ok(Message::Ping(payload)))) => self.outbox.pong(payload),
                    // In a box: thousands only listen, and need not keep room for everything they could ask for.
                    Ok(Some(Ok(message))) => Box::pin(self.hear(message)).await,
                },
            }
        }
        self.dismiss(Close::Normal);
        // Audio first.
        if let Some(seat) = self.seat.take() {
            seat.tell(self.parting()).await;
        }
        self.app.hallway.unregister(self.connection).await;
        // What the client still sends is read and thrown away: closing over unread bytes resets the connection, and
        // the last word, which says why, would be lost with it.
        let _ = timeout(FAREWELL_PERIOD, async { while let Some(Ok(_)) = reading.next().await {} }).await;
    }

    /// What the room is told when the socket ends: a session that ended gives its seat up, others may come back.
    fn parting(&self) -> ToEdge {
        match self.outbox.close() {
            Some(Close::SignedOut) => {
                let (done, _) = mpsc::channel(1);
                ToEdge::SessionEnded { session: self.me.session, done }
            }
            _ => ToEdge::Lost { connection: self.connection },
        }
    }

    fn dismiss(&self, close: Close) {
        self.outbox.dismiss(Farewell { last: None, close });
    }

    fn say(&self, message: &ServerMessage) {
        self.outbox.say(message);
    }

    fn fail(&self, request: Option<u32>, error: ErrorCode) {
        self.say(&ServerMessage::Failed { request, error });
    }

    async fn hear(&mut self, message: Message) {
        let text = match &message {
            Message::Text(text) => text.as_str(),
            Message::Binary(_) => return self.fail(None, ErrorCode::Malformed),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => return,
        };
        let verdict = self.rate.count(Instant::now());
        if verdict == Verdict::HangUp {
            return self.dismiss(Close::TooMany);
        }
        if text.len() > CLIENT_MESSAGE_BYTES_MAX {
            return self.fail(None, ErrorCode::TooLarge);
        }
        let message = match serde_json::from_str::<ClientMessage>(text) {
            Ok(message) => message,
            Err(_) => return self.refuse_malformed(text),
        };
        if verdict == Verdict::Refuse {
            return self.refuse(&message, ErrorCode::TooMany);
        }
        match (self.greeted, &message) {
            (Greeted::NotYet, ClientMessage::Hello { .. } | ClientMessage::Ping | ClientMessage::Unknown)
            | (Greeted::Yes, _) => self.act(message).await,
            (Greeted::NotYet, _) => self.refuse(&message, ErrorCode::OutOfOrder),
        }
    }

    async fn act(&mut self, message: ClientMessage) {
        match message {
            ClientMessage::Hello { protocol, .. } => self.greet(protocol).await,
            ClientMessage::StartRoom { request, room, offer } => self.start_room(request, room, offer).await,
            ClientMessage::EnterRoom { request, room, offer, seat } => {
                if let Err(error) = self.enter_room(request, room, offer, seat).await {
                    self.fail(Some(request), error);
                }
            }
            ClientMessage::Media { request, offer } => self.renew_media(request, offer).await,
            ClientMessage::Command { id, command } => {
                let error = self.command(id, command).await.err();
                self.say(&ServerMessage::Command { result: CommandResult { id, error } });
            }
            ClientMessage::Leave => self.leave().await,
            // From here on this page has no seat, whenever its room gets to hear of it.
            ClientMessage::Away => {
                if let Some(seat) = self.seat.take().filter(Seated::is_held) {
                    seat.tell(ToEdge::Away { connection: self.connection }).await;
                }
            }
            ClientMessage::Resync => match self.seated() {
                Ok(seat) => seat.tell(ToEdge::Resync { connection: self.connection }).await,
                Err(error) => self.fail(None, error),
            },
            ClientMessage::FindPeople { request, text } => match self.find_people(text).await {
                Ok(people) => self.say(&ServerMessage::Found { request, people }),
                Err(error) => self.fail(Some(request), error),
            },
            ClientMessage::DeclineRoom { room } => {
                let who = self.who();
                if let Err(error) = self.ask_owner(room, clock::random(), ToOwner::Decline { who }).await {
                    self.fail(None, error);
                }
            }
            ClientMessage::Relay { to, sealed } => self.relay(to, sealed).await,
            ClientMessage::Ping => self.say(&ServerMessage::Pong),
            ClientMessage::Unknown => {}
        }
    }

    async fn greet(&mut self, protocol: u16) {
        if self.greeted == Greeted::Yes {
            return self.fail(None, ErrorCode::OutOfOrder);
        }
        if !version::is_understood(protocol, PROTOCOL_VERSION) {
            let last =
                super::outbox::encode(&ServerMessage::Failed { request: None, error: ErrorCode::OldClient });
            return self.outbox.dismiss(Farewell { last: Some(last), close: Close::OldClient });
        }
        // Asked again now that the hallway knows this socket: a session that ended in between is noticed here, one
        // that ends from now on is said to the hallway.
        let Greeting { session, follows } = match self.app.keeper.greet(&self.token).await {
            Ok(greeting) => greeting,
            Err(ErrorCode::SignedOut) => return self.dismiss(Close::SignedOut),
            // A client says hello once: it has to come again.
            Err(_) => return self.dismiss(Close::GoingAway),
        };
        self.me = session.me;
        let Some(name) = self.app.keeper.door().name else { return self.fail(None, ErrorCode::NoOwnerYet) };
        self.greeted = Greeted::Yes;
        let welcome = ServerMessage::Welcome {
            protocol,
            incarnation: self.app.incarnation,
            server: protocol::socket::ServerFacts {
                name,
                sandbox: self.app.sandbox,
                bundle: web::BUNDLE.to_owned(),
            },
            me: self.me.clone(),
            hallway: Vec::new(),
        };
        self.app.hallway.welcome(self.connection, follows.into_iter().collect(), welcome).await;
    }

    async fn refresh_me(&mut self) {
        match self.app.keeper.check(&self.token).await {
            Ok(session) => {
                self.me = session.me;
                if self.greeted == Greeted::Yes {
                    self.say(&ServerMessage::Me { me: self.me.clone() });
                }
            }
            Err(ErrorCode::SignedOut) => self.dismiss(Close::SignedOut),
            // It is asked again with the next change.
            Err(_) => {}
        }
    }

    async fn start_room(&mut self, request: u32, room: NewRoom, offer: Sdp) {
        let started = async {
            let offer = parse_offer(&offer)?;
            if room.ask.len() + room.moderators.len() > ASKED_MAX {
                return Err(ErrorCode::Full);
            }
            // The engine reads what it forwards (levels, bundles), so it cannot keep this promise yet.
            if room.confidentiality > Confidentiality::Relayed {
                return Err(ErrorCode::NotAllowed);
            }
            let asked = self.look_up(room.ask, room.moderators).await?;
            let NewRoom { title, kind, hands, confidentiality, .. } = room;
            let new = rooms::NewRoom { title, kind, hands, confidentiality, asked };
            let caller = self.caller();
            let id = self.app.rooms.start(&caller, new).await?;
            let enter = Enter { request, caller, offer: Some(offer), seat: None };
            match self.app.rooms.enter(id, enter).await {
                Ok(seated) => Ok(seated),
                Err(error) => {
                    self.app.rooms.abandon(id).await;
                    Err(error)
                }
            }
        };
        match started.await {
            Ok(seated) => self.take(seated).await,
            Err(error) => self.fail(Some(request), error),
        }
    }

    async fn enter_room(
        &mut self,
        request: u32,
        room: RoomId,
        offer: Option<Sdp>,
        seat: Option<SeatToken>,
    ) -> Result<(), ErrorCode> {
        let offer = offer.as_ref().map(parse_offer).transpose()?;
        if offer.is_none() && seat.is_none() {
            return Err(ErrorCode::BadOffer);
        }
        let enter = Enter { request, caller: self.caller(), offer, seat };
        let seated = self.app.rooms.enter(room, enter).await?;
        self.take(seated).await;
        Ok(())
    }

    /// One room at a time on one socket: coming into another leaves the first. One that is come into again has let go of what
    /// was held of it before.
    async fn take(&mut self, seated: Seated) {
        if let Some(old) = self.seat.replace(seated) {
            old.tell(ToEdge::Leave { connection: self.connection }).await;
        }
    }

    async fn renew_media(&mut self, request: u32, offer: Sdp) {
        let offer = match (self.seated(), parse_offer(&offer)) {
            (Ok(_), Ok(offer)) => offer,
            (Err(error), _) | (_, Err(error)) => return self.fail(Some(request), error),
        };
        let connection = self.connection;
        if let Ok(seat) = self.seated() {
            seat.tell(ToEdge::Media { connection, request, offer: Box::new(offer) }).await;
        }
    }

    async fn leave(&mut self) {
        match self.seat.take() {
            Some(seat) if seat.is_held() => seat.tell(ToEdge::Leave { connection: self.connection }).await,
            _ => self.fail(None, ErrorCode::OutOfOrder),
        }
    }

    async fn command(&mut self, id: CommandId, command: RoomCommand) -> Result<(), ErrorCode> {
        let (room, from) = self.place()?;
        let command = match command {
            RoomCommand::AskIn { handles } if handles.len() > ASKED_MAX => return Err(ErrorCode::Full),
            RoomCommand::AskIn { handles } => {
                ToOwner::AskIn { from, people: self.look_up(handles, Vec::new()).await? }
            }
            command => ToOwner::Act { from, command },
        };
        self.ask_owner(room, id.0, command).await.map(|_| ())
    }

    async fn find_people(&mut self, text: String) -> Result<Vec<protocol::room::Person>, ErrorCode> {
        let (room, viewer) = self.place()?;
        if text.len() > keeper_api::limits::TYPED_BYTES_MAX {
            return Err(ErrorCode::TooLarge);
        }
        if self.searches.take(Instant::now(), 1) != Verdict::Take {
            return Err(ErrorCode::TooMany);
        }
        match self.ask_owner(room, clock::random(), ToOwner::Find { viewer, text }).await? {
            Answer::People(people) => Ok(people),
            _ => Err(ErrorCode::Internal),
        }
    }

    async fn relay(&mut self, to: Vec<ParticipantId>, sealed: String) {
        if let Err(error) = sealed::check(&to, &sealed) {
            return self.fail(None, error);
        }
        let to: BTreeSet<ParticipantId> = to.into_iter().collect();
        if self.relays.take(Instant::now(), sealed.len() * to.len()) != Verdict::Take {
            return self.fail(None, ErrorCode::TooMany);
        }
        let connection = self.connection;
        match self.seated() {
            Ok(seat) => seat.tell(ToEdge::Relay { connection, to, sealed }).await,
            Err(error) => self.fail(None, error),
        }
    }

    /// The seat, as long as no other device has taken it and nobody was removed from it.
    fn seated(&self) -> Result<&Seated, ErrorCode> {
        self.seat.as_ref().filter(|seat| seat.is_held()).ok_or(ErrorCode::OutOfOrder)
    }

    /// In which room, and who there.
    fn place(&self) -> Result<(RoomId, ParticipantId), ErrorCode> {
        self.seat.as_ref().and_then(Seated::place).ok_or(ErrorCode::OutOfOrder)
    }

    async fn ask_owner(&self, room: RoomId, id: [u8; 16], command: ToOwner) -> Result<Answer, ErrorCode> {
        let envelope = Envelope { id: CommandId(id), room, command };
        match self.app.rooms.bus().request(envelope).await {
            Ok(Answer::Refused(code)) => Err(code),
            Ok(answer) => Ok(answer),
            Err(error) => Err(as_code(error)),
        }
    }

    async fn look_up(&self, handles: Vec<Handle>, moderators: Vec<Handle>) -> Result<Vec<Asked>, ErrorCode> {
        if handles.is_empty() && moderators.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = handles;
        all.extend(moderators.iter().filter(|handle| !all.contains(handle)).cloned().collect::<Vec<_>>());
        let Reply::People(people) =
            self.app.keeper.ask(Request::Resolve { asker: self.me.id, handles: all }).await?
        else {
            return Err(ErrorCode::Internal);
        };
        let role = |handle: &Handle| {
            if moderators.contains(handle) { AskedAs::Moderator } else { AskedAs::Participant }
        };
        Ok(people
            .into_iter()
            .filter(|person| person.id != self.me.id)
            .map(|person| Asked {
                role: role(&person.handle),
                who: Who::Member(person.id),
                handle: Some(person.handle),
            })
            .collect())
    }

    fn who(&self) -> Who {
        Who::Member(self.me.id)
    }

    fn caller(&self) -> Caller {
        Caller {
            who: self.who(),
            name: self.me.name.clone(),
            handle: Some(self.me.handle.clone()),
            session: self.me.session,
            connection: self.connection,
            outbox: self.outbox.clone(),
        }
    }

    fn refuse(&self, message: &ClientMessage, error: ErrorCode) {
        let request = match message {
            ClientMessage::Command { id, .. } => {
                let result = CommandResult { id: *id, error: Some(error) };
                return self.say(&ServerMessage::Command { result });
            }
            ClientMessage::StartRoom { request, .. }
            | ClientMessage::EnterRoom { request, .. }
            | ClientMessage::Media { request, .. }
            | ClientMessage::FindPeople { request, .. } => Some(*request),
            _ => None,
        };
        self.fail(request, error);
    }

    /// Answers under the number of what could not be read, where at least that much can be.
    fn refuse_malformed(&self, text: &str) {
        let error = why_malformed(text.as_bytes());
        let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let id = value.get("id").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
        match (value.get("type").and_then(|kind| kind.as_str()), id) {
            (Some("command"), Some(id)) => {
                self.say(&ServerMessage::Command { result: CommandResult { id, error: Some(error) } });
            }
            _ => {
                let request = value.get("request").and_then(serde_json::Value::as_u64);
                self.fail(request.and_then(|request| u32::try_from(request).ok()), error);
            }
        }
    }
}

fn parse_offer(offer: &Sdp) -> Result<Offer, ErrorCode> {
    if offer.0.len() > OFFER_BYTES_MAX {
        return Err(ErrorCode::TooLarge);
    }
    // A person may be asked up at any moment: without a line to speak on they could not come.
    Offer::parse(&offer.0).ok().filter(Offer::speaks).ok_or(ErrorCode::BadOffer)
}
