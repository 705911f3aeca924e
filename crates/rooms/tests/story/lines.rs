//! What happens, as a line to be read.

use std::fmt::Write as _;

use protocol::Timestamp;
use protocol::hallway::{CardDoor, RoomCard};
use protocol::room::{
    Authority, Board, ChatId, ChatMessage, Hand, HandNote, HandState, Mic, Person, Phase, Place, Presence,
    RoomFacts,
};

use super::START;

/// Seconds of the story.
pub(crate) fn moment(time: Timestamp) -> String {
    format!("{}s", time.since(START).as_secs_f32())
}

pub(crate) fn low(value: impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

pub(crate) fn shown(person: &Person) -> String {
    let mut line = person.name.as_str().to_owned();
    if person.authority != Authority::Member {
        write!(line, " ({})", low(person.authority)).unwrap();
    }
    line.push_str(match person.place {
        Place::Audience => " in audience",
        Place::Stage { mic: Mic::Open } => " open",
        Place::Stage { mic: Mic::Muted } => " muted",
        Place::Stage { mic: Mic::Held } => " held",
    });
    if person.followed_by_speakers {
        line.push_str(", followed");
    }
    if person.newcomer {
        line.push_str(", new");
    }
    if person.presence == Presence::Reconnecting {
        line.push_str(", reconnecting");
    }
    line
}

pub(crate) fn hands(queue: &[Hand]) -> String {
    let line = queue.iter().map(|hand| {
        let mut line = hand.name.as_str().to_owned();
        if hand.state == HandState::Invited {
            line.push_str(" (invited)");
        }
        line + &note_line(&hand.note)
    });
    line.collect::<Vec<_>>().join(", ")
}

/// What somebody says of a hand: nothing, mostly.
pub(crate) fn note_line(note: &HandNote) -> String {
    let topic = note.topic.as_ref().map(|topic| format!(" about {:?}", topic.as_str()));
    let language = note.language.as_ref().map(|language| format!(" in {}", language.as_str()));
    topic.unwrap_or_default() + &language.unwrap_or_default()
}

pub(crate) fn board_line(board: &Board) -> String {
    let line = board.line.as_ref().map_or("nothing".to_owned(), |line| {
        format!("{:?} since {}", line.about.as_str(), moment(line.since))
    });
    let card = board.card.as_ref().map_or("no card".to_owned(), |card| {
        let link = card.link.as_ref().map_or(String::new(), |link| format!(" ({})", link.as_str()));
        format!("card {:?}{link}", card.text.as_str())
    });
    format!("{line}, {card}")
}

pub(crate) fn chat_line(said: &[ChatMessage], gone: &[ChatId]) -> String {
    let said = said.iter().map(|one| format!("{}: {}", one.name.as_str(), one.text.as_str()));
    let gone = gone.iter().map(|id| format!("{} is gone", id.0));
    said.chain(gone).collect::<Vec<_>>().join(", ")
}

pub(crate) fn facts_line(facts: &RoomFacts) -> String {
    let phase = match facts.phase {
        Phase::Live => "live".to_owned(),
        Phase::Waiting { until } => format!("waiting until {}", moment(until)),
        Phase::Moderatorless { until } => format!("moderatorless until {}", moment(until)),
        Phase::Ending { at } => format!("ending at {}", moment(at)),
    };
    format!(
        "{phase}, {} {}, hands {}, {}+{} {}, epoch {}",
        low(facts.door),
        low(facts.kind),
        low(facts.hands),
        facts.on_stage,
        facts.in_audience,
        low(facts.audience),
        facts.epoch
    )
}

pub(crate) fn card_line(card: Option<RoomCard>) -> String {
    let Some(card) = card else { return "nothing there".to_owned() };
    let faces = card.faces.iter().map(|face| {
        let speaking = if face.speaking { " speaking" } else { "" };
        format!("{}{speaking}", face.name.as_str())
    });
    let mut line = format!("{} [{}]", low(card.kind), faces.collect::<Vec<_>>().join(", "));
    write!(line, " {}+{}", card.on_stage, card.in_audience).unwrap();
    if let Some(title) = &card.title {
        write!(line, " {:?}", title.as_str()).unwrap();
    }
    if card.followed_on_stage > 0 {
        write!(line, ", {} followed", card.followed_on_stage).unwrap();
    }
    if card.followed_in_audience > 0 {
        write!(line, ", {} followed below", card.followed_in_audience).unwrap();
    }
    if card.liveliness > 0 {
        write!(line, ", lively {}", card.liveliness).unwrap();
    }
    if let Some(by) = &card.asked_by {
        write!(line, ", asked by {}", by.as_str()).unwrap();
    }
    if card.door != CardDoor::Open {
        write!(line, ", {}", low(card.door)).unwrap();
    }
    line
}
