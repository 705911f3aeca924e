//! What people and programs say in JSON, and the texts that people choose.

use protocol::account as body_of;
use protocol::socket::{ClientMessage, ServerMessage};
use protocol::text::{
    Bio, DisplayName, EventDescription, EventTitle, Handle, Pronunciation, RoomTitle, ServerName, Zone,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What was understood is written so that it is understood as the same.
fn survives<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_vec(&read).expect("it can be written");
    let again: T = serde_json::from_slice(&written).expect("what we write can be read");
    assert_eq!(again, read);
}

pub(super) fn client_message(bytes: &[u8]) {
    survives::<ClientMessage>(bytes);
}

pub(super) fn server_message(bytes: &[u8]) {
    survives::<ServerMessage>(bytes);
}

/// Every body that the server takes.
pub(super) fn body(bytes: &[u8]) {
    survives::<body_of::ClaimServer>(bytes);
    survives::<body_of::LinkToken>(bytes);
    survives::<body_of::AcceptInvite>(bytes);
    survives::<body_of::RecoverySignIn>(bytes);
    survives::<body_of::PasskeyAnswer>(bytes);
    survives::<body_of::NewInvite>(bytes);
    survives::<body_of::Rename>(bytes);
    survives::<protocol::profile::Introduction>(bytes);
    survives::<protocol::event::EventDraft>(bytes);
    survives::<protocol::order::Decide>(bytes);
    survives::<protocol::kept::Erase>(bytes);
}

/// A text that is taken is taken again as it is, is not empty, and has nothing in it that turns a line around or breaks it.
pub(super) fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let turns = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = [
        DisplayName::parse(text).ok().map(String::from),
        RoomTitle::parse(text).ok().map(String::from),
        ServerName::parse(text).ok().map(String::from),
        Handle::parse(text).ok().map(String::from),
        Pronunciation::parse(text).ok().map(String::from),
        EventTitle::parse(text).ok().map(String::from),
        Zone::parse(text).ok().map(String::from),
    ];
    for shown in shown.iter().flatten() {
        assert!(!shown.trim().is_empty() && !shown.chars().any(turns), "{shown:?}");
    }
    // Those that have lines: each of them is a text, or nothing.
    if let Ok(bio) = Bio::parse(text) {
        assert!(bio.as_str().lines().all(|line| !line.chars().any(turns)), "{bio:?}");
        assert_eq!(Bio::parse(bio.as_str()), Ok(bio), "it is taken as it is");
    }
    if let Ok(said) = EventDescription::parse(text) {
        assert!(said.as_str().lines().all(|line| !line.chars().any(turns)), "{said:?}");
        assert_eq!(EventDescription::parse(said.as_str()), Ok(said), "it is taken as it is");
    }
    let again = |text: &str| {
        [
            DisplayName::parse(text).ok().map(String::from),
            RoomTitle::parse(text).ok().map(String::from),
            ServerName::parse(text).ok().map(String::from),
            Handle::parse(text).ok().map(String::from),
            Pronunciation::parse(text).ok().map(String::from),
            EventTitle::parse(text).ok().map(String::from),
            Zone::parse(text).ok().map(String::from),
        ]
    };
    for (kind, shown) in shown.iter().enumerate() {
        if let Some(shown) = shown {
            assert_eq!(again(shown)[kind].as_ref(), Some(shown), "it is taken as it is");
        }
    }
}

/// Addresses and links as people paste them, and identifiers as they stand in paths.
pub(super) fn address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(origin) = text.parse::<client::api::Origin>() {
        assert_eq!(origin.to_string().parse(), Ok(origin));
    }
    if let Ok(url) = text.parse::<cli::config::PublicUrl>() {
        assert_eq!(
            url.to_string().parse::<cli::config::PublicUrl>().map(|again| again.to_string()),
            Ok(url.to_string())
        );
    }
    let _ = (client::api::Link::parse(text), text.parse::<client::api::RoomLink>());
    if let Ok(room) = text.parse::<protocol::id::RoomId>() {
        assert_eq!(room.to_string(), text, "an id has one spelling");
    }
}
