//! Scenes for tests: a room with Ann (the owner), Ben and Clara on stage, seen by Dora.

use client::peer::Level;
use client::room::Room;
use client::visit::{Link, Scene};
use protocol::Timestamp;
use protocol::id::{ParticipantId, RoomId};
use protocol::room::{
    AudienceShown, Authority, Board, Chat, Confidentiality, Door, Hand, HandNote, HandPolicy, HandState, Mic,
    MyPlace, Person, Phase, Place, Presence, RoomFacts, RoomKind, RoomView, You,
};
use protocol::text::{DisplayName, RoomTitle};

pub(super) const ANN: ParticipantId = ParticipantId(1);
pub(super) const BEN: ParticipantId = ParticipantId(2);
pub(super) const CLARA: ParticipantId = ParticipantId(3);
pub(super) const DORA: ParticipantId = ParticipantId(4);

pub(super) fn person(id: ParticipantId, name: &str, place: Place) -> Person {
    Person {
        id,
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

pub(super) fn stage(mic: Mic) -> Place {
    Place::Stage { mic }
}

pub(super) fn hand(name: &str, state: HandState) -> Hand {
    Hand {
        id: ParticipantId(9),
        name: DisplayName::parse(name).expect("a name"),
        since: Timestamp(0),
        state,
        note: HandNote::default(),
        first: false,
    }
}

pub(super) fn view() -> RoomView {
    RoomView {
        room: RoomId([1; 16]),
        epoch: 1,
        sequence: 1,
        facts: RoomFacts {
            title: RoomTitle::parse("Tea and toast").ok(),
            kind: RoomKind::Open,
            club: None,
            hands: HandPolicy::Everyone,
            door: Door::Unlocked,
            confidentiality: Confidentiality::Relayed,
            phase: Phase::Live,
            started: Timestamp(0),
            on_stage: 3,
            in_audience: 14,
            audience: AudienceShown::Faces,
            epoch: 0,
            event: None,
            chat: Chat::Off,
        },
        you: You {
            id: DORA,
            authority: Authority::Member,
            place: MyPlace::Audience,
            bans_from_club: false,
            may_raise_hand: true,
            asked_to_take_over: None,
            note: HandNote::default(),
        },
        people: vec![
            person(ANN, "Ann", stage(Mic::Open)),
            person(BEN, "Ben", stage(Mic::Muted)),
            person(CLARA, "Clara", stage(Mic::Held)),
            person(DORA, "Dora", Place::Audience),
        ],
        queue: Vec::new(),
        slots: [Some(ANN), None, None],
        board: Board::default(),
        chat: Vec::new(),
        asked: Vec::new(),
    }
}

pub(super) fn scene(view: RoomView) -> Scene {
    Scene {
        room: Room::new(view),
        socket: Link::Stands,
        media: Link::Stands,
        levels: vec![(ANN, Level(21))],
        my_level: None,
    }
}

/// As Dora sees it from this place.
pub(super) fn at(place: MyPlace) -> Scene {
    let mut view = view();
    view.you.place = place;
    if let MyPlace::Stage { mic } = place {
        view.people[3].place = stage(mic);
    }
    scene(view)
}
