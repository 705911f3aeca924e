//! What happens, as sentences.

use client::api::sentence;
use client::peer::Level;
use client::room::Room;
use client::visit::{Ending, News};
use protocol::id::ParticipantId;
use protocol::room::{Authority, LeftReason, Mic, MyPlace, Notice, RoomKind};

/// Something to be told once.
pub(super) fn news(news: &News, room: &Room) -> String {
    match news {
        News::Notice(told) => notice(told, room),
        News::Refused(code) => sentence(*code).to_owned(),
        News::PlayedOut => "Everything was played; your microphone is muted. m plays it again.".to_owned(),
        News::Broken(sentence) => sentence.clone(),
        News::Draining(seconds) => format!("The server goes down in {seconds} s."),
    }
}

fn notice(notice: &Notice, room: &Room) -> String {
    match notice {
        Notice::Muted { by } => format!("{} mutes you.", name(*by, room)),
        Notice::Held { by } => format!("{} holds your microphone.", name(*by, room)),
        Notice::Released { by } => format!("{} releases your microphone; it is muted.", name(*by, room)),
        Notice::MovedToAudience { by } => format!("{} moves you to the audience.", name(*by, room)),
        Notice::HandLowered => "Your hand is down.".to_owned(),
        Notice::InvitationGone => "The invitation to the stage is gone.".to_owned(),
        Notice::Declined { who } => format!("{} would rather not come up.", name(*who, room)),
        Notice::AuthorityChanged { authority } => format!("You are {} now.", role(*authority)),
        Notice::NewOwner { who } => format!("The room belongs to {} now.", name(*who, room)),
        Notice::Widened { kind } => format!("The room is open to {} now.", may_come(*kind)),
        Notice::Panic { by } => {
            format!("{} holds all microphones but the moderators', and locks the door.", name(*by, room))
        }
        Notice::Removed { name, back: None, .. } => format!("{} is removed.", name.as_str()),
        Notice::Removed { name, back: Some(_), .. } => {
            format!("{} is sent out for ten minutes.", name.as_str())
        }
        Notice::Undone { name, .. } => format!("{} may come back.", name.as_str()),
        Notice::NotComing { handle } => format!("@{} is not coming.", handle.as_str()),
        Notice::Reported { name, handle, .. } => {
            let who = match (name, handle) {
                (Some(name), _) => name.as_str().to_owned(),
                (None, Some(handle)) => format!("@{}", handle.as_str()),
                (None, None) => "A guest".to_owned(),
            };
            format!("{who} was reported to whoever runs this server.")
        }
    }
}

fn role(authority: Authority) -> &'static str {
    match authority {
        Authority::Guest => "a guest",
        Authority::Member => "a member",
        Authority::Moderator => "a moderator",
        Authority::Owner => "the owner",
    }
}

fn may_come(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Closed => "those who are asked in",
        RoomKind::Social => "people whom the moderators follow",
        RoomKind::Club => "members of the club",
        RoomKind::Open => "all members",
    }
}

/// What somebody is called; above 500 people not everybody is listed.
pub(super) fn name(who: ParticipantId, room: &Room) -> &str {
    room.name(who).unwrap_or("Somebody")
}

/// Where I am.
pub(super) fn place(room: &Room) -> String {
    match room.my_place() {
        MyPlace::Audience => "You listen.".to_owned(),
        MyPlace::HandRaised { position, .. } => format!("Your hand is up, number {position} in the queue."),
        MyPlace::Invited { by, .. } => format!("{} asks you to the stage.", name(by, room)),
        MyPlace::Stage { mic } => format!("You are on stage, {}.", self::mic(mic)),
    }
}

pub(super) fn mic(mic: Mic) -> &'static str {
    match mic {
        Mic::Open => "microphone open",
        Mic::Muted => "muted",
        Mic::Held => "held by a moderator",
    }
}

/// That a file keeps what is heard: said for as long as it does.
pub(super) fn kept(file: &str) -> String {
    format!("What you hear is kept in {file}; nobody here is told.")
}

/// How many are here, and how many wait.
pub(super) fn counts(room: &Room) -> String {
    let view = room.view();
    let hands = match view.queue.len() {
        0 => String::new(),
        1 => ", one hand up".to_owned(),
        many => format!(", {many} hands up"),
    };
    format!("{} on stage, {} listening{hands}.", view.facts.on_stage, view.facts.in_audience)
}

pub(super) fn decibels(level: Level) -> String {
    if level == Level::SILENCE { "silent".to_owned() } else { format!("−{} dB", level.0) }
}

pub(super) fn ending(ending: &Ending) -> String {
    let left = match ending {
        Ending::Lost(error) => return error.to_string(),
        Ending::Left(reason) => match reason {
            LeftReason::Left => "You left.",
            LeftReason::Removed => "You are no longer in the room.",
            LeftReason::TimeOut => "You were sent out for ten minutes. Then you may come back.",
            LeftReason::Ended => "The room has ended.",
            LeftReason::Lost => "The room was lost when the server failed.",
            LeftReason::Away => "You were away too long.",
            LeftReason::OtherDevice => "You are in this room on another device now.",
            LeftReason::SignedOut => "This device is signed out.",
            LeftReason::TooSlow => "This client did not keep up with the room.",
        },
    };
    left.to_owned()
}
