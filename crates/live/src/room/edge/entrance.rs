//! The way in: asked of the owner, seated here.

use futures_util::future::join_all;
use protocol::ErrorCode;
use protocol::id::ParticipantId;
use protocol::media::Sdp;
use protocol::room::LeftReason;
use protocol::socket::ServerMessage;
use tokio::sync::oneshot;

use super::{Enter, Over, Running};
use crate::clock::now;
use crate::room::message::{Answer, Caller, Entrance, JoinedAnswer, ToOwner};
use crate::room::seat::{Hold, Line, Media, Path, Seat, Seated, Told, Way};
use crate::socket::outbox::{Close, Farewell};

impl Running {
    pub(super) async fn enter_all(
        &mut self,
        entering: Vec<(Enter, oneshot::Sender<Result<Seated, ErrorCode>>)>,
    ) -> Result<(), Over> {
        if entering.is_empty() {
            return Ok(());
        }
        // The owner hears first what was before: a line that was lost must not be lost after it came back.
        self.report().await?;
        let answers = join_all(entering.iter().map(|(enter, _)| self.ask_in(enter))).await;
        let mut let_in = Vec::with_capacity(answers.len());
        for ((enter, reply), answer) in entering.into_iter().zip(answers) {
            // A session that is gone by now says so in a moment.
            match answer {
                Ok(joined) => let_in.push((enter, reply, joined)),
                Err(code) => drop(reply.send(Err(code))),
            }
        }
        // Nobody is seated from a snapshot that is older than what has been carried out: what happened to them in
        // between would be lost.
        let_in.sort_by_key(|(.., joined)| joined.at);
        for (enter, reply, joined) in let_in {
            let seated = match self.up_to_date(joined).await? {
                Some(joined) => self.attach(enter, joined).await,
                None => Err(ErrorCode::NotThere),
            };
            let _ = reply.send(seated);
        }
        Ok(())
    }

    /// Carries out what the snapshot contains, and asks for a newer one where more than that has been carried out.
    /// `None` for somebody who is not in the room any more.
    async fn up_to_date(&mut self, mut joined: JoinedAnswer) -> Result<Option<JoinedAnswer>, Over> {
        loop {
            self.carry_out_up_to(joined.at).await?;
            if self.edge.cursor.at() <= Some(joined.at) {
                return Ok(Some(joined));
            }
            let asked = self.owner(ToOwner::Views { viewers: vec![joined.id] }).await?;
            let Answer::Views(mut views, at) = asked else { return Ok(None) };
            let Some(snapshot) = views.pop().flatten() else { return Ok(None) };
            joined = JoinedAnswer { snapshot, at, ..joined };
        }
    }

    async fn ask_in(&self, enter: &Enter) -> Result<JoinedAnswer, ErrorCode> {
        let Enter { caller, offer, seat, .. } = enter;
        if offer.is_none() && !self.has_media(caller) {
            // Whether there is such a room is answered first, and to those who may know.
            return match self.owner(ToOwner::MayFind { who: caller.who }).await {
                Ok(Answer::Done) => Err(ErrorCode::BadOffer),
                _ => Err(ErrorCode::NotThere),
            };
        }
        let join = ToOwner::Join {
            who: caller.who,
            name: caller.name.clone(),
            handle: caller.handle.clone(),
            newcomer: caller.newcomer,
            picture: caller.picture,
            session: caller.session,
            seat: *seat,
        };
        match self.owner(join).await {
            Ok(Answer::Joined(joined)) => Ok(*joined),
            Ok(Answer::Refused(code)) => Err(code),
            Ok(_) => Err(ErrorCode::Internal),
            Err(Over) => Err(ErrorCode::NotThere),
        }
    }

    /// Whether this device's media connection of before still stands.
    fn has_media(&self, caller: &Caller) -> bool {
        let seats = &self.edge.floor.seats;
        let seat = seats.of_who(caller.who).and_then(|id| seats.get(id));
        seat.is_some_and(|seat| seat.session == caller.session && seat.media.peers().next().is_some())
    }

    /// Seats somebody whom the owner let in.
    async fn attach(&mut self, enter: Enter, joined: JoinedAnswer) -> Result<Seated, ErrorCode> {
        let Enter { request, caller, offer, .. } = enter;
        let JoinedAnswer { id, how, snapshot, seat: token, .. } = joined;
        // Signed out, or gone, while the owner was asked.
        if caller.outbox.is_dismissed() {
            return Err(self.give_back(id, how, ErrorCode::SignedOut).await);
        }
        let admitted = match &offer {
            Some(offer) => match self.admit(offer).await {
                Ok(admitted) => Some(admitted),
                Err(code) => return Err(self.give_back(id, how, code).await),
            },
            None => None,
        };
        let peer = admitted.as_ref().map(|admitted| admitted.peer);
        let hold = Hold::new(Way { room: self.edge.floor.room, id, edge: self.edge.me.clone() });
        let seated = hold.seated();
        let line = Line::Up { connection: caller.connection, outbox: caller.outbox.clone(), hold };
        let stays = how == Entrance::Back && self.edge.floor.seats.get(id).is_some();
        if stays {
            self.replace_line(id, line);
            if let Some(peer) = peer {
                self.add_peer(id, peer);
            }
            self.edge.floor.set_voice(id, snapshot.voice);
        } else {
            let Some(peer) = peer else { return Err(self.give_back(id, how, ErrorCode::BadOffer).await) };
            if let Some(before) = self.edge.floor.cut(id) {
                self.edge.floor.say_left(&before, LeftReason::OtherDevice);
            }
            let media = Media::One { peer, path: Path::Open };
            let seat = Seat {
                who: caller.who,
                session: caller.session,
                line,
                media,
                voice: snapshot.voice,
                sequence: self.edge.floor.broadcasts,
                told: Told::Up,
            };
            self.edge.floor.seats.insert(id, seat);
            self.route(id, peer, snapshot.voice);
        }
        self.touched.insert(id);
        let view = self.numbered(id, snapshot);
        caller.outbox.say(&ServerMessage::Entered {
            request,
            view,
            answer: admitted.map(|admitted| Sdp(admitted.answer)),
            seat: token,
        });
        Ok(seated)
    }

    /// The person was let in and cannot stay: there is no place in the media engine, or nobody at the socket.
    async fn give_back(&mut self, id: ParticipantId, how: Entrance, code: ErrorCode) -> ErrorCode {
        match how {
            Entrance::New => self.leaving.push((id, LeftReason::Left)),
            Entrance::Over | Entrance::Back => {
                let lines = vec![(id, rooms::Connection::Down { since: now() })];
                let _ = self.owner(ToOwner::Lines { lines }).await;
                // A seat that goes on here without them is told of again.
                if let Some(seat) = self.edge.floor.seats.get_mut(id) {
                    seat.told = Told::Down;
                    self.touched.insert(id);
                }
            }
        }
        code
    }

    fn replace_line(&mut self, id: ParticipantId, line: Line) {
        let new = match &line {
            Line::Up { connection, .. } => Some(*connection),
            Line::Down { .. } => None,
        };
        if let Some(Line::Up { connection, outbox, .. }) = self.edge.floor.seats.set_line(id, line)
            && Some(connection) != new
        {
            outbox.dismiss(Farewell { last: None, close: Close::Replaced });
        }
        if let Some(seat) = self.edge.floor.seats.get_mut(id) {
            seat.told = Told::Up;
        }
    }
}
