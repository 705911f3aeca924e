//! What one client says, done in order.

mod events;

use std::time::Instant;

use cluster::Envelope;
use keeper_api::{ClubRequest, Greeting, LiveSession, MemberRequest, Reply, Request, SessionToken};
use media::sdp::Offer;
use protocol::ErrorCode;
use protocol::account::Me;
use protocol::company::Availability;
use protocol::guest::GuestHello;
use protocol::id::{ClubId, CommandId, RoomId};
use protocol::limits::SOCKET_PING_PERIOD;
use protocol::push::PushKind;
use protocol::room::{CommandResult, Confidentiality, HandPolicy, RoomCommand, RoomKind};
use protocol::socket::{NewRoom, ServerMessage};
use protocol::text::Handle;
use rooms::{Asked, AskedAs, Who};
use tokio::io::AsyncRead;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tungstenite::Message;

use super::ConnectionId;
use super::outbox::{Close, Farewell, Outbox};
use super::wire::Reading;
use crate::clock;
use crate::company::Known;
use crate::hallway::{Reach, Recheck, Talks, Viewer};
use crate::http::App;
use crate::limits::{FAREWELL_PERIOD, HELLO_PERIOD};
use crate::room::{Answer, Caller, Enter, Seated, ToEdge, ToOwner, as_code};
use crate::talk::{Frame, Place, Talk, Turn, Wish};

pub(super) struct Session {
    app: App,
    connection: ConnectionId,
    token: SessionToken,
    me: Me,
    expires_day: u32,
    outbox: Outbox,
    talk: Talk<Seated>,
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
        Self { app, connection, token, me, expires_day, outbox, talk: Talk::new(Instant::now()) }
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
                () = &mut hello, if !self.talk.is_welcome() => self.dismiss(Close::Silent),
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
        if let Some(seat) = self.talk.end() {
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
        let frame = match &message {
            Message::Text(text) => Frame::Text(text.as_str()),
            Message::Binary(_) => Frame::Bytes,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => return,
        };
        match self.talk.hear(Instant::now(), frame) {
            Turn::Nothing => {}
            Turn::Pong => self.say(&ServerMessage::Pong),
            Turn::Fail { request, error } => self.fail(request, error),
            Turn::Answer(result) => self.say(&ServerMessage::Command { result }),
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
            Wish::Greet { protocol, guest } => self.greet(protocol, guest).await,
            Wish::Start { request, room, offer } => match self.start_room(request, room, offer).await {
                Ok(seated) => self.take(seated).await,
                Err(error) => self.fail(Some(request), error),
            },
            Wish::OpenEvent { request, event, offer } => match self.open_event(request, event, offer).await {
                Ok(seated) => self.take(seated).await,
                Err(error) => self.fail(Some(request), error),
            },
            Wish::Enter { request, room, offer, seat } => {
                let enter = Enter { request, caller: self.caller(), offer, seat };
                match self.app.rooms.enter(room, enter).await {
                    Ok(seated) => self.take(seated).await,
                    Err(error) => self.fail(Some(request), error),
                }
            }
            Wish::RenewMedia { request, offer } => {
                self.tell(ToEdge::Media { connection, request, offer: Box::new(offer) }).await;
            }
            Wish::Act { at, id, command } => {
                let error = self.command(at, id, command).await.err();
                self.say(&ServerMessage::Command { result: CommandResult { id, error } });
            }
            Wish::Leave(seat) => seat.tell(ToEdge::Leave { connection }).await,
            Wish::Away(seat) => seat.tell(ToEdge::Away { connection }).await,
            Wish::Resync => self.tell(ToEdge::Resync { connection }).await,
            Wish::Find { request, at, text } => match self.find_people(at, text).await {
                Ok(people) => self.say(&ServerMessage::Found { request, people }),
                Err(error) => self.fail(Some(request), error),
            },
            Wish::Looking(now) => self.app.hallway.looking(connection, now).await,
            Wish::Decline { room } => {
                let who = self.who();
                if let Err(error) = self.ask_owner(room, clock::random(), ToOwner::Decline { who }).await {
                    self.fail(None, error);
                }
            }
            Wish::Available { request, to } => {
                let word = match to {
                    Availability::Available => Talks::Available { connection, who: self.known() },
                    Availability::Off => Talks::NotAvailable { member: self.me.id },
                };
                let done = self.app.hallway.talks(word).await;
                self.done(request, done.map(drop));
            }
            Wish::AskToTalk { request, who } => {
                let done = self.ask_to_talk(who).await;
                self.done(request, done);
            }
            Wish::TakeAskBack => self.of_talks(Talks::TakeBack { asker: self.me.id }).await,
            Wish::AcceptTalk { request, who, offer } => match self.accept_talk(request, who, offer).await {
                Ok(seated) => self.take(seated).await,
                Err(error) => self.fail(Some(request), error),
            },
            Wish::DeclineTalk { who } => {
                self.of_talks(Talks::Decline { asked: self.me.id, asker: who }).await;
            }
            Wish::PutArrivalAway { who } => {
                self.of_talks(Talks::PutArrivalAway { inviter: self.me.id, who }).await;
            }
            Wish::PingIn { request, room, who } => {
                let done = self.ping_in(room, who).await;
                self.done(request, done);
            }
            Wish::Relay { to, sealed } => self.tell(ToEdge::Relay { connection, to, sealed }).await,
        }
    }

