//! The one event that the keeper of these tests has.

use keeper_api::{EventNotice, EventRequest, Push, Reply};
use protocol::ErrorCode;
use protocol::account::Me;
use protocol::event::Event;
use protocol::id::EventId;
use protocol::text::Handle;

use super::FakeKeeper;

impl FakeKeeper {
    /// The only event there is.
    pub(in crate::tests) fn announces(&self, event: Event) {
        self.state().event = Some(event);
    }

    pub(in crate::tests) fn push_events_changed(&self) {
        self.push(Push::EventsChanged);
    }

    /// Whom that concerns who have a browser: everybody, or these.
    pub(in crate::tests) fn push_event_notice(&self, host: &str, notice: EventNotice, to: &[&str]) {
        let event = EventId([7; 16]);
        let to = to.iter().map(|who| self.state().by_handle(who).person.id).collect();
        self.push(Push::EventNotice { event, host: Handle::parse(host).unwrap(), notice, to });
    }

    /// What it was asked about events so far.
    pub(in crate::tests) fn asked_about_events(&self) -> Vec<String> {
        self.state().event_requests.clone()
    }

    pub(super) fn event(&self, me: &Me, request: &EventRequest) -> Result<Reply, ErrorCode> {
        let mut state = self.state();
        state.event_requests.push(format!("{request:?}"));
        let mut event = state.event.clone().ok_or(ErrorCode::NotThere)?;
        let mine = event.people.iter().find(|person| person.handle == me.handle);
        event.my_part = mine.map(|person| person.part);
        match request {
            EventRequest::List => Ok(Reply::Events(vec![event])),
            EventRequest::Look { event: id } | EventRequest::LookFar { event: id } if *id == event.id => {
                Ok(Reply::Event(Box::new(event)))
            }
            _ => Err(ErrorCode::NotThere),
        }
    }
}
