//! Media connections of the people here: they come, work, fall silent and go, apart from the sockets.

use std::time::Duration;

use media::sdp::Offer;
use media::{Event, GoneReason, PeerKey, Talker};
use protocol::ErrorCode;
use protocol::id::ParticipantId;
use protocol::limits::{MEDIA_SILENT_PERIOD, PAGE_GRACE, RECONNECT_GRACE};
use protocol::media::{Channel, Sdp};
use protocol::socket::ServerMessage;
use rooms::Voice;

use super::{Over, Running};
use crate::clock::now;
use crate::log::{Record, log};
use crate::room::effects::{as_media, ear};
use crate::room::message::ToOwner;
use crate::room::seat::{Line, Media, Path, Seat};
use crate::socket::ConnectionId;

impl Running {
    pub(super) async fn admit(&self, offer: &Offer) -> Result<sfu::Admitted, ErrorCode> {
        match self.edge.floor.commands.admit(offer) {
            Ok(admitted) => {
                self.edge.routes.peer(admitted.peer, self.edge.me.clone()).await;
                Ok(admitted)
            }
            Err(_) => {
                log(Record::MediaFull);
                Err(ErrorCode::Busy)
            }
        }
    }

    /// A first peer is routed at once; one more waits until it has connected.
    pub(super) fn add_peer(&mut self, id: ParticipantId, peer: PeerKey) {
        let Some(seat) = self.edge.floor.seats.get(id) else { return };
        let (media, voice) = (seat.media, seat.voice);
        let new = match media {
            Media::Gone { .. } => Media::One { peer, path: Path::Open },
            Media::One { peer: old, path } => Media::Swapping { old, path, fresh: peer },
            Media::Swapping { old, path, fresh } => {
                self.edge.floor.commands.cut(fresh);
                Media::Swapping { old, path, fresh: peer }
            }
        };
        self.edge.floor.seats.set_media(id, new);
        if let Media::One { .. } = new {
            self.route(id, peer, voice);
        }
        self.touched.insert(id);
    }

    pub(super) fn route(&mut self, id: ParticipantId, peer: PeerKey, voice: Voice) {
        let commands = &mut self.edge.floor.commands;
        commands.listen(peer, Channel::Floor, Talker::from(id), ear(voice));
        if voice == Voice::On {
            commands.voice(peer, Channel::Floor, Talker::from(id), as_media(voice));
        }
    }

    pub(super) async fn renew_media(&mut self, connection: ConnectionId, request: u32, offer: &Offer) {
        let seats = &self.edge.floor.seats;
        let Some(id) = seats.of_connection(connection) else { return };
        let Some(outbox) = seats.get(id).and_then(Seat::outbox).cloned() else { return };
        match self.admit(offer).await {
            Ok(admitted) => {
                self.add_peer(id, admitted.peer);
                outbox.say(&ServerMessage::Answer { request, answer: Sdp(admitted.answer) });
            }
            Err(error) => outbox.say(&ServerMessage::Failed { request: Some(request), error }),
        }
    }

    pub(super) async fn happened(&mut self, events: Vec<Event>) -> Result<(), Over> {
        let mut slots = None;
        for event in events {
            match event {
                Event::Connected { peer } => self.connected(peer),
                Event::Silent { peer } => {
                    self.set_path(peer, Path::Silent { since: ago(MEDIA_SILENT_PERIOD) })
                }
                Event::Back { peer } => self.set_path(peer, Path::Open),
                Event::Gone { peer, why } => self.gone(peer, why),
                // It was taken from its seat when it was cut.
                Event::Cut { .. } => {}
                Event::Slots { channel, slots: now } => match self.edge.floor.commands.named(channel) {
                    // Only the last counts.
                    Some(Channel::Floor) => slots = Some(now),
                    None => {}
                },
                Event::Packed { packing, .. } => log(Record::Packed { frames: packing.frames() }),
            }
        }
        if let Some(slots) = slots {
            let slots = slots.map(|slot| slot.map(ParticipantId::from));
            self.owner(ToOwner::Slots { slots }).await?;
        }
        Ok(())
    }

    /// A fresh connection works: it takes the place of the old one.
    fn connected(&mut self, peer: PeerKey) {
        let floor = &mut self.edge.floor;
        let Some(id) = floor.seats.of_peer(peer) else { return };
        let Some(seat) = floor.seats.get(id) else { return };
        if let Media::Swapping { old, fresh, .. } = seat.media
            && fresh == peer
        {
            let voice = seat.voice;
            floor.seats.set_media(id, Media::One { peer, path: Path::Open });
            floor.commands.cut(old);
            self.route(id, peer, voice);
            self.touched.insert(id);
        }
    }

    fn set_path(&mut self, peer: PeerKey, path: Path) {
        let seats = &mut self.edge.floor.seats;
        let Some(id) = seats.of_peer(peer) else { return };
        let Some(seat) = seats.get_mut(id) else { return };
        match &mut seat.media {
            Media::One { path: now, .. } => *now = path,
            Media::Swapping { old, path: now, .. } if *old == peer => *now = path,
            Media::Swapping { .. } | Media::Gone { .. } => return,
        }
        self.touched.insert(id);
    }

    /// Nothing is sent to a page that goes. Its seat is as old as one that has a page's grace left.
    pub(super) fn went_away(&mut self, id: ParticipantId) {
        let since = ago(RECONNECT_GRACE.saturating_sub(PAGE_GRACE));
        let seats = &mut self.edge.floor.seats;
        seats.set_line(id, Line::Down { since });
        let peers = seats.set_media(id, Media::Gone { since });
        for peer in peers.into_iter().flat_map(Media::peers) {
            self.edge.floor.commands.cut(peer);
        }
        self.touched.insert(id);
    }

    fn gone(&mut self, peer: PeerKey, why: GoneReason) {
        let seats = &mut self.edge.floor.seats;
        let Some(id) = seats.of_peer(peer) else { return };
        let Some((media, voice)) = seats.get(id).map(|seat| (seat.media, seat.voice)) else { return };
        let (new, promoted) = match media {
            Media::One { path: Path::Silent { since }, .. } => (Media::Gone { since }, None),
            Media::One { .. } | Media::Gone { .. } => {
                let since = match why {
                    GoneReason::TimedOut => ago(media::limits::GONE_AFTER),
                    GoneReason::Doubted => ago(media::limits::DOUBTED_FOR),
                    GoneReason::Closed | GoneReason::HandshakeFailed | GoneReason::Refused => now(),
                };
                (Media::Gone { since }, None)
            }
            Media::Swapping { old, path, fresh } if fresh == peer => (Media::One { peer: old, path }, None),
            Media::Swapping { fresh, .. } => (Media::One { peer: fresh, path: Path::Open }, Some(fresh)),
        };
        seats.set_media(id, new);
        if let Some(fresh) = promoted {
            self.route(id, fresh, voice);
        }
        self.touched.insert(id);
    }
}

fn ago(period: Duration) -> protocol::Timestamp {
    let period = u64::try_from(period.as_millis()).unwrap_or(u64::MAX);
    protocol::Timestamp(now().0.saturating_sub(period))
}
