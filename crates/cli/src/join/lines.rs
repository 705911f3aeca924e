//! A room told line by line: what is different between two scenes. For logs, for screen readers, and where there is no
//! terminal.

use client::peer::Level;
use client::room::Room;
use client::visit::{Link, Scene};
use protocol::id::ParticipantId;
use protocol::room::{AudienceShown, Mic, Person, Place, Presence};

use super::words::{counts, decibels, mic, name, place};

/// On coming in.
pub(super) fn first(scene: &Scene) -> Vec<String> {
    let room = &scene.room;
    let title = room.view().facts.title.as_ref().map_or("A room without a title", |title| title.as_str());
    let stage = room.stage().map(|person| format!("{}: {}.", person.name.as_str(), state(person)));
    [format!("{title}. {}", counts(room)), place(room)].into_iter().chain(stage).collect()
}

/// What has changed.
pub(super) fn between(before: &Scene, now: &Scene) -> Vec<String> {
    let mut lines = Vec::new();
    for person in now.room.stage() {
        let earlier = before.room.person(person.id).filter(|earlier| on_stage(earlier).is_some());
        let name = person.name.as_str();
        match earlier {
            None => lines.push(format!("{name} comes to the stage.")),
            Some(earlier) if state(earlier) != state(person) => {
                lines.push(format!("{name}: {}.", state(person)))
            }
            Some(_) => {}
        }
    }
    for person in before.room.stage() {
        if now.room.person(person.id).is_none_or(|person| on_stage(person).is_none()) {
            lines.push(format!("{} leaves the stage.", person.name.as_str()));
        }
    }
    let told = |line: fn(&Room) -> String, lines: &mut Vec<String>| {
        if line(&before.room) != line(&now.room) {
            lines.push(line(&now.room));
        }
    };
    told(place, &mut lines);
    // In a large room they change every second.
    if now.room.view().facts.audience == AudienceShown::Faces {
        told(counts, &mut lines);
    }
    lines.extend(link("The connection", before.socket, now.socket));
    lines.extend(link("Sound", before.media, now.media));
    lines
}

fn on_stage(person: &Person) -> Option<Mic> {
    match person.place {
        Place::Stage { mic } => Some(mic),
        Place::Audience => None,
    }
}

fn state(person: &Person) -> &'static str {
    match (person.presence, on_stage(person)) {
        (Presence::Reconnecting, _) => "reconnecting",
        (Presence::Here, Some(state)) => mic(state),
        (Presence::Here, None) => "listening",
    }
}

fn link(what: &str, before: Link, now: Link) -> Option<String> {
    match (before, now) {
        (Link::Connecting, Link::Stands) => Some(format!("{what} stands.")),
        (Link::Stands, Link::Connecting) => Some(format!("{what} is lost; trying to get it back.")),
        _ => None,
    }
}

/// Who was heard over the last while; none if nobody was.
pub(super) fn heard(levels: &[(ParticipantId, Level)], room: &Room) -> Option<String> {
    if levels.is_empty() {
        return None;
    }
    let each = levels.iter().map(|(who, level)| format!("{} {}", name(*who, room), decibels(*level)));
    Some(format!("Heard: {}.", each.collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use protocol::room::{MyPlace, RoomView};

    use super::super::scenes::{ANN, BEN, CLARA, at, person, scene, stage, view};
    use super::*;

    #[test]
    fn on_coming_in_one_is_told_who_is_there() {
        assert_eq!(
            first(&at(MyPlace::Audience)),
            [
                "Tea and toast. 3 on stage, 14 listening.",
                "You listen.",
                "Ann: microphone open.",
                "Ben: muted.",
                "Clara: held by a moderator.",
            ]
        );
    }

    #[test]
    fn only_what_has_changed_is_told() {
        let before = at(MyPlace::Audience);
        assert!(between(&before, &before).is_empty());
        let mut now = view();
        now.people = vec![
            person(ANN, "Ann", stage(Mic::Muted)),
            person(BEN, "Ben", Place::Audience),
            person(CLARA, "Clara", stage(Mic::Held)),
            person(ParticipantId(7), "Gus", stage(Mic::Muted)),
        ];
        now.you.place = MyPlace::Invited { by: ANN, until: protocol::Timestamp(0) };
        now.facts.in_audience = 15;
        let now = Scene { media: Link::Connecting, ..scene(now) };
        assert_eq!(
            between(&before, &now),
            [
                "Ann: muted.",
                "Gus comes to the stage.",
                "Ben leaves the stage.",
                "Ann asks you to the stage.",
                "3 on stage, 15 listening.",
                "Sound is lost; trying to get it back.",
            ]
        );
    }

    #[test]
    fn in_a_large_room_nobody_reads_out_the_count_every_second() {
        let of = |in_audience| {
            let mut view: RoomView = view();
            view.facts.in_audience = in_audience;
            view.facts.audience = AudienceShown::Counted;
            scene(view)
        };
        assert!(between(&of(5_000), &of(5_001)).is_empty());
    }

    #[test]
    fn who_was_heard_is_told_with_how_loud() {
        let room = at(MyPlace::Audience).room;
        assert_eq!(heard(&[], &room), None);
        let levels = [(ANN, Level(21)), (ParticipantId(99), Level::SILENCE)];
        assert_eq!(heard(&levels, &room).as_deref(), Some("Heard: Ann −21 dB, Somebody silent."));
    }
}
