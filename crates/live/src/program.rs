//! Programs in rooms: a speaker by WHIP (RFC 9725), a listener by WHEP (draft-ietf-wish-whep). One request with an offer
//! brings them in, `DELETE` takes them out.
//!
//! A program has a seat like everybody: it is shown, it obeys the same rules, and it ends with its session. Where
//! somebody else has a socket it has a task ([`Running`]) that reads what the room says.

mod wish;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keeper_api::{LiveSession, SessionToken};
use media::sdp::Offer;
use protocol::ErrorCode;
use protocol::id::{MemberId, ProgramId, RoomId};
use protocol::media::Sdp;
use protocol::room::{RoomCommand, RoomEvent, You};
use protocol::socket::ServerMessage;
use rooms::Who;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use tungstenite::Utf8Bytes;

use crate::clock::{random, until_day};
use crate::drain::Draining;
use crate::fresh;
use crate::hallway::{Recheck, Viewer};
use crate::http::App;
use crate::room::{Caller, Enter, Seated, ToEdge, ToOwner, envelope};
use crate::socket::ConnectionId;
use crate::socket::open::OpenSocket;
use crate::socket::outbox::{Mail, Outbox};
use crate::talk::{Place, Seat as _};
use wish::Wish;

/// What a program came for. Part of its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// To speak, and whoever started it has said yes to that.
    Whip,
    /// To listen.
    Whep,
}

/// The name of one program in one room: what follows the address it was started at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    pub(crate) room: RoomId,
    pub(crate) kind: Kind,
    pub(crate) program: ProgramId,
}

/// All programs here; cheap to clone. The lock is held for one look-up. In boxes, which are wiped (decision 0029).
#[derive(Clone, Default)]
pub(crate) struct Programs(Arc<Mutex<ByAddress>>);

type ByAddress = HashMap<Box<Address>, Box<Listed>>;

struct Listed {
    member: MemberId,
    /// Answered by dropping what is sent, once the seat is given up.
    end: mpsc::Sender<oneshot::Sender<()>>,
}

/// A program is in the room.
pub(crate) struct Started {
    pub(crate) address: Address,
    pub(crate) answer: Sdp,
}

impl Programs {
    /// Takes a program out of its room; returns once it has left its seat.
    ///
    /// # Errors
    /// `NotThere`, for programs of others too.
    pub(crate) async fn end(&self, address: Address, member: MemberId) -> Result<(), ErrorCode> {
        let listed = self.all().get(&address).filter(|listed| listed.member == member).map(|l| l.end.clone());
        let end = listed.ok_or(ErrorCode::NotThere)?;
        let (reply, done) = oneshot::channel();
        // One that ends by itself at this moment is as good.
        if end.send(reply).await.is_ok() {
            let _ = done.await;
        }
        Ok(())
    }

