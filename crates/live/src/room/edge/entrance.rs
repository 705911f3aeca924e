//! The way in: asked of the owner, seated here.

use futures_util::future::join_all;
use protocol::ErrorCode;
use protocol::id::ParticipantId;
use protocol::media::Sdp;
use protocol::room::LeftReason;
use protocol::socket::ServerMessage;
use tokio::sync::oneshot;

use super::{Enter, Over, Running, Seated};
use crate::clock::now;
use crate::room::message::{Answer, Caller, Entrance, JoinedAnswer, ToOwner};
use crate::room::seat::{Hold, Line, Media, Path, Seat, Told};
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
        let at = answers.iter().flatten().map(|joined| joined.at).max();
        if let Some(at) = at {
            self.carry_out_up_to(at).await?;
        }
        for ((enter, reply), answer) in entering.into_iter().zip(answers) {
            let seated = match answer {
                Ok(joined) => self.attach(enter, joined).await,
                Err(code) => Err(code),
            };
            // A session that is gone by now says so in a moment.
            let _ = reply.send(seated);
        }
        Ok(())
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
        let admitted = match &offer {
            Some(offer) => match self.admit(offer).await {
                Ok(admitted) => Some(admitted),
                Err(code) => return Err(self.give_back(id, how, code).await),
            },
            None => None,
        };
        let peer = admitted.as_ref().map(|admitted| admitted.peer);
        let hold = Hold::new();
        let line =
            Line::Up { connection: caller.connection, outbox: caller.outbox.clone(), hold: hold.clone() };
        let stays = how == Entrance::Back && self.edge.floor.seats.get(id).is_some();
        if stays {
            self.replace_line(id, line);
            if let Some(peer) = peer {
                self.add_peer(id, peer);
            }
            self.edge.floor.set_voice(id, snapshot.voice);
        } else {
            if let Some(before) = self.edge.floor.cut(id) {
                self.edge.floor.say_left(&before, LeftReason::OtherDevice);
            }
            let Some(peer) = peer else { return Err(self.give_back(id, how, ErrorCode::BadOffer).await) };
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
        Ok(Seated { room: self.edge.floor.room, id, hold, edge: self.edge.me.clone() })
    }

    /// The person was let in and cannot stay: there is no place in the media engine.
    async fn give_back(&mut self, id: ParticipantId, how: Entrance, code: ErrorCode) -> ErrorCode {
        match how {
            Entrance::New => self.leaving.push((id, LeftReason::Left)),
            Entrance::Over | Entrance::Back => {
                let lines = vec![(id, rooms::Connection::Down { since: now() })];
                let _ = self.owner(ToOwner::Lines { lines }).await;
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
