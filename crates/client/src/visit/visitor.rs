//! The signalling of a visit: a task that owns socket, seat and the state of the room.

use std::sync::Arc;
use std::time::{Duration, Instant};

use protocol::ErrorCode;
use protocol::id::{CommandId, Incarnation, RoomId, SeatToken};
use protocol::limits::RECONNECT_GRACE;
use protocol::media::Sdp;
use protocol::room::{CommandResult, LeftReason, Mic, MyMic, MyPlace, RoomCommand};
use protocol::socket::{ClientMessage, ServerMessage};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::media::{Media, Order, Status};
use super::wires::Wires;
use super::{Destination, Ending, Link, News, OnStage, Plan, Scene, VisitError};
use crate::api::{ApiError, Entered, Server, Socket, Token, random};
use crate::limits::{LEAVING_PERIOD, ORDERS_MAX, RETRY_PERIOD_MAX, RETRY_PERIOD_MIN};
use crate::peer::{Identity, Offering};
use crate::room::{Room, Step};

pub(super) struct Visitor {
    server: Server,
    token: Token,
    identity: Identity,
    socket: Socket,
    incarnation: Incarnation,
    id: RoomId,
    seat: SeatToken,
    room: Room,
    on_stage: OnStage,
    /// What the media task was last told.
    mic: MyMic,
    orders: mpsc::Sender<Order>,
    status: watch::Receiver<Status>,
    /// As it was when it was last looked at.
    known: Status,
    /// Since when no connection has come to stand, and how often it was tried.
    tries: u32,
    media: JoinHandle<()>,
    scenes: watch::Sender<Scene>,
    news: mpsc::Sender<News>,
}

/// Why the socket is no longer listened to.
enum Out {
    /// It fell.
    Fell,
    Over(Ending),
}

impl Visitor {
    pub(super) async fn enter(
        mut socket: Socket,
        incarnation: Incarnation,
        plan: Plan,
        news: mpsc::Sender<News>,
    ) -> Result<(Self, watch::Receiver<Scene>), VisitError> {
        let Plan { server, token, to, voice, ears, on_stage } = plan;
        let identity = Identity::generate()?;
        let offering = Offering::new(&identity, Instant::now())?;
        let offer = offering.sdp().clone();
        let entered = match to {
            Destination::Room(room) => socket.enter_room(room, Some(offer), None).await?,
            Destination::New(room) => socket.start_room(room, offer).await?,
        };
        let (status_of, status) = watch::channel(Status::FIRST);
        let (orders, ordered) = mpsc::channel(ORDERS_MAX);
        let media = tokio::spawn(Media::new(voice, ears, status_of)?.run(ordered));
        let Entered { view, answer, seat } = entered;
        let room = Room::new(view);
        let scene = Scene {
            room: room.clone(),
            socket: Link::Stands,
            media: Link::Connecting,
            levels: Vec::new(),
            my_level: None,
        };
        let (scenes, seen) = watch::channel(scene);
        let mut visitor = Self {
            server,
            token,
            identity,
            socket,
            incarnation,
            id: room.view().room,
            seat,
            room,
            on_stage,
            mic: MyMic::Muted,
            orders,
            status,
            known: Status::FIRST,
            tries: 0,
            media,
            scenes,
            news,
        };
        visitor.connect(offering, answer.as_ref()).await?;
        Ok((visitor, seen))
    }

    pub(super) async fn run(
        mut self,
        mut wishes: mpsc::Receiver<RoomCommand>,
        leaving: Arc<Notify>,
    ) -> Ending {
        let ending = tokio::select! {
            biased;
            // Whatever else is being waited for.
            () = leaving.notified() => Ending::Left(LeftReason::Left),
            ending = self.stay(&mut wishes) => ending,
        };
        let Self { mut socket, orders, media, .. } = self;
        // The connection says goodbye, and what is written is written to its end.
        drop(orders);
        let goodbyes = async {
            if matches!(ending, Ending::Left(LeftReason::Left)) {
                // Over a lost socket nobody hears it; the seat is gone when its time is up.
                let _ = socket.leave().await;
            }
            let _ = media.await;
            socket.close().await;
        };
        let _ = timeout(LEAVING_PERIOD, goodbyes).await;
        ending
    }

    async fn stay(&mut self, wishes: &mut mpsc::Receiver<RoomCommand>) -> Ending {
        self.arrive().await;
        loop {
            let ending = match self.here(wishes).await {
                Out::Over(ending) => Some(ending),
                Out::Fell => self.come_back(wishes).await,
            };
            if let Some(ending) = ending {
                return ending;
            }
        }
    }