    fn all(&self) -> MutexGuard<'_, ByAddress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets a program in, and leaves it running.
///
/// # Errors
/// What the keeper or the room says; `TooMany` of one member; `Draining`.
pub(crate) async fn start(
    app: &App,
    token: &SessionToken,
    kind: Kind,
    room: RoomId,
    offer: Offer,
) -> Result<Started, ErrorCode> {
    if *app.draining.borrow() == Draining::Closing {
        return Err(ErrorCode::Draining);
    }
    let LiveSession { me, expires_day } = app.keeper.check(token).await?;
    let open = app.sockets.open(Who::Member(me.id))?;
    let (outbox, mut mail) = Outbox::new();
    let connection = ConnectionId::next();
    // A new name is for the next room: nobody waits for this one.
    let recheck = Recheck::default();
    let viewer = Viewer { connection, member: me.id, session: me.session, outbox: outbox.clone(), recheck };
    app.hallway.register(viewer).await;
    let registered = Registered { app: app.clone(), connection };
    // Asked again now that the hallway knows this session: one that ended in between is noticed here.
    let entered = match app.keeper.check(token).await {
        Ok(_) => {
            let caller = Caller {
                who: Who::Member(me.id),
                name: me.name,
                handle: Some(me.handle),
                newcomer: me.newcomer,
                picture: me.picture,
                session: me.session,
                connection,
                outbox: outbox.clone(),
            };
            app.rooms.enter(room, Enter { request: 0, caller, offer: Some(offer), seat: None }).await
        }
        Err(code) => Err(code),
    };
    let seat = match entered {
        Ok(seat) => seat,
        Err(code) => {
            registered.unregister().await;
            return Err(code);
        }
    };
    let Some((answer, you)) = first_word(&mut mail).await else {
        seat.tell(ToEdge::Leave { connection }).await;
        registered.unregister().await;
        return Err(ErrorCode::NotThere);
    };
    let address = Address { room, kind, program: ProgramId(random()) };
    let (end, ended) = mpsc::channel(1);
    app.programs.all().insert(Box::new(address), Box::new(Listed { member: me.id, end }));
    let wish = match kind {
        Kind::Whip => Some(Wish::default()),
        Kind::Whep => None,
    };
    let running = Running { address, outbox, mail, ended, seat, wish, registered, expires_day, open };
    fresh::spawn(move || running.run(you));
    Ok(Started { address, answer })
}

/// The edge's first message to everybody it has seated.
async fn first_word(mail: &mut Mail) -> Option<(Sdp, You)> {
    loop {
        let text = mail.next().await;
        if let Ok(ServerMessage::Entered { view, answer, .. }) = serde_json::from_str(&text) {
            return Some((answer?, view.you));
        }
    }
}

/// The hallway's knowledge of a connection; taken back by [`Registered::unregister`].
struct Registered {
    app: App,
    connection: ConnectionId,
}

impl Registered {
    async fn unregister(&self) {
        self.app.hallway.unregister(self.connection).await;
    }
}

struct Running {
    address: Address,
    outbox: Outbox,
    mail: Mail,
    ended: mpsc::Receiver<oneshot::Sender<()>>,
    seat: Seated,
    wish: Option<Wish>,
    registered: Registered,
    expires_day: u32,
    /// Counts for as long as the program is here.
    open: OpenSocket,
}

impl Running {
    /// Until the program is taken out, by whomever.
    async fn run(mut self, you: You) {
        self.look(&you).await;
        let expiry = sleep(until_day(self.expires_day));
        tokio::pin!(expiry);
        let outbox = self.outbox.clone();
        let mut asked = None;
        while self.seat.place().is_some() {
            tokio::select! {
                () = outbox.dismissed() => break,
                () = &mut expiry => break,
                Some(reply) = self.ended.recv() => {
                    asked = Some(reply);
                    break;
                }
                text = self.mail.next() => self.hear(&text).await,
            }
        }
        self.seat.tell(ToEdge::Leave { connection: self.registered.connection }).await;
        self.registered.app.programs.all().remove(&self.address);
        self.registered.unregister().await;
        drop((asked, self.open));
    }

    /// A listener does nothing, so it need not read what is said.
    async fn hear(&mut self, text: &Utf8Bytes) {
        if self.wish.is_none() {
            return;
        }
        match serde_json::from_str(text) {
            Ok(ServerMessage::State { view }) => self.look(&view.you).await,
            Ok(ServerMessage::Room { events, .. }) => {
                for event in events {
                    if let RoomEvent::You { you } = event {
                        self.look(&you).await;
                    }
                }
            }
            _ => {}
        }
    }

    async fn look(&mut self, you: &You) {
        if let Some(command) = self.wish.as_mut().and_then(|wish| wish.handle_you(you)) {
            self.act(command).await;
        }
    }

    /// What the room refuses is left at that: nobody reads an answer here.
    async fn act(&self, command: RoomCommand) {
        let Some(Place { room, who: from }) = self.seat.place() else { return };
        let act = ToOwner::Act { from, command };
        let _ = self.registered.app.rooms.bus().request(envelope(room, act)).await;
    }
}
