//! Announced events: what is to come, who is to be there, and how many would like to.
//!
//! An event is kept; the room that it becomes is not. Nothing here says whether it took place.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{EventId, PictureId};
use crate::profile::Languages;
use crate::text::{DisplayName, EventDescription, EventTitle, Handle, Zone};

/// Who may come in once the doors are open, and who sees that there is such an event. As the kinds of rooms are; a type of
/// its own, for the keeper knows nothing of rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Those who are named with it.
    Closed,
    /// And whoever one of its hosts follows.
    Social,
    /// Any member.
    Open,
}

/// When it comes again: at the same time of day in its own time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Once.
    Once,
    /// Every day from Monday to Friday.
    Weekdays,
    /// Every week.
    Weekly,
    /// Every two weeks.
    Fortnightly,
    /// Every month, on the same day of it, or on its last where it has no such day.
    Monthly,
}

/// What somebody is to be who is named with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum EventPart {
    /// Announced it, and may change it.
    Host,
    /// May open its room, and keeps order there.
    CoHost,
    /// Is asked to its stage.
    Speaker,
}

/// Somebody who is named with an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct EventPerson {
    /// Their handle.
    pub handle: Handle,
    /// What they are called.
    pub name: DisplayName,
    /// Their picture, where they have one.
    pub picture: Option<PictureId>,
    /// What they are to be.
    pub part: EventPart,
}

/// `POST /api/v1/events`, and `PUT /api/v1/events/ID` to change one, as a whole. Answers an [`Event`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct EventDraft {
    /// What it is about.
    pub title: EventTitle,
    /// More of it.
    pub description: Option<EventDescription>,
    /// Who may come in.
    pub kind: EventKind,
    /// In which languages.
    pub languages: Languages,
    /// When it begins, to the minute.
    pub start: Timestamp,
    /// The time zone it is announced in.
    pub zone: Zone,
    /// Minutes from there to its announced end.
    pub minutes: u32,
    /// When it comes again.
    pub repeat: Repeat,
    /// Who may open its room beside me.
    pub co_hosts: Vec<Handle>,
    /// Who is asked to its stage.
    pub speakers: Vec<Handle>,
}

/// Whether it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// It does.
    Announced,
    /// Its host called it off.
    CalledOff,
}

/// What has changed of an event since I said that I would like to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum EventNews {
    /// It begins at another time.
    Time,
    /// Other people are named with it.
    People,
    /// It was called off.
    CalledOff,
    /// I am named with it.
    Named,
}

/// Whether I would like to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Going {
    /// I would.
    Yes,
    /// I have not said so.
    No,
}

/// An event, as one member sees it. `GET /api/v1/events/ID`, and a list of those to come, the next first, at
/// `GET /api/v1/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Event {
    /// Which.
    pub id: EventId,
    /// What it is about.
    pub title: EventTitle,
    /// More of it.
    pub description: Option<EventDescription>,
    /// Who may come in.
    pub kind: EventKind,
    /// In which languages.
    pub languages: Languages,
    /// When it begins, the next time.
    pub start: Timestamp,
    /// The time zone it is announced in.
    pub zone: Zone,
    /// Minutes from there to its announced end.
    pub minutes: u32,
    /// When it comes again.
    pub repeat: Repeat,
    /// The times after this one: at most [`crate::limits::EVENT_THEN_SHOWN`].
    pub then: Vec<Timestamp>,
    /// Whether it stands.
    pub state: EventState,
    /// How often it was changed, for calendars.
    pub sequence: u32,
    /// Its host first, then co-hosts and speakers, by handle.
    pub people: Vec<EventPerson>,
    /// How many would like to come; nobody is counted any more once it has begun.
    pub going: u32,
    /// What I am to be, if anything.
    pub my_part: Option<EventPart>,
    /// Whether I would like to come.
    pub my_going: Going,
    /// What I have not seen yet of what changed.
    pub news: Vec<EventNews>,
}

/// `POST /api/v1/me/calendar`: the address of my own calendar, said this once; the one before is void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct CalendarLink {
    /// Whoever has it reads my events, and nothing else.
    pub url: String,
}