    /// The room where this client has its seat.
    async fn tell(&self, message: ToEdge) {
        if let Some(seat) = self.talk.seat() {
            seat.tell(message).await;
        }
    }

    async fn greet(&mut self, protocol: u16, guest: Option<GuestHello>) {
        if guest.is_some() {
            return self.fail(None, ErrorCode::OutOfOrder);
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
        self.talk.welcome();
        let welcome = ServerMessage::Welcome {
            protocol,
            incarnation: self.app.incarnation,
            server: protocol::socket::ServerFacts {
                name,
                sandbox: self.app.sandbox,
                bundle: web::BUNDLE.to_owned(),
            },
            me: Some(self.me.clone()),
            hallway: Vec::new(),
        };
        self.app.hallway.welcome(self.connection, follows.into_iter().collect(), welcome).await;
    }

    async fn refresh_me(&mut self) {
        match self.app.keeper.check(&self.token).await {
            Ok(session) => {
                self.me = session.me;
                if self.talk.is_welcome() {
                    self.say(&ServerMessage::Me { me: self.me.clone() });
                }
                self.of_talks(Talks::Called(self.known())).await;
            }
            Err(ErrorCode::SignedOut) => self.dismiss(Close::SignedOut),
            // It is asked again with the next change.
            Err(_) => {}
        }
    }

    async fn start_room(&self, request: u32, room: NewRoom, offer: Offer) -> Result<Seated, ErrorCode> {
        let asked = self.look_up(room.ask, room.moderators).await?;
        let NewRoom { title, kind, hands, confidentiality, language, club, .. } = room;
        self.may_start_for(club).await?;
        let concerned: Vec<Who> = asked.iter().map(|asked| asked.who).collect();
        let new = rooms::NewRoom { title, kind, hands, confidentiality, language, club, asked, event: None };
        let (room, seated) = self.open(request, new, offer).await?;
        self.tell_asked(room, concerned);
        // Of a closed room nobody hears whom nobody asked.
        if kind != RoomKind::Closed {
            self.app.notifier.started(self.me.id, self.me.handle.clone(), room);
        }
        Ok(seated)
    }

    /// Those who are asked into a room, where they do not see it.
    fn tell_asked(&self, room: RoomId, asked: impl IntoIterator<Item = Who>) {
        for who in asked {
            if let Who::Member(member) = who {
                self.app.notifier.tell(member, PushKind::Ask, &self.me.handle, room);
            }
        }
    }

    /// Whether I may start rooms of this club, if it is to be one's.
    async fn may_start_for(&self, club: Option<ClubId>) -> Result<(), ErrorCode> {
        let Some(club) = club else { return Ok(()) };
        let page = MemberRequest::Club(ClubRequest::Page { club });
        match self.app.keeper.ask_for(&self.token, page).await? {
            Reply::ClubPage(page) if page.club.starts_rooms => Ok(()),
            Reply::ClubPage(_) => Err(ErrorCode::NotAllowed),
            _ => Err(ErrorCode::Internal),
        }
    }

    async fn open(
        &self,
        request: u32,
        new: rooms::NewRoom,
        offer: Offer,
    ) -> Result<(RoomId, Seated), ErrorCode> {
        let caller = self.caller();
        let id = self.app.rooms.start(&caller, new).await?;
        let enter = Enter { request, caller, offer: Some(offer), seat: None };
        let seated = self.app.rooms.enter(id, enter).await;
        if seated.is_err() {
            self.app.rooms.abandon(id).await;
        }
        seated.map(|seated| (id, seated))
    }

    /// Whom the keeper does not know for me cannot be asked, like everybody who is not there: a block lets nobody through,
    /// whatever was said before it.
    async fn ask_to_talk(&self, who: Handle) -> Result<(), ErrorCode> {
        let asked = self.look_up(vec![who.clone()], Vec::new()).await?;
        let Some(Asked { who: Who::Member(asked), .. }) = asked.first() else {
            // Of somebody who came by my invitation and is not there for me, nothing more is said, whyever.
            self.of_talks(Talks::PutArrivalAway { inviter: self.me.id, who }).await;
            return Err(ErrorCode::PersonGone);
        };
        let (connection, asker) = (self.connection, self.known());
        self.app.hallway.talks(Talks::Ask { connection, asker, asked: *asked }).await.map(drop)
    }

    /// Whoever does not want to hear of it, or for whom the room is not there, hears nothing, and nobody is told so.
    async fn ping_in(&self, room: RoomId, who: Handle) -> Result<(), ErrorCode> {
        let may = Request::MayPing { by: self.me.id, who };
        let Reply::Ping(ping) = self.app.keeper.ask(may).await? else { return Err(ErrorCode::Internal) };
        if let Reach::There(to) = self.app.hallway.ping(self.known(), ping, room).await? {
            self.app.notifier.tell(to, PushKind::Ask, &self.me.handle, room);
        }
        Ok(())
    }

    /// A closed room for the two, in which both keep order. Who asked is told where it is, or that there is none.
    async fn accept_talk(&self, request: u32, who: Handle, offer: Offer) -> Result<Seated, ErrorCode> {
        let word = Talks::Accept { asked: self.me.id, asker: who };
        let asker = self.app.hallway.talks(word).await?.ok_or(ErrorCode::Internal)?;
        let opened = self.open_for_two(request, &asker, offer).await;
        let (by, asker) = (self.known(), asker.member);
        self.of_talks(match &opened {
            Ok((room, _)) => Talks::Opened { asker, by, room: *room },
            Err(_) => Talks::NotOpened { asker, by },
        })
        .await;
        opened.map(|(_, seated)| seated)
    }

    async fn open_for_two(
        &self,
        request: u32,
        with: &Known,
        offer: Offer,
    ) -> Result<(RoomId, Seated), ErrorCode> {
        let asked = self.look_up(Vec::new(), vec![with.handle.clone()]).await?;
        if asked.is_empty() {
            return Err(ErrorCode::PersonGone);
        }
        let new = rooms::NewRoom {
            title: None,
            kind: RoomKind::Closed,
            hands: HandPolicy::Everyone,
            confidentiality: Confidentiality::default(),
            language: None,
            club: None,
            asked,
            event: None,
        };
        self.open(request, new, offer).await
    }

    /// What needs no answer.
    async fn of_talks(&self, word: Talks) {
        let _ = self.app.hallway.talks(word).await;
    }

    fn done(&self, request: u32, done: Result<(), ErrorCode>) {
        match done {
            Ok(()) => self.say(&ServerMessage::Done { request }),
            Err(error) => self.fail(Some(request), error),
        }
    }

    fn known(&self) -> Known {
        Known {
            member: self.me.id,
            handle: self.me.handle.clone(),
            name: self.me.name.clone(),
            picture: self.me.picture,
        }
    }

    /// One room at a time on one socket: coming into another leaves the first. One that is come into again has let go of what
    /// was held of it before.
    async fn take(&mut self, seated: Seated) {
        if let Some(old) = self.talk.take(seated) {
            old.tell(ToEdge::Leave { connection: self.connection }).await;
        }
        self.of_talks(Talks::Engaged { member: self.me.id }).await;
    }

    async fn command(&self, at: Place, id: CommandId, command: RoomCommand) -> Result<(), ErrorCode> {
        let Place { room, who: from } = at;
        let mut asked = Vec::new();
        let command = match command {
            RoomCommand::AskIn { handles } => {
                let people = self.look_up(handles, Vec::new()).await?;
                asked.extend(people.iter().map(|asked| asked.who));
                ToOwner::AskIn { from, people }
            }
            command => ToOwner::Act { from, command },
        };
        self.ask_owner(room, id.0, command).await?;
        self.tell_asked(room, asked);
        Ok(())
    }

    async fn find_people(&self, at: Place, text: String) -> Result<Vec<protocol::room::Person>, ErrorCode> {
        let Place { room, who: viewer } = at;
        match self.ask_owner(room, clock::random(), ToOwner::Find { viewer, text }).await? {
            Answer::People(people) => Ok(people),
            _ => Err(ErrorCode::Internal),
        }
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
            newcomer: self.me.newcomer,
            picture: self.me.picture,
            session: self.me.session,
            connection: self.connection,
            outbox: self.outbox.clone(),
        }
    }
}