    /// On coming in: whoever is on stage already may have said what to do there. A socket that has fallen meanwhile is
    /// noticed by whoever listens to it next.
    async fn arrive(&mut self) {
        if self.may_open() {
            let _ = self.set_mic(MyMic::Open).await;
        }
        self.show(Link::Stands).await;
    }

    /// As long as the socket stands.
    async fn here(&mut self, wishes: &mut mpsc::Receiver<RoomCommand>) -> Out {
        loop {
            let done = tokio::select! {
                message = self.socket.next() => match message {
                    Ok(message) => self.hear(message).await,
                    Err(_) => Err(Out::Fell),
                },
                Some(wish) = wishes.recv() => self.command(wish).await,
                Ok(()) = self.status.changed() => self.look().await,
            };
            if let Err(out) = done {
                return out;
            }
            self.show(Link::Stands).await;
        }
    }

    async fn hear(&mut self, message: ServerMessage) -> Result<(), Out> {
        let before = self.room.my_place();
        match message {
            ServerMessage::Room { room, epoch, sequence, events } if room == self.id => {
                match self.room.apply(epoch, sequence, events) {
                    Step::Next(notices) => {
                        notices.into_iter().for_each(|notice| self.tell(News::Notice(notice)))
                    }
                    Step::Old => {}
                    Step::Gap => self.say(&ClientMessage::Resync).await?,
                }
            }
            ServerMessage::State { view } if view.room == self.id => self.room = Room::new(view),
            ServerMessage::Command { result: CommandResult { error: Some(error), .. } } => {
                self.tell(News::Refused(error));
            }
            ServerMessage::Left { room, reason } if room == self.id => {
                return Err(Out::Over(Ending::Left(reason)));
            }
            ServerMessage::Draining { seconds } => self.tell(News::Draining(seconds)),
            ServerMessage::Failed { error: ErrorCode::SignedOut, .. } => {
                return Err(Out::Over(Ending::Left(LeftReason::SignedOut)));
            }
            _ => {}
        }
        if !on_stage(before) && self.may_open() {
            self.set_mic(MyMic::Open).await?;
        }
        Ok(())
    }

    /// At what the sound has come to.
    async fn look(&mut self) -> Result<(), Out> {
        let now = self.status.borrow_and_update().clone();
        let before = std::mem::replace(&mut self.known, now.clone());
        if now.link == Link::Stands {
            self.tries = 0;
        }
        if now.trouble != before.trouble
            && let Some(sentence) = now.trouble
        {
            self.tell(News::Broken(sentence));
        }
        if now.played_out != before.played_out {
            self.tell(News::PlayedOut);
            self.set_mic(MyMic::Muted).await?;
        }
        if now.broken != before.broken { self.renew().await } else { Ok(()) }
    }

    /// A fresh media connection in place of a broken one.
    async fn renew(&mut self) -> Result<(), Out> {
        sleep(pause(self.tries)).await;
        self.tries += 1;
        let Ok(offering) = Offering::new(&self.identity, Instant::now()) else {
            return Err(Out::Over(Ending::Lost(ApiError::NotUnderstood)));
        };
        let answer = match self.socket.renew_media(offering.sdp().clone()).await {
            Ok(answer) => answer,
            Err(error @ ApiError::Refused(_)) if !error.may_pass() => {
                return Err(Out::Over(Ending::Lost(error)));
            }
            Err(_) => return Err(Out::Fell),
        };
        // Without a way to it now, the socket will soon notice as well; until then this is as good as broken.
        if self.connect(offering, Some(&answer)).await.is_err() { Err(Out::Fell) } else { Ok(()) }
    }

    /// Back to my seat, for as long as it is kept.
    async fn come_back(&mut self, wishes: &mut mpsc::Receiver<RoomCommand>) -> Option<Ending> {
        let until = Instant::now() + RECONNECT_GRACE;
        let was_open = self.mic == MyMic::Open;
        self.show(Link::Connecting).await;
        let mut tries = 0;
        loop {
            sleep(pause(tries)).await;
            tries += 1;
            match self.try_to_come_back().await {
                Ok(()) => break,
                Err(ApiError::Refused(ErrorCode::NotThere)) => return Some(Ending::Left(LeftReason::Away)),
                Err(ApiError::Refused(ErrorCode::SignedOut)) => {
                    return Some(Ending::Left(LeftReason::SignedOut));
                }
                Err(error) if !error.may_pass() || Instant::now() > until => {
                    return Some(Ending::Lost(error));
                }
                Err(_) => {}
            }
        }
        // What was wanted without a connection is forgotten, except to be muted.
        let mut wanted = std::iter::from_fn(|| wishes.try_recv().ok()).collect::<Vec<_>>().into_iter();
        let closed = wanted.any(|wish| wish == RoomCommand::SetMic { mic: MyMic::Muted });
        // The line that was lost has closed it, and the person has said beforehand that it is to be open.
        if was_open && !closed && self.may_open() && self.set_mic(MyMic::Open).await.is_err() {
            return None;
        }
        self.show(Link::Stands).await;
        None
    }

