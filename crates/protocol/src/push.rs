//! What somebody is told of while no page of theirs is open (Web Push), and when not.

use serde::{Deserialize, Serialize};

use crate::limits::{MINUTES_OF_A_DAY, ZONE_MINUTES_MAX, ZONE_MINUTES_MIN};
use crate::text::Handle;

/// What I am told of, and where. `GET /api/v1/push`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct PushSettings {
    /// What I want to be told of.
    pub wishes: Wishes,
    /// The device that asks is told.
    pub here: bool,
    /// How many devices of mine are.
    pub devices: u32,
    /// The public key that a browser is to be told to let write to it (`applicationServerKey`), in unpadded base64url.
    pub server_key: String,
}

/// What somebody wants to be told of. `PUT /api/v1/push`, as a whole; answers nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Wishes {
    /// Somebody whose bell I rang starts a room.
    pub bells: Switch,
    /// Somebody asks me into a room.
    pub asks: Switch,
    /// An event that I am named with or would like to come to is near, or is not as it was; or somebody names me with one.
    pub events: Switch,
    /// When I am not told of anything.
    pub quiet: Option<Quiet>,
}

impl Default for Wishes {
    /// What holds for whoever has said nothing: everything, at any time. Nothing comes before they turn on a device.
    fn default() -> Self {
        Self { bells: Switch::On, asks: Switch::On, events: Switch::On, quiet: None }
    }
}

/// Whether something is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// Some hours of every day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Quiet {
    /// From here on.
    pub from: MinuteOfDay,
    /// Until here; before `from` it is on the next day.
    pub until: MinuteOfDay,
    /// Where the clock is that these are read on.
    pub zone: ClockOffset,
}

/// Minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "u16", into = "u16")]
#[ts(type = "number")]
pub struct MinuteOfDay(u16);

/// Not within a day, or not a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("out of range")]
pub struct OutOfRange;

impl MinuteOfDay {
    /// As a number below [`MINUTES_OF_A_DAY`].
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for MinuteOfDay {
    type Error = OutOfRange;
    fn try_from(minute: u16) -> Result<Self, OutOfRange> {
        if minute < MINUTES_OF_A_DAY { Ok(Self(minute)) } else { Err(OutOfRange) }
    }
}

impl From<MinuteOfDay> for u16 {
    fn from(minute: MinuteOfDay) -> Self {
        minute.0
    }
}

/// How many minutes a clock is ahead of UTC. The page says it anew when it changes: with a journey, and twice a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "i16", into = "i16")]
#[ts(type = "number")]
pub struct ClockOffset(i16);

impl ClockOffset {
    /// Ahead of UTC.
    pub const fn minutes(self) -> i16 {
        self.0
    }
}

impl TryFrom<i16> for ClockOffset {
    type Error = OutOfRange;
    fn try_from(minutes: i16) -> Result<Self, OutOfRange> {
        let known = (ZONE_MINUTES_MIN..=ZONE_MINUTES_MAX).contains(&minutes);
        if known { Ok(Self(minutes)) } else { Err(OutOfRange) }
    }
}

impl From<ClockOffset> for i16 {
    fn from(zone: ClockOffset) -> Self {
        zone.0
    }
}

/// A browser that is to be told: `PushSubscription.toJSON()`, flat. `PUT /api/v1/push/device`; answers nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct PushDevice {
    /// Where whoever keeps messages for that browser takes them.
    pub endpoint: String,
    /// The browser's public key, in unpadded base64url.
    pub p256dh: String,
    /// The secret that it shares with this server, in unpadded base64url.
    pub auth: String,
}

/// What came of trying one. `POST /api/v1/push/trial`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PushTrial {
    /// It is on its way.
    Sent,
    /// This device is not told of anything.
    NotHere,
    /// The browser's push service did not take it, or is not reached.
    Failed,
}

/// One notice, as it is sealed for a browser: its service worker reads it. Nothing in it says which room, or what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct PushNotice {
    /// What happened.
    pub kind: PushKind,
    /// Who did it.
    pub from: Option<Handle>,
}

/// What somebody is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PushKind {
    /// Somebody whose bell they rang started a room.
    Bell,
    /// Somebody asks them into a room.
    Ask,
    /// An event that is theirs, or that they would like to come to, begins in a quarter of an hour.
    EventSoon,
    /// They are named with an event.
    EventNamed,
    /// One is at another time, or with other people.
    EventChanged,
    /// One was called off.
    EventOff,
    /// They wanted to see one.
    Trial,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_of_a_day_and_a_zone_is_somewhere_on_earth() {
        assert!(serde_json::from_str::<MinuteOfDay>("1439").is_ok());
        assert!(serde_json::from_str::<MinuteOfDay>("1440").is_err());
        for (minutes, known) in [("-720", true), ("840", true), ("-721", false), ("841", false)] {
            assert_eq!(serde_json::from_str::<ClockOffset>(minutes).is_ok(), known, "{minutes}");
        }
    }

    #[test]
    fn a_notice_says_what_and_who_and_nothing_else() {
        let from = Handle::parse("ann").ok();
        let json = serde_json::to_string(&PushNotice { kind: PushKind::Bell, from }).expect("JSON");
        assert_eq!(json, r#"{"kind":"bell","from":"ann"}"#);
    }
}
