//! The room of an announced event: read from the keeper, started here, and never told to it.

use keeper_api::{EventRequest, MemberRequest, Reply, Request};
use media::sdp::Offer;
use protocol::ErrorCode;
use protocol::event::Event;
use protocol::id::EventId;
use protocol::room::{Confidentiality, HandPolicy, OfEvent, RoomKind};
use protocol::text::{Handle, RoomTitle};
use rooms::{Asked, Who};

use super::Session;
use crate::clock;
use crate::room::{Enter, Seated};

impl Session {
    /// Into the room of an event, which is opened where there is none yet: closed, for those who are to be on its stage. The
    /// keeper is asked for the event, as by anybody who looks at its page, and who its people are; it writes nothing of either.
    pub(super) async fn open_event(
        &self,
        request: u32,
        event: EventId,
        offer: Offer,
    ) -> Result<Seated, ErrorCode> {
        let look = MemberRequest::Event(EventRequest::Look { event });
        let Reply::Event(event) = self.app.keeper.ask_for(&self.token, look).await? else {
            return Err(ErrorCode::Internal);
        };
        if let Some(room) = self.app.rooms.of_event(event.id) {
            let enter = Enter { request, caller: self.caller(), offer: Some(offer), seat: None };
            return self.app.rooms.enter(room, enter).await;
        }
        rooms::event::may_open(event.my_part, event.state, event.start, clock::by_the_wall())?;
        let new = rooms::NewRoom {
            title: RoomTitle::parse(event.title.as_str()).ok(),
            kind: RoomKind::Closed,
            hands: HandPolicy::Everyone,
            confidentiality: Confidentiality::default(),
            language: event.languages.as_slice().first().cloned(),
            club: None,
            asked: self.asked_to(&event).await?,
            event: Some(OfEvent { id: event.id, kind: rooms::event::opens_to(event.kind) }),
        };
        match self.open(request, new, offer.clone()).await {
            Ok((_, seated)) => Ok(seated),
            // Another host was quicker by a moment.
            Err(ErrorCode::NotNow) => match self.app.rooms.of_event(event.id) {
                Some(room) => {
                    let enter = Enter { request, caller: self.caller(), offer: Some(offer), seat: None };
                    self.app.rooms.enter(room, enter).await
                }
                None => Err(ErrorCode::NotNow),
            },
            Err(error) => Err(error),
        }
    }

    /// All who are named with it. Whom the keeper does not know for me is not asked.
    async fn asked_to(&self, event: &Event) -> Result<Vec<Asked>, ErrorCode> {
        let handles = event.people.iter().map(|person| person.handle.clone()).collect();
        let Reply::People(people) =
            self.app.keeper.ask(Request::Resolve { asker: self.me.id, handles }).await?
        else {
            return Err(ErrorCode::Internal);
        };
        let part = |handle: &Handle| {
            event.people.iter().find(|person| person.handle == *handle).map(|person| person.part)
        };
        Ok(people
            .into_iter()
            .filter(|person| person.id != self.me.id)
            .map(|person| Asked {
                who: Who::Member(person.id),
                role: rooms::event::comes_as(part(&person.handle)),
                handle: Some(person.handle),
            })
            .collect())
    }
}
