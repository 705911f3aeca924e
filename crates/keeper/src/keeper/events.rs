//! Announced events: what a member asks about them, and what the clock does to them. What becomes of one nobody says here, and
//! nothing could be asked about it.

use keeper_api::{CalendarSecret, EventNotice, EventRequest, Push, Reply};
use protocol::account::Me;
use protocol::event::{Event, EventDraft, EventPart, EventState, Going};
use protocol::id::{EventId, MemberId};
use protocol::limits::{
    EVENT_AHEAD_MAX, EVENT_MINUTES_MAX, EVENT_MINUTES_MIN, EVENT_PEOPLE_MAX, EVENT_THEN_MAX,
    EVENT_THEN_SHOWN, GREEN_ROOM_PERIOD,
};
use protocol::{ErrorCode, Timestamp};
use store::{ListedEvent, StoreError};

use super::{Aside, Keeper};
use crate::error::Refusal;
use crate::rates::Rate;
use crate::repeat;
use crate::secrets::{hashed, random};

const MINUTE_MS: u64 = 60_000;

impl Keeper {
    pub(super) async fn event(
        &self,
        me: &Me,
        request: EventRequest,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        use EventRequest as Ask;
        let rate = match &request {
            Ask::List | Ask::Look { .. } | Ask::LookFar { .. } | Ask::WhoComes { .. } | Ask::HasCalendar => {
                Rate::Search
            }
            _ => Rate::Write,
        };
        // What only takes away counts nothing.
        if request != Ask::DropCalendar {
            self.rates.borrow_mut().count(rate, me.id, now)?;
        }
        match request {
            Ask::List => {
                let events = self.store.events(me.id, now).await?;
                Ok(Reply::Events(
                    events.into_iter().map(|event| with_times(event, EVENT_THEN_SHOWN)).collect(),
                ))
            }
            Ask::Look { event } => self.look(me, event, EVENT_THEN_SHOWN).await,
            Ask::LookFar { event } => self.look(me, event, EVENT_THEN_MAX).await,
            Ask::Announce(draft) => self.announce(me, &draft, now, aside).await,
            Ask::Change { event, draft } => self.change_event(me, event, &draft, now, aside).await,
            Ask::CallOff { event } => {
                if self.store.event(me.id, event).await?.event.state == EventState::Announced {
                    self.store.call_off(me.id, event).await?;
                    tell_of_event(aside, []);
                    self.tell_elsewhere(aside, event, EventNotice::Off, Vec::new()).await?;
                }
                self.look(me, event, EVENT_THEN_SHOWN).await
            }
            Ask::Go { event, going } => self.go(me, event, going, now).await,
            Ask::WhoComes { event } => {
                let there = self.store.event(me.id, event).await?.event;
                let hosts = matches!(there.my_part, Some(EventPart::Host | EventPart::CoHost));
                if !hosts || there.start <= now {
                    return Err(ErrorCode::NotAllowed.into());
                }
                Ok(Reply::Profiles(self.store.going(me.id, event).await?))
            }
            Ask::SeeNews { event } => {
                self.store.see_event_news(me.id, event).await?;
                self.look(me, event, EVENT_THEN_SHOWN).await
            }
            Ask::StepBack { event } => {
                // Where it is not there for them any more, too.
                if self.store.step_back(me.id, event).await? {
                    tell_of_event(aside, []);
                    self.tell_elsewhere(aside, event, EventNotice::Changed, Vec::new()).await?;
                }
                // It may have been there for them as somebody who is named with it, and as nobody else.
                Ok(Reply::Done)
            }
            Ask::HasCalendar => {
                if self.store.has_calendar(me.id).await? {
                    Ok(Reply::Done)
                } else {
                    Err(ErrorCode::NotThere.into())
                }
            }
            Ask::MakeCalendar => {
                let secret = CalendarSecret::from_random(random());
                self.store.set_calendar(me.id, hashed(secret.as_bytes())).await?;
                Ok(Reply::Calendar(secret))
            }
            Ask::DropCalendar => {
                self.store.drop_calendar(me.id).await?;
                Ok(Reply::Done)
            }
        }
    }

