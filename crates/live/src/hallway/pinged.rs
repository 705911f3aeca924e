//! Somebody asks somebody else into the room where they are: carried to the pages of those for whom the room is there.

use keeper_api::Ping as To;
use protocol::ErrorCode;
use protocol::hallway::CardDoor;
use protocol::id::RoomId;
use protocol::room::RoomKind;
use protocol::socket::ServerMessage;
use tokio::sync::oneshot;

use super::{Hallway, Running, ToHallway, send};
use crate::clock;
use crate::company::Known;
use crate::socket::outbox::encode;

/// One ping.
pub(super) struct Ping {
    pub(super) by: Known,
    /// What the keeper has just said of it.
    pub(super) to: To,
    pub(super) room: RoomId,
}

impl Hallway {
    /// # Errors
    /// What [`crate::pings::Pings::take`] says. Whether anybody was told of it is not said.
    pub(crate) async fn ping(&self, by: Known, to: To, room: RoomId) -> Result<(), ErrorCode> {
        let (reply, answer) = oneshot::channel();
        self.say(ToHallway::Ping { ping: Box::new(Ping { by, to, room }), reply }).await;
        answer.await.unwrap_or(Err(ErrorCode::Internal))
    }
}

impl Running {
    pub(super) fn take_ping(&mut self, by: &Known, to: To) -> Result<(), ErrorCode> {
        let (To::Reaches(who) | To::Muted(who)) = to;
        self.pings.take(clock::now(), by.member, who)
    }

    /// On all pages of theirs, where they would be let in now. Into a closed room people are asked, not pinged.
    pub(super) fn ping(&mut self, by: &Known, to: To, room: RoomId) {
        let To::Reaches(to) = to else { return };
        self.look();
        let Some(listing) = self.board.listing_of(room) else { return };
        for shown in self.viewers.values().filter(|shown| shown.viewer.member == to) {
            let Some(look) = shown.follows().and_then(|follows| listing.look(to, &follows)) else { continue };
            let card = listing.card(&look);
            if card.door == CardDoor::Open && card.kind != RoomKind::Closed {
                let pinged = ServerMessage::Pinged { by: by.shown(), card };
                send(&shown.viewer.outbox, encode(&pinged));
            }
        }
    }
}
