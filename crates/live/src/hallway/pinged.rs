//! Somebody asks somebody else into the room where they are: carried to the pages of those for whom the room is there.

use std::collections::BTreeSet;

use keeper_api::Ping as To;
use protocol::ErrorCode;
use protocol::hallway::{CardDoor, RoomCard};
use protocol::id::{MemberId, RoomId};
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

/// Whether a ping is heard, wherever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    There(MemberId),
    /// They do not want to hear of it, or would not be let in.
    Nobody,
}

impl Hallway {
    /// Tells their pages.
    ///
    /// # Errors
    /// What [`crate::pings::Pings::take`] says.
    pub(crate) async fn ping(&self, by: Known, to: To, room: RoomId) -> Result<Reach, ErrorCode> {
        let (reply, answer) = oneshot::channel();
        self.say(ToHallway::Ping { ping: Box::new(Ping { by, to, room }), reply }).await;
        answer.await.unwrap_or(Err(ErrorCode::Internal))
    }
}

impl Running {
    pub(super) fn take_ping(&mut self, by: &Known, to: To, room: RoomId) -> Result<Reach, ErrorCode> {
        let (To::Reaches(who) | To::Muted(who)) = to;
        self.pings.take(clock::now(), by.member, who)?;
        self.look();
        let card = self.ping_card(who, &BTreeSet::new(), room);
        Ok(match (to, card) {
            (To::Reaches(who), Some(_)) => Reach::There(who),
            _ => Reach::Nobody,
        })
    }

    /// On all pages of theirs.
    pub(super) fn ping(&mut self, by: &Known, to: MemberId, room: RoomId) {
        for shown in self.viewers.values().filter(|shown| shown.viewer.member == to) {
            let card = shown.follows().and_then(|follows| self.ping_card(to, &follows, room));
            if let Some(card) = card {
                let pinged = ServerMessage::Pinged { by: by.shown(), card };
                send(&shown.viewer.outbox, encode(&pinged));
            }
        }
    }

    /// The room as they see it, where they would be let in now. Into a closed room people are asked, not pinged.
    fn ping_card(&self, to: MemberId, follows: &BTreeSet<MemberId>, room: RoomId) -> Option<RoomCard> {
        let listing = self.board.listing_of(room)?;
        let card = listing.card(&listing.look(to, follows)?);
        (card.door == CardDoor::Open && card.kind != RoomKind::Closed).then_some(card)
    }
}