    /// For a calendar program, which has nothing but the address.
    pub(super) async fn calendar(&self, secret: &CalendarSecret) -> Result<Reply, Refusal> {
        let member = self.store.calendar_of(hashed(secret.as_bytes())).await?;
        let events = self.store.calendar(member).await?;
        Ok(Reply::Events(events.into_iter().map(|event| with_times(event, EVENT_THEN_MAX)).collect()))
    }

    async fn look(&self, me: &Me, event: EventId, times: usize) -> Result<Reply, Refusal> {
        Ok(Reply::Event(Box::new(with_times(self.store.event(me.id, event).await?, times))))
    }

    async fn announce(
        &self,
        me: &Me,
        draft: &EventDraft,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        check(draft)?;
        check_start(draft.start, now)?;
        let id = EventId::from_random(random());
        let named = self.store.announce(me.id, id, draft).await.map_err(why_not)?;
        if !named.is_empty() {
            self.tell_elsewhere(aside, id, EventNotice::Named, named.clone()).await?;
        }
        tell_of_event(aside, named);
        self.look(me, id, EVENT_THEN_SHOWN).await
    }

    async fn change_event(
        &self,
        me: &Me,
        event: EventId,
        draft: &EventDraft,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        let before = self.store.event(me.id, event).await?.event;
        match (before.my_part, before.state) {
            (Some(EventPart::Host), EventState::Announced) => {}
            (Some(EventPart::Host), EventState::CalledOff) => return Err(ErrorCode::NotNow.into()),
            _ => return Err(ErrorCode::NotAllowed.into()),
        }
        check(draft)?;
        // Its words can be put right while it goes on.
        if draft.start != before.start {
            check_start(draft.start, now)?;
        }
        let store::EventChange { touched, named, changed } =
            self.store.change_event(me.id, event, draft).await.map_err(why_not)?;
        tell_of_event(aside, touched);
        if changed {
            self.tell_elsewhere(aside, event, EventNotice::Changed, Vec::new()).await?;
        }
        if !named.is_empty() {
            self.tell_elsewhere(aside, event, EventNotice::Named, named).await?;
        }
        self.look(me, event, EVENT_THEN_SHOWN).await
    }

    async fn go(&self, me: &Me, event: EventId, going: Going, now: Timestamp) -> Result<Reply, Refusal> {
        match going {
            Going::Yes => {
                let there = self.store.event(me.id, event).await?.event;
                if there.start <= now || there.state == EventState::CalledOff {
                    return Err(ErrorCode::NotNow.into());
                }
                self.store.go_to(me.id, event).await?;
            }
            // Where it is not there for them any more, too.
            Going::No => self.store.stay_away(me.id, event).await?,
        }
        self.look(me, event, EVENT_THEN_SHOWN).await
    }

    /// Whose page is closed hears of it as well: `live` finds out who that is.
    async fn tell_elsewhere(
        &self,
        aside: &mut Aside,
        event: EventId,
        notice: EventNotice,
        to: Vec<MemberId>,
    ) -> Result<(), StoreError> {
        let host = self.store.event_host(event).await?;
        aside.pushes.push(Push::EventNotice { event, host, notice, to });
        Ok(())
    }

    /// What begins in a quarter of an hour, and did not when it was last looked.
    pub(crate) async fn events_soon(&self, last: Timestamp, now: Timestamp) -> Result<Vec<Push>, StoreError> {
        let (after, until) = became_near(last, now);
        let near = self.store.events_between(after, until);
        let word =
            |(event, host)| Push::EventNotice { event, host, notice: EventNotice::Soon, to: Vec::new() };
        Ok(near.await?.into_iter().map(word).collect())
    }