    async fn try_to_come_back(&mut self) -> Result<(), ApiError> {
        let mut socket = self.server.open(&self.token).await?;
        let welcome = socket.hello().await?;
        let same = welcome.incarnation == self.incarnation;
        let stands = self.status.borrow().link == Link::Stands;
        self.socket = socket;
        self.incarnation = welcome.incarnation;
        let seat = Some(self.seat);
        if same && stands {
            match self.socket.enter_room(self.id, None, seat).await {
                Ok(entered) => {
                    self.sit(entered);
                    return Ok(());
                }
                // It has forgotten the connection; another is offered.
                Err(ApiError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let offering = Offering::new(&self.identity, Instant::now()).map_err(|_| ApiError::NotUnderstood)?;
        let mut entered = self.socket.enter_room(self.id, Some(offering.sdp().clone()), seat).await?;
        let answer = entered.answer.take();
        self.sit(entered);
        // As long as there is no way for sound, the next look at it tries again.
        self.connect(offering, answer.as_ref()).await.map_err(|_| ApiError::Late)
    }

    fn sit(&mut self, entered: Entered) {
        self.room = Room::new(entered.view);
        self.seat = entered.seat;
    }

    async fn connect(&mut self, offering: Offering, answer: Option<&Sdp>) -> Result<(), VisitError> {
        let answer = answer.ok_or(ApiError::NotUnderstood)?;
        let wires = Wires::to(answer)?;
        let peer = offering.accept(answer, &wires.addresses())?;
        self.order(Order::Connect(Box::new(peer), wires)).await;
        Ok(())
    }

    /// It is closed, and the person has said beforehand that it is to be open.
    fn may_open(&self) -> bool {
        self.on_stage == OnStage::OpenMic && self.room.my_place() == MyPlace::Stage { mic: Mic::Muted }
    }

    async fn set_mic(&mut self, mic: MyMic) -> Result<(), Out> {
        self.command(RoomCommand::SetMic { mic }).await
    }

    /// Its answer comes by itself.
    async fn command(&mut self, command: RoomCommand) -> Result<(), Out> {
        let id = CommandId(random().map_err(|error| Out::Over(Ending::Lost(error)))?);
        self.say(&ClientMessage::Command { id, command }).await
    }

    async fn say(&mut self, message: &ClientMessage) -> Result<(), Out> {
        self.socket.send(message).await.map_err(|_| Out::Fell)
    }

    async fn order(&self, order: Order) {
        // The task ends only after this one.
        let _ = self.orders.send(order).await;
    }

    fn tell(&self, news: News) {
        // Whoever does not listen to so many words has missed the first ones long ago.
        let _ = self.news.try_send(news);
    }

    /// What has changed, to the screen and to the microphone.
    async fn show(&mut self, socket: Link) {
        let open = self.room.my_place() == MyPlace::Stage { mic: Mic::Open };
        let mic = if open { MyMic::Open } else { MyMic::Muted };
        if mic != self.mic {
            self.mic = mic;
            self.order(Order::Mic(mic)).await;
        }
        let status = self.status.borrow().clone();
        let Status { link: media, levels, my_level, .. } = status;
        let scene = Scene { room: self.room.clone(), socket, media, levels, my_level };
        self.scenes.send_if_modified(|shown| {
            let changed = *shown != scene;
            *shown = scene;
            changed
        });
    }
}

fn on_stage(place: MyPlace) -> bool {
    matches!(place, MyPlace::Stage { .. })
}

/// Before the next try: twice as long each time, and never the same for all.
fn pause(tries: u32) -> Duration {
    if tries == 0 {
        return Duration::ZERO;
    }
    let longest = (RETRY_PERIOD_MIN * (1 << tries.min(8))).min(RETRY_PERIOD_MAX);
    let [byte] = random::<1>().unwrap_or([128]);
    longest.mul_f64(0.5 + f64::from(byte) / 512.0)
}
