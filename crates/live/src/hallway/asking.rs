//! One round of questions to rooms. It may take as long as a room in trouble takes; the hallway goes on meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cluster::bus::RequestError;
use futures_util::future::{BoxFuture, join_all};
use protocol::hallway::RoomCard;
use protocol::id::{MemberId, RoomId};
use protocol::socket::ServerMessage;
use rooms::Who;
use tokio::time::timeout;

use crate::limits::VIEWERS_PER_QUESTION;
use crate::room::{Answer, RoomBus, ToOwner, envelope};
use crate::socket::ConnectionId;

/// How long a room has to answer; one that takes longer is asked again with the next round.
pub(super) const ANSWER_PERIOD: Duration = Duration::from_secs(1);

/// Somebody to ask a room for.
pub(super) type Question = (ConnectionId, Who, Arc<BTreeSet<MemberId>>);

/// What a room shows to those who were asked for.
pub(super) type Cards = Vec<(ConnectionId, Option<RoomCard>)>;

/// Rooms with their answers. `None` for one that did not answer; one that is over has no card for anybody.
pub(super) type Answers = Vec<(RoomId, Option<Cards>)>;

/// For whom a round asks.
pub(super) enum Purpose {
    /// They wait for their welcome.
    Welcome(Vec<(ConnectionId, ServerMessage)>),
    Update,
}

/// A round on its way.
pub(super) type Round = BoxFuture<'static, (Purpose, Answers)>;

/// Asks all of `questions` at once, rooms by their lists.
pub(super) fn begin(bus: RoomBus, purpose: Purpose, questions: Vec<(Vec<RoomId>, Vec<Question>)>) -> Round {
    Box::pin(async move {
        let asked = questions.iter().flat_map(|(rooms, viewers)| {
            let bus = &bus;
            rooms.iter().map(move |room| async move { (*room, ask(bus, *room, viewers).await) })
        });
        let answers = join_all(asked).await;
        (purpose, answers)
    })
}

async fn ask(bus: &RoomBus, room: RoomId, questions: &[Question]) -> Option<Cards> {
    let mut all = Vec::with_capacity(questions.len());
    for some in questions.chunks(VIEWERS_PER_QUESTION) {
        let viewers = some.iter().map(|(_, who, follows)| (*who, Arc::clone(follows))).collect();
        let asked = bus.request(envelope(room, ToOwner::Cards { viewers }));
        match timeout(ANSWER_PERIOD, asked).await {
            Ok(Ok(Answer::Cards { cards, which })) => {
                let card = |at: Option<usize>| at.and_then(|at| cards.get(at)).cloned();
                all.extend(some.iter().zip(which).map(|((connection, ..), at)| (*connection, card(at))));
            }
            Ok(Err(RequestError::NoOwner)) => {
                all.extend(some.iter().map(|(connection, ..)| (*connection, None)));
            }
            _ => return None,
        }
    }
    Some(all)
}
