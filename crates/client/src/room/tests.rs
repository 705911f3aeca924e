use protocol::Timestamp;
use protocol::id::RoomId;
use protocol::room::{
    AudienceShown, Authority, Board, Chat, Confidentiality, Door, HandNote, HandPolicy, Mic, Phase, Presence,
    RoomFacts, RoomKind, You,
};
use protocol::text::DisplayName;

use super::*;

fn person(id: u32, name: &str, place: Place) -> Person {
    Person {
        id: ParticipantId(id),
        name: DisplayName::parse(name).expect("a name"),
        handle: None,
        guest_of: None,
        authority: Authority::Member,
        place,
        presence: Presence::Here,
        followed_by_speakers: false,
        newcomer: false,
        picture: None,
    }
}

const STAGE: Place = Place::Stage { mic: Mic::Muted };

fn room() -> Room {
    let facts = RoomFacts {
        title: None,
        kind: RoomKind::Open,
        club: None,
        hands: HandPolicy::Everyone,
        door: Door::Unlocked,
        confidentiality: Confidentiality::Relayed,
        phase: Phase::Live,
        started: Timestamp(0),
        on_stage: 1,
        in_audience: 1,
        audience: AudienceShown::Faces,
        epoch: 0,
        event: None,
        chat: Chat::Off,
    };
    let you = You {
        id: ParticipantId(2),
        authority: Authority::Member,
        place: MyPlace::Audience,
        bans_from_club: false,
        may_raise_hand: true,
        asked_to_take_over: None,
        note: HandNote::default(),
    };
    Room::new(RoomView {
        room: RoomId([1; 16]),
        epoch: 4,
        sequence: 10,
        facts,
        you,
        people: vec![person(1, "Ann", STAGE), person(2, "Ben", Place::Audience)],
        queue: Vec::new(),
        slots: [None; 3],
        board: Board::default(),
        chat: Vec::new(),
        asked: Vec::new(),
    })
}

fn stage(room: &Room) -> Vec<&str> {
    room.stage().map(|person| person.name.as_str()).collect()
}

#[test]
fn whoever_comes_on_stage_stands_behind_those_already_there() {
    let mut room = room();
    let came = |id, name| RoomEvent::Person { person: person(id, name, STAGE) };
    assert_eq!(room.apply(4, 11, vec![came(3, "Clara"), came(2, "Ben")]), Step::Next(Vec::new()));
    assert_eq!(stage(&room), ["Ann", "Clara", "Ben"]);
    room.apply(4, 12, vec![came(1, "Anna")]);
    assert_eq!(stage(&room), ["Anna", "Clara", "Ben"], "who only changed keeps their place");
    let down = RoomEvent::Person { person: person(1, "Anna", Place::Audience) };
    room.apply(4, 13, vec![down, RoomEvent::Gone { id: ParticipantId(3) }]);
    assert_eq!(stage(&room), ["Ben"]);
    assert_eq!(room.name(ParticipantId(1)), Some("Anna"));
    assert_eq!(room.name(ParticipantId(3)), None);
}

#[test]
fn what_was_missed_is_noticed_and_what_is_known_changes_nothing() {
    let mut room = room();
    let before = room.clone();
    let slots = [Some(ParticipantId(1)), None, None];
    for (epoch, sequence, step) in [(4, 10, Step::Old), (4, 12, Step::Gap), (5, 11, Step::Gap)] {
        assert_eq!(room.apply(epoch, sequence, vec![RoomEvent::Slots { slots }]), step);
        assert_eq!(room, before);
    }
    assert_eq!(room.apply(4, 11, vec![RoomEvent::Slots { slots }]), Step::Next(Vec::new()));
    assert_eq!(room.view().slots, slots);
}

#[test]
fn what_is_to_be_said_is_handed_on_once() {
    let mut room = room();
    let notice = Notice::Muted { by: ParticipantId(1) };
    let step = room.apply(4, 11, vec![RoomEvent::Notice { notice: notice.clone() }]);
    assert_eq!(step, Step::Next(vec![notice]));
}