    /// What the clock does: see [`store::Store::forget_events`]. Gives the word that something is different.
    pub(crate) async fn mind_events(&self, now: Timestamp) -> Result<Option<Push>, StoreError> {
        // Before any moves on: what has begun is forgotten though it was over before anybody looked.
        let forgotten = self.store.forget_events(now).await?;
        let mut changed = false;
        for over in &self.store.events_that_come_again(now).await? {
            if let Some(next) = repeat::times(
                over.first,
                &over.zone,
                over.repeat,
                over.start.max(over.last_that_is_over(now)),
            )
            .next()
            {
                self.store.move_event(over, next).await?;
                changed = true;
            }
        }
        if forgotten {
            // The log beside the file still holds what the file does not.
            self.store.checkpoint().await?;
        }
        Ok((changed || forgotten).then_some(Push::EventsChanged))
    }
}

/// The one place from which people hear of an event: whoever shows events asks again, and whoever is named with it is told that
/// something about them is kept. What those have not seen who would like to come lies with their own row by now.
pub(super) fn tell_of_event(aside: &mut Aside, named: impl IntoIterator<Item = MemberId>) {
    aside.pushes.push(Push::EventsChanged);
    aside.pushes.extend(named.into_iter().map(|member| Push::AccountChanged { member }));
}

/// Starts that were further away than [`GREEN_ROOM_PERIOD`] at one moment and are not any more, after the first and until the
/// second. After a leap of the clock nobody is told of what has begun meanwhile that it is near.
fn became_near(last: Timestamp, now: Timestamp) -> (Timestamp, Timestamp) {
    (now.max(last.plus(GREEN_ROOM_PERIOD)), now.plus(GREEN_ROOM_PERIOD))
}

pub(super) fn to_store(notice: EventNotice) -> store::EventNotice {
    match notice {
        EventNotice::Soon => store::EventNotice::Soon,
        EventNotice::Named => store::EventNotice::Named,
        EventNotice::Changed => store::EventNotice::Changed,
        EventNotice::Off => store::EventNotice::Off,
    }
}

fn with_times(listed: ListedEvent, count: usize) -> Event {
    let ListedEvent { event, first } = listed;
    let then = repeat::times(first, &event.zone, event.repeat, event.start).take(count).collect();
    Event { then, ..event }
}

fn check(draft: &EventDraft) -> Result<(), ErrorCode> {
    if !repeat::knows(&draft.zone) {
        return Err(ErrorCode::BadZone);
    }
    if !(EVENT_MINUTES_MIN..=EVENT_MINUTES_MAX).contains(&draft.minutes)
        || !draft.start.0.is_multiple_of(MINUTE_MS)
    {
        return Err(ErrorCode::Malformed);
    }
    if draft.co_hosts.len() + draft.speakers.len() >= EVENT_PEOPLE_MAX {
        return Err(ErrorCode::Full);
    }
    Ok(())
}

/// The minute that goes on is no past.
fn check_start(start: Timestamp, now: Timestamp) -> Result<(), ErrorCode> {
    if start.0 + MINUTE_MS <= now.0 {
        Err(ErrorCode::StartPast)
    } else if start > now.plus(EVENT_AHEAD_MAX) {
        Err(ErrorCode::StartFar)
    } else {
        Ok(())
    }
}

fn why_not(error: StoreError) -> Refusal {
    Refusal::from(error)
        .instead(ErrorCode::NotThere, ErrorCode::PersonGone)
        .instead(ErrorCode::Full, ErrorCode::EventsFull)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_every_start_people_are_told_once_that_it_is_near_and_never_after_it_has_begun() {
        let near = |minutes: u64| Timestamp(minutes * MINUTE_MS).plus(GREEN_ROOM_PERIOD);
        let at = |minutes: u64| Timestamp(minutes * MINUTE_MS);
        assert_eq!(became_near(at(10), at(11)), (near(10), near(11)));
        assert_eq!(
            became_near(at(11), at(12)),
            (near(11), near(12)),
            "nothing is left out, and nothing comes twice"
        );
        assert_eq!(became_near(at(10), at(500)), (at(500), near(500)), "after a night asleep");
        let (after, until) = became_near(at(20), at(10));
        assert!(after > until, "where the clock was set back they were told already");
    }
}
